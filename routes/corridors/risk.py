"""Risk of a corridor: volume, who is on it, how hidden it is, and what waits at the end.

``score = 10 (exp(sum_k w_k ln x_k) - 1) / 9`` with each component scaled to x in [1, 10]; the
geometric mean keeps one high component from hiding a low one (as INFORM does between dimensions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.classes import classify

__all__ = [
    "COMPONENTS",
    "RiskWeights",
    "interval",
    "risk_class",
    "risk_score",
]

COMPONENTS = ("volume", "vulnerability", "unofficial_share", "hazard")


@dataclass(frozen=True, kw_only=True)
class RiskWeights:
    """Weights of the components (a judgement; varied in the ensemble) and the volume's scale.

    Attributes
    ----------
    volume, vulnerability, unofficial_share, hazard : float
        Weights; only their proportions matter.
    full_volume : float
        Persons a year at which the volume component reaches 10.
    """

    volume: float = 0.40
    vulnerability: float = 0.25
    unofficial_share: float = 0.15
    hazard: float = 0.20
    full_volume: float = 1_000.0

    def as_array(self) -> NDArray[np.float64]:
        """Weights in the order of :data:`COMPONENTS`, summing to 1."""
        weights = np.array([getattr(self, name) for name in COMPONENTS])
        return np.asarray(weights / weights.sum(), float)


def risk_score(
    *,
    persons: ArrayLike,
    vulnerability: ArrayLike,
    unofficial_share: ArrayLike,
    hazard: ArrayLike,
    weights: RiskWeights,
    vary: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Score 0-10 of one or many corridors.

    Parameters
    ----------
    persons : persons a year, >= 0
    vulnerability : flow-weighted index of the origins, 0-10
    unofficial_share : share of the flow through at least one unofficial terminal, 0-1
    hazard : flow-weighted hazard of the destinations, 0-10
    vary : array (4,), optional
        Other weights, summing to 1 (a draw of the ensemble).

    Examples
    --------
    >>> score = risk_score(
    ...     persons=[10, 1_000],
    ...     vulnerability=5.0,
    ...     unofficial_share=0.5,
    ...     hazard=8.0,
    ...     weights=RiskWeights(),
    ... )
    >>> score.round(1).tolist()
    [4.8, 7.3]
    """
    volume = np.log1p(np.asarray(persons, float)) / np.log1p(weights.full_volume)
    parts = (
        np.clip(volume, 0, 1),
        np.clip(np.asarray(vulnerability, float) / 10, 0, 1),
        np.clip(np.asarray(unofficial_share, float), 0, 1),
        np.clip(np.asarray(hazard, float) / 10, 0, 1),
    )
    scaled = 1 + 9 * np.stack(np.broadcast_arrays(*parts), axis=-1)
    w = weights.as_array() if vary is None else vary
    return np.asarray(10 * (np.exp(np.log(scaled) @ w) - 1) / 9)


def risk_class(score: float) -> str:
    """Class of one score by the common cut points (:mod:`geo.classes`).

    Examples
    --------
    >>> risk_class(3.96)
    'medium'
    """
    return str(classify(score))


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
