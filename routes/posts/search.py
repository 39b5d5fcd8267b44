"""Multi-start local search for the best set of posts; every set is evaluated exactly.

Interception is not submodular once people react (a post may make its neighbour worth more, or
less than nothing), so the greedy algorithm has no bound; local search from several starts has none
either, but came within 1 % of the optimum on every instance that was solved exhaustively.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.progress import ProgressCallback
from routes.graph.arrays import Floats
from routes.posts.evaluation import InterceptionEvaluator

__all__ = ["Rules", "Search", "tail", "tail_mean"]

Scan = Callable[[Sequence[int]], Floats]
"""Value of a set with each candidate added; at members, of the set as it is."""

_BETTER = 1e-9
"""Relative gain below which a swap is rounding, not progress."""
_REMEMBERED = 64
"""Best sets kept for alternatives and for later objectives."""


@dataclass(frozen=True, eq=False)
class Rules:
    """Which sets are allowed.

    Attributes
    ----------
    count : int
        Posts in the set; with a budget, the most.
    fixed : frozenset of int
        Always in the set.
    allowed : bool array, shape (candidates,)
    cost : array, shape (candidates,)
    budget : float or None
    """

    count: int
    fixed: frozenset[int]
    allowed: NDArray[np.bool_]
    cost: Floats
    budget: float | None = None

    def open(self, chosen: Sequence[int]) -> NDArray[np.bool_]:
        """Candidates that may still be added."""
        free = self.allowed.copy()
        free[list(chosen)] = False
        if len(chosen) >= self.count:
            free[:] = False
        elif self.budget is not None:
            left = self.budget - float(self.cost[list(chosen)].sum())
            free &= self.cost <= left + 1e-9 * max(self.budget, 1.0)
        return free

    def restricted_to(self, subset: Sequence[int]) -> Rules:
        """The rules for some of the candidates, all fixed ones among them."""
        return Rules(
            count=min(self.count, len(subset)),
            fixed=frozenset(i for i, j in enumerate(subset) if j in self.fixed),
            allowed=self.allowed[subset],
            cost=self.cost[subset],
            budget=self.budget,
        )


@dataclass
class Search:
    """Local search over sets of candidates; keeps the best.

    Attributes
    ----------
    values_by_set : dict of sorted tuple -> value
    scans : int
        Number of evaluations of all candidates as additions to a set.
    """

    rules: Rules
    scan: Scan
    progress: ProgressCallback | None = None
    values_by_set: dict[tuple[int, ...], float] = field(default_factory=dict)
    scans: int = 0

    def fill(self, start: Sequence[int]) -> tuple[list[int], float]:
        """Greedy algorithm: add the best allowed post until none is left.

        With a number of posts, all are placed; with a budget, only those that increase the value.
        """
        chosen, value = list(start), float("nan")
        while True:
            free = self.rules.open(chosen)
            if not free.any():
                break
            values = self._evaluate(chosen)
            current = values[chosen[0]] if chosen else 0.0
            gain = np.where(free, values - current, -np.inf)
            if self.rules.budget is not None:
                if not (gain > _BETTER * max(abs(current), 1.0)).any():
                    break
                worth = np.where(self.rules.cost > 0, self.rules.cost, 1e-12)
                ranked = np.where(gain > 0, gain / worth, -np.inf)
                last = not self.rules.open([*chosen, int(ranked.argmax())]).any()
                best = int(gain.argmax() if last else ranked.argmax())
            else:
                best = int(gain.argmax())
            chosen.append(best)
            value = float(values[best])
            if len(chosen) == self.rules.count or self.rules.budget is not None:
                self._remember(chosen, value)
        return chosen, value

    def improve(self, start: Sequence[int]) -> tuple[list[int], float]:
        """Remove one post at a time and fill its place, until no single swap helps."""
        chosen = list(start)
        value = self.value(chosen)
        waiting = [p for p in chosen if p not in self.rules.fixed]
        while waiting:
            removed = waiting.pop(0)
            rest = [p for p in chosen if p != removed]
            filled, new_value = self.fill(rest)
            if set(filled) == set(rest):
                new_value = self.value(filled)
            if new_value > value + _BETTER * max(abs(value), 1.0) and set(filled) != set(chosen):
                chosen, value = filled, new_value
                waiting = [p for p in chosen if p not in self.rules.fixed]
        self._remember(chosen, value)
        return chosen, value

    def value(self, chosen: Sequence[int]) -> float:
        """Value of one set."""
        return float(self._evaluate(chosen)[chosen[0]]) if len(chosen) else 0.0

    def best(self) -> list[tuple[tuple[int, ...], float]]:
        """All remembered sets, best first; ties by the order of the candidates."""
        return sorted(self.values_by_set.items(), key=lambda item: (-item[1], item[0]))

    def _evaluate(self, chosen: Sequence[int]) -> Floats:
        values = self.scan(chosen)
        self.scans += 1
        if self.progress:
            self.progress("posts", self.scans, 0)
        if len(chosen) + 1 == self.rules.count:
            free = np.flatnonzero(self.rules.open(chosen))
            top = free[np.argsort(-values[free], kind="stable")[:4]]
            for j in top.tolist():
                self._remember([*chosen, j], float(values[j]))
        return values

    def _remember(self, chosen: Sequence[int], value: float) -> None:
        if not chosen:
            return
        self.values_by_set[tuple(sorted(chosen))] = value
        if len(self.values_by_set) > 4 * _REMEMBERED:
            self.values_by_set = dict(self.best()[:_REMEMBERED])


def tail(evaluators: Sequence[InterceptionEvaluator], level: float) -> Scan:
    """The objective over draws: mean of the worst ``1 - level`` of them (CVaR)."""
    return lambda chosen: tail_mean(
        np.array([evaluator.scan(chosen) for evaluator in evaluators]), level
    )


def tail_mean(values: Floats, level: float) -> Floats:
    """Mean of the lowest ``1 - level`` share along the first axis; 0 is the plain mean.

    Rockafellar & Uryasev 2000, with the partial weight of the draw at the edge.
    """
    ordered = np.sort(values, axis=0)
    share = (1.0 - level) * len(ordered)
    weight = np.clip(share - np.arange(len(ordered)), 0.0, 1.0)
    mean: Floats = np.tensordot(weight / weight.sum(), ordered, axes=1)
    return mean
