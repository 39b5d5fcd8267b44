"""Three plain rules beside the monitor's: last year's mean, CUSUM, doubling.

Each gives a score a period, the higher the more of an alarm, NaN where it is not judged, and has
the bound from which on it is used by those who know no better. All are tried on the same simulated
streams (:func:`compare_rules`): as they are used, and with the bound at which they err as seldom
as another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from routes.evaluation.warning import DOUBLED_PERIODS, CountMonitor

__all__ = ["LATER_PERIODS", "Rule", "Tried", "compare_rules", "monitor_rule", "plain_rules"]

Floats = NDArray[np.float64]
_P = 0.01
"""Chance of a count so great below which last year's mean is said to be passed."""
_LEAST_MEAN = 0.5
"""Half a count where there was none: nothing is no bound."""
_ALLOWANCE, _DECISION = 0.5, 4.0
"""Of the CUSUM, in standard deviations (Page 1954; Montgomery's usual choice)."""
_LEAST = 3
"""Reported periods on which a mean rests at least, where it is of more than one."""
LATER_PERIODS = 12
"""Periods after a doubling that are looked at for when it is told."""
_STEPS = 24
_FAR = 290.0
"""Powers of ten below which a chance is reckoned by its logarithm."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name : str
        ``last_mean``, ``cusum``, ``doubling`` or ``monitor``.
    bound : float
        Score from which on there is an alarm.
    scores : callable
        ``(counts, bound) -> scores`` along the last axis.
    restarts : bool
        Whether the scores depend on the bound: a CUSUM begins anew after an alarm.

    Examples
    --------
    >>> rules = plain_rules()
    >>> rules["doubling"].alarms(np.array([10.0, 12.0, np.nan, 24.0, 30.0])).tolist()
    [False, False, False, True, False]
    """

    name: str
    bound: float
    scores: Callable[[Floats, float], Floats]
    restarts: bool = False

    def alarms(self, counts: Floats, bound: float | None = None) -> NDArray[np.bool_]:
        """Whether each period is an alarm; one that is not judged is none."""
        limit = self.bound if bound is None else bound
        return np.asarray(np.nan_to_num(self.scores(counts, limit), nan=-np.inf) >= limit)


@dataclass(frozen=True)
class Tried:
    """What simulation says of a rule with a bound.

    Attributes
    ----------
    bound : float
    false_alarms : float
        A period over all streams, at a constant level.
    detected : tuple of float
        Share of doublings told in the first, second or third period at the latest.
    delay : float
        Periods until half of the doublings are told; infinite where fewer are within
        :data:`LATER_PERIODS`.
    """

    bound: float
    false_alarms: float
    detected: tuple[float, ...]
    delay: float


def plain_rules(last: int = 1) -> Mapping[str, Rule]:
    """The three plain rules by name.

    Parameters
    ----------
    last : int
        Reported periods that make up last year: 1 of years, 12 of months.

    Examples
    --------
    >>> list(plain_rules())
    ['last_mean', 'cusum', 'doubling']
    >>> rule = plain_rules()["last_mean"]
    >>> rule.alarms(np.array([4.0, 9.0, 18.0])).tolist()  # P(9 | 4) = .021, P(18 | 9) = .005
    [False, False, True]
    """

    def last_mean(counts: Floats, _bound: float) -> Floats:
        return _by_past(
            counts, last, lambda y, past: _poisson_surprise(y, np.maximum(past, _LEAST_MEAN))
        )

    def doubling(counts: Floats, _bound: float) -> Floats:
        return _by_past(counts, 1, lambda y, past: y / np.maximum(past, _LEAST_MEAN))

    return {
        "last_mean": Rule("last_mean", float(-np.log10(_P)), last_mean),
        "cusum": Rule("cusum", _DECISION, _cusum, restarts=True),
        "doubling": Rule("doubling", 2.0, doubling),
    }


def monitor_rule(monitor: CountMonitor, alpha: float) -> Rule:
    """The monitor as a rule: an alarm is a chance of no more than ``alpha``."""

    def scores(counts: Floats, _bound: float) -> Floats:
        return _surprise(monitor.judge(counts).p)

    return Rule("monitor", float(-np.log10(max(alpha, 1e-300))), scores)


