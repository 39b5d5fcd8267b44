r"""Low-rank (Woodbury) update of the walk sums for posts, without a new factorisation.

A post at p multiplies the weight of every leg that leaves p by s, below 1 where a post is added or
strengthened and above where one is removed. For a set S of such nodes, with
``N = (I - W)^-1`` (Woodbury):

    z(s) = z - N_S [N_SS + diag(s / (1 - s))]^-1 z_S

and the backward solution in the same way with the rows of N. The update subtracts numbers of the
size of ``z``: where the difference is below 1e-7 of it, cancellation leaves too few digits and
:func:`with_posts` returns None; the caller then solves again with new potentials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from routes.flow.walks import RandomWalkSums, ThinnedSums
from routes.graph.arrays import Floats, Integers

__all__ = ["DEEPEST", "FAINTEST", "PostedWalks", "with_posts"]

DEEPEST = 10.0
"""Largest change of deterrence at one post, in nats, for which the update is tried."""
FAINTEST = 1e-7
"""Least share of a node's previous weight that must remain."""


@dataclass(frozen=True, eq=False)
class PostedWalks:
    """Walk sums of a kernel with the legs that leave some core nodes down-weighted.

    Attributes
    ----------
    kernel : RandomWalkSums
        Without the posts.
    at : int array, shape (k,)
        Core nodes (positions in the network) with posts.
    survive : array, shape (k,)
        Factor on the legs that leave each, >= 0 and not 1.
    z : array, shape (n,)
        Weight of all walks from each node, in the units of ``kernel``.
    """

    kernel: RandomWalkSums
    at: Integers
    survive: Floats
    z: Floats

    def core_visits(self, entering: Floats) -> tuple[Floats, Floats]:
        """Backward solution at core nodes, as people react to the posts, and what they carry on.

        Parameters
        ----------
        entering : array, shape (c, groups)
            Start weights that enter or start there.

        Returns
        -------
        array, shape (c, groups)
            Times the weights of :meth:`core_weights` it is the load.
        array, shape (d, groups)
            Arriving at the destinations.
        """
        kernel, place = self.kernel, self.kernel.structure.place[self.at]
        # (I - D W)' = ((I - W) + E diag((1 - s) / s) E')' D with D = s at the posts: solve for D y.
        weighted = kernel.solve(entering, transposed=True)
        rows = self._rows
        inner = rows[place] + np.diag(self.survive / (1.0 - self.survive))
        weighted = weighted - rows @ np.linalg.solve(inner, weighted[place])
        arriving = kernel.arriving(weighted)
        weighted[place] /= self.survive[:, None]
        return np.maximum(weighted, 0.0), np.maximum(arriving, 0.0)

    def load(self, demand: Floats, z: Floats) -> Floats:
        """Expected passages a year of every node, shape (n, groups), as people react to the posts.

        Parameters
        ----------
        demand : array, shape (n, groups)
            Persons a year.
        z : array, shape (n, groups)
            :meth:`weights` of each group.
        """
        kernel = self.kernel
        y = kernel.entry(_start(kernel, demand, z))
        y[kernel.core], arriving = self.core_visits(y[kernel.core])
        y[kernel.structure.ends] += arriving
        return np.asarray(y * z)

    @cached_property
    def _rows(self) -> Floats:
        """Rows of ``N`` at the posts, shape (c, k)."""
        kernel = self.kernel
        right = np.zeros((len(kernel.core), len(self.at)))
        right[kernel.structure.place[self.at], np.arange(len(self.at))] = 1.0
        return kernel.solve(right, transposed=True)

    def core_weights(self, core: Floats, *, exact: bool) -> Floats | None:
        """Weight of all walks from core nodes with the posts, from that without, both (c, groups).

        None where ``exact`` cannot be met (:func:`with_posts`).
        """
        if not len(self.at):
            return core
        columns = self.kernel.core_columns(self.at)
        place = self.kernel.structure.place[self.at]
        inner = columns[place] + np.diag(self.survive / (1.0 - self.survive))
        updated = core - columns @ np.linalg.solve(inner, core[place])
        if exact and (updated < FAINTEST * core).any():
            return None
        return np.maximum(updated, 0.0)

    def weights(self, z: Floats, *, exact: bool) -> Floats | None:
        """The same at every node, shape (n, groups)."""
        kernel = self.kernel
        core = self.core_weights(z[kernel.core], exact=exact)
        if core is None:
            return None
        posted = np.where(kernel.network.destination[:, None], z, 0.0)
        posted[kernel.core] = core
        return kernel.complete(posted)

    def start(self, demand: Floats) -> Floats:
        """Persons a year over ``z``; 0 where no destination can be reached."""
        return _start(self.kernel, demand[:, None], self.z[:, None])[:, 0]

    def passing(self, groups: Sequence[Integers], *, onward: Floats | None = None) -> Floats:
        """Weight of all walks that pass ``groups`` in order: :meth:`ThinnedSums.passing`."""
        return self._sums.passing(groups, onward=onward)

    @cached_property
    def _sums(self) -> ThinnedSums:
        return _UpdatedSums(self)


