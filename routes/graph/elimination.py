"""Elimination order of a network: the part of a solve that does not depend on costs, done once.

Nodes without incoming legs (villages), and then the hubs that only such nodes enter (district
seats) need no factorisation: they are eliminated in *layers*, by one sparse product each. The rest,
the *core*, is where walks can have cycles: terminals and the roads between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

__all__ = ["EliminationLayer", "EliminationOrder", "Floats", "Integers", "compressed_pattern"]

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_LAYERS = 4
"""Villages and up to three steps of hubs before the terminals; the rest stays in the core."""


@dataclass(frozen=True, eq=False)
class EliminationLayer:
    """Nodes eliminated together and the legs that leave them, grouped by node.

    Attributes
    ----------
    nodes : int array, shape (k,)
    legs : int array, shape (l,)
        Positions among the live legs, those of one node next to each other.
    start : int array, shape (k + 1,)
        Legs of ``nodes[i]`` are ``legs[start[i]:start[i + 1]]``.
    heads : int array, shape (l,)
    """

    nodes: Integers
    legs: Integers
    start: Integers
    heads: Integers

    def matrix(self, weight: Floats, size: int) -> Any:
        """Weights of the layer's legs as a sparse matrix of shape (k, size)."""
        data = weight[self.legs]
        return sparse.csr_array((data, self.heads, self.start), shape=(len(self.nodes), size))


@dataclass(frozen=True, eq=False)
class EliminationOrder:
    """Layers, core and sparse patterns of one set of legs.

    Attributes
    ----------
    alive : bool array, shape (n,)
        Nodes from which a destination can be reached.
    leg : int array, shape (l,)
        Live legs: those between live nodes; ``tail`` and ``head`` are theirs.
    layers : tuple of EliminationLayer
        In the order walks pass them; no leg enters the first.
    is_core : bool array, shape (n,)
    core : int array, shape (c,)
    place : int array, shape (n,)
        Position of each node in ``core``, then of each destination behind them; else -1.
    ends : int array, shape (d,)
        Destinations.
    inner, arriving : int arrays
        Live legs from core nodes to core nodes, and to destinations.
    """

    alive: NDArray[np.bool_]
    leg: Integers
    tail: Integers
    head: Integers
    layers: tuple[EliminationLayer, ...]
    is_core: NDArray[np.bool_]
    core: Integers
    place: Integers
    ends: Integers
    inner: Integers
    arriving: Integers
    _system: tuple[Integers, Integers, Integers]
    _backward: tuple[Integers, Integers, Integers]

    @classmethod
    def of(
        cls,
        tail: Integers,
        head: Integers,
        destination: NDArray[np.bool_],
        hub: NDArray[np.bool_],
    ) -> EliminationOrder:
        """Analyse legs between ``len(destination)`` nodes; none leaves a destination."""
        n = len(destination)
        alive = _reaching(tail, head, destination)
        leg = np.flatnonzero(alive[tail] & alive[head])
        tail, head = tail[leg], head[leg]
        layers, peeled = _peel(tail, head, alive & ~destination, hub)
        is_core = alive & ~destination & ~peeled
        core, ends = np.flatnonzero(is_core), np.flatnonzero(destination)
        place = np.full(n, -1, np.intp)
        place[core] = np.arange(len(core))
        place[ends] = len(core) + np.arange(len(ends))
        inner = np.flatnonzero(is_core[tail] & is_core[head])
        arriving = np.flatnonzero(is_core[tail] & destination[head])
        return cls(
            alive=alive, leg=leg, tail=tail, head=head, layers=layers, is_core=is_core, core=core,
            place=place, ends=ends, inner=inner, arriving=arriving,
            _system=compressed_pattern(place[tail[inner]], place[head[inner]], len(core)),
            _backward=_backward_pattern(tail, head, place, inner, arriving, len(core), len(ends)),
        )  # fmt: skip

    @cached_property
    def forks(self) -> Integers:
        """First node with a choice of legs on the way from each node; shape (n,).

        A node whose only leg leads to a hub has the same shares of routes and destinations as the
        hub.
        """
        fork = np.arange(len(self.alive))
        for layer in reversed(self.layers):
            single_leg = np.flatnonzero(np.diff(layer.start) == 1)
            fork[layer.nodes[single_leg]] = fork[layer.heads[layer.start[single_leg]]]
        return fork

    @cached_property
    def _by_tail(self) -> tuple[Integers, Integers]:
        """Live legs sorted by tail, and the first of each node."""
        start = np.zeros(len(self.alive) + 1, np.intp)
        np.cumsum(np.bincount(self.tail, minlength=len(self.alive)), out=start[1:])
        return np.argsort(self.tail, kind="stable").astype(np.intp, copy=False), start

    def leaving(self, nodes: Integers) -> Integers:
        """Live legs that leave these nodes."""
        order, start = self._by_tail
        legs = [order[start[i] : start[i + 1]] for i in nodes.tolist()]
        return np.concatenate([order[:0], *legs])

    def gathered(self, demand: Floats) -> Floats:
        """Persons a year of each node summed at :attr:`forks`; shape (n,)."""
        return np.bincount(self.forks, demand, minlength=len(demand)).astype(float, copy=False)

    def carried(self, weight: Floats, values: Any) -> Any:
        """Propagate values of eliminated nodes to where their walks enter the core.

        Parameters
        ----------
        weight : array, shape (l,)
            Of each live leg.
        values : sparse array, shape (n, k)

        Returns
        -------
        sparse array, shape (n, k)
            Complete at core nodes and destinations; at eliminated nodes, the sum over their walks.
        """
        for layer in self.layers:
            matrix = layer.matrix(weight, len(self.alive))
            values = values + matrix.T @ values[layer.nodes]
        return values

    def system(self, weight: Floats) -> Any:
        """Build ``I - W`` between core nodes in compressed columns; ``weight`` is by live leg."""
        slot, rows, start = self._system
        size = len(self.core)
        values = np.concatenate([-weight[self.inner], np.ones(size)])
        data = np.bincount(slot, values, minlength=len(rows))
        return sparse.csc_array((data, rows, start), shape=(size, size))

    def absorbing(self, weight: Floats) -> Any:
        """Weights of the legs from core nodes to destinations, shape (c, d)."""
        tail, head = self.tail[self.arriving], self.head[self.arriving]
        coordinates = (self.place[tail], self.place[head] - len(self.core))
        shape = (len(self.core), len(self.ends))
        return sparse.csr_array((weight[self.arriving], coordinates), shape=shape)

    def least_costs(self, cost: Floats, utility: Floats) -> Floats:
        """Least cost from each node to a super-sink behind the destinations, less the utility.

        Parameters
        ----------
        cost : array, shape (l,)
            Of each live leg, >= 0.
        utility : array, shape (n,)

        Returns
        -------
        array, shape (n,)
            Infinite where no destination can be reached.
        """
        least = np.full(len(self.alive), np.inf)
        least[self.ends] = -utility[self.ends]
        if len(self.core):
            # One leg from the sink to each destination; the shift keeps all costs >= 0.
            highest = float(utility[self.ends].max())
            order, columns, start = self._backward
            values = np.concatenate(
                [cost[self.inner], cost[self.arriving], highest - utility[self.ends]]
            )[order]
            size = len(start) - 1
            backward = sparse.csr_array((values, columns, start), shape=(size, size))
            reach = csgraph.dijkstra(backward, directed=True, indices=size - 1)
            least[self.core] = reach[: len(self.core)] - highest
        for layer in reversed(self.layers):
            through = cost[layer.legs] + least[layer.heads]
            least[layer.nodes] = np.minimum.reduceat(through, layer.start[:-1])
        return least


