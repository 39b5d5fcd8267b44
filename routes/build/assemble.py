"""Putting a build together: from the dataset to fitted model, draws and result tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.disclosure import key_fingerprint, protected_counts
from geo.errors import ModelError
from geo.posts import standing_posts, watched_years, watches_on_record
from geo.progress import ProgressCallback
from geo.tiers import TIERS
from routes.build.area_tables import hotspot_frame
from routes.build.checks import checks_by_terminal
from routes.build.coverage import coverage_frame
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.build.tables import Results
from routes.demand.origins import OriginModel, OriginSampler, fit_origins
from routes.ensemble.draws import DrawnOrigins, sample_draws
from routes.ensemble.leg_times import LegTimes
from routes.flow.boarding import boarding_share, driven
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Floats, Network
from routes.graph.build import GraphFrames, build_graph, official_frames
from routes.graph.coasts import landing_coasts
from routes.graph.origins import origin_points
from routes.inputs.protected_inputs import protected_inputs
from routes.observation.exits import CONSTANT_SD, ExitFit, coast_hubs, deferrals_on_record
from routes.observation.posts import post_detection
from routes.observation.record import record_years, stops_on_record
from routes.observation.watch import OWN_RATES, WatchFit, class_loads
from routes.vulnerability.accessibility import nearest_office
from routes.vulnerability.framework import Framework

__all__ = ["assemble"]


def assemble(
    dataset: Dataset,
    parameters: ModelParameters,
    *,
    framework: Framework,
    secret: bytes,
    name: str,
    seed: int,
    draws: int,
    workers: int | None,
    cluster: str | None,
    progress: ProgressCallback,
) -> Build:
    """Make the whole build in memory, its draws where ``workers`` or ``cluster`` say.

    Model and release use protected counts alone (:mod:`routes.inputs.protected_inputs`).
    """
    counts = _shown_counts(dataset, secret)
    checks = checks_by_terminal(dataset.checks, secret=secret)
    watches = watches_on_record(dataset.effort)
    about = {"seed": seed, "draws": draws, "dataset": dataset.digest, **parameters.as_dict()}
    if dataset.holds_counts:
        about["key"] = key_fingerprint(secret)
    if dataset.agreements:
        about["agreements"] = _named_agreements(dataset)
    observed, dataset = (
        protected_inputs(dataset.permitted(purpose), secret, framework.person_counts)
        for purpose in ("posts", "model")
    )
    progress("graph", 0, 1)
    points = origin_points(dataset, level=parameters.origins, pilots=parameters.pilots)
    graph = build_graph(dataset, parameters=parameters.costs, origins=points)
    network = Network.from_graph(graph)
    progress("vulnerability", 0, 1)
    official = official_frames(dataset, parameters=parameters.costs, origins=points)
    origins = fit_origins(
        dataset, official, framework, demand=parameters.demand, costs=parameters.costs, table=points
    )
    sampler = origins.sampler
    central = sampler.departures()
    _annotate(graph, origins.table, central, sampler.vulnerability())

    progress("calibration", 0, 1)
    demand = network.vector(dict(zip(origins.table["node"], central, strict=True)))
    shares = _by_group(network, sampler)
    network, utility = _with_exits(observed, graph, network, parameters.theta, demand, shares)
    _annotate_destinations(graph, network)
    progress("corridors", 0, 1)
    model = FlowModel(theta=parameters.theta).fit_network(network, demand)
    for node, rates in _watch(observed, model).items():
        graph.nodes[node]["watch"] = rates
    for node, detection in _detection(observed, model).items():
        post = graph.nodes[node]["post"]
        graph.nodes[node]["post"] = replace(post, detection=float(detection))
    results = Results.of(dataset, graph, model, origins, parameters=parameters)
    report: Callable[[int], None] = lambda done: progress("draws", done, draws)  # noqa: E731
    times = LegTimes.of(_leg_edges(graph), parameters.costs, parameters.ensemble.times)
    sampled, summaries = sample_draws(
        network,
        times,
        theta=parameters.theta,
        utility=utility,
        origins=pd.Index(network.nodes).get_indexer(origins.table["node"]),
        regency=pd.factorize(origins.table["regency_code"])[0],
        share=sampler.share.to_numpy(float),
        sample=partial(_sample, network, sampler),
        parameters=parameters.ensemble,
        seed=seed,
        count=draws,
        observe=results.summarizer,
        progress=report,
        workers=workers,
        cluster=cluster,
    )
    progress("tables", 0, 1)
    parts = results.parts(sampled, summaries)
    parts |= {
        "graph": graph,
        "official_edges": official.edges[["u", "v", "time_h", "headway_h", "hours", "basis"]],
        "hotspots": hotspot_frame(dataset, origins, central, seed=seed),
        "counts": counts,
        "terminals": parts["terminals"].assign(
            official_load=parts["terminals"]["id"].map(
                _official_load(official, origins, central, parameters.theta)
            ),
            checks=[checks.get(str(name), "") for name in parts["terminals"]["id"]],
            watched=[
                json.dumps(watches[name], ensure_ascii=False) if name in watches else ""
                for name in parts["terminals"]["id"].astype(str)
            ],
        ),
        "areas": _with_nearest_ltsa(parts["areas"], dataset, official, parameters),
        "coverage": coverage_frame(dataset, parts["areas"]),
        "services": dataset.services,
        "posts": dataset.posts,
    }
    return Build(name, about, parts)


def _with_nearest_ltsa(
    areas: pd.DataFrame, dataset: Dataset, official: GraphFrames, parameters: ModelParameters
) -> pd.DataFrame:
    """Areas with the LTSA nearest to the regency's seat; a province has none."""
    nearest = nearest_office(dataset, official, "ltsa", parameters=parameters.costs)
    regency = areas["code"].where(areas["level"] != "province").str[:5]
    return areas.assign(
        ltsa_id=regency.map(nearest["id"]).fillna(""), ltsa_hours=regency.map(nearest["hours"])
    )


