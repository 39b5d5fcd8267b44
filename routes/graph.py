"""The multimodal graph: origins, roads, terminals, legs, destinations, as one networkx object."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod

from geo.coast import load_coast
from geo.dataset import Dataset
from routes.costs import CostParameters, generalised_hours, road_hours
from routes.origins import origin_points

__all__ = ["NEAREST_TERMINALS", "build_graph"]

NEAREST_TERMINALS = 25
"""Road links per origin: with 6, two origins in five lose their cheapest way; with 25 few do."""

_BOATS_KM = 60.0
"""An island without a terminal is linked by assumed local boats to terminals this near ..."""
_PIONEER_KM = 500.0
"""... and, where there is none, by an assumed pioneer ship to the nearest within this distance."""
_BOAT_KMH = 15.0
_SHIP_KMH = 18.0
_GEOD = Geod(ellps="WGS84")


def build_graph(dataset: Dataset, *, parameters: CostParameters | None = None) -> nx.DiGraph:
    """Build the graph of the whole dataset.

    Nodes are origins (``s:<settlement>``, ``r:<regency>``), terminals and destinations, with
    ``kind``, ``name``, ``lon``, ``lat``, ``area_code``; destinations also have ``utility`` (nats,
    0 until calibrated). Edges have ``mode``, ``hours`` (generalised cost), ``time_h``,
    ``fare_idr``, ``length_km``, ``official``, ``assumed`` and, for curated legs, ``leg_id``.

    - Curated legs join terminals; of several legs between the same two, the cheapest is the edge.
    - Terminals on the same island and in the same country are joined by road along their Gabriel
      graph: sparse, connected, and no road crosses water or a border.
    - Each origin has road links to its 25 nearest terminals by cost on the same island and in
      Indonesia; on an island without one, local boats to the three nearest within 60 km, else a
      pioneer ship to the nearest within 500 km, marked assumed. What is left over has no link and
      is reported by the model as stranded.
    """
    parameters = parameters or CostParameters()
    origins = origin_points(dataset)
    terminals = dataset.terminals.assign(island="")
    terminals["island"], origins["island"] = _islands(dataset, terminals, origins)
    graph = nx.DiGraph(parameters=parameters)
    _add_terminals(graph, terminals)
    for row in dataset.destinations.itertuples(index=False):
        graph.add_node(
            row.id, kind="destination", name=row.name, lon=row.lon, lat=row.lat,
            area_code=row.area_code, country=row.country, utility=0.0, hazard=row.hazard,
        )  # fmt: skip
    _add_legs(graph, dataset.legs, parameters)
    _add_terminal_roads(graph, terminals, parameters)
    _add_access(graph, dataset.access, parameters)
    _add_origins(graph, origins, terminals, parameters)
    return graph


def _islands(dataset: Dataset, *tables: pd.DataFrame) -> list[pd.Series]:
    """Land unit of every row: the island it lies on, islands joined by bridges being one.

    A place outside the coastline's window (Jeddah, Hong Kong) is a unit of its own.
    """
    coast = load_coast(dataset.land)
    joined = nx.Graph()
    for bridge in dataset.bridges.itertuples(index=False):
        joined.add_edge(
            coast.island_of(bridge.lat_a, bridge.lon_a), coast.island_of(bridge.lat_b, bridge.lon_b)
        )
    unit = {island: min(part) for part in nx.connected_components(joined) for island in part}

    def find(lat: float, lon: float, row: int) -> str:
        island = coast.island_of(lat, lon) or f"alone-{row}"
        return str(unit.get(island, island))

    return [
        pd.Series(map(find, table["lat"], table["lon"], table.index), index=table.index)
        for table in tables
    ]


def _add_terminals(graph: nx.DiGraph, terminals: pd.DataFrame) -> None:
    for row in terminals.itertuples(index=False):
        graph.add_node(
            row.id, kind=row.kind, name=row.name, lon=row.lon, lat=row.lat, place=row.place,
            area_code=row.area_code, country=row.country, island=row.island,
        )  # fmt: skip


def _add_edge(graph: nx.DiGraph, u: str, v: str, **attributes: object) -> None:
    """Add a leg, or keep the cheaper of two between the same nodes."""
    present = graph.edges.get((u, v))
    if present is None or attributes["hours"] < present["hours"]:
        graph.add_edge(u, v, **attributes)


def _add_legs(graph: nx.DiGraph, legs: pd.DataFrame, parameters: CostParameters) -> None:
    country = dict(graph.nodes(data="country"))
    abroad = (legs["from_id"].map(country) == "ID") & (legs["to_id"].map(country) != "ID")
    cost = generalised_hours(legs.assign(abroad=abroad), parameters)
    for leg, g in zip(legs.itertuples(index=False), cost.itertuples(index=False), strict=True):
        _add_edge(
            graph, leg.from_id, leg.to_id, mode=leg.mode, hours=g.hours, time_h=g.time_h,
            fare_idr=g.fare_idr, length_km=leg.length_km, leg_id=leg.id,
            official=leg.official == "yes", assumed=leg.assumed == "yes",
        )  # fmt: skip


def _road(
    graph: nx.DiGraph, u: str, v: str, straight_km: float, parameters: CostParameters
) -> None:
    time, fare = road_hours(np.array([straight_km]), parameters)
    _add_edge(
        graph, u, v, mode="road", hours=float(time[0] + fare[0] / parameters.value_of_time_idr_h),
        time_h=float(time[0]), fare_idr=float(fare[0]),
        length_km=straight_km * parameters.road_detour, official=True, assumed=True,
    )  # fmt: skip


def _add_terminal_roads(
    graph: nx.DiGraph, terminals: pd.DataFrame, parameters: CostParameters
) -> None:
    for _, group in terminals.groupby(["island", "country"]):
        ids = group["id"].to_list()
        km = _distances(group, group)
        for a, b in combinations(range(len(ids)), 2):
            # Gabriel: joined unless a third terminal lies inside the circle over a and b.
            if not (km[a] ** 2 + km[b] ** 2 < km[a, b] ** 2 * (1 - 1e-9)).any():
                _road(graph, ids[a], ids[b], float(km[a, b]), parameters)
                _road(graph, ids[b], ids[a], float(km[a, b]), parameters)


def _add_access(graph: nx.DiGraph, access: pd.DataFrame, parameters: CostParameters) -> None:
    for row in access.itertuples(index=False):
        here, there = graph.nodes[row.terminal_id], graph.nodes[row.destination_id]
        _, _, metres = _GEOD.inv(here["lon"], here["lat"], there["lon"], there["lat"])
        fare = metres / 1000 * parameters.fare_idr_km[row.mode]
        fare = fare if np.isnan(row.fare_idr) else row.fare_idr
        # Who walks on from a border post leaves the country here.
        leaves = here["country"] == "ID" and there["country"] != "ID"
        time = row.hours + (parameters.border_h[row.mode] if leaves else 0.0)
        _add_edge(
            graph, row.terminal_id, row.destination_id, mode=row.mode,
            hours=time + fare / parameters.value_of_time_idr_h, time_h=time, fare_idr=fare,
            length_km=metres / 1000, official=here["kind"] != "unofficial",
            assumed=row.confidence == "low",
        )  # fmt: skip


def _add_origins(
    graph: nx.DiGraph, origins: pd.DataFrame, terminals: pd.DataFrame, parameters: CostParameters
) -> None:
    for row in origins.itertuples(index=False):
        graph.add_node(
            row.node, kind=row.kind, name=row.name, lon=row.lon, lat=row.lat,
            area_code=row.regency_code, country="ID",
        )  # fmt: skip
    home = terminals[terminals["country"] == "ID"]
    by_island = dict(tuple(home.groupby("island")))
    for island, group in origins.groupby("island"):
        near = by_island.get(island)
        if near is None:
            _boats(graph, group, home, parameters)
            continue
        km = _distances(group, near)
        keep = np.argsort(km, axis=1, kind="stable")[:, :NEAREST_TERMINALS]
        nodes, ids = group["node"].to_list(), near["id"].to_list()
        for i, choice in enumerate(keep):
            for j in choice:
                _road(graph, nodes[i], ids[j], float(km[i, j]), parameters)


def _boats(
    graph: nx.DiGraph, origins: pd.DataFrame, terminals: pd.DataFrame, parameters: CostParameters
) -> None:
    """Assumed boats from an island without a terminal of its own."""
    sea = terminals[terminals["kind"].isin(["seaport", "ferry"])]
    km = _distances(origins, sea)
    nearest = np.argsort(km, axis=1, kind="stable")[:, :3]
    links = [
        (i, j, "small_boat", _BOAT_KMH)
        for i, choice in enumerate(nearest)
        for j in choice
        if km[i, j] <= _BOATS_KM
    ]
    linked = {i for i, *_ in links}
    links += [
        (i, nearest[i, 0], "passenger_ship", _SHIP_KMH)
        for i in range(len(origins))
        if i not in linked and km[i, nearest[i, 0]] <= _PIONEER_KM
    ]
    if not links:
        return
    rows, columns, modes, speeds = map(list, zip(*links, strict=True))
    length = km[rows, columns]
    cost = generalised_hours(
        pd.DataFrame(
            {
                "mode": modes,
                "hours": length / np.array(speeds),
                "length_km": length,
                "departures_per_week": np.nan,
                "fare_idr": np.nan,
                "fare_year": np.nan,
            }
        ),
        parameters,
    )
    nodes, ids = origins["node"].to_list(), sea["id"].to_list()
    for (i, j, mode, _), g, far in zip(links, cost.itertuples(index=False), length, strict=True):
        _add_edge(
            graph, nodes[i], ids[j], mode=mode, hours=g.hours, time_h=g.time_h,
            fare_idr=g.fare_idr, length_km=float(far), official=True, assumed=True,
        )  # fmt: skip


def _distances(rows: pd.DataFrame, columns: pd.DataFrame) -> NDArray[np.float64]:
    """Geodesic distances in km, shape (len(rows), len(columns))."""
    shape = (len(rows), len(columns))
    lon1 = np.repeat(rows["lon"].to_numpy(), shape[1])
    lat1 = np.repeat(rows["lat"].to_numpy(), shape[1])
    lon2 = np.tile(columns["lon"].to_numpy(), shape[0])
    lat2 = np.tile(columns["lat"].to_numpy(), shape[0])
    _, _, metres = _GEOD.inv(lon1, lat1, lon2, lat2)
    return np.asarray(metres).reshape(shape) / 1000.0
