"""Candidate villages of an outreach plan: departures, place, travel time, services, towns.

Everywhere the official villages, over which the departures of their regency are dealt out as over
the origins of the pilot provinces; the seat of a regency where its villages have no points.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from geo.classes import NOT_ASSESSED, is_stated
from geo.codes import CODE_LENGTHS
from geo.dataset import Dataset
from geo.errors import InfeasibleError
from geo.i18n import Message
from geo.names import official_names, plain
from routes.build.model import Build
from routes.graph.arrays import Floats, Integers
from routes.graph.checkpoints import ORIGIN_KINDS
from routes.graph.costs import CostParameters, road_hours, schedule_delay_h
from routes.graph.islands import land_units
from routes.graph.origins import origin_points
from routes.graph.roads import distances_km
from routes.outreach.reasons import named_regencies

__all__ = [
    "VillageTable",
    "every_village",
    "pick_villages",
    "seat_names",
    "visited_villages",
]

_COLUMNS = (
    "node", "id", "code", "name", "area_code", "regency_code", "regency", "lat", "lon", "land",
    "persons", "dealt_out", "departures_per_100k", "town", "class", "base", "base_lat", "base_lon",
    "travel_hours", "visit_share", "served", "visited",
)  # fmt: skip
_BEFORE_SAILING_H = 0.5
"""Hours at the quay before a boat leaves (assumed)."""
_WAY = ("base", "base_lat", "base_lon", "travel_hours")


@dataclass(frozen=True, eq=False)
class VillageTable:
    """Villages and their departures in each draw.

    Attributes
    ----------
    villages : DataFrame
        Columns of :func:`routes.outreach.plan.plan_outreach` and ``district, base, base_lat,
        base_lon, travel_hours, land, class, stated``.
    draws : DataFrame, shape (draws, regencies)
        Factor on the departures of each regency, by its code.
    served : tuple of ids
        Villages with a task force or a similar service, or visited before.
    towns : DataFrame
        ``id, regency_code, regency, persons`` of the towns left out.
    dealt_out : bool
        Whether departures of a regency were dealt out over its villages by a rule.
    """

    villages: pd.DataFrame
    draws: pd.DataFrame
    served: tuple[str, ...]
    towns: pd.DataFrame
    dealt_out: bool = False

    @property
    def notes(self) -> list[Message]:
        """How departures came to villages, what was left out with towns, where nothing else is."""
        return [Message("note.departures_dealt_out")] * self.dealt_out + self._town_notes()

    def _town_notes(self) -> list[Message]:
        if self.towns.empty:
            return []
        persons = float(self.towns["persons"].sum())
        whole = persons + float(self.villages["persons"].sum())
        params = {"count": len(self.towns), "share": persons / whole if whole else 0.0}
        notes = [Message("note.towns_left_out", params)]
        only = self.towns[~self.towns["regency_code"].isin(self.villages["regency_code"].unique())]
        by_regency = only.groupby("regency")["persons"].sum()
        names = by_regency.sort_values(ascending=False, kind="stable").index.tolist()
        few, many = "note.only_towns", "note.only_towns_and_others"
        return notes + named_regencies(names, few, many)


def every_village(build: Build, dataset: Dataset) -> pd.DataFrame:
    """Every village, else the origins of its regency, each with the seat of the regency as base.

    Columns ``node, id, code, name, area_code, regency_code, regency, lat, lon, land, persons,
    dealt_out, departures_per_100k, class`` (of the regency), ``town, base, base_lat, base_lon,
    travel_hours, visit_share, served, visited``: the input of :func:`pick_villages`, which does not
    need the dataset. ``dealt_out``: it is a village.
    """
    table = _with_villages(_origins(build), dataset)
    code = table["node"].str.partition(":")[2]
    settlement_codes = dataset.settlements.set_index("id")["village_code"]
    table["dealt_out"] = table["kind"] == "village"
    table["id"] = code.mask(table["dealt_out"], "v" + code)
    official = table["kind"].isin(["village", "district"])
    table["code"] = code.where(official, code.map(settlement_codes).fillna(""))
    names = build.areas.set_index("code")["name"]
    table["regency"] = table["regency_code"].map(names).fillna(table["regency_code"])
    table["persons"] = table["demand"].astype(float)
    table["departures_per_100k"] = _departures_per_100k(build, table)
    table["town"] = _towns(table, dataset)
    classes = build.areas.drop_duplicates("code").set_index("code")["class"]
    table["class"] = table["regency_code"].map(classes).fillna(NOT_ASSESSED)
    seats = dataset.seats.drop_duplicates("code").set_index("code")
    codes = [code for code in table["regency_code"].unique() if code in seats.index]
    seats = seats.assign(name=seat_names(seats))
    bases = seats.loc[codes, ["name", "lat", "lon"]].reset_index(drop=True)
    table["land"], bases["land"] = land_units(dataset, [table, bases])
    which = pd.Index(codes).get_indexer(table["regency_code"])
    table = table.join(_travel(build, table, bases, which))
    table["visit_share"] = _visit_share(table, dataset)
    table["served"] = table["id"].isin(_served_villages(table, dataset))
    table["visited"] = table["id"].isin(visited_villages(table, dataset))
    return table[list(_COLUMNS)]


def seat_names(seats: pd.DataFrame) -> pd.Series:
    """The town's name, familiar to teams, of each row of the seats; without one its regency's."""
    town = seats["seat"].fillna("").astype(str)
    return seats["name"].where(town == "", town)


def _origins(build: Build) -> pd.DataFrame:
    """Origins with departures: ``node, kind, name, lat, lon, area_code, demand, regency_code``."""
    nodes = build.nodes
    nodes = nodes[nodes["kind"].isin(ORIGIN_KINDS) & (nodes["demand"].fillna(0.0) != 0)]
    columns = ["node", "kind", "name", "lat", "lon", "area_code", "demand"]
    table = nodes[columns].reset_index(drop=True)
    return table.assign(regency_code=table["area_code"].str[:5])


def _with_villages(origins: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Official villages in place of the seats, each with its part of the people's departures."""
    seats = origins[origins["kind"] == "seat"].set_index("regency_code")
    if seats.empty:
        return origins
    provinces = sorted({str(code)[: CODE_LENGTHS["province"]] for code in seats.index})
    villages = origin_points(dataset, pilots=provinces)
    villages = villages[
        (villages["kind"] == "village") & villages["regency_code"].isin(seats.index)
    ]
    people, regency = villages["population"], villages["regency_code"]
    part = (people / people.groupby(regency).transform("sum")).fillna(
        1.0 / regency.map(regency.value_counts())
    )
    villages = villages.assign(
        area_code=villages["node"].str.partition(":")[2],
        demand=part * regency.map(seats["demand"].astype(float)),
    )
    dealt_out = origins["regency_code"].isin(regency.unique()) & (origins["kind"] == "seat")
    return pd.concat([origins[~dealt_out], villages[origins.columns]], ignore_index=True)