def _official_load(
    official: GraphFrames, origins: OriginModel, central: pd.Series, theta: float
) -> pd.Series:
    """Persons a year at each terminal, by id, if people knew the official network alone.

    Departures and shares are those of the first fit, so that no post, landing or stop has a part in
    it; nothing is known where a group reaches no destination in that network.
    """
    network = Network.from_frames(official.nodes, official.edges)
    demand = network.vector(dict(zip(origins.table["node"], central, strict=True)))
    try:
        utility = fit_utilities(network, theta, demand, _by_group(network, origins.sampler))
    except ModelError:
        return pd.Series(dtype=float)
    model = FlowModel(theta=theta).fit_network(network.with_costs(utility=utility), demand)
    edges, nodes = official.edges, official.nodes
    by_road = driven(
        network,
        zip(edges["u"], edges["v"], edges["mode"], strict=True),
        zip(nodes["node"], nodes["country"], strict=True),
    )
    at_terminal = model.load_array * boarding_share(model, by_road)
    return pd.Series(at_terminal, index=list(map(str, network.nodes)))


def _shown_counts(dataset: Dataset, secret: bytes) -> pd.DataFrame:
    """The protected cells; with limited agreements those of each tier, which ``tier`` names."""
    views = {tier: dataset.permitted("layers", tier) for tier in TIERS}
    if all(view is dataset for view in views.values()):
        return protected_counts(dataset.counts, secret=secret).assign(tier="")
    cells = (
        protected_counts(view.counts, secret=secret).assign(tier=tier)
        for tier, view in views.items()
    )
    return pd.concat(cells, ignore_index=True)


def _named_agreements(dataset: Dataset) -> list[dict[str, str]]:
    """The agreements that the build rests on, and from which tier on each is named."""
    return [
        {"owner": agreement.owner, "number": number, "tier": agreement.tier}
        for number, agreement in sorted(dataset.agreements.items())
    ]


def _annotate(
    graph: nx.DiGraph, origins: pd.DataFrame, demand: pd.Series, vulnerability: pd.Series
) -> None:
    """Put demand and vulnerability on the origin nodes, where the corridor measure reads them."""
    for node, persons, score in zip(origins["node"], demand, vulnerability, strict=True):
        graph.nodes[node]["demand"] = float(persons)
        graph.nodes[node]["vulnerability"] = float(score)


def _by_group(network: Network, sampler: OriginSampler, shares: Floats | None = None) -> Floats:
    """Shares of destinations in the order of the network's groups and destinations."""
    table = pd.DataFrame(
        sampler.shares() if shares is None else shares,
        index=list(sampler.destinations.provinces), columns=list(sampler.destinations.nodes),
    )  # fmt: skip
    ends = [network.nodes[i] for i in network.structure.ends]
    ordered = table.reindex(index=list(network.groups), columns=ends).fillna(0.0)
    return np.asarray(ordered, float)


def _sample(
    network: Network, sampler: OriginSampler, k: int, rng: np.random.Generator
) -> DrawnOrigins:
    departures, vulnerability, shares = sampler.draw(k, rng)
    return DrawnOrigins(
        demand=departures.to_numpy(),
        vulnerability=vulnerability.to_numpy(),
        shares=_by_group(network, sampler, shares),
    )