def compare_rules(
    rules: Mapping[str, Rule],
    streams: Sequence[Floats],
    monitor: CountMonitor,
    *,
    rng: np.random.Generator,
    runs: int = 300,
    like: str = "monitor",
) -> dict[str, tuple[Tried, Tried]]:
    """Try rules on the same simulated streams: as they are used, and erring as seldom as ``like``.

    Parameters
    ----------
    rules : mapping of Rule
        By name.
    streams : sequence of arrays
        Real ones: a simulated one has the mean, the length and the gaps of one of them.
    monitor : CountMonitor
        How their counts scatter.

    Returns
    -------
    dict
        By rule: :class:`Tried` with its own bound, and with the least bound at which its false
        alarms are no more than those of ``like``.
    """
    quiet = [monitor.quiet(stream, rng, runs) for stream in streams]
    later = [monitor.doubled(stream, rng, runs, LATER_PERIODS) for stream in streams]
    both = [np.concatenate([past, after], axis=1) for past, after in zip(quiet, later, strict=True)]
    periods = runs * max((len(stream) for stream in streams), default=1)

    def tried(rule: Rule, bound: float, false_alarms: int) -> Tried:
        when = np.concatenate([
            np.zeros(0), *(_first(rule.alarms(counts, bound)[:, -LATER_PERIODS:])
                           for counts in both)])  # fmt: skip
        told = tuple(float((when <= n).mean()) if len(when) else 0.0
                     for n in range(1, DOUBLED_PERIODS + 1))  # fmt: skip
        delay = float(np.quantile(when, 0.5, method="inverted_cdf")) if len(when) else np.inf
        return Tried(bound, false_alarms / periods, told, delay)

    allowed = _alarms_at(rules[like], quiet)(rules[like].bound)
    found = {}
    for name, rule in rules.items():
        alarms = _alarms_at(rule, quiet)
        bound = rule.bound if name == like else _least_bound(alarms, allowed, rule.bound)
        found[name] = (
            tried(rule, rule.bound, alarms(rule.bound)), tried(rule, bound, alarms(bound)),
        )  # fmt: skip
    return found


def _alarms_at(rule: Rule, quiet: Sequence[Floats]) -> Callable[[float], int]:
    """How many alarms there are with a bound."""
    if rule.restarts:
        return lambda bound: sum(int(rule.alarms(counts, bound).sum()) for counts in quiet)
    scores = np.sort(np.concatenate([
        np.zeros(0), *(rule.scores(counts, rule.bound).ravel() for counts in quiet)]))  # fmt: skip
    scores = scores[~np.isnan(scores)]
    return lambda bound: len(scores) - int(np.searchsorted(scores, bound))


def _least_bound(alarms: Callable[[float], int], allowed: int, begin: float) -> float:
    """The least bound with no more alarms than are allowed, by halving."""
    high = begin
    while alarms(high) > allowed:
        high *= 2
    low = 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if alarms(middle) <= allowed else (middle, high)
    return high


def _first(alarms: NDArray[np.bool_]) -> Floats:
    """The period, from 1, of the first alarm of each row; infinite without one."""
    return np.where(alarms.any(axis=1), alarms.argmax(axis=1) + 1.0, np.inf)


def _surprise(chance: Floats) -> Floats:
    return np.asarray(-np.log10(np.maximum(chance, 1e-300)))


def _poisson_surprise(y: Floats, mean: Floats) -> Floats:
    """Minus the logarithm (base 10) of the chance of a Poisson count of ``y`` or more."""
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = -np.log10(np.where(y > 0, special.gammainc(np.maximum(y, 1e-9), mean), 1.0))
        # beyond what a float holds: its first term, times the sum of those that follow
        far = mean - y * np.log(mean) + special.gammaln(y + 1) + np.log1p(-mean / (y + 1))
        return np.where(direct < _FAR, direct, far / np.log(10.0))


def _by_past(counts: Floats, last: int, score: Callable[[Floats, Floats], Floats]) -> Floats:
    """A score of each count against the mean of the ``last`` reported ones before it."""
    found = np.full(counts.shape, np.nan)
    before = np.full((*counts.shape[:-1], last), np.nan)
    for at in range(counts.shape[-1]):
        y = counts[..., at]
        seen = ~np.isnan(before)
        past = np.where(seen, before, 0).sum(axis=-1) / np.maximum(seen.sum(axis=-1), 1)
        # not a year yet, of months: three of them stand for it
        there = ~np.isnan(y) & (seen.sum(axis=-1) >= min(last, _LEAST))
        found[..., at] = np.where(there, score(np.nan_to_num(y), past), np.nan)
        moved = np.concatenate([before[..., 1:], y[..., None]], axis=-1)
        before = np.where(np.isnan(y)[..., None], before, moved)
    return found


def _cusum(counts: Floats, bound: float) -> Floats:
    """Page's one-sided sum of what each count is above the mean of those before it."""
    found = np.full(counts.shape, np.nan)
    total, number = np.zeros(counts.shape[:-1]), np.zeros(counts.shape[:-1])
    above = np.zeros(counts.shape[:-1])
    for at in range(counts.shape[-1]):
        y = counts[..., at]
        there = ~np.isnan(y)
        judged = there & (number >= _LEAST)
        mean = np.maximum(total / np.maximum(number, 1), _LEAST_MEAN)
        step = (np.nan_to_num(y) - mean) / np.sqrt(mean) - _ALLOWANCE
        above = np.where(judged, np.maximum(above + step, 0.0), above)
        found[..., at] = np.where(judged, above, np.nan)
        above = np.where(judged & (above >= bound), 0.0, above)
        total, number = total + np.where(there, np.nan_to_num(y), 0.0), number + there
    return found
