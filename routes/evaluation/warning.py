"""Whether a new count is above what its own past leads to expect; silence; how often that errs.

A stream is the counts of one kind in one place, period by period; NaN where nothing was reported,
which is not zero. Its level is a gamma variable that forgets: after period ``t``

    ``a <- w a + y_t``,  ``b <- w b + e_t``

with exposure ``e_t`` (effort), and discount ``w`` (the gamma-Poisson form of an exponentially
weighted mean; Harvey and Fernandes 1989, "Time series models for count or qualitative
observations"). Counts scatter more than Poisson: given its level a count is negative binomial of
size ``k``, and the prediction is the negative binomial with the mean ``e a / b`` and the variance
of both. A period is judged once ``least`` periods before it were reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from geo.errors import InputError

__all__ = ["DOUBLED_PERIODS", "Calibration", "CountMonitor", "Judged", "estimate_dispersion"]

Floats = NDArray[np.float64]
_SIZES = (0.3, 50.0)
"""Least and greatest size of the negative binomial that is believed."""
DOUBLED_PERIODS = 3
"""Periods within which a doubling should be told."""
_TARGET = 0.01
"""False alarms a judged period of a stream, in simulation, where nothing else is asked for."""
_SHARED_PERIODS = 1
"""Periods for which the scatter of all streams stands in that of one kind."""


@dataclass(frozen=True)
class Judged:
    """A prediction for each period and how the count lies in it, arrays along the last axis.

    ``mean, p05, p95`` are of the prediction, ``p`` the chance of a count so great or greater; NaN
    where a period is not judged or not reported.
    """

    mean: Floats
    p05: Floats
    p95: Floats
    p: Floats


@dataclass(frozen=True)
class Calibration:
    """What simulation says of a rule ``p < alpha``.

    Attributes
    ----------
    alpha : float
        Greatest bound with at most the false alarms a judged period that were asked for.
    false_alarms : float
        Expected false alarms a period over all streams.
    detected : tuple of float
        Share of doublings told in their first, second or third period at the latest.
    """

    alpha: float
    false_alarms: float
    detected: tuple[float, ...]


@dataclass(frozen=True)
class CountMonitor:
    """Judges counts by their own past.

    Parameters
    ----------
    discount : float
        Weight of a period against the next, 0 to 1.
    dispersion : float
        Size ``k`` of the negative binomial (:func:`estimate_dispersion`); infinite: Poisson.
    least : int
        Reported periods before one is judged.

    Examples
    --------
    >>> judged = CountMonitor(dispersion=10.0).judge([20, 22, 19, 21, 90])
    >>> judged.p.round(4).tolist()
    [nan, nan, nan, 0.4505, 0.0]
    """

    discount: float = 0.8
    dispersion: float = 1.5
    least: int = 3

    def judge(self, values: Sequence[float] | Floats, exposure: Floats | None = None) -> Judged:
        """One-step predictions of counts along the last axis.

        Raises
        ------
        InputError
            A count or an exposure is negative.
        """
        counts = np.asarray(values, float)
        effort = np.ones_like(counts) if exposure is None else np.asarray(exposure, float)
        if (counts < 0).any() or (effort < 0).any():
            raise InputError("warning.negative", field="values")
        mean, size = self._predict(counts, effort)
        chance = size / (size + mean)
        return Judged(
            mean=mean,
            p05=np.asarray(stats.nbinom.ppf(0.05, size, chance)),
            p95=np.asarray(stats.nbinom.ppf(0.95, size, chance)),
            p=np.asarray(stats.nbinom.sf(counts - 1, size, chance)),
        )

    def _predict(self, counts: Floats, effort: Floats) -> tuple[Floats, Floats]:
        """Mean and size of the prediction of each period, NaN where it is not judged."""
        mean, size = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
        level, weight = np.zeros(counts.shape[:-1]), np.zeros(counts.shape[:-1])
        seen = np.zeros(counts.shape[:-1], int)
        for at in range(counts.shape[-1]):
            there = ~np.isnan(counts[..., at])
            judged = there & (seen >= self.least)
            # half a count more keeps a stream of zeros from expecting nothing for ever
            shape = level + 0.5
            expected = effort[..., at] * shape / np.where(weight > 0, weight, 1.0)
            mean[..., at] = np.where(judged, expected, np.nan)
            spread = 1 / shape + 1 / self.dispersion + 1 / (shape * self.dispersion)
            size[..., at] = np.where(judged, 1 / spread, np.nan)
            # a period without a report is forgotten as much as one with
            level = self.discount * level + np.where(there, np.nan_to_num(counts[..., at]), 0.0)
            weight = self.discount * weight + np.where(there, effort[..., at], 0.0)
            seen = seen + there
        return mean, size

    def _chances(self, counts: Floats, last: int = 0) -> Floats:
        """The chance of a count so great, of the ``last`` periods or all, without effort."""
        mean, size = (part[..., -last:] for part in self._predict(counts, np.ones_like(counts)))
        return np.asarray(stats.nbinom.sf(counts[..., -last:] - 1, size, size / (size + mean)))

    def calibrate(
        self,
        streams: Sequence[Floats],
        *,
        rng: np.random.Generator,
        runs: int = 500,
        target: float = _TARGET,
    ) -> Calibration:
        """Simulate streams like these at a constant level, and with it doubled.

        Each simulated stream has the mean of a real one, its length, and reports when it does.
        ``target`` is the share of judged periods that may be false alarms.
        """
        drawn = [self.quiet(stream, rng, runs) for stream in streams]
        quiet = [self._chances(counts) for counts in drawn]
        every = np.concatenate([[1.0], *(p[~np.isnan(p)] for p in quiet)])
        alpha = float(np.quantile(every, target))
        periods = max((len(stream) for stream in streams), default=1)
        alarms = float((every < alpha).sum()) / (runs * periods)
        hits = np.concatenate([
            np.zeros((0, DOUBLED_PERIODS), bool),
            *(self._chances(
                np.concatenate([past, self.doubled(stream, rng, runs)], axis=1), DOUBLED_PERIODS
            ) < alpha for stream, past in zip(streams, drawn, strict=True)),
        ])  # fmt: skip
        told = (
            hits[:, :n].any(axis=1).mean() if len(hits) else 0.0
            for n in range(1, DOUBLED_PERIODS + 1)
        )
        return Calibration(alpha, alarms, tuple(map(float, told)))

    def quiet(self, stream: Floats, rng: np.random.Generator, runs: int) -> Floats:
        """``runs`` streams of counts like one, with its mean, length and gaps, at its level."""
        drawn = self._counts(np.full((runs, len(stream)), _level(stream)), rng)
        return np.where(np.isnan(stream), np.nan, drawn)

    def doubled(
        self, stream: Floats, rng: np.random.Generator, runs: int, periods: int = DOUBLED_PERIODS
    ) -> Floats:
        """Counts of the periods after a stream's end, with its level doubled."""
        return self._counts(np.full((runs, periods), 2 * _level(stream)), rng)

    def _counts(self, mean: Floats, rng: np.random.Generator) -> Floats:
        return rng.poisson(rng.gamma(self.dispersion, mean / self.dispersion)).astype(float)


