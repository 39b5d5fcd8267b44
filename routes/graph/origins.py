"""Origins: villages of the pilot provinces, the seat of the regency elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd

from geo.codes import CODE_LENGTHS
from geo.dataset import Dataset
from geo.errors import InputError
from geo.imports.overlay import IMPORTED
from routes.graph.roads import distances_km

__all__ = [
    "ORIGIN_LEVELS",
    "PILOT_PROVINCES",
    "OriginLevel",
    "allocate_population",
    "district_hubs",
    "origin_points",
    "pilot_provinces",
    "settlement_districts",
    "usual_population",
]  # fmt: skip

PILOT_PROVINCES = ("21", "53", "65")
"""Kepulauan Riau, NTT, Kalimantan Utara; sorted, since they are part of a build's name."""

OriginLevel = Literal["village", "district", "seat"]
ORIGIN_LEVELS: tuple[OriginLevel, ...] = ("village", "district", "seat")
"""What the origins of a pilot province may be."""

_MOST_IN_TOWNS = 0.8
"""Largest part of a regency's people in the towns that the gazetteer knows."""

_COLUMNS = [
    "node", "name", "kind", "lat", "lon", "population", "regency_code", "province_code",
    "district_code",
]  # fmt: skip


def origin_points(
    dataset: Dataset,
    *,
    level: OriginLevel = "village",
    pilots: Collection[str] = PILOT_PROVINCES,
) -> pd.DataFrame:
    """Origins of the model, each with its part of the people of its regency.

    In the pilot provinces every village with a point, or every district with one; elsewhere, and
    with ``level="seat"`` everywhere, the seat of each regency: the point of ``dataset.seats``.
    Imported villages are origins like those of the pilot provinces. Where no points of villages are
    loaded, the settlements of the pilot provinces stand for them.

    Parameters
    ----------
    level : {"village", "district", "seat"}
        What the pilot provinces, and regencies with imported villages, have as origins.
    pilots : collection of str
        Codes of the pilot provinces.

    Returns
    -------
    DataFrame
        ``node`` (``v:<village>``, ``d:<district>``, ``s:<settlement>``, ``r:<regency>``), ``name,
        kind`` (``village``, ``district``, ``settlement`` or ``seat``), ``lat, lon, population``
        (persons; NaN where the regency's is not known), ``regency_code, province_code,
        district_code`` ("" for a seat); one row an origin.

    Raises
    ------
    InputError
        Districts are wanted, and no points of districts are loaded.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> origins = origin_points(load_dataset())
    >>> int((origins["province_code"] == "53").sum())
    3352
    >>> origins.loc[origins["province_code"] == "52", "kind"].unique().tolist()
    ['seat']
    """
    population = dataset.indicators[dataset.indicators["indicator"] == "population"]
    latest = population.sort_values("year").groupby("area_code")["value"].last()
    if level == "seat":
        finest = pd.DataFrame(columns=_COLUMNS)
    else:
        finest = _villages(dataset, pilots)
        usual = usual_population(finest, dataset.settlements, latest)
        finest["population"] = finest["population"].fillna(usual)
    if level == "district":
        finest = _districts(dataset, finest)
    seats = dataset.seats[~dataset.seats["code"].isin(finest["regency_code"].unique())]
    towns = seats[["name", "lat", "lon"]].assign(
        node="r:" + seats["code"], kind="seat", population=np.nan, regency_code=seats["code"],
        district_code="",
    )  # fmt: skip
    table = pd.concat([finest, towns], ignore_index=True) if len(finest) else towns
    table["province_code"] = table["regency_code"].str[: CODE_LENGTHS["province"]]
    table["population"] = allocate_population(table, latest)
    return table[_COLUMNS].reset_index(drop=True)


