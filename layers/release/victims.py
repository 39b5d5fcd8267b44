"""Victims by sex, of children and by form of exploitation: one attribute, three years, no few.

A *family* is the counts of one attribute in one place over three calendar years (2022 to 2024, 2025
to 2027, ...), with the victims of none of its measures. It is shown as a whole or not at all:

* no count, nor what is left of the total, nor what no regency accounts for, is of 1 to 10 persons;
* regencies are shown if that holds in every regency of the province that reports the attribute, so
  that none is what the others leave of the province;
* where they are not, the province is shown if its counts and the published totals of regencies
  leave every count of a regency free down to zero (Fréchet bounds).

Attributes are never crossed. Held counts are rounded (:mod:`geo.disclosure`) before they are added,
each by up to four persons: where there are any the bound is 23, so that a sum of three that is
shown is of 11 persons at least.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.counts import OFFICE_MEASURES
from geo.disclosure import BASE
from geo.imports.words import EXPLOITATION_FORMS

__all__ = ["ATTRIBUTES", "LEAST_PERSONS", "YEARS", "victim_families"]

LEAST_PERSONS = 11
"""Smallest count of a family that is shown."""
YEARS = 3
"""Calendar years that are pooled, from one divisible by it."""
ATTRIBUTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sex": ("victims_female", "victims_male"),
        "child": ("child_victims",),
        "form": tuple(slug for slug in EXPLOITATION_FORMS if slug in OFFICE_MEASURES),
    }
)
"""Measures of each attribute, of which a victim has one at a time."""
_TOTAL, _SEXES = "tppo_victims", ATTRIBUTES["sex"]
_PROVINCE = 2
_COLUMNS = [
    "id", "area_code", "area_name", "level", "province_code", "year_from", "year_to", "attribute",
    "measure", "value", "lon", "lat",
]  # fmt: skip


@dataclass
class _Family:
    """Counts by measure of one place; ``total`` is infinite where it is not known."""

    counts: dict[str, float]
    total: float
    complete: bool
    least: int = LEAST_PERSONS
    rest: float = field(init=False)

    def __post_init__(self) -> None:
        """What is left of the total: those of none of the measures."""
        self.rest = max(self.total - sum(self.counts.values()), 0.0)

    @property
    def is_safe(self) -> bool:
        shown_rest = 0.0 if np.isinf(self.rest) else self.rest
        return self.complete and not any(
            value < self.least and (value > 0 or counted)
            for value, counted in [*((v, True) for v in self.counts.values()), (shown_rest, False)]
        )


def victim_families(cells: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Rows of the layer ``victims`` from protected cells (``lon``, ``lat`` of the seat).

    Parameters
    ----------
    cells : DataFrame
        ``place_code, year, measure, value`` from :func:`geo.disclosure.protected_counts`.
    areas : DataFrame
        ``code, name, lat, lon``.

    Examples
    --------
    >>> counts = [
    ...     ("53", year, f"victims_{sex}", 6.0)
    ...     for year in (2022, 2023, 2024)
    ...     for sex in ("male", "female")
    ... ]
    >>> cells = pd.DataFrame(counts, columns=["place_code", "year", "measure", "value"])
    >>> areas = pd.DataFrame([("53", "NTT", -9.0, 124.0)], columns=["code", "name", "lat", "lon"])
    >>> victim_families(cells, areas)[["id", "value"]].to_numpy().tolist()
    [['53-2022-victims_female', 18], ['53-2022-victims_male', 18]]
    """
    cells = cells[cells["place_code"].astype(str).str[:_PROVINCE].str.isdigit()]
    cells = cells[cells["year"].notna()]
    first = cells["year"].astype(int) // YEARS * YEARS
    rows = [
        (code, int(year), attribute, measure, int(value))
        for (province, year), group in cells.groupby([cells["place_code"].str[:_PROVINCE], first])
        for attribute, measures in ATTRIBUTES.items()
        for code, family in _shown(str(province), group, measures).items()
        for measure, value in family.counts.items()
    ]
    frame = pd.DataFrame(rows, columns=["area_code", "year_from", "attribute", "measure", "value"])
    frame = frame.astype({"area_code": str, "attribute": str, "measure": str})
    seats = areas.drop_duplicates("code").set_index("code")[["name", "lon", "lat"]]
    frame = frame.join(seats, on="area_code")
    codes = frame["area_code"]
    return frame.assign(
        id=codes + "-" + frame["year_from"].astype(str) + "-" + frame["measure"],
        area_name=frame["name"].fillna(codes),
        level=np.where(codes.str.len() == _PROVINCE, "province", "regency"),
        province_code=codes.str[:_PROVINCE],
        year_to=frame["year_from"] + YEARS - 1,
    )[_COLUMNS]


