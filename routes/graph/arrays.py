"""A transport graph as arrays: what the solver reads instead of a networkx object.

The public object of Petajaga is a :class:`networkx.DiGraph`; solving on it needs integer nodes and
one flat array per edge attribute. :class:`Network` is that view, made once per graph and shared by
every parameter draw. A national graph can also come straight from its tables, without networkx.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError, ModelError
from routes.graph.elimination import EliminationOrder

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

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
    hub : bool array, shape (n,)
        Nodes of kind ``hub``: they only pass on what origins send.
    """

    nodes: tuple[Node, ...]
    tail: Integers
    head: Integers
    hours: Floats
    outdegree: Floats
    destination: NDArray[np.bool_]
    utility: Floats
    hub: NDArray[np.bool_]
    _found: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_frames(cls, nodes: pd.DataFrame, edges: pd.DataFrame) -> Network:
        """Read tables of nodes and edges, as :func:`routes.graph.build.build_frames` makes them.

        Parameters
        ----------
        nodes : DataFrame
            ``node`` (each once), ``kind``, and ``utility`` (nats; missing means 0).
        edges : DataFrame
            ``u, v`` (each pair once) and ``hours``.

        Raises
        ------
        ModelError
            As :meth:`from_graph`, or if a node or pair stands twice or an end is no node.
        """
        import pandas as pd

        names = pd.Index(nodes["node"])
        if not names.is_unique:
            raise ModelError("network.duplicate_node", node=names[names.duplicated()][0])
        tail, head = names.get_indexer(edges["u"]), names.get_indexer(edges["v"])
        for ends, column in ((tail, "u"), (head, "v")):
            if (ends < 0).any():
                lost = edges[column].iloc[int(np.flatnonzero(ends < 0)[0])]
                raise ModelError("network.unknown_node", node=lost)
        pairs = tail * len(names) + head
        if len(np.unique(pairs)) < len(pairs):
            raise ModelError("network.duplicate_edge")
        kind = nodes["kind"].to_numpy()
        destination, hub = kind == "destination", kind == "hub"
        given = nodes["utility"] if "utility" in nodes else pd.Series(0.0, index=nodes.index)
        utility = np.where(destination, given.fillna(0.0).to_numpy(float), 0.0)
        return cls._checked(
            tuple(names), tail, head, edges["hours"].to_numpy(float), destination, utility, hub
        )

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
            raise ModelError("network.not_digraph")
        nodes = tuple(graph.nodes)
        index = {node: i for i, node in enumerate(nodes)}
        kinds = [kind for _, kind in graph.nodes(data="kind")]
        destination = np.array([kind == "destination" for kind in kinds], bool)
        hub = np.array([kind == "hub" for kind in kinds], bool)
        utility = np.zeros(len(nodes))
        for i in np.flatnonzero(destination):
            utility[i] = _number(graph.nodes[nodes[i]].get("utility", 0.0), "utility", nodes[i])
        edges = [
            (index[u], index[v], _number(hours, "hours", f"{u} -> {v}"))
            for u, v, hours in graph.edges(data="hours")
        ]
        table = np.array(edges, dtype=float).reshape(-1, 3)
        tail, head = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp)
        return cls._checked(nodes, tail, head, table[:, 2], destination, utility, hub)

    @classmethod
    def _checked(
        cls,
        nodes: tuple[Node, ...],
        tail: Integers,
        head: Integers,
        hours: Floats,
        destination: NDArray[np.bool_],
        utility: Floats,
        hub: NDArray[np.bool_],
    ) -> Self:
        """Drop the legs that leave destinations and refuse what cannot be solved."""
        if not destination.any():
            raise ModelError("network.no_destination")
        if not np.isfinite(utility).all():
            lost = nodes[int(np.flatnonzero(~np.isfinite(utility))[0])]
            raise ModelError("network.utility", destination=lost)
        kept = np.flatnonzero(~destination[tail])
        tail, head, hours = tail[kept], head[kept], np.ascontiguousarray(hours[kept])
        if not np.isfinite(hours).all():
            k = int(np.flatnonzero(~np.isfinite(hours))[0])
            leg = f"{nodes[tail[k]]} -> {nodes[head[k]]}"
            raise ModelError("network.hours", leg=leg, hours=hours[k])
        if (hours < 0).any():
            k = int(np.flatnonzero(hours < 0)[0])
            raise ModelError("network.negative_hours", tail=nodes[tail[k]], head=nodes[head[k]])
        outdegree = np.bincount(tail, minlength=len(nodes)).astype(float)
        return cls(nodes, tail, head, hours, outdegree, destination, utility, hub)

    def with_costs(self, *, hours: Floats | None = None, utility: Floats | None = None) -> Network:
        """The same legs at other costs or utilities (one per draw); the analysis is shared."""
        return replace(
            self,
            hours=self.hours if hours is None else hours,
            utility=self.utility if utility is None else utility,
        )

    @property
    def structure(self) -> EliminationOrder:
        """What of the network does not depend on costs.

        It is kept across :func:`dataclasses.replace` for as long as the legs are the same arrays.
        """
        of = (self.tail, self.head, self.destination, self.hub)
        kept = self._found.get("structure")
        if kept is None or any(a is not b for a, b in zip(kept[0], of, strict=True)):
            kept = (of, EliminationOrder.of(*of))
            self._found["structure"] = kept
        solved: EliminationOrder = kept[1]
        return solved

    @property
    def log_choices(self) -> Floats:
        """``-ln Pref`` of each live leg: the logarithm of the legs that leave its tail."""
        structure = self.structure
        kept = self._found.get("log_choices")
        if kept is None or kept[0] is not structure or kept[1] is not self.outdegree:
            logs = np.log(self.outdegree[structure.tail])
            kept = (structure, self.outdegree, logs)
            self._found["log_choices"] = kept
        solved: Floats = kept[2]
        return solved

    @cached_property
    def index(self) -> dict[Node, int]:
        """Position of each node."""
        return {node: i for i, node in enumerate(self.nodes)}

    def position(self, node: Node) -> int:
        """Position of one node; :class:`InputError` if the graph has no such node."""
        try:
            return self.index[node]
        except (KeyError, TypeError):
            raise InputError("network.no_node", node=node, field="node") from None

    def vector(self, values: Mapping[Node, float], *, what: str = "demand") -> Floats:
        """Spread a mapping node -> value over all nodes (0 where not named), checking it."""
        vector = np.zeros(len(self.nodes))
        where = [self.position(node) for node in values]
        vector[where] = [_number(value, what, node) for node, value in values.items()]
        if (vector < 0).any():
            node = self.nodes[int(np.flatnonzero(vector < 0)[0])]
            raise InputError("network.negative_persons", attribute=what, node=node, field=what)
        return vector


def _number(value: object, what: str, where: object) -> float:
    if isinstance(value, (int, float, np.floating, np.integer)) and np.isfinite(value):
        return float(value)
    raise ModelError("network.not_finite", attribute=what, place=where, value=value)
