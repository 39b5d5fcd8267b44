"""The five classes of a score from 0 to 10 or of a rate, and the class of what was not assessed.

The one place where a number becomes a class. Data, registry, files, HTTP and the page hold the
slugs; their names for people are in the catalogue as ``class.<slug>``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ALL_CLASSES", "CLASSES", "CLASS_CUTS", "CLASS_SHARES", "NOT_ASSESSED", "RATE_CUTS",
    "SCORE_DECIMALS", "classify", "classify_rates", "classify_within", "shown", "significant",
    "unsure_rates",
]  # fmt: skip

CLASSES = ("very_low", "low", "medium", "high", "very_high")
"""From the lowest score to the highest."""

NOT_ASSESSED = "not_assessed"
"""Class where there is nothing to judge from; it does not mean safe."""

ALL_CLASSES = (*CLASSES, NOT_ASSESSED)

CLASS_CUTS = (2.0, 4.0, 6.0, 8.0)
"""Scores that separate the classes; a score on a cut belongs to the class above."""

RATE_CUTS = (30.0, 60.0, 100.0, 200.0)
"""Departures a year per 100,000 people that separate the classes, at every level and in every year,
so that a class means the same everywhere and can change; a rate on a cut belongs to the class
above."""

CLASS_SHARES = (0.2, 0.4, 0.6, 0.8)
"""Shares of what is compared within one scope that separate the classes there."""

UNSURE_CLASSES = 1.5
"""An interval over more than this many classes is wider than a class tells."""

SCORE_DECIMALS = 1
"""Digits after the point of a score wherever it is shown, printed or published."""


def shown(score: float) -> float:
    """The score as it is shown everywhere: one decimal, rounded half to even.

    Examples
    --------
    >>> shown(3.96)
    4.0
    """
    return round(float(score), SCORE_DECIMALS)


def significant(persons: float) -> float:
    """Persons a year as they are shown: two significant digits, never a fraction above ten.

    Examples
    --------
    >>> significant(255.8), significant(7.34)
    (260.0, 7.3)
    """
    return float(f"{persons:.2g}")


def classify(scores: ArrayLike) -> NDArray[np.object_]:
    """Class of each score, shaped as ``scores``; NaN is :data:`NOT_ASSESSED`.

    The class is that of the score as it is shown (:func:`shown`), so that one printed score never
    has two classes.

    Examples
    --------
    >>> classify([1.9, 3.96, 4.0, 9.0, float("nan")]).tolist()
    ['very_low', 'medium', 'medium', 'very_high', 'not_assessed']
    """
    return _classes(np.asarray(scores, float), shown, CLASS_CUTS)


def classify_rates(rates: ArrayLike) -> NDArray[np.object_]:
    """Class of each rate (departures a year per 100,000 people); NaN is :data:`NOT_ASSESSED`.

    The class is that of the rate as it is shown (:func:`significant`).

    Examples
    --------
    >>> classify_rates([9.4, 59.7, 99.0, 360.0, float("nan")]).tolist()
    ['very_low', 'medium', 'medium', 'very_high', 'not_assessed']
    """
    return _classes(np.asarray(rates, float), significant, RATE_CUTS)


def _classes(
    exact: NDArray[np.float64], as_shown: Callable[[float], float], cuts: Sequence[float]
) -> NDArray[np.object_]:
    values = np.array([as_shown(value) for value in exact.ravel()]).reshape(exact.shape)
    return _named(np.searchsorted(cuts, values, side="right"), np.isnan(values))


def _named(position: ArrayLike, unknown: NDArray[np.bool_]) -> NDArray[np.object_]:
    names = np.array(ALL_CLASSES, dtype=object)
    return np.asarray(names[np.where(unknown, len(CLASSES), position)])


def classify_within(rates: ArrayLike) -> NDArray[np.object_]:
    """Class of each rate by its place among those of one scope; NaN is :data:`NOT_ASSESSED`.

    A fifth of the scope is in each class, equal rates in the same one, so that all classes are
    used within it.

    Examples
    --------
    >>> classify_within([0.2, 40.0, 7.0, 1.0, float("nan"), 900.0]).tolist()
    ['very_low', 'high', 'medium', 'low', 'not_assessed', 'very_high']
    """
    values = np.asarray(rates, float)
    known = np.sort(values[~np.isnan(values)])
    below = np.searchsorted(known, values, side="left")
    equal = np.searchsorted(known, values, side="right") - below
    position = np.searchsorted(CLASS_SHARES, (below + equal / 2) / max(len(known), 1), side="right")
    return _named(position, np.isnan(values))


def unsure_rates(low: ArrayLike, high: ArrayLike) -> NDArray[np.bool_]:
    """Whether the interval of a rate goes over more than :data:`UNSURE_CLASSES` classes.

    Between two of :data:`RATE_CUTS` a rate counts in proportion of its logarithm; beyond them a
    class ends at a third of the least and at twice the greatest. Without an interval it is unsure.

    Examples
    --------
    >>> unsure_rates([40.0, 12.0, float("nan")], [58.0, 250.0, float("nan")]).tolist()
    [False, True, True]
    """
    cuts = np.log([RATE_CUTS[0] / 3, *RATE_CUTS, 2 * RATE_CUTS[-1]])
    ends = [np.log(np.maximum(np.asarray(end, float), 1e-9)) for end in (low, high)]
    first, last = (np.interp(end, cuts, np.arange(len(cuts))) for end in ends)
    return np.asarray(~(last - first <= UNSURE_CLASSES))