def allocate_population(origins: pd.DataFrame, regency_population: pd.Series) -> pd.Series:
    """Allocate each regency's population to its origins: the one rule for people and departures.

    Origins with a population, their own or the usual one (:func:`usual_population`), are weighted
    by it, the others by the lower quartile of those of the regency (or equally where none is
    known); the regency's total is preserved.

    Parameters
    ----------
    origins : DataFrame
        ``regency_code, population`` (NaN where unknown).
    regency_population : Series
        Persons by regency code; NaN or absent where unknown.

    Returns
    -------
    Series aligned with ``origins``, persons.

    Examples
    --------
    >>> villages = pd.DataFrame({"regency_code": "53.01", "population": [300.0, np.nan]})
    >>> allocate_population(villages, pd.Series({"53.01": 1000.0})).tolist()
    [500.0, 500.0]
    """
    population, regency = origins["population"], origins["regency_code"]
    population = population.where(population > 0)
    lower_quartile = population.groupby(regency).transform("quantile", 0.25)
    weight = population.fillna(lower_quartile).fillna(1.0)
    share = weight / weight.groupby(regency).transform("sum")
    people: pd.Series = share * regency.map(regency_population).astype(float)
    return people.rename("population")


def usual_population(
    villages: pd.DataFrame, settlements: pd.DataFrame, regency_population: pd.Series
) -> pd.Series:
    """Persons of villages in regencies none of whose villages has a population of its own.

    Towns whose people the gazetteer knows count in their district; the rest of the regency's people
    are in equal parts in its districts, and those of a district in its villages: a highland
    district of many small villages has no more people than one of few large ones.

    Parameters
    ----------
    villages : DataFrame
        ``regency_code, district_code, population`` (NaN where unknown).
    settlements : DataFrame
        ``district_code, population``.
    regency_population : Series
        Persons by regency code.

    Returns
    -------
    Series aligned with ``villages``; NaN in other regencies.

    Examples
    --------
    >>> districts = ["65.03.02", "65.03.05", "65.03.05"]
    >>> villages = pd.DataFrame({"district_code": districts, "regency_code": "65.03"})
    >>> villages["population"] = np.nan
    >>> towns = pd.DataFrame({"district_code": ["65.03.02"], "population": [600.0]})
    >>> usual_population(villages, towns, pd.Series({"65.03": 1000.0})).tolist()
    [800.0, 100.0, 100.0]
    """
    regency, district = villages["regency_code"], villages["district_code"]
    whole = regency.map(regency_population).astype(float)
    known = settlements[settlements["population"] > 0]
    known = known[known["district_code"].isin(district)]
    in_towns = known.groupby("district_code")["population"].sum()
    first = ~district.duplicated()
    town = district.map(in_towns).fillna(0.0)
    all_towns = town.where(first, 0.0).groupby(regency).transform("sum")
    town *= (_MOST_IN_TOWNS * whole / all_towns).clip(upper=1.0).fillna(1.0)
    rest = whole - town.where(first, 0.0).groupby(regency).transform("sum")
    districts = first.groupby(regency).transform("sum")
    persons = (town + rest / districts) / district.map(district.value_counts())
    own = villages["population"].notna().groupby(regency).transform("any")
    return persons.mask(own)


def district_hubs(dataset: Dataset, origins: pd.DataFrame) -> pd.DataFrame:
    """Where the roads of a district's villages meet: ``code, name, lat, lon, regency_code``.

    The point of the district where one is loaded, else the village in the middle of its villages.
    """
    villages = origins[origins["kind"] == "village"]
    points = dataset.districts[dataset.districts["code"].isin(villages["district_code"].unique())]
    points = points.assign(regency_code=points["code"].str[: CODE_LENGTHS["regency"]])
    others = villages[~villages["district_code"].isin(points["code"])]
    if others.empty:
        return points.reset_index(drop=True)
    middle = others.groupby("district_code")[["lat", "lon"]].transform("mean")
    # Degrees of longitude are nearly as long as those of latitude this close to the equator.
    distance = np.hypot(others["lat"] - middle["lat"], others["lon"] - middle["lon"])
    nearest = others.loc[distance.groupby(others["district_code"]).idxmin()]
    nearest = nearest.drop(columns="code", errors="ignore").rename(
        columns={"district_code": "code"}
    )
    return pd.concat([points, nearest[list(points.columns)]], ignore_index=True)


