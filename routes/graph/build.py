"""The multimodal graph: origins, hubs, roads, terminals, legs, destinations.

As tables (:func:`build_frames`), from which :class:`routes.graph.arrays.Network` solves directly,
and as one networkx object (:func:`build_graph`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from geo.dataset import Dataset
from geo.modes import mode_values
from geo.posts import standing_posts
from routes.graph.arrays import Floats
from routes.graph.checkpoints import DETERRENCE_H, usual_post
from routes.graph.coasts import COAST, along_coasts, coast_terminals, landing_coasts
from routes.graph.costs import TIME_PARTS, CostParameters, generalised_hours
from routes.graph.islands import land_units
from routes.graph.layers import destination_nodes, layer_node, layers_of
from routes.graph.lines import aboard_nodes, line_edges, other_sailings, rides, weekly_on_lines
from routes.graph.origins import district_hubs, origin_points
from routes.graph.road_paths import LISTED, MODELLED, paths_of
from routes.graph.roads import distances_km, hub_roads, origin_links, roads_ahead, terminal_roads
from routes.graph.storage import attributes_of

__all__ = ["NEAREST_TERMINALS", "GraphFrames", "build_frames", "build_graph", "official_frames"]

NEAREST_TERMINALS = 25
"""Road links per origin or hub: with 6, 40 % of the origins lose their cheapest path."""

_NODE_COLUMNS = {
    "terminal": ("kind", "name", "lon", "lat", "place", "area_code", "country", "island", "post"),
    "passed": ("kind", "name", "lon", "lat", "area_code", "country", "line", "calls_at"),
    "destination": (
        "kind",
        "name",
        "lon",
        "lat",
        "area_code",
        "country",
        "destination",
        "layer",
        "utility",
        "hazard",
    ),
    "origin": ("kind", "name", "lon", "lat", "area_code", "country", "group"),
}


@dataclass(frozen=True, eq=False)
class GraphFrames:
    """The graph as tables.

    Attributes
    ----------
    nodes : DataFrame
        ``node, part`` (``terminal``, ``passed``: ships and coasts, ``destination`` or ``origin``;
        hubs are among the origins) and the attributes of :func:`build_graph`, missing where a part
        has none.
    edges : DataFrame
        ``u, v`` and the attributes of :func:`build_graph`; each pair once, ordered as ``nodes``.
    parameters : CostParameters
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    parameters: CostParameters

    @property
    def unlinked(self) -> tuple[str, ...]:
        """Origins and hubs without any link: on land without a terminal and too far from any."""
        origins = self.nodes.loc[self.nodes["part"] == "origin", "node"]
        return tuple(map(str, origins[~origins.isin(self.edges["u"])]))

    @property
    def unserved(self) -> tuple[str, ...]:
        """Terminals without a leg or access to a destination."""
        terminals = self.nodes.loc[self.nodes["part"] == "terminal", "node"]
        return tuple(
            map(str, terminals[~terminals.isin(self.edges["u"]) & ~terminals.isin(self.edges["v"])])
        )

    def graph(self) -> nx.DiGraph:
        """The graph as a networkx object."""
        graph = nx.DiGraph(parameters=self.parameters)
        for part, rows in self.nodes.groupby("part", sort=False):
            columns = list(_NODE_COLUMNS[str(part)])
            graph.add_nodes_from(zip(rows["node"], attributes_of(rows[columns]), strict=True))
        attributes = attributes_of(self.edges.drop(columns=["u", "v"]))
        graph.add_edges_from(zip(self.edges["u"], self.edges["v"], attributes, strict=True))
        return graph


