"""Risk of a corridor: how many pass a year, how dangerous its end is, where they come from.

``score = 10 ln(1 + x) / ln(1 + full)``, at most 10, with the exposure ``x = persons a year x
(hazard / 10) x (vulnerability / 10)`` and ``full`` = :data:`FULL_EXPOSURE`. By the cut points of
:mod:`geo.classes` the classes above the lowest begin at x of 3, 15, 62 and 250.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.classes import CLASSES, classify

__all__ = [
    "COMPONENTS",
    "FULL_EXPOSURE",
    "class_probabilities",
    "interval",
    "risk_class",
    "risk_score",
]

COMPONENTS = ("volume", "vulnerability", "unofficial_share", "hazard")
"""What is shown beside a score. The share through unofficial terminals has no part in it: it says
how people leave, and so where to look, not how many come to harm."""

FULL_EXPOSURE = 1_000.0
"""Exposure at which the score is 10: with it every class occurs in the nation and in each pilot
province, and few corridors reach 10 (docs/METHOD.md)."""


def risk_score(
    *, persons: ArrayLike, vulnerability: ArrayLike, hazard: ArrayLike
) -> NDArray[np.float64]:
    """Score 0-10 of one or many corridors; grows with each of the three.

    Parameters
    ----------
    persons : persons a year, >= 0
    vulnerability : flow-weighted index of the origins, 0-10
    hazard : flow-weighted hazard of the destinations, 0-10

    Examples
    --------
    >>> risk_score(persons=[7, 103, 2_500], vulnerability=4.0, hazard=7.0).round(1).tolist()
    [1.6, 4.9, 9.5]
    """
    shares = np.asarray(vulnerability, float) / 10 * (np.asarray(hazard, float) / 10)
    exposure = np.asarray(persons, float) * shares
    return np.asarray(np.clip(10 * np.log1p(exposure) / np.log1p(FULL_EXPOSURE), 0, 10))


def risk_class(score: float) -> str:
    """Class of one score by the common cut points (:mod:`geo.classes`).

    Examples
    --------
    >>> risk_class(3.96)
    'medium'
    """
    return str(classify(score))


def class_probabilities(scores: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """Share of the draws in which each corridor is of each class.

    Parameters
    ----------
    scores : array, shape (draws, ...)

    Returns
    -------
    dict class -> array, shape (...)
        Of all classes, from the lowest; they add up to 1.

    Examples
    --------
    >>> class_probabilities([1.2, 3.0, 3.3, 4.1])["low"].item()
    0.5
    """
    drawn = classify(scores)
    return {name: np.asarray((drawn == name).mean(axis=0)) for name in CLASSES}


def interval(values: ArrayLike) -> Mapping[str, float]:
    """Mean and the 5th and 95th percentile of draws, as every answer shows them.

    Examples
    --------
    >>> interval([1.0, 2.0, 3.0])["mean"]
    2.0
    """
    array = np.asarray(values, float)
    p05, p95 = np.percentile(array, [5, 95])
    return {"mean": float(array.mean()), "p05": float(p05), "p95": float(p95)}
