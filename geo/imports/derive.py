"""Complete a row and check it across its columns, by kind of import."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from geo.checks import CHECK_FIELDS, illogical
from geo.codes import level_of
from geo.contacts import as_dialled
from geo.counts import COUNT_CHOICES, COUNT_SERIES, OFFICE_MEASURES, class_and_unit, count_unit
from geo.i18n import Message, label, languages
from geo.imports.days import has_opened, today
from geo.imports.numbers import CellError, shown
from geo.imports.person_words import names_office
from geo.imports.plan_measures import CALENDAR_STEPS, plan_measure
from geo.imports.plausible import (
    Note,
    check_indicator,
    check_leg,
    check_past,
    one_of,
)
from geo.imports.reference import QUAY_KM, ReferenceData, budget_holder, distance_km
from geo.imports.words import fold, indicator_of, measure_of
from geo.tables import SERVICE_KINDS

__all__ = ["COMPLETE"]

_LONGEST_DETOUR = 3.0
"""A leg more times as long as the straight line between its ends is questioned (assumed)."""

Row = dict[str, Any]
Complete = Callable[[Row, ReferenceData, Note], None]
"""Completes a row in place."""


def _place(row: Row, _reference: ReferenceData, _note: Note) -> None:
    level = level_of(row["code"])
    if level != "village":
        raise CellError("cell.not_village", code=row["code"], level=Message(f"level.{level}"))


def _boundary(row: Row, reference: ReferenceData, _note: Note) -> None:
    if level_of(row["code"]) == "province":
        raise CellError("cell.province_boundary")
    row["name"] = row["name"] or reference.areas.get(row["code"], "")


def _indicator(row: Row, reference: ReferenceData, note: Note) -> None:
    check_past("year", row["year"])
    slug = row["indicator"] if row["indicator"] in reference.indicators else ""
    row["indicator"] = slug or indicator_of(fold(row["indicator"])) or row["indicator"]
    row["unit"] = row["unit"] or reference.units.get(row["indicator"], "")
    if not row["unit"]:
        raise CellError("cell.empty", field="unit")
    row["indicator"], row["unit"] = check_indicator(
        *(row["indicator"], float(row["value"]), row["unit"]),
        units=reference.units,
        allowed=reference.allowed | reference.indicators,
        note=note,
    )


def _count(row: Row, reference: ReferenceData, _note: Note) -> None:
    row["period"] = _period(row["period"])
    row["year"] = row["year"] or row["period"][:4]
    if not row["year"]:
        raise CellError("cell.empty", field="year")
    check_past("year", row["year"])
    check_past("period", row["period"])
    if row["measure"] not in reference.measures | reference.allowed:
        row["measure"] = measure_of(fold(row["measure"])) or row["measure"]
    one_of("measure", row["measure"], reference.measures | reference.allowed)
    if row["terminal_id"] and row["terminal_id"] not in reference.terminals:
        raise CellError("cell.not_terminal", field="terminal_id", value=shown(row["terminal_id"]))
    row["origin_code"] = row["origin_code"][:5]  # finer homes are never kept
    row["period"] = row["period"] or row["year"]
    row["kind"] = row["kind"] or reference.count_kinds.get(row["measure"], "total")
    one_of("kind", row["kind"], {"total", *reference.count_kinds.values()})
    row["unit"] = count_unit(row["unit"]) or reference.count_units.get(row["measure"], "person")
    one_of("unit", row["unit"], set(COUNT_CHOICES["unit"]))
    series = tuple(row[name] for name in COUNT_SERIES)
    unstated = OFFICE_MEASURES.get(row["measure"], "unknown")
    row["legal_class"] = row["legal_class"] or reference.count_classes.get(series, unstated)
    parts = (row[name] for name in ("place_code", "terminal_id", "period", "measure"))
    row["id"] = "-".join(["I", *filter(None, (*parts, row["origin_code"], *class_and_unit(row)))])


def _period(text: str) -> str:
    """A period of DHIS2 (202407, 2024Q3) as ISO 8601; any other as it is."""
    match = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2]|Q[1-4])", text)
    return f"{match[1]}-{match[2]}" if match else text


def _terminal(row: Row, reference: ReferenceData, note: Note) -> None:
    if not row["id"]:
        row["id"] = re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-")[:60]
        if not row["id"]:
            raise CellError("cell.no_id")
    if row["iata"] and not re.fullmatch(r"[A-Z]{3}", row["iata"]):
        raise CellError("cell.not_iata", field="iata")
    row["place"] = row["place"] or row["name"]
    if row["country"] != "ID":
        row["area_code"] = ""
    elif not row["area_code"]:
        row["area_code"] = reference.regency_at(float(row["lat"]), float(row["lon"]))
        if not row["area_code"]:
            raise CellError("cell.no_regency", field="area_code")
        note("area_code", Message("repair.code_of_point", {"value": row["area_code"]}))
    code = row["area_code"] = row["area_code"][:5]
    km = reference.km_outside(code, float(row["lat"]), float(row["lon"])) if code else 0.0
    if km > QUAY_KM:
        about = {"distance_km": km, "code": code, "name": reference.areas[code]}
        raise CellError("cell.outside_area", field="lat", **about)


def _leg(row: Row, reference: ReferenceData, note: Note) -> None:
    for end in ("from_id", "to_id"):
        if row[end] not in reference.terminals:
            raise CellError("cell.not_terminal", field=end, value=shown(row[end]))
    if row["from_id"] == row["to_id"]:
        raise CellError("cell.same_ends")
    straight = distance_km(*reference.terminals[row["from_id"]], *reference.terminals[row["to_id"]])
    length = float(row["length_km"] or straight)
    if not straight * 0.95 <= length <= _LONGEST_DETOUR * straight + 10.0:
        ends = {"from_id": row["from_id"], "to_id": row["to_id"]}
        distances = {"length_km": length, "distance_km": straight}
        note("", Message("import_note.length_doubtful", ends | distances))
    if row["hours"]:
        check_leg(row["mode"], float(row["hours"]), straight_km=straight)
    for name in ("hours", "departures_per_week"):
        span = [float(row[key]) for key in (f"{name}_low", name, f"{name}_high") if row[key]]
        if span != sorted(span):
            raise CellError("cell.range", field=name)
    row["id"] = row["id"] or f"I-{row['from_id']}-{row['to_id']}-{row['mode']}"
    row["hours_basis"] = "stated" if row["hours"] else "modelled"
    row["departures_basis"] = "stated" if row["departures_per_week"] else "assumed"
    if not row["hours"]:
        note("hours", Message("repair.hours_modelled"))


_STATUS = {"buka": "open", "rencana": "planned"}


def _check_dates(row: Row, note: Note) -> None:
    """Refuse dates that contradict each other; note what opens later."""
    row["status"] = _STATUS.get(row["status"], row["status"])
    since, until, day = row["since"], row["until"], today()
    for name in ("since", "until"):
        if "/" in row[name] or "Q" in row[name]:
            raise CellError("cell.not_date", field=name, value=shown(row[name]))
    if since and until and until < since[: len(until)]:
        raise CellError("cell.ends_before", field="until", since=since, until=until)
    if row["status"] == "planned" and since and has_opened(row, day):
        raise CellError("cell.planned_past", field="status", since=since)
    if not has_opened(row, day):
        note("", Message("import_note.planned"))


def _service(row: Row, reference: ReferenceData, note: Note) -> None:
    row["kind"] = _service_kind(row["kind"])
    _check_dates(row, note)
    _office_line(row)
    for code in filter(None, re.split(r"[;,\s]+", row["jurisdiction"])):
        if code not in reference.areas:
            raise CellError("cell.unknown_code", field="jurisdiction", value=shown(code))
    seat = reference.seats.get(row["area_code"][:5])
    if not row["lat"] and seat is not None and row["status"] == "open":
        row["lat"], row["lon"] = map(repr, seat)
        row["precision"] = "approximate"
        note("lat", Message("repair.point_of_seat"))
    if not row["lat"]:
        row["precision"] = ""
    words = re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-")[:60]
    row["id"] = row["id"] or f"I-{row['area_code']}-{row['kind']}-{words}"
    _note_number(row, reference, note)


def _note_number(row: Row, reference: ReferenceData, note: Note) -> None:
    """Say which number an import changes, and that none is shown before it is confirmed."""
    known = reference.office_numbers
    same = known.get((row["kind"], row["name"], row["area_code"])) or known.get((row["id"],), "")
    if same and same != row["phone"]:
        about = {"name": shown(row["name"]), "old": same, "new": row["phone"] or "-"}
        note("", Message("import_note.phone_changed", about))
    if row["phone"]:
        note("", Message("import_note.phone_unconfirmed"))


def _office_line(row: Row) -> None:
    """The number as it is dialled, with the day from which its age is reckoned."""
    if not row["phone"]:
        row["phone_as_of"] = row["phone_source"] = ""
        return
    number = as_dialled(row["phone"])
    if number is None:
        raise CellError("cell.not_phone", field="phone", value=shown(row["phone"]))
    row["phone"] = number
    row["phone_as_of"] = row["phone_as_of"] or row["as_of"]
    row["phone_source"] = row["phone_source"] or row["source"]
    if not row["phone_as_of"]:
        raise CellError("cell.phone_without_date", field="phone_as_of")
    check_past("phone_as_of", row["phone_as_of"])


def _service_kind(text: str) -> str:
    """The kind that a file names by its slug or by its label in any language."""

    def folded(words: str) -> str:
        return re.sub(r"[^a-z0-9]+", "_", words.partition("(")[0].lower()).strip("_")

    kinds = {folded(label("service", kind, lang)): kind
             for lang in languages() for kind in SERVICE_KINDS}  # fmt: skip
    kind = kinds.get(folded(text), folded(text))
    one_of("kind", kind, SERVICE_KINDS)
    return kind


def _post(row: Row, reference: ReferenceData, note: Note) -> None:
    if row["terminal_id"] not in reference.terminals:
        raise CellError("cell.not_terminal", field="terminal_id", value=shown(row["terminal_id"]))
    _check_dates(row, note)
    check_past("evidence_from", row["evidence_from"])
    if not row["since"] and row["status"] == "open":
        row["evidence_from"] = row["evidence_from"] or row["as_of"]
        if not row["evidence_from"]:
            raise CellError("cell.post_without_date", field="since")


def _outreach(row: Row, _reference: ReferenceData, _note: Note) -> None:
    year, month = row["year"], row["month"]
    row["year"] = year = year or month[:-3]
    if not year:
        raise CellError("cell.empty", field="year")
    row["month"] = month = f"{year}-{month}" if len(month) == 2 else month
    if month and month[:4] != year:
        raise CellError("cell.other_year", field="month", month=month, year=year)
    check_past("year", year)
    check_past("month", month)
    if len(row["area_code"]) < 8:
        raise CellError("cell.not_district", field="area_code")


def _action_plan(row: Row, _reference: ReferenceData, _note: Note) -> None:
    first, last, year = row["first_year"], row["last_year"], row["year"]
    if not first <= year <= last:
        raise CellError("cell.outside_plan", field="year", year=year, first=first, last=last)
    row["measure"] = plan_measure(row["measure"])


def _budget(row: Row, reference: ReferenceData, note: Note) -> None:
    about = {"activity": row["sub_activity_code"], "year": row["year"]}
    if row["spent_idr"] and float(row["spent_idr"]) > float(row["ceiling_idr"]):
        note("", Message("import_note.overspent", about))
    if budget_holder(row) in reference.budget_holders:
        said = {"office": shown(row["office"]) or "-", "year": row["year"]}
        note("", Message("import_note.budget_replaced", said))
    known = reference.indicator_codes
    if known and row["indicator_code"] not in known:
        note("", Message("import_note.code_not_in_plan", {"indicator": row["indicator_code"]}))


def _calendar(row: Row, _reference: ReferenceData, _note: Note) -> None:
    row["step"] = re.sub(r"[^a-z]+", "_", row["step"].lower()).strip("_")
    one_of("step", row["step"], CALENDAR_STEPS)
    for name in ("starts", "until"):
        if row[name] and not re.fullmatch(r"\d{4}-\d\d(-\d\d)?", row[name]):
            raise CellError("cell.not_date", field=name, value=shown(row[name]))
    since, until = row["starts"], row["until"]
    if since and until < since[: len(until)]:
        raise CellError("cell.ends_before", field="until", since=since, until=until)


def _checks(row: Row, reference: ReferenceData, _note: Note) -> None:
    if row["terminal_id"] not in reference.terminals:
        raise CellError("cell.not_terminal", field="terminal_id", value=shown(row["terminal_id"]))
    if len(row["month"]) != len("2026-07"):
        raise CellError("cell.not_month", field="month", value=shown(row["month"]))
    check_past("month", row["month"])
    row["year"] = row["month"][:4]
    row["area_code"] = reference.terminal_areas[row["terminal_id"]]
    if not names_office(row["organisation"]):
        raise CellError("cell.not_office", field="organisation")
    # One office is one, however it is written: its second row of a month replaces the first.
    row["organisation"] = " ".join(row["organisation"].upper().split())
    numbers = {name: int(row[name] or 0) for name in CHECK_FIELDS}
    row.update({name: str(value) for name, value in numbers.items()})
    if (wrong := illogical(numbers)) is not None:
        parts, whole = wrong[0].split("+"), wrong[1]
        raise CellError(
            "cell.checks_order", field=parts[0], whole=Message(f"heading.{whole}"),
            part=[Message(f"heading.{part}") for part in parts],
            count=sum(numbers[part] for part in parts), most=numbers[whole],
        )  # fmt: skip


COMPLETE: Mapping[str, Complete] = MappingProxyType(
    {
        "places": _place,
        "boundaries": _boundary,
        "indicators": _indicator,
        "counts": _count,
        "terminals": _terminal,
        "legs": _leg,
        "outreach": _outreach,
        "services": _service,
        "posts": _post,
        "action_plan": _action_plan,
        "budget": _budget,
        "planning_calendar": _calendar,
        "checks": _checks,
    }
)
"""By name of the kind."""
