r"""Randomised shortest paths on a network: one factorisation, every origin at once.

A walk from an origin to a destination d has weight
``exp(a_d) * prod_legs Pref_ij exp(-theta g_ij)`` with ``Pref_ij = 1 / outdegree(i)``. The sums over
all walks are geometric series of the matrix ``W``; solving ``(I - W) z = b`` gives them.

Raw weights underflow beyond theta * cost of about 700, so every leg is re-weighted by a potential:
``phi_i`` is the least ``K``-cost from i to any destination less its utility, with
``K_ij = theta g_ij - ln Pref_ij``, and ``W_ij = exp(-(K_ij + phi_j - phi_i)) <= 1``. Potentials
cancel along every walk, so flows are the same; now each reachable ``z_i >= 1``.

Nodes that nothing enters (villages) are eliminated before factorising: ``z_o = L z``.

References: Saerens et al. 2009 (randomised shortest paths); Akamatsu 1996 (cyclic flows and the
entropy model); Fosgerau, Frejinger & Karlstrom 2013 (recursive logit).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import splu

from routes.network import Floats, Integers, Network

__all__ = ["Kernel", "Walks"]


class Walks:
    """The sums over all walks for one set of leg weights.

    Parameters
    ----------
    network : Network
    tail, head : int arrays, shape (l,)
        Legs between nodes from which a destination can be reached.
    weight : array, shape (l,)
        Weight of each leg, 0 to 1, potentials applied.
    alive : bool array, shape (n,)
        Nodes from which a destination can be reached.
    """

    def __init__(
        self,
        network: Network,
        tail: Integers,
        head: Integers,
        weight: Floats,
        alive: NDArray[np.bool_],
    ) -> None:
        self.network, self.tail, self.head = network, tail, head
        self.weight, self.alive = weight, alive
        n = len(network.nodes)
        entered = np.zeros(n, bool)
        entered[head] = True
        self._is_core = alive & entered & ~network.destination
        self._is_source = alive & ~entered & ~network.destination
        self.core = np.flatnonzero(self._is_core)
        self._place = np.full(n, -1, np.intp)
        self._place[self.core] = np.arange(len(self.core))
        self._column: dict[int, Floats] = {}
        inner = self._into_core(self._is_core)[self.core]
        self._system = sparse.eye_array(len(self.core), format="csc") - inner.tocsc()
        if len(self.core):
            self._lu = splu(self._system, permc_spec="MMD_AT_PLUS_A")

    def _into_core(self, rows: NDArray[np.bool_]) -> sparse.csr_array:
        """Weights of the legs that leave ``rows`` for core nodes, shape (n, core)."""
        chosen = rows[self.tail] & self._is_core[self.head]
        shape = (len(self.network.nodes), len(self.core))
        coordinates = (self.tail[chosen], self._place[self.head[chosen]])
        return sparse.csr_array((self.weight[chosen], coordinates), shape=shape)

    @cached_property
    def _from_source(self) -> sparse.csr_array:
        return self._into_core(self._is_source)

    @cached_property
    def _into_destination(self) -> sparse.csc_array:
        chosen = self.network.destination[self.head]
        n = len(self.network.nodes)
        coordinates = (self.tail[chosen], self.head[chosen])
        return sparse.csc_array((self.weight[chosen], coordinates), shape=(n, n))

    def _solve(self, right: Floats, *, transposed: bool = False) -> Floats:
        """Solve with one step of iterative refinement: conservation needs the last digits."""
        if not len(self.core):
            return right.copy()
        trans = "T" if transposed else "N"
        matrix = self._system.T if transposed else self._system
        solution = self._lu.solve(right, trans)
        solution = solution + self._lu.solve(right - matrix @ solution, trans)
        # I - W is an M-matrix: the exact answer to a right side >= 0 is >= 0.
        return np.asarray(np.maximum(solution, 0.0))

    @cached_property
    def z(self) -> Floats:
        """Weight of all walks from each node to all destinations, in potential units.

        Shape (n,); 1 at destinations, 0 where none can be reached.
        """
        return self.reach(self.network.destination.astype(float))

    def reach(self, value: Floats) -> Floats:
        """Weight of all walks from each node, each times the value of the destination it ends at.

        Parameters
        ----------
        value : array, shape (n,)
            Read at destinations only.
        """
        reach = np.where(self.network.destination, value, 0.0)
        reach[self.core] = self._solve((self._into_destination @ reach)[self.core])
        return self._to_sources(reach)

    def _to_sources(self, values: Floats) -> Floats:
        """Complete values known at core nodes and destinations one leg back to the sources."""
        onward = self._from_source @ values[self.core] + self._into_destination @ values
        values[self._is_source] = onward[self._is_source]
        return values

    def inner_columns(self, nodes: Integers) -> Floats:
        """Columns of ``N = (I - W)^-1`` for core nodes or destinations; rows of sources stay 0.

        ``N[i, k]`` is the weight of all walks from i that end at ``nodes[k]``; shape (n, k).
        """
        missing = [int(node) for node in nodes if int(node) not in self._column]
        if missing:
            right = np.zeros((len(self.core), len(missing)))
            for k, node in enumerate(missing):
                if self._is_core[node]:
                    right[self._place[node], k] = 1.0
                else:
                    right[:, k] = self._into_destination[:, [node]].toarray()[self.core, 0]
            solved = self._solve(right)
            self._column.update((node, solved[:, k]) for k, node in enumerate(missing))
        columns = np.zeros((len(self.network.nodes), len(nodes)))
        for k, node in enumerate(nodes):
            columns[self.core, k] = self._column[int(node)]
            if self.network.destination[node]:
                columns[node, k] = 1.0
        return columns

    def destination_odds(self) -> Floats:
        """Weight of all walks from each node to each destination; shape (n, destinations)."""
        ends = np.flatnonzero(self.network.destination)
        columns = self.inner_columns(ends)
        onward = self._from_source @ columns[self.core] + self._into_destination @ columns
        columns[self._is_source] = onward[self._is_source]
        return columns

    def passing(self, groups: Sequence[Integers], *, value: Floats | None = None) -> Floats:
        """Weight of all walks from each node that pass ``groups`` in order and then arrive.

        ``N_iB N_BB^-1`` is the weight of walks from i to the first entry of the set B. Passing the
        next set takes at least one leg more, so sets may overlap.

        Parameters
        ----------
        groups : sequence of int arrays
            Node positions; passing any one node of a group counts.
        value : array, shape (n,), optional
            Value of ending at each destination; default 1.

        Returns
        -------
        array, shape (n,)
            0 everywhere if a group is empty.
        """
        onward = self.z if value is None else self.reach(value)
        for k, group in enumerate(reversed(groups)):
            if k:
                further = self.weight * onward[self.head]
                onward = np.bincount(self.tail, further, minlength=len(onward)).astype(float)
            inner = group[~self._is_source[group]]
            passing = np.zeros_like(self.z)
            if len(inner):
                columns = self.inner_columns(inner)
                passing = columns @ np.linalg.solve(columns[inner], onward[inner])
            passing = self._to_sources(passing)
            # Nothing enters a source: only a walk that starts there passes it.
            outer = group[self._is_source[group]]
            passing[outer] = onward[outer]
            onward = passing
        return onward


class Kernel(Walks):
    """The walks of one network at one theta.

    Parameters
    ----------
    network : Network
    theta : float
        Sensitivity to cost, 1/hour, > 0.
    extra_hours : array, shape (n,), optional
        Hours added to every leg that leaves a node (a post's deterrence).
    """

    def __init__(
        self, network: Network, theta: float, *, extra_hours: Floats | None = None
    ) -> None:
        hours = network.hours
        if extra_hours is not None:
            hours = hours + extra_hours[network.tail]
        cost = theta * hours + np.log(network.outdegree[network.tail])
        self.potential = _potentials(network, cost)
        alive = np.isfinite(self.potential)
        self.leg = np.flatnonzero(alive[network.tail] & alive[network.head])
        tail, head = network.tail[self.leg], network.head[self.leg]
        reduced = cost[self.leg] + self.potential[head] - self.potential[tail]
        # Rounding may leave a leg of the best walk a hair below zero.
        super().__init__(network, tail, head, np.exp(-np.maximum(reduced, 0.0)), alive)

    def thinned(self, survive: Floats) -> Walks:
        """The same walks when each departure from node i survives with ``survive[i]``.

        The ratio of its ``z`` to this one's is the share that passes.
        """
        weight = self.weight * survive[self.tail]
        return Walks(self.network, self.tail, self.head, weight, self.alive)

    def visits(self, demand: Floats) -> Floats:
        """Backward solution ``y`` with ``(I - W)' y = r / z``; ``y * z`` is the load.

        Parameters
        ----------
        demand : array, shape (n,)
            Persons a year that start at each node (those that reach no destination are ignored).
        """
        start = np.divide(demand, self.z, out=np.zeros_like(self.z), where=self.alive)
        y = np.where(self._is_source, start, 0.0)
        inflow = start[self.core] + self._from_source.T @ start
        y[self.core] = self._solve(inflow, transposed=True)
        arriving = self._into_destination.T @ y
        at_end = self.network.destination
        y[at_end] = arriving[at_end] + start[at_end]
        return y

    def leg_flow(self, y: Floats) -> Floats:
        """Expected persons a year on each leg, ``y_i W_ij z_j``; shape (m,)."""
        flow = np.zeros(len(self.network.hours))
        flow[self.leg] = y[self.tail] * self.weight * self.z[self.head]
        return flow


def _potentials(network: Network, cost: Floats) -> Floats:
    """Least cost from every node to a super-sink behind the destinations, less the utility.

    Shape (n,); infinite where no destination can be reached.
    """
    n = len(network.nodes)
    ends = np.flatnonzero(network.destination)
    highest = float(network.utility[ends].max())
    # Reversed legs, and one leg from the sink to each destination; a shift keeps all costs >= 0.
    rows = np.concatenate([network.head, np.full(len(ends), n)])
    columns = np.concatenate([network.tail, ends])
    values = np.concatenate([cost, highest - network.utility[ends]])
    backward = sparse.csr_array((values, (rows, columns)), shape=(n + 1, n + 1))
    reach = csgraph.dijkstra(backward, directed=True, indices=n)[:n]
    potential: Floats = np.where(network.destination, -network.utility, reach - highest)
    return potential
