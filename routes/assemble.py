"""Putting a build together: from the dataset to fitted model, draws and result tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from geo.dataset import Dataset
from routes.build import Build, ModelParameters, Progress
from routes.calibration import ShareTarget, fit_utilities
from routes.demand import allocate_population, expected_departures
from routes.ensemble import Draws, sample_draws
from routes.framework import Framework
from routes.graph import build_graph
from routes.indicator_table import indicator_table
from routes.network import Floats, Network
from routes.origins import origin_points
from routes.results import result_tables
from routes.vulnerability import VulnerabilityIndex

__all__ = ["assemble"]

_PERSONS_PER_GROUP = 10.0
"""Interceptions are of groups: ten persons count as one independent record (assumed)."""


@dataclass(frozen=True, eq=False)
class _Origins:
    """Origins with people, and how to draw their departures."""

    table: pd.DataFrame
    index: VulnerabilityIndex
    regency_records: pd.Series
    province_records: pd.Series
    parameters: ModelParameters

    def departures(
        self, vulnerability: pd.Series, rng: np.random.Generator | None = None
    ) -> pd.Series:
        return expected_departures(
            self.table,
            vulnerability,
            regency_records=self.regency_records,
            province_records=self.province_records,
            parameters=self.parameters.demand,
            rng=rng,
        )

    def drawn_vulnerability(self, rng: np.random.Generator) -> pd.Series:
        """One draw of the index by regency, normal within its interval."""
        score, band = self.index.score_, self.index.interval_
        spread = (band["p95"] - band["p05"]) / (2 * 1.645)
        return (score + rng.normal(size=len(score)) * spread).clip(0, 10)


def assemble(
    dataset: Dataset,
    parameters: ModelParameters,
    *,
    name: str,
    seed: int,
    draws: int,
    progress: Progress,
) -> Build:
    """Make the whole build in memory."""
    progress("graph", 0, 1)
    graph = build_graph(dataset, parameters=parameters.costs)
    network = Network.from_graph(graph)
    progress("vulnerability", 0, 1)
    indices = _vulnerability(dataset)
    origins = _origins(dataset, indices["regency"], parameters)
    regency_score = indices["regency"].score_
    central = origins.departures(regency_score)
    _annotate(graph, origins.table, central, regency_score)

    progress("calibration", 0, 1)
    demand = network.vector(dict(zip(origins.table["node"], central, strict=True)))
    targets = _share_targets(dataset, network, origins.table, demand, parameters)
    utility = fit_utilities(network, parameters.theta, targets)
    for node, nats, is_end in zip(network.nodes, utility, network.destination, strict=True):
        if is_end:
            graph.nodes[node]["utility"] = float(nats)

    sampled = _sample(graph, network, origins, targets, parameters, seed, draws, progress)
    about = {"seed": seed, "draws": draws, "dataset": dataset.digest, **parameters.as_dict()}
    tables = result_tables(
        dataset, graph, sampled, indices, origins.table, parameters=parameters, progress=progress
    )
    return Build(
        id=name,
        parameters=about,
        graph=graph,
        draws=sampled,
        regency_cells=gpd.GeoDataFrame(),
        basemap=dataset.basemap,
        counts=dataset.counts,
        services=dataset.services,
        posts=dataset.posts,
        **tables,
    )


def _vulnerability(dataset: Dataset) -> dict[str, VulnerabilityIndex]:
    framework = Framework.load()
    indices = {}
    for level in ("province", "regency"):
        codes = dataset.areas.loc[dataset.areas["level"] == level, "code"]
        table = indicator_table(dataset.indicators, framework, codes=codes)
        coarser = None
        if level == "regency":
            provinces = dataset.areas.loc[dataset.areas["level"] == "province", "code"]
            coarser = indicator_table(dataset.indicators, framework, codes=provinces)
        indices[level] = VulnerabilityIndex(framework).fit(table, coarser=coarser)
    return indices


def _latest(dataset: Dataset, indicator: str, *, length: int) -> pd.Series:
    """Newest value of an indicator by area code of that length (2 province, 5 regency)."""
    rows = dataset.indicators
    rows = rows[(rows["indicator"] == indicator) & (rows["area_code"].str.len() == length)]
    newest: pd.Series = rows.sort_values("year").groupby("area_code")["value"].last()
    return newest


def _origins(dataset: Dataset, index: VulnerabilityIndex, parameters: ModelParameters) -> _Origins:
    table = origin_points(dataset)
    table["population"] = allocate_population(table, _latest(dataset, "population", length=5))
    counts = dataset.counts
    stopped = counts[(counts["kind"] == "interception") & (counts["origin_code"] != "")]
    by_province = stopped.groupby("origin_code")["value"].sum() / _PERSONS_PER_GROUP
    deaths = _latest(dataset, "migrant_deaths", length=5)
    return _Origins(table, index, deaths, by_province, parameters)


def _annotate(
    graph: nx.DiGraph, origins: pd.DataFrame, demand: pd.Series, regency_score: pd.Series
) -> None:
    """Put demand and vulnerability on the origin nodes, where the corridor measure reads them."""
    middle = float(regency_score.median())
    for row, persons in zip(origins.itertuples(index=False), demand, strict=True):
        score = regency_score.get(row.regency_code, np.nan)
        graph.nodes[row.node]["demand"] = float(persons)
        graph.nodes[row.node]["vulnerability"] = middle if np.isnan(score) else float(score)


def _share_targets(
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
        ours = np.array([group_of.get(str(node)) == code for node in network.nodes])
        targets[code] = ShareTarget(
            demand=np.where(ours, demand, 0.0),
            share=share.reindex(ends).fillna(0.0).to_numpy() / share.sum(),
            evidence=evidence,
            weight=weight,
        )
    return targets


def _sample(
    graph: nx.DiGraph,
    network: Network,
    origins: _Origins,
    targets: dict[str, ShareTarget],
    parameters: ModelParameters,
    seed: int,
    draws: int,
    progress: Progress,
) -> Draws:
    nodes = origins.table["node"]
    index = pd.Index(network.nodes)
    place = index.get_indexer(nodes)
    regency = origins.table["regency_code"]

    def spread(values: pd.Series) -> Floats:
        whole = np.zeros(len(network.nodes))
        whole[place] = values.to_numpy()
        return whole

    def demand(rng: np.random.Generator) -> Floats:
        return spread(origins.departures(origins.drawn_vulnerability(rng), rng))

    def vulnerability(rng: np.random.Generator) -> Floats:
        score = origins.drawn_vulnerability(rng)
        return spread(regency.map(score).fillna(score.median()))

    report: Callable[[int], None] = lambda done: progress("draws", done, draws)  # noqa: E731
    return sample_draws(
        graph,
        network,
        theta=parameters.theta,
        targets=targets,
        demand=demand,
        vulnerability=vulnerability,
        risk_weights=parameters.risk.as_array(),
        parameters=parameters.ensemble,
        seed=seed,
        count=draws,
        progress=report,
    )
