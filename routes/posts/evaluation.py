"""Sets of posts on one fitted model, evaluated exactly without solving again.

A post at p multiplies every leg that leaves p by ``s``: by ``s' = exp(-theta Delta)`` for what
people do once they know of it, by ``s'' = s' (1 - q)`` for those who are not detected either. With
``N = (I - W)^-1`` and the posts S (Woodbury):

    z(s) = z - N_S [N_SS + diag(s / (1 - s))]^-1 z_S
    F(S) = sum_o r_o (1 - z''_o / z'_o)

The columns of ``N`` at the candidates are found once; a set then costs one small dense solve, and
one more post added to a given set is a rank-one step, done for all candidates together.
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
"""Below this share of the old weight the update has lost its digits; then it is solved again."""
_DEEP = 10.0
"""Nats of deterrence in all below which no weight can become faint."""
_BLOCK = 1 << 18
"""Entries of a block of candidates that is worked on at once: it should stay in the cache."""


@dataclass(frozen=True, eq=False)
class _Step:
    """One kind of walk (deterred, or also undetected) for a set: what the next post changes."""

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
        What a post there is like.

    Attributes
    ----------
    total : float
        Demand that reaches a destination, persons/year.
    """

    def __init__(
        self, model: FlowModel, candidates: Sequence[Node], posts: Post | Mapping[Node, Post]
    ) -> None:
        self.model, self.candidates = model, tuple(candidates)
        post_list = [posts if isinstance(posts, Post) else posts[node] for node in self.candidates]
        self.posts = tuple(post_list)
        network, kernel = model.network_, model.kernel_
        self._at = np.array([network.position(node) for node in self.candidates], dtype=np.intp)
        for node, at in zip(self.candidates, self._at, strict=True):
            if network.destination[at]:
                raise InputError("posts.at_destination", node=node, field="node")
        nats = model.theta * np.array([post.deterrence_h for post in post_list])
        self._nats = nats
        self._deterred = np.exp(-nats)
        self._passed = self._deterred * (1.0 - np.array([post.detection for post in post_list]))
        demand = model.start_weight * kernel.z
        rows, self._demand = self._merged(demand)
        self.total = float(self._demand.sum())
        self._z = kernel.z[rows]
        self._zc = kernel.z[self._at]
        columns, place = self._columns(rows)
        self._n = columns[place[rows]]
        self._nc = columns[place[self._at]]
        # A node nobody can go on from has no walks; 1 on the diagonal keeps the solve regular.
        dead = np.flatnonzero(~kernel.alive[self._at])
        self._nc[dead, dead] = 1.0

    @property
    def effort(self) -> int:
        """How many scans of all candidates take about a second, at most 400."""
        return int(min(2e8 / max(self._n.size, 1), 400))

    def _merged(self, demand: Floats) -> tuple[Integers, Floats]:
        """Origins whose only leg leads to the same node share its odds: summed at that node."""
        structure = self.model.kernel_.structure
        target = np.arange(len(demand))
        held = np.zeros(len(demand), bool)
        held[self._at] = True
        for layer in reversed(structure.layers):
            single_leg = (np.diff(layer.start) == 1) & ~held[layer.nodes]
            target[layer.nodes[single_leg]] = target[layer.heads[layer.start[:-1][single_leg]]]
        summed = np.bincount(target, demand, minlength=len(demand))
        rows: Integers = np.flatnonzero(summed > 0)
        return rows, np.asarray(summed[rows], float)

    def _columns(self, rows: Integers) -> tuple[Floats, Integers]:
        """Columns of ``N`` at the candidates for the nodes that matter, and the row of each."""
        kernel = self.model.kernel_
        structure, size = kernel.structure, len(kernel.core)
        wanted = np.zeros(len(kernel.alive), bool)
        wanted[rows] = wanted[self._at] = True
        for layer in structure.layers:
            leaves = np.repeat(wanted[layer.nodes], np.diff(layer.start))
            wanted[layer.heads[leaves]] = True
        wanted[kernel.core] = True
        nodes = np.flatnonzero(wanted)
        place = np.full(len(wanted), -1, np.intp)
        place[nodes] = np.arange(len(nodes))
        columns = np.zeros((len(nodes), len(self._at)))
        inside = np.flatnonzero(structure.is_core[self._at])
        right = np.zeros((size, len(inside)))
        right[structure.place[self._at[inside]], np.arange(len(inside))] = 1.0
        columns[np.ix_(place[kernel.core], inside)] = kernel.solve(right)
        number = np.full(len(wanted), -1, np.intp)
        number[self._at] = np.arange(len(self._at))
        for layer in reversed(structure.layers):
            rows_of_layer = np.flatnonzero(wanted[layer.nodes])
            if not len(rows_of_layer):
                continue
            matrix = layer.matrix(kernel.weight, len(wanted))[rows_of_layer]
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
        some = np.asarray(chosen, dtype=np.intp)
        if not len(some):
            return 0.0
        if blind:
            passed = self._reach(some, (self._passed / self._deterred)[some])
            return float(self._demand @ (1.0 - passed / self._z))
        deterred = self._reach(some, self._deterred[some])
        if self._nats[some].sum() > _DEEP and (deterred < _FAINT * self._z).any():
            return self._solve_again(some)
        passed = self._reach(some, self._passed[some])
        return float(self._demand @ (1.0 - passed / deterred))

    def _reach(self, some: Integers, survive: Floats) -> Floats:
        some, survive = some[survive < 1.0], survive[survive < 1.0]
        if not len(some):
            return self._z.copy()
        inner = self._nc[np.ix_(some, some)] + np.diag(survive / (1.0 - survive))
        reach: Floats = self._z - self._n[:, some] @ np.linalg.solve(inner, self._zc[some])
        return reach

    def _solve_again(self, some: Integers) -> float:
        posts = {self.candidates[i]: self.posts[i] for i in some.tolist()}
        return self.model.intercept(posts).persons

    # -- one post more -------------------------------------------------------------------------

    def scan(self, chosen: Sequence[int], *, blind: bool = False) -> Floats:
        """Interception of the set with each candidate added to it; shape (candidates,).

        Entries of the set itself hold the value of the set as it is.
        """
        some = np.asarray(sorted(chosen), dtype=np.intp)
        unmoved = np.ones_like(self._deterred)
        first = self._step(some, unmoved if blind else self._deterred)
        second = self._step(some, self._passed / self._deterred if blind else self._passed)
        count, rows = len(self.candidates), max(len(self._z), 1)
        values = np.empty(count)
        faint: NDArray[np.bool_] = np.zeros(count, bool)
        deep = not blind and self._nats[some].sum() + self._nats.max(initial=0.0) > _DEEP
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
            values[j] = self._solve_again(np.union1d(some, [j]).astype(np.intp))
        if len(some):
            values[some] = self.value(some.tolist(), blind=blind)
        return values

    def _step(self, some: Integers, survive: Floats) -> _Step:
        some = some[survive[some] < 1.0]
        weight, columns = self._z, self._n[:, some]
        zc: Floats = self._zc
        diagonal: Floats = np.diag(self._nc)
        rank: Floats = np.zeros((len(some), len(survive)))
        if len(some):
            odds = survive[some] / (1.0 - survive[some])
            inner = self._nc[np.ix_(some, some)] + np.diag(odds)
            solved = np.linalg.solve(inner, np.column_stack([self._zc[some], self._nc[some]]))
            weight = np.asarray(weight - columns @ solved[:, 0], float)
            zc = np.asarray(zc - self._nc[:, some] @ solved[:, 0], float)
            rank = np.asarray(solved[:, 1:], float)
            overlap = np.einsum("jk,kj->j", self._nc[:, some], rank)
            diagonal = np.asarray(diagonal - overlap, float)
        # z_j / (N_jj + s / (1 - s)), written so that s = 1 (nothing changes) needs no exception.
        bent = 1.0 - survive
        below = diagonal * bent + survive
        step = np.divide(zc * bent, below, out=np.zeros_like(zc), where=below > 0)
        step[some] = 0.0
        return _Step(weight, columns, rank, step)

    def _block(self, at: _Step, block: slice) -> Floats:
        step = at.step[block]
        added = np.column_stack([at.weight, at.columns]) @ np.vstack(
            [np.ones(len(step)), at.rank[:, block] * step]
        )
        added -= self._n[:, block] * step
        return np.asarray(added, float)
