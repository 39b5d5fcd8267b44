"""What a flow model answers: flows of legs, of groups and with posts, and interceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from routes.flow.low_rank_update import PostedWalks
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats, Integers, Network, Node

__all__ = ["GroupFlow", "Interception", "LegFlow", "PostedFlow"]


@dataclass(frozen=True)
class Interception:
    """Effect of a set of posts once people react to them.

    Attributes
    ----------
    persons : float
        Expected persons a year detected at any post, ``F(S) = sum_o r_o (1 - z''_o / z'_o)``.
    share : float
        ``persons`` over all demand.
    load : dict node -> float
        Expected persons a year who would pass each node given the deterrence, before anyone is
        detected; compare with :attr:`routes.flow.model.FlowModel.load_` for displacement.

    Examples
    --------
    >>> Interception(persons=30.0, share=0.3, load={})
    Interception(persons=30, share=0.3)
    """

    persons: float
    share: float
    load: dict[Node, float]

    def __repr__(self) -> str:
        return f"Interception(persons={self.persons:.6g}, share={self.share:.6g})"


class GroupFlow:
    """The people of one group of origins, who share the utilities of destinations.

    Parameters
    ----------
    name : group
    value : array, shape (n,) or None
        ``exp`` of the group's utility of each destination less the network's; None: 1 for all.
    demand, z, visits : callable
        Compute the attributes when they are first read: a nation has many nodes and groups.

    Attributes
    ----------
    demand : array, shape (n,)
        Persons a year who set out and can reach a destination.
    z : array, shape (n,)
        Weight of all walks from each node, each times the value of its destination.
    visits : array, shape (n,)
        Backward solution; times ``z`` it is the load.
    """

    def __init__(
        self,
        name: Node,
        value: Floats | None,
        *,
        demand: Callable[[], Floats],
        z: Callable[[], Floats],
        visits: Callable[[], Floats],
    ) -> None:
        self.name, self.value = name, value
        self._demand, self._z, self._visits = demand, z, visits

    @cached_property
    def demand(self) -> Floats:
        """Persons a year of each node."""
        return self._demand()

    @cached_property
    def z(self) -> Floats:
        """Weight of all walks from each node."""
        return self._z()

    @cached_property
    def visits(self) -> Floats:
        """Backward solution at each node."""
        return self._visits()

    @property
    def start(self) -> Floats:
        """Persons a year of each origin over its ``z``, shape (n,)."""
        return np.divide(self.demand, self.z, out=np.zeros_like(self.z), where=self.demand > 0)


@dataclass(frozen=True, eq=False)
class PostedFlow:
    """The flow of a model once posts are in force and people react.

    Attributes
    ----------
    undetected : array, shape (nodes,)
        Share of the people of each node whom no post detects; 1 where nobody can set out, and,
        with several groups, where nobody does.
    load : array, shape (nodes,)
        Expected persons a year who would pass each node, before anyone is detected.
    walks : RandomWalkSums or PostedWalks
        Sums over the walks that the posts deter.
    by_group : callable
        Returns the demand of every group and its weights of walks, both of shape (nodes, groups).
    """

    undetected: Floats
    load: Floats
    walks: RandomWalkSums | PostedWalks
    by_group: Callable[[], tuple[Floats, Floats]]

    def corridor(self, waypoints: Sequence[Integers]) -> float:
        """Persons a year who pass sets of nodes, by position, in order."""
        start, onward = self._by_group
        return float((start * self.walks.passing(waypoints, onward=onward)).sum())

    @cached_property
    def _by_group(self) -> tuple[Floats, Floats]:
        """Start weights of each group and its weights of walks, both of shape (nodes, groups)."""
        demand, z = self.by_group()
        return np.divide(demand, z, out=np.zeros_like(z), where=demand > 0), z


class LegFlow(Mapping[tuple[Any, Any], float]):
    """Persons a year on each leg, as a mapping ``(from, to) -> persons`` over arrays.

    A plain dict of two million legs would cost more than solving for them.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("Tawau", kind="destination", utility=0.0)
    >>> graph.add_edge("Nunukan", "Tawau", hours=1.0)
    >>> dict(LegFlow(Network.from_graph(graph), np.array([25.0])))
    {('Nunukan', 'Tawau'): 25.0}
    """

    def __init__(self, network: Network, flow: Floats) -> None:
        self._network = network
        self.values_array = flow
        self._position: dict[tuple[int, int], int] | None = None

    def __len__(self) -> int:
        return len(self.values_array)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        nodes = self._network.nodes
        for i, j in zip(self._network.tail, self._network.head, strict=True):
            yield nodes[i], nodes[j]

    def __getitem__(self, leg: tuple[Any, Any]) -> float:
        if self._position is None:
            pairs = zip(self._network.tail.tolist(), self._network.head.tolist(), strict=True)
            self._position = {pair: k for k, pair in enumerate(pairs)}
        u, v = leg
        index = self._network.index
        return float(self.values_array[self._position[index[u], index[v]]])
