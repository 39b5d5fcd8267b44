"""Maximal covering with a floor for each group, solved by mixed-integer linear programming.

Maximal covering location (Church & ReVelle 1974) with a budget and a floor for each group:

    max  sum_i w_i y_i
    s.t. y_i <= sum_{j covers i} x_j,   sum_j c_j x_j <= B,
         sum_{i in g} w_i y_i >= floor_g,   x binary, 0 <= y <= 1

Points of a group covered by the same candidates are merged into one row; a point covered by a
single candidate needs no row. HiGHS solves the rest to a stated gap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.spatial import cKDTree

from geo.sphere import chord, on_sphere
from routes.graph.arrays import Floats, Integers

__all__ = ["Chosen", "Covering", "reach_matrix"]

_SLACK = 1e-9
_INFEASIBLE = 2
"""Status of HiGHS."""


def reach_matrix(
    points: Floats, candidates: Floats, radius_km: float, *, lands: tuple[Any, Any] | None = None
) -> sparse.csr_array:
    """Which candidate (column) reaches which point (row); shape (points, candidates), of ones.

    Parameters
    ----------
    points, candidates : arrays, shape (m, 2), (c, 2)
        Latitude and longitude in degrees.
    radius_km : float
        Great-circle distance.
    lands : pair of arrays of str, optional
        Land each point and each candidate stands on: water is not crossed.
    """
    neighbours = cKDTree(_sphere(points)).query_ball_point(
        _sphere(candidates), chord(radius_km) * (1 + 1e-12), return_sorted=True
    )
    column = np.repeat(np.arange(len(candidates)), [len(row) for row in neighbours])
    row = np.concatenate([np.asarray(r, np.intp) for r in neighbours] or [np.empty(0, np.intp)])
    if lands is not None:
        same = np.asarray(lands[0])[row] == np.asarray(lands[1])[column]
        row, column = row[same], column[same]
    shape = (len(points), len(candidates))
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


def _sphere(places: Floats) -> Floats:
    return on_sphere(*np.asarray(places, float).reshape(-1, 2).T)


@dataclass(frozen=True, eq=False)
class Chosen:
    """A choice of candidates.

    Attributes
    ----------
    picked : int array
        Positions of the candidates, ascending.
    covered : float
        Weight within reach of one of them.
    bound : float
        Upper bound of what an allowed choice covers.
    method : str
        ``milp`` or ``greedy``.
    """

    picked: Integers
    covered: float
    bound: float
    method: str

    @property
    def gap(self) -> float:
        """Upper bound of the distance to the optimum, as a share of the bound."""
        return max(0.0, 1.0 - self.covered / self.bound) if self.bound > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Covering:
    """One covering problem.

    Attributes
    ----------
    reach : sparse array, shape (m, c)
        Ones where a candidate covers a point.
    weight : array, shape (m,), >= 0
    group : int array, shape (m,)
        Group of each point, 0 to ``len(floor) - 1``.
    cost : array, shape (c,), >= 0
    budget : float
    floor : array, shape (groups,)
        Weight to be covered in each group.
    must : bool array, shape (c,)
    """

    reach: sparse.csr_array
    weight: Floats
    group: Integers
    cost: Floats
    budget: float
    floor: Floats
    must: NDArray[np.bool_]

    def covered(self, picked: Integers) -> Floats:
        """Weight covered in each group by these candidates."""
        weight = self.weight * self.within_reach(picked)
        return np.asarray(np.bincount(self.group, weight, minlength=len(self.floor)), float)

    def within_reach(self, picked: Integers) -> NDArray[np.bool_]:
        """Points covered by these candidates, shape (m,)."""
        return np.asarray(self.reach[:, picked].sum(axis=1)).ravel() > 0

    @cached_property
    def coverable(self) -> Floats:
        """Weight of each group that some candidate covers."""
        return self.covered(np.arange(self.reach.shape[1]))

    # -- exact ---------------------------------------------------------------------------------

    @cached_property
    def _rows(self) -> tuple[sparse.csr_array, Floats, Integers]:
        """Distinct rows with the weight of all points that share each, and their group."""
        reach = self.reach.tocsr()
        used = np.flatnonzero((np.diff(reach.indptr) > 0) & (self.weight > 0))
        reach, weight = reach[used], self.weight[used]
        group = self.group[used] if (self.floor > 0).any() else np.zeros(len(used), np.intp)
        # Rows are compared by a sum of random 64-bit marks; a collision would take 2^32 rows.
        marks = np.random.default_rng(2026).integers(1, 2**63, reach.shape[1], dtype=np.uint64)
        sums = np.add.reduceat(marks[reach.indices], reach.indptr[:-1]) if len(used) else marks[:0]
        key = np.stack([sums, group.astype(np.uint64)], axis=1)
        _, first, which = np.unique(key, axis=0, return_index=True, return_inverse=True)
        summed = np.bincount(which.ravel(), weight, minlength=len(first))
        return reach[first], np.asarray(summed, float), group[first]

    def solve(self, *, gap: float = 1e-3, seconds: float = 60.0) -> Chosen | None:
        """Solution of HiGHS, or the greedy one if better within the time; None if infeasible.

        Parameters
        ----------
        gap : float
            Relative gap at which HiGHS stops; 0 proves the optimum.
        seconds : float
            Time limit of HiGHS.
        """
        scale = float(self.weight.sum()) or 1.0
        parts = self._parts(scale)
        solution = self._milp(parts, parts.gain, gap=gap, seconds=seconds)
        if solution.status == _INFEASIBLE:
            return None
        greedy = self.greedy()
        limit = np.inf
        if solution.mip_dual_bound is not None:
            limit = -float(solution.mip_dual_bound) * scale
        chosen = None
        if solution.x is not None:
            picked = np.flatnonzero(solution.x[: parts.candidates] > 0.5)
            value = float(self.covered(picked).sum())
            chosen = Chosen(picked, value, max(limit, value), "milp")
        if greedy is None or (chosen and greedy.covered <= chosen.covered * (1 + _SLACK)):
            return chosen
        return replace(greedy, bound=max(min(greedy.bound, limit), greedy.covered))

    def fairest(self, *, seconds: float = 20.0) -> float:
        """Largest share (also above 1) of all floors that one choice can meet."""
        parts = self._parts(float(self.weight.sum()) or 1.0, share=True)
        gain = np.zeros(parts.variables)
        gain[-1] = 1.0
        solution = self._milp(parts, gain, gap=1e-3, seconds=seconds)
        return float(solution.x[-1]) if solution.x is not None else 0.0

    def cheapest(self, *, seconds: float = 20.0) -> float | None:
        """Least budget that meets the floors; None if there is none or time runs out."""
        parts = self._parts(float(self.weight.sum()) or 1.0, budget=False)
        gain = np.zeros(parts.variables)
        gain[: parts.candidates] = -self.cost
        solution = self._milp(parts, gain, gap=1e-3, seconds=seconds)
        return None if solution.x is None else float(-(gain @ np.round(solution.x, 6)))

    def _parts(self, scale: float, *, budget: bool = True, share: bool = False) -> _Parts:
        rows, weight, group = self._rows
        weight = weight / scale
        count, c = rows.shape
        alone = np.diff(rows.indptr) == 1
        shared = np.flatnonzero(~alone)
        single, only = np.flatnonzero(alone), rows.indices[rows.indptr[:-1][alone]]
        variables = c + len(shared) + share
        gain = np.zeros(variables)
        np.add.at(gain, only, weight[single])
        gain[c : c + len(shared)] = weight[shared]
        blocks = []
        if len(shared):
            eye = sparse.eye_array(len(shared), format="csr")
            extra = [sparse.csr_array((len(shared), 1))] if share else []
            within = sparse.hstack([-rows[shared], eye, *extra], format="csr")
            blocks.append(LinearConstraint(within, -np.inf, 0.0))
        if budget:
            price = sparse.csr_array(np.concatenate([self.cost, np.zeros(variables - c)])[None])
            blocks.append(LinearConstraint(price, -np.inf, self.budget))
        floors = np.flatnonzero(self.floor > 0)
        if len(floors):
            # Column of the variable that covers each row: its only candidate, or its own.
            column = np.empty(count, np.intp)
            column[single], column[shared] = only, c + np.arange(len(shared))
            shape = (len(self.floor), variables)
            matrix = sparse.csr_array((weight, (group, column)), shape=shape)[floors]
            low = self.floor[floors] / scale
            if share:
                last = (np.arange(len(floors)), np.full(len(floors), variables - 1))
                matrix = matrix + sparse.csr_array((-low, last), shape=matrix.shape)
                low = np.zeros(len(floors))
            blocks.append(LinearConstraint(matrix, low * (1 - _SLACK), np.inf))
        lower, upper = np.zeros(variables), np.ones(variables)
        lower[:c] = self.must
        if share:
            upper[-1] = np.inf
        return _Parts(c, variables, gain, tuple(blocks), Bounds(lower, upper))

    @staticmethod
    def _milp(parts: _Parts, gain: Floats, *, gap: float, seconds: float) -> Any:
        whole = np.zeros(parts.variables)
        whole[: parts.candidates] = 1
        return milp(
            -gain,
            integrality=whole,
            bounds=parts.bounds,
            constraints=list(parts.constraints),
            options={"mip_rel_gap": gap, "time_limit": seconds, "presolve": True},
        )

    # -- greedy --------------------------------------------------------------------------------

    def greedy(self) -> Chosen | None:
        """Greedy choice by gain per cost, floors first; None if it does not meet the floors.

        Its bound: what is covered, and the best of the remaining gains as if none overlapped
        (coverage is submodular).
        """
        reach, columns = self.reach.tocsr(), self.reach.tocsc()
        left = self.weight.copy()
        picked = np.flatnonzero(self.must).tolist()
        for j in picked:
            left[columns.indices[columns.indptr[j] : columns.indptr[j + 1]]] = 0.0
        spent = float(self.cost[picked].sum())
        taken = self.must.copy()
        gains = np.asarray(columns.T @ left).ravel()
        bound = float(self.weight.sum() - left.sum()) + self._fractional(gains, self.budget - spent)
        while True:
            fits = ~taken & (self.cost <= self.budget - spent + _SLACK * max(self.budget, 1.0))
            if not fits.any():
                break
            covered = np.bincount(self.group, self.weight - left, minlength=len(self.floor))
            missing = self.floor - covered
            short = missing > _SLACK * max(float(self.floor.max(initial=0.0)), 1e-12)
            useful = gains
            if short.any():
                useful = np.asarray(columns.T @ np.where(short[self.group], left, 0.0)).ravel()
            ranked = np.where(fits, useful / np.where(self.cost > 0, self.cost, 1e-12), -1.0)
            best = int(ranked.argmax())
            if ranked[best] <= 0:
                break
            new = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
            new = new[left[new] > 0]
            touched = reach[new]
            lost = np.repeat(left[new], np.diff(touched.indptr))
            gains = gains - np.bincount(touched.indices, lost, minlength=len(gains))
            left[new] = 0.0
            taken[best] = True
            picked.append(best)
            spent += float(self.cost[best])
        chosen = np.sort(np.array(picked, dtype=np.intp))
        per_group = self.covered(chosen)
        if (per_group < self.floor * (1 - 1e-6)).any():
            return None
        value = float(per_group.sum())
        gains = np.where(taken, 0.0, np.asarray(columns.T @ left).ravel())
        bound = min(bound, value + self._fractional(gains, self.budget), float(self.weight.sum()))
        return Chosen(chosen, value, max(bound, value), "greedy")

    def _fractional(self, gains: Floats, budget: float) -> float:
        """Upper bound of the gains within the budget if none overlap (fractional knapsack)."""
        order = np.argsort(-gains / np.where(self.cost > 0, self.cost, 1e-12), kind="stable")
        room = budget - np.concatenate([[0.0], np.cumsum(self.cost[order])[:-1]])
        price = np.where(self.cost[order] > 0, self.cost[order], 1.0)
        part = np.where(self.cost[order] > 0, np.clip(room / price, 0.0, 1.0), 1.0)
        return float(part @ np.maximum(gains[order], 0.0))


@dataclass(frozen=True, eq=False)
class _Parts:
    candidates: int
    variables: int
    gain: Floats
    constraints: tuple[LinearConstraint, ...]
    bounds: Bounds
