"""Maximal covering with a floor for each group, solved by mixed-integer linear programming.

Maximal covering location (Church & ReVelle 1974) with a budget and a floor for each group:

    max  sum_i w_i y_i
    s.t. y_i <= sum_{j covers i} x_j,   sum_j c_j x_j <= B,
         sum_{i in g} w_i y_i >= floor_g,   sum_{j in g} x_j <= N,
         x binary, 0 <= y <= 1

``N``, the most candidates of a group, may be absent.

Points of a group covered by the same candidates are merged into one row; a point covered by a
single candidate needs no row. A floor row is divided by its own floor: divided by the national
total it would fall below the feasibility tolerance of HiGHS (1e-7) and be ignored.

Small problems are solved by branch and bound. Larger ones take the bound of the linear relaxation;
the choice is its rounding, filled greedily and improved by exchanges of one candidate for another.
Whatever the method, a choice counts only where it covers every floor, checked on the points
themselves. Work is limited by nodes, iterations and passes and never by the clock, so the answer
does not depend on the load of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.spatial import cKDTree

from geo.sphere import chord, on_sphere
from routes.graph.arrays import Floats, Integers

__all__ = ["Chosen", "Covering", "reach_matrix"]

_SLACK = 1e-9
"""Relative tolerance of floors and budgets."""
_INFEASIBLE = 2
"""Status of HiGHS."""
_EXACT_ENTRIES = 100_000
"""Entries of the reach matrix up to which branch and bound solves the whole problem."""
_REDUCED_ENTRIES = 20_000
"""The same of what the reduced costs of a larger problem leave open."""
_NODES = 2_000
"""Limit of branch and bound nodes."""
_ENOUGH_GAP = 0.1
"""Gap of the least budget that an error names: one that is surely enough, found in seconds."""
_ERROR_NODES = 10
"""Limit of nodes where the figure is for the text of an error: what is named can be met."""
_ITERATIONS = 200_000
"""Limit of simplex iterations."""
_PASSES = 30
"""Limit of rounds of exchanges."""
_BLOCK = 2_000
"""Candidates whose neighbours are looked for at once."""
_TRIED = 25
"""Replacements tried for one candidate, the best first."""
_ROUNDED = (0.5, 1 - 1e-6)
"""Values of the relaxation from which a candidate is in a first choice."""


def reach_matrix(
    points: Floats, candidates: Floats, radius_km: float, *, areas: tuple[Any, Any] | None = None
) -> sparse.csr_array:
    """Which candidate (column) reaches which point (row); shape (points, candidates), of ones.

    Parameters
    ----------
    points, candidates : arrays, shape (m, 2), (c, 2)
        Latitude and longitude in degrees.
    radius_km : float
        Great-circle distance.
    areas : pair of arrays of str, optional
        What each point and each candidate lies in, such as regency and island: a candidate reaches
        points of its own alone.
    """
    tree, within = cKDTree(_sphere(points)), chord(radius_km) * (1 + 1e-12)
    number = [0]
    neighbours = [np.empty(0, np.int32)]
    for start in range(0, len(candidates), _BLOCK):  # lists of numbers take much memory
        block = tree.query_ball_point(
            _sphere(candidates[start : start + _BLOCK]), within, return_sorted=True
        )
        number += [len(rows) for rows in block]
        neighbours += [np.asarray(rows, np.int32) for rows in block]
    column = np.repeat(np.arange(len(candidates), dtype=np.int32), number[1:])
    row = np.concatenate(neighbours)
    if areas is not None:
        same = np.asarray(areas[0])[row] == np.asarray(areas[1])[column]
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
        ``milp``, ``relaxation`` (linear relaxation, rounding and exchanges) or ``greedy``.
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
    most : int, optional
        Candidates of one group that may be taken; those of ``must`` are no more.
    home : int array, shape (c,), optional
        Group of each candidate; needed with ``most``.
    """

    reach: sparse.csr_array
    weight: Floats
    group: Integers
    cost: Floats
    budget: float
    floor: Floats
    must: NDArray[np.bool_]
    most: int | None = None
    home: Integers | None = None

    def covered(self, picked: Integers) -> Floats:
        """Weight covered in each group by these candidates."""
        weight = self.weight * self.within_reach(picked)
        return np.asarray(np.bincount(self.group, weight, minlength=len(self.floor)), float)

    def within_reach(self, picked: Integers) -> NDArray[np.bool_]:
        """Points covered by these candidates, shape (m,)."""
        return np.asarray(self.reach[:, picked].sum(axis=1)).ravel() > 0

    def meets_floors(self, picked: Integers) -> bool:
        """Whether these candidates cover the floor of every group, reckoned from the points."""
        return bool((self.covered(picked) >= self.floor * (1 - _SLACK)).all())

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

    def solve(self, *, gap: float = 1e-3) -> Chosen | None:
        """The best choice that covers every floor, with its bound; None if there is none.

        Parameters
        ----------
        gap : float
            Relative gap at which branch and bound stops; 0 proves the optimum of a small problem.
        """
        parts = self._parts()
        small = self._rows[0].nnz <= _EXACT_ENTRIES
        solution = self._milp(parts, parts.gain, gap=gap) if small else self._relaxed(parts)
        if solution.status == _INFEASIBLE:
            return None
        limits = [float(self._rows[1].sum())]
        bound = solution.mip_dual_bound if small else solution.fun
        if solution.x is not None and bound is not None:
            limits.append(-float(bound) * parts.scale)
        choices = []
        greedy = self.greedy()
        if greedy is not None:
            limits.append(greedy.bound)
            choices.append(greedy)
        method = "milp" if small else "relaxation"
        values = None if solution.x is None else solution.x[: parts.candidates]
        for picked in self._rounded(values, (0.5,) if small else _ROUNDED):
            choices += self._checked(picked if small else self._exchanged(picked), method)
        if not choices:
            choices = [c for k in self._least() for c in self._checked(self._exchanged(k), method)]
        if not choices:
            return None
        best = max(choices, key=lambda choice: choice.covered)
        if not small and values is not None and best.covered < min(limits) * (1 - gap):
            rest = self._without_priced_out(parts, solution, best.covered)
            if rest is not None:
                reduced = self._milp(rest, rest.gain, gap=gap)
                if reduced.mip_dual_bound is not None:
                    limits.append(max(best.covered, -float(reduced.mip_dual_bound) * parts.scale))
                values = None if reduced.x is None else reduced.x[: parts.candidates]
                for picked in self._rounded(values, (0.5,)):
                    choices += self._checked(picked, "milp")
                best = max(choices, key=lambda choice: choice.covered)
        return replace(best, bound=max(min(limits), best.covered))

    def _checked(self, picked: Integers, method: str) -> list[Chosen]:
        """The choice, where it covers every floor."""
        value = float(self.covered(picked).sum())
        return [Chosen(picked, value, value, method)] if self.meets_floors(picked) else []

    def _without_priced_out(self, parts: _Parts, relaxed: Any, covered: float) -> _Parts | None:
        """The problem with candidates fixed whose reduced cost excludes a better choice.

        None where more is left than branch and bound is given.
        """
        c = parts.candidates
        room = -float(relaxed.fun) - covered / parts.scale
        price = np.abs(relaxed.lower.marginals[:c] + relaxed.upper.marginals[:c])
        fixed = price > room * (1 + _SLACK)
        lower, upper = parts.lower.copy(), parts.upper.copy()
        value = np.round(relaxed.x[:c])
        lower[:c][fixed], upper[:c][fixed] = value[fixed], value[fixed]
        rows = self._rows[0]
        open_rows = np.asarray(rows[:, np.flatnonzero(lower[:c])].sum(axis=1)).ravel() == 0
        if rows[open_rows][:, np.flatnonzero(lower[:c] < upper[:c])].nnz > _REDUCED_ENTRIES:
            return None
        return replace(parts, lower=lower, upper=upper)

    def fairest(self) -> float:
        """Largest share (also above 1) of all floors that one choice can meet."""
        parts = self._parts(share=True)
        gain = np.zeros(parts.variables)
        gain[-1] = 1.0
        solution = self._milp(parts, gain, gap=1e-3, nodes=_ERROR_NODES)
        return float(solution.x[-1]) if solution.x is not None else 0.0

    def enough(self) -> tuple[float, int] | None:
        """A budget and a value of ``most`` (0 without one) with which the floors are met.

        The budget is at most 10 % above the least of any ``most``; None if none is found.
        """
        least = replace(self, most=None).cheapest_choice(gap=_ENOUGH_GAP)
        if least is None:
            return None
        of_group = 0 if self.home is None else int(np.bincount(self.home[least]).max(initial=0))
        return float(self.cost[least].sum()), of_group

    def cheapest_choice(self, *, gap: float = 1e-3) -> Integers | None:
        """Candidates of least cost that meet the floors."""
        parts = self._parts(budget=False)
        gain = np.zeros(parts.variables)
        gain[: parts.candidates] = -self.cost
        solution = self._milp(parts, gain, gap=gap)
        if solution.x is None:
            return None
        return np.flatnonzero(solution.x[: parts.candidates] > 0.5)

    def _least(self) -> list[Integers]:
        """The cheapest choice that meets the floors, filled up to the budget."""
        least = self.cheapest_choice()
        if least is None or float(self.cost[least].sum()) > self._spendable:
            return []
        start = self.must.copy()
        start[least] = True
        return [self._filled(start)]

    def _parts(self, *, budget: bool = True, share: bool = False) -> _Parts:
        rows, weight, group = self._rows
        scale = float(weight.max(initial=0.0)) or 1.0
        count, c = rows.shape
        alone = np.diff(rows.indptr) == 1
        shared = np.flatnonzero(~alone)
        single, only = np.flatnonzero(alone), rows.indices[rows.indptr[:-1][alone]]
        variables = c + len(shared) + share
        gain = np.zeros(variables)
        np.add.at(gain, only, weight[single] / scale)
        gain[c : c + len(shared)] = weight[shared] / scale
        blocks = []
        if len(shared):
            eye = sparse.eye_array(len(shared), format="csr")
            extra = [sparse.csr_array((len(shared), 1))] if share else []
            within = sparse.hstack([-rows[shared], eye, *extra], format="csr")
            blocks.append((within, np.zeros(len(shared))))
        if budget:
            price = sparse.csr_array(np.concatenate([self.cost, np.zeros(variables - c)])[None])
            blocks.append((price, np.array([self.budget])))
        if self.most is not None:
            ones = (np.ones(c), (self.home, np.arange(c)))
            of_group = sparse.csr_array(ones, shape=(len(self.floor), variables))
            blocks.append((of_group, np.full(len(self.floor), float(self.most))))
        floors = np.flatnonzero(self.floor > 0)
        if len(floors):
            # Column of the variable that covers each row: its only candidate, or its own.
            column = np.empty(count, np.intp)
            column[single], column[shared] = only, c + np.arange(len(shared))
            part = weight / np.where(self.floor > 0, self.floor, 1.0)[group]
            shape = (len(self.floor), variables)
            matrix = -sparse.csr_array((part, (group, column)), shape=shape)[floors]
            high = np.full(len(floors), -1.0)
            if share:
                last = (np.arange(len(floors)), np.full(len(floors), variables - 1))
                matrix = matrix + sparse.csr_array((-high, last), shape=matrix.shape)
                high = np.zeros(len(floors))
            blocks.append((matrix, high))
            if not share:
                blocks += self._floor_cuts(floors, variables)
        lower, upper = np.zeros(variables), np.ones(variables)
        lower[:c] = self.must
        if share:
            upper[-1] = np.inf
        matrix = sparse.vstack([rows for rows, _ in blocks], format="csr")
        high = np.concatenate([limits for _, limits in blocks])
        return _Parts(c, variables, gain, scale, matrix, high, lower, upper)

    def _floor_cuts(
        self, floors: Integers, variables: int
    ) -> list[tuple[sparse.csr_array, Floats]]:
        """Rows that every choice meeting the floors obeys, and most fractions of one do not.

        With ``a_gj`` the weight of group g that candidate j alone covers: what is covered is at
        most the sum of ``a_gj x_j``, so ``sum_j min(a_gj / floor_g, 1) x_j >= 1``, and at least as
        many candidates are needed as the largest ``a_gj`` take to add up to the floor.
        """
        rows, weight, group = self._rows
        count = rows.shape[0]
        shape = (len(self.floor), count)
        by_group = sparse.csr_array((weight, (group, np.arange(count))), shape=shape)
        parts = (by_group @ rows).tocsr()[floors]
        each = np.repeat(self.floor[floors], np.diff(parts.indptr))
        parts.data = np.minimum(parts.data / each, 1.0)
        fewest = np.array([
            1 + np.searchsorted(np.cumsum(-np.sort(-row)), 1.0 - _SLACK)
            for row in np.split(parts.data, parts.indptr[1:-1])
        ])  # fmt: skip
        least, reached = -parts, -parts[fewest > 1]
        reached.data[:] = -1.0
        for matrix in (least, reached):
            matrix.resize((matrix.shape[0], variables))
        return [(least, -np.ones(len(floors))), (reached, -fewest[fewest > 1].astype(float))]

    @staticmethod
    def _milp(parts: _Parts, gain: Floats, *, gap: float, nodes: int = _NODES) -> Any:
        whole = np.zeros(parts.variables)
        whole[: parts.candidates] = 1
        return milp(
            -gain,
            integrality=whole,
            bounds=Bounds(parts.lower, parts.upper),
            constraints=LinearConstraint(parts.matrix, -np.inf, parts.high),
            options={"mip_rel_gap": gap, "node_limit": nodes},
        )

    @staticmethod
    def _relaxed(parts: _Parts) -> Any:
        return linprog(
            -parts.gain,
            A_ub=parts.matrix,
            b_ub=parts.high,
            bounds=np.stack([parts.lower, parts.upper], axis=1),
            method="highs-ds",
            options={"maxiter": _ITERATIONS},
        )

    # -- rounding, greedy, exchanges -----------------------------------------------------------

    @cached_property
    def _columns(self) -> sparse.csc_array:
        return self._rows[0].tocsc()

    @property
    def _spendable(self) -> float:
        return self.budget + _SLACK * max(self.budget, 1.0)

    def _rounded(self, values: Floats | None, least: tuple[float, ...]) -> list[Integers]:
        """The candidates from each of these values on, filled up to the budget."""
        if values is None:
            return []
        starts = []
        for value in least:
            order = np.argsort(-values, kind="stable")
            order = order[(values >= value)[order] & ~self.must[order]]
            order = self._within_most(order)
            room = self._spendable - float(self.cost[self.must].sum())
            start = self.must.copy()
            start[order[np.cumsum(self.cost[order]) <= room]] = True
            starts.append(self._filled(start))
        return starts

    def _within_most(self, order: Integers) -> Integers:
        """The first candidates of this order that each group has room for, beside ``must``."""
        if self.most is None or self.home is None:
            return order
        room = self.most - np.bincount(self.home, self.must, minlength=len(self.floor))
        home = self.home[order]
        earlier = pd.Series(home).groupby(home).cumcount().to_numpy()
        return np.asarray(order[earlier < room[home]], np.intp)

    def _full(self, taken: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Candidates of groups of which as many are taken as may be."""
        if self.most is None or self.home is None:
            return np.zeros(len(taken), bool)
        number = np.bincount(self.home, taken, minlength=len(self.floor))
        return np.asarray((number >= self.most)[self.home], bool)

    def _rows_of(self, candidate: int) -> Integers:
        columns = self._columns
        rows = columns.indices[columns.indptr[candidate] : columns.indptr[candidate + 1]]
        return np.asarray(rows, np.intp)

    def _sum_by_candidate(self, rows: Integers, weight: Floats) -> Floats:
        """Sum over these rows of the weight that each candidate covers."""
        touched = self._rows[0][rows]
        each = np.repeat(weight[rows], np.diff(touched.indptr))
        return np.asarray(np.bincount(touched.indices, each, minlength=touched.shape[1]), float)

    def _filled(self, start: NDArray[np.bool_]) -> Integers:
        """``start`` and what greedy adds to it by gain per cost, floors first."""
        _, weight, group = self._rows
        left, taken = weight.copy(), start.copy()
        for j in np.flatnonzero(start):
            left[self._rows_of(int(j))] = 0.0
        spent = float(self.cost[start].sum())
        price = np.where(self.cost > 0, self.cost, 1e-12)
        gains = np.asarray(self._columns.T @ left).ravel()
        while True:
            fits = ~taken & ~self._full(taken) & (self.cost <= self._spendable - spent)
            if not fits.any():
                break
            covered = np.bincount(group, weight - left, minlength=len(self.floor))
            short = covered < self.floor * (1 - _SLACK)
            useful = gains
            if short.any():
                useful = np.asarray(self._columns.T @ np.where(short[group], left, 0.0)).ravel()
            ranked = np.where(fits, useful / price, -1.0)
            best = int(ranked.argmax())
            if ranked[best] <= 0:
                break
            new = self._rows_of(best)
            new = new[left[new] > 0]
            gains = gains - self._sum_by_candidate(new, left)
            left[new] = 0.0
            taken[best] = True
            spent += float(self.cost[best])
        return np.flatnonzero(taken)

    def greedy(self) -> Chosen | None:
        """Greedy choice by gain per cost, floors first; None if it does not meet the floors.

        Its bound: what is covered, and the best of the remaining gains as if none overlapped
        (coverage is submodular).
        """
        _, weight, _ = self._rows

        def bound_of(picked: Integers, budget: float) -> float:
            left = np.where(np.asarray(self._rows[0][:, picked].sum(axis=1)).ravel() > 0, 0, weight)
            gains = np.asarray(self._columns.T @ left).ravel()
            return float(weight.sum() - left.sum()) + self._fractional(gains, budget)

        picked = self._filled(self.must)
        if not self.meets_floors(picked):
            return None
        spent = float(self.cost[self.must].sum())
        bound = min(
            bound_of(np.flatnonzero(self.must), self.budget - spent),
            bound_of(picked, self.budget),
            float(weight.sum()),
        )
        value = float(self.covered(picked).sum())
        return Chosen(picked, value, max(bound, value), "greedy")

    def _exchanged(self, picked: Integers) -> Integers:
        """``picked`` after exchanges of one candidate for another that cover more.

        No exchange breaks a floor that was met, the budget, or the most of a group. Those that
        lose least are tried first, until a round changes nothing.
        """
        reach, weight, group = self._rows
        taken = np.zeros(reach.shape[1], bool)
        taken[picked] = True
        times = np.asarray(reach[:, picked].sum(axis=1)).ravel().astype(np.intp)
        spent = float(self.cost[picked].sum())
        covered = np.bincount(group, weight * (times > 0), minlength=len(self.floor))
        gains = np.asarray(self._columns.T @ np.where(times == 0, weight, 0.0)).ravel()
        least_gain = _SLACK * float(weight.sum())

        def change(rows: Integers, sign: int) -> None:
            nonlocal gains
            before = times[rows] > 0
            times[rows] += sign
            turned = rows[before != (times[rows] > 0)]
            gains = gains - sign * self._sum_by_candidate(turned, weight)
            np.add.at(covered, group[turned], sign * weight[turned])

        for _ in range(_PASSES):
            losses = np.asarray(self._columns.T @ np.where(times == 1, weight, 0.0)).ravel()
            out = np.flatnonzero(taken & ~self.must)
            changed = False
            for i in out[np.argsort(losses[out], kind="stable")]:
                rows = self._rows_of(i)
                loss = float(weight[rows[times[rows] == 1]].sum())
                change(rows, -1)
                taken[i] = False
                room = self._spendable - spent + self.cost[i]
                fits = ~taken & ~self._full(taken) & (self.cost <= room)
                useful = np.where(fits, gains, 0.0)
                useful[i] = 0.0
                tried = np.argsort(-useful, kind="stable")[:_TRIED]
                broken = covered < self.floor * (1 - _SLACK)
                new = int(i)
                for j in tried[useful[tried] > loss + least_gain]:
                    fresh = self._rows_of(j)
                    fresh = fresh[times[fresh] == 0]
                    more = np.bincount(group[fresh], weight[fresh], minlength=len(self.floor))
                    if (covered + more >= self.floor * (1 - _SLACK))[broken].all():
                        new = int(j)
                        break
                change(self._rows_of(new), 1)
                taken[new] = True
                changed |= new != i
                spent += float(self.cost[new] - self.cost[i])
            filled = self._filled(taken)
            if not changed and len(filled) == taken.sum():
                break
            for j in filled[~taken[filled]]:
                change(self._rows_of(j), 1)
                taken[j] = True
                spent += float(self.cost[j])
        return np.flatnonzero(taken)

    def _fractional(self, gains: Floats, budget: float) -> float:
        """Upper bound of the gains within the budget if none overlap (fractional knapsack)."""
        order = np.argsort(-gains / np.where(self.cost > 0, self.cost, 1e-12), kind="stable")
        room = budget - np.concatenate([[0.0], np.cumsum(self.cost[order])[:-1]])
        price = np.where(self.cost[order] > 0, self.cost[order], 1.0)
        part = np.where(self.cost[order] > 0, np.clip(room / price, 0.0, 1.0), 1.0)
        return float(part @ np.maximum(gains[order], 0.0))


@dataclass(frozen=True, eq=False)
class _Parts:
    """``gain`` to be maximised under ``matrix @ x <= high``; gains are divided by ``scale``."""

    candidates: int
    variables: int
    gain: Floats
    scale: float
    matrix: sparse.csr_array
    high: Floats
    lower: Floats
    upper: Floats