def _with_exits(
    dataset: Dataset,
    graph: nx.DiGraph,
    network: Network,
    theta: float,
    demand: Floats,
    shares: Floats,
) -> tuple[Network, Floats]:
    """The network and its utilities with the legs abroad as dear as deferrals say, also in
    ``graph``.
    """
    home = dataset.terminals[dataset.terminals["country"] == "ID"].set_index("id")
    coasts = landing_coasts(dataset.terminals)
    exits = coasts.reindex(home.index).fillna(home["area_code"])
    country = dict(graph.nodes(data="country"))
    legs = [
        (network.nodes[i], network.nodes[j])
        for i, j in zip(network.tail, network.head, strict=True)
    ]
    exit_of = pd.Series([exits.get(u, "") if country[v] != "ID" else "" for u, v in legs])
    deferred = deferrals_on_record(dataset.counts, dataset.terminals, posts=dataset.posts)
    hub = coast_hubs(home["area_code"], home[["lat", "lon"]], coasts, set(deferred["exit"]))
    town = exit_of.map(hub).fillna("")
    nothing = np.zeros(len(network.hours))
    least_h = network.leg_hours(nothing, nothing, 1.0)
    utility = None

    def fitted(constants: pd.Series, tolerance: float) -> tuple[Network, Floats]:
        nonlocal utility
        gained = exit_of.map(constants).fillna(0.0) + town.map(constants).fillna(0.0)
        earlier = gained.to_numpy(float) / theta
        changed = network.with_costs(hours=np.maximum(network.hours - earlier, least_h))
        utility = fit_utilities(changed, theta, demand, shares, tolerance=tolerance, start=utility)
        return changed.with_costs(utility=utility), utility

    def loads(constants: pd.Series) -> pd.Series:
        model = FlowModel(theta=theta).fit_network(fitted(constants, 1e-3)[0], demand)
        return pd.Series(model.leg_flow_.values_array).groupby(exit_of).sum()

    fit = ExitFit.of(deferred, loads)
    changed, utility = fitted(fit.constants, 1e-8)
    drawn = pd.DataFrame({"exit": exit_of, "exit_town": exit_of.map(hub)})
    for name, column in (("exit_spread", "exit"), ("town_spread", "exit_town")):
        drawn[name] = drawn[column].map(fit.spreads).fillna(CONSTANT_SD)
    rows = zip(legs, network.hours, changed.hours, drawn.to_dict("records"), strict=True)
    for (u, v), before, after, spread in rows:
        edge = graph.edges[u, v]
        if after != before:
            edge["hours"], edge["time_h"] = float(after), edge["time_h"] + float(after - before)
        if spread["exit"]:
            edge.update({name: x for name, x in spread.items() if pd.notna(x)})
    return changed, utility


def _leg_edges(graph: nx.DiGraph) -> pd.DataFrame:
    """Edges of the graph in the network's order of legs."""
    kind = dict(graph.nodes(data="kind"))
    rows = (edge for u, _, edge in graph.edges(data=True) if kind[u] != "destination")
    return pd.DataFrame.from_records(list(rows))


def _watch(dataset: Dataset, model: FlowModel) -> dict[str, dict[tuple[Any, ...], float]]:
    """Observation rates of the terminals, fitted to the events on record."""
    home = dataset.terminals[dataset.terminals["country"] == "ID"]
    nodes = list(map(str, model.network_.nodes))
    loads = {key: pd.Series(load, index=nodes) for key, load in model.role_loads().items()}
    events = stops_on_record(dataset.counts)
    years, watched = record_years(events), watched_years(dataset.effort, home)
    fit = WatchFit(first_year=years[0], last_year=years[-1])
    by_class = class_loads(loads, home.set_index("id")["kind"], OWN_RATES)
    return fit.fit(by_class, home, events, watched).watch(home, watched, years)


def _detection(dataset: Dataset, model: FlowModel) -> pd.Series:
    """Detection of the posts in force, fitted to the persons stopped on record."""
    load = pd.Series(model.load_array, index=list(map(str, model.network_.nodes)))
    return post_detection(standing_posts(dataset.posts), dataset.counts, dataset.terminals, load)


def _annotate_destinations(graph: nx.DiGraph, network: Network) -> None:
    """Put the utilities of each group on the destinations."""
    assert network.group_utility is not None
    for k, end in enumerate(network.structure.ends.tolist()):
        nats = zip(network.groups, network.group_utility[:, k].tolist(), strict=True)
        attributes = graph.nodes[network.nodes[end]]
        attributes["utilities"] = {group: value for group, value in nats if not np.isnan(value)}
        attributes.pop("utility", None)
