"""The result tables of a build: central estimates with their intervals over the draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.build.area_tables import area_frame, settlement_frame, with_interval
from routes.build.parameters import ModelParameters
from routes.corridors.batch import BatchMeasure, CorridorBatch
from routes.corridors.measure import place_id
from routes.corridors.risk import COMPONENTS, risk_class, risk_score
from routes.corridors.search import CorridorFinder, FoundCorridor
from routes.demand.origins import OriginModel
from routes.ensemble.draws import Draws
from routes.ensemble.summaries import DrawSummarizer, DrawSummary
from routes.flow.model import FlowModel
from routes.flow.origin_destination import regency_destination_pairs
from routes.graph.arrays import Floats, Integers, Network
from routes.graph.origins import PILOT_PROVINCES

__all__ = ["Results"]


@dataclass(frozen=True, eq=False)
class Results:
    """The central model and its corridors; with the draws added, the tables of a build.

    Attributes
    ----------
    model : FlowModel
        Fitted to the expected demand.
    found : list of FoundCorridor
    listed_for : list of list of str
        Provinces of origin for which each corridor was found.
    survey : Survey
        What is to be kept of every draw.
    """

    dataset: Dataset
    graph: nx.DiGraph
    model: FlowModel
    origins: OriginModel
    parameters: ModelParameters
    found: list[FoundCorridor]
    listed_for: list[list[str]]
    survey: DrawSummarizer

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        graph: nx.DiGraph,
        model: FlowModel,
        origins: OriginModel,
        *,
        parameters: ModelParameters,
    ) -> Results:
        """Find the corridors of the central model."""
        network = model.network_
        found, listed_for = _corridor_list(graph, model, origins.table, parameters)
        places = _places(dataset)
        groups = [_groups(network, places, corridor) for corridor in found]
        kinds = [kind for _, kind in graph.nodes(data="kind")]
        hazard = [h if h is not None else 0.0 for _, h in graph.nodes(data="hazard")]
        ids = pd.concat([dataset.terminals["id"], dataset.destinations["id"]])
        survey = DrawSummarizer(
            nodes=pd.Index(network.nodes).get_indexer(ids),
            legs=np.unique([k for k in _leg_places(dataset, graph, network) if k >= 0]),
            chains=CorridorBatch.of(network.structure, groups),
            unofficial=np.array([kind == "unofficial" for kind in kinds]),
            hazard=np.array(hazard, float),
        )
        return cls(dataset, graph, model, origins, parameters, found, listed_for, survey)

    def tables(self, draws: Draws, observed: Sequence[DrawSummary]) -> dict[str, pd.DataFrame]:
        """Frames of :class:`routes.build.model.Build`, by name."""
        dataset, model, origins = self.dataset, self.model, self.origins.table
        network = model.network_
        index = [v if v is not None else 0.0 for _, v in self.graph.nodes(data="vulnerability")]
        vulnerability = np.array(index, float)
        code, name = np.unique(origins["regency_code"].to_numpy(str), return_inverse=True)
        position = pd.Index(network.nodes).get_indexer(origins["node"])
        regency = np.zeros(len(network.nodes), np.intp)
        regency[position] = name
        central = self.survey.measure(model, vulnerability, groups=regency)
        measured = [one.corridors for one in observed]
        corridors, corridor_origins = _corridor_tables(
            dataset, self.found, central, code.tolist(), np.array([m.persons for m in measured]),
            _scores(measured, self.parameters, draws),
        )  # fmt: skip
        by_id = dict(zip(map(_corridor_id, self.found), self.listed_for, strict=True))
        corridors["listed_for"] = corridors["id"].map(by_id)
        departures = draws.demand[:, position]
        load = np.array([one.load for one in observed])
        flow = np.array([one.flow for one in observed])
        ends = len(dataset.terminals)
        return {
            "areas": area_frame(dataset, self.origins, departures),
            "settlements": settlement_frame(dataset, self.origins, departures),
            "terminals": _terminals(dataset, load[:, :ends]),
            "legs": _legs(dataset, self.graph, network, self.survey.legs, flow),
            "destinations": _destinations(dataset, network, load[:, ends:]),
            "corridors": corridors,
            "corridor_origins": corridor_origins,
            "pairs": regency_destination_pairs(
                model,
                regency=origins.set_index("node")["regency_code"],
                vulnerability=vulnerability,
                unofficial=self.survey.unofficial,
                hazard=self.survey.hazard,
            ),
        }


def _terminals(dataset: Dataset, load: Floats) -> pd.DataFrame:
    frame = dataset.terminals.assign(official=dataset.terminals["kind"] != "unofficial")
    return with_interval(frame, "load", load)


def _destinations(dataset: Dataset, network: Network, load: Floats) -> pd.DataFrame:
    ids = dataset.destinations["id"]
    utility = network.utility[pd.Index(network.nodes).get_indexer(ids)]
    return with_interval(dataset.destinations.assign(utility=utility), "flow", load)


def _leg_places(dataset: Dataset, graph: nx.DiGraph, network: Network) -> list[int]:
    """Position in the network of each curated leg; -1 for the dearer of two parallel ones."""
    pairs = network.tail * len(network.nodes) + network.head
    order = np.argsort(pairs)
    places = []
    for leg in dataset.legs.itertuples(index=False):
        used = graph.edges[leg.from_id, leg.to_id].get("leg_id") == leg.id
        pair = network.index[leg.from_id] * len(network.nodes) + network.index[leg.to_id]
        places.append(int(order[np.searchsorted(pairs, pair, sorter=order)]) if used else -1)
    return places


def _legs(
    dataset: Dataset, graph: nx.DiGraph, network: Network, kept: Integers, flow: Floats
) -> pd.DataFrame:
    """Curated legs that are an edge of the graph; the dearer of two parallel legs carries nobody.

    The share of a parallel pair is not known, so all of it is put on the cheaper leg.
    """
    place = np.array(_leg_places(dataset, graph, network))
    used = place >= 0
    hours = np.where(used, network.hours[place], np.nan)
    drawn = np.zeros((len(flow), len(place)))
    drawn[:, used] = flow[:, np.searchsorted(kept, place[used])]
    return with_interval(dataset.legs.assign(generalised_hours=hours), "flow", drawn)


def _corridor_list(
    graph: nx.DiGraph, model: FlowModel, origins: pd.DataFrame, parameters: ModelParameters
) -> tuple[list[FoundCorridor], list[list[str]]]:
    """Corridors that carry 95 % of all flow, and those of each province of origin with its code.

    A corridor of one province starts where its people board; the same order of places may be the
    end of another province's longer journey without being one of its corridors.
    """
    network = model.network_
    demand = model.demand_array
    position = pd.Index(network.nodes).get_indexer(origins["node"])
    found: dict[tuple[tuple[str, ...], object], FoundCorridor] = {}
    listed: dict[tuple[tuple[str, ...], object], list[str]] = {}
    finder = CorridorFinder(model, graph)
    for corridor in finder.find(demand=demand, limit=parameters.corridor_limits[0]):
        key = (corridor.places, corridor.destination)
        found[key], listed[key] = corridor, []
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
    """Waypoints as node positions, without terminals that nothing enters: nobody passes them."""
    entered = network.structure.place >= 0
    waypoints = [places[name] for name in corridor.places] + [{corridor.destination}]
    found = [np.array(sorted(map(network.position, members)), np.intp) for members in waypoints]
    return [members[entered[members]] for members in found]


def _scores(measured: Sequence[BatchMeasure], parameters: ModelParameters, draws: Draws) -> Floats:
    """Scores of shape (draws, corridors)."""
    return np.array(
        [
            risk_score(
                persons=m.persons,
                vulnerability=m.vulnerability,
                unofficial_share=m.unofficial_share,
                hazard=m.hazard,
                weights=parameters.risk,
                vary=vary,
            )
            for m, vary in zip(measured, draws.risk_weights, strict=True)
        ]
    )


def _corridor_id(corridor: FoundCorridor) -> str:
    slugs = [place_id(name).removeprefix("place:") for name in corridor.places]
    return "--".join([*slugs, str(corridor.destination)])


def _corridor_tables(
    dataset: Dataset,
    found: list[FoundCorridor],
    central: BatchMeasure,
    regencies: Sequence[str],
    persons: Floats,
    scores: Floats,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Corridors with intervals, and from which regencies their people come.

    Parameters
    ----------
    regencies : sequence of str
        Codes of the groups of ``central.by_group``.
    persons, scores : arrays, shape (draws, corridors)
    """
    destinations = dataset.destinations.set_index("id")
    middle = dataset.terminals.groupby("place")[["lon", "lat"]].mean()
    names = dataset.areas.set_index("code")["name"]
    rows, shares = [], []
    for k, corridor in enumerate(found):
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
                "volume": float(central.persons[k]),
                **{c: float(getattr(central, c)[k]) for c in COMPONENTS[1:]},
            }
        )
        whole = central.by_group[k].sum()
        part = central.by_group[k] / (whole if whole > 0 else 1.0)
        for place in np.flatnonzero(part > 1e-4).tolist():
            code = regencies[place]
            shares.append(
                {
                    "corridor_id": name,
                    "code": code,
                    "name": names.get(code, code),
                    "province_code": code[:2],
                    "persons_mean": float(part[place] * central.persons[k]),
                    "share": float(part[place]),
                }
            )
    frame = with_interval(pd.DataFrame(rows), "persons", persons)
    frame = with_interval(frame, "score", scores)
    frame["class"] = [risk_class(score) for score in frame["score_mean"]]
    order = frame["persons_mean"].sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True), pd.DataFrame(shares)
