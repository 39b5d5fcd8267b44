r"""What posts change, without factorising again.

A post at p multiplies the weight of every leg that leaves p by s. For a set S of such nodes, with
``N = (I - W)^-1`` (Woodbury):

    z(s) = z - N_S [N_SS + diag(s / (1 - s))]^-1 z_S

and the backward solution in the same way with the rows of N. The update subtracts numbers of the
size of ``z``: where what is left is below 1e-7 of it, too few digits remain, and :func:`with_posts`
says so by returning None; then one solves again with fresh potentials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routes.flow.walks import RandomWalkSums, ThinnedSums
from routes.graph.arrays import Floats, Integers

__all__ = ["DEEPEST", "FAINTEST", "PostedWalks", "with_posts"]

DEEPEST = 10.0
"""Nats of deterrence at one post above which the update is not tried."""
FAINTEST = 1e-7
"""Least share of a node's old weight that must be left."""


@dataclass(frozen=True, eq=False)
class PostedWalks:
    """The walks of a kernel with some core nodes' departures weakened.

    Attributes
    ----------
    kernel : Kernel
        Without the posts.
    at : int array, shape (k,)
        Core nodes (positions in the network) whose departures weigh less.
    survive : array, shape (k,)
        By how much, 0 to below 1.
    z : array, shape (n,)
        Weight of all walks from each node, in the units of ``kernel``.
    """

    kernel: RandomWalkSums
    at: Integers
    survive: Floats
    z: Floats

    @cached_property
    def _spot(self) -> Integers:
        place: Integers = self.kernel.structure.place[self.at]
        return place

    def load(self, demand: Floats) -> Floats:
        """Expected passages a year of every node, shape (n,), as people react to the posts."""
        kernel = self.kernel
        structure = kernel.structure
        entry = kernel.entry(self.start(demand))
        # (I - D W)' = ((I - W) + E diag((1 - s) / s) E')' D with D = s at the posts: solve for D y.
        weighed = kernel.solve(entry[kernel.core], transposed=True)
        right = np.zeros((len(kernel.core), len(self.at)))
        right[self._spot, np.arange(len(self.at))] = 1.0
        rows = kernel.solve(right, transposed=True)
        inner = rows[self._spot] + np.diag(self.survive / (1.0 - self.survive))
        weighed = weighed - rows @ np.linalg.solve(inner, weighed[self._spot])
        arriving = kernel.arriving(weighed)
        y = entry
        y[kernel.core] = weighed
        y[self.at] /= self.survive
        y[structure.ends] += arriving
        load: Floats = np.maximum(y, 0.0) * self.z
        return load

    def start(self, demand: Floats) -> Floats:
        """Persons a year over ``z``; 0 where no destination can be reached."""
        return np.divide(demand, self.z, out=np.zeros_like(self.z), where=self.kernel.alive)

    def passing(self, groups: Sequence[Integers]) -> Floats:
        """Weight of all walks that pass ``groups`` in order: :meth:`ThinnedSums.passing`."""
        return self._walks.passing(groups)

    @cached_property
    def _walks(self) -> ThinnedSums:
        return _Weakened(self)


class _Weakened(ThinnedSums):
    """The walks of a kernel with posts, without a factorisation of their own.

    With D the survival at the posts, ``(I - D W)^-1 D = N - N_S [N_SS + diag(s / (1 - s))]^-1 N_S``
    holds column by column, and the D on the right cancels wherever columns are divided by their own
    block (first passages), or stands for the leg that leaves a post (destinations).
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
        # Posts stand at core nodes: the legs of peeled nodes weigh what they did.
        self._layers = kernel._layers  # noqa: SLF001
        self._kernel = kernel
        self._spot = self.structure.place[with_posts.at]
        self._posts = kernel.core_columns(with_posts.at)
        inner = self._posts[self._spot] + np.diag(with_posts.survive / (1.0 - with_posts.survive))
        self._inverse = np.linalg.inv(inner)

    def core_columns(self, nodes: Integers) -> Floats:
        columns = self._kernel.core_columns(nodes)
        return np.asarray(columns - self._posts @ (self._inverse @ columns[self._spot]))


def with_posts(
    kernel: RandomWalkSums, at: Integers, survive: Floats, *, exact: bool
) -> PostedWalks | None:
    """Weaken the departures of core nodes.

    Parameters
    ----------
    at : int array, shape (k,)
        Core nodes.
    survive : array, shape (k,)
        Factor on the legs that leave each, 0 to 1; 1 changes nothing.
    exact : bool
        Whether every node's weight is to keep its digits (it is divided by); without, only their
        size beside the old ones counts (0 is a proper answer: nobody passes).

    Returns
    -------
    PostedWalks or None
        None where ``exact`` cannot be had.
    """
    at, survive = at[survive < 1.0], survive[survive < 1.0]
    if exact and len(survive) and survive.min() < np.exp(-DEEPEST):
        return None
    core = kernel.z[kernel.core]
    if len(at):
        columns = kernel.core_columns(at)
        spot = kernel.structure.place[at]
        inner = columns[spot] + np.diag(survive / (1.0 - survive))
        left = core - columns @ np.linalg.solve(inner, core[spot])
        if exact and (left < FAINTEST * core).any():
            return None
        core = np.maximum(left, 0.0)
    z = np.where(kernel.network.destination, kernel.z, 0.0)
    z[kernel.core] = core
    return PostedWalks(kernel, at, survive, kernel.complete(z))
