"""The answer to one corridor named by its places: persons, score, class, components, origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from geo.classes import NOT_ASSESSED
from geo.errors import InputError
from geo.names import Gazetteer, NamedThing
from routes.build.model import Build
from routes.corridors.measure import Measure, place_id
from routes.corridors.risk import COMPONENTS, RiskWeights, interval, risk_class, risk_score
from routes.flow.model import FlowModel
from routes.graph.arrays import Integers

__all__ = ["CorridorAnswer", "describe_corridor", "gazetteer_of", "origin_shares"]

_NOBODY = 1e-6
"""Persons a year below which nobody is expected."""


@dataclass(frozen=True)
class CorridorAnswer:
    """The answer to ``petajaga corridor``."""

    waypoints: tuple[NamedThing, ...]
    persons_per_year: Mapping[str, float]
    score: Mapping[str, float]
    risk_class: str
    components: dict[str, float]
    origins: tuple[dict[str, Any], ...]
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; ``reason`` is there only where nobody is expected."""
        answer: dict[str, Any] = {
            "waypoints": [{"id": w.id, "name": w.name, "kind": w.kind} for w in self.waypoints],
            "persons_per_year": self.persons_per_year,
            "score": self.score,
            "class": self.risk_class,
            "components": self.components,
            "origins": list(self.origins),
        }
        return answer if self.reason is None else {**answer, "reason": self.reason}


def gazetteer_of(build: Build) -> Gazetteer:
    """Names of the places, terminals and destinations of a build, in that precedence."""
    terminals = build.terminals

    def aliases(text: str) -> tuple[str, ...]:
        return tuple(a.strip() for a in text.split(";") if a.strip())

    things = [
        NamedThing(
            id=place_id(place),
            name=place,
            kind="place",
            members=frozenset(group["id"]),
        )
        for place, group in terminals.groupby("place", sort=True)
    ]
    things += [
        NamedThing(row.id, row.name, row.kind, frozenset({row.id}), aliases(row.aliases))
        for row in terminals.itertuples(index=False)
    ]
    things += [
        NamedThing(
            row.id, row.name, "destination", frozenset({row.id}),
            (row.name_en, *aliases(row.aliases)),
        )
        for row in build.destinations.itertuples(index=False)
    ]  # fmt: skip
    return Gazetteer(things)


def describe_corridor(build: Build, model: FlowModel, names: Sequence[str]) -> CorridorAnswer:
    """Resolve the names and answer for the corridor through them.

    Where nobody is expected (unreachable, in another order, one place twice in a row) everything
    is zero, the class is ``unknown``, and the reason says why.

    Raises
    ------
    UnknownNameError, AmbiguousNameError
        With the nearest or the several matches.
    InputError
        If no name is given.
    """
    if not names:
        raise InputError("corridor.no_place", field="waypoints")
    known = gazetteer_of(build)
    waypoints = tuple(known.get(name) for name in names)
    groups = [model.positions(waypoint.members) for waypoint in waypoints]
    meter = build.meter()
    central = meter.measure(model, [groups], build.node_vulnerability)[0]
    reason = _why_nobody(waypoints, groups, central.persons)
    if reason is not None:
        return _nobody(waypoints, reason)
    drawn = [
        meter.measure(fitted, [groups], build.draws.vulnerability[k])[0]
        for k, fitted in enumerate(build.drawn_models())
    ]
    score = [
        risk_score(
            persons=m.persons,
            vulnerability=m.vulnerability,
            unofficial_share=m.unofficial_share,
            hazard=m.hazard,
            weights=RiskWeights(),
            vary=build.draws.risk_weights[k],
        )
        for k, m in enumerate(drawn)
    ]
    persons = [m.persons for m in drawn]
    spread = interval(score)
    return CorridorAnswer(
        waypoints=waypoints,
        persons_per_year=interval(persons),
        score=spread,
        risk_class=risk_class(spread["mean"]),
        components={"volume": float(np.mean(persons))}
        | {c: float(np.mean([getattr(m, c) for m in drawn])) for c in COMPONENTS[1:]},
        origins=tuple(origin_shares(build, central)),
    )


def _nobody(waypoints: tuple[NamedThing, ...], reason: str) -> CorridorAnswer:
    zero = {"mean": 0.0, "p05": 0.0, "p95": 0.0}
    return CorridorAnswer(
        waypoints=waypoints,
        persons_per_year=zero,
        score=zero,
        risk_class=NOT_ASSESSED,
        components=dict.fromkeys(COMPONENTS, 0.0),
        origins=(),
        reason=reason,
    )


def origin_shares(build: Build, measure: Measure) -> list[dict[str, Any]]:
    """Regencies where the people of a corridor start, largest share first."""
    if measure.persons <= 0:
        return []
    by_regency = np.bincount(
        build.node_regency, measure.by_origin, minlength=len(build.regency_codes)
    )
    share = by_regency / by_regency.sum()
    order = np.argsort(-share, kind="stable")
    return [
        {
            "code": build.regency_codes[k],
            "name": build.regency_names[k],
            "share": round(float(share[k]), 6),
        }
        for k in order
        if share[k] > 1e-6
    ]


def _why_nobody(
    waypoints: Sequence[NamedThing], groups: Sequence[Integers], persons: float
) -> str | None:
    for waypoint, group in zip(waypoints, groups, strict=True):
        if not len(group):
            return f"no destination can be reached from {waypoint.name}"
    for before, after in pairwise(waypoints):
        if before == after:
            return f"{before.name} is named twice in a row; name each place of a corridor once"
    if persons < _NOBODY:
        return "no journey to a destination passes these places in this order"
    return None
