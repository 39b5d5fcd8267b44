"""A scenario as it is requested: its changes, their bounds and the rules between them.

Its parts are ``[[posts]]``, ``[[legs]]``, ``[[indicators]]``, ``[[demand]]`` and ``[[services]]``;
an example of each entry is in :mod:`routes.scenarios.template`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, ValidationError, model_validator

from geo.errors import InputError
from geo.modes import MODES
from geo.requests import RequestModel, reason_of, repeated
from routes.posts.request import STAFFED_HOURS

__all__ = [
    "EFFECT",
    "MOST_CORRIDORS",
    "SERVICES",
    "DemandChange",
    "EvaluationOptions",
    "IndicatorChange",
    "LegChange",
    "PostChange",
    "Scenario",
    "ServiceChange",
]

EFFECT = 0.10
"""Share of departures that a new task force or service prevents by default (assumed,
confidence low: no evaluation with a number is known)."""
SERVICES = (
    "bp3mi", "immigration_office", "ltsa", "p2tp2a", "p4mi", "police_ppa", "polres", "task_force",
    "uptd_ppa", "village_task_force",
)  # fmt: skip
"""Kinds that a province, regency or village can be given; a consulate or a checkpoint is none."""
MOST_CORRIDORS = 50
"""Corridors that a scenario may compare, the largest first."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
_NAN = float("nan")
_NEEDED = {
    "sailings": ("departures_per_week",),
    "open": ("mode", "hours", "departures_per_week"),
    "close": (),
}
"""Fields without which a change of a leg means nothing."""


class _Entry(RequestModel):
    model_config = ConfigDict(populate_by_name=False, allow_inf_nan=False)

    def check_rules(self, at: str) -> None:
        """Refuse fields that do not go together; ``at`` is the place of the entry."""


class PostChange(_Entry):
    """A post that is added, removed or staffed differently."""

    terminal: _Text
    change: Literal["add", "remove", "restaff"] = "add"
    hours_per_week: float = Field(default=STAFFED_HOURS, strict=True, ge=0, le=STAFFED_HOURS)
    deterrence_h: float = Field(default=0.0, strict=True, ge=0, le=1e4)
    detection: float = Field(default=0.0, strict=True, ge=0, le=1)

    @property
    def has_strength(self) -> bool:
        """Whether deterrence or detection is stated, in place of the hours staffed."""
        return not self.model_fields_set.isdisjoint({"deterrence_h", "detection"})

    def check_rules(self, at: str) -> None:
        """Refuse hours and strength together."""
        if self.has_strength and "hours_per_week" in self.model_fields_set:
            raise InputError("scenario.hours_or_effect", at=at, field=f"{at}.hours_per_week")


class LegChange(_Entry):
    """A leg that is opened, closed, or served more or less often; both ways."""

    start: _Text = Field(validation_alias="from")
    end: _Text = Field(validation_alias="to")
    change: Literal["sailings", "open", "close"] = "sailings"
    mode: _Title = ""
    departures_per_week: float = Field(default=_NAN, strict=True, ge=1e-3, le=1e4)
    hours: float = Field(default=_NAN, strict=True, ge=0, le=1e4)
    fare_idr: float = Field(default=_NAN, strict=True, ge=0, le=1e9)

    def check_rules(self, at: str) -> None:
        """Refuse what lacks a field for its change, an unknown mode, a leg to itself."""
        missing = [name for name in _NEEDED[self.change] if name not in self.model_fields_set]
        if missing and self.change == "sailings":
            raise InputError("scenario.no_departures", at=at, field=f"{at}.{missing[0]}")
        if missing:
            field = f"{at}.{missing[0]}"
            raise InputError("scenario.leg_needs", at=at, missing=missing[0], field=field)
        if self.mode and self.mode not in MODES:
            field = f"{at}.mode"
            raise InputError("modes.unknown_mode", field=field, mode=self.mode, modes=list(MODES))
        if self.start == self.end:
            raise InputError("scenario.leg_to_itself", at=at, field=f"{at}.to")


