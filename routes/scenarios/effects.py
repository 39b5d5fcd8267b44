"""What a scenario assumes, and the uncertainty of it, one value for each draw.

Two numbers of a scenario are assumed: how strongly departures follow the vulnerability index, and
what a task force or service prevents where the scenario gives no share. Both have a spread here,
itself assumed (confidence low: no evaluation with a number is known), so that intervals include it.
A draw's values depend on its number alone: they are the same for every scenario and any number of
draws. They are quantiles at the fractional parts of ``k sqrt(2)`` and ``k phi``, low-discrepancy
(Weyl) sequences in (0, 1), so that the mean of few draws is near the central assumption.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, ndtri

from geo.i18n import Message
from routes.graph.arrays import Floats
from routes.graph.checkpoints import DETECTION, DETERRENCE_H
from routes.scenarios.request import EFFECT, Scenario

__all__ = ["assumptions_of", "drawn_effect", "drawn_elasticity"]

_ELASTICITY_SPREAD = 0.25
"""Standard deviation of the logarithm of the elasticity (assumed): nine in ten of 0.66 to 1.51."""
_EFFECT_STRENGTH = 20.0
"""``a + b`` of the Beta distribution of the effect (assumed): nine in ten of 2 to 23 %."""
_ROOT, _GOLDEN = 2.0**0.5, (1.0 + 5.0**0.5) / 2.0


def drawn_elasticity(central: float, draws: int) -> Floats:
    """Elasticity of the central model and each draw, shape ``(1 + draws,)``; median ``central``."""
    spread = np.exp(_ELASTICITY_SPREAD * ndtri(_even(draws, _ROOT)))
    return central * np.concatenate([[1.0], spread])


def drawn_effect(draws: int) -> Floats:
    """The share of departures prevented, centrally and by draw, shape ``(1 + draws,)``."""
    a, b = EFFECT * _EFFECT_STRENGTH, (1.0 - EFFECT) * _EFFECT_STRENGTH
    return np.concatenate([[EFFECT], betaincinv(a, b, _even(draws, _GOLDEN))])


def _even(draws: int, step: float) -> Floats:
    """The Weyl sequence of ``step``: evenly spread in (0, 1) for any number of draws."""
    return np.asarray(np.arange(1, draws + 1) * step % 1.0, float)


def assumptions_of(scenario: Scenario) -> tuple[Message, ...]:
    """What the result of a scenario depends on most."""
    shares = DETECTION.values()
    full = {"hours": DETERRENCE_H, "least": min(shares), "most": max(shares)}
    assumed = [service.assumed for service in scenario.services]
    assumptions = (
        (scenario.posts, Message("assumption.full_time_post", full)),
        (any(assumed), Message("assumption.new_service")),
        (scenario.indicators, Message("assumption.elasticity")),
        (scenario.demand or not all(assumed), Message("assumption.stated_effects")),
        (scenario.legs, Message("assumption.leg_cost")),
    )
    return tuple(message for holds, message in assumptions if holds)
