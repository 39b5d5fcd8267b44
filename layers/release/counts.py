"""Published counts: the cells of a build, held ones protected, by place, year and measure.

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

import numpy as np
import pandas as pd

from geo.disclosure import BASE, CELL_MEASURES
from geo.errors import StateError

__all__ = ["PUBLISHED_MEASURES", "PublishedMeasure", "published_counts"]

Cell = tuple[str, int, str]
"""Place, year and published measure."""


@dataclass(frozen=True)
class PublishedMeasure:
    """The cells that a published measure sums.

    Cells of ``kind`` are added; those of kind ``total`` contain them. With ``additive`` false a
    cell is published by itself: no sums over places.
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
"""What may be published; other measures are not, until that is decided."""

_COLUMNS = ["area_code", "year", "measure", "value", "total", "cells"]


def published_counts(cells: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Rows of the ``counts`` layer from protected cells (``lon``, ``lat`` of the seat).

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
        A held value is not a multiple of the base: it was never rounded.
    """
    held = cells.get("held", True)
    if ((cells["value"] % BASE != 0) & held).any():
        raise StateError("disclosure.counts_not_rounded")
    values, units = _place_counts(cells)
    sums: dict[Cell, list[int]] = defaultdict(list)
    rows: list[tuple[str, int, str, int, bool, int]] = []
    for (place, year, measure), value in values.items():
        additive = PUBLISHED_MEASURES[measure].additive
        if additive:
            sums[(place[:2], year, measure)].append(value)
        if len(place) > 2 or not additive:
            rows.append((place, year, measure, value, False, 1))
    rows += [(*cell, sum(parts), True, len(parts)) for cell, parts in sums.items()]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    seats = areas.drop_duplicates("code").set_index("code")[["name", "lon", "lat"]]
    frame = frame.join(seats, on="area_code")
    codes = frame["area_code"].astype(str)
    return frame.assign(
        id=codes + "-" + frame["year"].astype(str) + "-" + frame["measure"],
        area_name=frame["name"].fillna(codes),
        level=np.where(codes.str.len() == 2, "province", "regency"),
        province_code=codes.str[:2],
        unit=frame["measure"].map(units),
    )


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
