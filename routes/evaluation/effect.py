"""How far the counts of treated places moved against places of comparison, over a sparse record.

A count of place ``i`` has the mean

    ``mu = e exp(a_i + d_i f)``

with exposure ``e`` (years counted, times effort where that is known) and the share ``f`` of the
counted months in which the intervention stood: ``exp(d_i)`` is the ratio of the rates of a place.
Counts scatter more than Poisson: their variance is ``mu + alpha mu^2``, with ``alpha`` where the
deviance is its degrees of freedom. Places move apart by themselves:

    ``d_i = g + b T_i + u_i``,  ``u_i ~ N(0, tau^2)``

with ``T`` 1 where it was, so that ``exp(b)`` is the ratio of the ratios of rates (difference in
differences), weighted and with the interval of a meta-analysis (Hartung and Knapp 2001). Fewer than
two places of comparison cannot tell how far places move by themselves: then the change of the
treated ones stands alone. A period without a record is missing, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import xlogy

from geo.errors import InputError

__all__ = [
    "Effect", "Panel", "estimate_effect", "log_changes", "placebo_in_time", "placebos_in_place",
]  # fmt: skip

Floats = NDArray[np.float64]
Verdict = Literal["too_few", "noise", "more", "fewer"]
_LEVEL, _POWER = 0.90, 0.80
_MOST = 30.0
"""Greatest size of a logarithm that is still told from infinity, and of ``alpha``."""
_CLOSE, _ROUNDS = 1e-6, 30
_HALF, _LEAST_COMPARED, _LEAST_TIMES = 0.5, 2, 2


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of places and periods, one row each; arrays of shape (n,).

    Attributes
    ----------
    place : array of str
    count : array of float, >= 0
    exposure : array of float, > 0
        Years counted, times effort where that is known.
    after : array of float, 0 to 1
        Share of the counted months in which the intervention stood.
    treated : array of bool
    time : array of float
        Middle of what was counted, in years.
    """

    place: NDArray[np.str_]
    count: Floats
    exposure: Floats
    after: Floats
    treated: NDArray[np.bool_]
    time: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[str, float, float, float, bool, float]]) -> Self:
        """Of rows ``place, count, exposure, after, treated, time``.

        Raises
        ------
        InputError
            A count is negative or an exposure not positive.
        """
        columns = list(zip(*rows, strict=True)) or [()] * 6
        place, treated = np.array(columns[0], str), np.array(columns[4], bool)
        count, exposure, after, time = (np.array(columns[k], float) for k in (1, 2, 3, 5))
        if (count < 0).any() or (exposure <= 0).any():
            raise InputError("warning.negative", field="count")
        return cls(place, count, exposure, after, treated, time)

    def __len__(self) -> int:
        return len(self.count)

    def where(self, rows: NDArray[np.bool_]) -> Panel:
        """Some of the rows."""
        return Panel(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Effect:
    """What is known of an effect.

    Attributes
    ----------
    verdict : {"too_few", "noise", "more", "fewer"}
    why : {"", "no_before", "no_after", "no_pair", "no_spread"}
        Why it is too few.
    ratio, low, high : float
        Counts over those expected without it, with the ends of the 90 % interval; NaN: too few.
    detectable : float
        The least ratio above 1 that would be seen with a chance of 80 %: ``exp((t + t') s)``, with
        the standard error ``s`` where there is no effect; a fall is seen below its inverse.
    counts, freedom : int
        Counts used, degrees of freedom.
    compared : tuple of str
        Places of comparison.
    dispersion, spread : float
        ``alpha`` and ``tau``.
    """

    verdict: Verdict
    why: str = ""
    ratio: float = np.nan
    low: float = np.nan
    high: float = np.nan
    detectable: float = np.nan
    counts: int = 0
    compared: tuple[str, ...] = ()
    freedom: int = 0
    dispersion: float = np.nan
    spread: float = 0.0


def log_changes(panel: Panel) -> tuple[list[str], Floats, Floats, float, int]:
    """Places with a before and an after, the logarithm ``d`` of the ratio of the rates of each, its
    variance within the place, ``alpha`` and the degrees of freedom behind it.

    Examples
    --------
    >>> panel = Panel.of(
    ...     [
    ...         ("a", 20, 1, 0, True, 1),
    ...         ("a", 60, 1, 1, True, 2),
    ...         ("b", 20, 1, 0, False, 1),
    ...         ("b", 11, 0.5, 1, False, 2),
    ...     ]
    ... )
    >>> places, d, variance, alpha, freedom = log_changes(panel)
    >>> np.exp(d).round(3).tolist(), variance.round(4).tolist(), freedom
    ([3.0, 1.1], [0.0667, 0.1409], 0)
    """
    used = panel.where(np.isin(panel.place, _with_both(panel)))
    places, at = np.unique(used.place, return_inverse=True)
    own = np.eye(len(places))[at]
    design = np.hstack([own, own * used.after[:, None]])
    offset = np.log(used.exposure)
    freedom = len(used) - design.shape[1]
    # where nobody was counted on one side half a count more: a ratio to nothing has no end
    sides = [
        np.bincount(at, used.count * side, len(places)) for side in (1 - used.after, used.after)
    ]
    side = used.after >= _HALF
    rows = np.array([np.bincount(at, side == value, len(places)) for value in (False, True)])
    count = used.count + 0.5 * (np.minimum(*sides) == 0)[at] / rows[side.astype(int), at]
    alpha = _dispersion(design, count, offset, freedom) if freedom > 0 else 0.0
    beta, mean = _fit(design, count, offset, alpha)
    weight = mean / (1 + alpha * mean)
    covariance = np.linalg.inv(design.T @ (design * weight[:, None]))
    n = len(places)
    return [str(place) for place in places], beta[n:], np.diag(covariance)[n:], alpha, freedom


def estimate_effect(panel: Panel) -> Effect:
    """The effect on the treated places of a panel.

    Examples
    --------
    60 / 20 in the treated place, over 22 / 20 and 44 / 40 in two others:

    >>> panel = Panel.of(
    ...     [
    ...         ("a", 20, 1, 0, True, 1),
    ...         ("a", 60, 1, 1, True, 2),
    ...         ("b", 20, 1, 0, False, 1),
    ...         ("b", 22, 1, 1, False, 2),
    ...         ("c", 40, 1, 0, False, 1),
    ...         ("c", 45, 1, 1, False, 2),
    ...     ]
    ... )
    >>> effect = estimate_effect(panel)
    >>> effect.verdict, round(effect.ratio, 2), effect.compared, effect.freedom
    ('more', 2.69, ('b', 'c'), 1)
    """
    treated = set(panel.place[panel.treated].tolist())
    usable = set(_with_both(panel))
    there = int(panel.treated.sum())
    if not treated & usable:
        after = panel.after[panel.treated]
        why = (
            "no_before" if not (after < _HALF).any()
            else "no_after" if not (after >= _HALF).any()
            else "no_pair"
        )  # fmt: skip
        return Effect("too_few", why, counts=there)
    compared = sorted(usable - treated)
    if len(compared) < _LEAST_COMPARED:
        compared = []
    used = panel.where(np.isin(panel.place, [*compared, *(treated & usable)]))
    places, change, variance, alpha, freedom = log_changes(used)
    design = np.array([[1.0, place in treated] if compared else [1.0] for place in places])
    spare = len(places) - design.shape[1]
    if spare + freedom < 1:
        return Effect("too_few", "no_spread", counts=there)
    spread = _spread(design, change, variance, spare) if spare else 0.0
    beta, covariance, rest = _pooled(design, change, variance + spread)
    error = expected = float(np.sqrt(covariance[-1, -1]))
    if spare:  # Hartung and Knapp: what is left of the scatter, too
        error *= float(np.sqrt(rest / spare))
    freedom = spare or freedom
    t, more = stats.t.ppf([(1 + _LEVEL) / 2, _POWER], freedom)
    # few places may agree by chance: never surer than the counts themselves allow
    within = float(np.sqrt(_pooled(design, change, variance)[1][-1, -1]))
    error = max(error, stats.norm.ppf((1 + _LEVEL) / 2) * within / t)
    ends = np.exp(np.clip(beta[-1] + np.array([-t, 0.0, t]) * error, -_MOST, _MOST))
    low, ratio, high = map(float, ends)
    verdict: Verdict = "more" if low > 1 else "fewer" if high < 1 else "noise"
    return Effect(
        verdict, "", ratio, low, high, float(np.exp(min((t + more) * expected, _MOST))),
        len(used), tuple(compared), freedom, alpha, float(np.sqrt(spread)),
    )  # fmt: skip


def placebos_in_place(panel: Panel) -> dict[str, Effect]:
    """Each place of comparison as if it had been treated, against the others; those that can be."""
    rest = panel.where(~panel.treated)
    found = {
        str(place): estimate_effect(replace(rest, treated=rest.place == place))
        for place in np.unique(rest.place)
    }
    return {place: effect for place, effect in found.items() if effect.verdict != "too_few"}


def placebo_in_time(panel: Panel) -> tuple[float, Effect] | None:
    """The effect of an earlier date, in the middle of what was counted before, and that date in
    years; None where too little was.
    """
    before = panel.where(panel.after == 0)
    times = np.sort(np.unique(before.time[before.treated]))
    if len(times) < _LEAST_TIMES:
        return None
    cut = float(times[len(times) // 2])
    effect = estimate_effect(replace(before, after=(before.time >= cut).astype(float)))
    return None if effect.verdict == "too_few" else (cut, effect)


def _with_both(panel: Panel) -> list[str]:
    """Places with a count before, one of which at least half is after, and anybody counted."""
    return [
        str(place)
        for place in np.unique(panel.place)
        if (after := panel.after[panel.place == place]).min() < _HALF <= after.max()
        and panel.count[panel.place == place].sum() > 0
    ]


def _pooled(design: Floats, change: Floats, variance: Floats) -> tuple[Floats, Floats, float]:
    """Weighted least squares: coefficients, their covariance, and the weighted sum of squares."""
    weighted = design / variance[:, None]
    covariance = np.asarray(np.linalg.inv(design.T @ weighted), float)
    beta = covariance @ weighted.T @ change
    return np.asarray(beta), covariance, float(((change - design @ beta) ** 2 / variance).sum())


def _spread(design: Floats, change: Floats, variance: Floats, spare: int) -> float:
    """``tau^2`` at which the weighted sum of squares is its degrees of freedom (Paule and Mandel
    1982); 0 where it is less.
    """

    def excess(spread: float) -> float:
        return _pooled(design, change, variance + spread)[2] - spare

    if excess(0.0) <= 0:
        return 0.0
    high = 1.0
    while excess(high) > 0:
        high *= 4
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-9))


def _fit(
    design: Floats, count: Floats, offset: Floats, alpha: float, mean: Floats | None = None
) -> tuple[Floats, Floats]:
    """Coefficients and means of the log-linear model, by iterated weighted least squares."""
    mean = np.maximum(count, 0.5) if mean is None else mean
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        weight = np.sqrt(mean / (1 + alpha * mean))
        target = np.log(mean) - offset + (count - mean) / mean
        beta = np.asarray(np.linalg.lstsq(design * weight[:, None], target * weight)[0], float)
        before, mean = mean, np.exp(np.clip(offset + design @ beta, -_MOST, _MOST))
        if np.abs(mean / before - 1).max() < _CLOSE:
            break
    return beta, mean


def _dispersion(design: Floats, count: Floats, offset: Floats, freedom: int) -> float:
    """``alpha`` at which the deviance is its degrees of freedom; 0 where it is less."""

    def excess(alpha: float) -> float:
        return _deviance(count, mean, alpha) - freedom

    _, mean = _fit(design, count, offset, 0.0)
    alpha = 0.0
    for _ in range(_ROUNDS):
        if excess(0.0) <= 0:
            return 0.0
        high = 1.0
        while excess(high) > 0 and high < _MOST:
            high *= 2
        found = high if excess(high) > 0 else float(optimize.brentq(excess, 0.0, high, xtol=1e-7))
        done, alpha = abs(found - alpha) <= _CLOSE * found, found
        _, mean = _fit(design, count, offset, alpha, mean)
        if done:
            break
    return alpha


def _deviance(count: Floats, mean: Floats, alpha: float) -> float:
    """Twice the log-likelihood lost against a model that fits every count."""
    fits = xlogy(count, count / mean)
    if alpha < _CLOSE:
        return float(2 * (fits - (count - mean)).sum())
    size = 1 / alpha
    return float(2 * (fits - (count + size) * np.log((count + size) / (mean + size))).sum())
