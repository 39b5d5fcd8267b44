"""Corridors below the police tier: pairs of areas with a class, never a path or a number.

A pair is scored like a corridor (:mod:`routes.corridors.risk`), from all people who go from the
first area to the second by any way. Its line is a way that everyone may know
(:mod:`layers.release.official_ways`), whoever goes along it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geo.classes import NOT_ASSESSED
from routes.corridors.risk import risk_class, risk_score

__all__ = ["corridor_pairs"]

_LEAST_PERSONS = 1.0
"""Pairs with a smaller expected flow a year are not shown."""
_MEANS = ["vulnerability", "hazard"]
_INTERVAL = ("p05", "p95")
_COLUMNS = [
    "id", "name", "class", "class_low", "class_high", "origin_code", "origin_name",
    "province_code", "destination_code", "destination_name", "geometry",
]  # fmt: skip
_PUBLIC_CLASS: Mapping[str, str] = MappingProxyType({"very_low": "low", "very_high": "high"})
"""Classes that the public sees as another."""
_COUNTRY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "AE": "Uni Emirat Arab", "BH": "Bahrain", "BN": "Brunei Darussalam", "HK": "Hong Kong",
        "ID": "Indonesia", "JO": "Yordania", "KH": "Kamboja", "KW": "Kuwait", "LA": "Laos",
        "MM": "Myanmar", "MY": "Malaysia", "OM": "Oman", "PH": "Filipina", "QA": "Qatar",
        "SA": "Arab Saudi", "SG": "Singapura", "SY": "Suriah", "TH": "Thailand",
        "TL": "Timor-Leste", "TW": "Taiwan", "VN": "Vietnam",
    }
)  # fmt: skip


_REGION_NAMES: Mapping[str, str] = MappingProxyType(
    {"sabah": "Sabah", "sarawak": "Sarawak", "peninsular_malaysia": "Semenanjung Malaysia"}
)
"""Parts of a country that stand in its place: the ways to them have nothing in common."""


Ways = Callable[[list[tuple[tuple[float, float], list[str], tuple[float, float]]]], list[Any]]


class _Place(NamedTuple):
    """An area or town at an end of a pair, and its seat in degrees."""

    code: str
    name: str
    lon: float
    lat: float


def corridor_pairs(
    pairs: pd.DataFrame, destinations: pd.DataFrame, areas: pd.DataFrame, *, by: str, ways: Ways
) -> pd.DataFrame:
    """Sum flows from regencies to destinations into pairs with a class.

    Parameters
    ----------
    pairs : DataFrame
        ``code`` (regency), ``destination_id``, ``persons_mean, persons_p05, persons_p95`` and, as
        means of those persons, ``vulnerability, hazard``.
    destinations : DataFrame
        ``id, name, country, region, area_code, lat, lon``.
    areas : DataFrame
        ``code, name, lat, lon``: the seats, and ``class``: a pair from an area that is not assessed
        is not assessed either, for nothing on record says how many leave it.
    by : {"province", "regency"}
        Province to province, country or part of Malaysia, in three classes, or regency to regency
        (abroad: to the destination's town) in five.
    ways : callable
        Lines, each from a point to the nearest of the destinations with these ids, else to a point
        (:meth:`layers.release.official_ways.OfficialWays.lines`).

    Returns
    -------
    DataFrame
        ``id, name, class, class_low, class_high, origin_code, origin_name, province_code,
        destination_code, destination_name, geometry``; pairs of fewer than one person a year are
        left out.
    """
    digits = 2 if by == "province" else 5
    seats = {
        str(row.code): _Place(str(row.code), str(row.name), float(row.lon), float(row.lat))
        for row in areas[["code", "name", "lon", "lat"]].itertuples(index=False)
    }
    ends = _destination_ends(destinations, seats, digits=digits)
    unknown = set(areas.loc[areas["class"] == NOT_ASSESSED, "code"])
    places = {end.code: end for end in ends.values()}
    ids: dict[str, list[str]] = defaultdict(list)
    for key, end in ends.items():
        ids[end.code].append(key)
    sums = _sums(pairs, {key: end.code for key, end in ends.items()}, digits=digits)
    means = {name: sums[name] / sums["persons"] for name in _MEANS}

    def label(origin: str, score: float) -> str:
        name = NOT_ASSESSED if origin in unknown else risk_class(score)
        return _PUBLIC_CLASS.get(name, name) if by == "province" else name

    labels = (
        list(map(label, sums["origin"], risk_score(persons=sums[name], **means)))
        for name in ("persons", *_INTERVAL)
    )
    rows = []
    for code, destination, *classes in zip(
        sums["origin"], sums["destination"], *labels, strict=True
    ):
        origin = seats.get(code, _Place(code, code, np.nan, np.nan))
        end = places[destination]
        rows.append(
            (
                f"{code}-{destination}", f"{origin.name} - {end.name}",
                *classes, code, origin.name, code[:2], destination, end.name,
                ((origin.lon, origin.lat), ids[destination], (end.lon, end.lat)),
            )
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.assign(geometry=ways(frame["geometry"].tolist()))


def _sums(pairs: pd.DataFrame, ends: Mapping[str, str], *, digits: int) -> pd.DataFrame:
    """Persons of each pair and the sums of the rest over them, in the order of the codes."""
    frame = pairs[pairs["destination_id"].isin(list(ends)) & (pairs["persons_mean"] > 0)]
    # Sorted first, so that sums do not depend on the order of the rows.
    frame = frame.sort_values(["code", "destination_id"])
    persons = frame["persons_mean"]
    weighted = frame[_MEANS].mul(persons, axis=0).assign(
        persons=persons,
        **{end: frame[f"persons_{end}"] for end in _INTERVAL},
        origin=frame["code"].astype(str).str[:digits],
        destination=frame["destination_id"].astype(str).map(ends),
    )  # fmt: skip
    sums = weighted.groupby(["origin", "destination"]).sum().reset_index()
    return sums[sums["persons"] >= _LEAST_PERSONS]


def _destination_ends(
    destinations: pd.DataFrame, seats: Mapping[str, _Place], *, digits: int
) -> dict[str, _Place]:
    """Destination id -> the area that represents it."""
    ends: dict[str, _Place] = {}
    for row in destinations.sort_values("id").to_dict("records"):
        code, country = str(row["area_code"] or ""), str(row["country"])
        place = _Place(str(row["id"]), str(row["name"]), float(row["lon"]), float(row["lat"]))
        if country == "ID" and code:
            area = code[:digits]
            ends[place.code] = seats.get(area, place._replace(code=area))
        else:
            ends[place.code] = place if digits > 2 else _part_of_country(destinations, row)
    return ends


def _part_of_country(destinations: pd.DataFrame, row: Mapping[Hashable, Any]) -> _Place:
    """One fixed point for a country or part of it: its listed destination nearest to their middle.

    Chosen from the list alone, so it does not move with the flow.
    """
    country, region = str(row["country"]), str(row["region"])
    inside = destinations["country"] == country
    if region in _REGION_NAMES:
        inside &= destinations["region"] == region
    places = destinations[inside].sort_values("id")
    lon, lat = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    nearest = int(np.argmin((lon - lon.mean()) ** 2 + (lat - lat.mean()) ** 2))
    code, name = country, _COUNTRY_NAMES.get(country, country)
    if region in _REGION_NAMES:
        code, name = f"{country}-{region}", _REGION_NAMES[region]
    return _Place(code, name, float(lon[nearest]), float(lat[nearest]))
