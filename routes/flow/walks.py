r"""Randomised shortest paths on a network: one factorisation, every origin at once.

A walk from an origin to a destination d has weight
``exp(a_d) * prod_legs Pref_ij exp(-theta g_ij)`` with ``Pref_ij = 1 / outdegree(i)``. The sums over
all walks are geometric series of the matrix ``W``; solving ``(I - W) z = b`` gives them.

Raw weights underflow beyond theta * cost of about 700, so every leg is re-weighted by a potential:
``phi_i`` is the least ``K``-cost from i to any destination less its utility, with
``K_ij = theta g_ij - ln Pref_ij``, and ``W_ij = exp(-(K_ij + phi_j - phi_i)) <= 1``. Potentials
cancel along every walk, so flows are the same; now each reachable ``z_i >= 1``.

Nodes without incoming legs (villages, then their district hubs) are eliminated before
factorisation: ``z_o = L z`` (:mod:`routes.graph.elimination`).

References: Saerens et al. 2009 (randomised shortest paths); Akamatsu 1996 (cyclic flows and the
entropy model); Fosgerau, Frejinger & Karlstrom 2013 (recursive logit).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from geo.errors import ModelError
from routes.graph.arrays import Floats, Integers, Network
from routes.graph.elimination import EliminationLayer

__all__ = ["RandomWalkSums", "ThinnedSums"]


def _factorised(system: sparse.csc_array) -> Any:
    """Factorise an M-matrix with its diagonal as pivots, so that nothing cancels in a solve.

    All numbers keep their signs then, and each part of a solution its relative precision: weights
    of walks of 1e-50 stand beside those of 1. With partial pivoting they do not.
    """
    return splu(
        system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )


class ThinnedSums:
    """The sums over all walks for one set of leg weights.

    Parameters
    ----------
    network : Network
    weight : array, shape (l,)
        Weight of each live leg (``network.structure``), 0 to 1, potentials applied.

    Attributes
    ----------
    tail, head : int arrays, shape (l,)
        Live legs: those between nodes from which a destination can be reached.
    alive : bool array, shape (n,)
        Nodes from which a destination can be reached.
    core : int array, shape (c,)
        Nodes that stay in the factorised system.
    """

    def __init__(self, network: Network, weight: Floats) -> None:
        self.network, self.weight = network, weight
        self.structure = network.structure
        self.tail, self.head = self.structure.tail, self.structure.head
        self.alive, self.core = self.structure.alive, self.structure.core
        self._column: dict[int, Floats] = {}
        self._system = self.structure.system(weight)
        if len(self.core):
            try:
                self._lu = _factorised(self._system)
            except RuntimeError as error:  # exactly singular
                raise ModelError("model.diverges") from error

    @cached_property
    def _absorbing(self) -> sparse.csr_array:
        return self.structure.absorbing(self.weight)

    @cached_property
    def _layers(self) -> list[tuple[EliminationLayer, sparse.csr_array]]:
        """The layers, each with the weights of its legs, shape (k, n)."""
        size = len(self.alive)
        return [(layer, layer.matrix(self.weight, size)) for layer in self.structure.layers]

    def solve(self, right: Floats, *, transposed: bool = False) -> Floats:
        """Solve ``(I - W) x = right`` between core nodes, or its transpose.

        One step of iterative refinement: conservation needs the last digits.

        Parameters
        ----------
        right : array, shape (c,) or (c, k), >= 0
        """
        if not len(self.core):
            return right.copy()
        lu, trans = self._lu, "T" if transposed else "N"
        if right.ndim == 2 and not transposed:
            lu, trans = self._transposed_lu, "T"
        matrix = self._system.T if transposed else self._system
        solution = lu.solve(right, trans)
        solution = solution + lu.solve(right - matrix @ solution, trans)
        # I - W is an M-matrix: the exact solution for a right-hand side >= 0 is >= 0.
        return np.asarray(np.maximum(solution, 0.0))

    @cached_property
    def _transposed_lu(self) -> Any:
        """Factorisation of the transpose, for many right-hand sides at once.

        SuperLU takes them one by one in transposed solves; in plain ones it solves dense triangles
        of a few rows in threads that wait for each other longer than they work.
        """
        return _factorised(self._system.T.tocsc())

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
        ends = self.structure.ends
        reach = np.zeros(len(self.alive))
        reach[ends] = value[ends]
        reach[self.core] = self.solve(self._absorbing @ reach[ends])
        return self.complete(reach)

    def core_reach(self, values: Floats) -> Floats:
        """Weight of all walks from core nodes, each times the value of the destination it ends at.

        Parameters
        ----------
        values : array, shape (d, k)

        Returns
        -------
        array, shape (c, k)
        """
        return self.solve(self._absorbing @ values)

    def complete(self, values: Floats, *, fixed: tuple[Integers, Floats] | None = None) -> Floats:
        """Back-substitute values of core nodes and destinations through the layers, in place.

        Parameters
        ----------
        values : array, shape (n,) or (n, k)
        fixed : pair of arrays, optional
            Peeled nodes and their values, which are not computed.
        """
        for layer, matrix in reversed(self._layers):
            values[layer.nodes] = matrix @ values
            if fixed:
                values[fixed[0]] = fixed[1]
        return values

    def core_columns(self, nodes: Integers) -> Floats:
        """Columns of ``N = (I - W)^-1`` at core nodes; shape (c, k)."""
        missing = [int(node) for node in dict.fromkeys(nodes.tolist()) if node not in self._column]
        if missing:
            solved = self._solved_columns(self.structure.place[missing])
            self._column.update((node, solved[:, k]) for k, node in enumerate(missing))
        if not len(nodes):
            return np.zeros((len(self.core), 0))
        return np.stack([self._column[int(node)] for node in nodes], axis=1)

    def _solved_columns(self, place: Integers) -> Floats:
        """Columns at places among core nodes and destinations, in one solve."""
        size = len(self.core)
        right = np.zeros((size, len(place)), order="F")
        core = np.flatnonzero(place < size)
        right[place[core], core] = 1.0
        ends = np.flatnonzero(place >= size)
        if len(ends):
            right[:, ends] = self._absorbing.tocsc()[:, place[ends] - size].toarray()
        return self.solve(right)

    def inner_columns(self, nodes: Integers) -> Floats:
        """Columns of ``N = (I - W)^-1`` for core nodes or destinations; peeled rows stay 0.

        ``N[i, k]`` is the weight of all walks from i that end at ``nodes[k]``; shape (n, k).
        """
        columns = np.zeros((len(self.alive), len(nodes)))
        columns[self.core] = self.core_columns(nodes)
        for k in np.flatnonzero(self.network.destination[nodes]):
            columns[nodes[k], k] = 1.0
        return columns

    def destination_odds(self) -> Floats:
        """Weight of all walks from each node to each destination; shape (n, destinations)."""
        return self.complete(self.inner_columns(self.structure.ends))

    def forking_odds(self) -> Floats:
        """The same, left at 0 in layers of nodes with a single outgoing leg (most villages)."""
        columns = self.inner_columns(self.structure.ends)
        for layer, matrix in reversed(self._layers):
            if len(layer.legs) > len(layer.nodes):
                columns[layer.nodes] = matrix @ columns
        return columns

    def entry(self, start: Floats) -> Floats:
        """Propagate start weights forward through the layers; shape (n,) or (n, k).

        At core nodes and destinations: weight that enters from peeled nodes or starts there; at
        peeled nodes: weight that leaves them.

        Parameters
        ----------
        start : array, shape (n,) or (n, k)
            Persons a year over ``z``.
        """
        carried = np.where(self.alive if start.ndim == 1 else self.alive[:, None], start, 0.0)
        for layer, matrix in self._layers:
            carried += matrix.T @ carried[layer.nodes]
        return carried

    def spread(self, start: Floats) -> Floats:
        """Visits of walks with these start weights, shape (n,)."""
        y = self.entry(start)
        y[self.core] = self.solve(y[self.core], transposed=True)
        y[self.structure.ends] += self.arriving(y[self.core])
        return y

    def arriving(self, visits: Floats) -> Floats:
        """Carry visits of core nodes, shape (c,) or (c, k), one leg on to the destinations."""
        return np.asarray(self._absorbing.T @ visits)

    def passing(
        self,
        groups: Sequence[Integers],
        *,
        value: Floats | None = None,
        onward: Floats | None = None,
    ) -> Floats:
        """Weight of all walks from each node that pass ``groups`` in order and then arrive.

        ``N_iB N_BB^-1`` is the weight of walks from i to the first entry of the set B. Passing the
        next set takes at least one leg more, so sets may overlap.

        Parameters
        ----------
        groups : sequence of int arrays
            Node positions; passing any one node of a group counts.
        value : array, shape (n,), optional
            Value of each destination; default 1.
        onward : array, shape (n,) or (n, k), optional
            ``reach(value)``, where it is known; of several values at once.

        Returns
        -------
        array, shape (n,) or (n, k)
            0 everywhere if a group is empty.
        """
        if onward is None:
            onward = self.z if value is None else self.reach(value)
        for k, group in enumerate(reversed(groups)):
            if k:
                # Of the nodes of the group only: one leg more.
                legs = self.structure.leaving(group)
                further = (self.weight[legs] * onward[self.head[legs]].T).T
                onward = np.zeros_like(onward)
                np.add.at(onward, self.tail[legs], further)
            inside = self.structure.place[group] >= 0
            inner, outer = np.asarray(group[inside]), np.asarray(group[~inside])
            passing = np.zeros_like(onward)
            if len(inner):
                columns = self.core_columns(inner)
                block = np.zeros((len(inner), len(inner)))
                is_core = self.structure.is_core[inner]
                block[is_core] = columns[self.structure.place[inner[is_core]]]
                ends = np.flatnonzero(~is_core)
                block[ends, ends] = 1.0
                first = np.linalg.solve(block, onward[inner])
                passing[self.core] = columns @ first
                passing[inner[ends]] = first[ends]
            # No walk returns to a peeled node, so its own value is its first entry's.
            onward = self.complete(passing, fixed=(outer, onward[outer]))
        return onward


class RandomWalkSums(ThinnedSums):
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
        structure = network.structure
        cost = theta * network.hours[structure.leg]
        if extra_hours is not None:
            cost += theta * extra_hours[structure.tail]
        cost += network.log_choices
        self.potential = structure.least_costs(cost, network.utility)
        reduced = self.potential[structure.tail] - self.potential[structure.head] - cost
        # Rounding may leave a leg of the best walk slightly above zero.
        np.minimum(reduced, 0.0, out=reduced)
        super().__init__(network, np.exp(reduced, out=reduced))

    def thinned(self, survive: Floats) -> ThinnedSums:
        """The same walks when each departure from node i survives with ``survive[i]``.

        The ratio of its ``z`` to this one's is the share that passes.
        """
        return ThinnedSums(self.network, self.weight * survive[self.tail])

    def start(self, demand: Floats) -> Floats:
        """Persons a year over ``z``; 0 where no destination can be reached."""
        return np.divide(demand, self.z, out=np.zeros_like(self.z), where=self.alive)

    def visits(self, demand: Floats) -> Floats:
        """Backward solution ``y`` with ``(I - W)' y = r / z``; ``y * z`` is the load.

        Parameters
        ----------
        demand : array, shape (n,)
            Persons a year that start at each node (those without a destination are ignored).
        """
        return self.spread(self.start(demand))

    def leg_flow(self, y: Floats, onward: Floats | None = None) -> Floats:
        """Expected persons a year on each leg, ``y_i W_ij z_j``; shape (m,).

        ``onward`` replaces ``z`` to count only some walks, such as those to one destination.
        """
        onward = self.z if onward is None else onward
        flow = np.zeros(len(self.network.hours))
        flow[self.structure.leg] = y[self.tail] * self.weight * onward[self.head]
        return flow
