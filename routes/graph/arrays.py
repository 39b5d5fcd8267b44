"""A transport graph as arrays, the input of the solver.

The public object of Petajaga is a :class:`networkx.DiGraph`; solving on it needs integer nodes and
one flat array per edge attribute. :class:`Network` is that view, made once per graph and shared by
every parameter draw. A national graph can also come straight from its tables, without networkx.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError, ModelError
from routes.graph.checkpoints import EVERYONE, Post, checked_watch, decoded, is_home_terminal
from routes.graph.elimination import EliminationOrder
from routes.graph.own_groups import OwnGroups

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
    log_weight : float array, shape (m,), optional
        Logarithm of the reference weight of each leg, <= 0; NaN where it is ``-ln outdegree``.
    groups : tuple
        Groups of origins; ``*`` is that of nodes without one.
    group : int array, shape (n,), optional
        Position in ``groups`` of each node's; None: all are of the first.
    group_utility : array, shape (groups, d), optional
        Utility of each destination, in the order of the nodes, for each group, NaN where a group
        has none; ``utility`` is then the largest over the groups. None: it is everyone's.
    deterrence_h, detection : arrays, shape (n,), optional
        Of the posts in force; the hours are in ``hours`` already.
    watch : dict node -> rates
        :func:`routes.graph.checkpoints.checked_watch` of the nodes that carry any.
    home_terminal : bool array, shape (n,), optional
        Terminals in Indonesia; None where not known.

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
    log_weight: Floats | None = None
    groups: tuple[Node, ...] = (EVERYONE,)
    group: Integers | None = None
    group_utility: Floats | None = None
    deterrence_h: Floats | None = None
    detection: Floats | None = None
    watch: Mapping[Node, Mapping[tuple[Any, ...], float]] = field(default_factory=dict)
    home_terminal: NDArray[np.bool_] | None = None
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_frames(cls, nodes: pd.DataFrame, edges: pd.DataFrame) -> Network:
        """Network of the tables of :func:`routes.graph.build.build_frames`.

        Parameters
        ----------
        nodes : DataFrame
            ``node`` (each once), ``kind``, and the other attributes of :meth:`from_graph`, in the
            form of :func:`routes.graph.checkpoints.encoded`.
        edges : DataFrame
            ``u, v`` (each pair once), ``hours`` and, optionally, ``log_weight``.

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
        columns = {
            name: [None if missing else decoded(name, value) for value, missing in zip(
                nodes[name].tolist(), nodes[name].isna().tolist(), strict=True
            )]
            for name in _NODE_ATTRIBUTES
            if name in nodes
        }  # fmt: skip
        log_weight = edges["log_weight"].to_numpy(float) if "log_weight" in edges else None
        return cls._checked(
            tuple(names), tail, head, edges["hours"].to_numpy(float), log_weight, columns
        )

    @classmethod
    def from_graph(cls, graph: nx.DiGraph) -> Network:
        """Network of a directed graph with node attribute ``kind`` and edge attribute ``hours``.

        Nodes of kind ``destination`` absorb and may carry ``utility`` (nats, default 0) or, in its
        place, ``utilities`` (group of origins -> nats, ``*`` for the others; minus infinity where
        nobody of the group goes). Origins may carry
        ``group``; terminals ``post`` and ``watch`` (:mod:`routes.graph.checkpoints`) and
        ``country``. Edges may carry ``log_weight`` (<= 0) in place of ``-ln outdegree``, which
        counts every edge that leaves the node.

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
        columns = {name: [v for _, v in graph.nodes(data=name)] for name in _NODE_ATTRIBUTES}
        given = [
            np.nan if weight is None else _number(weight, "log_weight", f"{u} -> {v}")
            for u, v, weight in graph.edges(data="log_weight")
        ]
        log_weight = None if np.isnan(given).all() else np.array(given)
        edges = [
            (index[u], index[v], _number(hours, "hours", f"{u} -> {v}"))
            for u, v, hours in graph.edges(data="hours")
        ]
        table = np.array(edges, dtype=float).reshape(-1, 3)
        tail, head = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp)
        return cls._checked(nodes, tail, head, table[:, 2], log_weight, columns)

    @classmethod
    def _checked(
        cls,
        nodes: tuple[Node, ...],
        tail: Integers,
        head: Integers,
        hours: Floats,
        log_weight: Floats | None,
        columns: Mapping[str, Sequence[Any]],
    ) -> Self:
        """Drop the legs that leave destinations and refuse what cannot be solved."""
        n = len(nodes)
        column = {name: columns.get(name) or [None] * n for name in _NODE_ATTRIBUTES}
        destination = np.array([kind == "destination" for kind in column["kind"]], bool)
        hub = np.array([kind == "hub" for kind in column["kind"]], bool)
        if not destination.any():
            raise ModelError("network.no_destination")
        groups, group = _groups(column["group"])
        utility, group_utility = _utilities(nodes, destination, column, groups)
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
        if log_weight is not None:
            log_weight = log_weight[onward]
            if (log_weight > 0).any():
                k = int((log_weight > 0).argmax())
                leg = f"{nodes[tail[k]]} -> {nodes[head[k]]}"
                raise ModelError("network.log_weight", leg=leg, log_weight=log_weight[k])
        outdegree = np.bincount(tail, minlength=n).astype(float)
        watch = {
            node: checked_watch(rates, node)
            for node, rates in zip(nodes, column["watch"], strict=True)
            if rates is not None
        }
        places = zip(nodes, column["kind"], column["country"], strict=True)
        home_terminal = np.array(
            [
                is_home_terminal(kind, country, watched=node in watch)
                for node, kind, country in places
            ]
        )
        deterrence_h, detection = _posts(column["post"])
        for i, node in enumerate(nodes):
            posted = column["post"][i] is not None
            if (posted and column["kind"][i] in {"aboard", "coast", "destination"}) or (
                node in watch and not home_terminal[i]
            ):
                raise ModelError("observation.not_terminal", node=node)
        if deterrence_h is not None and (hours < deterrence_h[tail]).any():
            node = nodes[tail[int((hours < deterrence_h[tail]).argmax())]]
            raise ModelError("network.post_hours", node=node)
        return cls(
            nodes, tail, head, hours, outdegree, destination, utility, hub,
            log_weight=log_weight, groups=groups, group=group, group_utility=group_utility,
            deterrence_h=deterrence_h, detection=detection, watch=watch,
            home_terminal=home_terminal,
        )  # fmt: skip

    def with_costs(self, *, hours: Floats | None = None, utility: Floats | None = None) -> Network:
        """The same legs with other costs or utilities, as in each draw; the cache is shared.

        Parameters
        ----------
        hours : array, shape (m,), optional
        utility : array, shape (n,) or (groups, n), optional
            Everyone's, or one row a group, NaN where a group has none.
        """
        group_utility = self.group_utility if utility is None else None
        if utility is not None and utility.ndim == 2:
            if len(utility) > 1:
                group_utility = utility[:, self.destination]
            utility = _largest(utility)
        return replace(
            self,
            hours=self.hours if hours is None else hours,
            utility=self.utility if utility is None else utility,
            group_utility=group_utility,
        )

    def leg_hours(self, time_h: Floats, fare_idr: Floats, value_of_time_idr_h: float) -> Floats:
        """Generalised cost of the legs with these times and fares, and the posts in force."""
        hours = time_h + fare_idr / value_of_time_idr_h
        return hours if self.deterrence_h is None else hours + self.deterrence_h[self.tail]

    @property
    def posts(self) -> dict[Node, Post]:
        """Posts in force by node."""
        if self.deterrence_h is None or self.detection is None:
            return {}
        at = np.flatnonzero((self.deterrence_h > 0) | (self.detection > 0))
        return {
            self.nodes[i]: Post(
                deterrence_h=float(self.deterrence_h[i]), detection=float(self.detection[i])
            )
            for i in at
        }

    def with_deterrence(self, factor: float) -> Network:
        """The network with the hours of its posts in force times a factor."""
        if self.deterrence_h is None:
            return self
        changed = replace(self, deterrence_h=self.deterrence_h * factor)
        bare = self.without_posts().hours
        return changed.with_costs(hours=changed.leg_hours(bare, np.zeros_like(bare), 1.0))

    def without_posts(self) -> Network:
        """The network without its posts in force: their hours leave the legs."""
        if self.deterrence_h is None:
            return self
        hours = np.maximum(self.hours - self.deterrence_h[self.tail], 0.0)
        return replace(self, hours=hours, deterrence_h=None, detection=None)

    @property
    def structure(self) -> EliminationOrder:
        """The elimination order, which does not depend on costs."""
        arrays = (self.tail, self.head, self.destination, self.hub)
        order: EliminationOrder = self._cached("structure", EliminationOrder.of, *arrays)
        return order

    @property
    def own_groups(self) -> OwnGroups | None:
        """The group of the people at each node; None where two meet outside the core."""
        if self.group is None:
            return None
        inputs = (self.structure, self.group, self.hub, self.groups)
        of_people: OwnGroups | None = self._cached("own_groups", _own_groups, *inputs)
        return of_people

    @property
    def log_choices(self) -> Floats:
        """``-ln Pref`` of each live leg: of the legs that leave its tail, or its own weight."""
        logs: Floats = self._cached(
            "log_choices", _log_choices, self.structure, self.outdegree, self.log_weight
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


_NODE_ATTRIBUTES = ("kind", "country", "utility", "utilities", "group", "post", "watch")


def _own_groups(
    structure: EliminationOrder, group: Integers, hub: NDArray[np.bool_], groups: Sequence[Node]
) -> OwnGroups | None:
    return OwnGroups.of(structure, group, hub, len(groups))


def _log_choices(
    structure: EliminationOrder, outdegree: Floats, log_weight: Floats | None
) -> Floats:
    logs: Floats = np.log(outdegree[structure.tail])
    if log_weight is None:
        return logs
    weight = log_weight[structure.leg]
    return np.where(np.isnan(weight), logs, -weight)


def _groups(names: Sequence[Any]) -> tuple[tuple[Node, ...], Integers | None]:
    """Groups in the order the nodes name them, ``*`` first, and each node's."""
    if all(name is None for name in names):
        return (EVERYONE,), None
    number = {EVERYONE: 0}
    group = [0 if name is None else number.setdefault(name, len(number)) for name in names]
    return tuple(number), np.array(group, np.intp)


