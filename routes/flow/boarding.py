"""Who is at a terminal: those who board or alight there, not those who drive past it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Network, Node

__all__ = ["boarding_share", "driven"]

Mask = NDArray[np.bool_]
_ROAD = "road"
_HOME = "ID"


def driven(
    network: Network,
    modes: Iterable[tuple[Node, Node, str | None]],
    countries: Iterable[tuple[Node, str | None]],
) -> Mask:
    """Legs by road within a country, in the order of the network.

    Parameters
    ----------
    network : Network
    modes : iterable of (tail, head, mode)
        ``graph.edges(data="mode")``.
    countries : iterable of (node, country)
        ``graph.nodes(data="country")``; none is Indonesia.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Oecusse", kind="destination", utility=0.0, country="TL")
    >>> graph.add_edge("Kefamenanu", "Wini", hours=1.0, mode="road")
    >>> graph.add_edge("Wini", "Oecusse", hours=1.0, mode="road")
    >>> network = Network.from_graph(graph)
    >>> driven(network, graph.edges(data="mode"), graph.nodes(data="country")).tolist()
    [True, False]
    """
    by_road = {(tail, head) for tail, head, mode in modes if mode == _ROAD}
    named = dict(countries)
    country = np.array([named.get(node) or _HOME for node in network.nodes], str)
    pairs = zip(network.tail.tolist(), network.head.tolist(), strict=True)
    road = [(network.nodes[i], network.nodes[j]) in by_road for i, j in pairs]
    return np.asarray(np.array(road, bool) & (country[network.tail] == country[network.head]))


def boarding_share(model: FlowModel, by_road: Mask) -> Floats:
    """Of the passages through each node, the share that boards, alights or crosses a border there.

    People change from road to road at a terminal only where it is on their way. In the flow the
    next leg does not depend on the last, so that of a group's ``load`` through a node a share
    ``road in / load * road out / load`` drives past; of all groups together that is an
    approximation.

    Parameters
    ----------
    model : FlowModel
        Fitted.
    by_road : array of bool, shape (legs,)
        Legs of :func:`driven`, in the order of ``model.network_``.

    Returns
    -------
    array, shape (nodes,)
        Between 0 and 1; 1 where nobody passes.

    Examples
    --------
    Of 100 persons 60 arrive by road and half of all go on by road: 30 drive past.

    >>> import networkx as nx
    >>> legs = [("a", "port", 1), ("b", "port", 1), ("port", "town", 1), ("port", "abroad", 1)]
    >>> graph = nx.DiGraph()
    >>> graph.add_nodes_from(["town", "abroad"], kind="destination", utility=0.0)
    >>> graph.add_weighted_edges_from(legs, weight="hours")
    >>> model = FlowModel(theta=0.1).fit(graph, {"a": 60.0, "b": 40.0})
    >>> road = [pair in {("a", "port"), ("port", "town")} for pair in model.leg_flow_]
    >>> share = boarding_share(model, np.array(road))
    >>> round(float(share[model.network_.index["port"]]), 3)
    0.7
    """
    network, load = model.network_, model.load_array
    flow = np.where(by_road, model.leg_flow_.values_array, 0.0)
    count = len(network.nodes)
    arriving = np.bincount(network.head, flow, count)
    leaving = np.bincount(network.tail, flow, count)
    passing = np.divide(arriving * leaving, load**2, out=np.zeros(count), where=load > 0)
    return np.asarray(np.clip(1.0 - passing, 0.0, 1.0))
