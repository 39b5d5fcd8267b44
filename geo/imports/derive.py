"""What each kind adds to a row and checks across its columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from geo.imports.plausible import check_indicator, check_leg, check_past, distance_km, one_of
from geo.imports.reference import ReferenceData
from geo.imports.values import CellError

__all__ = ["COMPLETE"]

Row = dict[str, Any]
Note = Callable[[str, str], None]
"""Notes what was repaired in a column; without a column, what is worth knowing of the file."""
Complete = Callable[[Row, ReferenceData, Note], bool]
"""Completes a row in place; returns whether it matched something known."""


def _level(code: str) -> str:
    return {2: "province", 5: "regency", 8: "district", 13: "village"}[len(code)]


def _place(row: Row, known: ReferenceData, note: Note) -> bool:
    del known, note
    if _level(row["code"]) != "village":
        raise CellError(
            f"{row['code']} is the code of a {_level(row['code'])}; places are villages",
            "no village code",
        )
    return False


def _boundary(row: Row, known: ReferenceData, note: Note) -> bool:
    del note
    if _level(row["code"]) == "province":
        raise CellError("provinces are made of their regencies; give those", "a province")
    row["name"] = row["name"] or known.areas.get(row["code"], "")
    return False


def _indicator(row: Row, known: ReferenceData, note: Note) -> bool:
    check_past("year", row["year"])
    row["indicator"], row["unit"] = check_indicator(
        *(row["indicator"], float(row["value"]), row["unit"]), units=known.units, note=note
    )
    row["as_of"] = row["as_of"] or row["year"]
    return False


def _count(row: Row, known: ReferenceData, note: Note) -> bool:
    del note
    check_past("year", row["year"])
    check_past("period", row["period"])
    one_of("measure", row["measure"], known.measures)
    if row["terminal_id"] and row["terminal_id"] not in known.terminals:
        raise CellError(f"no terminal {row['terminal_id']!r}", "no such terminal")
    if row["origin_code"] and len(row["origin_code"]) != 2:
        row["origin_code"] = row["origin_code"][:2]
    row["period"] = row["period"] or row["year"]
    row["kind"] = row["kind"] or known.count_kinds.get(row["measure"], "total")
    one_of("kind", row["kind"], {"total", *known.count_kinds.values()})
    row["as_of"] = row["as_of"] or row["year"]
    parts = (row[name] for name in ("place_code", "terminal_id", "period", "measure"))
    row["id"] = "-".join(["I", *filter(None, (*parts, row["origin_code"]))])
    return False


def _terminal(row: Row, known: ReferenceData, note: Note) -> bool:
    if not row["id"]:
        row["id"] = re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-")[:60]
        if not row["id"]:
            raise CellError("needs an id of letters and digits", "no id")
    if row["iata"] and not re.fullmatch(r"[A-Z]{3}", row["iata"]):
        raise CellError("an IATA code has three capital letters", "no IATA code")
    row["place"] = row["place"] or row["name"]
    if row["country"] != "ID":
        row["area_code"] = ""
    elif not row["area_code"]:
        row["area_code"] = known.regency_at(float(row["lat"]), float(row["lon"]))
        if not row["area_code"]:
            raise CellError("lies in no regency; give its area_code", "in no regency")
        note("area_code", f"found from the coordinates ({row['area_code']})")
    row["area_code"] = row["area_code"][:5]
    return row["id"] in known.terminals


def _leg(row: Row, known: ReferenceData, note: Note) -> bool:
    for end in ("from_id", "to_id"):
        if row[end] not in known.terminals:
            raise CellError(
                f"{end} {row[end]!r} is no terminal; import terminals first",
                f"{end} is no terminal",
            )
    if row["from_id"] == row["to_id"]:
        raise CellError("leads to where it starts", "from and to are the same")
    if row["hours"]:
        straight = distance_km(*known.terminals[row["from_id"]], *known.terminals[row["to_id"]])
        check_leg(row["mode"], float(row["hours"]), straight_km=straight)
    row["id"] = row["id"] or f"I-{row['from_id']}-{row['to_id']}-{row['mode']}"
    row["hours_basis"] = "stated" if row["hours"] else "modelled"
    row["departures_basis"] = "stated" if row["departures_per_week"] else "assumed"
    if not row["hours"]:
        note("hours", "not stated; modelled from length and mode")
    return True


def _outreach(row: Row, known: ReferenceData, note: Note) -> bool:
    del known, note
    check_past("year", row["year"])
    if len(row["area_code"]) < 8:
        raise CellError("outreach is by village or district", "no village or district")
    return False


COMPLETE: Mapping[str, Complete] = MappingProxyType(
    {
        "places": _place,
        "boundaries": _boundary,
        "indicators": _indicator,
        "counts": _count,
        "terminals": _terminal,
        "legs": _leg,
        "outreach": _outreach,
    }
)
"""By name of the kind."""
