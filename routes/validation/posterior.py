r"""Posterior of level, detection, dispersion and effort given theta, and its mode by Newton.

    c ~ NegBin(mean m, kappa),   p = m / (kappa + m)

in the derivatives by ``u = ln m`` and ``v = ln kappa``. Where counts below ``least`` are not
listed, the likelihood is truncated: ``P(c | c >= least)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, digamma, expit, gammaln, logit, polygamma

from geo.errors import InputError
from routes.graph.arrays import Floats

__all__ = ["ConditionalPosterior", "CountPriors", "Curvature", "PostCounts"]


@dataclass(frozen=True, kw_only=True)
class CountPriors:
    """Priors, normal on the scale named.

    Attributes
    ----------
    theta, theta_spread : float
        Median of theta, 1/hour, and the spread of its logarithm.
    level_spread : float
        Of the logarithm of true over modelled demand (centred on 0).
    detection, detection_spread : float
        Median probability that a departure checked at a post is detected, and the spread of its
        logit (assumed: it has not been measured).
    post_spread : float
        tau: standard deviation of the logit between posts.
    effort_median, effort_spread : float
        Where effort is not recorded: median, and the spread of its logarithm, half of whose
        variance is the post's own and half each count's.
    kappa, kappa_spread : float
        Median and log-spread of the negative binomial's size; small is more dispersed.
    """

    theta: float = 0.08
    theta_spread: float = 0.7
    level_spread: float = 0.7
    detection: float = 0.2
    detection_spread: float = 0.8
    post_spread: float = 0.5
    effort_median: float = 0.3
    effort_spread: float = 1.0
    kappa: float = 5.0
    kappa_spread: float = 1.0


@dataclass(frozen=True, eq=False)
class PostCounts:
    """Counts of interceptions.

    Attributes
    ----------
    count : array, shape (k,)
        Whole numbers >= 0.
    post : int array, shape (k,)
        Number of the post, 0 .. p - 1.
    effort : array, shape (k,)
        Share of departures checked, above 0; NaN where it is not recorded.
    least : int
        Smallest count that is listed; a place and year without a row is then not evidence of 0.
        0 where every zero is listed.
    """

    count: Floats
    post: NDArray[np.intp]
    effort: Floats
    least: int = 0

    def __post_init__(self) -> None:
        if not len(self.count) == len(self.post) == len(self.effort) > 0:
            raise InputError("backtest.lengths")
        if (self.count < 0).any() or (self.count % 1 != 0).any():
            raise InputError("backtest.whole_count", field="count")
        if (self.count < self.least).any():
            raise InputError("backtest.least_count", least=self.least, field="count")
        if (self.effort[~np.isnan(self.effort)] <= 0).any():
            raise InputError("backtest.effort", field="effort")
        if self.post.min() < 0:
            raise InputError("backtest.post_number", field="post")


@dataclass(frozen=True, eq=False)
class _Terms:
    """Log likelihood by observation and its derivatives by ``u = ln m`` and ``v = ln kappa``."""

    value: Floats
    u: Floats
    uu: Floats
    v: Floats
    vv: Floats
    uv: Floats


def _truncated(c: Floats, u: Floats, kappa: float, least: int) -> _Terms:
    """Terms of the negative binomial truncated to counts of at least ``least``."""
    full = _negative_binomial(c, u, kappa)
    if least == 0:
        return full
    p = expit(u - np.log(kappa))
    tail = np.maximum(betainc(least, kappa, p), 1e-300)
    # Derivatives of P(c >= least) = 1 - sum of the probabilities left out.
    du, duu, dv, dvv, duv = (np.zeros_like(u) for _ in range(5))
    for left_out in range(least):
        terms = _negative_binomial(np.full_like(u, left_out), u, kappa)
        chance = np.exp(terms.value)
        du -= chance * terms.u
        duu -= chance * (terms.u**2 + terms.uu)
        dv -= chance * terms.v
        dvv -= chance * (terms.v**2 + terms.vv)
        duv -= chance * (terms.u * terms.v + terms.uv)
    du, duu, dv, dvv, duv = (x / tail for x in (du, duu, dv, dvv, duv))
    return _Terms(
        value=full.value - np.log(tail),
        u=full.u - du,
        uu=full.uu - duu + du**2,
        v=full.v - dv,
        vv=full.vv - dvv + dv**2,
        uv=full.uv - duv + du * dv,
    )


def _negative_binomial(c: Floats, u: Floats, kappa: float) -> _Terms:
    # p = m / (kappa + m), so that neither a huge nor a tiny mean overflows.
    p = expit(u - np.log(kappa))
    both = np.logaddexp(np.log(kappa), u)
    over = p - c * (1.0 - p) / kappa
    first = digamma(c + kappa) - digamma(kappa) + np.log(kappa) - both + over
    second = polygamma(1, c + kappa) - polygamma(1, kappa) + p / kappa - over * (1.0 - p) / kappa
    return _Terms(
        value=(
            gammaln(c + kappa) - gammaln(kappa) - gammaln(c + 1)
            + kappa * np.log(kappa) + c * u - (c + kappa) * both
        ),
        u=c * (1.0 - p) - kappa * p,
        uu=-(kappa + c) * p * (1.0 - p),
        v=kappa * first,
        vv=kappa**2 * second + kappa * first,
        uv=-kappa * p * over,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curvature:
    """Negated Hessian in blocks: shared parameters (core), and one effort of each blank count.

    The efforts are uncorrelated given the core, so they are eliminated by division: only the Schur
    complement ``S = core - side' diag(1/effort) side`` is factorised. A count depends on few of the
    core (level, mu, its post, its post's effort), so sums go by index; products of whole matrices
    would run in threads that wait for each other longer than they work.

    Attributes
    ----------
    core : array, shape (n, n)
    side : array, shape (b, m)
        Cross derivatives of each effort with the ``m`` core parameters in ``column`` (b, m).
    effort : array, shape (b,)
        Diagonal block.
    """

    core: Floats
    side: Floats
    column: NDArray[np.intp]
    effort: Floats

    @cached_property
    def _reduced(self) -> Floats:
        return _positive(self.core - _square(self.side, 1.0 / self.effort, self.column, self.core))

    def solve(self, gradient: Floats) -> Floats:
        """The Newton step."""
        n = len(self.core)
        upper, lower = gradient[:n], gradient[n:]
        core = np.linalg.solve(self._reduced, upper - self._side_times(lower / self.effort))
        effort = (lower - (self.side * core[self.column]).sum(1)) / self.effort
        return np.concatenate([core, effort])

    def _side_times(self, weight: Floats) -> Floats:
        """``side' weight``, shape (n,)."""
        return _summed(self.side * weight[:, None], self.column, len(self.core))

    @property
    def log_determinant(self) -> float:
        """Of the whole matrix."""
        return float(np.linalg.slogdet(self._reduced)[1] + np.log(self.effort).sum())

    def covariance(self, lines: Floats) -> Floats:
        """Covariance of linear summaries, rows of ``lines``; shape (lines, lines)."""
        n = len(self.core)
        tail = lines[:, n:] / self.effort
        core = lines[:, :n].copy()
        for k in np.flatnonzero(tail.any(axis=1)):
            core[k] -= self._side_times(tail[k])
        return np.asarray(core @ np.linalg.solve(self._reduced, core.T) + tail @ lines[:, n:].T)

    def dense(self) -> Floats:
        """The whole matrix."""
        side = np.array([self._side_times(row) for row in np.eye(len(self.effort))])
        side = side.reshape(len(self.effort), len(self.core))
        return np.block([[self.core, side.T], [side, np.diag(self.effort)]])


def _summed(values: Floats, column: NDArray[np.intp], n: int) -> Floats:
    total: Floats = np.bincount(column.ravel(), values.ravel(), minlength=n).astype(float)
    return total


def _square(rows: Floats, weight: Floats, column: NDArray[np.intp], like: Floats) -> Floats:
    """``rows' diag(weight) rows`` of rows that are sparse: nonzero in ``column`` only."""
    n = len(like)
    pairs = column[:, :, None] * n + column[:, None, :]
    products = rows[:, :, None] * rows[:, None, :] * weight[:, None, None]
    return _summed(products, pairs, n * n).reshape(n, n)


class ConditionalPosterior:
    """Posterior of everything but theta, for one theta: ``x = [level, mu, ln kappa, h, s, w]``.

    ``h`` is the detection of each post, ``s`` the effort of each post without a record and ``w``
    the deviation of each such count from it. x is in units of the prior spreads, so that the log
    prior is ``-x'x / 2``.

    Parameters
    ----------
    counts, priors
    log_passages : array, shape (k,)
        Logarithm of the modelled persons a year at each observation.
    without_prior : sequence of int
        Positions in x without a prior (profile of the likelihood): 0 the level, 1 detection.
    """

    def __init__(
        self,
        counts: PostCounts,
        priors: CountPriors,
        log_passages: Floats,
        *,
        without_prior: Sequence[int] = (),
    ) -> None:
        self.counts, self.priors = counts, priors
        self.posts = int(counts.post.max()) + 1
        self.blank = np.flatnonzero(np.isnan(counts.effort))
        blank_posts = np.unique(counts.post[self.blank])
        self.core = 3 + self.posts + len(blank_posts)
        self.size = self.core + len(self.blank)
        effort = np.where(np.isnan(counts.effort), priors.effort_median, counts.effort)
        self.offset = log_passages + np.log(effort)
        self.names = ("level", "detection", "kappa") + (("effort",) if len(self.blank) else ())
        k = len(counts.count)
        # Each count depends on four of the core: level, mu, its post, and its post's effort. These
        # are the derivatives of the logit of detection, and of the logarithms of level and effort.
        # Patrols without records are assumed habitual: half of the variance is the post's.
        self.half = priors.effort_spread * float(np.sqrt(0.5))
        self.column = np.zeros((k, 4), np.intp)
        self.column[:, 1], self.column[:, 2] = 1, 3 + counts.post
        place = 3 + self.posts + np.searchsorted(blank_posts, counts.post[self.blank])
        self.column[self.blank, 3] = place
        self.of_logit = np.tile([0.0, priors.detection_spread, priors.post_spread, 0.0], (k, 1))
        self.of_log = np.tile([priors.level_spread, 0.0, 0.0, 0.0], (k, 1))
        self.of_log[self.blank, 3] = self.half
        self.precision = np.ones(self.size)
        self.precision[list(without_prior)] = 0.0

    def terms(self, x: Floats) -> tuple[float, Floats, Curvature]:
        """Log posterior, its gradient and its negated Hessian."""
        core, effort = x[: self.core], x[self.core :]
        spread = self.priors.kappa_spread
        kappa = self.priors.kappa * float(np.exp(spread * x[2]))
        of_count = core[self.column]
        logits = logit(self.priors.detection) + (self.of_logit * of_count).sum(axis=1)
        q = expit(logits)
        log_mean = self.offset + (self.of_log * of_count).sum(axis=1) - np.logaddexp(0.0, -logits)
        log_mean[self.blank] += self.half * effort
        t = _truncated(self.counts.count, log_mean, kappa, self.counts.least)
        value = float(t.value.sum() - 0.5 * x @ (self.precision * x))
        rows = self.of_log + (1.0 - q)[:, None] * self.of_logit
        slope = _summed(rows * t.u[:, None], self.column, self.core)
        gradient = np.concatenate([slope, self.half * t.u[self.blank]]) - self.precision * x
        hessian = np.diag(self.precision[: self.core])
        hessian -= _square(rows, t.uu, self.column, hessian)
        hessian += _square(self.of_logit, t.u * q * (1.0 - q), self.column, hessian)
        # kappa: by its logarithm, in units of its spread.
        gradient[2] += spread * t.v.sum()
        hessian[2, 2] -= spread**2 * t.vv.sum()
        cross = _summed(spread * rows * t.uv[:, None], self.column, self.core)
        hessian[2] -= cross
        hessian[:, 2] -= cross
        side = -self.half * np.column_stack(
            [rows[self.blank] * t.uu[self.blank, None], spread * t.uv[self.blank]]
        )
        column = np.column_stack([self.column[self.blank], np.full(len(self.blank), 2)])
        diagonal = 1.0 - self.half**2 * t.uu[self.blank]
        return value, gradient, Curvature(hessian, side, column, diagonal)

    def newton(self, x: Floats, *, fixed: Sequence[int] = ()) -> tuple[Floats, float, Curvature]:
        """Mode from ``x`` with some coordinates fixed; its log posterior and curvature."""
        constant = list(fixed)

        def at(point: Floats) -> tuple[float, Floats, Curvature]:
            value, gradient, curvature = self.terms(point)
            gradient[constant] = 0.0
            curvature.core[constant] = curvature.core[:, constant] = 0.0
            curvature.core[constant, constant] = 1.0
            curvature.side[np.isin(curvature.column, constant)] = 0.0
            return value, gradient, curvature

        value, gradient, curvature = at(x)
        for _ in range(100):
            step = curvature.solve(gradient)
            step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-12))
            length = 1.0
            trial = at(x + step)
            while not trial[0] >= value - 1e-9 and length > 1e-4:
                length /= 2.0
                trial = at(x + length * step)
            x = x + length * step
            value, gradient, curvature = trial
            if np.abs(length * step).max() < 1e-6:
                break
        return x, value, curvature

    def maximise(self, x: Floats) -> tuple[Floats, float, Curvature]:
        """Mode, Laplace's marginal log likelihood, and curvature at the mode."""
        x, value, curvature = self.newton(x)
        return x, value - 0.5 * curvature.log_determinant, curvature

    @cached_property
    def _lines(self) -> Floats:
        """Matrix of the summaries of x: the names, then the logit of detection at each post."""
        lines = np.zeros((len(self.names) + self.posts, self.size))
        lines[0, 0] = self.priors.level_spread
        lines[1, 1] = self.priors.detection_spread
        lines[2, 2] = self.priors.kappa_spread
        if len(self.blank):
            shared = _summed(self.of_log[:, 3], self.column[:, 3], self.core)
            lines[3, 3 : self.core] = shared[3:] / len(self.blank)
            lines[3, self.core :] = self.half / len(self.blank)
        place = np.arange(self.posts)
        lines[len(self.names) + place, 3 + place] = self.priors.post_spread
        lines[len(self.names) :, 1] = self.priors.detection_spread
        return lines

    def summary(self, x: Floats) -> Floats:
        """Values of the names and of each post's logit, shape (names + posts,)."""
        middle = float(logit(self.priors.detection))
        centre = [0.0, middle, np.log(self.priors.kappa)]
        centre += [np.log(self.priors.effort_median)] * (len(self.names) - 3)
        centre += [middle] * self.posts
        return np.asarray(self._lines @ x + centre)

    def summary_spread(self, curvature: Curvature) -> Floats:
        """Standard deviations of :meth:`summary`."""
        return np.asarray(np.sqrt(np.diag(curvature.covariance(self._lines))))

    def prior(self) -> Curvature:
        """Curvature of the prior alone."""
        blank = len(self.blank)
        column = np.zeros((blank, 1), np.intp)
        return Curvature(np.eye(self.core), np.zeros((blank, 1)), column, np.ones(blank))

    def ridge(self, x: Floats, curvature: Curvature) -> Floats:
        """Covariance of the logarithms of level and of the typical post's detection, (2, 2)."""
        lines = self._lines[:2].copy()
        q = expit(logit(self.priors.detection) + lines[1] @ x)
        lines[1] *= 1.0 - q
        return curvature.covariance(lines)


def _positive(hessian: Floats) -> Floats:
    """Positive definite modification of a Hessian, which far from the mode may be indefinite."""
    try:
        np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(hessian)
        return np.asarray((vectors * np.maximum(np.abs(values), 1e-3)) @ vectors.T, float)
    return hessian
