"""Published counts: the protected cells of a build, added up by place, year and measure.

Sources report single events and, for the same place and year, sums that contain them: a place's
count is the larger of the two. What a province reports beyond its regencies is a count of its own,
not allocated to any of them, so that the province's total is still a sum of rounded cells. Measures
that may not be added (cases, victims: yearly figures of one place) stay at their own place.
Nothing is rounded here: the cells were, before the model used them (:mod:`geo.disclosure`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from geo.disclosure import BASE, CELL_MEASURES
from geo.errors import StateError

__all__ = ["PUBLISHED_MEASURES", "PublishedMeasure", "published_counts"]

Cell = tuple[str, int, str]
"""Place, year and published measure."""


@dataclass(frozen=True)
class PublishedMeasure:
    """Which cells a published measure is made of.

    Cells of ``kind`` are added up; those of kind ``total`` contain them. With ``additive`` false a
    cell stands alone: no sums over places.
    """

    kind: str
    additive: bool = True


PUBLISHED_MEASURES: Mapping[str, PublishedMeasure] = MappingProxyType(
    {
        "interceptions": PublishedMeasure("interception"),
        "deportations": PublishedMeasure("deportation"),
        "deaths_abroad": PublishedMeasure("deaths"),
        "tppo_cases": PublishedMeasure("tppo_cases", additive=False),
        "cases_handled": PublishedMeasure("tppo_cases", additive=False),
        "police_reports": PublishedMeasure("tppo_cases", additive=False),
        "tppo_victims": PublishedMeasure("tppo_victims", additive=False),
        "passports_refused": PublishedMeasure("passport_refusals", additive=False),
    }
)
"""What may be published; any other measure is kept back until it is decided."""

_COLUMNS = [
    "id", "area_code", "area_name", "level", "province_code", "year", "measure", "unit", "value",
    "total", "cells",
]  # fmt: skip


def published_counts(cells: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Turn protected cells into the rows of the ``counts`` layer (``lon``, ``lat`` of the seat).

    Parameters
    ----------
    cells : DataFrame
        ``place_code, year, measure, kind, value, unit`` from
        :func:`geo.disclosure.protected_counts`.
    areas : DataFrame
        ``code, name, lat, lon``.

    Raises
    ------
    StateError
        A value is not a multiple of the base: it was never rounded.
    """
    if (cells["value"] % BASE != 0).any():
        raise StateError("disclosure.counts_not_rounded")
    values, units = _place_counts(cells)
    names = dict(zip(areas["code"], areas["name"], strict=True))
    sums: dict[Cell, list[int]] = defaultdict(list)
    rows: list[tuple[object, ...]] = []
    for (place, year, measure), value in values.items():
        additive = PUBLISHED_MEASURES[measure].additive
        if additive:
            sums[(place[:2], year, measure)].append(value)
        if len(place) > 2 or not additive:
            rows.append(_row(place, names, year, measure, units, value, None))
    for (province, year, measure), parts in sums.items():
        rows.append(_row(province, names, year, measure, units, sum(parts), len(parts)))
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


def _place_counts(cells: pd.DataFrame) -> tuple[dict[Cell, int], dict[str, str]]:
    """Counts of places that do not overlap, and the unit of each measure."""
    parts: dict[Cell, int] = defaultdict(int)
    wholes: dict[Cell, int] = defaultdict(int)
    units: dict[str, str] = {}
    for row in cells.to_dict("records"):
        place, value = str(row["place_code"]), int(row["value"])
        name = CELL_MEASURES.get(row["measure"], row["measure"])
        published = PUBLISHED_MEASURES.get(name)
        if published is None or not place[:2].isdigit():
            continue
        key = (place, int(row["year"]), name)
        if row["kind"] == published.kind:
            parts[key] = parts[key] + value if published.additive else max(parts[key], value)
        elif row["kind"] == "total" and published.additive:
            wholes[key] = max(wholes[key], value)
        else:
            continue
        units.setdefault(name, str(row["unit"] or ""))
    return _without_overlaps(parts, wholes), units


def _without_overlaps(parts: Mapping[Cell, int], wholes: Mapping[Cell, int]) -> dict[Cell, int]:
    """Counts of the regencies, and what is left of a province beyond them."""
    values: dict[Cell, int] = {}
    below: dict[Cell, int] = defaultdict(int)
    # longest code first: regencies before their province
    for key in sorted(parts.keys() | wholes.keys(), key=lambda k: (-len(k[0]), k)):
        place, year, measure = key
        part, whole = parts.get(key, 0), wholes.get(key, 0)
        if len(place) > 2:
            value = max(part, whole)
            below[(place[:2], year, measure)] += value
        else:
            value = max(part, whole - below.get(key, 0))
        if value > 0 or len(place) > 2 or key not in below:
            values[key] = max(value, 0)
    return dict(sorted(values.items()))
