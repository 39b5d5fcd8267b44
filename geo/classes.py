"""The five classes of a score from 0 to 10, and the class of what was not assessed.

The one place where a score becomes a class. Data, registry, files, HTTP and the page hold the
slugs; their names for people are in the catalogue as ``class.<slug>``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ALL_CLASSES", "CLASSES", "CLASS_CUTS", "NOT_ASSESSED", "classify"]

CLASSES = ("very_low", "low", "medium", "high", "very_high")
"""From the lowest score to the highest."""

NOT_ASSESSED = "not_assessed"
"""Class where there is nothing to judge from; it does not mean safe."""

ALL_CLASSES = (*CLASSES, NOT_ASSESSED)

CLASS_CUTS = (2.0, 4.0, 6.0, 8.0)
"""Scores that separate the classes; a score on a cut belongs to the class above."""


def classify(scores: ArrayLike, cuts: ArrayLike = CLASS_CUTS) -> NDArray[np.object_]:
    """Class of each score, shaped as ``scores``; NaN is :data:`NOT_ASSESSED`.

    Examples
    --------
    >>> classify([1.9, 4.0, 9.0, float("nan")]).tolist()
    ['very_low', 'medium', 'very_high', 'not_assessed']
    """
    values = np.asarray(scores, float)
    position = np.searchsorted(np.asarray(cuts, float), values, side="right")
    names = np.array(ALL_CLASSES, dtype=object)
    return np.asarray(names[np.where(np.isnan(values), len(CLASSES), position)])
