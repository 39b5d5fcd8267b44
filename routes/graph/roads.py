"""Links without a timetable: roads between terminals, roads and local boats from origins.

All of them are assumed: the straight line times a detour, until a road network is imported.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.coast import GEOD
from geo.modes import mode_of
from geo.sphere import on_sphere
from routes.graph.coasts import COAST
from routes.graph.costs import CostParameters, generalised_hours, road_hours

__all__ = [
    "distances_km", "hub_roads", "origin_links", "road_edges", "roads_ahead", "terminal_roads",
]  # fmt: skip

Floats = NDArray[np.float64]

_BOATS_KM = 60.0
"""An island without a terminal is linked by assumed local boats to terminals this near ..."""
_PIONEER_KM = 500.0
"""... and, where there is none, by an assumed pioneer ship to the nearest within this distance."""
_SHIP_KMH = 18.0
_CHUNK = 4_096
_FIRST_KM = 1e6
"""Subtracted from the distance of a terminal on the cheapest way to some destination."""
_SLACK_H = 1e-9
"""Differences of onward costs below this are rounding."""


def distances_km(starts: pd.DataFrame, ends: pd.DataFrame) -> Floats:
    """Geodesic distance between the rows of two tables of equal length with ``lat, lon``."""
    coordinates = [
        frame[axis].to_numpy(float) for frame in (starts, ends) for axis in ("lon", "lat")
    ]
    _, _, metres = GEOD.inv(*coordinates)
    return np.asarray(metres, dtype=float) / 1000.0


def _matrix_km(rows: pd.DataFrame, columns: pd.DataFrame) -> Floats:
    """Geodesic distances, shape (len(rows), len(columns))."""
    i, j = np.divmod(np.arange(len(rows) * len(columns)), max(len(columns), 1))
    return distances_km(rows.iloc[i], columns.iloc[j]).reshape(len(rows), len(columns))


def _nearest(
    rows: pd.DataFrame, columns: pd.DataFrame, count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Pairs of each row with its ``count`` nearest columns, and their distances in km."""
    count = min(count, len(columns))
    _, nearest = cKDTree(_on_sphere(columns)).query(_on_sphere(rows), k=np.arange(1, count + 1))
    i, j = np.repeat(np.arange(len(rows)), count), np.asarray(nearest, dtype=np.intp).ravel()
    return i, j, distances_km(rows.iloc[i], columns.iloc[j])


def _on_sphere(places: pd.DataFrame) -> Floats:
    return on_sphere(places["lat"].to_numpy(float), places["lon"].to_numpy(float))


