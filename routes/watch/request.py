"""A request for a watch plan: the budget that an office has, its bounds and its rules."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from geo.errors import InputError
from geo.requests import Name, RequestModel

__all__ = ["LITRES_PER_HOUR", "MOST_WEEKS", "WatchPlanRequest"]

MOST_WEEKS = 12
"""A quarter: beyond it no timetable holds."""
LITRES_PER_HOUR = (15.0, 25.0, 40.0)
"""Litres an hour of a small patrol boat: low, as reckoned, high (assumed)."""

_Weeks = Annotated[tuple[Annotated[int, Field(ge=1, le=MOST_WEEKS)], ...], Field(max_length=100)]
_Office = Annotated[str, Field(min_length=2, max_length=60)]


class WatchPlanRequest(RequestModel):
    """What an office has for watching; see :func:`routes.watch.plan.plan_watch`."""

    hours: float = Field(gt=0, le=20_000, description="Person-hours a week.")
    persons: int = Field(default=2, ge=1, le=50, description="Persons on a shift.")
    watch_hours: float = Field(default=4, ge=1, le=24, description="Hours of one shift.")
    travel_hours: float = Field(
        default=0, ge=0, le=48, description="Hours there and back that each shift takes beside it."
    )
    boats: int = Field(default=0, ge=0, le=50, description="Boats, each out once a day.")
    litres: float = Field(default=0, ge=0, le=1e6, description="Litres of fuel a week.")
    litres_per_hour: float = Field(
        default=LITRES_PER_HOUR[1], gt=0, le=1_000, description="Fuel of a boat (assumed)."
    )
    agencies: tuple[_Office, ...] = Field(
        default=(), max_length=10, description="Names of the offices that staff it."
    )
    within: Name | None = Field(default=None, description="An area, by code or name.")
    weeks: int = Field(default=4, ge=1, le=MOST_WEEKS, description="Weeks of the roster.")
    start: str | None = Field(
        default=None, pattern=r"^\d{4}-W\d{2}$", description="ISO week it starts in, 2026-W49."
    )
    unwatched_share: float | None = Field(
        default=None, ge=0, le=1,
        description="Least share of the hours for landings (where none is on record, places) that "
        "nobody watches today; by default a fifth, or what boats allow.",
    )  # fmt: skip
    rotation_share: float = Field(
        default=0.5, ge=0, le=1, description="Most of the shifts that may serve rotation alone."
    )
    most_weeks_share: float = Field(
        default=0.75, gt=0, le=1, description="Most of the weeks that one place is watched in."
    )
    calls: dict[Name, _Weeks] = Field(
        default_factory=dict,
        description="Weeks (1, 2, ...) in which a sailing calls, by its id, once for each call.",
    )
    seed: int | None = Field(
        default=None, ge=0, lt=2**53, description="Repeats a roster; the office alone holds it."
    )
    draws: int = Field(
        default=30, ge=0, le=1_000, description="Draws behind the interval; 0: central model alone."
    )

    @property
    def shift_hours(self) -> float:
        """Person-hours that one shift takes of the budget, with the way there and back."""
        return self.persons * (self.watch_hours + self.travel_hours)

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        each = self.watch_hours + self.travel_hours
        if self.hours < self.shift_hours:
            raise InputError(
                "watch.too_few_hours", hours=self.hours, shift=self.shift_hours,
                persons=self.persons, each=each, field="hours",
            )  # fmt: skip
        late = [week for weeks in self.calls.values() for week in weeks if week > self.weeks]
        if late:
            raise InputError("watch.call_after", week=late[0], weeks=self.weeks, field="calls")
        return self
