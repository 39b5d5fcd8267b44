"""A request for a post plan: its fields, their bounds and the rules between them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from geo.errors import InputError
from geo.requests import Money, Name, NodeName, RequestModel, repeated

__all__ = ["STAFFED_HOURS", "PostPlanRequest"]

STAFFED_HOURS = 168.0
"""Hours in a week: a post that is always staffed."""

_Nodes = Annotated[tuple[NodeName, ...], Field(max_length=2_000)]


class PostPlanRequest(RequestModel):
    """A request for a post plan; see :func:`routes.posts.plan.plan_posts`."""

    k: int | None = Field(
        default=None, ge=1, le=10_000, description="Number of posts; with a budget, the most."
    )
    budget: Money | None = Field(
        default=None, validation_alias="budget_idr", description="Rupiah; needs costs."
    )
    fixed: _Nodes = Field(default=(), description="Terminals that get a post.")
    forbidden: _Nodes = Field(default=(), description="Terminals that get none.")
    costs: dict[NodeName, Money] | None = Field(default=None, description="Rupiah by terminal.")
    within: Name | None = Field(default=None, description="An area, by code or name.")
    hours_per_week: float = Field(
        default=STAFFED_HOURS, ge=0, le=STAFFED_HOURS, description="Staffed hours."
    )
    draws: int = Field(
        default=30, ge=0, le=1_000, description="Draws behind the interval; 0: central model alone."
    )
    cvar: float = Field(
        default=0.9, ge=0, lt=1, description="Plan for the mean of the worst 1 - cvar of the draws."
    )

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        for name, nodes in (("fixed", self.fixed), ("forbidden", self.forbidden)):
            if (node := repeated(nodes)) is not None:
                raise InputError("posts.named_twice", name=name, node=node, field=name)
        if both := [node for node in self.fixed if node in self.forbidden]:
            raise InputError("posts.fixed_and_forbidden", terminal=both[0], field="forbidden")
        if self.k is None and self.budget is None:
            raise InputError("posts.no_limit", field="k")
        if self.k is not None and self.k < len(self.fixed):
            raise InputError("posts.more_fixed", k=self.k, fixed=len(self.fixed), field="k")
        if self.budget is not None and self.costs is None:
            raise InputError("posts.no_costs", field="costs")
        return self
