"""Exact evaluation of sets of posts on one fitted model, without a new factorisation.

A post at p multiplies the weight of every leg that leaves p by ``s``: by ``s' = exp(-theta Delta)``
for the walks of people who know of it, by ``s'' = s' (1 - q)`` for those also not detected. With
``N = (I - W)^-1`` and the posts S (Woodbury):

    z(s) = z - N_S [N_SS + diag(s / (1 - s))]^-1 z_S
    F(S) = sum_o r_o (1 - z''_o / z'_o)

``N`` is the same for all groups of origins, ``z`` each group's own: a row of the sums below is a
node and the group of its people.

With posts in force the walks of the model know of those already, so ``s`` of a post that replaces
one is the ratio to it; those not detected have an ``N`` and a ``z`` of their own, thinned by the
detection in force, and ``F`` counts what is intercepted beyond.

The columns of ``N`` at the candidates are solved once; a set then costs one small dense solve, and
adding one more post to a set is a rank-one update, done for all candidates together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import InputError
from routes.flow.model import FlowModel, Post
from routes.flow.walks import RandomWalkSums, ThinnedSums
from routes.graph.arrays import Floats, Integers, Node

__all__ = ["InterceptionEvaluator"]

_FAINT = 1e-7
"""Share of the weight without posts below which the update loses precision: solve again."""
_DEEP = 10.0
"""Total nats of deterrence below which no weight falls under that share."""
_BLOCK = 1 << 18
"""Entries of a block of candidates computed at once: sized for the processor's cache."""


@dataclass(frozen=True, eq=False)
class _Step:
    """Rank-one updates of a set by each candidate, for deterred or for undetected walks.

    ``step`` is by candidate and group of origins.
    """

    walks: _Walks
    weight: Floats
    columns: Floats
    rank: Floats
    step: Floats

    def block(self, block: slice) -> Floats:
        """Weights with each candidate of the block added."""
        moved = self.walks.n[:, block] - self.columns @ self.rank[:, block]
        moved *= self.step[block].T[self.walks.group]
        return np.asarray(self.weight[:, None] - moved, float)


def merged_origins(
    kernel: RandomWalkSums, at: Integers, demand: Floats, watched: NDArray[np.bool_]
) -> tuple[Integers, Floats]:
    """Origins that choose between ways, and their persons a year: one with a single leg, and with
    no post at it nor a candidate (``at``), counts where its leg leads, whose odds it shares.
    """
    target = np.arange(len(demand))
    kept = watched.copy()
    kept[at] = True
    for layer in reversed(kernel.structure.layers):
        single_leg = (np.diff(layer.start) == 1) & ~kept[layer.nodes]
        target[layer.nodes[single_leg]] = target[layer.heads[layer.start[:-1][single_leg]]]
    summed = np.bincount(target, demand, minlength=len(demand))
    rows: Integers = np.flatnonzero(summed > 0)
    return rows, np.asarray(summed[rows], float)


@dataclass(frozen=True, eq=False)
class _Walks:
    """Weights ``z`` of walks and columns ``N`` at the candidates, by row and (``c``) candidate."""

    group: Integers
    z: Floats
    zc: Floats
    n: Floats
    nc: Floats

    def reach(self, at: Integers, survive: Floats) -> Floats:
        """Weight of all walks with the legs from these candidates multiplied by ``survive``."""
        at, survive = at[survive != 1.0], survive[survive != 1.0]
        inner = self.nc[np.ix_(at, at)] + np.diag(survive / (1.0 - survive))
        solved = np.asarray(np.linalg.solve(inner, self.zc[at]), float)
        return np.asarray(self.z - self._by_row(self.n[:, at], solved))

    def step(self, at: Integers, survive: Floats) -> _Step:
        """The updates by one candidate more than those ``at``."""
        at = at[survive[at] != 1.0]
        inner = self.nc[np.ix_(at, at)] + np.diag(survive[at] / (1.0 - survive[at]))
        groups = self.zc.shape[1]
        solved = np.asarray(
            np.linalg.solve(inner, np.column_stack([self.zc[at], self.nc[at]])), float
        )
        columns, rank = self.n[:, at], solved[:, groups:]
        weight = self.z - self._by_row(columns, solved[:, :groups])
        zc = self.zc - self.nc[:, at] @ solved[:, :groups]
        diagonal = np.diag(self.nc) - np.einsum("jk,kj->j", self.nc[:, at], rank)
        # z_j / (N_jj + s / (1 - s)), in a form that also holds for s = 1 (no change).
        blocked = 1.0 - survive
        denominator = (diagonal * blocked + survive)[:, None]
        step = np.divide(
            zc * blocked[:, None], denominator, out=np.zeros_like(zc), where=denominator > 0
        )
        step[at] = 0.0
        return _Step(self, weight, columns, rank, step)

    def _by_row(self, columns: Floats, by_group: Floats) -> Floats:
        """Product of columns, shape (rows, k), with each row's group of ``(k, groups)``."""
        return np.asarray(np.einsum("rk,kr->r", columns, by_group[:, self.group]))