def pick_villages(
    build: Build,
    villages: pd.DataFrame,
    *,
    within: Collection[str] = (),
    base: tuple[str, float, float, str] | None = None,
    with_towns: bool = False,
    must: Collection[str] = (),
) -> VillageTable:
    """The villages of one or more areas, with the travel time from the team's base.

    Parameters
    ----------
    villages : DataFrame
        As :func:`every_village` makes it.
    within : collection of str
        Codes of provinces, regencies, districts or villages; everywhere without one.
    base : (name, lat, lon, land unit), optional
        Where the team sets out; by default the seat of each village's own regency.
    with_towns : bool
        Whether towns are candidates and the departures from them count as reached.
    must : collection of ids
        Towns that are kept in any case.

    Raises
    ------
    InfeasibleError
        Only towns are known within the areas.
    """
    table = villages
    if within:
        finest = table["code"].where(table["code"] != "", table["area_code"])
        table = table[(finest + ".").str.startswith(tuple(f"{code}." for code in within))]
    left_out = table["town"] & ~table["id"].isin(list(must)) & (not with_towns)
    towns, table = table[left_out], table[~left_out].reset_index(drop=True)
    if table.empty and len(towns):
        raise InfeasibleError("outreach.only_towns", field="within")
    if base is not None:
        bases = pd.DataFrame([base], columns=["name", "lat", "lon", "land"])
        table = table.drop(columns=list(_WAY))
        table = table.join(_travel(build, table, bases, np.zeros(len(table), np.intp)))
    # Of a point with the code of its district or village; '' of others.
    district = table["code"].str[: CODE_LENGTHS["district"]]
    factors = _drawn_factors(build)[sorted(table["regency_code"].unique())]
    table = table.assign(
        district=district.map(official_names("district")).fillna(""),
        stated=table["regency_code"].map(_stated(build, factors)).astype(bool),
    )
    return VillageTable(
        table.drop(columns=["node", "area_code", "dealt_out", "town", "served", "visited"]),
        factors,
        tuple(table.loc[table["served"] | table["visited"], "id"]),
        towns[["id", "regency_code", "regency", "persons"]],
        bool(table["dealt_out"].any()),
    )


