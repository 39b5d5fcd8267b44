"""Weights of all walks between some terminals, on many draws at once.

``N = (I - W)^-1`` is needed only between the waypoints S of corridors. All other terminals are
eliminated, which leaves the Schur complement of S, whose inverse is ``N`` at S, found by
Gauss-Jordan elimination. ``I - W`` is an M-matrix, so that nothing but the pivots is ever
subtracted from a larger number of the same sign: even weights of 1e-20 keep their digits, which a
general inverse loses. The draws share their legs, so one elimination goes through all of them
together: a number of it is an array over the draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from routes.graph.elimination import Floats, Integers

__all__ = ["BlockInverse"]

_NUMBERS = 1 << 21
"""Numbers of a block of draws that are worked on at once: 32 MB."""


class BlockInverse:
    """The elimination of all nodes but some, which does not depend on the weights.

    Parameters
    ----------
    tail, head : int arrays, shape (l,)
        Legs between nodes.
    kept : int array, shape (s,)
        Nodes whose weights are asked for; may include nodes that nothing leaves.
    eliminated : int array
        All other nodes that legs leave.

    Examples
    --------
    >>> walks = BlockInverse([0, 1], [1, 2], kept=[0, 2], eliminated=[1])
    >>> list(walks.of(np.array([[0.5, 0.4], [1.0, 1.0]])))[0].round(2).tolist()
    [[[1.0, 0.2], [0.0, 1.0]], [[1.0, 1.0], [0.0, 1.0]]]
    """

    def __init__(
        self,
        tail: Sequence[int] | Integers,
        head: Sequence[int] | Integers,
        *,
        kept: Sequence[int] | Integers,
        eliminated: Sequence[int] | Integers,
    ) -> None:
        left = set(map(int, eliminated))
        inside = left.union(map(int, kept))
        slots: dict[tuple[int, int], int] = {}
        onward: dict[int, set[int]] = {node: {node} for node in inside}
        back: dict[int, set[int]] = {node: {node} for node in inside}
        for node in sorted(inside):
            slots[node, node] = len(slots)
        legs, leg_slots = [], []
        for leg, (u, v) in enumerate(zip(map(int, tail), map(int, head), strict=True)):
            if u in inside and v in inside:
                legs.append(leg)
                leg_slots.append(slots.setdefault((u, v), len(slots)))
                onward[u].add(v)
                back[v].add(u)
        self._steps: list[tuple[int, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]] = []
        while left:  # the least fill next (Markowitz 1957)
            pivot = min(left, key=lambda node: (len(back[node]) - 1) * (len(onward[node]) - 1))
            left.remove(pivot)
            rows, columns = back.pop(pivot) - {pivot}, onward.pop(pivot) - {pivot}
            for node in rows:
                onward[node] |= columns
                onward[node].discard(pivot)
            for node in columns:
                back[node] |= rows
                back[node].discard(pivot)
            fill = [[slots.setdefault((u, v), len(slots)) for v in columns] for u in rows]
            if fill and fill[0]:
                self._steps.append(
                    (
                        slots[pivot, pivot],
                        np.array([slots[u, pivot] for u in rows]),
                        np.array([slots[pivot, v] for v in columns]),
                        np.array(fill),
                    )
                )
        self._size, self._diagonal = len(slots), len(inside)
        self._legs, self._leg_slots = np.array(legs, np.intp), np.array(leg_slots, np.intp)
        asked = [int(node) for node in kept]
        self._kept = np.array([[slots.get((u, v), -1) for v in asked] for u in asked], np.intp)

    def of(self, weight: Floats) -> Iterator[Floats]:
        """Weights of all walks from each kept node to each, block by block of draws.

        Parameters
        ----------
        weight : array, shape (draws, l)
            Of the legs.

        Yields
        ------
        array, shape (draws of the block, s, s)
        """
        most = max(self._size, self._kept.size)
        step = max(1, _NUMBERS // max(most, 1))
        for start in range(0, len(weight), step):
            yield self._block(weight[start : start + step])

    def _block(self, weight: Floats) -> Floats:
        value = np.zeros((self._size + 1, len(weight)))  # the last is that of no leg
        value[: self._diagonal] = 1.0
        np.subtract.at(value, self._leg_slots, weight[:, self._legs].T)
        for pivot, rows, columns, fill in self._steps:
            scaled = value[columns] / value[pivot]
            value[fill] -= value[rows][:, None] * scaled[None]
        block = value[self._kept]
        for k in range(len(block)):
            pivot, column, row = block[k, k].copy(), block[:, k].copy(), block[k].copy()
            block -= (column / pivot)[:, None] * row[None]
            block[:, k], block[k] = -column / pivot, row / pivot
            block[k, k] = 1.0 / pivot
        return np.asarray(np.moveaxis(block, 2, 0) + 0.0)  # no -0.0
