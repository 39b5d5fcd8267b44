"""A build: calibrated model and result tables, each read from ``var/model`` when first used."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from geo.errors import StateError
from geo.names import Gazetteer, NamedThing
from routes.build.geometry import SPATIAL, with_geometry
from routes.corridors.waypoints import calls_aboard, named_waypoints
from routes.graph.checkpoints import ORIGIN_KINDS

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    import pandas as pd

    from geo.road_network import RoadNetwork
    from routes.build.corridor_answer import CorridorAnswer
    from routes.corridors.terminal_walks import TerminalDraws
    from routes.ensemble.draws import Draws
    from routes.flow.model import FlowModel
    from routes.graph.arrays import Floats, Network
    from routes.graph.build import GraphFrames
    from routes.graph.costs import CostParameters

__all__ = ["Build"]

T = TypeVar("T")


class _Part(Generic[T]):
    """A part of a build, by its name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, build: None, owner: type) -> Self: ...
    @overload
    def __get__(self, build: Build, owner: type) -> T: ...
    def __get__(self, build: Build | None, owner: type) -> Self | T:
        if build is None:
            return self
        return build.part(self._name)  # type: ignore[no-any-return]


class Build:
    """Model and results of one data set; columns of the tables: :mod:`routes.build.columns`.

    Parameters
    ----------
    id : str
        Hash of what the build came from.
    parameters : mapping
        ``seed``, ``draws``, ``dataset`` and those of
        :class:`routes.build.parameters.ModelParameters`, as plain values.
    parts : mapping
        Tables and arrays by the names of the attributes; may read them when they are first used.
    geographic : bool
        Whether tables whose rows lie somewhere are GeoDataFrames (:mod:`routes.build.geometry`).

    Examples
    --------
    >>> from routes.build import load_build
    >>> build = load_build()  # doctest: +SKIP
    >>> build.corridor("Kupang", "Labuan Bajo", "Nunukan").persons_per_year  # doctest: +SKIP
    {'mean': 7.0, 'p05': 1.2, 'p95': 16.6}
    """

    areas: _Part[pd.DataFrame] = _Part()
    settlements: _Part[pd.DataFrame] = _Part()
    terminals: _Part[pd.DataFrame] = _Part()
    legs: _Part[pd.DataFrame] = _Part()
    destinations: _Part[pd.DataFrame] = _Part()
    corridors: _Part[pd.DataFrame] = _Part()
    corridor_origins: _Part[pd.DataFrame] = _Part()
    pairs: _Part[pd.DataFrame] = _Part()
    counts: _Part[pd.DataFrame] = _Part()
    coverage: _Part[pd.DataFrame] = _Part()
    official_edges: _Part[pd.DataFrame] = _Part()
    services: _Part[pd.DataFrame] = _Part()
    posts: _Part[pd.DataFrame] = _Part()
    hotspots: _Part[pd.DataFrame] = _Part()
    draws: _Part[Draws] = _Part()
    terminal_draws: _Part[TerminalDraws] = _Part()
    regency_cells: _Part[gpd.GeoDataFrame] = _Part()
    basemap: _Part[Path] = _Part()
    basemap_layers: _Part[Path] = _Part()
    roads: _Part[RoadNetwork] = _Part()

    def __init__(
        self,
        id: str,  # noqa: A002
        parameters: Mapping[str, Any],
        parts: Mapping[str, Any],
        *,
        geographic: bool = False,
    ) -> None:
        self.id = id
        self.parameters = parameters
        self.parts = parts
        self._geographic = geographic
        self._spatial: dict[str, gpd.GeoDataFrame] = {}

    def __repr__(self) -> str:
        return f"Build({self.id!r}, draws={self.parameters.get('draws')})"

    def part(self, name: str) -> Any:
        """A table or the arrays of this name; :class:`StateError` if the build has none."""
        if name not in self.parts:
            raise StateError("build.no_part", name=name)
        if not (self._geographic and name in SPATIAL):
            return self.parts[name]
        if name not in self._spatial:
            plain = Build(self.id, self.parameters, self.parts)
            self._spatial[name] = with_geometry(name, self.parts[name], plain)
        return self._spatial[name]

    def columns(self, name: str) -> Mapping[str, list[Any]]:
        """A table as plain lists by column; from disk this is quicker than a frame."""
        read = getattr(self.parts, "columns", None)
        if read is not None:
            return read(name)  # type: ignore[no-any-return]
        frame = self.parts[name]
        return {str(column): frame[column].tolist() for column in frame.columns}

    def with_parts(self, **parts: Any) -> Build:
        """The same build with other tables, draws or graph."""
        if "graph" in parts:
            parts |= _graph_tables(parts["graph"])
        return Build(self.id, self.parameters, ChainMap(parts, dict(self.parts)))

    # -- the network ---------------------------------------------------------------------------

    @cached_property
    def graph(self) -> nx.DiGraph:
        """The transport graph with its attributes; made on first use."""
        from routes.graph.storage import graph_of

        if "graph" in self.parts:
            return self.parts["graph"]
        return graph_of(self.nodes, self.edges, self.costs)

    @cached_property
    def _tables_of_graph(self) -> Mapping[str, pd.DataFrame]:
        return self.parts if "nodes" in self.parts else _graph_tables(self.parts["graph"])

    @property
    def nodes(self) -> pd.DataFrame:
        """Nodes of the graph: ``node`` and its attributes."""
        return self._tables_of_graph["nodes"]

    @property
    def edges(self) -> pd.DataFrame:
        """Legs of the graph: ``u, v`` and their attributes."""
        return self._tables_of_graph["edges"]

    @property
    def official_frames(self) -> GraphFrames:
        """The network that everyone may know, for travel times: unofficial landings and coasts have
        no edge in it.
        """
        from routes.graph.build import GraphFrames

        return GraphFrames(self.nodes, self.official_edges, self.costs)

    @cached_property
    def network(self) -> Network:
        """The graph as arrays."""
        from routes.graph.arrays import Network

        return Network.from_frames(self.nodes, self.edges)

    @property
    def costs(self) -> CostParameters:
        """Parameters of the generalised cost."""
        from routes.graph.costs import CostParameters

        return CostParameters(**self.parameters["costs"])

    @property
    def legs_of_network(self) -> pd.DataFrame:
        """The edges in the order of the network's legs: those that leave no destination."""
        ends = self.nodes.loc[self.nodes["kind"] == "destination", "node"]
        return self.edges[~self.edges["u"].isin(ends)]

    def leg_values(self, name: str) -> Floats:
        """A numeric edge attribute in the order of the network's legs, shape (m,)."""
        return np.asarray(self.legs_of_network[name], float)

    def node_values(self, name: str) -> Floats:
        """A numeric node attribute in the order of the network's nodes, 0 where missing."""
        return np.asarray(self.nodes[name].fillna(0.0), float)

    @cached_property
    def on_osm_roads(self) -> bool:
        """Whether any official road link follows an imported OpenStreetMap network."""
        from routes.graph.road_paths import OSM

        return bool((self.official_edges["basis"] == OSM).any())

    @property
    def key(self) -> str | None:
        """Fingerprint of the key its held counts are rounded with; None without such counts."""
        key: str | None = self.parameters.get("key")
        return key

    @property
    def agreements(self) -> Sequence[Mapping[str, str]]:
        """``owner``, ``number`` and lowest ``tier`` of the agreements its held data are under."""
        named: Sequence[Mapping[str, str]] = self.parameters.get("agreements", ())
        return named

    # -- the model -----------------------------------------------------------------------------

    @cached_property
    def _expected_model(self) -> FlowModel:
        from routes.flow.stored import fit_expected

        return fit_expected(
            self.network, self.node_values("demand"), float(self.parameters["theta"]),
            graph=lambda: self.graph,
        )  # fmt: skip

    def flow_model(self) -> FlowModel:
        """The calibrated model, fitted to the expected demand of all origins."""
        return self._expected_model

    @cached_property
    def boarding(self) -> Floats:
        """Of those who pass each node of the network in the expected flow, the share that is at it
        (:func:`routes.flow.boarding.boarding_share`).
        """
        from routes.flow.boarding import boarding_share, driven

        modes, countries = self.graph.edges(data="mode"), self.graph.nodes(data="country")
        return boarding_share(self.flow_model(), driven(self.network, modes, countries))

    def at_terminals(self, load: Floats) -> Floats:
        """Persons at each terminal, in the order of ``terminals``, of a load by node."""
        at = [self.network.position(node) for node in self.terminals["id"]]
        return np.asarray(load[..., at] * self.boarding[at])

    def drawn_models(self) -> Iterator[FlowModel]:
        """The fitted model of each draw."""
        from routes.ensemble.draws import draw_models
        from routes.ensemble.leg_times import LegTimes, LegTimeSpreads

        spreads = LegTimeSpreads(**self.parameters["ensemble"]["times"])
        times = LegTimes.of(self.legs_of_network, self.costs, spreads)
        return draw_models(self.network, self.draws, times, seed=int(self.parameters["seed"]))

    # -- names ---------------------------------------------------------------------------------

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names of the places, terminals, destinations and areas, in that precedence."""
        return Gazetteer(self.waypoints)

    @property
    def waypoints(self) -> list[NamedThing]:
        """What may be named as a waypoint of a corridor."""
        if "waypoints" in self.parts:
            return self.parts["waypoints"]  # type: ignore[no-any-return]
        areas = self.areas[self.areas["level"].isin(("province", "regency"))]
        nodes = self.nodes
        ports = zip(nodes["node"], nodes["calls_at"], strict=True)
        ends = nodes[nodes["kind"] == "destination"].groupby("destination")["node"]
        return named_waypoints(
            self.terminals.to_dict("records"), self.destinations.to_dict("records"),
            dict(zip(areas["code"], areas["name"], strict=True)), calls=calls_aboard(ports),
            layers=ends.agg(frozenset).to_dict(),
        )  # fmt: skip

    @cached_property
    def regency_names(self) -> Mapping[str, str]:
        """Names of the regencies by code."""
        if "regency_names" in self.parts:
            return self.parts["regency_names"]  # type: ignore[no-any-return]
        areas = self.areas[self.areas["level"] == "regency"]
        return dict(zip(areas["code"], areas["name"], strict=True))

    def corridor(self, *places: str) -> CorridorAnswer:
        """Persons, risk and origins of the corridor through these places, in their order.

        Parameters
        ----------
        *places : str
            Towns, terminals or destinations, in any usual form of their names.
        """
        from routes.build.corridor_answer import describe_corridor

        return describe_corridor(self, places)

    # -- regencies -----------------------------------------------------------------------------

    @cached_property
    def _regency_of_node(self) -> NDArray[np.str_]:
        nodes = self.nodes
        return np.where(nodes["kind"].isin(ORIGIN_KINDS), nodes["area_code"].fillna(""), "").astype(
            str
        )

    @cached_property
    def regency_codes(self) -> tuple[str, ...]:
        """Codes of the regencies that are origins, sorted."""
        return tuple(sorted(set(self._regency_of_node.tolist()) - {""}))

    @cached_property
    def node_regency(self) -> NDArray[np.intp]:
        """Position in :attr:`regency_codes` of each origin's regency; 0 at nodes without demand."""
        place = {code: k for k, code in enumerate(self.regency_codes)}
        return np.array([place.get(code, 0) for code in self._regency_of_node.tolist()], np.intp)


def _graph_tables(graph: nx.DiGraph) -> dict[str, Any]:
    from routes.graph.storage import graph_tables

    nodes, edges = graph_tables(graph)
    return {"nodes": nodes, "edges": edges}