def _cheapest(
    rows: pd.DataFrame,
    columns: pd.DataFrame,
    onward: Floats,
    count: int,
    parameters: CostParameters,
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Pairs of each row with ``count`` columns: the cheapest to each end, then the nearest.

    Parameters
    ----------
    onward : array, shape (len(columns), ends)
        Least cost from each column to each end, hours; infinite where there is no way.
    """
    if len(columns) <= count:
        km = _matrix_km(rows, columns).ravel()
        i, j = np.divmod(np.arange(len(km)), len(columns))
        return i, j, km
    chosen = []
    for first in range(0, len(rows), _CHUNK):
        km = _matrix_km(rows.iloc[first : first + _CHUNK], columns)
        time, fare = road_hours(km, parameters)
        hours = time + fare / parameters.value_of_time_idr_h
        rank = km.copy()
        row = np.arange(len(km))
        for end in range(onward.shape[1]):
            best = np.argmin(hours + onward[:, end], axis=1)
            rank[row, best] = km[row, best] - _FIRST_KM
        order = np.argsort(rank, axis=1, kind="stable")[:, :count]
        chosen.append(
            (first + np.repeat(row, count), order.ravel(), np.take_along_axis(km, order, 1).ravel())
        )
    i, j, distance = (np.concatenate(part) for part in zip(*chosen, strict=True))
    return i, j, distance


def road_edges(
    u: object, v: object, straight_km: Floats, parameters: CostParameters
) -> pd.DataFrame:
    """Edges of assumed roads between places at these straight-line distances."""
    time, fare = road_hours(straight_km, parameters)
    return pd.DataFrame(
        {
            "u": u,
            "v": v,
            "mode": "road",
            "hours": time + fare / parameters.value_of_time_idr_h,
            "time_h": time,
            "fare_idr": fare,
            "length_km": straight_km * parameters.road_detour,
            "official": True,
            "assumed": True,
        }
    )


def terminal_roads(terminals: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    """Roads both ways along the Gabriel graph of the terminals of each land unit and country.

    Two terminals are joined unless a third lies inside the circle over them: sparse, connected,
    and no road crosses water or a border. Abroad official and unofficial ones are not joined: each
    belongs to a layer of its own (:mod:`routes.graph.layers`).

    Parameters
    ----------
    terminals : DataFrame
        ``id, lat, lon, island, country, kind``.
    """
    roads = []
    beyond = (terminals["country"] != "ID") & (terminals["kind"] == "unofficial")
    for _, group in terminals.groupby(["island", "country", beyond]):
        km = _matrix_km(group, group)
        squared = km**2
        ids = group["id"].to_numpy()
        for a in range(len(ids) - 1):
            later = np.arange(a + 1, len(ids))
            between = squared[a] + squared[later] < squared[a, later][:, None] * (1 - 1e-9)
            joined = later[~between.any(axis=1)]
            roads.append(road_edges(ids[a], ids[joined], km[a, joined], parameters))
            roads.append(road_edges(ids[joined], ids[a], km[a, joined], parameters))
    return pd.concat(roads, ignore_index=True) if roads else pd.DataFrame()


def roads_ahead(roads: pd.DataFrame, ids: pd.Series, onward: Floats) -> pd.DataFrame:
    """Efficient roads between terminals (Dial 1971): those that lead nearer to some destination.

    The others would only carry people back and forth. Every least-cost path is kept: along it the
    remaining cost only falls.

    Parameters
    ----------
    roads : DataFrame
        ``u, v``, as of :func:`terminal_roads`.
    ids : Series
        Terminals, in the order of ``onward``.
    onward : array, shape (terminals, destinations)
        Least cost from each terminal to each destination, hours.
    """
    if roads.empty:
        return roads
    names = pd.Index(ids)
    cost_at_start, cost_at_end = (onward[names.get_indexer(roads[end])] for end in ("u", "v"))
    return roads[(cost_at_end < cost_at_start - _SLACK_H).any(axis=1)]


def hub_roads(
    origins: pd.DataFrame, hubs: pd.DataFrame, parameters: CostParameters
) -> pd.DataFrame:
    """Road from each origin to the hub of its district, where both stand on the same land.

    Parameters
    ----------
    origins : DataFrame
        ``node, lat, lon, island, district_code``.
    hubs : DataFrame
        ``node, lat, lon, island``; the node of a district is ``h:<code>``.
    """
    ends = hubs.set_index("node").reindex("h:" + origins["district_code"])
    same_land = ends["island"].to_numpy() == origins["island"].to_numpy()
    starts, ends = origins[same_land], ends[same_land]
    km = distances_km(starts, ends)
    return road_edges(starts["node"].to_numpy(), ends.index.to_numpy(), km, parameters)


def origin_links(
    origins: pd.DataFrame,
    terminals: pd.DataFrame,
    onward: Floats,
    parameters: CostParameters,
    *,
    nearest: int,
) -> pd.DataFrame:
    """Links of origins or hubs to terminals.

    By road to ``nearest`` terminals on the same land: those on the cheapest way to each destination
    and then the nearest. Where there is none but landings, local boats as well to the three nearest
    sea terminals within 60 km, else a pioneer ship to the nearest within 500 km: people of an
    island go ashore whether or not a landing is on record there.

    Parameters
    ----------
    origins : DataFrame
        ``node, lat, lon, island``.
    terminals : DataFrame
        ``id, kind, lat, lon, island``: those with an onward leg.
    onward : array, shape (len(terminals), destinations)
        Least cost from each terminal to each destination, hours.
    """
    by_island = dict(tuple(terminals.groupby("island")))
    row = pd.Series(np.arange(len(terminals)), index=terminals.index)
    sea = terminals[terminals["kind"].isin(["seaport", "ferry"])]
    links, without_terminal = [], []
    for island, group in origins.groupby("island"):
        near = by_island.get(island)
        if near is None or (near["kind"] == COAST).all():
            without_terminal.append(group)
        if near is None:
            continue
        i, j, km = _cheapest(group, near, onward[row[near.index]], nearest, parameters)
        nodes, ids = group["node"].to_numpy(), near["id"].to_numpy()
        links.append(road_edges(nodes[i], ids[j], km, parameters))
    if without_terminal and len(sea):
        links.append(_boats(pd.concat(without_terminal), sea, parameters))
    return pd.concat(links, ignore_index=True) if links else pd.DataFrame()


def _boats(origins: pd.DataFrame, sea: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    i, j, km = _nearest(origins, sea, 3)
    boat = km <= _BOATS_KM
    first = np.arange(len(i)) % min(3, len(sea)) == 0
    boats = np.bincount(i, boat, minlength=len(origins))
    ship = first & (km <= _PIONEER_KM) & (boats[i] == 0)
    linked = boat | ship
    i, j, km, boat = i[linked], j[linked], km[linked], boat[linked]
    legs = pd.DataFrame(
        {
            "u": origins["node"].to_numpy()[i],
            "v": sea["id"].to_numpy()[j],
            "mode": np.where(boat, "small_boat", "passenger_ship"),
            "hours": km / np.where(boat, mode_of("small_boat").speed_kmh, _SHIP_KMH),
            "length_km": km,
            "departures_per_week": np.nan,
            "fare_idr": np.nan,
            "fare_year": np.nan,
        }
    )
    cost = generalised_hours(legs, parameters)
    legs = legs[["u", "v", "mode", "length_km"]].assign(official=True, assumed=True)
    return legs.join(cost)
