"""What the map says of an area: how far it is to help, how remote its island is, who watches there.

Travel time is that of the graph's ways: by road to a target on the same island, or by road to a
terminal, over roads and legs between terminals (sailing, waiting up to a day, boarding), and by
road from the last terminal. Targets stand where their town stands. Roads are those of the imported
network, where there is one and it joins the two.

Offices and task forces are listed for the pilot provinces; elsewhere only single ones are known,
so the time to the nearest *known* one would be wrong, and is left unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from geo.dataset import Dataset
from geo.sphere import arc_km, on_sphere
from routes.costs import CostParameters, road_hours
from routes.islands import land_units
from routes.origins import PILOT_PROVINCES
from routes.road_paths import paths_of

__all__ = [
    "MAIN_ISLAND_SEATS", "OFFICES", "TOWN_PEOPLE", "TRAVEL", "aggregate", "place_indicators",
    "task_force_share", "travel_errors",
]  # fmt: skip

OFFICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hours_to_immigration": ("immigration_office",),
        "hours_to_uptd_ppa": ("uptd_ppa", "p2tp2a"),
        "hours_to_bp3mi": ("bp3mi", "p4mi", "ltsa"),
        "hours_to_police": ("polres", "polda"),
    }
)
"""Which kinds of ``services.csv`` serve for each travel time."""

TOWN_PEOPLE = 20_000.0
"""A settlement with at least as many people counts as a town; every regency seat does."""

MAIN_ISLAND_SEATS = 4
"""An island with at least as many regency seats is a main island."""

TRAVEL = (*OFFICES, "hours_to_town", "island_remoteness")
"""The columns in hours."""

_NEAREST = 25

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


def place_indicators(
    dataset: Dataset, graph: nx.DiGraph, *, parameters: CostParameters | None = None
) -> pd.DataFrame:
    """Indicators of every settlement and regency seat, from the map.

    Parameters
    ----------
    dataset : Dataset
    graph : networkx.DiGraph
        From :func:`routes.graph.build_graph`: its terminals, legs, roads and boats are used.
    parameters : CostParameters, optional
        Speed and detour of roads.

    Returns
    -------
    DataFrame
        Index: node name (``s:<settlement>``, ``r:<regency>``). Columns ``regency_code``,
        ``province_code``, the travel times of :data:`OFFICES`, ``hours_to_town``,
        ``island_remoteness`` (all in hours) and ``village_task_force_share`` (0 or 100); NaN
        where unknown. Straight lines are great circles on the mean sphere (within 0.5 %).
    """
    parameters = parameters or CostParameters()
    places = _places(dataset)
    services = dataset.services[dataset.services["lat"].notna()]
    ways = _Ways(dataset, graph, parameters)
    places["unit"], seat_unit, office_unit = land_units(dataset, [places, dataset.seats, services])
    ways.attach(places)

    out = places[["regency_code", "province_code"]].copy()
    pilot = places["province_code"].isin(PILOT_PROVINCES)
    for column, kinds in OFFICES.items():
        ours = services["kind"].isin(kinds)
        hours = ways.hours_to(services[ours].assign(unit=office_unit[ours]))
        listed = set(services.loc[ours, "area_code"].str[:2]) & set(PILOT_PROVINCES)
        out[column] = pd.Series(hours, index=places.index).where(
            pilot & places["province_code"].isin(listed)
        )
    towns = places[places["is_seat"] | (places["population"] >= TOWN_PEOPLE)]
    out["hours_to_town"] = ways.hours_to(towns)
    # "alone-" is a place beyond the mapped coast: no island is known there
    per_unit = seat_unit.map(seat_unit.value_counts())
    main = per_unit >= MAIN_ISLAND_SEATS
    mains = dataset.seats[main].assign(unit=seat_unit[main])
    on_main = places["unit"].isin(set(mains["unit"]))
    out["island_remoteness"] = np.where(on_main, 0.0, ways.hours_to(mains))
    out["village_task_force_share"] = _task_force(dataset, places)
    return out


def aggregate(
    places: pd.DataFrame, group: pd.Series, weight: pd.Series | None = None
) -> pd.DataFrame:
    """Weighted means of the travel times by group; NaN where no place of the group has one.

    Parameters
    ----------
    places : DataFrame
        From :func:`place_indicators`.
    group : Series
        Code of each place's area, aligned; rows with an empty code are left out.
    weight : Series, optional
        People, aligned; equal where not given. Places without people still count a little, so
        that a group of them has a mean.
    """
    inside = group.notna() & (group != "")
    values = places.loc[inside, list(TRAVEL)]
    mass = pd.Series(1.0, index=values.index)
    if weight is not None:
        mass = weight[inside].fillna(0.0).clip(lower=1e-6)
    code = group[inside]
    top = values.mul(mass, axis=0).groupby(code).sum(min_count=1)
    bottom = values.notna().mul(mass, axis=0).groupby(code).sum()
    means: pd.DataFrame = top / bottom.where(bottom > 0)
    return means


def travel_errors(places: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """Standard error of :func:`aggregate` in hours: places differ, and few are known in some areas.

    The spread of places within an area (pooled over areas of two places and more) over the root
    of the number of places; at least half an hour, for the roads are estimated.
    """
    inside = group.notna() & (group != "")
    values, code = places.loc[inside, list(TRAVEL)], group[inside]
    count = values.notna().groupby(code).sum()
    squares = ((values - values.groupby(code).transform("mean")) ** 2).sum()
    within = np.sqrt(squares / (count - 1).clip(lower=0).sum().clip(lower=1))
    error: pd.DataFrame = (within / np.sqrt(count.where(count > 0))).clip(lower=0.5)
    return error


def task_force_share(dataset: Dataset, level: str) -> pd.Series:
    """Share of an area's villages with a task force or volunteers on record, percent, by code.

    Villages on record are those named; an area of a pilot province with none on record has 0.
    """
    length = {"province": 2, "regency": 5, "district": 8, "village": 13}[level]
    villages = dataset.areas.loc[dataset.areas["level"] == "village", "code"]
    villages = villages[villages.str[:2].isin(PILOT_PROVINCES)]
    named = villages.isin(_named(dataset))
    share: pd.Series = 100.0 * named.groupby(villages.str[:length]).mean()
    return share


def _named(dataset: Dataset) -> set[str]:
    """Codes of the villages named as having one; rows of whole regencies name none."""
    code = dataset.task_forces["area_code"]
    return set(code[code.str.len() == 13])


def _task_force(dataset: Dataset, places: pd.DataFrame) -> pd.Series:
    known = places["province_code"].isin(PILOT_PROVINCES) & (places["village_code"] != "")
    there = places["village_code"].isin(_named(dataset))
    return (100.0 * there).where(known)


def _places(dataset: Dataset) -> pd.DataFrame:
    """Settlements and seats with the columns used here, index: node name."""
    columns = ["name", "lat", "lon", "population", "regency_code", "province_code", "village_code"]
    listed = dataset.settlements[dataset.settlements["regency_code"] != ""]
    settlements = listed[columns].set_axis("s:" + listed["id"]).assign(is_seat=False)
    seats = dataset.seats
    towns = pd.DataFrame(
        {
            "name": seats["name"], "lat": seats["lat"], "lon": seats["lon"],
            "population": np.nan, "regency_code": seats["code"],
            "province_code": seats["code"].str[:2], "village_code": "", "is_seat": True,
        }
    ).set_axis("r:" + seats["code"])  # fmt: skip
    return pd.concat([settlements, towns])


class _Ways:
    """Ways between terminals at home, and from places to them."""

    def __init__(self, dataset: Dataset, graph: nx.DiGraph, parameters: CostParameters) -> None:
        self.parameters = parameters
        self.graph = graph
        self.roads = paths_of(dataset)
        home = dataset.terminals[dataset.terminals["country"] == "ID"].reset_index(drop=True)
        self.terminals = home.assign(unit=land_units(dataset, [home])[0])
        self.index = {name: k for k, name in enumerate(home["id"])}
        rows = [
            (self.index[u], self.index[v], hours)
            for u, v, hours in graph.edges(data="time_h")
            if u in self.index and v in self.index
        ]
        tail, head, hours = (np.array(column) for column in zip(*rows, strict=True))
        self.tail, self.head = tail.astype(np.intp), head.astype(np.intp)
        self.hours = np.maximum(hours.astype(float), 1e-6)  # csgraph takes 0 for no edge
        self.places = pd.DataFrame()
        self.links: tuple[Integers, Integers, Floats] = (tail, head, self.hours)

    def attach(self, places: pd.DataFrame) -> None:
        """Link the places to their nearest terminals by road, and by the graph's boats."""
        self.places = places
        place, terminal, km = _nearest(places, self.terminals, _NEAREST)
        hours = self._by_road(places, self.terminals, (place, terminal), km)
        row = {name: k for k, name in enumerate(places.index)}
        boats = [
            (row[u], self.index[v], hours)
            for u, v, hours in self.graph.edges(data="time_h")
            if u in row and v in self.index
        ]
        if boats:
            more = [np.array(column) for column in zip(*boats, strict=True)]
            place = np.concatenate([place, more[0].astype(np.intp)])
            terminal = np.concatenate([terminal, more[1].astype(np.intp)])
            hours = np.concatenate([hours, more[2].astype(float)])
        self.links = (place, terminal, hours)

    def _by_road(
        self, here: pd.DataFrame, there: pd.DataFrame, pairs: tuple[Integers, Integers], km: Floats
    ) -> Floats:
        """Hours by road of pairs of rows, ``km`` apart: on the imported network where it can be."""
        hours = road_hours(km, self.parameters)[0]
        if self.roads is None:
            return hours
        first, last = (table.rename(columns={"unit": "island"}) for table in (here, there))
        along, _ = self.roads.between(first, last, pairs, km)
        return np.where(np.isfinite(along), along, hours)

    def hours_to(self, targets: pd.DataFrame) -> Floats:
        """Hours from every place to the nearest target (``lat, lon, unit``); NaN without a way."""
        out = np.full(len(self.places), np.inf)
        if not len(targets):
            return np.full(len(self.places), np.nan)
        row, column, km = _nearest(self.places, targets, 1)
        out[row] = self._by_road(self.places, targets, (row, column), km)
        count = len(self.terminals)
        last, column, km = _nearest(self.terminals, targets, 1)
        onward = self._by_road(self.terminals, targets, (last, column), km)
        onward = np.maximum(onward, 1e-6)
        # turned round: from one source beyond all targets to every terminal
        matrix = csr_array(
            (
                np.concatenate([self.hours, onward]),
                (
                    np.concatenate([self.head, np.full(len(last), count)]),
                    np.concatenate([self.tail, last]),
                ),
            ),
            shape=(count + 1, count + 1),
        )
        from_terminal = dijkstra(matrix, indices=count)[:count]
        place, terminal, first = self.links
        np.minimum.at(out, place, first + from_terminal[terminal])
        return np.where(np.isfinite(out), out, np.nan)


def _nearest(
    rows: pd.DataFrame, columns: pd.DataFrame, count: int
) -> tuple[Integers, Integers, Floats]:
    """Up to ``count`` nearest columns on the same land unit: row, column, distance in km."""
    found: list[tuple[Integers, Integers, Floats]] = []
    points = [on_sphere(t["lat"].to_numpy(), t["lon"].to_numpy()) for t in (rows, columns)]
    theirs = {unit: np.flatnonzero(columns["unit"] == unit) for unit in columns["unit"].unique()}
    for unit, group in rows.groupby("unit").indices.items():
        near = theirs.get(unit)
        if near is None:
            continue
        mine = np.asarray(group, dtype=np.intp)
        many = min(count, len(near))
        far, which = KDTree(points[1][near]).query(points[0][mine], k=list(range(1, many + 1)))
        found.append((np.repeat(mine, many), near[which].ravel(), arc_km(far).ravel()))
    if not found:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)
    first, second, third = zip(*found, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(third)