def _level(stream: Floats) -> float:
    return max(float(np.nanmean(stream)), 1e-6)


def estimate_dispersion(streams: Sequence[Floats], others: Sequence[Floats] = ()) -> float:
    """Size ``k`` of the negative binomial that streams have in common, by moments:
    ``1/k = sum (s^2 - m) / sum m^2`` over their means and variances, between 1/50 and 1/0.3.

    Where ``others`` are given, streams of all kinds, theirs counts as one more period: a few
    steady years are no proof that a kind of count never scatters.

    Examples
    --------
    >>> steady = [np.array([10.0, 14.0, 6.0, 10.0])]
    >>> round(estimate_dispersion(steady), 1)
    50.0
    >>> round(estimate_dispersion(steady, [np.array([5.0, 90.0, 12.0])]), 1)
    2.2
    >>> estimate_dispersion([])
    50.0
    """
    own = _scatter(streams)
    if not others:
        return 1 / own
    periods = sum(int((~np.isnan(stream)).sum()) - 1 for stream in streams)
    return (periods + _SHARED_PERIODS) / (periods * own + _SHARED_PERIODS * _scatter(others))


def _scatter(streams: Sequence[Floats]) -> float:
    """``1/k`` by moments."""
    means = np.array([np.nanmean(stream) for stream in streams])
    spare = np.array([np.nanvar(stream, ddof=1) for stream in streams]) - means
    most, least = (1 / size for size in _SIZES)
    if not len(means) or spare.sum() <= 0:
        return least
    return float(np.clip(spare.sum() / (means**2).sum(), least, most))
