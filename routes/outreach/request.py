"""A request for an outreach plan: its fields, their bounds and the rules between them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from geo.errors import InputError
from geo.i18n import Message
from geo.modes import mode_of
from geo.requests import Money, Name, Names, RequestModel, repeated

__all__ = ["OutreachPlanRequest"]

_REACH_KM = 5.0
"""Default reach of a visit (assumed)."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Areas = Annotated[Names, BeforeValidator(_listed, json_schema_input_type=Name | Names)]
"""One area or several."""


class OutreachPlanRequest(RequestModel):
    """A request for an outreach plan; see :func:`routes.outreach.plan.plan_outreach`."""

    number: int | None = Field(
        default=None, ge=1, le=100_000, validation_alias="villages",
        description="Number of villages; exactly one of villages, budget_idr and days.",
    )  # fmt: skip
    budget: Money | None = Field(
        default=None, validation_alias="budget_idr", description="Rupiah; needs a cost."
    )
    days: float | None = Field(
        default=None, ge=0, le=1e6, allow_inf_nan=False, description="Days of travel and visits."
    )
    within: Areas = Field(
        default=(), description="Areas, by code or name: one or a list; what is in any of them."
    )
    per_regency: int | None = Field(
        default=None, ge=1, le=100_000, description="Most villages of one regency."
    )
    radius_km: float | None = Field(
        default=None, ge=0, le=1_000, description="How far a visit reaches; 5 km by default."
    )
    radius_hours: float | None = Field(
        default=None, ge=0, le=100, description="The same in hours by road."
    )
    floor: float = Field(
        default=0.0, ge=0, le=1, description="Least share of each regency's reachable departures."
    )
    must: Names = Field(default=(), description="Villages to visit, by id, code or name.")
    forbidden: Names = Field(default=(), description="Villages to leave out, by the same.")
    cost_per_village: Money | None = Field(default=None, validation_alias="cost_per_village_idr")
    cost_per_day: Money = Field(default=0.0, validation_alias="cost_per_day_idr")
    with_towns: bool = Field(
        default=False, description="Whether towns (Kota, kelurahan, seats) may be chosen."
    )
    base: Name | None = Field(
        default=None, description="A place to set out from; by default each regency's seat."
    )

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        limits = [name for name in ("number", "budget", "days") if getattr(self, name) is not None]
        if len(limits) != 1:
            raise InputError("outreach.no_limit", field=(*limits, "number")[0])
        if self.radius_km is not None and self.radius_hours is not None:
            raise InputError("outreach.one_radius", field="radius_hours")
        if self.budget is not None and self.cost_per_village is None and not self.cost_per_day:
            raise InputError("outreach.no_cost", field="cost_per_village")
        for name, villages in (("must", self.must), ("forbidden", self.forbidden)):
            if (village := repeated(villages)) is not None:
                listed = Message(f"outreach_list.{name}")
                raise InputError("outreach.named_twice", name=listed, village=village, field=name)
        if both := [village for village in self.must if village in self.forbidden]:
            raise InputError("outreach.must_and_forbidden", village=both[0], field="must")
        return self

    @property
    def limit(self) -> tuple[str, float]:
        """What limits the plan, ``number``, ``budget`` or ``days``, and how much of it there is."""
        values = {"number": self.number, "budget": self.budget, "days": self.days}
        return next((name, float(value)) for name, value in values.items() if value is not None)

    @property
    def reach_km(self) -> float:
        """Straight-line distance to which a visit reaches, km."""
        if self.radius_hours is not None:
            road = mode_of("road")
            return self.radius_hours * road.speed_kmh / road.detour
        return _REACH_KM if self.radius_km is None else self.radius_km
