"""The result tables of a build: central estimates with their intervals over the draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.area_results import area_frame, settlement_frame, with_interval
from routes.chains import StackedMeasure
from routes.corridor_search import CorridorFinder, FoundCorridor
from routes.corridors import CorridorMeter, Measure, place_id
from routes.ensemble import Draws, draw_models
from routes.flow import FlowModel
from routes.network import Floats, Integers, Network
from routes.origin_model import OriginModel
from routes.origins import PILOT_PROVINCES
from routes.pairs import regency_destination_pairs
from routes.risk import COMPONENTS, risk_class, risk_score

if TYPE_CHECKING:
    from routes.build import ModelParameters, Progress

__all__ = ["result_tables"]


def result_tables(
    dataset: Dataset,
    graph: nx.DiGraph,
    draws: Draws,
    model_origins: OriginModel,
    *,
    parameters: ModelParameters,
    progress: Progress,
) -> dict[str, pd.DataFrame]:
    """Frames of :class:`routes.build.Build`, by name."""
    origins = model_origins.table
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
    departures = draws.demand[:, pd.Index(network.nodes).get_indexer(origins["node"])]
    return {
        "areas": area_frame(dataset, model_origins, departures),
        "settlements": settlement_frame(dataset, model_origins, departures),
        "terminals": _terminals(dataset, network, load),
        "legs": _legs(dataset, graph, network, flow),
        "destinations": _destinations(dataset, graph, network, load),
        "corridors": corridors,
        "corridor_origins": corridor_origins,
        "pairs": regency_destination_pairs(
            model,
            regency=origins.set_index("node")["regency_code"],
            vulnerability=vulnerability,
            unofficial=unofficial,
            hazard=hazard,
        ),
    }


def _terminals(dataset: Dataset, network: Network, load: Floats) -> pd.DataFrame:
    position = pd.Index(network.nodes).get_indexer(dataset.terminals["id"])
    frame = dataset.terminals.assign(official=dataset.terminals["kind"] != "unofficial")
    return with_interval(frame, "load", load[:, position])


def _destinations(
    dataset: Dataset, graph: nx.DiGraph, network: Network, load: Floats
) -> pd.DataFrame:
    ids = dataset.destinations["id"]
    position = pd.Index(network.nodes).get_indexer(ids)
    frame = dataset.destinations.assign(utility=[graph.nodes[i]["utility"] for i in ids])
    return with_interval(frame, "flow", load[:, position])


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
    return with_interval(frame, "flow", drawn)


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
    frame = with_interval(pd.DataFrame(rows), "persons", persons)
    frame = with_interval(frame, "score", scores)
    frame["class"] = [risk_class(score) for score in frame["score_mean"]]
    order = frame["persons_mean"].sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True), pd.DataFrame(shares)
