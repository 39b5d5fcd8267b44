"""Positions and series held against a second list: airports, villages, the year before.

What disagrees is a fault unless its row says why: a coordinate of its own in the note of an airport
(``coord: ...``), ``jump explained: ...`` in that of an indicator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import KDTree

from geo.i18n import Message

__all__ = ["jumps", "misplaced_airports", "outside_regency"]

AIRPORT_KM = 3.0
OUTSIDE_KM = 5.0
OUTSIDE_RATIO = 3.0
"""Outside: the nearest village of the own regency is this far off, and this many times as far as
the nearest of another. Village points are middles of areas, so that less says nothing."""

JUMPS: Mapping[str, float] = {"percent": 5.0, "index": 2.0}
"""Step from one source to the next, over the root of the years between, that one series does not
make: above the 95th and 98th of 100 steps between sources in the embedded table."""

_EARTH_KM = 6371.0
_WGS84 = Geod(ellps="WGS84")


def misplaced_airports(terminals: pd.DataFrame, airports: pd.DataFrame) -> Iterator[Message]:
    """Airports more than :data:`AIRPORT_KM` from where a list of airports has them.

    Parameters
    ----------
    terminals : DataFrame
        ``id, iata, lat, lon, note``.
    airports : DataFrame
        ``iata, lat, lon``.

    Examples
    --------
    >>> listed = pd.DataFrame({"iata": ["KOE"], "lat": [-10.17], "lon": [123.67]})
    >>> found = misplaced_airports(listed.assign(id="el-tari", note="", lat=-10.27), listed)
    >>> [f"{fault.params['km']:.0f} km" for fault in found]
    ['11 km']
    """
    own = terminals[(terminals["iata"] != "") & ~terminals["note"].str.contains("coord: ")]
    pairs = own.merge(airports, on="iata", suffixes=("", "_listed"))
    km = _WGS84.inv(*pairs[["lon", "lat", "lon_listed", "lat_listed"]].to_numpy(float).T)[2] / 1e3
    for name, distance in zip(pairs["id"], km, strict=True):
        if distance > AIRPORT_KM:
            yield Message("data_fault.airport", {"id": name, "km": float(distance)})


def outside_regency(
    table: str, places: pd.DataFrame, codes: pd.Series[str], villages: pd.DataFrame
) -> Iterator[Message]:
    """Places that lie among the villages of another regency than their own.

    Parameters
    ----------
    table : str
        Its name, for the message.
    places : DataFrame
        ``id, lat, lon``.
    codes : Series of str
        Regency of each place, aligned with ``places``; others are skipped.
    villages : DataFrame
        ``regency_code, lat, lon``; without rows nothing is found.
    """
    if villages.empty:
        return
    points, regencies = _xyz_km(villages), villages["regency_code"].to_numpy(str)
    near_km, nearest = KDTree(points).query(_xyz_km(places))
    own_tree: dict[str, KDTree] = {}
    for place, code, other_km, other in zip(
        places[["id", "lat", "lon"]].to_dict("records"), codes, near_km, nearest, strict=True
    ):
        if regencies[other] == code or code not in regencies:
            continue
        if code not in own_tree:
            own_tree[code] = KDTree(points[regencies == code])
        own_km = float(own_tree[code].query(_xyz_km(pd.DataFrame([place])))[0][0])
        if own_km > OUTSIDE_KM and own_km > OUTSIDE_RATIO * other_km:
            params: dict[str, Any] = {"table": table, "id": place["id"], "area": code}
            yield Message("data_fault.outside", params | {"among": str(regencies[other])})


def jumps(indicators: pd.DataFrame) -> Iterator[Message]:
    """Values that no single series takes: a jump (:data:`JUMPS`) where the source changes.

    Examples
    --------
    >>> rows = {"area_code": "53", "indicator": "birth_certificate_share", "unit": "percent"}
    >>> years = pd.DataFrame({"year": [2020.0, 2022.0], "value": [76.67, 69.47]})
    >>> mixed = years.assign(**rows, table=["registry", "survey"], note="")
    >>> [int(fault.params["year"]) for fault in jumps(mixed)]
    [2022]
    """
    rows = indicators[indicators["unit"].isin(JUMPS)]
    rows = rows.sort_values(["area_code", "indicator", "year"])
    series = rows.groupby(["area_code", "indicator"])
    step = series["value"].diff().abs() / np.sqrt(series["year"].diff())
    other_source = rows["table"] != series["table"].shift()
    unexplained = ~rows["note"].str.contains("jump explained: ")
    found = rows[(step > rows["unit"].map(JUMPS)) & other_source & unexplained]
    for row in found[["area_code", "indicator", "year", "value"]].to_dict("records"):
        yield Message("data_fault.jump", {str(key): value for key, value in row.items()})


def _xyz_km(places: pd.DataFrame) -> NDArray[np.float64]:
    lat, lon = np.radians(places[["lat", "lon"]].to_numpy(float).T)
    return _EARTH_KM * np.column_stack(
        [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    )
