"""The result tables of a build: central estimates with their intervals over the draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.dataset import Dataset
from geo.names import place_id
from routes.build.area_tables import area_frame, settlement_frame, with_interval
from routes.build.parameters import ModelParameters
from routes.corridors.measure import CorridorSummary, measure_corridors
from routes.corridors.risk import class_probabilities, risk_class
from routes.corridors.search import CorridorFinder, FoundCorridor
from routes.corridors.terminal_walks import TerminalDraws, TerminalLayout
from routes.corridors.waypoints import calls_aboard, place_nodes
from routes.demand.origins import OriginModel
from routes.ensemble.draws import Draws
from routes.ensemble.summaries import DrawSummarizer, DrawSummary
from routes.flow.boarding import boarding_share, driven
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Network
from routes.graph.layers import NO_PAPERS, destination_nodes
from routes.graph.lines import rides, weekly_on_lines

__all__ = ["Results"]

_LEAST_SHARE = 1e-4
"""Regencies with a smaller share of a corridor's persons are not listed among its origins."""


@dataclass(frozen=True, eq=False)
class Results:
    """The central model and its corridors; with the draws added, the tables of a build.

    Attributes
    ----------
    model : FlowModel
        Fitted to the expected demand.
    found_corridors : list of FoundCorridor
    listed_for : list of list of str
        Provinces of origin for which each corridor was found.
    summarizer : DrawSummarizer
        What is to be kept of every draw.
    pilots : tuple of str
        Codes of the pilot provinces.
    """

    dataset: Dataset
    graph: nx.DiGraph
    model: FlowModel
    origins: OriginModel
    found_corridors: list[FoundCorridor]
    listed_for: list[list[str]]
    summarizer: DrawSummarizer
    pilots: tuple[str, ...]

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
        without_papers = np.array(
            [float(layer == NO_PAPERS) for _, layer in graph.nodes(data="layer")]
        )
        hazard = np.array([value or 0.0 for _, value in graph.nodes(data="hazard")], float)
        ids = pd.concat([dataset.terminals["id"], destination_nodes(dataset)["node"]])
        index = pd.Index(network.nodes)
        codes, regency = np.unique(origins.table["regency_code"].to_numpy(str), return_inverse=True)
        regency_of = np.full(len(network.nodes), -1, np.intp)
        regency_of[index.get_indexer(origins.table["node"])] = regency
        summarizer = DrawSummarizer(
            nodes=index.get_indexer(ids),
            legs=_leg_edges(graph, network)["edge"].to_numpy(),
            layout=TerminalLayout.of(
                network, without_papers=without_papers, hazard=hazard, regencies=codes.tolist(),
                regency_of=regency_of,
            ),
            regency_of=regency_of,
        )  # fmt: skip
        return cls(dataset, graph, model, origins, found, listed_for, summarizer, parameters.pilots)

    def parts(self, draws: Draws, summaries: Sequence[DrawSummary]) -> dict[str, Any]:
        """Tables and draws of :class:`routes.build.model.Build`, by name."""
        dataset, network = self.dataset, self.model.network_
        terminal_draws = TerminalDraws.of(self.summarizer.layout, summaries)
        corridors, corridor_origins = self._corridors(terminal_draws)
        # All rows of the posterior, of which the draws of the model are some.
        departures = self.origins.sampler.all_departures()
        load = np.array([summary.load for summary in summaries])
        boarding = self._boarding(dataset.terminals["id"])
        flow = np.array([summary.flow for summary in summaries])
        ends = len(dataset.terminals)
        areas = area_frame(dataset, self.origins, departures)
        return {
            "draws": draws,
            "terminal_draws": terminal_draws,
            "areas": areas,
            "settlements": settlement_frame(
                dataset,
                self.origins,
                pilots=self.pilots,
                regencies=areas[areas["level"] == "regency"],
            ),
            "terminals": _terminals(dataset, load[:, :ends] * boarding),
            "legs": _legs(dataset, self.graph, network, flow),
            "destinations": _destinations(dataset, load[:, ends:]),
            "corridors": corridors,
            "corridor_origins": corridor_origins,
            "pairs": self._pairs(),
        }

    def _boarding(self, terminals: pd.Series) -> Floats:
        """Of those who pass each terminal in the central model the share that is at it."""
        graph, network = self.graph, self.model.network_
        by_road = driven(network, graph.edges(data="mode"), graph.nodes(data="country"))
        share = boarding_share(self.model, by_road)
        return np.asarray(share[pd.Index(network.nodes).get_indexer(terminals)])

    def _pairs(self) -> pd.DataFrame:
        """Persons a year from each regency to each destination, by departures and shares alone.

        The network with its posts and landings has no part in it: a pair is what the evidence says
        of its province. Its interval is that of the departures of the regency, with shares at their
        means, so that pairs of one regency add up in every percentile.
        """
        departures = self.origins.departures
        drawn = departures.by_regency
        persons = with_interval(pd.DataFrame(index=drawn.columns), "persons", drawn.to_numpy())
        shares = self.origins.destinations.by_destination(departures.region_shares.to_numpy(float))
        of_regency = shares.loc[persons.index.str[:2]].set_axis(persons.index).rename_axis("code")
        pairs = of_regency.reset_index().melt("code", var_name="destination_id", value_name="share")
        share = pairs.pop("share").to_numpy()
        for column, values in persons.items():
            pairs[str(column)] = values.loc[pairs["code"]].to_numpy() * share
        hazard = self.dataset.destinations.set_index("id")["hazard"]
        return (
            pairs[pairs["persons_mean"] > 0]
            .assign(
                vulnerability=pairs["code"].map(self._index_by_regency()),
                hazard=pairs["destination_id"].map(hazard),
            )
            .dropna(subset="vulnerability")
            .sort_values(["code", "destination_id"], ignore_index=True)
        )

    def _index_by_regency(self) -> pd.Series:
        """Index of the origins of each regency, weighted by their departures."""
        sampler, code = self.origins.sampler, self.origins.table["regency_code"]
        departures = sampler.departures()
        weighted: pd.Series = (sampler.vulnerability() * departures).groupby(code).sum()
        return weighted / departures.groupby(code).sum()

    def _corridors(self, draws: TerminalDraws) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Corridors with intervals, and from which regencies their people come."""
        terminals = self.dataset.terminals
        places = place_nodes(
            zip(terminals["id"], terminals["place"], strict=True),
            calls_aboard(self.graph.nodes(data="calls_at")),
        )
        nodes = destination_nodes(self.dataset)
        ends = nodes.groupby("destination")["node"].agg(frozenset)
        waypoints = [
            [*(places[place] for place in corridor.places), ends[str(corridor.destination)]]
            for corridor in self.found_corridors
        ]
        summary = measure_corridors(draws, waypoints)
        corridors = _corridor_table(self.dataset, self.found_corridors, self.listed_for, summary)
        origins = _origin_table(self.dataset, corridors["id"], draws.layout.regencies, summary)
        order = corridors["persons_mean"].sort_values(ascending=False, kind="stable").index
        return corridors.loc[order].reset_index(drop=True), origins


def _terminals(dataset: Dataset, load: Floats) -> pd.DataFrame:
    frame = dataset.terminals.assign(official=dataset.terminals["kind"] != "unofficial")
    return with_interval(frame, "load", load)


def _destinations(dataset: Dataset, load: Floats) -> pd.DataFrame:
    """Persons a year who end at each destination, by either way; ``load`` is by node."""
    end = pd.Index(dataset.destinations["id"]).get_indexer(
        destination_nodes(dataset)["destination"]
    )
    of_end = np.zeros((len(end), len(dataset.destinations)))
    of_end[np.arange(len(end)), end] = 1.0
    return with_interval(dataset.destinations, "flow", load @ of_end)


def _leg_edges(graph: nx.DiGraph, network: Network) -> pd.DataFrame:
    """Edges that sail, fly or drive a curated leg: ``leg_id``, ``edge`` (position), ``hours``.

    A leg is sailed by whoever stays aboard and by whoever gets off; ``hours`` of the latter, from
    port to port, include boarding.
    """
    pairs = zip(network.tail.tolist(), network.head.tolist(), strict=True)
    rows = []
    for edge, (i, j) in enumerate(pairs):
        u, v = network.nodes[i], network.nodes[j]
        leg = graph.edges[u, v].get("leg_id")
        if not isinstance(leg, str):
            continue
        hours, port = network.hours[edge], graph.nodes[u].get("calls_at")
        if port is not None:
            gets_off = graph.nodes[v]["kind"] != "aboard"
            hours = hours + graph.edges[port, u]["hours"] if gets_off else np.inf
        rows.append((leg, edge, hours))
    return pd.DataFrame(rows, columns=["leg_id", "edge", "hours"])


def _legs(dataset: Dataset, graph: nx.DiGraph, network: Network, flow: Floats) -> pd.DataFrame:
    """Curated legs; the dearer of two parallel legs outside any line carries nobody.

    The share of a parallel pair is not known, so all of it is put on the cheaper leg.
    """
    legs, edges = dataset.legs, _leg_edges(graph, network)
    position = pd.Index(legs["id"]).get_indexer(edges["leg_id"])
    drawn = np.zeros((len(legs), len(flow)))
    np.add.at(drawn, position, flow.T)
    hours = legs["id"].map(edges.groupby("leg_id")["hours"].min())
    on_lines = weekly_on_lines(legs, rides(dataset))
    frame = legs.assign(generalised_hours=hours, line_departures_per_week=on_lines)
    return with_interval(frame, "flow", drawn.T)


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
    corridors: dict[tuple[tuple[str, ...], object], FoundCorridor] = {}
    listed: dict[tuple[tuple[str, ...], object], list[str]] = {}
    finder = CorridorFinder(model, graph)
    for corridor in finder.find(demand=demand, limit=parameters.corridor_limits[0]):
        key = (corridor.places, corridor.destination)
        corridors[key], listed[key] = corridor, []
    for province, rows in origins.groupby("province_code").groups.items():
        province_demand = np.zeros_like(demand)
        where = position[rows]
        province_demand[where] = demand[where]
        limit = parameters.corridor_limits[0 if province in parameters.pilots else 1]
        for corridor in finder.find(demand=province_demand, limit=limit):
            key = (corridor.places, corridor.destination)
            corridors.setdefault(key, corridor)
            listed.setdefault(key, []).append(str(province))
    return list(corridors.values()), list(listed.values())


def _corridor_id(corridor: FoundCorridor) -> str:
    slugs = [place_id(name).removeprefix("place:") for name in corridor.places]
    return "--".join([*slugs, str(corridor.destination)])


def _corridor_table(
    dataset: Dataset,
    found: Sequence[FoundCorridor],
    listed_for: Sequence[Sequence[str]],
    summary: CorridorSummary,
) -> pd.DataFrame:
    destinations = dataset.destinations.set_index("id")
    middle = dataset.terminals.groupby("place")[["lon", "lat"]].mean()
    rows = []
    for corridor, provinces in zip(found, listed_for, strict=True):
        end = destinations.loc[str(corridor.destination)]
        slugs = [place_id(name) for name in corridor.places]
        rows.append(
            {
                "id": _corridor_id(corridor),
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
                "listed_for": list(provinces),
            }
        )
    frame = pd.DataFrame(rows).assign(**summary.components)
    frame = with_interval(frame, "persons", summary.persons)
    frame = with_interval(frame, "score", summary.score)
    # Where nearly all draws reach the top of the scale the mean lies below them.
    frame["score_p05"] = frame[["score_p05", "score_mean"]].min(axis=1)
    frame["class"] = [risk_class(score) for score in frame["score_mean"]]
    probabilities = class_probabilities(summary.score)
    return frame.assign(**{f"p_{name}": shares for name, shares in probabilities.items()})


def _origin_table(
    dataset: Dataset, corridors: pd.Series, regencies: NDArray[np.str_], summary: CorridorSummary
) -> pd.DataFrame:
    """Mean persons a year of each corridor by the regency where they start."""
    names = dataset.areas.set_index("code")["name"]
    whole = summary.by_regency.sum(axis=1, keepdims=True)
    share = np.divide(
        summary.by_regency, whole, out=np.zeros_like(summary.by_regency), where=whole > 0
    )
    corridor, regency = np.nonzero(share > _LEAST_SHARE)
    code = pd.Series(regencies[regency], dtype=str)
    return pd.DataFrame(
        {
            "corridor_id": corridors.to_numpy()[corridor],
            "code": code,
            "name": code.map(names).fillna(code),
            "province_code": code.str[:2],
            "persons_mean": summary.by_regency[corridor, regency],
            "share": share[corridor, regency],
        }
    )
