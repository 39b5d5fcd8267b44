"""The build: dataset in, calibrated model and result tables out, kept under ``var/model``.

``build_model`` makes it, ``load_build`` reads it back; a build is named by the hash of everything
it came from, so the same data, parameters and code give the same build.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.dataset import Dataset
from geo.errors import InputError
from geo.paths import Home
from geo.protect import KEY_FILE, release_secret
from geo.source_digest import source_digest
from routes.cluster import check_cluster
from routes.corridors import CorridorMeter
from routes.costs import CostParameters
from routes.demand import DemandParameters
from routes.ensemble import Draws, EnsembleParameters, draw_models
from routes.flow import FlowModel
from routes.framework import FRAMEWORK_FILE, Framework
from routes.network import Floats, Network
from routes.risk import RiskWeights
from routes.road_paths import OSM
from routes.store import read_model, write_model

__all__ = ["DRAWS", "SEED", "Build", "ModelParameters", "build_id", "build_model", "load_build"]

SEED = 2018
DRAWS = 100

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


@dataclass(frozen=True, kw_only=True)
class ModelParameters:
    """Every default parameter of a build, in one place.

    Attributes
    ----------
    theta : float
        Sensitivity to generalised cost, 1/hour.
    share_groups : tuple of (code, evidence, weight)
        Origin groups with destination shares: effective sample behind them (DESTINATION_SHARES.md)
        and weight in the fit. One set of utilities cannot match all groups; NTT, where the service
        works first, weighs four times its evidence (docs/decisions/0004).
    corridor_limits : tuple of int
        Most corridors listed for a pilot province and for the whole nation (both are complete at
        95 % of the flow below that), and for any other province.
    """

    theta: float = 0.10
    costs: CostParameters = field(default_factory=CostParameters)
    demand: DemandParameters = field(default_factory=DemandParameters)
    ensemble: EnsembleParameters = field(default_factory=EnsembleParameters)
    risk: RiskWeights = field(default_factory=RiskWeights)
    share_groups: tuple[tuple[str, float, float], ...] = (
        ("53", 100.0, 400.0),
        ("52", 50.0, 50.0),
        ("73", 50.0, 50.0),
        ("35", 20.0, 20.0),
        ("ID", 20.0, 20.0),
    )
    corridor_limits: tuple[int, int] = (300, 15)

    def as_dict(self) -> dict[str, Any]:
        """All parameters as plain values, for the manifest and the id."""
        plain: dict[str, Any] = json.loads(json.dumps(_plain(self), sort_keys=True))
        return plain


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return dict(value) if hasattr(value, "items") else value


@dataclass(frozen=True, eq=False)
class Build:
    """Model and results; the columns of the frames are listed in docs/ARCHITECTURE.md."""

    id: str
    parameters: dict[str, Any]
    graph: nx.DiGraph
    draws: Draws
    areas: pd.DataFrame
    settlements: pd.DataFrame
    terminals: pd.DataFrame
    legs: pd.DataFrame
    destinations: pd.DataFrame
    corridors: pd.DataFrame
    corridor_origins: pd.DataFrame
    pairs: pd.DataFrame
    counts: pd.DataFrame
    services: pd.DataFrame
    posts: pd.DataFrame
    hotspots: pd.DataFrame
    regency_cells: gpd.GeoDataFrame
    basemap: Path

    @cached_property
    def network(self) -> Network:
        """The graph as arrays."""
        return Network.from_graph(self.graph)

    @cached_property
    def _fitted(self) -> FlowModel:
        demand = {n: r for n, r in self.graph.nodes(data="demand") if r}
        return FlowModel(theta=float(self.parameters["theta"])).fit(self.graph, demand)

    def flow_model(self) -> FlowModel:
        """The calibrated model, fitted to the expected demand of all origins."""
        return self._fitted

    def drawn_models(self) -> Iterator[FlowModel]:
        """The fitted model of each draw."""
        return draw_models(self.graph, self.network, self.draws)

    @cached_property
    def on_osm_roads(self) -> bool:
        """Whether any road link follows an imported OpenStreetMap network."""
        return any(basis == OSM for _, _, basis in self.graph.edges(data="basis"))

    def meter(self) -> CorridorMeter:
        """Measures corridors on this build's nodes."""
        kinds = [kind for _, kind in self.graph.nodes(data="kind")]
        hazard = [h if h is not None else 0.0 for _, h in self.graph.nodes(data="hazard")]
        return CorridorMeter(
            unofficial=np.array([kind == "unofficial" for kind in kinds]),
            hazard=np.array(hazard, float),
        )

    @cached_property
    def node_vulnerability(self) -> Floats:
        """Index of the regency of each origin, 0-10; 0 at other nodes."""
        values = [v if v is not None else 0.0 for _, v in self.graph.nodes(data="vulnerability")]
        return np.array(values, float)

    @cached_property
    def regency_codes(self) -> tuple[str, ...]:
        """Codes of the regencies that are origins, sorted."""
        return tuple(sorted({self._regency(n) for n in self.graph} - {""}))

    @cached_property
    def regency_names(self) -> tuple[str, ...]:
        """Names in the order of :attr:`regency_codes`."""
        names = self.areas.set_index("code")["name"]
        return tuple(str(names.get(code, code)) for code in self.regency_codes)

    @cached_property
    def node_regency(self) -> NDArray[np.intp]:
        """Position in :attr:`regency_codes` of each origin's regency; 0 at nodes without demand."""
        place = {code: k for k, code in enumerate(self.regency_codes)}
        return np.array([place.get(self._regency(n), 0) for n in self.graph], dtype=np.intp)

    def _regency(self, node: Any) -> str:
        attributes = self.graph.nodes[node]
        is_origin = attributes["kind"] in {"settlement", "seat"}
        return str(attributes["area_code"]) if is_origin else ""


