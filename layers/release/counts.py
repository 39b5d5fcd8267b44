"""Published counts: the cells of a build, held ones protected, by place, year and what is counted.

Sources report single events and, for the same place and year, sums that contain them: a place's
count is the larger of the two. What a province reports beyond its regencies is a count of its own,
not allocated to any of them, so that the province's total is still a sum of rounded cells. Measures
that may not be added (cases, victims: yearly figures of one place) stay at their own place.
Nor are counts of unlike class in law or unit: each is a row of its own.
Nothing is rounded here: the cells were, before the model used them (:mod:`geo.disclosure`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtri

from geo.counts import UNSTATED, described_counts, is_of_event
from geo.disclosure import BASE, CELL_MEASURES, cell_measure
from geo.errors import InputError, StateError
from geo.sources import joined_sources
from geo.tiers import TIERS, Tier

__all__ = [
    "EVENTS", "PUBLISHED_MEASURES", "PublishedMeasure", "cells_of_tier", "published_counts",
    "published_measure", "rates",
]  # fmt: skip

Subject = tuple[str, str, str]
"""Published measure, class in law and unit: what is never added to another."""
Cell = tuple[str, int, Subject]
"""Place, year and what is counted."""


@dataclass(frozen=True)
class PublishedMeasure:
    """The cells that a published measure sums.

    Cells of ``kind`` are added; those of kind ``total`` contain them. With ``additive`` false a
    cell is published by itself: no sums over places. ``of_residents``: of people or cases of the
    place itself, so that a rate per inhabitant says something; not so of who passes or lands there.
    """

    kind: str
    additive: bool = True
    of_residents: bool = False


PUBLISHED_MEASURES: Mapping[str, PublishedMeasure] = MappingProxyType(
    {
        "interceptions": PublishedMeasure("interception"),
        "deportations": PublishedMeasure("deportation"),
        "deaths_abroad": PublishedMeasure("deaths", of_residents=True),
        **dict.fromkeys(
            ("tppo_cases", "cases_handled", "police_reports"),
            PublishedMeasure("tppo_cases", additive=False, of_residents=True),
        ),
        "tppo_victims": PublishedMeasure("tppo_victims", additive=False, of_residents=True),
        "passports_refused": PublishedMeasure("passport_refusals", additive=False),
        **dict.fromkeys(
            ("prevented_by_home_regency", "returned_by_home_regency", "migrants_registered"),
            PublishedMeasure("total", additive=False, of_residents=True),
        ),
    }
)
"""What may be published; other measures are not, until that is decided. Victims by sex, children
and forms of exploitation are a layer of their own (:mod:`layers.release.victims`).
"""

_SUBJECT = ["measure", "legal_class", "unit"]
_COLUMNS = [
    "area_code", "year", *_SUBJECT, "value", "total", "cells", "status", "how", "period", "source",
]  # fmt: skip
_OF_EVENTS = frozenset({"interception", "return"})
"""Kinds whose rows are single events that were reported, added up by place and year; so are
landings of deportees that are dated by days."""
EVENTS = "events"
"""In place of a period: the events that were reported, which are no count of the year."""


def cells_of_tier(cells: pd.DataFrame, tier: Tier) -> pd.DataFrame:
    """The cells of a build that a tier has; one with held counts keeps all of them for each tier.

    Examples
    --------
    >>> cells = pd.DataFrame({"value": [5, 5, 5], "tier": ["public", "partner", "police"]})
    >>> cells_of_tier(cells, "police")["value"].tolist()
    [5]
    """
    return cells[cells["tier"].isin(["", tier])] if "tier" in cells else cells


def published_counts(
    cells: pd.DataFrame, areas: pd.DataFrame, *, tier: Tier = TIERS[-1]
) -> pd.DataFrame:
    """Rows of the ``counts`` layer from protected cells (``lon``, ``lat`` of the seat).

    Parameters
    ----------
    cells : DataFrame
        ``place_code, year, measure, kind, value, unit, legal_class, status, how, period`` from
        :func:`geo.disclosure.protected_counts`. A count of a part of its year keeps the months in
        ``period``, which is empty where it is of a whole year or not known. ``source`` is that of
        the rows that a count rests on, held ones left out.
    areas : DataFrame
        ``code, name, lat, lon`` and, for rates, ``population, population_year``.
    tier : str
        Whose cells are meant (:func:`cells_of_tier`).

    Returns
    -------
    DataFrame
        A row a place, year and subject, with ``per_100k_mean, per_100k_p05, per_100k_p95``
        (:func:`rates`; NaN of a part of a year and of who is not a resident) and the
        ``population_year`` of the inhabitants they are of, which is seldom the count's own.

    Raises
    ------
    StateError
        A held value is not a multiple of the base: it was never rounded.
    """
    cells = cells_of_tier(cells, tier)
    held = cells.get("held", pd.Series(data=True, index=cells.index)).astype(bool)
    if ((cells["value"] % BASE != 0) & held).any():
        raise StateError("disclosure.counts_not_rounded")
    values, descriptions, periods, sources = _place_counts(described_counts(cells))
    sums: dict[Cell, list[int]] = defaultdict(list)
    rows: list[tuple[object, ...]] = []
    for (place, year, subject), value in values.items():
        additive = PUBLISHED_MEASURES[subject[0]].additive
        if additive:
            sums[(place[:2], year, subject)].append(value)
        if len(place) > 2 or not additive:
            description = _common(descriptions, (place, year, subject))
            months = _together(periods[(place, year, subject)])
            named = joined_sources(sources[(place, year, subject)])
            rows.append((place, year, *subject, value, False, 1, *description, months, named))
    for (place, year, subject), parts in sums.items():
        description = _common(descriptions, (place, year, subject))
        months = _together(periods[(place, year, subject)])
        named = joined_sources(sources[(place, year, subject)])
        rows.append(
            (place, year, *subject, sum(parts), True, len(parts), *description, months, named)
        )
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    known = areas.drop_duplicates("code").set_index("code")
    frame = frame.join(known[["name", "lon", "lat"]], on="area_code")
    frame = frame.join(_rates(frame, known.get("population"), cells[held]))
    year = known.get("population_year", pd.Series(dtype=float))
    frame["population_year"] = frame["area_code"].map(year).where(frame["per_100k_mean"].notna())
    codes = frame["area_code"].astype(str)
    names = pd.Series(
        [cell_measure(row) for row in frame[_SUBJECT].to_dict("records")], frame.index, dtype=str
    )
    return frame.assign(
        id=codes + "-" + frame["year"].astype(str) + "-" + names,
        area_name=frame["name"].fillna(codes),
        level=np.where(codes.str.len() == 2, "province", "regency"),
        province_code=codes.str[:2],
    )


def rates(counts: ArrayLike, population: ArrayLike, rounded: ArrayLike = 0) -> pd.DataFrame:
    """Counts a year per 100,000 inhabitants, with the interval of a Poisson mean.

    The exact 90 % interval (Garwood 1936, "Fiducial limits for the Poisson distribution"):
    ``chi2(.05, 2n) / 2`` to ``chi2(.95, 2n + 2) / 2``. A protected count was ``rounded`` by up to
    so many persons: the interval is that of the counts it may have been.

    Parameters
    ----------
    counts, population, rounded : array_like, shape (n,)
        Whole numbers; a population that is not known, or none, gives NaN.

    Returns
    -------
    DataFrame
        ``per_100k_mean, per_100k_p05, per_100k_p95``.

    Examples
    --------
    >>> rates([30], [207_000]).round(1).to_dict("records")
    [{'per_100k_mean': 14.5, 'per_100k_p05': 10.4, 'per_100k_p95': 19.7}]
    """
    value, width = np.asarray(counts, float), np.asarray(rounded, float)
    people = np.asarray(population, float)
    unit = 1e5 / np.where(people > 0, people, np.nan)
    least, most = np.maximum(value - width, 0.0), value + width
    low = np.where(least > 0, chdtri(2 * least, 0.95) / 2, 0.0)
    return pd.DataFrame(
        {
            "per_100k_mean": value * unit,
            "per_100k_p05": low * unit,
            "per_100k_p95": chdtri(2 * most + 2, 0.05) / 2 * unit,
        }
    )


def _rates(
    frame: pd.DataFrame, population: pd.Series | None, rounded: pd.DataFrame
) -> pd.DataFrame:
    """Rates of the rows; those of places and years with a ``rounded`` cell are the wider."""
    people = np.nan if population is None else frame["area_code"].map(population)
    held = {
        (place, int(row["year"]), CELL_MEASURES.get(row["measure"], row["measure"]),
         row["legal_class"], row["unit"])
        for row in described_counts(rounded).to_dict("records")
        for place in (str(row["place_code"]), str(row["place_code"])[:2])
    }  # fmt: skip
    subjects = ["area_code", "year", *_SUBJECT]
    here = [tuple(row) in held for row in frame[subjects].itertuples(index=False)]
    found = rates(frame["value"], people, (BASE - 1) * frame["cells"] * here)
    found.index = frame.index
    resident = frame["measure"].map(lambda name: PUBLISHED_MEASURES[name].of_residents)
    return found.where(resident.astype(bool) & (frame["period"] == ""))


def published_measure(name: str | None) -> str | None:
    """The name of a published measure as it is asked for, or None for all.

    Raises
    ------
    InputError
        There is none of this name: an empty answer would read as "nothing on record".

    Examples
    --------
    >>> published_measure("deaths_abroad")
    'deaths_abroad'
    """
    if name not in (None, *PUBLISHED_MEASURES):
        known = sorted(PUBLISHED_MEASURES)
        raise InputError("counts.measure", field="measure", name=name, known=known)
    return name


def part_of_year(row: Mapping[str, Any]) -> str:
    """The months that a published count is of, where they are not its whole year, and
    :data:`EVENTS` where it is of single events; else empty.

    Examples
    --------
    >>> row = {"kind": "deaths", "held": False}
    >>> [part_of_year({**row, "period": p}) for p in ("2019-01/2019-09-13", "2019", "2019-01-20")]
    ['2019-01/2019-09', '', 'events']
    """
    if row.get("held", True):
        return ""
    first, _, last = str(row.get("period") or "").partition("/")
    of_event = is_of_event(row.get("period"))
    if row["kind"] in _OF_EVENTS or (of_event and (not last or row["kind"] == "deportation")):
        return EVENTS
    begin, end = first[:7], (last or first)[:7]
    if len(end) < _MONTH or begin[:4] != end[:4] or (begin[5:], end[5:]) == _YEAR:
        return ""
    return f"{begin}/{end}"


_YEAR = ("01", "12")
_MONTH = len("2019-01")


def _place_counts(
    cells: pd.DataFrame,
) -> tuple[
    dict[Cell, int],
    dict[Cell, set[tuple[str, str]]],
    dict[Cell, Counter[str]],
    dict[Cell, list[str]],
]:
    """Counts of places that do not overlap; status and how of the rows that each rests on, how much
    of it is of which part of the year, and the sources.
    """
    parts: dict[Cell, int] = defaultdict(int)
    wholes: dict[Cell, int] = defaultdict(int)
    of_parts: dict[Cell, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    of_wholes: dict[Cell, tuple[str, str, str]] = {}
    part_sources: dict[Cell, list[str]] = defaultdict(list)
    whole_source: dict[Cell, str] = {}
    for row in cells.to_dict("records"):
        place, value = str(row["place_code"]), int(row["value"])
        name = CELL_MEASURES.get(row["measure"], row["measure"])
        published = PUBLISHED_MEASURES.get(name)
        if published is None or not place[:2].isdigit():
            continue
        key = (place, int(row["year"]), (name, row["legal_class"], row["unit"]))
        basis = (row["status"], row["how"], part_of_year(row))
        source = "" if row.get("held", True) else str(row.get("source") or "")
        if row["kind"] == published.kind:
            parts[key] = parts[key] + value if published.additive else max(parts[key], value)
            of_parts[key][basis] += value
            part_sources[key].append(source)
        elif row["kind"] == "total" and published.additive and value >= wholes[key]:
            wholes[key] = value
            of_wholes[key], whole_source[key] = basis, source
    descriptions: dict[Cell, set[tuple[str, str]]] = defaultdict(set)
    periods: dict[Cell, Counter[str]] = defaultdict(Counter)
    sources: dict[Cell, list[str]] = defaultdict(list)
    below: dict[Cell, int] = defaultdict(int)
    for key in sorted(parts.keys() | wholes.keys(), key=lambda key: -len(key[0])):
        part, whole = parts.get(key, 0), wholes.get(key, 0)
        rests_on, named = of_parts[key], part_sources[key]
        if key in wholes and whole >= part:
            rests_on, named = Counter({of_wholes[key]: whole}), [whole_source[key]]
        province = (key[0][:2], *key[1:])
        for cell in {key, province}:
            descriptions[cell] |= {(status, how) for status, how, _ in rests_on}
        if key == province and whole < below[key]:  # its own sum is less than that of its places
            rests_on, named = of_parts[key], part_sources[key]
        months: Counter[str] = Counter()
        for (*_, period), value in rests_on.items():
            months[period] += value
        if key == province and whole >= below[key]:  # the sum that the province states itself
            periods[key], sources[key] = months, named
        else:
            periods[key].update(months)
            sources[key] += named
            if key != province and PUBLISHED_MEASURES[key[2][0]].additive:
                below[province] += max(part, whole)
                periods[province].update(months)
                sources[province] += named
    return _without_overlaps(parts, wholes), descriptions, periods, sources


def _common(descriptions: Mapping[Cell, set[tuple[str, str]]], cell: Cell) -> tuple[str, ...]:
    """Status and how that all counts of a cell share, else ``unknown``."""
    return tuple(
        values.pop() if len(values) == 1 else UNSTATED[name]
        for name, values in zip(
            ("status", "how"), map(set, zip(*descriptions[cell], strict=True)), strict=True
        )
    )


def _together(amounts: Mapping[str, int]) -> str:
    """From the first to the last month of the parts of a year, or :data:`EVENTS` where more of the
    count is of those; empty where not more than half of it is of either.
    """
    parts = {period: amount for period, amount in amounts.items() if period}
    if not parts or ("" in amounts and amounts[""] >= sum(parts.values())):
        return ""
    events = parts.pop(EVENTS, 0)
    if events > sum(parts.values()) or not parts:
        return EVENTS
    ends = sorted(end for period in parts for end in period.split("/"))
    return f"{ends[0]}/{ends[-1]}"


def _without_overlaps(parts: Mapping[Cell, int], wholes: Mapping[Cell, int]) -> dict[Cell, int]:
    """Counts of the regencies, and what is left of a province beyond them."""
    values: dict[Cell, int] = {}
    below: dict[Cell, int] = defaultdict(int)
    # longest code first: regencies before their province
    for key in sorted(parts.keys() | wholes.keys(), key=lambda k: (-len(k[0]), k)):
        place, year, subject = key
        part, whole = parts.get(key, 0), wholes.get(key, 0)
        if len(place) > 2:
            value = max(part, whole)
            below[(place[:2], year, subject)] += value
        else:
            value = max(part, whole - below.get(key, 0))
        if value > 0 or len(place) > 2 or key not in below:
            values[key] = max(value, 0)
    return dict(sorted(values.items()))
