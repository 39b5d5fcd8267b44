"""Published counts: cells of place x year, rounded once, and totals that are their sums.

Sources report single events and, for the same place and year, sums that contain them. A cell is
the larger of the two. What a province reports beyond its regencies is a cell of its own, not
allocated to any of them, so that the province's total is still a sum of rounded cells. Measures
that may not be added (cases, victims: yearly figures of one place) stay at their own place.
The terminal, the effort and the source of a count stay behind: they tell where people stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.disclosure import protect_cells

__all__ = ["PUBLISHED_MEASURES", "Measure", "protected_counts"]


@dataclass(frozen=True)
class Measure:
    """How a published measure is made from the dataset's rows.

    Rows of kind ``parts`` are added up; rows of kind ``total`` and measure ``whole`` contain them.
    With ``additive`` false a row's figure stands alone: no sums over places.
    """

    parts: str
    names: frozenset[str]
    whole: str = ""
    additive: bool = True


def _alone(kind: str, name: str) -> Measure:
    return Measure(kind, frozenset({name}), additive=False)


PUBLISHED_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "interceptions": Measure("interception", frozenset({"persons_stopped"}), "prevented"),
        "deportations": Measure(
            "deportation", frozenset({"deported", "deported_counted_landings"}), "deported"
        ),
        "deaths_abroad": Measure("deaths", frozenset({"died_abroad"}), "died_abroad"),
        "tppo_cases": _alone("tppo_cases", "tppo_cases"),
        "cases_handled": _alone("tppo_cases", "cases_handled"),
        "police_reports": _alone("tppo_cases", "police_reports"),
        "tppo_victims": _alone("tppo_victims", "tppo_victims"),
        "passports_refused": _alone("passport_refusals", "passports_refused"),
    }
)
"""What may be published; any other measure is kept back until it is decided."""

_COLUMNS = [
    "id", "area_code", "area_name", "level", "province_code", "year", "measure", "unit", "value",
    "total", "cells",
]  # fmt: skip


def protected_counts(counts: pd.DataFrame, areas: pd.DataFrame, *, secret: bytes) -> pd.DataFrame:
    """Turn raw counts into the rows of the ``counts`` layer (with ``lon`` and ``lat`` of the seat).

    Parameters
    ----------
    counts : DataFrame
        ``place_code, year, measure, kind, value, unit`` as in the dataset.
    areas : DataFrame
        ``code, name, lat, lon``.
    secret : bytes
        From :func:`geo.disclosure.release_secret`.
    """
    cells, units = _cells(counts)
    rounded = protect_cells(cells, secret=secret)
    names = dict(zip(areas["code"], areas["name"], strict=True))
    sums: dict[tuple[str, int, str], list[int]] = defaultdict(list)
    rows: list[tuple[object, ...]] = []
    for (place, year, measure), value in rounded.items():
        additive = PUBLISHED_MEASURES[measure].additive
        if additive:
            sums[(place[:2], year, measure)].append(value)
        if len(place) > 2 or not additive:
            rows.append(_row(place, names, year, measure, units, value, None))
    for (province, year, measure), values in sums.items():
        rows.append(_row(province, names, year, measure, units, sum(values), len(values)))
    out = pd.DataFrame(rows, columns=_COLUMNS)
    seats = areas.drop_duplicates("code").set_index("code")[["lon", "lat"]]
    return out.join(seats, on="area_code")


def _row(
    place: str,
    names: dict[str, str],
    year: int,
    measure: str,
    units: dict[str, str],
    value: int,
    cells: int | None,
) -> tuple[object, ...]:
    level = "province" if len(place) == 2 else "regency"
    return (
        f"{place}-{year}-{measure}", place, names.get(place, place), level, place[:2], year,
        measure, units.get(measure, ""), value, cells is not None, 1 if cells is None else cells,
    )  # fmt: skip


def _cells(counts: pd.DataFrame) -> tuple[dict[tuple[str, int, str], int], dict[str, str]]:
    """True values of the cells (place, year, measure), and the unit of each measure."""
    parts: dict[tuple[str, int, str], float] = defaultdict(float)
    wholes: dict[tuple[str, int, str], float] = defaultdict(float)
    units: dict[str, str] = {}
    for row in counts.to_dict("records"):
        code, value, year = str(row["place_code"] or ""), float(row["value"]), float(row["year"])
        if not (np.isfinite(value) and np.isfinite(year) and code[:2].isdigit()):
            continue
        # a district or village count belongs to its regency: nothing finer is ever published
        place = code[:5] if len(code) >= 5 else code[:2]
        for name, measure in PUBLISHED_MEASURES.items():
            key = (place, int(year), name)
            if row["kind"] == measure.parts and row["measure"] in measure.names:
                parts[key] = parts[key] + value if measure.additive else max(parts[key], value)
            elif row["kind"] == "total" and row["measure"] == measure.whole:
                wholes[key] = max(wholes[key], value)
            else:
                continue
            units.setdefault(name, str(row.get("unit") or ""))
    return _allocated(parts, wholes), units


def _allocated(
    parts: Mapping[tuple[str, int, str], float], wholes: Mapping[tuple[str, int, str], float]
) -> dict[tuple[str, int, str], int]:
    """Cells that do not overlap: regencies, and what is left of a province beyond them."""
    cells: dict[tuple[str, int, str], int] = {}
    below: dict[tuple[str, int, str], float] = defaultdict(float)
    # longest code first: regencies before their province
    for key in sorted(parts.keys() | wholes.keys(), key=lambda k: (-len(k[0]), k)):
        place, year, measure = key
        part, whole = parts.get(key, 0.0), wholes.get(key, 0.0)
        if len(place) > 2:
            value = max(part, whole)
            below[(place[:2], year, measure)] += value
        else:
            value = max(part, whole - below.get(key, 0.0))
        if value > 0 or len(place) > 2 or key not in below:
            cells[key] = round(max(value, 0.0))
    return dict(sorted(cells.items()))
