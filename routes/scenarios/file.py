"""Scenarios as people write them: a short TOML file, or the same as a mapping.

Its parts are ``[[posts]]``, ``[[legs]]``, ``[[indicators]]``, ``[[demand]]`` and ``[[services]]``;
an example of each entry is in :mod:`routes.scenarios.template`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import EnvironmentProblem, InputError, os_reason
from geo.i18n import Message
from geo.modes import MODES
from routes.flow.model import Post
from routes.posts.plan import POST, staffed_post

__all__ = [
    "EFFECT",
    "LegChange",
    "PostChange",
    "Scenario",
    "parse_scenario",
    "read_changes",
    "read_scenario",
]

EFFECT = 0.10
"""Share of departures that a new task force or service prevents by default (assumed,
confidence low: no evaluation with a number is known)."""

_MOST = 200


@dataclass(frozen=True)
class PostChange:
    """A post that is added, removed or staffed otherwise."""

    terminal: str
    change: str
    post: Post


@dataclass(frozen=True)
class LegChange:
    """A leg that is opened, closed, or served more or less often; both ways."""

    start: str
    end: str
    change: str
    mode: str
    departures_per_week: float
    hours: float
    fare_idr: float


@dataclass(frozen=True)
class Scenario:
    """What is to be different; the empty scenario changes nothing.

    Attributes
    ----------
    posts : tuple of PostChange
    legs : tuple of LegChange
    indicators : tuple of (area code, indicator, change)
    demand : tuple of (area code, factor)
    services : tuple of (area code, kind, share of departures prevented, assumed?)
    """

    name: str = ""
    note: str = ""
    posts: tuple[PostChange, ...] = ()
    legs: tuple[LegChange, ...] = ()
    indicators: tuple[tuple[str, str, float], ...] = ()
    demand: tuple[tuple[str, float], ...] = ()
    services: tuple[tuple[str, str, float, bool], ...] = ()

    @property
    def only_areas(self) -> bool:
        """Whether no post changes."""
        return not self.posts

    @property
    def assumptions(self) -> tuple[Message, ...]:
        """What an answer to the scenario rests on most."""
        full = {"hours": POST.deterrence_h, "detection": POST.detection}
        stated = [not assumed for *_, assumed in self.services]
        rests_on = (
            (self.posts, Message("assumption.full_time_post", full)),
            (not all(stated), Message("assumption.new_service")),
            (self.indicators, Message("assumption.elasticity")),
            (self.demand or any(stated), Message("assumption.stated_effects")),
            (self.legs, Message("assumption.leg_cost")),
        )
        return tuple(message for holds, message in rests_on if holds)

    def undone(self) -> Scenario:
        """The scenario with every change taken back: nothing is left of it but its name."""
        return Scenario(name=self.name, note=self.note)


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file; :class:`InputError` names the entry at fault."""
    return parse_scenario(read_changes(path))


