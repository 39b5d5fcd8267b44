"""The table of villages an outreach plan chooses from: people, place, travel time, who serves it.

Where official village points are not loaded, settlements of the gazetteer stand for villages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from geo.classes import NOT_ASSESSED
from geo.dataset import Dataset
from geo.names import plain
from routes.build.model import Build
from routes.graph.arrays import Floats, Integers
from routes.graph.costs import CostParameters, road_hours
from routes.graph.islands import land_units
from routes.graph.roads import distances_km

__all__ = [
    "VillageTable",
    "every_village",
    "pick_villages",
    "served_villages",
    "village_table",
    "visited_villages",
]

_VILLAGE_PARTS = 4
_ORIGINS = frozenset({"settlement", "seat", "village"})
_COLUMNS = (
    "node", "id", "code", "name", "area_code", "regency_code", "regency", "lat", "lon", "land",
    "persons", "class", "base", "base_lat", "base_lon", "travel_hours", "visit_share", "served",
    "visited",
)  # fmt: skip
_WAY = ("base", "base_lat", "base_lon", "travel_hours")


@dataclass(frozen=True, eq=False)
class VillageTable:
    """Villages and their departures in each draw.

    Attributes
    ----------
    villages : DataFrame
        Columns of :func:`routes.outreach.plan.plan_outreach`, with ``base, base_lat, base_lon,
        travel_hours, land, class``.
    draws : array, shape (draws, len(villages))
        Persons a year.
    served : tuple of ids
        Villages with a task force or the like.
    """

    villages: pd.DataFrame
    draws: Floats
    served: tuple[str, ...]


def every_village(build: Build, dataset: Dataset) -> pd.DataFrame:
    """Every origin of the build, with the seat of its own regency as base.

    Columns ``node, id, code, name, area_code, regency_code, regency, lat, lon, land, persons,
    class, base, base_lat, base_lon, travel_hours, visit_share, served, visited``: what
    :func:`pick_villages` needs, without the dataset.
    """
    graph = build.graph
    rows = [
        {"node": node, **{k: a.get(k) for k in ("name", "lat", "lon", "area_code", "demand")}}
        for node, a in graph.nodes(data=True)
        if a["kind"] in _ORIGINS and a.get("demand")
    ]
    table = pd.DataFrame(rows, columns=["node", "name", "lat", "lon", "area_code", "demand"])
    table["id"] = table["node"].str.partition(":")[2]
    known = dataset.settlements.set_index("id")["village_code"]
    table["code"] = table["id"].map(known).fillna("")
    own = table["area_code"].str.count(r"\.") == _VILLAGE_PARTS - 1
    table.loc[own, "code"] = table.loc[own, "area_code"]
    table["regency_code"] = table["area_code"].str[:5]
    names = build.areas.set_index("code")["name"]
    table["regency"] = table["regency_code"].map(names).fillna(table["regency_code"])
    table["persons"] = table["demand"].astype(float)
    table["class"] = _classes(build, table)
    seats = dataset.seats.drop_duplicates("code").set_index("code")
    codes = [code for code in table["regency_code"].unique() if code in seats.index]
    # Teams know the town; where the seat has no name, the regency's is used.
    town = seats["seat"].fillna("").astype(str)
    seats = seats.assign(name=seats["name"].where(town == "", town))
    bases = seats.loc[codes, ["name", "lat", "lon"]].reset_index(drop=True)
    table["land"], bases["land"] = land_units(dataset, [table, bases])
    which = pd.Index(codes).get_indexer(table["regency_code"])
    table = table.join(_travel(build, table, bases, which))
    table["visit_share"] = _visit_share(table, dataset)
    table["served"] = table["id"].isin(served_villages(table, dataset))
    table["visited"] = table["id"].isin(visited_villages(table, dataset))
    return table[list(_COLUMNS)]


def pick_villages(
    build: Build,
    villages: pd.DataFrame,
    *,
    within: str | None = None,
    base: tuple[str, float, float, str] | None = None,
    visits: bool = True,
) -> VillageTable:
    """The villages of an area, and the way there from where a team sets out.

    Parameters
    ----------
    villages : DataFrame
        As :func:`every_village` makes it.
    within : str, optional
        Code of a province, regency, district or village.
    base : (name, lat, lon, land unit), optional
        Where the team sets out; by default the seat of each village's own regency.
    visits : bool
        Whether villages of imported outreach count as served. They are not for whom may not know
        where other organisations were.
    """
    table = villages
    if within:
        inside = [
            code == within or code.startswith(f"{within}.")
            for code in table["code"].where(table["code"] != "", table["area_code"])
        ]
        table = table[inside]
    table = table.reset_index(drop=True)
    if base is not None:
        bases = pd.DataFrame([base], columns=["name", "lat", "lon", "land"])
        table = table.drop(columns=list(_WAY))
        table = table.join(_travel(build, table, bases, np.zeros(len(table), np.intp)))
    position = [build.network.position(node) for node in table["node"]]
    there = table["served"]
    if visits and "visited" in table:
        there = there | table["visited"]
    served = tuple(table.loc[there, "id"])
    return VillageTable(
        table.drop(columns=["node", "area_code", "served", "visited"], errors="ignore"),
        build.draws.demand[:, position],
        served,
    )


def village_table(
    build: Build,
    dataset: Dataset,
    *,
    within: str | None = None,
    base: tuple[str, float, float] | None = None,
) -> VillageTable:
    """Every origin of the build in an area: :func:`pick_villages` of :func:`every_village`.

    Parameters
    ----------
    within : str, optional
        Code of a province, regency, district or village.
    base : (name, lat, lon), optional
        Where the team sets out; by default the seat of each village's own regency.
    """
    start = None
    if base is not None:
        place = pd.DataFrame([base], columns=["name", "lat", "lon"])
        (land,) = land_units(dataset, [place])
        start = (*base, str(land.iloc[0]))
    return pick_villages(build, every_village(build, dataset), within=within, base=start)


def served_villages(villages: pd.DataFrame, dataset: Dataset) -> tuple[str, ...]:
    """Ids of the villages where a task force or the like is known to be.

    Only rows that name one village count: the row of a province or a town does not say which of
    its villages is meant. Proposals do not count. A settlement without a village code is matched
    by name within its regency.
    """
    rows = dataset.task_forces
    if "scope" in rows:
        rows = rows[rows["scope"] == "village"]
    whole = rows["area_code"].str.count(r"\.") == _VILLAGE_PARTS - 1
    rows = rows[whole & ~rows["note"].str.contains("proposed, not confirmed")]
    return _of_codes(villages, dataset, set(rows["area_code"]))


def visited_villages(villages: pd.DataFrame, dataset: Dataset) -> tuple[str, ...]:
    """Ids of the villages that imported outreach names, of whatever organisation and year.

    The row of a district does not say which of its villages was visited.
    """
    codes = dataset.outreach["area_code"].astype(str)
    whole = codes.str.count(r"\.") == _VILLAGE_PARTS - 1
    return _of_codes(villages, dataset, set(codes[whole]))


def _of_codes(villages: pd.DataFrame, dataset: Dataset, codes: set[str]) -> tuple[str, ...]:
    names = dataset.areas[dataset.areas["code"].isin(codes)]
    named = {
        (code[:5], plain(name)) for code, name in zip(names["code"], names["name"], strict=True)
    }
    return tuple(
        str(row.id)
        for row in villages.itertuples(index=False)
        if row.code in codes or (not row.code and (row.regency_code, plain(str(row.name))) in named)
    )


def _visit_share(table: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Of a point's departures, what a visit reaches: min(1, points / villages) of its regency.

    A regency's people are spread over the points that are known. Where they are fewer than its
    villages, each stands for several, and a team that goes there visits one of them.
    """
    whole = dataset.areas["code"].str.count(r"\.") == _VILLAGE_PARTS - 1
    villages = dataset.areas.loc[whole, "code"].str[:5].value_counts()
    points = table["regency_code"].map(table["regency_code"].value_counts()).astype(float)
    there = table["regency_code"].map(villages).astype(float)
    # Nothing is known against the points of a regency whose villages are not listed.
    return (points / there).clip(upper=1.0).fillna(1.0)


