"""Normal draws of which each number, taken alone, is spread evenly over its law."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["stratified_normals"]


def stratified_normals(rng: np.random.Generator, count: int, size: int) -> NDArray[np.float64]:
    """Latin hypercube sample of independent standard normals, shape (count, size).

    Of each column one value lies in each of ``count`` parts of equal probability, in random order
    (McKay, Beckman and Conover 1979), so that what is nearly a sum of the columns has quantiles
    with less Monte-Carlo error than independent draws give.

    Examples
    --------
    >>> draws = stratified_normals(np.random.default_rng(0), 1000, 3)
    >>> draws.std(axis=0).round(2).tolist()
    [1.0, 1.0, 1.0]
    """
    order = rng.permuted(np.tile(np.arange(count), (size, 1)), axis=1).T
    inside = np.maximum(rng.random((count, size)), 1e-9)
    return np.asarray(ndtri((order + inside) / count))
