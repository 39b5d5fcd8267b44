"""How well theta comes back from counts made by the model itself, beside what is possible.

The test bed is the network the estimator is for: posts at the terminals where interceptions are on
record, so that what many ports in many directions say of theta is there, and what few ports can say
is not asked for. Level, detection at each post and scatter are drawn and unknown to the fit; effort
is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from routes.graph.arrays import Floats
from routes.validation.count_fit import GRID, PRIORS, bound_of_theta
from routes.validation.likelihood import CountPriors, PostCounts, fit_counts

__all__ = ["Recovery", "recover", "simulated_counts"]

_BLANKED = 10
"""Every so many replications is fitted again with its efforts blanked."""

WIDE = replace(PRIORS, level_spread=2.0)
"""A prior of the level that leaves it to the counts."""


@dataclass(frozen=True)
class Recovery:
    """What came back over the replications.

    Attributes
    ----------
    theta : float
        The truth, 1/hour.
    quartiles : tuple of float
        Lower quartile, median and upper quartile of estimate over truth.
    bound : float
        Least interquartile range of estimate over truth that an unbiased estimator can have:
        1.349 standard deviations by Cramer and Rao
        (:func:`routes.validation.count_fit.bound_of_theta`).
    coverage : float
        Share of the 90 % intervals that hold the truth.
    widening : float
        How many times wider intervals are without effort, on the log scale (median).
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


def simulated_counts(
    passages: Floats,
    rng: np.random.Generator,
    *,
    years: int,
    persons: float,
    priors: CountPriors = WIDE,
) -> PostCounts:
    """Counts at every terminal and year: about ``persons`` interceptions in all, effort known.

    Parameters
    ----------
    passages : array, shape (terminals,)
        Persons a year at the true theta.
    """
    many = len(passages)
    post = np.tile(np.arange(many), years)
    effort = rng.uniform(0.3, 1.0, len(post))
    q = expit(logit(priors.detection) + priors.post_spread * rng.normal(size=many))
    mean = effort * np.tile(passages * q, years)
    # The level of demand is unknown to the fit: it is what makes the total what it is.
    mean *= persons / mean.sum()
    count = rng.poisson(mean * rng.gamma(priors.kappa, 1 / priors.kappa, len(mean)))
    return PostCounts(count.astype(float), post, effort)


def recover(
    table: Floats,
    theta: float,
    *,
    rng: np.random.Generator,
    persons: float = 300.0,
    years: int = 3,
    replications: int = 100,
    priors: CountPriors = WIDE,
    grid: Floats = GRID,
) -> Recovery:
    """Simulate and fit again.

    Parameters
    ----------
    table : array, shape (len(grid), terminals)
        Passages by theta (:func:`routes.validation.count_fit.passages_by_theta`).
    """
    logs = np.log(table).T
    here = np.exp([np.interp(np.log(theta), np.log(grid), column) for column in logs])
    wide = np.tile(table, (1, years))
    estimates, inside, ratios = [], 0, []
    counts = simulated_counts(here, rng, years=years, persons=persons, priors=priors)
    bound = bound_of_theta(wide, theta, counts, persons=persons, priors=priors, grid=grid)
    for k in range(replications):
        counts = simulated_counts(here, rng, years=years, persons=persons, priors=priors)
        fit = fit_counts(counts, wide, grid=grid, priors=priors)
        low, high = fit.interval()
        estimates.append(fit.theta / theta)
        inside += low <= theta <= high
        if k % _BLANKED == 0:
            blank = replace(counts, effort=np.full(len(counts.count), np.nan))
            first, last = fit_counts(blank, wide, grid=grid, priors=priors).interval()
            ratios.append(np.log(last / first) / np.log(high / low))
    lower, middle, upper = np.quantile(estimates, [0.25, 0.5, 0.75]).tolist()
    return Recovery(
        theta, (lower, middle, upper), 1.349 * bound, inside / replications,
        float(np.median(ratios)),
    )  # fmt: skip
