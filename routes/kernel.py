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

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import SuperLU, splu

from routes.network import Floats, Network

__all__ = ["Kernel"]


class Kernel:
    """The walk weights of one network at one theta, factorised.

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
        self.network = network
        hours = network.hours
        if extra_hours is not None:
            hours = hours + extra_hours[network.tail]
        cost = theta * hours + np.log(network.outdegree[network.tail])
        self.potential = _potentials(network, cost)
        self.alive: NDArray[np.bool_] = np.isfinite(self.potential)
        live = self.alive[network.tail] & self.alive[network.head]
        tail, head = network.tail[live], network.head[live]
        self.leg = np.flatnonzero(live)
        reduced = cost[live] + self.potential[head] - self.potential[tail]
        # Rounding may leave a leg of the best walk a hair below zero.
        self.weight: Floats = np.exp(-np.maximum(reduced, 0.0))
        self.tail, self.head = tail, head

        n = len(network.nodes)
        entered = np.zeros(n, bool)
        entered[head] = True
        self._is_core = self.alive & entered & ~network.destination
        self._is_source = self.alive & ~entered & ~network.destination
        self.core = np.flatnonzero(self._is_core)
        self._place = np.full(n, -1, np.intp)
        self._place[self.core] = np.arange(len(self.core))

    def _block(self, rows: NDArray[np.bool_], weight: Floats) -> sparse.csr_array:
        """Weights of the legs that leave ``rows`` for core nodes, shape (n, core)."""
        chosen = rows[self.tail] & self._is_core[self.head]
        shape = (len(self.network.nodes), len(self.core))
        coordinates = (self.tail[chosen], self._place[self.head[chosen]])
        return sparse.csr_array((weight[chosen], coordinates), shape=shape)

    @cached_property
    def _lu(self) -> SuperLU:
        return self._factorise(self.weight)

    def _factorise(self, weight: Floats) -> SuperLU:
        inner = self._block(self._is_core, weight)[self.core]
        system = sparse.eye_array(len(self.core), format="csc") - inner.tocsc()
        self._system = system
        return splu(system, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})

    @cached_property
    def _from_source(self) -> sparse.csr_array:
        return self._block(self._is_source, self.weight)

    @cached_property
    def _into_destination(self) -> sparse.csr_array:
        chosen = self.network.destination[self.head]
        n = len(self.network.nodes)
        coordinates = (self.tail[chosen], self.head[chosen])
        return sparse.csr_array((self.weight[chosen], coordinates), shape=(n, n))

    def _spread(self, core: Floats, direct: Floats) -> Floats:
        """Complete a solution on the core to all nodes; ``direct`` is the source's own term."""
        everywhere = self._from_source @ core
        everywhere[self._is_source] += direct[self._is_source]
        everywhere[self.core] = core
        return everywhere

    def _solve(self, right: Floats, *, transposed: bool = False) -> Floats:
        """Solve with one step of iterative refinement: conservation needs the last digits."""
        trans = "T" if transposed else "N"
        matrix = self._system.T if transposed else self._system
        if not len(self.core):
            return right.copy()
        solution = self._lu.solve(right, trans)
        return np.asarray(solution + self._lu.solve(right - matrix @ solution, trans))

    @cached_property
    def z(self) -> Floats:
        """Sum of walk weights from each node to all destinations, in potential units.

        Shape (n,); at least 1 where a destination can be reached, 0 elsewhere.
        """
        self._lu  # noqa: B018  (sets the system that _solve refines against)
        arrival = self._into_destination @ self.network.destination.astype(float)
        z = self._spread(self._solve(arrival[self.core]), arrival)
        z[self.network.destination] = 1.0
        return z

    def thinned(self, survive: Floats) -> Floats:
        """``z`` when each departure from node i survives with probability ``survive[i]``.

        Shape (n,); the ratio to :attr:`z` is the share that passes undetected.
        """
        weight = self.weight * survive[self.tail]
        inner = self._block(self._is_core, weight)[self.core]
        system = sparse.eye_array(len(self.core), format="csc") - inner.tocsc()
        arrival = self._into_destination @ self.network.destination.astype(float) * survive
        core = arrival[self.core]
        if len(self.core):
            core = np.asarray(splu(system, permc_spec="MMD_AT_PLUS_A").solve(core))
        z = self._block(self._is_source, weight) @ core
        z[self._is_source] += arrival[self._is_source]
        z[self.core] = core
        z[self.network.destination] = 1.0
        return z

    def visits(self, demand: Floats) -> Floats:
        """Backward solution ``y`` with ``(I - W)' y = r / z``; ``y * z`` is the load.

        Parameters
        ----------
        demand : array, shape (n,)
            Persons a year that start at each node (those that reach no destination are ignored).
        """
        start = np.divide(demand, self.z, out=np.zeros_like(self.z), where=self.alive)
        inflow = start[self.core] + (self._from_source.T @ start)
        y = np.where(self._is_source, start, 0.0)
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

    def one_leg_on(self, values: Floats) -> Floats:
        """Mean of ``values`` one leg further on, ``P @ values``; shape (n,); 0 at destinations."""
        weighted = self.weight * self.z[self.head] * values[self.head]
        total = np.bincount(self.tail, weighted, minlength=len(self.z))
        return np.divide(total, self.z, out=np.zeros_like(total), where=self.alive)

    def columns(self, nodes: NDArray[np.intp]) -> Floats:
        """Columns of ``N = (I - W)^-1`` for ``nodes``; shape (n, len(nodes)).

        ``N[i, k]`` is the total weight of all walks from i that end at ``nodes[k]``.
        """
        self._lu  # noqa: B018
        columns = np.zeros((len(self.network.nodes), len(nodes)))
        for k, node in enumerate(nodes):
            if self._is_core[node]:
                right = np.zeros(len(self.core))
                right[self._place[node]] = 1.0
                direct = np.zeros(len(self.network.nodes))
            elif self.network.destination[node]:
                direct = self._into_destination[:, [node]].toarray()[:, 0]
                right = direct[self.core]
            else:
                columns[node, k] = 1.0
                continue
            columns[:, k] = self._spread(self._solve(right), direct)
            if self.network.destination[node]:
                columns[node, k] = 1.0
        return columns


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
