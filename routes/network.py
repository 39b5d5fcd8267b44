"""A transport graph as arrays: what the solver reads instead of a networkx object.

The public object of Petajaga is a :class:`networkx.DiGraph`; solving on it needs integer nodes and
one flat array per edge attribute. :class:`Network` is that view, made once per graph and shared by
every parameter draw.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError, ModelError

__all__ = ["Network", "Node"]

Node = Hashable
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes, legs and destinations of one graph, in the order the graph lists them.

    Attributes
    ----------
    nodes : tuple
        Node names; their position is the index used everywhere below. Length n.
    tail, head : int arrays, shape (m,)
        Leg k runs from ``nodes[tail[k]]`` to ``nodes[head[k]]``. Legs that leave a destination are
        kept out: destinations absorb.
    hours : float array, shape (m,)
        Generalised cost of each leg in hours, finite and not negative.
    outdegree : float array, shape (n,)
        Legs that leave each node; the reference walk takes each with equal probability.
    destination : bool array, shape (n,)
    utility : float array, shape (n,)
        Utility of each destination in nats; 0 elsewhere.
    """

    nodes: tuple[Node, ...]
    tail: Integers
    head: Integers
    hours: Floats
    outdegree: Floats
    destination: NDArray[np.bool_]
    utility: Floats

    @classmethod
    def from_graph(cls, graph: nx.DiGraph) -> Network:
        """Read a directed graph with node attribute ``kind`` and edge attribute ``hours``.

        Nodes of kind ``destination`` absorb and may carry ``utility`` (nats, default 0).

        Raises
        ------
        ModelError
            If the graph is not directed, has no destination, or a cost or utility is missing,
            not a number, infinite or (cost) negative; the message names the leg.
        """
        if not graph.is_directed() or graph.is_multigraph():
            raise ModelError("the graph must be a networkx.DiGraph (directed, one edge a pair)")
        nodes = tuple(graph.nodes)
        index = {node: i for i, node in enumerate(nodes)}
        destination = np.fromiter(
            (kind == "destination" for _, kind in graph.nodes(data="kind")), bool, len(nodes)
        )
        if not destination.any():
            raise ModelError("the graph has no destination: give one node kind='destination'")
        utility = np.zeros(len(nodes))
        for i in np.flatnonzero(destination):
            utility[i] = _number(graph.nodes[nodes[i]].get("utility", 0.0), "utility", nodes[i])
        edges = [
            (index[u], index[v], _number(hours, "hours", f"{u} -> {v}"))
            for u, v, hours in graph.edges(data="hours")
            if not destination[index[u]]
        ]
        table = np.array(edges, dtype=float).reshape(-1, 3)
        hours = np.ascontiguousarray(table[:, 2])
        if (hours < 0).any():
            u, v, _ = edges[int(np.flatnonzero(hours < 0)[0])]
            raise ModelError(f"negative hours on the leg {nodes[u]} -> {nodes[v]}; costs are >= 0")
        tail = table[:, 0].astype(np.intp)
        outdegree = np.bincount(tail, minlength=len(nodes)).astype(float)
        return cls(
            nodes=nodes,
            tail=tail,
            head=table[:, 1].astype(np.intp),
            hours=hours,
            outdegree=outdegree,
            destination=destination,
            utility=utility,
        )

    @cached_property
    def index(self) -> dict[Node, int]:
        """Position of each node."""
        return {node: i for i, node in enumerate(self.nodes)}

    def position(self, node: Node) -> int:
        """Position of one node; :class:`InputError` if the graph has no such node."""
        try:
            return self.index[node]
        except (KeyError, TypeError):
            raise InputError(f"no node {node!r} in the graph", field="node") from None

    def vector(self, values: Mapping[Node, float], *, what: str = "demand") -> Floats:
        """Spread a mapping node -> value over all nodes (0 where not named), checking it."""
        vector = np.zeros(len(self.nodes))
        for node, value in values.items():
            vector[self.position(node)] = _number(value, what, node)
        if (vector < 0).any():
            node = self.nodes[int(np.flatnonzero(vector < 0)[0])]
            raise InputError(f"negative {what} at {node}; it counts persons a year", field=what)
        return vector


def _number(value: object, what: str, where: object) -> float:
    if isinstance(value, (int, float, np.floating, np.integer)) and np.isfinite(value):
        return float(value)
    raise ModelError(f"{what} of {where} is {value!r}; it must be a finite number")
