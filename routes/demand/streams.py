"""What the demand fits read of the dataset: landings, women sent out, homes of those counted.

Only published or protected counts, and no post, unofficial landing or leg: what public and partner
see of departures rests on this alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.errors import DataFileError
from routes.demand.province_fit import LandingSplit, LandingTotal, SentOut
from routes.demand.regency_fit import HomeCounts

__all__ = ["LANDING_REGION", "Streams", "read_streams", "row_months"]

LANDING_REGION: Mapping[str, str] = MappingProxyType(
    {
        "65.03": "sabah",  # Nunukan
        "61.03": "sarawak",  # Entikong
        "21.71": "peninsular_malaysia",  # Batam
        "21.72": "peninsular_malaysia",  # Tanjungpinang
        "14.72": "peninsular_malaysia",  # Dumai
        "12.07": "peninsular_malaysia",  # Kualanamu
    }
)
"""Region that people deported through a landing place come from, by its regency."""

_LANDED = ("deported", "deported_counted_landings", "returned")
_SENT = "women_sent_out_illegally"
_SHORTEST_MONTHS = 4.0
"""A shorter period is not scaled to a year."""

_FULL_KAPPA, _SUM_KAPPA = 18.0, 6.0
_SMALLEST_SHARE = 0.002
_SUBJECT = ["legal_class", "unit"]
"""Rows that differ in these are never added up."""
_AT_HOME: Mapping[str, bool] = MappingProxyType(
    {
        "died_abroad": True,
        "migrants_registered": True,
        "prevented_by_home_regency": False,
        "returned_by_home_regency": True,
        "tppo_victims": False,
    }
)
"""Measures whose place is the home of those counted, and whether they are of a stock."""
_OF_ORIGIN: Mapping[str, bool] = MappingProxyType(
    {
        **dict.fromkeys(_LANDED, True),
        "persons_returning": True,
        **dict.fromkeys(("persons_stopped", "prevented", "passports_refused"), False),
    }
)
"""Measures counted elsewhere, which say a home only where their origin is a regency."""
_VICTIMS, _VICTIMS_BY_SEX = "tppo_victims", ("victims_female", "victims_male")
_CASES = ("tppo_cases", "cases_handled", "police_reports")
"""In place of victims where a regency's office counts none: the first of them that it has."""
_STOCK_INDICATORS = ("returned_migrants",)
_REGENCY = len("53.04")
_PLACEMENTS_YEAR = 2014
_COUNTED_IN: Mapping[str, str] = MappingProxyType(
    {"65": "64", **dict.fromkeys(("93", "94", "95"), "91"), **dict.fromkeys(("96",), "92")}
)
"""Provinces that the placements of that year count in the one they were part of."""


@dataclass(frozen=True, eq=False)
class Streams:
    """Inputs of :class:`~routes.demand.province_fit.ProvinceFit` and of the regencies' fits.

    Attributes
    ----------
    population : Series
        Persons by regency.
    prior_shares : DataFrame
        Province by region of destination.
    totals, splits, sent
        As :meth:`~routes.demand.province_fit.ProvinceFit.fit` takes them.
    homes : dict
        Tables of counts by home regency, by province.
    placements : Series
        Registered placements a head and year, by province.
    """

    population: pd.Series
    prior_shares: pd.DataFrame
    totals: tuple[LandingTotal, ...]
    splits: tuple[LandingSplit, ...]
    sent: tuple[SentOut, ...]
    homes: Mapping[str, tuple[HomeCounts, ...]]
    placements: pd.Series


def months(period: str) -> float:
    """Months of a period: ``2016`` has twelve, ``2016-01/2016-07`` seven, a day part of one.

    Examples
    --------
    >>> months("2016"), months("2016-01/2016-07")
    (12.0, 7.0)
    """
    first, _, last = str(period).partition("/")
    if not last:
        return {4: 12.0, 7: 1.0}.get(len(first), 1 / 30.4)
    begin = pd.Period(first, "D" if len(first) == 10 else "M").start_time
    end = pd.Period(last, "D" if len(last) == 10 else "M").end_time
    return float(round((end - begin).days / 30.4, 1))