def _stated(build: Build, factors: pd.DataFrame) -> pd.Series:
    """Whether a number of each regency may be stated: where the table of areas has one."""
    areas = build.areas.drop_duplicates("code").set_index("code")
    if "departures_mean" in areas:
        return areas["departures_mean"].reindex(factors.columns).notna()
    # a release of an older version: the rule by which the table was made, on its draws
    return pd.Series(is_stated(*np.percentile(factors, [5, 95], axis=0)), index=factors.columns)


def _drawn_factors(build: Build) -> pd.DataFrame:
    """Departures of each regency in each draw over those of the build, by code."""
    draws, codes = build.draws, np.array(build.regency_codes)
    of_origin = build.node_regency[draws.origins]
    column = np.zeros(len(codes), np.intp)
    column[of_origin] = draws.regency
    central = np.bincount(
        of_origin, build.node_values("demand")[draws.origins], minlength=len(codes)
    )
    return pd.DataFrame(draws.demand[:, column] / central, columns=codes)


def _departures_per_100k(build: Build, table: pd.DataFrame) -> pd.Series:
    """At-risk departures a year per 100,000 people of each point's regency; NaN if not known."""
    persons = table.groupby("regency_code")["persons"].sum()
    population = build.areas.drop_duplicates("code").set_index("code")["population"]
    rate = 100_000 * persons / population.reindex(persons.index).where(lambda people: people > 0)
    return table["regency_code"].map(rate).astype(float)