def _reaching(tail: Integers, head: Integers, destination: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes from which some destination can be reached."""
    n = len(destination)
    ends = np.flatnonzero(destination)
    rows = np.concatenate([head, np.full(len(ends), n)])
    columns = np.concatenate([tail, ends])
    backward = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n + 1, n + 1))
    reached = csgraph.breadth_first_order(backward, n, directed=True, return_predecessors=False)
    alive = np.zeros(n + 1, bool)
    alive[reached] = True
    return alive[:n]


def _peel(
    tail: Integers, head: Integers, candidates: NDArray[np.bool_], hub: NDArray[np.bool_]
) -> tuple[tuple[EliminationLayer, ...], NDArray[np.bool_]]:
    """Eliminate candidates without incoming legs, then, layer by layer, hubs left without any."""
    n = len(candidates)
    peeled = np.zeros(n, bool)
    entering = np.bincount(head, minlength=n)
    layers = []
    for _ in range(_LAYERS):
        free = candidates & ~peeled & (entering == 0)
        nodes = np.flatnonzero(free)
        if not len(nodes):
            break
        candidates = candidates & hub
        legs = np.flatnonzero(free[tail])
        legs = legs[np.argsort(tail[legs], kind="stable")]
        count = np.bincount(tail[legs], minlength=n)[nodes]
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.intp)
        layers.append(EliminationLayer(nodes, legs, start, head[legs]))
        entering -= np.bincount(head[legs], minlength=n)
        peeled |= free
    return tuple(layers), peeled


def compressed_pattern(
    rows: Integers, columns: Integers, size: int
) -> tuple[Integers, Integers, Integers]:
    """Slot of each leg and diagonal entry in ``I - W`` in CSC form, row indices, column starts."""
    diagonal = np.arange(size)
    key = np.concatenate([columns * size + rows, diagonal * size + diagonal])
    entry, slot = np.unique(key, return_inverse=True)
    column, row = np.divmod(entry, max(size, 1))
    start = np.searchsorted(column, np.arange(size + 1))
    return slot.astype(np.intp), row.astype(np.int32), start.astype(np.int32)


def _backward_pattern(
    tail: Integers,
    head: Integers,
    place: Integers,
    inner: Integers,
    arriving: Integers,
    core: int,
    ends: int,
) -> tuple[Integers, Integers, Integers]:
    """CSR pattern of the reversed legs over core nodes, destinations and the sink."""
    sink = core + ends
    legs = np.concatenate([inner, arriving])
    rows = np.concatenate([place[head[legs]], np.full(ends, sink)])
    columns = np.concatenate([place[tail[legs]], core + np.arange(ends)])
    order = np.lexsort((columns, rows))
    start = np.searchsorted(rows[order], np.arange(sink + 2))
    return order, columns[order].astype(np.int32), start.astype(np.int32)