class InterceptionEvaluator:
    """Interception of any set of candidates beyond the posts in force, on one model.

    Parameters
    ----------
    model : FlowModel
        Fitted.
    candidates : sequence of nodes
        Where a post may stand; not a destination. A node from which no destination can be reached
        is allowed: a post there intercepts nobody.
    posts : Post, or mapping node -> Post
        The post at each candidate, in place of one in force (whose detection is below 1).

    Attributes
    ----------
    total : float
        Demand that reaches a destination, persons/year.
    in_force : float
        Persons a year whom the posts in force intercept.
    """

    def __init__(
        self, model: FlowModel, candidates: Sequence[Node], posts: Post | Mapping[Node, Post]
    ) -> None:
        self.model, self.candidates = model, tuple(candidates)
        self.posts = tuple(
            posts if isinstance(posts, Post) else posts[node] for node in self.candidates
        )
        network, kernel = model.network_, model.kernel_
        self._at = np.array([network.position(node) for node in self.candidates], dtype=np.intp)
        for node, at in zip(self.candidates, self._at, strict=True):
            if network.destination[at]:
                raise InputError("posts.at_destination", node=node, field="node")
        standing = np.zeros((2, len(network.nodes)))
        if network.deterrence_h is not None and network.detection is not None:
            standing[:] = network.deterrence_h, network.detection
        standing_h, standing_detection = standing[:, self._at]
        deterrence_h = np.array([post.deterrence_h for post in self.posts])
        detection = np.array([post.detection for post in self.posts])
        self._nats = model.theta * (deterrence_h - standing_h)
        self._deterred = np.exp(-self._nats)
        self._undetected = (1.0 - detection) / (1.0 - standing_detection)
        self._passed = self._deterred * self._undetected
        merged = [
            merged_origins(kernel, self._at, group.demand, standing[1] > 0)
            for group in model.groups_
        ]
        rows = np.concatenate([at for at, _ in merged])
        of_group = np.repeat(np.arange(len(merged)), [len(at) for at, _ in merged])
        self._demand = np.concatenate([persons for _, persons in merged])
        self.total = float(self._demand.sum())

        def walks(sums: ThinnedSums, z: Floats) -> _Walks:
            columns, place = self._columns(sums, np.unique(rows))
            inner = columns[place[self._at]]
            # A node without walks to a destination: 1 on the diagonal keeps the solve regular.
            dead = np.flatnonzero(~kernel.alive[self._at])
            inner[dead, dead] = 1.0
            return _Walks(of_group, z[rows, of_group], z[self._at], columns[place[rows]], inner)

        self._walks = walks(kernel, np.stack([group.z for group in model.groups_], axis=1))
        self._unseen = self._walks
        if standing[1].any():
            thinned = kernel.thinned(1.0 - standing[1])
            ends = network.destination.astype(float)
            values = [ends if group.value is None else group.value for group in model.groups_]
            z = np.stack([thinned.reach(np.nan_to_num(value)) for value in values], axis=1)
            self._unseen = walks(thinned, z)
        self.in_force = float(self._demand @ (1.0 - self._unseen.z / self._walks.z))

    @property
    def effort(self) -> int:
        """Number of scans of all candidates in about a second, at most 400."""
        return int(min(2e8 / max(self._walks.n.size, 1), 400))

    def _columns(self, kernel: ThinnedSums, rows: Integers) -> tuple[Floats, Integers]:
        """Columns of ``N`` at the candidates, for the nodes needed, and the row of each node."""
        structure, size = kernel.structure, len(kernel.core)
        needed = np.zeros(len(kernel.alive), bool)
        needed[rows] = needed[self._at] = True
        for layer in structure.layers:
            leaves = np.repeat(needed[layer.nodes], np.diff(layer.start))
            needed[layer.heads[leaves]] = True
        needed[kernel.core] = True
        nodes = np.flatnonzero(needed)
        place = np.full(len(needed), -1, np.intp)
        place[nodes] = np.arange(len(nodes))
        columns = np.zeros((len(nodes), len(self._at)))
        inside = np.flatnonzero(structure.is_core[self._at])
        right = np.zeros((size, len(inside)))
        right[structure.place[self._at[inside]], np.arange(len(inside))] = 1.0
        columns[np.ix_(place[kernel.core], inside)] = kernel.solve(right)
        number = np.full(len(needed), -1, np.intp)
        number[self._at] = np.arange(len(self._at))
        for layer in reversed(structure.layers):
            rows_of_layer = np.flatnonzero(needed[layer.nodes])
            matrix = layer.matrix(kernel.weight, len(needed))[rows_of_layer]
            compact = sparse.csr_array(
                (matrix.data, place[matrix.indices], matrix.indptr),
                shape=(len(rows_of_layer), len(nodes)),
            )
            places = place[layer.nodes[rows_of_layer]]
            columns[places] = compact @ columns
            candidate = number[layer.nodes[rows_of_layer]]
            columns[places[candidate >= 0], candidate[candidate >= 0]] += 1.0
        return columns, place

    # -- one set -------------------------------------------------------------------------------

    def value(self, chosen: Sequence[int], *, blind: bool = False) -> float:
        """Persons a year intercepted by posts at these positions of ``candidates``, beyond those in
        force.

        ``blind`` ignores displacement: as if nobody reacted to the posts.
        """
        at = np.asarray(chosen, dtype=np.intp)
        if not len(at):
            return 0.0
        if blind:
            passed = self._unseen.reach(at, self._undetected[at]) / self._walks.z
        else:
            deterred = self._walks.reach(at, self._deterred[at])
            if self._nats[at].sum() > _DEEP and (deterred < _FAINT * self._walks.z).any():
                return self._solve_again(at)
            passed = self._unseen.reach(at, self._passed[at]) / deterred
        return float(self._demand @ (1.0 - passed)) - self.in_force

    def _solve_again(self, at: Integers) -> float:
        posts = {self.candidates[i]: self.posts[i] for i in at.tolist()}
        return self.model.intercept(posts).persons - self.in_force

    # -- one more post -------------------------------------------------------------------------

    def scan(self, chosen: Sequence[int], *, blind: bool = False) -> Floats:
        """Interception of the set with each candidate added to it; shape (candidates,).

        Entries of the set itself hold the value of the set as it is.
        """
        at = np.asarray(sorted(chosen), dtype=np.intp)
        unmoved = np.ones_like(self._deterred)
        first = self._walks.step(at, unmoved if blind else self._deterred)
        second = self._unseen.step(at, self._undetected if blind else self._passed)
        count, rows = len(self.candidates), max(len(self._demand), 1)
        values = np.empty(count)
        faint: NDArray[np.bool_] = np.zeros(count, bool)
        deep = not blind and self._nats[at].sum() + self._nats.max(initial=0.0) > _DEEP
        width = max(_BLOCK // rows, 1)
        for start in range(0, count, width):
            block = slice(start, min(start + width, count))
            deterred = first.block(block)
            passed = second.block(block)
            if deep:
                faint[block] = (deterred < _FAINT * self._walks.z[:, None]).any(axis=0)
                np.maximum(deterred, 1e-300, out=deterred)
            np.divide(passed, deterred, out=passed)
            values[block] = self.total - self.in_force - self._demand @ passed
        for j in np.flatnonzero(faint):
            values[j] = self._solve_again(np.union1d(at, [j]).astype(np.intp))
        values[at] = self.value(at.tolist(), blind=blind)
        return values