class IndicatorChange(_Entry):
    """A change of one indicator in an area, in the indicator's unit."""

    area: _Text
    indicator: _Text
    change: float = Field(strict=True, ge=-1e6, le=1e6)


class DemandChange(_Entry):
    """A factor on the departures from an area."""

    area: _Text
    factor: float = Field(strict=True, ge=0, le=100)


class ServiceChange(_Entry):
    """A new service or task force in an area, and the share of departures that it prevents."""

    area: _Text
    kind: _Text
    reduces_departures: float = Field(default=EFFECT, strict=True, ge=0, le=1)

    @property
    def assumed(self) -> bool:
        """Whether the share is the default."""
        return "reduces_departures" not in self.model_fields_set


_ENTRIES: Mapping[str, tuple[type[_Entry], tuple[str, ...]]] = {
    "posts": (PostChange, ("terminal",)),
    "legs": (LegChange, ("start", "end", "mode")),
    "indicators": (IndicatorChange, ("area", "indicator")),
    "demand": (DemandChange, ("area",)),
    "services": (ServiceChange, ("area", "kind")),
}
"""The entries of each part, and the fields that no two of them share."""
_Most = Field(default=(), max_length=200)


class Scenario(RequestModel):
    """What is to be different; the empty scenario changes nothing.

    Examples
    --------
    >>> scenario = Scenario.of(demand=[{"area": "53.04", "factor": 1.2}])
    >>> scenario.demand[0].factor
    1.2
    >>> Scenario.of(demand=[{"area": "53.04", "factor": -1}])
    Traceback (most recent call last):
    geo.errors.InputError: demand[0].factor: it is at least 0.
    """

    name: _Title = ""
    note: _Title = ""
    posts: tuple[PostChange, ...] = _Most
    legs: tuple[LegChange, ...] = _Most
    indicators: tuple[IndicatorChange, ...] = _Most
    demand: tuple[DemandChange, ...] = _Most
    services: tuple[ServiceChange, ...] = _Most

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        for part, (_, keys) in _ENTRIES.items():
            entries = getattr(self, part)
            for i, entry in enumerate(entries):
                entry.check_rules(f"{part}[{i}]")
            names = [" ".join(getattr(entry, key) for key in keys) for entry in entries]
            if (name := repeated(names)) is not None:
                at = f"{part}[{names.index(name, names.index(name) + 1)}]"
                raise InputError("scenario.repeated", at=at, entry=name.strip(), field=at)
        return self

    @classmethod
    def of(cls, /, **document: Any) -> Self:
        """The scenario of a mapping, as from a file or an HTTP body.

        Raises
        ------
        InputError
            ``field`` is the entry at fault, such as ``posts[0].terminal``.
        """
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise _entry_error(error.errors(include_input=False, include_url=False)[0]) from None


class EvaluationOptions(RequestModel):
    """How a scenario is evaluated."""

    draws: int = Field(default=30, ge=0, le=1_000, description="Draws behind the intervals.")
    corridors: int = Field(
        default=5, ge=0, le=MOST_CORRIDORS, description="Largest corridors to compare."
    )


def _entry_error(fault: Mapping[str, Any]) -> InputError:
    """What is wrong with one entry, by the first of Pydantic's errors."""
    part, *inner = fault["loc"]
    field = part + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in inner)
    if fault["type"] == "extra_forbidden":
        name = str(fault["loc"][-1])
        model = _ENTRIES[part][0] if inner else Scenario
        choices = sorted(str(f.validation_alias or n) for n, f in model.model_fields.items())
        return InputError(
            "scenario.unknown_entry",
            at=field.removesuffix(name), name=name, choices=choices, field=field,
        )  # fmt: skip
    if fault["type"] in {"tuple_type", "model_type", "model_attributes_type"}:
        return InputError("scenario.no_list", part=part, field=part)
    return InputError("validation.field", field=field, name=field, reason=reason_of(fault))
