"""A transport graph as arrays, the input of the solver.

The public object of Petajaga is a :class:`networkx.DiGraph`; solving on it needs integer nodes and
one flat array per edge attribute. :class:`Network` is that view, made once per graph and shared by
every parameter draw. A national graph can also come straight from its tables, without networkx.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
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

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("village", "port"), ("port", "Tawau")])
    >>> nx.set_edge_attributes(graph, {("village", "port"): 2.0, ("port", "Tawau"): 60.0}, "hours")
    >>> graph.nodes["Tawau"]["kind"] = "destination"
    >>> network = Network.from_graph(graph)
    >>> network.hours[network.tail == network.position("port")]
    array([60.])
    """

    nodes: tuple[Node, ...]
    tail: Integers
    head: Integers
    hours: Floats
    outdegree: Floats
    destination: NDArray[np.bool_]
    utility: Floats
    hub: NDArray[np.bool_]
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_frames(cls, nodes: pd.DataFrame, edges: pd.DataFrame) -> Network:
        """Network of the tables of :func:`routes.graph.build.build_frames`.

        Parameters
        ----------
        nodes : DataFrame
            ``node`` (each once), ``kind``, and ``utility`` (nats; missing means 0).
        edges : DataFrame
            ``u, v`` (each pair once) and ``hours``.

        Raises
        ------
        ModelError
            As :meth:`from_graph`, or for a duplicate node or edge or an unknown node.
        """
        import pandas as pd

        names = pd.Index(nodes["node"])
        if not names.is_unique:
            raise ModelError("network.duplicate_node", node=names[names.duplicated()][0])
        tail, head = names.get_indexer(edges["u"]), names.get_indexer(edges["v"])
        for ends, column in ((tail, "u"), (head, "v")):
            if (ends < 0).any():
                raise ModelError(
                    "network.unknown_node", node=edges[column].iloc[(ends < 0).argmax()]
                )
        pairs = tail * len(names) + head
        if len(np.unique(pairs)) < len(pairs):
            raise ModelError("network.duplicate_edge")
        kind = nodes["kind"].to_numpy()
        destination, hub = kind == "destination", kind == "hub"
        utility = np.zeros(len(names))
        if "utility" in nodes:
            utility = np.where(destination, nodes["utility"].fillna(0.0).to_numpy(float), 0.0)
        return cls._checked(
            tuple(names), tail, head, edges["hours"].to_numpy(float), destination, utility, hub
        )

    @classmethod
    def from_graph(cls, graph: nx.DiGraph) -> Network:
        """Network of a directed graph with node attribute ``kind`` and edge attribute ``hours``.

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
            infinite = nodes[int((~np.isfinite(utility)).argmax())]
            raise ModelError("network.utility", destination=infinite)
        onward = ~destination[tail]
        tail, head, hours = tail[onward], head[onward], np.ascontiguousarray(hours[onward])
        if not np.isfinite(hours).all():
            k = int((~np.isfinite(hours)).argmax())
            leg = f"{nodes[tail[k]]} -> {nodes[head[k]]}"
            raise ModelError("network.hours", leg=leg, hours=hours[k])
        if (hours < 0).any():
            k = int((hours < 0).argmax())
            raise ModelError("network.negative_hours", tail=nodes[tail[k]], head=nodes[head[k]])
        outdegree = np.bincount(tail, minlength=len(nodes)).astype(float)
        return cls(nodes, tail, head, hours, outdegree, destination, utility, hub)

    def with_costs(self, *, hours: Floats | None = None, utility: Floats | None = None) -> Network:
        """The same legs with other costs or utilities, as in each draw; the cache is shared."""
        return replace(
            self,
            hours=self.hours if hours is None else hours,
            utility=self.utility if utility is None else utility,
        )

    @property
    def structure(self) -> EliminationOrder:
        """The elimination order, which does not depend on costs."""
        arrays = (self.tail, self.head, self.destination, self.hub)
        order: EliminationOrder = self._cached("structure", EliminationOrder.of, *arrays)
        return order

    @property
    def log_choices(self) -> Floats:
        """``-ln Pref`` of each live leg: the logarithm of the legs that leave its tail."""
        logs: Floats = self._cached(
            "log_choices",
            lambda structure, outdegree: np.log(outdegree[structure.tail]),
            self.structure,
            self.outdegree,
        )
        return logs

    def _cached(self, name: str, compute: Callable[..., Any], *inputs: Any) -> Any:
        """``compute(*inputs)``, cached across :func:`dataclasses.replace` for the same inputs."""
        entry = self._cache.get(name)
        if entry is None or any(a is not b for a, b in zip(entry[0], inputs, strict=True)):
            entry = self._cache[name] = (inputs, compute(*inputs))
        return entry[1]

    @cached_property
    def index(self) -> dict[Node, int]:
        """Position of each node."""
        return {node: i for i, node in enumerate(self.nodes)}

    def position(self, node: Node) -> int:
        """Position of a node; :class:`InputError` if the graph does not have it."""
        try:
            return self.index[node]
        except (KeyError, TypeError):
            raise InputError("network.no_node", node=node, field="node") from None

    def vector(self, demand: Mapping[Node, float]) -> Floats:
        """Persons a year of every node, 0 where ``demand`` does not name it."""
        vector = np.zeros(len(self.nodes))
        positions = [self.position(node) for node in demand]
        vector[positions] = [_number(value, "demand", node) for node, value in demand.items()]
        if (vector < 0).any():
            node = self.nodes[int((vector < 0).argmax())]
            raise InputError(
                "network.negative_persons", attribute="demand", node=node, field="demand"
            )
        return vector


def _number(value: object, attribute: str, place: object) -> float:
    if isinstance(value, (int, float, np.floating, np.integer)) and np.isfinite(value):
        return float(value)
    raise ModelError("network.not_finite", attribute=attribute, place=place, value=value)
