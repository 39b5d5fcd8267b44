"""Parameter recovery: theta estimated from simulated counts, compared with the Cramer-Rao bound.

The network is the one the estimator is for: posts at the terminals where interceptions are on
record, many ports in many directions. Level, detection at each post and dispersion are drawn and
unknown to the fit; effort is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from routes.graph.arrays import Floats
from routes.validation.count_fit import GRID, PRIORS, bound_of_theta
from routes.validation.likelihood import PostCounts, fit_counts

__all__ = ["Recovery", "recover", "simulated_counts"]

YEARS = 3

PERSONS = 300.0
"""Expected interceptions over all terminals and years."""

_BLANKED = 10
"""Every tenth replication is also fitted without effort."""

WIDE = replace(PRIORS, level_spread=2.0)
"""A nearly flat prior of the level."""


@dataclass(frozen=True)
class Recovery:
    """Estimates over the replications.

    Attributes
    ----------
    theta : float
        True value, 1/hour.
    quartiles : tuple of float
        Lower quartile, median and upper quartile of estimate over truth.
    bound : float
        Least interquartile range of estimate over truth that an unbiased estimator can have:
        1.349 standard deviations by Cramer and Rao
        (:func:`routes.validation.count_fit.bound_of_theta`).
    coverage : float
        Share of the 90 % intervals that hold the truth.
    widening : float
        Ratio of interval widths without and with effort, on the log scale (median).
    """

    theta: float
    quartiles: tuple[float, float, float]
    bound: float
    coverage: float
    widening: float

    @property
    def range(self) -> float:
        """Interquartile range of estimate over truth."""
        return self.quartiles[2] - self.quartiles[0]


def simulated_counts(passages: Floats, rng: np.random.Generator) -> PostCounts:
    """Simulate counts at every terminal and year with known effort.

    Parameters
    ----------
    passages : array, shape (terminals,)
        Persons a year at the true theta.
    """
    post = np.tile(np.arange(len(passages)), YEARS)
    effort = rng.uniform(0.3, 1.0, len(post))
    q = expit(logit(WIDE.detection) + WIDE.post_spread * rng.normal(size=len(passages)))
    mean = effort * np.tile(passages * q, YEARS)
    # The level of demand is unknown to the fit: it scales the total.
    mean *= PERSONS / mean.sum()
    count = rng.poisson(mean * rng.gamma(WIDE.kappa, 1 / WIDE.kappa, len(mean)))
    return PostCounts(count.astype(float), post, effort)


def recover(
    table: Floats, theta: float, *, rng: np.random.Generator, replications: int = 100
) -> Recovery:
    """Simulate counts and refit theta.

    Parameters
    ----------
    table : array, shape (len(GRID), terminals)
        Passages by theta (:func:`routes.validation.count_fit.passages_by_theta`).
    """
    logs = np.log(table).T
    passages = np.exp([np.interp(np.log(theta), np.log(GRID), column) for column in logs])
    by_year = np.tile(table, (1, YEARS))
    estimates, inside, ratios = [], 0, []
    counts = simulated_counts(passages, rng)
    bound = bound_of_theta(by_year, theta, counts, persons=PERSONS, priors=WIDE)
    for k in range(replications):
        counts = simulated_counts(passages, rng)
        fit = fit_counts(counts, by_year, grid=GRID, priors=WIDE)
        low, high = fit.interval()
        estimates.append(fit.theta / theta)
        inside += low <= theta <= high
        if k % _BLANKED == 0:
            blank = replace(counts, effort=np.full(len(counts.count), np.nan))
            first, last = fit_counts(blank, by_year, grid=GRID, priors=WIDE).interval()
            ratios.append(np.log(last / first) / np.log(high / low))
    lower, middle, upper = np.quantile(estimates, [0.25, 0.5, 0.75]).tolist()
    return Recovery(
        theta, (lower, middle, upper), 1.349 * bound, inside / replications,
        float(np.median(ratios)),
    )  # fmt: skip
