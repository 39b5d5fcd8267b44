r"""Likelihood of counts at posts: theta with its interval, and which parameters are identified.

    c_i ~ NegBin(mean m_i, kappa),   m_i = exp(s) e_i q_p n_i(theta)
    logit q_p = mu + tau h_p,        h_p ~ Normal(0, 1)

with ``n_i`` the modelled passages of observation i (post p, period t, the posts then in force), the
effort ``e_i`` (share of the period in which departures were checked), and the level ``s`` of demand
relative to the model. Where no effort is recorded ``e_i`` is itself unknown, log-normal, which
widens the interval. Counts identify only the product of level and detection; priors separate them.

Where small counts are not listed the likelihood is truncated
(:class:`routes.validation.posterior.PostCounts`).

theta is a grid: at each value the other parameters are maximised (Newton) and integrated by
Laplace's approximation, so that the interval is of the marginal posterior (Rue, Martino & Chopin
2009), not of a slice through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from geo.errors import ModelError
from routes.graph.arrays import Floats
from routes.validation.posterior import ConditionalPosterior, CountPriors, PostCounts

__all__ = ["CountFit", "CountPriors", "PostCounts", "fit_counts", "theta_grid"]


@dataclass(frozen=True, eq=False)
class CountFit:
    """Posterior of theta and the other parameters.

    Attributes
    ----------
    theta : float
        Posterior median, 1/hour.
    theta_map : float
        Mode of the marginal posterior of ``ln theta``.
    grid, density : arrays
        Values of theta and the posterior probability of each.
    mean, spread : dict name -> float
        Of ``level`` (log), ``detection`` (logit, of the typical post), ``kappa`` (log), ``effort``
        (average log of unknown efforts, where there are any).
    contraction : dict name -> float
        1 less posterior over prior spread: 0 where the counts carry no information.
    mode : dict name -> float
        MAP estimate: ``theta``, and at it ``level`` (true over modelled demand), ``detection``
        (typical post), ``kappa``, ``effort`` (geometric mean).
    post_logit, post_spread, post_contraction : arrays, shape (p,)
        Logit of detection at each post.
    level_detection : float
        Posterior correlation of the logarithms of level and detection: near -1 where only their
        product is identified.
    product_contraction : float
        Contraction of the logarithm of that product.
    not_identified : tuple of str
        Descriptions of what the counts leave to the priors.
    """

    theta: float
    theta_map: float
    grid: Floats
    density: Floats
    mean: dict[str, float]
    spread: dict[str, float]
    contraction: dict[str, float]
    mode: dict[str, float]
    post_logit: Floats
    post_spread: Floats
    post_contraction: Floats
    level_detection: float
    product_contraction: float
    not_identified: tuple[str, ...]

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Equal-tailed interval of theta."""
        outside = (1.0 - level) / 2.0
        return self.quantile(outside), self.quantile(1.0 - outside)

    def quantile(self, share: float) -> float:
        """Posterior quantile of theta."""
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
    """Fit theta, level, detection and dispersion to counts.

    Parameters
    ----------
    passages : callable theta -> array (k,), or array of shape (len(grid), k)
        Modelled persons a year at each observation, given the posts in force then, > 0.
    grid : array, optional
        Values of theta; default :func:`theta_grid`.

    Raises
    ------
    ModelError
        If a modelled passage is 0 where people were counted, or not finite.
    """
    priors = priors or CountPriors()
    grid = theta_grid(priors) if grid is None else np.asarray(grid, float)
    table = np.array([passages(th) for th in grid]) if callable(passages) else np.asarray(passages)
    if table.shape != (len(grid), len(counts.count)):
        raise ModelError("backtest.shape", shape=table.shape)
    wrong = ~np.isfinite(table).all(axis=0) | ((table <= 0).any(axis=0) & (counts.count > 0))
    if wrong.any():
        raise ModelError("backtest.nobody", observation=int(wrong.argmax()))
    rows = [ConditionalPosterior(counts, priors, np.log(np.maximum(row, 1e-12))) for row in table]
    value, centre, within, ridge = np.empty(len(grid)), [], [], []
    prior_mode = mode = np.zeros(rows[0].size)
    for k, row in enumerate(rows):
        mode, value[k], curvature = row.maximise(mode)
        centre.append(row.summary(mode))
        within.append(row.summary_spread(curvature))
        ridge.append(row.ridge(mode, curvature))
    fine, likelihood = _refine(grid, value)
    prior_density = _normalised(-0.5 * (np.log(fine / priors.theta) / priors.theta_spread) ** 2)
    density = _normalised(likelihood + np.log(prior_density))
    weight = np.interp(np.log(grid), np.log(fine), density)
    weight /= weight.sum()
    names, n, prior = rows[0].names, len(rows[0].names), rows[0].prior()
    mean = weight @ np.array(centre)
    spreads = np.sqrt(weight @ (np.array(within) ** 2 + (np.array(centre) - mean) ** 2))
    shrunk = 1.0 - spreads / rows[0].summary_spread(prior)
    theta_spread, prior_spread = (_log_spread(fine, d) for d in (density, prior_density))
    best = int(np.argmax(weight))
    pair, prior_pair = ridge[best], rows[best].ridge(prior_mode, prior)
    contraction = dict(zip(names, shrunk[:n].tolist(), strict=True))
    contraction["theta"] = 1.0 - theta_spread / prior_spread
    peak = dict(zip(names, np.exp(centre[best][:n]).tolist(), strict=True))
    peak["detection"] /= 1.0 + peak["detection"]
    theta_map = float(fine[np.argmax(density)])
    return CountFit(
        theta=_quantile(fine, density, 0.5),
        theta_map=theta_map,
        grid=fine,
        density=density,
        mean=dict(zip(names, mean[:n].tolist(), strict=True)),
        spread=dict(zip(names, spreads[:n].tolist(), strict=True)) | {"theta": theta_spread},
        contraction=contraction,
        mode={"theta": theta_map} | peak,
        post_logit=mean[n:],
        post_spread=spreads[n:],
        post_contraction=shrunk[n:],
        level_detection=float(pair[0, 1] / np.sqrt(pair[0, 0] * pair[1, 1])),
        product_contraction=1.0 - float(np.sqrt(pair.sum() / prior_pair.sum())),
        not_identified=_not_identified(counts, contraction),
    )


def _not_identified(counts: PostCounts, contraction: dict[str, float]) -> tuple[str, ...]:
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
    """A grid fine enough for quantiles, and the spline through the values on it."""
    logs = np.linspace(np.log(grid[0]), np.log(grid[-1]), 2_001)
    return np.exp(logs), np.asarray(CubicSpline(np.log(grid), value)(logs), float)


def _normalised(log_density: Floats) -> Floats:
    density: Floats = np.exp(log_density - log_density.max())
    density /= density.sum()
    return density


def _log_spread(grid: Floats, density: Floats) -> float:
    logs = np.log(grid)
    return float(np.sqrt(density @ (logs - density @ logs) ** 2))


def _quantile(grid: Floats, density: Floats, share: float) -> float:
    return float(np.interp(share, np.cumsum(density) - density / 2, grid))
