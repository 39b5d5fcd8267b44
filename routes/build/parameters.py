"""Every default parameter of a build."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from geo.json_values import json_values
from routes.demand.model import DemandParameters
from routes.ensemble.draws import EnsembleParameters
from routes.graph.costs import CostParameters
from routes.graph.origins import PILOT_PROVINCES, OriginLevel

__all__ = ["DRAWS", "SEED", "ModelParameters"]

SEED = 2018
DRAWS = 1_000


@dataclass(frozen=True, kw_only=True)
class ModelParameters:
    """Every default parameter of a build, in one place.

    Attributes
    ----------
    theta : float
        Sensitivity to generalised cost, 1/hour.
    origins : {"village", "district", "seat"}
        Origins of the pilot provinces (:func:`routes.graph.origins.origin_points`).
    pilots : tuple of str
        Codes of the pilot provinces.
    corridor_limits : tuple of int
        Most corridors listed for a pilot province and for the whole nation (both are complete at
        95 % of the flow below that), and for any other province.
    """

    theta: float = 0.10
    costs: CostParameters = field(default_factory=CostParameters)
    demand: DemandParameters = field(default_factory=DemandParameters)
    ensemble: EnsembleParameters = field(default_factory=EnsembleParameters)
    origins: OriginLevel = "village"
    pilots: tuple[str, ...] = PILOT_PROVINCES
    corridor_limits: tuple[int, int] = (300, 15)

    def as_dict(self) -> dict[str, Any]:
        """All parameters as plain values, for the manifest and the id."""
        values: dict[str, Any] = json_values(self)
        return values