def _shown(province: str, cells: pd.DataFrame, measures: tuple[str, ...]) -> dict[str, _Family]:
    """The families of one attribute that a province and its regencies show for three years."""
    if not cells["measure"].isin(measures).any():
        return {}
    table = cells[cells["measure"].isin([*measures, *_SEXES, _TOTAL])].pivot_table(
        index="place_code", columns=["measure", "year"], values="value", aggfunc="max"
    )
    reported = [measure for measure in measures if measure in table]
    if not reported:
        return {}
    held = "held" in cells and cells.loc[cells["measure"].isin(measures), "held"].any()
    least = LEAST_PERSONS + (YEARS * (BASE - 1) if held else 0)
    regencies = {
        str(code): _family(table.loc[[code]], reported, least)
        for code in table.index
        if code != province and table.loc[code, reported].notna().any()
    }
    below = table.drop(index=province, errors="ignore").sum(min_count=1)
    whole = pd.concat([table.reindex([province]), below.to_frame().T]).max()
    of_province = _family(whole.to_frame().T, reported, least)
    if not of_province.is_safe:
        return {}
    shown = {province: of_province}
    left = _unplaced(of_province, regencies)
    if all(family.is_safe for family in regencies.values()) and not any(
        0 < persons < least for persons in left
    ):
        return shown | regencies
    return shown if _is_free(of_province, regencies) else {}


def _family(row: pd.DataFrame, measures: list[str], least: int) -> _Family:
    """Sums over the years; for other attributes, what both sexes show is a total."""

    def persons(measure: str) -> float:
        """NaN unless every year is known."""
        years = row[measure].to_numpy(float) if measure in row else np.array([])
        return float(years.sum()) if years.size == YEARS else np.nan

    counts = {measure: float(np.nansum(row[measure].to_numpy(float))) for measure in measures}
    known = persons(_TOTAL)
    if np.isnan(known) and measures[0] not in _SEXES:
        known = sum(map(persons, _SEXES))
    complete = not any(np.isnan(persons(measure)) for measure in measures)
    return _Family(counts, np.inf if np.isnan(known) else known, complete, least)


def _unplaced(province: _Family, regencies: Mapping[str, _Family]) -> list[float]:
    """Persons of the province by measure, and of none, that are in no regency."""
    if not regencies:
        return []
    parts = [
        value - sum(family.counts[measure] for family in regencies.values())
        for measure, value in province.counts.items()
    ]
    rest = province.rest - sum(family.rest for family in regencies.values())
    return [*parts, rest if np.isfinite(rest) else 0.0]


def _is_free(province: _Family, regencies: Mapping[str, _Family]) -> bool:
    """Whether no count of a regency is bounded from below by the province and the totals."""
    columns = [*province.counts.values(), province.rest]
    totals = [family.total for family in regencies.values()]
    for k, total in enumerate(totals):
        others = sum(totals[:k] + totals[k + 1 :])
        for column, value in enumerate(columns):
            elsewhere = sum(columns[:column] + columns[column + 1 :])
            if (np.isfinite(value) and value > others) or (
                np.isfinite(total) and total > elsewhere
            ):
                return False
    return True
