r"""What counts at posts say of the flow: theta with its interval, and what they cannot say.

    c_i ~ NegBin(mean m_i, kappa),   m_i = exp(s) e_i q_p n_i(theta)
    logit q_p = mu + tau h_p,        h_p ~ Normal(0, 1)

with ``n_i`` the modelled passages of observation i (post p, period t, the posts then in force), the
effort ``e_i`` (share of the period in which departures were checked), and the level ``s`` of demand
beside the model. Where no effort is recorded ``e_i`` is itself unknown, log-normal, which widens
the interval. Counts see only the product of level and detection; priors tell them apart.

theta is a grid: at each value the other parameters are maximised (Newton) and integrated by
Laplace's approximation, so that the interval is of the marginal posterior (Rue, Martino & Chopin
2009), not of a slice through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import digamma, expit, gammaln, logit, polygamma

from geo.errors import InputError, ModelError
from routes.network import Floats

__all__ = ["CountFit", "CountPriors", "PostCounts", "fit_counts", "theta_grid"]


@dataclass(frozen=True, kw_only=True)
class CountPriors:
    """Priors, all stated; normal on the scale named.

    Attributes
    ----------
    theta, theta_spread : float
        Median of theta, 1/hour, and the spread of its logarithm.
    level_spread : float
        Of the logarithm of true over modelled demand (centred on 0).
    detection, detection_spread : float
        Median probability that a departure checked at a post is detected, and the spread of its
        logit (assumed: nobody has measured it).
    post_spread : float
        tau: how the logit differs from post to post.
    effort_median, effort_spread : float
        Where effort is not recorded: median, and the spread of its logarithm, half of whose
        variance is the post's own and half each count's.
    kappa, kappa_spread : float
        Median and log-spread of the negative binomial's size; small is more scattered.
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
        Which post, 0 .. p - 1.
    effort : array, shape (k,)
        Share of departures checked, above 0; NaN where it is not recorded.
    """

    count: Floats
    post: NDArray[np.intp]
    effort: Floats

    def __post_init__(self) -> None:
        if not len(self.count) == len(self.post) == len(self.effort) > 0:
            raise InputError("counts, posts and efforts must be of one length, above 0")
        if (self.count < 0).any() or (self.count % 1 != 0).any():
            raise InputError("a count is a whole number of persons, 0 or more", field="count")
        if (self.effort[~np.isnan(self.effort)] <= 0).any():
            raise InputError("effort is above 0; leave it out where unknown", field="effort")
        if self.post.min() < 0:
            raise InputError("posts are numbered from 0", field="post")


@dataclass(frozen=True, eq=False)
class CountFit:
    """What the counts and the priors say together.

    Attributes
    ----------
    theta : float
        Posterior median, 1/hour.
    theta_map : float
        Where the marginal posterior is highest on the scale of its logarithm.
    grid, density : arrays
        Values of theta and the posterior probability of each.
    mean, spread : dict name -> float
        Of ``level`` (log), ``detection`` (logit, of the typical post), ``kappa`` (log), ``effort``
        (average log of unknown efforts, where there are any).
    contraction : dict name -> float
        1 less posterior over prior spread: 0 where the counts say nothing, 1 where they say all.
    not_identified : tuple of str
        In words, what the counts leave to the priors.
    """

    theta: float
    theta_map: float
    grid: Floats
    density: Floats
    mean: dict[str, float]
    spread: dict[str, float]
    contraction: dict[str, float]
    not_identified: tuple[str, ...]

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Equal-tailed interval of theta."""
        outside = (1.0 - level) / 2.0
        return self.quantile(outside), self.quantile(1.0 - outside)

    def quantile(self, share: float) -> float:
        """Value of theta below which this share of the posterior lies."""
        return _quantile(self.grid, self.density, share)


def theta_grid(priors: CountPriors, *, size: int = 25, reach: float = 3.5) -> Floats:
    """Values of theta over ``reach`` prior spreads either way, evenly on the log scale."""
    step = np.linspace(-reach, reach, size)
    grid: Floats = priors.theta * np.exp(priors.theta_spread * step)
    return grid