def _start(kernel: RandomWalkSums, demand: Floats, z: Floats) -> Floats:
    return np.divide(demand, z, out=np.zeros_like(z), where=kernel.alive[:, None] & (z > 0))


class _UpdatedSums(ThinnedSums):
    """Walk sums of a kernel with posts, without a factorisation of their own.

    With D the survival at the posts, ``(I - D W)^-1 D = N - N_S [N_SS + diag(s / (1 - s))]^-1 N_S``
    holds column by column, and the D on the right cancels wherever columns are divided by their own
    block (first passages), or represents the leg that leaves a post (destinations).
    """

    def __init__(self, with_posts: PostedWalks) -> None:
        kernel = with_posts.kernel
        survive = np.ones(len(kernel.alive))
        survive[with_posts.at] = with_posts.survive
        self.network, self.structure = kernel.network, kernel.structure
        self.tail, self.head = kernel.tail, kernel.head
        self.alive, self.core = kernel.alive, kernel.core
        self.weight = kernel.weight * survive[kernel.tail]
        self.z = with_posts.z
        # Posts are at core nodes: the weights of the legs of peeled nodes are unchanged.
        self._layers = kernel._layers  # noqa: SLF001
        self._kernel = kernel
        self._place = self.structure.place[with_posts.at]
        self._posts = kernel.core_columns(with_posts.at)
        inner = self._posts[self._place] + np.diag(with_posts.survive / (1.0 - with_posts.survive))
        self._inverse = np.linalg.inv(inner)

    def core_columns(self, nodes: Integers) -> Floats:
        columns = self._kernel.core_columns(nodes)
        return np.asarray(columns - self._posts @ (self._inverse @ columns[self._place]))


def with_posts(
    kernel: RandomWalkSums, at: Integers, survive: Floats, *, exact: bool
) -> PostedWalks | None:
    """Down-weight the legs that leave core nodes.

    Parameters
    ----------
    at : int array, shape (k,)
        Core nodes.
    survive : array, shape (k,)
        Factor on the legs that leave each, >= 0; 1 changes nothing.
    exact : bool
        Whether every node's weight must keep its relative precision (it is a divisor); without, an
        error relative to the previous weight is enough (0 is valid: nobody passes).

    Returns
    -------
    PostedWalks or None
        None where ``exact`` cannot be met.
    """
    at, survive = at[survive != 1.0], survive[survive != 1.0]
    if (
        exact
        and len(survive)
        and not np.exp(-DEEPEST) <= survive.min() <= survive.max() <= np.exp(DEEPEST)
    ):
        return None
    posted = PostedWalks(kernel, at, survive, kernel.z)
    z = posted.weights(kernel.z[:, None], exact=exact)
    return None if z is None else replace(posted, z=z[:, 0])
