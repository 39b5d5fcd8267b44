"""The answer to one corridor named by its places: persons, score, class, components, origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.classes import NOT_ASSESSED, shown
from geo.errors import InputError
from geo.i18n import Message
from geo.names import NamedThing
from routes.corridors.measure import CorridorSummary, measure_corridors
from routes.corridors.risk import COMPONENTS, class_probabilities, interval, risk_class
from routes.corridors.terminal_walks import TerminalLayout

if TYPE_CHECKING:
    from routes.build.model import Build

__all__ = ["CorridorAnswer", "describe_corridor"]

_NOBODY = 1e-6
"""Persons a year below which nobody is expected."""
_LEAST_SHARE = 1e-6
"""Regencies with a smaller share of a corridor's persons are left out."""


@dataclass(frozen=True)
class CorridorAnswer:
    """The answer to ``petajaga corridor``.

    Attributes
    ----------
    waypoints : tuple of NamedThing
    persons_per_year, score : mapping
        ``mean, p05, p95``; the score is rounded as it is shown (:func:`geo.classes.shown`).
    risk_class : str
        Class of the mean score.
    p_class : mapping, optional
        Probability of each class: share of the draws; None where nobody is expected.
    components : dict
        Means over the draws of :data:`routes.corridors.risk.COMPONENTS`.
    origins : tuple of dict
        ``code, name, share`` of the regencies where the persons start, largest share first.
    reason : Message, optional
        Why nobody is expected.
    """

    waypoints: tuple[NamedThing, ...]
    persons_per_year: Mapping[str, float]
    score: Mapping[str, float]
    risk_class: str
    p_class: Mapping[str, float] | None
    components: dict[str, float]
    origins: tuple[dict[str, Any], ...]
    reason: Message | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; ``reason`` is there only where nobody is expected."""
        answer: dict[str, Any] = {
            "waypoints": [{"id": w.id, "name": w.name, "kind": w.kind} for w in self.waypoints],
            "persons_per_year": self.persons_per_year,
            "score": self.score,
            "class": self.risk_class,
            "p_class": self.p_class,
            "components": self.components,
            "origins": list(self.origins),
        }
        return answer if self.reason is None else {**answer, "reason": self.reason.as_dict()}


def describe_corridor(build: Build, names: Sequence[str]) -> CorridorAnswer:
    """Resolve the names and measure the corridor through them on every draw of the build.

    Where nobody is expected (unreachable, in another order, one place twice in a row) everything
    is zero, the class is ``not_assessed``, and the reason says why.

    Raises
    ------
    UnknownNameError, AmbiguousNameError
        With the nearest or the several matches.
    InputError
        If no name is given.

    Examples
    --------
    >>> from routes.build import load_build
    >>> answer = describe_corridor(load_build(), ["Kupang", "Nunukan"])  # doctest: +SKIP
    >>> answer.risk_class  # doctest: +SKIP
    'medium'
    """
    if not names:
        raise InputError("corridor.no_place", field="waypoints")
    waypoints = tuple(build.gazetteer.get(name) for name in names)
    draws = build.terminal_draws
    reason = _why_unreachable(waypoints, draws.layout)
    if reason is None:
        summary = measure_corridors(draws, [[waypoint.members for waypoint in waypoints]])
        if summary.persons.mean() >= _NOBODY:
            return _answer(build, waypoints, summary)
        reason = Message("corridor.nobody")
    zero = {"mean": 0.0, "p05": 0.0, "p95": 0.0}
    return CorridorAnswer(
        waypoints=waypoints,
        persons_per_year=zero,
        score=zero,
        risk_class=NOT_ASSESSED,
        p_class=None,
        components=dict.fromkeys(COMPONENTS, 0.0),
        origins=(),
        reason=reason,
    )


def _answer(
    build: Build, waypoints: tuple[NamedThing, ...], summary: CorridorSummary
) -> CorridorAnswer:
    score = interval(summary.score[:, 0])
    return CorridorAnswer(
        waypoints=waypoints,
        persons_per_year=interval(summary.persons[:, 0]),
        score={end: shown(value) for end, value in score.items()},
        risk_class=risk_class(score["mean"]),
        p_class={
            name: float(share[0]) for name, share in class_probabilities(summary.score).items()
        },
        components={name: float(values[0]) for name, values in summary.components.items()},
        origins=tuple(_origins(build, summary)),
    )


def _origins(build: Build, summary: CorridorSummary) -> list[dict[str, Any]]:
    """Regencies where the persons of a corridor start, largest share first."""
    share = summary.by_regency[0] / summary.by_regency[0].sum()
    codes, names = build.terminal_draws.layout.regencies, build.regency_names
    return [
        {
            "code": str(codes[k]),
            "name": names.get(str(codes[k]), str(codes[k])),
            "share": round(float(share[k]), 6),
        }
        for k in np.argsort(-share, kind="stable")
        if share[k] > _LEAST_SHARE
    ]


def _why_unreachable(waypoints: Sequence[NamedThing], layout: TerminalLayout) -> Message | None:
    for waypoint in waypoints:
        if not waypoint.members & layout.position.keys():
            return Message("corridor.unreachable", {"place": waypoint.name})
    for before, after in pairwise(waypoints):
        if before == after:
            return Message("corridor.named_twice", {"place": before.name})
    return None
