"""A build: calibrated model and result tables, as read back from ``var/model``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routes.corridors.measure import CorridorMeter
from routes.ensemble.draws import Draws, draw_models
from routes.flow.model import FlowModel
from routes.flow.stored import fit_expected
from routes.graph.arrays import Floats, Network
from routes.graph.road_paths import OSM

__all__ = ["Build"]


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
        return fit_expected(self.graph, float(self.parameters["theta"]))

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