def build_graph(
    dataset: Dataset,
    *,
    parameters: CostParameters | None = None,
    origins: pd.DataFrame | None = None,
    hubs: pd.DataFrame | None = None,
) -> nx.DiGraph:
    """Build the graph of the whole dataset; arguments as of :func:`build_frames`.

    Nodes are origins (``v:<village>``, ``d:<district>``, ``s:<settlement>``, ``r:<regency>``),
    hubs (``h:<district>``), terminals, ships of a line (``kind`` aboard, with ``line`` and
    ``calls_at``: the terminal last called at) and destinations, with ``kind``, ``name``, ``lon``,
    ``lat``, ``area_code``; destinations also have ``utility`` (nats, 0 until calibrated), terminals
    with a post in force ``post``. Edges have ``mode``, ``hours`` (generalised cost, with posts in
    force), ``time_h`` (without fare and posts), ``fare_idr``, ``length_km``, ``official``,
    ``assumed``, ``basis`` (``listed`` in a table, ``modelled``, or ``osm``: along an imported road
    network) and, for curated legs, ``leg_id``.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> graph = build_graph(load_dataset())
    >>> graph.nodes["tenau"]["kind"]
    'seaport'
    """
    return build_frames(dataset, parameters=parameters, origins=origins, hubs=hubs).graph()


def build_frames(
    dataset: Dataset,
    *,
    parameters: CostParameters | None = None,
    origins: pd.DataFrame | None = None,
    hubs: pd.DataFrame | None = None,
    nearest: int = NEAREST_TERMINALS,
) -> GraphFrames:
    """Build the graph of the whole dataset as tables.

    - Curated legs join terminals, but for those that come home or lead inland from a land border
      post: of several legs between the same two, the cheapest is the edge.
      What lines sail of them (:mod:`routes.graph.lines`) is boarded once for all calls.
    - Terminals with legs or access, on the same land and in the same country, are joined by road
      along their Gabriel graph: sparse, connected, and no road crosses water or a border. Kept are
      the directions that lead nearer to some destination (:func:`routes.graph.roads.roads_ahead`).
    - Villages have a road to the hub of their district on the same land: the point of the district
      or, where none is loaded, the village in the middle of it (assumed: its seat is there).
      Hubs, and origins without one, have road links to 25 terminals on the same land and in
      Indonesia from which something departs: those on the cheapest way to each destination, then
      the nearest. On land without one: local boats to the three nearest within 60 km, else a
      pioneer ship to the nearest within 500 km, marked assumed. The others have no link
      (``unlinked``) and are reported by the model as stranded.
    - Where a road network is imported, a road link takes its time and length from there
      (:mod:`routes.graph.road_paths`).

    Parameters
    ----------
    origins : DataFrame, optional
        As of :func:`routes.graph.origins.origin_points` (the default).
    hubs : DataFrame, optional
        As of :func:`routes.graph.origins.district_hubs` (the default).
    nearest : int
        Road links per hub or origin.
    """
    parameters = parameters or CostParameters()
    people = origin_points(dataset) if origins is None else origins
    seats = _hub_nodes(district_hubs(dataset, people) if hubs is None else hubs)
    terminals = dataset.terminals.assign(post=_posts_in_force(dataset))
    units = land_units(dataset, [terminals, people, seats])
    terminals, people, seats = (
        table.assign(island=unit)
        for table, unit in zip((terminals, people, seats), units, strict=True)
    )
    sailed = rides(dataset)
    legs = pd.concat(
        [
            _legs(dataset, sailed, parameters),
            line_edges(sailed, parameters),
            _access(dataset, parameters),
        ],
        ignore_index=True,
    )
    coasts = landing_coasts(terminals)
    legs = along_coasts(legs, coasts, terminals, value_of_time_idr_h=parameters.value_of_time_idr_h)
    # Roads lead to coasts, and nowhere from them.
    stops = pd.concat(
        [terminals[~terminals["id"].isin(coasts.index)], coast_terminals(terminals, coasts)],
        ignore_index=True,
    )
    has_departure = stops["id"].isin(legs["u"])
    served = stops[has_departure | stops["id"].isin(legs["v"])]
    along_roads = _road_links(dataset, [terminals.rename(columns={"id": "node"}), people, seats])
    between = along_roads(terminal_roads(served, parameters), parameters)
    between = between[~between["u"].isin(coasts)]
    home = stops[(stops["country"] == "ID") & has_departure]
    network = pd.concat([legs, between])
    onward = _onward(network, served["id"], destination_nodes(dataset)["node"])
    between = roads_ahead(between, served["id"], onward)
    onward = onward[served["id"].isin(home["id"]).to_numpy()]
    roads, direct = [between], people
    if len(seats):
        villages = people[people["kind"] == "village"]
        to_hubs = along_roads(hub_roads(villages, seats, parameters), parameters)
        direct = people[~people["node"].isin(to_hubs["u"])]
        seats = seats[seats["node"].isin(to_hubs["v"])]
        links = origin_links(seats, home, onward, parameters, nearest=nearest)
        roads += [to_hubs, along_roads(links, parameters)]
    links = origin_links(direct, home, onward, parameters, nearest=nearest)
    roads.append(along_roads(links, parameters))
    passed = pd.concat(
        [
            aboard_nodes(sailed, terminals),
            stops[stops["kind"] == COAST].rename(columns={"id": "node"}),
        ]
    )
    nodes = _nodes(terminals, passed, _ends(dataset), people, seats)
    edges = _cheapest(nodes, [legs.assign(basis=LISTED), *roads])
    # ``time_h`` stays that of the timetable: others than the police see travel times by it.
    posted = edges["u"].isin(terminals.loc[terminals["post"].notna(), "id"])
    return GraphFrames(
        nodes, edges.assign(hours=edges["hours"] + DETERRENCE_H * posted), parameters
    )