def settlement_districts(settlements: pd.DataFrame) -> pd.DataFrame:
    """District of every settlement, aligned with the rows of ``Dataset.settlements`` given.

    Where the gazetteer's name matches no village, the district is imputed from the nearest
    settlement of the same regency whose district is known and marked ``nearest``.

    Returns
    -------
    DataFrame
        ``district_code`` (empty where no settlement of the regency has one) and ``district_basis``
        (``own``, ``nearest`` or empty).
    """
    code = settlements["district_code"].fillna("").copy()
    basis = pd.Series(np.where(code != "", "own", ""), index=settlements.index)
    for _, group in settlements.assign(known=code != "").groupby("regency_code"):
        donors, missing = group[group["known"]], group[~group["known"]]
        if donors.empty or missing.empty:
            continue
        i, j = np.divmod(np.arange(len(missing) * len(donors)), len(donors))
        km = distances_km(missing.iloc[i], donors.iloc[j]).reshape(len(missing), len(donors))
        code.loc[missing.index] = donors["district_code"].to_numpy()[km.argmin(axis=1)]
        basis.loc[missing.index] = "nearest"
    return pd.DataFrame({"district_code": code, "district_basis": basis})


def pilot_provinces(dataset: Dataset, codes: Collection[str]) -> tuple[str, ...]:
    """The pilot provinces and those of ``codes``, sorted, each once.

    Raises
    ------
    InputError
        A code is that of no province.
    """
    provinces = set(dataset.areas.loc[dataset.areas["level"] == "province", "code"])
    for code in codes:
        if code not in provinces:
            raise InputError("origins.unknown_province", code=code, field="pilot")
    return tuple(sorted({*PILOT_PROVINCES, *codes}))


def _villages(dataset: Dataset, pilots: Collection[str]) -> pd.DataFrame:
    """Villages with a point, or settlements in a regency without such points."""
    villages, places = dataset.villages, dataset.settlements
    imported = places["decided_by"] == IMPORTED
    is_imported = villages["code"].isin(places.loc[imported, "village_code"])
    with_points = villages.loc[~is_imported, "regency_code"]
    in_pilot = villages["code"].str[: CODE_LENGTHS["province"]].isin(pilots)
    villages = villages[in_pilot | is_imported]
    settlements = places[
        places["province_code"].isin(pilots)
        & ~places["regency_code"].isin(["", *with_points.unique()])
        & ~imported
    ]
    district = settlement_districts(settlements)["district_code"]
    rows = [
        villages.assign(
            node="v:" + villages["code"], kind="village",
            district_code=villages["code"].str[: CODE_LENGTHS["district"]],
        ),
        settlements.assign(
            node="s:" + settlements["id"], kind="settlement", district_code=district
        ),
    ]  # fmt: skip
    columns = [column for column in _COLUMNS if column != "province_code"]
    return pd.concat([table[columns] for table in rows if len(table)] or [rows[0][columns]])


def _districts(dataset: Dataset, villages: pd.DataFrame) -> pd.DataFrame:
    """Districts of these villages, weighted by them, at their own points."""
    regencies = pd.Series(1.0, villages["regency_code"].unique())
    weight = allocate_population(villages, regencies).groupby(villages["district_code"]).sum()
    points = dataset.districts[dataset.districts["code"].isin(weight.index)]
    without_point = set(villages["regency_code"]) - set(points["code"].str[:5])
    if without_point:
        raise InputError("origins.no_district_points", codes=sorted(without_point), field="origins")
    code = points["code"]
    return points.assign(
        node="d:" + code, kind="district", population=code.map(weight),
        regency_code=code.str[: CODE_LENGTHS["regency"]], district_code=code,
    )  # fmt: skip