def _towns(table: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Which points are towns: in a regency of type Kota, a kelurahan, or the seat of a regency.

    Where villages have points of their own, the seat is the one nearest to its point. Kemendagri
    numbers Kota from 71 within a province and kelurahan from 1001 within a district (desa from
    2001).
    """
    is_city = table["regency_code"].str[3:4] == "7"
    is_kelurahan = table["code"].str[9:10] == "1"
    decided_by = table["id"].map(dataset.settlements.set_index("id")["decided_by"])
    is_seat = (table["kind"] == "seat") | (decided_by == "seat_name")
    seats = dataset.seats.set_index("code")
    for code, rows in table[table["dealt_out"]].groupby("regency_code"):
        away = np.hypot(rows["lat"] - seats.at[code, "lat"], rows["lon"] - seats.at[code, "lon"])
        is_seat[away.idxmin()] = True
    return is_city | is_kelurahan | is_seat


def _served_villages(villages: pd.DataFrame, dataset: Dataset) -> tuple[str, ...]:
    """Ids of the villages with a task force or a similar service on record.

    A settlement without a village code is matched by name within its regency.
    """
    return _of_codes(villages, dataset, dataset.village_task_forces["area_code"])


def visited_villages(villages: pd.DataFrame, dataset: Dataset) -> tuple[str, ...]:
    """Ids of the villages in imported outreach, of any organisation and year.

    The row of a district does not say which of its villages was visited.
    """
    return _of_codes(villages, dataset, dataset.outreach["area_code"].astype(str))


def _is_village(codes: pd.Series) -> pd.Series:
    """Whether each area code is that of a village: it has four parts."""
    return codes.str.count(r"\.") == 3


def _of_codes(villages: pd.DataFrame, dataset: Dataset, area_codes: pd.Series) -> tuple[str, ...]:
    """Ids of the villages with one of these codes or, without a code, of the same name."""
    codes = set(area_codes[_is_village(area_codes)])
    areas = dataset.areas[dataset.areas["code"].isin(codes)]
    names = {(code[:5], plain(name)) for code, name in areas[["code", "name"]].to_numpy()}
    unnamed = villages.loc[villages["code"] == "", ["id", "regency_code", "name"]].to_numpy()
    by_name = {id_ for id_, regency, name in unnamed if (regency, plain(str(name))) in names}
    matched = villages["code"].isin(codes) | villages["id"].isin(by_name)
    return tuple(villages.loc[matched, "id"].astype(str))


def _visit_share(table: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Share of a point's departures that a visit reaches: min(1, points / villages) of its regency.

    A regency's people are spread over its points. Where these are fewer than its villages, each
    point represents several, of which a team visits one.
    """
    codes = dataset.areas["code"]
    regencies = table["regency_code"]
    points = regencies.map(regencies.value_counts()).astype(float)
    villages = regencies.map(codes[_is_village(codes)].str[:5].value_counts()).astype(float)
    # 1 in a regency whose villages are not listed.
    return (points / villages).clip(upper=1.0).fillna(1.0)


def _travel(
    build: Build, table: pd.DataFrame, bases: pd.DataFrame, which: Integers
) -> pd.DataFrame:
    """Each village's base, and hours from there one way (NaN where there is no way)."""
    base_of = bases.reset_index(drop=True).reindex(which).set_index(table.index)  # NaN for -1
    with_base = np.flatnonzero(which >= 0)
    hours = np.full(len(table), np.nan)
    km = distances_km(table.iloc[with_base], base_of.iloc[with_base])
    hours[with_base], _ = road_hours(km, CostParameters())
    by_water = np.flatnonzero((which >= 0) & (table["land"] != base_of["land"]).to_numpy())
    if len(by_water):
        hours[by_water] = _by_water(build, bases, which[by_water], table.iloc[by_water])
    return pd.DataFrame(
        {
            "base": base_of["name"].fillna("").astype(str),
            "base_lat": base_of["lat"].astype(float),
            "base_lon": base_of["lon"].astype(float),
            "travel_hours": np.where(np.isfinite(hours), hours, np.nan),
        }
    )


def _by_water(build: Build, bases: pd.DataFrame, which: Integers, rows: pd.DataFrame) -> Floats:
    """Hours over official roads and legs in either direction, from the origin nearest a base.

    A team knows when its boat sails and is there :data:`_BEFORE_SAILING_H` before.
    """
    nodes, edges = build.nodes, build.official_edges
    names = pd.Index(nodes["node"])
    ends = np.column_stack([names.get_indexer(edges["u"]), names.get_indexer(edges["v"])])
    delay = schedule_delay_h(edges["headway_h"].fillna(0.0).to_numpy(float), CostParameters())
    hours = edges["time_h"].to_numpy(float) - np.maximum(delay - _BEFORE_SAILING_H, 0.0)
    closed = (nodes["kind"] == "destination").to_numpy()
    usable = (ends >= 0).all(axis=1) & ~closed[ends].any(axis=1) & ~np.isnan(hours)
    pairs = pd.DataFrame(np.sort(ends[usable], axis=1), columns=["u", "v"])
    least = (
        pairs.assign(h=np.maximum(hours[usable], 1e-3)).groupby(["u", "v"], as_index=False).min()
    )
    size = len(names)
    links = sparse.csr_array((least["h"], (least["u"], least["v"])), shape=(size, size))
    origins = np.flatnonzero(nodes["kind"].isin(ORIGIN_KINDS))
    places = nodes[["lat", "lon"]].to_numpy(float)[origins]
    base_numbers, line = np.unique(which, return_inverse=True)
    points = bases[["lat", "lon"]].to_numpy(float)[base_numbers]
    nearest = [int(((places - point) ** 2).sum(axis=1).argmin()) for point in points]
    reach = dijkstra(links, directed=False, indices=origins[nearest])
    at = names.get_indexer(rows["node"])  # -1: a village that is no origin, so the way is not known
    return np.where(at >= 0, reach[line, at], np.inf)