def official_frames(
    dataset: Dataset,
    *,
    parameters: CostParameters | None = None,
    origins: pd.DataFrame | None = None,
) -> GraphFrames:
    """The network that everyone may know (:attr:`geo.dataset.Dataset.official`), which gives the
    travel times in indices, reasons and plans of outreach; arguments as of :func:`build_frames`.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> frames = official_frames(load_dataset())
    >>> {"unofficial", "coast"} & set(frames.nodes["kind"])
    set()
    """
    return build_frames(dataset.official, parameters=parameters, origins=origins)


def _road_links(
    dataset: Dataset, tables: Sequence[pd.DataFrame]
) -> Callable[[pd.DataFrame, CostParameters], pd.DataFrame]:
    """Function that routes road links over the imported network, if any."""
    paths = paths_of(dataset)
    if paths is None:
        return lambda links, _parameters: links.assign(basis=MODELLED)
    places = pd.concat([t[["node", "lat", "lon", "island"]] for t in tables], ignore_index=True)
    return lambda links, parameters: paths.along(links, places, parameters)


def _onward(edges: pd.DataFrame, terminals: pd.Series, ends: pd.Series) -> Floats:
    """Least cost from each terminal to each destination, hours; shape (terminals, ends)."""
    names = pd.Index(pd.unique(pd.concat([edges["u"], edges["v"], terminals, ends])))
    # Of parallel edges the cheapest counts: a matrix would add them up.
    edges = edges.sort_values("hours").drop_duplicates(["u", "v"])
    coordinates = (names.get_indexer(edges["v"]), names.get_indexer(edges["u"]))
    backward = sparse.csr_array((edges["hours"], coordinates), shape=(len(names), len(names)))
    reach = csgraph.dijkstra(backward, indices=names.get_indexer(ends))
    return np.asarray(reach[:, names.get_indexer(terminals)].T)


def _hub_nodes(hubs: pd.DataFrame) -> pd.DataFrame:
    code = hubs["code"].astype(str)
    return hubs.assign(node="h:" + code, kind="hub", code=code)


def _nodes(
    terminals: pd.DataFrame,
    passed: pd.DataFrame,
    destinations: pd.DataFrame,
    people: pd.DataFrame,
    seats: pd.DataFrame,
) -> pd.DataFrame:
    origins = pd.concat([people, seats], ignore_index=True) if len(seats) else people
    origins = origins.rename(columns={"regency_code": "area_code"}).assign(country="ID")
    group = origins["area_code"].str[:2]
    origins["group"] = group.where(origins["kind"] != "hub")
    parts = {
        "terminal": terminals.rename(columns={"id": "node"}),
        "passed": passed,
        "destination": destinations,
        "origin": origins,
    }
    return pd.concat(
        [rows[["node", *_NODE_COLUMNS[part]]].assign(part=part) for part, rows in parts.items()],
        ignore_index=True,
    )


