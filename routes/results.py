"""The result tables of a build: central estimates with their intervals over the draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.chains import StackedMeasure
from routes.corridor_search import CorridorFinder, FoundCorridor
from routes.corridors import CorridorMeter, Measure, place_id
from routes.ensemble import Draws, draw_models
from routes.flow import FlowModel
from routes.network import Floats, Integers, Network
from routes.origins import PILOT_PROVINCES
from routes.risk import COMPONENTS, risk_class, risk_score
from routes.vulnerability import VulnerabilityIndex

if TYPE_CHECKING:
    from routes.build import ModelParameters, Progress

__all__ = ["result_tables"]


def result_tables(
    dataset: Dataset,
    graph: nx.DiGraph,
    draws: Draws,
    indices: Mapping[str, VulnerabilityIndex],
    origins: pd.DataFrame,
    *,
    parameters: ModelParameters,
    progress: Progress,
) -> dict[str, pd.DataFrame]:
    """Frames of :class:`routes.build.Build`, by name."""
    network = Network.from_graph(graph)
    model = FlowModel(theta=parameters.theta).fit(
        graph, {n: r for n, r in graph.nodes(data="demand") if r}
    )
    progress("corridors", 0, 1)
    found, listed_for = _corridor_list(graph, network, model, origins, parameters)
    places = _places(dataset)
    groups = [_groups(network, places, corridor) for corridor in found]
    unofficial = np.array([kind == "unofficial" for _, kind in graph.nodes(data="kind")])
    hazard = np.array([h if h is not None else 0.0 for _, h in graph.nodes(data="hazard")], float)
    meter = CorridorMeter(unofficial=unofficial, hazard=hazard)
    vulnerability = np.array(
        [v if v is not None else 0.0 for _, v in graph.nodes(data="vulnerability")], float
    )
    central = meter.measure(model, groups, vulnerability)

    loads, flows = [], []

    def models() -> Iterator[FlowModel]:
        for k, drawn in enumerate(draw_models(graph, network, draws)):
            loads.append(drawn.load_array)
            flows.append(drawn.leg_flow_.values_array)
            progress("intervals", k + 1, len(draws))
            yield drawn

    stack = meter.stack(network, models(), draws)
    measured = [stack.measure(corridor) for corridor in groups]
    persons = np.array([m.persons for m in measured]).T
    scores = _scores(measured, parameters, draws)
    load, flow = np.array(loads), np.array(flows)
    corridors, corridor_origins = _corridor_tables(
        dataset, found, central, persons, scores, network, origins
    )
    by_id = dict(zip(map(_corridor_id, found), listed_for, strict=True))
    corridors["listed_for"] = corridors["id"].map(by_id)
    return {
        "areas": _areas(dataset, indices, origins, network, draws),
        "settlements": _settlements(dataset, origins, network, draws),
        "terminals": _terminals(dataset, network, load),
        "legs": _legs(dataset, graph, network, flow),
        "destinations": _destinations(dataset, graph, network, load),
        "corridors": corridors,
        "corridor_origins": corridor_origins,
    }


def _with_interval(frame: pd.DataFrame, stem: str, drawn: Floats) -> pd.DataFrame:
    """Add ``<stem>_mean, _p05, _p95`` from draws of shape (draws, rows)."""
    p05, p95 = np.percentile(drawn, [5, 95], axis=0)
    columns = {f"{stem}_mean": drawn.mean(axis=0), f"{stem}_p05": p05, f"{stem}_p95": p95}
    return frame.assign(**columns)


def _areas(
    dataset: Dataset,
    indices: Mapping[str, VulnerabilityIndex],
    origins: pd.DataFrame,
    network: Network,
    draws: Draws,
) -> pd.DataFrame:
    position = pd.Index(network.nodes).get_indexer(origins["node"])
    rows = []
    seats = dataset.seats.set_index("code")
    for level, index in indices.items():
        areas = dataset.areas[dataset.areas["level"] == level].reset_index(drop=True)
        code = areas["code"]
        key = "province_code" if level == "province" else "regency_code"
        place = pd.Index(code).get_indexer(origins[key])
        member = np.zeros((len(network.nodes), len(code)))
        member[position[place >= 0], place[place >= 0]] = 1.0
        people = origins.groupby(key)["population"].sum(min_count=1)
        columns = {
            "province_code": code.str[:2],
            "lat": code.map(seats["lat"]),
            "lon": code.map(seats["lon"]),
            "population": code.map(people),
            "score_mean": code.map(index.score_),
            "score_p05": code.map(index.interval_["p05"]),
            "score_p95": code.map(index.interval_["p95"]),
            "class": code.map(index.class_),
            "rank_p05": code.map(index.rank_interval_["p05"]),
            "rank_p95": code.map(index.rank_interval_["p95"]),
            "p_top_decile": code.map(index.p_top_decile_),
        }
        if level == "province":
            middle = seats.groupby(seats.index.str[:2])[["lat", "lon"]].mean()
            columns |= {"lat": code.map(middle["lat"]), "lon": code.map(middle["lon"])}
        areas = areas[["code", "name", "level", "parent"]].assign(**columns)
        rows.append(_with_interval(areas, "demand", draws.demand @ member))
    return pd.concat(rows, ignore_index=True)


def _settlements(
    dataset: Dataset, origins: pd.DataFrame, network: Network, draws: Draws
) -> pd.DataFrame:
    mine = origins[origins["kind"] == "settlement"]
    position = pd.Index(network.nodes).get_indexer(mine["node"])
    listed = dataset.settlements.set_index("id").loc[mine["node"].str.removeprefix("s:")]
    columns = ["name", "lat", "lon", "precision", "decided_by", "province_code", "regency_code"]
    frame = listed[columns].reset_index()
    frame["population"] = listed["population"].to_numpy()
    return _with_interval(frame, "demand", draws.demand[:, position])


def _terminals(dataset: Dataset, network: Network, load: Floats) -> pd.DataFrame:
    position = pd.Index(network.nodes).get_indexer(dataset.terminals["id"])
    frame = dataset.terminals.assign(official=dataset.terminals["kind"] != "unofficial")
    return _with_interval(frame, "load", load[:, position])


def _destinations(
    dataset: Dataset, graph: nx.DiGraph, network: Network, load: Floats
) -> pd.DataFrame:
    ids = dataset.destinations["id"]
    position = pd.Index(network.nodes).get_indexer(ids)
    frame = dataset.destinations.assign(utility=[graph.nodes[i]["utility"] for i in ids])
    return _with_interval(frame, "flow", load[:, position])


def _legs(dataset: Dataset, graph: nx.DiGraph, network: Network, flow: Floats) -> pd.DataFrame:
    """Curated legs that are an edge of the graph; the dearer of two parallel legs carries nobody.

    The share of a parallel pair is not known, so all of it is put on the cheaper leg.
    """
    edge = {
        (int(u), int(v)): k for k, (u, v) in enumerate(zip(network.tail, network.head, strict=True))
    }
    hours, column = [], []
    for leg in dataset.legs.itertuples(index=False):
        attributes = graph.edges[leg.from_id, leg.to_id]
        used = attributes.get("leg_id") == leg.id
        hours.append(attributes["hours"] if used else np.nan)
        pair = (network.index[leg.from_id], network.index[leg.to_id])
        column.append(edge[pair] if used else -1)
    drawn = np.where(np.array(column) >= 0, flow[:, column], 0.0)
    frame = dataset.legs.assign(generalised_hours=hours)
    return _with_interval(frame, "flow", drawn)


def _corridor_list(
    graph: nx.DiGraph,
    network: Network,
    model: FlowModel,
    origins: pd.DataFrame,
    parameters: ModelParameters,
) -> tuple[list[FoundCorridor], list[list[str]]]:
    """Corridors of each province of origin, and for which provinces each was found.

    A corridor of one province starts where its people board; the same order of places may be the
    end of another province's longer journey without being one of its corridors.
    """
    demand = network.vector(model.demand_)
    position = pd.Index(network.nodes).get_indexer(origins["node"])
    found: dict[tuple[tuple[str, ...], object], FoundCorridor] = {}
    listed: dict[tuple[tuple[str, ...], object], list[str]] = {}
    finder = CorridorFinder(model, graph)
    for province, rows in origins.groupby("province_code").groups.items():
        ours = np.zeros_like(demand)
        where = position[rows]
        ours[where] = demand[where]
        limit = parameters.corridor_limits[0 if province in PILOT_PROVINCES else 1]
        for corridor in finder.find(demand=ours, limit=limit):
            key = (corridor.places, corridor.destination)
            found.setdefault(key, corridor)
            listed.setdefault(key, []).append(str(province))
    return list(found.values()), list(listed.values())


def _places(dataset: Dataset) -> dict[str, frozenset[str]]:
    return {str(place): frozenset(rows["id"]) for place, rows in dataset.terminals.groupby("place")}


def _groups(
    network: Network, places: Mapping[str, frozenset[str]], corridor: FoundCorridor
) -> list[Integers]:
    waypoints = [places[name] for name in corridor.places] + [{corridor.destination}]
    return [
        np.array(sorted(network.position(node) for node in members), dtype=np.intp)
        for members in waypoints
    ]


def _scores(measured: list[StackedMeasure], parameters: ModelParameters, draws: Draws) -> Floats:
    """Scores of shape (draws, corridors)."""
    return np.array(
        [
            risk_score(
                persons=[m.persons[k] for m in measured],
                vulnerability=[m.vulnerability[k] for m in measured],
                unofficial_share=[m.unofficial_share[k] for m in measured],
                hazard=[m.hazard[k] for m in measured],
                weights=parameters.risk,
                vary=draws.risk_weights[k],
            )
            for k in range(len(draws))
        ]
    )


def _corridor_id(corridor: FoundCorridor) -> str:
    slugs = [place_id(name).removeprefix("place:") for name in corridor.places]
    return "--".join([*slugs, str(corridor.destination)])


def _corridor_tables(
    dataset: Dataset,
    found: list[FoundCorridor],
    central: list[Measure],
    persons: Floats,
    scores: Floats,
    network: Network,
    origins: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    destinations = dataset.destinations.set_index("id")
    middle = dataset.terminals.groupby("place")[["lon", "lat"]].mean()
    position = pd.Index(network.nodes).get_indexer(origins["node"])
    names = dataset.areas.set_index("code")["name"]
    rows, shares = [], []
    for corridor, measure in zip(found, central, strict=True):
        end = destinations.loc[str(corridor.destination)]
        slugs = [place_id(name) for name in corridor.places]
        name = _corridor_id(corridor)
        rows.append(
            {
                "id": name,
                "waypoints": [*slugs, str(corridor.destination)],
                "waypoint_names": [*corridor.places, end["name"]],
                "waypoint_kinds": [*("place" for _ in slugs), "destination"],
                "lons": [*middle.loc[list(corridor.places), "lon"], end["lon"]],
                "lats": [*middle.loc[list(corridor.places), "lat"], end["lat"]],
                "destination_id": str(corridor.destination),
                "destination_name": end["name"],
                "destination_area": end["area_code"][:2]
                if end["country"] == "ID"
                else end["country"],
                "journeys_exact": corridor.persons,
                "volume": measure.persons,
                **{c: getattr(measure, c) for c in COMPONENTS[1:]},
            }
        )
        by_origin = pd.Series(measure.by_origin[position], index=origins["regency_code"])
        by_regency = by_origin.groupby(level=0).sum()
        for code, share in (by_regency / by_regency.sum()).items():
            if share > 1e-4:
                shares.append(
                    {
                        "corridor_id": name,
                        "code": code,
                        "name": names.get(code, code),
                        "province_code": str(code)[:2],
                        "persons_mean": float(share) * measure.persons,
                        "share": float(share),
                    }
                )
    frame = _with_interval(pd.DataFrame(rows), "persons", persons)
    frame = _with_interval(frame, "score", scores)
    frame["class"] = [risk_class(score) for score in frame["score_mean"]]
    order = frame["persons_mean"].sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True), pd.DataFrame(shares)
