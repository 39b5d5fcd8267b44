"""The five classes of a score from 0 to 10 or of a rate, and the class of what was not assessed.

The one place where a number becomes a class, or is too uncertain to be stated. Data, registry,
files, HTTP and the page hold the slugs; their names for people are in the catalogue as
``class.<slug>``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ALL_CLASSES", "CLASSES", "CLASS_CUTS", "CLASS_SHARES", "NOT_ASSESSED", "RATE_CUTS",
    "SCORE_DECIMALS", "UNSURE_BELOW", "class_probability", "classify", "classify_rates",
    "classify_within", "is_stated", "shown", "significant",
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

UNSURE_BELOW = 0.4
"""A class that is less likely than this may as well be another, and is drawn so."""

_WIDEST = 10.0
"""Ratio of the 95th to the 5th percentile above which departures are too uncertain for a number."""

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


def is_stated(p05: ArrayLike, p95: ArrayLike) -> NDArray[np.bool_]:
    """Whether departures with this 90 % interval are certain enough to be stated as a number.

    An area whose 95th percentile is more than ten times its 5th has no number, wherever it is
    shown: in the layer of areas and in plans alike.

    Examples
    --------
    >>> is_stated([10.0, 10.0, 0.0], [100.0, 101.0, 0.0]).tolist()
    [True, False, False]
    """
    low, high = np.asarray(p05, float), np.asarray(p95, float)
    return np.asarray((high > 0) & (high <= _WIDEST * low))


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


def class_probability(rates: ArrayLike, classes: ArrayLike) -> NDArray[np.float64]:
    """How likely the class of each area is: the share of draws whose rate is of it.

    Parameters
    ----------
    rates : array_like, shape (draws, areas)
        Departures a year per 100,000 people.
    classes : array_like, shape (areas,)
        NaN is returned for :data:`NOT_ASSESSED`.

    Examples
    --------
    >>> class_probability([[40.0, 12.0], [58.0, 250.0], [70.0, 80.0]], ["low", "not_assessed"])
    array([0.66666667,        nan])
    """
    drawn = np.searchsorted(RATE_CUTS, np.asarray(rates, float), side="right")
    own = np.array([ALL_CLASSES.index(name) for name in np.asarray(classes, object)])
    return np.where(own < len(CLASSES), (drawn == own).mean(axis=0), np.nan)
