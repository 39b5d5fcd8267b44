"""Published counts: cells of regency x year, rounded once, and totals that are their sums.

Rows of the dataset are added up to cells. A row that overlaps others (``kind`` = ``total``) is
used only where no part of it is known; it is then a cell of its own, not allocated to a regency.
The terminal, the effort and the source of a count stay behind: they tell where people stand.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from layers.protect import protect_cells

__all__ = ["PUBLISHED_MEASURES", "protected_counts"]

PUBLISHED_MEASURES = frozenset(
    {
        "cases",
        "deaths",
        "departures",
        "deportations",
        "interceptions",
        "passport_refusals",
        "placements",
        "victims",
    }
)
"""Measures that may be published; any other is kept back until it is decided."""

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
        From :func:`layers.protect.release_secret`.
    """
    cells, units = _cells(counts)
    rounded = protect_cells(cells, secret=secret)
    sums: dict[tuple[str, int, str], list[int]] = defaultdict(list)
    for (place, year, measure), value in rounded.items():
        sums[(place[:2], year, measure)].append(value)
    rows: list[tuple[object, ...]] = []
    names = dict(zip(areas["code"], areas["name"], strict=True))
    for (place, year, measure), value in rounded.items():
        if len(place) > 2:
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
    parts: dict[tuple[str, int, str], float] = defaultdict(float)
    totals: dict[tuple[str, int, str], float] = defaultdict(float)
    units: dict[str, str] = {}
    for row in counts.to_dict("records"):
        measure, code = str(row["measure"]), str(row["place_code"] or "")
        value, year = float(row["value"]), float(row["year"])
        known = np.isfinite(value) and np.isfinite(year)
        if measure not in PUBLISHED_MEASURES or not known or not code[:2].isdigit():
            continue
        # a district or village count belongs to its regency: nothing finer is ever published
        key = (code[:5] if len(code) >= 5 else code[:2], int(year), measure)
        units.setdefault(measure, str(row.get("unit") or ""))
        if row["kind"] == "total":
            totals[key] = max(totals[key], value)
        else:
            parts[key] += value
    covered = {(place[:2], year, measure) for place, year, measure in parts}
    for (place, year, measure), value in sorted(totals.items(), reverse=True):
        whole_province = len(place) == 2
        if (whole_province and (place, year, measure) in covered) or (
            (place, year, measure) in parts
        ):
            continue
        parts[(place, year, measure)] = value
        covered.add((place[:2], year, measure))
    return {key: round(parts[key]) for key in sorted(parts)}, units