def build_id(
    dataset: Dataset,
    home: Home | str | Path | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    parameters: ModelParameters | None = None,
) -> str:
    """Name of the build that these data and parameters give with this code: 12 hex digits.

    The home's own framework and its rounding secret count too, once there are any: they change
    the scores. What is hashed of the secret does not give it away.
    """
    digest = hashlib.sha256(dataset.digest.encode())
    where = Home.resolve(home)
    own = where.root / FRAMEWORK_FILE
    if own.exists():
        digest.update(own.read_bytes())
    if (where.root / KEY_FILE).exists():
        digest.update(hmac.new(release_secret(where), b"build", hashlib.sha256).digest())
    chosen = {"seed": seed, "draws": draws, **(parameters or ModelParameters()).as_dict()}
    digest.update(json.dumps(chosen, sort_keys=True).encode())
    digest.update(source_digest().encode())
    return digest.hexdigest()[:12]


def build_model(
    dataset: Dataset,
    home: Home | str | Path | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    parameters: ModelParameters | None = None,
    workers: int | None = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Build:
    """Fit everything and write it to the home; what was there is replaced only when all is done.

    Parameters
    ----------
    workers : int, optional
        Local processes for the draws, None for as many as pay. Default: here, for a program that
        is no module of its own would be run again by each process.
    cluster : str, optional
        Address of a Dask scheduler for the draws, ``tcp://host:port``. Where they are computed
        changes nothing in the result, so it is no part of the build's name.

    Raises
    ------
    ModelError, DataFileError
        From the parts; nothing is left half-written.
    EnvironmentProblem
        If the home cannot be written, or the cluster cannot be used.
    """
    from routes.assemble import assemble

    if cluster is not None:
        if workers not in {None, 1}:
            raise InputError("give workers or cluster, not both", field="cluster")
        workers = None
        check_cluster(cluster)
    chosen = parameters or ModelParameters()
    where = Home.resolve(home)
    secret = release_secret(where)
    made = assemble(
        dataset,
        chosen,
        framework=Framework.of_home(where),
        secret=secret,
        name=build_id(dataset, where, seed=seed, draws=draws, parameters=chosen),
        seed=seed,
        draws=draws,
        workers=workers,
        cluster=cluster,
        progress=progress or _silent,
    )
    write_model(
        where,
        tables={f.name: getattr(made, f.name) for f in fields(Build) if f.name in _TABLES},
        graph=made.graph,
        draws=asdict(made.draws),
        about={"id": made.id, "parameters": made.parameters},
        files={"regency_cells": dataset.regency_cells, "basemap": dataset.basemap},
    )
    del made  # before the same is read back: a nation's would be there twice
    return load_build(home)


_TABLES = frozenset(
    {
        *("areas", "settlements", "terminals", "legs", "destinations", "corridors"),
        *("corridor_origins", "pairs", "counts", "services", "posts", "hotspots"),
    }
)


def load_build(home: Home | str | Path | None = None) -> Build:
    """Read the current build.

    Raises
    ------
    StateError
        If there is none or it is not whole; the message names the command.
    """
    stored = read_model(Home.resolve(home), sorted(_TABLES))
    return Build(
        id=stored.about["id"],
        parameters=stored.about["parameters"],
        graph=stored.graph,
        draws=Draws(**stored.draws),
        regency_cells=stored.regency_cells,
        basemap=stored.basemap,
        **stored.tables,
    )


def _silent(_step: str, _done: int, _total: int) -> None:
    return None