def _ends(dataset: Dataset) -> pd.DataFrame:
    """Destinations, a row for each layer."""
    nodes = destination_nodes(dataset).drop(columns="region")
    ends = nodes.merge(dataset.destinations, left_on="destination", right_on="id")
    return ends.assign(kind="destination", utility=0.0)


def _legs(dataset: Dataset, sailed: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    legs = other_sailings(dataset.legs, weekly_on_lines(dataset.legs, sailed))
    terminals = dataset.terminals.set_index("id")
    country = terminals["country"]
    abroad = legs["from_id"].map(country) != legs["to_id"].map(country)
    cost = generalised_hours(legs.assign(abroad=abroad), parameters)
    table = pd.DataFrame(
        {
            "u": legs["from_id"],
            "v": legs["to_id"],
            "mode": legs["mode"],
            "hours": cost["hours"],
            "time_h": cost["time_h"],
            "fare_idr": cost["fare_idr"],
            "length_km": legs["length_km"],
            "official": legs["official"] == "yes",
            "assumed": legs["assumed"] == "yes",
            "leg_id": legs["id"],
            "service": legs["id"].str.removesuffix("-r"),
            **cost[list(TIME_PARTS)],
        }
    )
    # Who has left the country does not come home to set out again, and who stands at its land
    # border is about to leave: the coach back from there carries nobody to another port.
    at_border = legs["from_id"].map(terminals["kind"]) == "border_post"
    leaves = (legs["from_id"].map(country) == "ID") & ~at_border
    return table[leaves | (legs["to_id"].map(country) != "ID")]


def _access(dataset: Dataset, parameters: CostParameters) -> pd.DataFrame:
    """Edges from the last terminal to the destination."""
    access = dataset.access
    terminals = dataset.terminals.set_index("id").loc[access["terminal_id"]]
    destinations = dataset.destinations.set_index("id").loc[access["destination_id"]]
    km = distances_km(terminals, destinations)
    modelled_fare = km * mode_values(access["mode"], "fare_idr_km")
    fare = access["fare_idr"].astype(float)
    fare = fare.where(fare.notna(), modelled_fare).to_numpy()
    # A border is crossed on this edge at a border post, and from Singapore to Johor.
    border = mode_values(access["mode"], "border_h")
    crosses = terminals["country"].to_numpy() != destinations["country"].to_numpy()
    border = np.where(crosses, border, 0.0)
    time = access["hours"].to_numpy(float) + border
    return pd.DataFrame(
        {
            "u": access["terminal_id"].to_numpy(),
            "v": [
                layer_node(*pair)
                for pair in zip(access["destination_id"], layers_of(dataset), strict=True)
            ],
            "mode": access["mode"].to_numpy(),
            "hours": time + fare / parameters.value_of_time_idr_h,
            "time_h": time,
            "border_h": border,
            "fare_idr": fare,
            "length_km": km,
            "official": terminals["kind"].to_numpy() != "unofficial",
            "assumed": access["confidence"].to_numpy() == "low",
        }
    )


def _posts_in_force(dataset: Dataset) -> pd.Series:
    """The post of each terminal; missing where none is in force."""
    terminals = dataset.terminals
    standing = terminals["id"].isin(standing_posts(dataset.posts)["terminal_id"])
    return terminals["kind"].where(standing).map(usual_post, na_action="ignore")


def _cheapest(nodes: pd.DataFrame, tables: list[pd.DataFrame]) -> pd.DataFrame:
    """The cheapest edge of each pair, ordered by tail and head."""
    edges = pd.concat([table for table in tables if len(table)], ignore_index=True)
    names = pd.Index(nodes["node"])
    key = pd.DataFrame(
        {
            "tail": names.get_indexer(edges["u"]),
            "head": names.get_indexer(edges["v"]),
            "hours": edges["hours"],
        }
    )
    order = key.sort_values(["tail", "head", "hours"], kind="stable")
    first = order[~order.duplicated(["tail", "head"])].index
    return edges.loc[first].reset_index(drop=True)