def read_changes(path: Path) -> dict[str, Any]:
    """The entries of a scenario file, not checked yet; :class:`InputError` if it is not TOML."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("scenario.no_utf8", name=path.name, field="file") from error
    except OSError as error:
        reason = os_reason(error)
        raise EnvironmentProblem("scenario.unreadable", path=path, reason=reason) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("scenario.no_toml", name=path.name, reason=error, field="file") from error


def parse_scenario(document: Mapping[str, Any]) -> Scenario:
    """Check a scenario given as a mapping.

    Raises
    ------
    InputError
        ``field`` is the entry, such as ``posts[0].terminal``.
    """
    parts = {"name", "note", "posts", "legs", "indicators", "demand", "services"}
    _only(document, parts, "")
    entries = {
        part: _list(document.get(part, []), part)
        for part in ("posts", "legs", "indicators", "demand", "services")
    }
    posts = [_post(entry, f"posts[{i}]") for i, entry in enumerate(entries["posts"])]
    legs = [_leg(entry, f"legs[{i}]") for i, entry in enumerate(entries["legs"])]
    indicators, demand, services = [], [], []
    for i, entry in enumerate(entries["indicators"]):
        at = f"indicators[{i}]"
        _only(entry, {"area", "indicator", "change"}, f"{at}.")
        change = _number(entry, "change", at)
        indicators.append((_text(entry, "area", at), _text(entry, "indicator", at), change))
    for i, entry in enumerate(entries["demand"]):
        at = f"demand[{i}]"
        _only(entry, {"area", "factor"}, f"{at}.")
        demand.append((_text(entry, "area", at), _number(entry, "factor", at, low=0.0, high=100.0)))
    for i, entry in enumerate(entries["services"]):
        at = f"services[{i}]"
        _only(entry, {"area", "kind", "reduces_departures"}, f"{at}.")
        given = "reduces_departures" in entry
        share = _number(entry, "reduces_departures", at, low=0.0, high=1.0) if given else EFFECT
        services.append((_text(entry, "area", at), _text(entry, "kind", at), share, not given))
    _once([p.terminal for p in posts], "posts")
    _once([f"{leg.start} - {leg.end} {leg.mode}".strip() for leg in legs], "legs")
    _once([f"{area} {name}" for area, name, _ in indicators], "indicators")
    _once([area for area, _ in demand], "demand")
    _once([f"{area} {kind}" for area, kind, *_ in services], "services")
    return Scenario(
        name=_text(document, "name", "", default=""),
        note=_text(document, "note", "", default=""),
        posts=tuple(posts), legs=tuple(legs), indicators=tuple(indicators), demand=tuple(demand),
        services=tuple(services),
    )  # fmt: skip


def _post(entry: Mapping[str, Any], at: str) -> PostChange:
    allowed = {"terminal", "change", "hours_per_week", "deterrence_h", "detection"}
    _only(entry, allowed, f"{at}.")
    change = _choice(entry, "change", at, ("add", "remove", "restaff"))
    strengths = {"deterrence_h", "detection"} & set(entry)
    if strengths and "hours_per_week" in entry:
        raise InputError("scenario.hours_or_effect", at=at, field=f"{at}.hours_per_week")
    if strengths:
        post = Post(
            deterrence_h=_number(entry, "deterrence_h", at, low=0.0, high=1e4, default=0.0),
            detection=_number(entry, "detection", at, low=0.0, high=1.0, default=0.0),
        )
    else:
        post = staffed_post(
            _number(entry, "hours_per_week", at, low=0.0, high=168.0, default=168.0)
        )
    return PostChange(_text(entry, "terminal", at), change, post)


def _leg(entry: Mapping[str, Any], at: str) -> LegChange:
    _only(
        entry, {"from", "to", "change", "mode", "departures_per_week", "hours", "fare_idr"},
        f"{at}.",
    )  # fmt: skip
    change = _choice(entry, "change", at, ("sailings", "open", "close"))
    nan = float("nan")
    weekly = _number(entry, "departures_per_week", at, low=1e-3, high=1e4, default=nan)
    hours = _number(entry, "hours", at, low=0.0, high=1e4, default=nan)
    if change == "sailings" and np.isnan(weekly):
        raise InputError("scenario.no_departures", at=at, field=f"{at}.departures_per_week")
    if change == "open" and (np.isnan(hours) or np.isnan(weekly) or "mode" not in entry):
        missing = "mode" if "mode" not in entry else "hours" if np.isnan(hours) else (
            "departures_per_week"
        )  # fmt: skip
        raise InputError("scenario.leg_needs", at=at, missing=missing, field=f"{at}.{missing}")
    mode = _text(entry, "mode", at, default="")
    if mode and mode not in MODES:
        raise InputError("modes.unknown_mode", field=f"{at}.mode", mode=mode, modes=list(MODES))
    start, end = _text(entry, "from", at), _text(entry, "to", at)
    if start == end:
        raise InputError("scenario.leg_to_itself", at=at, field=f"{at}.to")
    fare = _number(entry, "fare_idr", at, low=0.0, high=1e9, default=nan)
    return LegChange(start, end, change, mode, weekly, hours, fare)


def _list(value: Any, part: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise InputError("scenario.no_list", part=part, field=part)
    if len(value) > _MOST:
        raise InputError("scenario.too_many", part=part, value=len(value), most=_MOST, field=part)
    return value


def _only(entry: Mapping[str, Any], names: set[str], at: str) -> None:
    for name in entry:
        if name not in names:
            raise InputError(
                "scenario.unknown_entry",
                at=at,
                name=name,
                choices=sorted(names),
                field=f"{at}{name}",
            )


def _text(entry: Mapping[str, Any], name: str, at: str, *, default: str | None = None) -> str:
    value = entry.get(name, default)
    where = f"{at}.{name}" if at else name
    if not isinstance(value, str) or (not value.strip() and default is None) or len(value) > 500:
        raise InputError("scenario.no_text", where=where, field=where)
    return value.strip()


def _choice(entry: Mapping[str, Any], name: str, at: str, choices: tuple[str, ...]) -> str:
    value = _text(entry, name, at, default=choices[0])
    if value not in choices:
        raise InputError(
            "scenario.choice", at=at, name=name, value=value, choices=choices, field=f"{at}.{name}"
        )
    return value


def _number(
    entry: Mapping[str, Any],
    name: str,
    at: str,
    *,
    low: float = -1e6,
    high: float = 1e6,
    default: float | None = None,
) -> float:
    where = f"{at}.{name}"
    if name not in entry and default is not None:
        return default
    value = entry.get(name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # type: ignore[operator]
        raise InputError("scenario.no_number", where=where, low=low, high=high, field=where)
    return float(value)  # type: ignore[arg-type]


def _once(names: list[str], part: str) -> None:
    for i, name in enumerate(names):
        if name in names[:i]:
            at = f"{part}[{i}]"
            raise InputError("scenario.repeated", at=at, entry=name, field=at)