def _classes(build: Build, table: pd.DataFrame) -> pd.Series:
    """Class of the settlement where it has its own, else of its regency."""
    regency_class = table["regency_code"].map(build.areas.set_index("code")["class"])
    if "class" not in build.settlements:
        return regency_class.fillna(NOT_ASSESSED)
    settlement_class = table["id"].map(build.settlements.set_index("id")["class"])
    return settlement_class.where(
        settlement_class.notna() & (settlement_class != NOT_ASSESSED), regency_class
    ).fillna(NOT_ASSESSED)


def _travel(
    build: Build, table: pd.DataFrame, bases: pd.DataFrame, which: Integers
) -> pd.DataFrame:
    """Each village's base, and hours from there one way (NaN where there is no way)."""
    parameters = CostParameters()
    hours = np.full(len(table), np.nan)
    with_base = np.flatnonzero(which >= 0)
    base_points = bases.iloc[which[with_base]]
    km = distances_km(table.iloc[with_base], base_points)
    direct, _ = road_hours(km, parameters)
    same = table["land"].to_numpy()[with_base] == bases["land"].to_numpy()[which[with_base]]
    hours[with_base] = np.where(same, direct, np.inf)
    far = with_base[~same]
    if len(far):
        hours[far] = _by_water(build, bases, which[far], table.iloc[far])
    base_or_first = np.where(which >= 0, which, 0)
    return pd.DataFrame(
        {
            "base": [str(bases["name"].iloc[k]) if k >= 0 else "" for k in which],
            "base_lat": np.where(which >= 0, bases["lat"].to_numpy(float)[base_or_first], np.nan),
            "base_lon": np.where(which >= 0, bases["lon"].to_numpy(float)[base_or_first], np.nan),
            "travel_hours": np.where(np.isfinite(hours), hours, np.nan),
        },
        index=table.index,
    )