def fit_counts(
    counts: PostCounts,
    passages: Callable[[float], Sequence[float] | Floats] | Floats,
    *,
    grid: Floats | None = None,
    priors: CountPriors | None = None,
) -> CountFit:
    """Fit theta, level, detection and scatter to counts.

    Parameters
    ----------
    passages : callable theta -> array (k,), or array of shape (len(grid), k)
        Modelled persons a year at each observation, given the posts in force then, > 0.
    grid : array, optional
        Values of theta; default :func:`theta_grid`.

    Raises
    ------
    ModelError
        If a modelled passage is 0 where people were counted, or not finite; the message says which.
    """
    priors = priors or CountPriors()
    grid = theta_grid(priors) if grid is None else np.asarray(grid, float)
    table = np.array([passages(th) for th in grid]) if callable(passages) else np.asarray(passages)
    if table.shape != (len(grid), len(counts.count)):
        raise ModelError(f"passages have shape {table.shape}, not grid by observations")
    wrong = ~np.isfinite(table).all(axis=0) | ((table <= 0).any(axis=0) & (counts.count > 0))
    if wrong.any():
        raise ModelError(f"nobody is modelled at observation {int(np.flatnonzero(wrong)[0])}")
    rows = [_Conditional(counts, priors, np.log(np.maximum(row, 1e-12))) for row in table]
    value, at, spread = np.empty(len(grid)), [], []
    begin = rows[0].begin()
    for k, row in enumerate(rows):
        begin, value[k], covariance = row.maximise(begin)
        at.append(row.summary(begin))
        spread.append(row.summary_spread(covariance))
    value -= 0.5 * (np.log(grid / priors.theta) / priors.theta_spread) ** 2
    fine, density = _refine(grid, value)
    weight = np.interp(np.log(grid), np.log(fine), density)
    weight /= weight.sum()
    names = rows[0].names
    mean = {n: float(weight @ [a[i] for a in at]) for i, n in enumerate(names)}
    within, centre = np.array(spread), np.array(at)
    variance = weight @ (within**2 + (centre - weight @ centre) ** 2)
    spreads = dict(zip(names, np.sqrt(variance).tolist(), strict=True))
    logs = np.log(fine)
    middle = density @ logs
    spreads["theta"] = float(np.sqrt(density @ (logs - middle) ** 2))
    prior = rows[0].prior_spreads() | {"theta": priors.theta_spread}
    contraction = {n: float(1.0 - spreads[n] / prior[n]) for n in spreads}
    return CountFit(
        theta=_quantile(fine, density, 0.5),
        theta_map=float(fine[np.argmax(density)]),
        grid=fine,
        density=density,
        mean=mean,
        spread=spreads,
        contraction=contraction,
        not_identified=_unknown(counts, contraction),
    )


def _unknown(counts: PostCounts, contraction: dict[str, float]) -> tuple[str, ...]:
    words = []
    if contraction["theta"] < 0.25:
        words.append("theta: its interval is hardly narrower than the prior's")
    if contraction["level"] < 0.5 and contraction["detection"] < 0.5:
        words.append("demand and detection apart: counts give only their product")
    if contraction["kappa"] < 0.25:
        words.append("how scattered counts are around their mean")
    missing = int(np.isnan(counts.effort).sum())
    if missing:
        words.append(
            f"effort at {missing} of {len(counts.count)} counts: flow or patrols, unknown which"
        )
    return tuple(words)