def _utilities(
    nodes: Sequence[Node],
    destination: NDArray[np.bool_],
    column: Mapping[str, Sequence[Any]],
    groups: Sequence[Node],
) -> tuple[Floats, Floats | None]:
    """Utility of each destination for everyone (the largest), and for each group where given."""
    grouped = np.zeros((len(groups), len(nodes)))
    for i in np.flatnonzero(destination).tolist():
        utilities, utility = column["utilities"][i], column["utility"][i]
        if utilities is None:
            utilities = {EVERYONE: 0.0 if utility is None else utility}
        for k, group in enumerate(groups):
            value = utilities.get(group, utilities.get(EVERYONE))
            if value is None or value == -np.inf:  # not known; or nobody of the group goes there
                grouped[k, i] = np.nan if value is None else value
            else:
                grouped[k, i] = _number(value, "utility", nodes[i])
    if all(utilities is None for utilities in column["utilities"]):
        return grouped[0], None
    return _largest(grouped), grouped[:, destination]


def _largest(group_utility: Floats) -> Floats:
    """Largest utility of each destination over the groups; 0 where none goes there."""
    most = np.where(np.isnan(group_utility), -np.inf, group_utility).max(axis=0)
    return np.asarray(np.where(np.isneginf(most), 0.0, most))


def _posts(posts: Sequence[Any]) -> tuple[Floats | None, Floats | None]:
    """Hours and detection of the posts in force, None where there are none."""
    if all(post is None for post in posts):
        return None, None
    pairs = [(0.0, 0.0) if p is None else (p.deterrence_h, p.detection) for p in posts]
    deterrence_h, detection = np.array(pairs, float).T
    return deterrence_h, detection


def _number(value: object, attribute: str, place: object) -> float:
    if isinstance(value, (int, float, np.floating, np.integer)) and np.isfinite(value):
        return float(value)
    raise ModelError("network.not_finite", attribute=attribute, place=place, value=value)