def row_months(rows: pd.DataFrame) -> pd.Series:
    """Months that each row of counts covers: a pooled row adds up years, others have a period.

    Parameters
    ----------
    rows : DataFrame
        ``period`` and, with protected inputs, ``years`` (0 where not pooled).

    Examples
    --------
    >>> row_months(pd.DataFrame({"period": ["2016", ""], "years": [0.0, 3.0]})).tolist()
    [12.0, 36.0]
    """
    length = rows["period"].map(months)
    if "years" not in rows:
        return length
    return (12.0 * rows["years"]).where(rows["years"] > 0, length)


def read_streams(dataset: Dataset) -> Streams:
    """Streams of a dataset with protected inputs.

    Parameters
    ----------
    dataset : Dataset
        From :func:`routes.inputs.protected_inputs.protected_inputs`.

    Raises
    ------
    DataFileError
        No landing of deportees is among the counts, or a province has no shares of destinations.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> from routes.inputs.protected_inputs import protected_inputs
    >>> streams = read_streams(protected_inputs(load_dataset(), bytes(32)))
    >>> sorted({total.region for total in streams.totals})
    ['peninsular_malaysia', 'sabah', 'sarawak']
    """
    rows = dataset.counts.copy()
    rows["months"] = row_months(rows)
    landed = rows[rows["measure"].isin(_LANDED)]
    landed = landed.assign(region=landed["place_code"].map(LANDING_REGION))
    landed = landed[landed["region"].notna()]
    population = _population(dataset)
    totals, splits = _totals(landed), _splits(landed)
    if not totals:
        raise DataFileError("demand.no_landings")
    sent = rows[(rows["measure"] == _SENT) & (rows["months"] >= _SHORTEST_MONTHS)]
    return Streams(
        population=population,
        prior_shares=_prior_shares(dataset, sorted({code[:2] for code in population.index})),
        totals=totals,
        splits=splits,
        sent=tuple(
            SentOut(code, value * 12.0 / length)
            for code, value, length in zip(
                sent["place_code"], sent["value"], sent["months"], strict=True
            )
        ),
        homes=_homes(dataset, rows),
        placements=_placements(dataset, population),
    )


def _population(dataset: Dataset) -> pd.Series:
    table = dataset.indicators
    table = table[(table["indicator"] == "population") & (table["area_code"].str.len() == 5)]
    people: pd.Series = table.sort_values("year").groupby("area_code")["value"].last()
    return people[people > 0]


def _placements(dataset: Dataset, population: pd.Series) -> pd.Series:
    """Registered placements a head of the one period in which every province is on record; NaN of
    one that is not.
    """
    table = dataset.indicators
    table = table[(table["indicator"] == "placements") & (table["year"] == _PLACEMENTS_YEAR)]
    persons = table[table["area_code"].str.len() == 2].set_index("area_code")["value"]
    people = population.groupby(population.index.str[:2]).sum()
    counted_in = pd.Series([_COUNTED_IN.get(code, code) for code in people.index], people.index)
    rates: pd.Series = persons.reindex(counted_in).set_axis(people.index)
    return rates / people.groupby(counted_in).transform("sum")


def _prior_shares(dataset: Dataset, provinces: list[str]) -> pd.DataFrame:
    """Shares by region: a province's own evidence, else the assumed ones."""
    region = dataset.destinations.set_index("id")["region"]
    own = dataset.destination_shares
    own = own.assign(region=own["destination_id"].map(region))
    own = own.groupby(["origin_code", "region"])["share"].sum().unstack(fill_value=0.0)
    assumed = dataset.region_shares.pivot(index="origin_code", columns="region", values="share")
    shares = pd.concat([own.drop(index="ID", errors="ignore"), assumed])
    shares = shares[~shares.index.duplicated()].fillna(0.0).clip(lower=_SMALLEST_SHARE)
    if missing := sorted(set(provinces) - set(shares.index)):
        raise DataFileError("demand.no_shares", provinces=missing)
    shares = shares.loc[provinces]
    return shares.div(shares.sum(axis=1), axis=0)


def _totals(landed: pd.DataFrame) -> tuple[LandingTotal, ...]:
    """A year's landings by region: each year of a region with one landing place, else a sum."""
    whole = landed[(landed["measure"] == "deported") & (landed["months"] >= _SHORTEST_MONTHS)]
    whole = whole.assign(yearly=whole["value"] * 12.0 / whole["months"])
    by = ["region", "place_code", "year", "kind", "period", *_SUBJECT]
    sums = whole.groupby(by)["yearly"].sum().reset_index()
    # a total and the rows that it contains are one figure, the larger
    years = sums.groupby(["region", "place_code", "year"])["yearly"].max()
    totals = []
    for region, of_region in years.groupby("region"):
        places = of_region.groupby("place_code")
        if places.ngroups == 1:
            totals += [LandingTotal(str(region), float(v), _FULL_KAPPA) for v in of_region]
        else:
            totals.append(LandingTotal(str(region), float(places.mean().sum()), _SUM_KAPPA))
    return tuple(totals)


