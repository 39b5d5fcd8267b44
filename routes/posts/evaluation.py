"""Exact evaluation of sets of posts on one fitted model, without a new factorisation.

A post at p multiplies the weight of every leg that leaves p by ``s``: by ``s' = exp(-theta Delta)``
for the walks of people who know of it, by ``s'' = s' (1 - q)`` for those also not detected. With
``N = (I - W)^-1`` and the posts S (Woodbury):

    z(s) = z - N_S [N_SS + diag(s / (1 - s))]^-1 z_S
    F(S) = sum_o r_o (1 - z''_o / z'_o)

``N`` is the same for all groups of origins, ``z`` each group's own: a row of the sums below is a
node and the group of its people.

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

    weight: Floats
    columns: Floats
    rank: Floats
    step: Floats


class InterceptionEvaluator:
    """Interception of any set of candidates, on one model.

    Parameters
    ----------
    model : FlowModel
        Fitted.
    candidates : sequence of nodes
        Where a post may stand; not a destination. A node from which no destination can be reached
        is allowed: a post there intercepts nobody.
    posts : Post, or mapping node -> Post
        The post at each candidate.

    Attributes
    ----------
    total : float
        Demand that reaches a destination, persons/year.
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
        self._nats = model.theta * np.array([post.deterrence_h for post in self.posts])
        self._deterred = np.exp(-self._nats)
        self._passed = self._deterred * (1.0 - np.array([post.detection for post in self.posts]))
        merged = [self._merged(group.demand) for group in model.groups_]
        rows = np.concatenate([at for at, _ in merged])
        self._group = np.repeat(np.arange(len(merged)), [len(at) for at, _ in merged])
        self._demand = np.concatenate([persons for _, persons in merged])
        self.total = float(self._demand.sum())
        z = np.stack([group.z for group in model.groups_], axis=1)
        self._z = z[rows, self._group]
        self._zc = z[self._at]
        columns, place = self._columns(np.unique(rows))
        self._n = columns[place[rows]]
        self._nc = columns[place[self._at]]
        # A node without walks to a destination: 1 on the diagonal keeps the solve regular.
        dead = np.flatnonzero(~kernel.alive[self._at])
        self._nc[dead, dead] = 1.0

    @property
    def effort(self) -> int:
        """Number of scans of all candidates in about a second, at most 400."""
        return int(min(2e8 / max(self._n.size, 1), 400))

    def _merged(self, demand: Floats) -> tuple[Integers, Floats]:
        """Origins with a single leg, summed at the node it leads to, whose odds they share."""
        structure = self.model.kernel_.structure
        target = np.arange(len(demand))
        is_candidate = np.zeros(len(demand), bool)
        is_candidate[self._at] = True
        for layer in reversed(structure.layers):
            single_leg = (np.diff(layer.start) == 1) & ~is_candidate[layer.nodes]
            target[layer.nodes[single_leg]] = target[layer.heads[layer.start[:-1][single_leg]]]
        summed = np.bincount(target, demand, minlength=len(demand))
        rows: Integers = np.flatnonzero(summed > 0)
        return rows, np.asarray(summed[rows], float)

    def _columns(self, rows: Integers) -> tuple[Floats, Integers]:
        """Columns of ``N`` at the candidates, for the nodes needed, and the row of each node."""
        kernel = self.model.kernel_
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
        """Persons a year intercepted by posts at these positions of ``candidates``.

        ``blind`` ignores displacement: as if nobody reacted to the posts.
        """
        at = np.asarray(chosen, dtype=np.intp)
        if not len(at):
            return 0.0
        if blind:
            passed = self._reach(at, (self._passed / self._deterred)[at])
            return float(self._demand @ (1.0 - passed / self._z))
        deterred = self._reach(at, self._deterred[at])
        if self._nats[at].sum() > _DEEP and (deterred < _FAINT * self._z).any():
            return self._solve_again(at)
        passed = self._reach(at, self._passed[at])
        return float(self._demand @ (1.0 - passed / deterred))

    def _reach(self, at: Integers, survive: Floats) -> Floats:
        """Weight of all walks with the legs from these candidates multiplied by ``survive``."""
        at, survive = at[survive < 1.0], survive[survive < 1.0]
        inner = self._nc[np.ix_(at, at)] + np.diag(survive / (1.0 - survive))
        solved = np.asarray(np.linalg.solve(inner, self._zc[at]), float)
        return np.asarray(self._z - self._by_row(self._n[:, at], solved))

    def _by_row(self, columns: Floats, by_group: Floats) -> Floats:
        """Product of columns, shape (rows, k), with each row's group of ``(k, groups)``."""
        return np.asarray(np.einsum("rk,kr->r", columns, by_group[:, self._group]))

    def _solve_again(self, at: Integers) -> float:
        posts = {self.candidates[i]: self.posts[i] for i in at.tolist()}
        return self.model.intercept(posts).persons

    # -- one more post -------------------------------------------------------------------------

    def scan(self, chosen: Sequence[int], *, blind: bool = False) -> Floats:
        """Interception of the set with each candidate added to it; shape (candidates,).

        Entries of the set itself hold the value of the set as it is.
        """
        at = np.asarray(sorted(chosen), dtype=np.intp)
        unmoved = np.ones_like(self._deterred)
        first = self._step(at, unmoved if blind else self._deterred)
        second = self._step(at, self._passed / self._deterred if blind else self._passed)
        count, rows = len(self.candidates), max(len(self._z), 1)
        values = np.empty(count)
        faint: NDArray[np.bool_] = np.zeros(count, bool)
        deep = not blind and self._nats[at].sum() + self._nats.max(initial=0.0) > _DEEP
        width = max(_BLOCK // rows, 1)
        for start in range(0, count, width):
            block = slice(start, min(start + width, count))
            deterred = self._block(first, block)
            passed = self._block(second, block)
            if deep:
                faint[block] = (deterred < _FAINT * self._z[:, None]).any(axis=0)
                np.maximum(deterred, 1e-300, out=deterred)
            np.divide(passed, deterred, out=passed)
            values[block] = self.total - self._demand @ passed
        for j in np.flatnonzero(faint):
            values[j] = self._solve_again(np.union1d(at, [j]).astype(np.intp))
        values[at] = self.value(at.tolist(), blind=blind)
        return values

    def _step(self, at: Integers, survive: Floats) -> _Step:
        at = at[survive[at] < 1.0]
        odds = survive[at] / (1.0 - survive[at])
        inner = self._nc[np.ix_(at, at)] + np.diag(odds)
        groups = self._zc.shape[1]
        solved = np.asarray(
            np.linalg.solve(inner, np.column_stack([self._zc[at], self._nc[at]])), float
        )
        columns, rank = self._n[:, at], solved[:, groups:]
        weight = self._z - self._by_row(columns, solved[:, :groups])
        zc = self._zc - self._nc[:, at] @ solved[:, :groups]
        diagonal = np.diag(self._nc) - np.einsum("jk,kj->j", self._nc[:, at], rank)
        # z_j / (N_jj + s / (1 - s)), in a form that also holds for s = 1 (no change).
        blocked = 1.0 - survive
        denominator = (diagonal * blocked + survive)[:, None]
        step = np.divide(
            zc * blocked[:, None], denominator, out=np.zeros_like(zc), where=denominator > 0
        )
        step[at] = 0.0
        return _Step(weight, columns, rank, step)

    def _block(self, update: _Step, block: slice) -> Floats:
        """Weights with each candidate of the block added."""
        moved = self._n[:, block] - update.columns @ update.rank[:, block]
        moved *= update.step[block].T[self._group]
        return np.asarray(update.weight[:, None] - moved, float)
