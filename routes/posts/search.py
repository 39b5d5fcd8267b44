"""Looking for the best set of posts: several starts, then swaps, every set evaluated exactly.

Interception is not submodular once people react (a post may make its neighbour worth more, or
less than nothing), so greedy alone has no bound; local search from several different starts has
none either, but came within 1 % of the optimum on every instance that was solved exhaustively.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.progress import ProgressCallback
from routes.graph.arrays import Floats
from routes.posts.evaluation import InterceptionEvaluator

__all__ = ["Rules", "Search", "central", "tail", "tail_mean"]

Scan = Callable[[Sequence[int]], Floats]
"""Value of a set with each candidate added; at members, of the set as it is."""

_BETTER = 1e-9
"""Relative gain below which a swap is rounding, not progress."""
_KEPT = 64
"""Sets kept besides the best, for alternatives and for later objectives."""


@dataclass(frozen=True, eq=False)
class Rules:
    """Which sets are allowed.

    Attributes
    ----------
    count : int
        Posts in the set; with a budget, at most so many.
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


@dataclass
class Search:
    """Local search over sets of candidates; remembers the best.

    Attributes
    ----------
    values_by_set : dict of sorted tuple -> value
    scans : int
        How often all candidates were tried as an addition to a set.
    """

    rules: Rules
    scan: Scan
    progress: ProgressCallback | None = None
    values_by_set: dict[tuple[int, ...], float] = field(default_factory=dict)
    scans: int = 0

    def fill(self, start: Sequence[int], scan: Scan | None = None) -> tuple[list[int], float]:
        """Add the best allowed post again and again.

        With a number of posts to place, every place is used; with a budget, only what gains.

        ``scan`` ranks in the place of the search's own (an easier objective for a start).
        """
        chosen, value = list(start), float("nan")
        while True:
            free = self.rules.open(chosen)
            if not free.any():
                break
            values = self._tried(chosen) if scan is None else scan(chosen)
            here = values[chosen[0]] if chosen else 0.0
            gain = np.where(free, values - here, -np.inf)
            if self.rules.budget is not None:
                if not (gain > _BETTER * max(abs(here), 1.0)).any():
                    break
                worth = np.where(self.rules.cost > 0, self.rules.cost, 1e-12)
                ranked = np.where(gain > 0, gain / worth, -np.inf)
                last = not self.rules.open([*chosen, int(ranked.argmax())]).any()
                best = int(gain.argmax() if last else ranked.argmax())
            else:
                best = int(gain.argmax())
            chosen.append(best)
            value = float(values[best])
            if scan is None and (len(chosen) == self.rules.count or self.rules.budget is not None):
                self._keep(chosen, value)
        return chosen, value

    def improve(self, start: Sequence[int]) -> tuple[list[int], float]:
        """Take out one post at a time and fill its place, until no single swap helps."""
        chosen = list(start)
        value = self.value(chosen)
        waiting = [p for p in chosen if p not in self.rules.fixed]
        while waiting:
            out = waiting.pop(0)
            rest = [p for p in chosen if p != out]
            filled, reached = self.fill(rest)
            if set(filled) == set(rest):
                reached = self.value(filled)
            if reached > value + _BETTER * max(abs(value), 1.0) and set(filled) != set(chosen):
                chosen, value = filled, reached
                waiting = [p for p in chosen if p not in self.rules.fixed]
        self._keep(chosen, value)
        return chosen, value

    def value(self, chosen: Sequence[int]) -> float:
        """Value of one set."""
        return float(self._tried(chosen)[chosen[0]]) if len(chosen) else 0.0

    def best(self) -> list[tuple[tuple[int, ...], float]]:
        """All remembered sets, best first; ties by the order of the candidates."""
        return sorted(self.values_by_set.items(), key=lambda item: (-item[1], item[0]))

    def _tried(self, chosen: Sequence[int]) -> Floats:
        values = self.scan(chosen)
        self.scans += 1
        if self.progress:
            self.progress("posts", self.scans, 0)
        if len(chosen) + 1 == self.rules.count:
            free = np.flatnonzero(self.rules.open(chosen))
            top = free[np.argsort(-values[free], kind="stable")[:4]]
            for j in top.tolist():
                self._keep([*chosen, j], float(values[j]))
        return values

    def _keep(self, chosen: Sequence[int], value: float) -> None:
        if not chosen:
            return
        self.values_by_set[tuple(sorted(chosen))] = value
        if len(self.values_by_set) > 4 * _KEPT:
            self.values_by_set = dict(self.best()[:_KEPT])


def central(field_: InterceptionEvaluator, *, blind: bool = False) -> Scan:
    """The objective on one model: persons intercepted, with or without people's reaction."""
    return lambda chosen: field_.scan(chosen, blind=blind)


def tail(fields: Sequence[InterceptionEvaluator], level: float) -> Scan:
    """The objective over draws: mean of the worst ``1 - level`` of them (CVaR)."""

    def scan(chosen: Sequence[int]) -> Floats:
        return tail_mean(np.array([one.scan(chosen) for one in fields]), level)

    return scan


def tail_mean(values: Floats, level: float) -> Floats:
    """Mean of the lowest ``1 - level`` share along the first axis; 0 is the plain mean.

    Rockafellar & Uryasev 2000, with the partial weight of the draw at the edge.
    """
    ordered = np.sort(values, axis=0)
    share = (1.0 - level) * len(ordered)
    weight = np.clip(share - np.arange(len(ordered)), 0.0, 1.0)
    mean: Floats = np.tensordot(weight / weight.sum(), ordered, axes=1)
    return mean