def _splits(landed: pd.DataFrame) -> tuple[LandingSplit, ...]:
    """Landings by province of origin, two provinces at least.

    A table for each place, year and measure. A sample that a year's count contains is a table of
    its own, and taken off the year's, so that nobody is in two.
    """
    rows = _by_province(landed[landed["origin_code"] != ""])
    values = rows.set_index("id")["value"]
    in_samples = [values[values.index.isin(set(ids.split(" ; ")) - {""})].sum()
                 for ids in rows["contains"]]  # fmt: skip
    year = rows["year"].where(rows["years"] == 0, 0)  # pooled rows: one table for all years
    rows = rows.assign(value=rows["value"] - in_samples, year=year)
    by = ["region", "place_code", "year", "measure", *_SUBJECT]
    tables = rows.groupby([*by, "origin_code"])["value"].sum()
    return tuple(
        LandingSplit(str(key[0]), {str(cell[-1]): float(v) for cell, v in table.items()})
        for key, table in tables.groupby(by)
        if len(table) > 1 and table.sum() > 0
    )


def _by_province(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by province of origin: those by home regency are added up, unless they are in one."""
    of_regency = rows["origin_code"].str.len() == _REGENCY
    if not of_regency.any():
        return rows
    by = ["region", "place_code", "year", "measure", *_SUBJECT, "origin_code"]
    parts = rows[of_regency].assign(origin_code=rows["origin_code"].str[:2])
    sums = parts.assign(value=parts.groupby(by)["value"].transform("sum")).drop_duplicates(by)
    whole = pd.concat([rows[~of_regency], sums])
    return whole.sort_values("value").drop_duplicates([*by, "period"], keep="last").sort_index()


def _homes(dataset: Dataset, rows: pd.DataFrame) -> dict[str, tuple[HomeCounts, ...]]:
    """Tables by home regency, of each province: the years of a measure are added up."""
    tables = []
    for measure, stock in _AT_HOME.items():
        of_measure = _victims(rows) if measure == _VICTIMS else rows[rows["measure"] == measure]
        at_home = of_measure[of_measure["place_code"].str.len() == _REGENCY]
        tables += _by_subject(at_home, "place_code", measure, stock=stock)
    for measure, stock in _OF_ORIGIN.items():
        of_origin = rows[(rows["measure"] == measure) & (rows["origin_code"].str.len() == _REGENCY)]
        tables += _by_subject(of_origin, "origin_code", measure, stock=stock)
    values = dataset.indicators
    for indicator in _STOCK_INDICATORS:
        of_indicator = values[
            (values["indicator"] == indicator) & (values["area_code"].str.len() == _REGENCY)
        ]
        tables.append((_by_home(of_indicator, "area_code"), True, indicator))
    homes: dict[str, list[HomeCounts]] = {}
    for table, stock, name in tables:
        for province, part in table.groupby(table.index.str[:2]):
            if np.count_nonzero(part["value"]) > 1:
                homes.setdefault(str(province), []).append(
                    HomeCounts(part["value"], stock, part["variance"], name)
                )
    return {province: tuple(of_province) for province, of_province in homes.items()}


def _victims(rows: pd.DataFrame) -> pd.DataFrame:
    """Victims by place and year: all, else by sex; else what an office counts in their place."""
    found = rows[rows["measure"] == _VICTIMS]
    for measures in (_VICTIMS_BY_SEX, *((case,) for case in _CASES)):
        other = rows[rows["measure"].isin(measures)]
        known = pd.MultiIndex.from_frame(found[["place_code", "year"]])
        fresh = ~pd.MultiIndex.from_frame(other[["place_code", "year"]]).isin(known)
        found = pd.concat([found, other[fresh]])
    return found


def _by_subject(
    rows: pd.DataFrame, column: str, name: str, *, stock: bool
) -> list[tuple[pd.DataFrame, bool, str]]:
    return [(_by_home(part, column), stock, name) for _, part in rows.groupby(_SUBJECT)]


def _by_home(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows.groupby(column)[["value", "variance"]].sum()
