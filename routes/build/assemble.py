"""Putting a build together: from the dataset to fitted model, draws and result tables."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from geo.disclosure import protected_counts
from geo.progress import ProgressCallback
from routes.build.area_tables import hotspot_frame
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.build.tables import Results
from routes.demand.origins import fit_origins
from routes.ensemble.draws import sample_draws
from routes.flow.model import FlowModel
from routes.flow.utilities import ShareTarget, fit_utilities
from routes.graph.arrays import Floats, Network
from routes.graph.build import build_graph
from routes.inputs.protected_inputs import protected_inputs
from routes.vulnerability.framework import Framework

__all__ = ["assemble", "share_targets"]


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
    counts = protected_counts(dataset.counts, secret=secret)
    dataset = protected_inputs(dataset, secret, framework.person_counts)
    progress("graph", 0, 1)
    graph = build_graph(dataset, parameters=parameters.costs)
    network = Network.from_graph(graph)
    progress("vulnerability", 0, 1)
    origins = fit_origins(
        dataset, graph, framework, demand=parameters.demand, costs=parameters.costs
    )
    sampler = origins.sampler
    central = sampler.departures()
    _annotate(graph, origins.table, central, sampler.vulnerability())

    progress("calibration", 0, 1)
    demand = network.vector(dict(zip(origins.table["node"], central, strict=True)))
    targets = share_targets(dataset, network, origins.table, demand, parameters)
    utility = fit_utilities(network, parameters.theta, targets)
    for node, nats, is_end in zip(network.nodes, utility, network.destination, strict=True):
        if is_end:
            graph.nodes[node]["utility"] = float(nats)

    network = network.with_costs(utility=utility)
    progress("corridors", 0, 1)
    model = FlowModel(theta=parameters.theta).fit_network(network, demand)
    results = Results.of(dataset, graph, model, origins, parameters=parameters)
    report: Callable[[int], None] = lambda done: progress("draws", done, draws)  # noqa: E731
    sampled, summaries = sample_draws(
        graph,
        network,
        theta=parameters.theta,
        targets=targets,
        origins=pd.Index(network.nodes).get_indexer(origins.table["node"]),
        demand=lambda rng: sampler.departures(rng).to_numpy(),
        vulnerability=lambda rng: sampler.vulnerability(rng).to_numpy(),
        risk_weights=parameters.risk.as_array(),
        parameters=parameters.ensemble,
        seed=seed,
        count=draws,
        observe=results.summarizer,
        progress=report,
        workers=workers,
        cluster=cluster,
    )
    progress("tables", 0, 1)
    about = {"seed": seed, "draws": draws, "dataset": dataset.digest, **parameters.as_dict()}
    parts = results.parts(sampled, summaries)
    parts |= {
        "graph": graph,
        "hotspots": hotspot_frame(dataset, origins, central, seed=seed),
        "counts": counts,
        "services": dataset.services,
        "posts": dataset.posts,
    }
    return Build(name, about, parts)


def _annotate(
    graph: nx.DiGraph, origins: pd.DataFrame, demand: pd.Series, vulnerability: pd.Series
) -> None:
    """Put demand and vulnerability on the origin nodes, where the corridor measure reads them."""
    for node, persons, score in zip(origins["node"], demand, vulnerability, strict=True):
        graph.nodes[node]["demand"] = float(persons)
        graph.nodes[node]["vulnerability"] = float(score)


def share_targets(
    dataset: Dataset,
    network: Network,
    origins: pd.DataFrame,
    demand: Floats,
    parameters: ModelParameters,
) -> dict[str, ShareTarget]:
    """Targets by origin group; group ``ID`` is every province without shares of its own."""
    shares = dataset.destination_shares
    named = set(shares["origin_code"]) - {"ID"}
    group_of = dict(
        zip(
            origins["node"],
            origins["province_code"].where(origins["province_code"].isin(named), "ID"),
            strict=True,
        )
    )
    ends = [n for n, is_end in zip(network.nodes, network.destination, strict=True) if is_end]
    targets = {}
    for code, evidence, weight in parameters.share_groups:
        share = shares[shares["origin_code"] == code].set_index("destination_id")["share"]
        of_group = np.array([group_of.get(str(node)) == code for node in network.nodes])
        targets[code] = ShareTarget(
            demand=np.where(of_group, demand, 0.0),
            share=share.reindex(ends).fillna(0.0).to_numpy() / share.sum(),
            evidence=evidence,
            weight=weight,
        )
    return targets
