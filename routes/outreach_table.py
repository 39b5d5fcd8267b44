"""The table of villages an outreach plan chooses from: people, place, way there, who is there.

Where official village points are not loaded, settlements of the gazetteer stand for villages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from geo.dataset import Dataset
from geo.names import plain
from routes.build import Build
from routes.costs import CostParameters, road_hours
from routes.islands import land_units
from routes.network import Floats
from routes.roads import distances_km

__all__ = ["VillageTable", "served_villages", "village_table"]

_VILLAGE_PARTS = 4
_ORIGINS = frozenset({"settlement", "seat", "village"})


@dataclass(frozen=True, eq=False)
class VillageTable:
    """Villages and their departures in each draw.

    Attributes
    ----------
    villages : DataFrame
        Columns of :func:`routes.outreach.plan_outreach`, with ``base, travel_hours, land, class``.
    draws : array, shape (draws, len(villages))
        Persons a year.
    served : tuple of ids
        Villages with a task force or the like.
    """

    villages: pd.DataFrame
    draws: Floats
    served: tuple[str, ...]


def village_table(
    build: Build,
    dataset: Dataset,
    *,
    within: str | None = None,
    base: tuple[str, float, float] | None = None,
) -> VillageTable:
    """Every origin of the build in an area.

    Parameters
    ----------
    within : str, optional
        Code of a province, regency, district or village.
    base : (name, lat, lon), optional
        Where the team sets out; by default the seat of each village's own regency.
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
    if within:
        inside = [
            code == within or code.startswith(f"{within}.")
            for code in table["code"].where(table["code"] != "", table["area_code"])
        ]
        table = table[inside]
    table = table.reset_index(drop=True)
    names = build.areas.set_index("code")["name"]
    table["regency"] = table["regency_code"].map(names).fillna(table["regency_code"])
    table["persons"] = table["demand"].astype(float)
    table["class"] = _classes(build, table)
    (table["land"],) = land_units(dataset, [table])
    table["base"], table["travel_hours"] = _travel(build, dataset, table, base)
    position = [build.network.position(node) for node in table["node"]]
    columns = ["id", "code", "name", "regency_code", "regency", "lat", "lon", "land", "persons"]
    villages = table[[*columns, "class", "base", "travel_hours"]]
    return VillageTable(
        villages, build.draws.demand[:, position], served_villages(villages, dataset)
    )


def served_villages(villages: pd.DataFrame, dataset: Dataset) -> tuple[str, ...]:
    """Ids of the villages where a task force or the like is known to be.

    Only rows that name one village count: a province's or a town's row says nothing of which of
    its villages is meant. Proposals do not count. A settlement without a village code is matched
    by name within its regency.
    """
    rows = dataset.task_forces
    if "scope" in rows:
        rows = rows[rows["scope"] == "village"]
    whole = rows["area_code"].str.count(r"\.") == _VILLAGE_PARTS - 1
    rows = rows[whole & ~rows["note"].str.contains("proposed, not confirmed")]
    codes = set(rows["area_code"])
    names = dataset.areas[dataset.areas["code"].isin(codes)]
    named = {
        (code[:5], plain(name)) for code, name in zip(names["code"], names["name"], strict=True)
    }
    return tuple(
        str(row.id)
        for row in villages.itertuples(index=False)
        if row.code in codes or (not row.code and (row.regency_code, plain(str(row.name))) in named)
    )


def _classes(build: Build, table: pd.DataFrame) -> pd.Series:
    """Class of the settlement where it has its own, else of its regency."""
    regency = table["regency_code"].map(build.areas.set_index("code")["class"])
    if "class" not in build.settlements:
        return regency.fillna("unknown")
    own = table["id"].map(build.settlements.set_index("id")["class"])
    return own.where(own.notna() & (own != "unknown"), regency).fillna("unknown")


def _travel(
    build: Build,
    dataset: Dataset,
    table: pd.DataFrame,
    base: tuple[str, float, float] | None,
) -> tuple[pd.Series, pd.Series]:
    """Name of each village's base, and hours from there one way (NaN where there is no way)."""
    if base is not None:
        bases = pd.DataFrame([base], columns=["name", "lat", "lon"])
        which = np.zeros(len(table), np.intp)
    else:
        seats = dataset.seats.drop_duplicates("code").set_index("code")
        codes = [code for code in table["regency_code"].unique() if code in seats.index]
        bases = seats.loc[codes, ["name", "lat", "lon"]].reset_index(drop=True)
        which = pd.Index(codes).get_indexer(table["regency_code"])
    (land,) = land_units(dataset, [bases])
    parameters = CostParameters()
    hours = np.full(len(table), np.nan)
    have = np.flatnonzero(which >= 0)
    there = bases.iloc[which[have]]
    km = distances_km(table.iloc[have], there)
    direct, _ = road_hours(km, parameters)
    same = table["land"].to_numpy()[have] == land.to_numpy()[which[have]]
    hours[have] = np.where(same, direct, np.inf)
    far = have[~same]
    if len(far):
        hours[far] = _by_water(build, bases, which[far], table.iloc[far])
    names = pd.Series([str(bases["name"].iloc[k]) if k >= 0 else "" for k in which])
    return names, pd.Series(hours).replace(np.inf, np.nan)


def _by_water(build: Build, bases: pd.DataFrame, which: Floats, rows: pd.DataFrame) -> Floats:
    """Hours over the graph's roads and legs, either way round, from the origin nearest a base."""
    graph, network = build.graph, build.network
    edges = pd.DataFrame(
        [(network.position(u), network.position(v), h) for u, v, h in graph.edges(data="time_h")],
        columns=["u", "v", "h"],
    )
    ends = {n for n, kind in graph.nodes(data="kind") if kind == "destination"}
    kept = ~edges["v"].isin([network.position(n) for n in ends])
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
    asked = np.unique(which)
    found = dijkstra(ways, directed=False, indices=[start[k] for k in asked])
    line = np.searchsorted(asked, which)
    position = [network.position(f"{node}") for node in rows["node"]]
    return np.asarray(found[line, position], float)