def _refine(grid: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Posterior on a grid fine enough for quantiles."""
    curve = CubicSpline(np.log(grid), value)
    logs = np.linspace(np.log(grid[0]), np.log(grid[-1]), 2_001)
    density = np.exp(curve(logs) - curve(logs).max())
    return np.exp(logs), density / density.sum()


def _quantile(grid: Floats, density: Floats, share: float) -> float:
    return float(np.interp(share, np.cumsum(density) - density / 2, grid))


class _Conditional:
    """Posterior of everything but theta, for one theta: ``x = [level, mu, ln kappa, h, w]``.

    All of x is in units of its prior's spread, so that the prior is ``-x'x / 2``.
    """

    def __init__(self, counts: PostCounts, priors: CountPriors, log_passages: Floats) -> None:
        self.counts, self.priors = counts, priors
        self.posts = int(counts.post.max()) + 1
        self.blank = np.flatnonzero(np.isnan(counts.effort))
        silent = np.unique(counts.post[self.blank])
        self.size = 3 + self.posts + len(silent) + len(self.blank)
        known = np.where(np.isnan(counts.effort), priors.effort_median, counts.effort)
        self.offset = log_passages + np.log(known)
        self.names = ("level", "detection", "kappa") + (("effort",) if len(self.blank) else ())
        k = len(counts.count)
        # Derivatives of the logit of detection, and of the logarithms of level and effort, by x.
        self.of_logit = np.zeros((k, self.size))
        self.of_logit[:, 1] = priors.detection_spread
        self.of_logit[np.arange(k), 3 + counts.post] = priors.post_spread
        self.of_log = np.zeros((k, self.size))
        self.of_log[:, 0] = priors.level_spread
        # Who keeps no record patrols by habit: half of the variance stays with the post.
        half = priors.effort_spread * np.sqrt(0.5)
        first = 3 + self.posts
        self.of_log[self.blank, first + np.searchsorted(silent, counts.post[self.blank])] = half
        self.of_log[self.blank, first + len(silent) + np.arange(len(self.blank))] = half

    def begin(self) -> Floats:
        return np.zeros(self.size)

    def _terms(self, x: Floats) -> tuple[float, Floats, Floats]:
        """Log posterior, its gradient and its negated Hessian."""
        c = self.counts.count
        kappa = self.priors.kappa * np.exp(self.priors.kappa_spread * x[2])
        logits = logit(self.priors.detection) + self.of_logit @ x
        q = expit(logits)
        log_mean = self.offset + self.of_log @ x - np.logaddexp(0.0, -logits)
        # p = m / (kappa + m), so that neither a huge nor a tiny mean overflows.
        p = expit(log_mean - np.log(kappa))
        both = np.logaddexp(np.log(kappa), log_mean)
        value = float(
            (
                gammaln(c + kappa) - gammaln(kappa) - gammaln(c + 1)
                + kappa * np.log(kappa) + c * log_mean - (c + kappa) * both
            ).sum() - 0.5 * x @ x
        )  # fmt: skip
        slope = c * (1.0 - p) - kappa * p
        bend = (kappa + c) * p * (1.0 - p)
        rows = self.of_log + (1.0 - q)[:, None] * self.of_logit
        gradient = rows.T @ slope - x
        hessian = (rows * bend[:, None]).T @ rows + np.eye(self.size)
        curved = slope * q * (1.0 - q)
        hessian += (self.of_logit * curved[:, None]).T @ self.of_logit
        # kappa: by its logarithm, in units of its spread.
        s = self.priors.kappa_spread * kappa
        over = p - c * (1.0 - p) / kappa
        first = digamma(c + kappa) - digamma(kappa) + np.log(kappa) - both + over
        second = (
            polygamma(1, c + kappa) - polygamma(1, kappa) + p / kappa - over * (1.0 - p) / kappa
        )
        gradient[2] += s * first.sum()
        hessian[2, 2] -= (s**2 * second + s * self.priors.kappa_spread * first).sum()
        cross = rows.T @ (-s * p * over)
        cross[2] = 0.0
        hessian[2] -= cross
        hessian[:, 2] -= cross
        return value, gradient, hessian

    def maximise(self, x: Floats) -> tuple[Floats, float, Floats]:
        """Mode, Laplace's marginal log likelihood, and covariance at the mode."""
        value, gradient, hessian = self._terms(x)
        for _ in range(100):
            step = np.linalg.solve(_positive(hessian), gradient)
            step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-12))
            length = 1.0
            trial = self._terms(x + step)
            while trial[0] < value - 1e-9 and length > 1e-4:
                length /= 2.0
                trial = self._terms(x + length * step)
            x = x + length * step
            value, gradient, hessian = trial
            if np.abs(length * step).max() < 1e-6:
                break
        whole = _positive(hessian)
        _, determinant = np.linalg.slogdet(whole)
        return x, value - 0.5 * float(determinant), np.asarray(np.linalg.inv(whole), float)

    def _summaries(self) -> Floats:
        """Linear summaries of x, by name: shape (names, size)."""
        lines = np.zeros((len(self.names), self.size))
        lines[0, 0] = self.priors.level_spread
        lines[1, 1] = self.priors.detection_spread
        lines[2, 2] = self.priors.kappa_spread
        if len(self.blank):
            lines[3, 3:] = self.of_log[self.blank, 3:].mean(axis=0)
        return lines

    def summary(self, x: Floats) -> Floats:
        centre = [0.0, float(logit(self.priors.detection)), np.log(self.priors.kappa)]
        centre += [np.log(self.priors.effort_median)] * (len(self.names) - 3)
        summary: Floats = self._summaries() @ x + centre
        return summary

    def summary_spread(self, covariance: Floats) -> Floats:
        lines = self._summaries()
        spread: Floats = np.sqrt(np.einsum("ni,ij,nj->n", lines, covariance, lines))
        return spread

    def prior_spreads(self) -> dict[str, float]:
        """Of the summaries, under the prior alone."""
        spread = self.summary_spread(np.eye(self.size))
        return dict(zip(self.names, spread.tolist(), strict=True))


def _positive(hessian: Floats) -> Floats:
    """The nearest curvature that goes down in every direction (far from the mode it may not)."""
    try:
        np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(hessian)
        return np.asarray((vectors * np.maximum(np.abs(values), 1e-3)) @ vectors.T, float)
    return hessian