def _by_water(build: Build, bases: pd.DataFrame, which: Integers, rows: pd.DataFrame) -> Floats:
    """Hours over the graph's roads and legs, either way round, from the origin nearest a base."""
    graph, network = build.graph, build.network
    edges = pd.DataFrame(
        [(network.position(u), network.position(v), h) for u, v, h in graph.edges(data="time_h")],
        columns=["u", "v", "h"],
    )
    # A team does not travel by landing places that are no ports; nor may where they are show.
    closed = [n for n, kind in graph.nodes(data="kind") if kind in {"destination", "unofficial"}]
    shut = [network.position(n) for n in closed]
    kept = ~edges["v"].isin(shut) & ~edges["u"].isin(shut)
    edges = edges[kept & edges["h"].notna()]
    both = np.sort(edges[["u", "v"]].to_numpy(), axis=1)
    least = pd.Series(np.maximum(edges["h"].to_numpy(float), 1e-3)).groupby(
        [both[:, 0], both[:, 1]]
    )
    pairs = least.min()
    size = len(network.nodes)
    u, v = pairs.index.get_level_values(0), pairs.index.get_level_values(1)
    ways = sparse.csr_array((pairs.to_numpy(), (u, v)), shape=(size, size))
    origins = [n for n, a in graph.nodes(data=True) if a["kind"] in _ORIGINS]
    places = pd.DataFrame([(graph.nodes[n]["lat"], graph.nodes[n]["lon"]) for n in origins])
    start = []
    for row in bases.itertuples(index=False):
        off = (places[0] - row.lat) ** 2 + (places[1] - row.lon) ** 2
        start.append(network.position(origins[int(off.to_numpy().argmin())]))
    base_numbers = np.unique(which)
    least_hours = dijkstra(ways, directed=False, indices=[start[k] for k in base_numbers])
    line = np.searchsorted(base_numbers, which)
    position = [network.position(f"{node}") for node in rows["node"]]
    return np.asarray(least_hours[line, position], float)
