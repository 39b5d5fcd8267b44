"""Likelihoods of the demand fits, with their derivatives, and the normal approximation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from geo.errors import ModelError
from routes.stratified import stratified_normals

__all__ = ["dirichlet_multinomial", "laplace_draws", "negative_binomial"]

Floats = NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]

_STEP = 1e-4
_SMALLEST_CURVATURE = 0.05


def negative_binomial(persons: float, mean: float, kappa: float) -> tuple[float, float]:
    """Log-likelihood up to a constant, and its derivative by the logarithm of the mean.

    Variance ``mean + mean ** 2 / kappa``.

    Examples
    --------
    >>> negative_binomial(10.0, 10.0, 5.0)[1]
    0.0
    """
    loglik = persons * np.log(mean) - (persons + kappa) * np.log(mean + kappa)
    return float(loglik), float(kappa * (persons - mean) / (mean + kappa))


def dirichlet_multinomial(
    counts: Floats, shares: Floats, concentration: float
) -> tuple[float, Floats]:
    """Log-likelihood up to a constant of counts given shares, and its derivative by the shares.

    Examples
    --------
    >>> value, slope = dirichlet_multinomial(np.array([5.0, 5.0]), np.array([0.5, 0.5]), 10.0)
    >>> bool(np.isclose(*slope))
    True
    """
    alpha = concentration * shares + 1e-9
    value = gammaln(counts + alpha) - gammaln(alpha)
    return float(value.sum()), concentration * (digamma(counts + alpha) - digamma(alpha))


def laplace_draws(loss: Loss, size: int, count: int, rng: np.random.Generator) -> Floats:
    """Draws from the normal approximation of a posterior at its mode.

    Parameters
    ----------
    loss : callable
        Minus the logarithm of the posterior density, and its gradient, at parameters of which each
        is standard normal before the data.
    size : int
        Number of parameters.
    count : int

    Returns
    -------
    array, shape (count + 1, size)
        The mode first.

    Raises
    ------
    ModelError
        If no mode is found.

    Examples
    --------
    >>> standard_normal = lambda x: (0.5 * float(x @ x), x)
    >>> laplace_draws(standard_normal, 2, 500, np.random.default_rng(0)).std(axis=0).round(1)
    array([1., 1.])
    """
    options = {"maxiter": 5000, "maxfun": 50_000, "ftol": 1e-13, "gtol": 1e-6}
    best = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options=options)
    if not (np.isfinite(best.fun) and np.abs(best.jac).max() < 0.01):
        raise ModelError("demand.not_settled")
    mode = best.x
    steps = _STEP * np.eye(size)
    hessian = np.array([(loss(mode + s)[1] - loss(mode - s)[1]) / (2 * _STEP) for s in steps])
    curvature, axes = linalg.eigh((hessian + hessian.T) / 2)
    spread = 1.0 / np.sqrt(np.maximum(curvature, _SMALLEST_CURVATURE))
    # The symmetric root is one, whatever signs and order a machine gives the axes.
    root = (axes * spread) @ axes.T
    drawn = mode + stratified_normals(rng, count, size) @ root
    return np.vstack([mode, drawn])
