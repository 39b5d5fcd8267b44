"""How much of a year's counts falls into each month, pooled over streams and shrunk to none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["MONTHS", "month_factors"]

Floats = NDArray[np.float64]
MONTHS = 12
_SHRINKAGE = 4.0
"""Years of twelve equal months that are added: with one year on record a fifth is believed."""
_LEAST_COUNTED = 24.0
"""Counts a year below which its months say nothing of a season."""


def month_factors(years: Sequence[Floats]) -> Floats:
    """Factors of the twelve months, of mean 1.

    Parameters
    ----------
    years : sequence of arrays, shape (12,)
        Counts of whole calendar years of any streams, per day or hour watched where those differ.
        Each is divided by its own mean first, so that neither level nor trend is a season; years
        with a month that is not reported, or too few counts, are left out.

    Examples
    --------
    >>> holiday = np.array([10.0] * 11 + [130.0])  # December: 6.5 times the mean of 20
    >>> month_factors([holiday]).round(2).tolist()  # (4 + 6.5) / 5, (4 + .5) / 5
    [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 2.1]
    >>> month_factors([]).tolist() == [1.0] * 12
    True
    """
    whole = [np.asarray(year, float) for year in years]
    whole = [year for year in whole if not np.isnan(year).any() and year.sum() >= _LEAST_COUNTED]
    ratios = sum((year / year.mean() for year in whole), np.zeros(MONTHS))
    factors = (_SHRINKAGE + ratios) / (_SHRINKAGE + len(whole))
    return np.asarray(factors / factors.mean())
