"""How far what a scenario assumes may be off, one value for each draw.

Two numbers of a scenario are assumed: how strongly departures follow the vulnerability index, and
what a task force or service prevents where the scenario gives no share. Both have a spread here,
itself assumed (confidence low: no evaluation with a number is known), so that intervals include it.
A draw's values depend on its number alone: every scenario sees the same, and more draws change
none. They are quantiles at the fractions of ``k sqrt(2)`` and ``k phi``, which fill 0 to 1
evenly, so that the mean of few draws is near what is assumed centrally.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, ndtri

from routes.graph.arrays import Floats
from routes.scenarios.file import EFFECT

__all__ = ["EFFECT_STRENGTH", "ELASTICITY_SPREAD", "drawn_effect", "drawn_elasticity"]

ELASTICITY_SPREAD = 0.25
"""Standard deviation of the logarithm of the elasticity (assumed): nine in ten of 0.66 to 1.51."""
EFFECT_STRENGTH = 20.0
"""``a + b`` of the Beta distribution of the effect (assumed): nine in ten of 2 to 23 %."""
_ROOT, _GOLDEN = 2.0**0.5, (1.0 + 5.0**0.5) / 2.0


def drawn_elasticity(central: float, draws: int) -> Floats:
    """The elasticity of the central model and of each draw, shape ``(1 + draws,)``; median
    ``central``.
    """
    spread = np.exp(ELASTICITY_SPREAD * ndtri(_even(draws, _ROOT)))
    return central * np.concatenate([[1.0], spread])


def drawn_effect(draws: int) -> Floats:
    """The share of departures prevented, centrally and by draw, shape ``(1 + draws,)``."""
    a, b = EFFECT * EFFECT_STRENGTH, (1.0 - EFFECT) * EFFECT_STRENGTH
    return np.concatenate([[EFFECT], betaincinv(a, b, _even(draws, _GOLDEN))])


def _even(draws: int, step: float) -> Floats:
    """Numbers between 0 and 1, evenly spread however many they are (Weyl)."""
    return np.asarray(np.arange(1, draws + 1) * step % 1.0, float)
