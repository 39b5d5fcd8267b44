"""Which candidates of a large covering problem are compared: those a greedy choice takes first."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from routes.graph.arrays import Floats, Integers

__all__ = ["MOST_CANDIDATES", "promising_candidates"]

MOST_CANDIDATES = 3_000
"""Places to visit that are compared; the relaxation of more takes minutes."""
_LEAST_OF_GROUP = 5
_ROOM = 2.0
"""Times its floor that the candidates of a group cover at least, where it can be."""


def promising_candidates(
    reach: sparse.csr_array,
    weight: Floats,
    cost: Floats,
    group: Integers,
    must: NDArray[np.bool_],
    *,
    of_point: Integers,
    floor: Floats,
    most: int = MOST_CANDIDATES,
    of_group: int = 0,
) -> Integers:
    """Positions of the candidates that are worth comparing, ascending.

    Candidates are taken by what each covers anew for its cost until all is covered, and so again
    among the others until ``most`` are taken; then of each group those that cover most on their
    own, to at least five (or ``of_group``), and more until they cover its floor with room to
    choose.

    Parameters
    ----------
    reach : sparse array, shape (points, candidates)
    weight : array, shape (points,)
    cost, group, must : arrays, shape (candidates,)
        ``group``: a number from 0; ``must``: taken in any case.
    of_point : int array, shape (points,)
        Group of each point.
    floor : array, shape (groups,)
        Weight to be covered in each group.
    most : int
    of_group : int
        Candidates of one group that may be chosen, or 0: so many of each are compared, as far as
        they are not more than ``most`` together.

    Examples
    --------
    >>> reach = sparse.csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], float))
    >>> ones, group = np.ones(3), np.zeros(3, np.intp)
    >>> promising_candidates(
    ...     reach, ones, ones, group, np.zeros(3, bool), of_point=group, floor=np.zeros(1), most=3
    ... ).tolist()
    [0, 1, 2]
    """
    columns = reach.tocsc()
    alone = np.asarray(columns.T @ weight).ravel()
    taken = must | (alone <= 0.0)  # what covers nothing is not looked at, and dropped at the end
    before = np.flatnonzero(must)
    while (number := int((taken & (alone > 0.0)).sum())) < most and not taken.all():
        left = weight.copy()
        left[np.asarray(reach[:, before].sum(axis=1)).ravel() > 0] = 0.0
        taken[_covering_all(columns, left, cost, ~taken)[: most - number]] = True
        before = before[:0]
    taken &= must | (alone > 0.0)
    order = np.lexsort((-alone, taken < 1, group))  # by group: those taken, then the widest
    place = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    least = max(_LEAST_OF_GROUP, min(of_group, most // len(floor)))
    taken[order[(place < least) & (alone[order] > 0)]] = True
    left = np.where(np.asarray(reach @ taken).ravel() > 0, 0.0, weight)
    covered = np.bincount(of_point, weight - left, minlength=len(floor))
    for g in np.flatnonzero(covered < _ROOM * floor):
        own, wanted = np.flatnonzero((group == g) & ~taken), _ROOM * floor[g] - covered[g]
        own_left = np.where(of_point == g, left, 0.0)
        fresh = _covering_all(columns[:, own], own_left.copy(), cost[own], np.ones(len(own), bool))
        gains = [_taken_from(columns, own_left, int(j)) for j in own[fresh]]
        number = int(np.searchsorted(np.cumsum(gains), wanted)) + 1
        taken[own[fresh[:number]]] = True
    return np.flatnonzero(taken)


def _taken_from(columns: sparse.csc_array, left: Floats, j: int) -> float:
    """What candidate ``j`` covers of what is left, which is then covered."""
    points = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
    value = float(left[points].sum())
    left[points] = 0.0
    return value


def _covering_all(
    columns: sparse.csc_array, left: Floats, cost: Floats, allowed: NDArray[np.bool_]
) -> Integers:
    """Candidates in the order of what each covers anew for its cost, until nothing is left.

    Gains only fall, so one that stays the largest after it is reckoned again is the largest.
    """
    price = np.maximum(cost, 1e-12)
    gains = np.asarray(columns.T @ left).ravel() / price
    heap = [(-float(gains[j]), int(j)) for j in np.flatnonzero(allowed)]
    heapq.heapify(heap)
    order: list[int] = []
    while heap:
        _, j = heapq.heappop(heap)
        points = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        value = float(left[points].sum() / price[j])
        if heap and value < -heap[0][0]:
            heapq.heappush(heap, (-value, j))
        elif value > 0.0 or not order:
            order.append(j)
            _taken_from(columns, left, j)
    return np.array(order, np.intp)
