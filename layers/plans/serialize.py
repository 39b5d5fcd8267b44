"""Serializers of plans and scenarios: plain values, one shape for HTTP and the command line.

A reader without the right to numbers gets shares, not persons
(:data:`layers.visibility.PERSONS_OF_PLANS` are absent). Nothing here holds a route, and only a post
plan the detection of posts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from geo.classes import significant
from geo.i18n import Message, languages
from geo.i18n.catalogue import DEFAULT_LANGUAGE
from geo.json_values import json_values
from layers.visibility import (
    PERSONS_OF_PLANS,
    PROVINCE_SHARE_STEP,
    SHARE_STEP,
    below_regency,
    coarse_share,
)

__all__ = [
    "comparison",
    "comparison_shares",
    "displacement",
    "moved_past",
    "outreach_answer",
    "posts_answer",
    "regret_said",
    "scenario_answer",
    "scenario_shares",
]

_SOLVER_TOLERANCE = 1e-6
"""Persons a year below which a change is the rounding of the solver."""
_ENDS = ("mean", "p05", "p95")
_GOOD = 0.1
"""Most of what the best set would stop that a plan may lose and be said to stay good."""
_TOLD_PLACES, _TOLD_PERSONS = 3, 10.0
"""Places past which people are moved that are told in words, with persons a year at least."""
_NUMBERS_OF_REGENCY = (
    "persons", "departures_per_100k", "persons_reachable", "persons_covered", "share_covered",
)  # fmt: skip
"""Of an outreach plan; none of a regency whose number is too uncertain to be stated."""
_VILLAGE_COLUMNS = ("base", "travel_hours", "travel_days", "cost", "lat", "lon")


def posts_answer(plan: Any, terminals: pd.DataFrame, posts: pd.DataFrame) -> dict[str, Any]:
    """A post plan.

    Parameters
    ----------
    plan : routes.posts.plan.PostPlan
    terminals : DataFrame
        ``id, name, kind, lat, lon, staffed_by, watched``.
    posts : DataFrame
        On record: ``terminal_id, since, until, evidence_from``.
    """
    dates = posts.set_index("terminal_id")[["since", "until", "evidence_from"]]
    rows = terminals.set_index("id").to_dict("index")

    def named(node: str) -> dict[str, Any]:
        return {"id": node, "name": rows[node]["name"]}

    persons = plan.interval["mean"]
    document = {
        "posts": [
            {
                **named(node),
                **{column: rows[node][column] for column in ("kind", "lon", "lat")},
                "marginal_persons": plan.marginal[node],
                "added_persons": plan.added[node],
                "staffed_by": [office for office in rows[node]["staffed_by"].split(";") if office],
                "watched": json.loads(rows[node].get("watched") or "[]"),
            }
            for node in plan.posts
        ],
        "in_force": [
            {
                **named(node),
                **{column: rows[node][column] for column in ("kind", "lon", "lat")},
                **{column: dates.loc[node, column] or None for column in dates},
                "deterrence_h": post.deterrence_h,
                "detection": post.detection,
            }
            for node, post in sorted(plan.in_force.items())
        ],
        "interception": {"persons": plan.interval, "share": plan.share},
        "cvar": plan.cvar,
        "blind": {
            "posts": [named(node) for node in plan.blind.posts],
            "promised_share": plan.blind.promised_share,
            "delivered_share": plan.blind.delivered_share,
        },
        "displacement": [
            {**named(move.node), "before": move.before, "after": move.after} for move in plan.moves
        ],
        "alternatives": [
            {"posts": [named(node) for node in alternative.posts], "persons": alternative.persons,
             "share": alternative.share, "cvar": alternative.cvar, "action": alternative.action}
            for alternative in plan.alternatives
        ],
        "regret": [
            {"deterrence_h": at.deterrence_h, "persons": at.persons, "best": at.best,
             "regret_share": at.regret_share}
            for at in plan.regret
        ],
        "regret_said": _in_languages(regret_said(plan.regret)),
        "displacement_said": _in_languages(
            Message(
                "posts.moved_past",
                {"name": rows[move.node]["name"], "persons": significant(move.after - move.before)},
            )
            for move in moved_past(plan)
        ),
        "cost": plan.cost,
        "cost_per_person": plan.cost / persons if plan.cost is not None and persons else None,
        "assumption": Message("assumption.posts").as_dict(),
    }  # fmt: skip
    return dict(json_values(document))


def regret_said(regret: Sequence[Any]) -> list[Message]:
    """The largest loss where people avoid posts more or less than assumed; praise only within
    ``_GOOD``.
    """
    if not regret:
        return []
    worst = max(regret, key=lambda at: at.regret_share)
    loss = {"hours": worst.deterrence_h, "share": max(0.0, worst.regret_share)}
    if worst.regret_share > _GOOD:
        return [Message("regret.worst", loss)]
    hours = [at.deterrence_h for at in regret]
    tried = {"least": min(hours), "most": max(hours), "bound": _GOOD}
    return [Message("regret.good", {**loss, **tried})]


def moved_past(plan: Any) -> list[Any]:
    """Where the plan moves most persons past a place at which nobody stands, most first.

    Parameters
    ----------
    plan : routes.posts.plan.PostPlan
    """
    watched = {*plan.posts, *plan.in_force}
    arrive = [move for move in plan.moves if move.node not in watched]
    arrive = [move for move in arrive if move.after - move.before >= _TOLD_PERSONS]
    return sorted(arrive, key=lambda move: move.before - move.after)[:_TOLD_PLACES]


# fmt: off
def outreach_answer(
    plan: Any, *, reasons: Sequence[Message] | None = None, notes: Sequence[Message] = (),
    areas: Collection[str] = (),
) -> dict[str, Any]:
    """An outreach plan.

    A regency whose number is too uncertain to be stated has none here either, nor have its
    villages: ``uncertain``. A plan of such regencies alone has no sum.

    Parameters
    ----------
    plan : routes.outreach.plan.OutreachPlan
    reasons : sequence of Message, optional
        For a reader without the right to numbers (:class:`layers.visibility.Rights`): the reason of
        each village without persons. Then all persons are left out, and so are the shares of one
        village, or of what is within less than a regency; the others are in steps
        (:func:`layers.visibility.coarse_share`).
    notes : sequence of Message
        What is said beside the plan's own notes.
    areas : collection of str
        Codes of the areas planned for; without one, the whole country.
    """
    numbers = reasons is None
    step = SHARE_STEP if any("." in area for area in areas) else PROVINCE_SHARE_STEP
    fine = any(map(below_regency, areas))

    def share(persons: float, whole: float, step: float = SHARE_STEP) -> float | None:
        if not whole or (not numbers and fine):
            return None
        return persons / whole if numbers else coarse_share(persons / whole, step)

    def in_steps(note: Message) -> Message:
        if numbers or "share" not in note.params:
            return note
        coarse = coarse_share(note.params["share"], step)
        return Message(note.code, {**note.params, "share": coarse})

    def visible(document: dict[str, Any]) -> dict[str, Any]:
        hidden = frozenset() if numbers else PERSONS_OF_PLANS
        return {key: value for key, value in document.items() if key not in hidden}

    rows = plan.villages.to_dict("records")
    texts = (
        [{language: row[f"reason_{language}"] for language in languages()} for row in rows]
        if reasons is None
        else [reason.as_dict() for reason in reasons]
    )
    everyone = float(plan.regencies["persons"].sum())
    of_regency = dict(zip(plan.regencies["regency_code"], plan.regencies["stated"], strict=True))
    stated = any(of_regency.values())
    villages = [
        visible({
            "rank": row["rank"],
            "code": row["code"] or None,
            **{column: row[column] for column in ("id", "name", "regency", "regency_code")},
            "district": row.get("district") or None,
            "persons_covered": significant(row["persons_covered"]) if known else None,
            "share_covered": (
                (share(row["persons_covered"], everyone) or 0.0) if numbers and known else None
            ),
            "uncertain": not known,
            "places_covered": row["places_covered"],
            **{
                "reason" if language == DEFAULT_LANGUAGE else f"reason_{language}": text
                for language, text in by_language.items()
            },
            **{column: row[column] for column in _VILLAGE_COLUMNS},
        })
        for row, by_language in zip(rows, texts, strict=True)
        for known in (bool(of_regency[row["regency_code"]]),)
    ]
    regencies = [
        visible({
            "code": row["regency_code"],
            "name": row["regency"],
            **(
                {
                    "persons": significant(row["persons"]),
                    "departures_per_100k": row.get("departures_per_100k"),
                    "persons_reachable": significant(row["coverable"]),
                    "persons_covered": significant(row["covered"]),
                    "share_covered": share(row["covered"], row["persons"]),
                }
                if row["stated"]
                else dict.fromkeys(_NUMBERS_OF_REGENCY)
            ),
            "uncertain": not row["stated"],
            "share_step": None if numbers else SHARE_STEP,
            "villages": row["villages"],
        })
        for row in plan.regencies.to_dict("records")
    ]
    answer = visible({
        "villages": villages,
        "persons_covered": {
            end: None if value is None else significant(value)
            for end, value in plan.persons_covered.items()
        } if stated else None,
        "share": share(plan.share, 1.0, step) if stated else None,
        "share_step": None if numbers else step,
        "gap": plan.gap if numbers else math.ceil(100 * plan.gap - 1e-9) / 100,
        "method": plan.method,
        "radius_km": plan.radius_km,
        "per_regency": plan.per_regency,
        "travel_days": plan.travel_days,
        "cost": plan.cost,
        "cost_per_person": plan.cost_per_person if stated else None,
        "excluded_served": len(plan.excluded),
        "regencies": regencies,
        "assumption": Message("assumption.reached").as_dict(),
        "notes": _in_languages(map(in_steps, [*plan.notes, *notes])),
    })
    return dict(json_values(answer))
# fmt: on


# -- scenarios -------------------------------------------------------------------------------------

_PARTS = (
    ("total", ("measure",)),
    ("areas", ("code", "name")),
    ("terminals", ("id", "name", "kind")),
    ("corridors", ("id", "name")),
)


def _changed(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which rows change by more than rounding."""
    shift = (frame["after"] - frame["before"]).abs()
    return (shift > _SOLVER_TOLERANCE) | (frame["change_mean"].abs() > _SOLVER_TOLERANCE)


def _values(row: Mapping[Any, Any] | pd.Series[Any]) -> dict[str, Any]:
    change = {end: row[f"change_{end}"] for end in _ENDS}
    return {"before": row["before"], "after": row["after"], "change": change}


def _in_languages(messages: Iterable[Message]) -> list[dict[str, str]]:
    return [message.as_dict() for message in messages]


def _explained(row: dict[str, Any], reasons: Mapping[str, Iterable[Message]]) -> dict[str, Any]:
    """The row of an area, with ``why`` where there are reasons."""
    why = _in_languages(reasons.get(row["code"], ()))
    return {**row, "why": why} if why else row


def scenario_answer(result: Any, reasons: Mapping[str, Iterable[Message]]) -> dict[str, Any]:
    """A scenario's :class:`routes.scenarios.model.ScenarioResult`: the rows that change, and the
    reasons of :meth:`routes.scenarios.model.ScenarioModel.reasons` with them.
    """
    answer: dict[str, Any] = {"name": result.scenario.name, "note": result.scenario.note}
    for part, keys in _PARTS:
        frame = getattr(result, part)
        answer[part] = [
            {**{key: row[key] for key in keys}, **_values(row)}
            for row in frame[_changed(frame)].to_dict("records")
        ]
    answer["areas"] = [_explained(row, reasons) for row in answer["areas"]]
    answer["assumptions"] = _in_languages(result.assumptions)
    answer["notes"] = _in_languages(result.notes)
    return dict(json_values(answer))


def scenario_shares(
    scenario: Any,
    table: pd.DataFrame,
    assumptions: Iterable[Message],
    reasons: Mapping[str, Iterable[Message]],
) -> dict[str, Any]:
    """A scenario without numbers: the relative change of each regency's departures.

    Parameters
    ----------
    scenario : routes.scenarios.request.Scenario
    table : DataFrame
        From :meth:`routes.scenarios.model.ScenarioModel.departures`.
    assumptions : iterable of Message
        From :func:`routes.scenarios.effects.assumptions_of`.
    reasons : mapping
        From :meth:`routes.scenarios.model.ScenarioModel.reasons`.
    """
    areas = [
        _explained(
            {
                "code": row["code"],
                "name": row["name"],
                "change_share": {end: round(row[f"share_{end}"], 4) for end in _ENDS},
            },
            reasons,
        )
        for row in table.to_dict("records")
    ]
    answer = {
        "name": scenario.name, "note": scenario.note, "areas": areas,
        "assumptions": _in_languages(assumptions), "notes": [],
    }  # fmt: skip
    return dict(json_values(answer))


def comparison(base: Any, results: Sequence[Any]) -> dict[str, Any]:
    """Several scenarios side by side: rows that change in at least one, the largest change first.

    Parameters
    ----------
    base : ScenarioResult
        Without changes.
    results : sequence of ScenarioResult
    """
    answer: dict[str, Any] = {}
    for part, keys in _PARTS:
        key, rows = keys[0], getattr(base, part)
        frames = [getattr(result, part).set_index(key) for result in results]
        changed = {code for frame in frames for code in frame.index[_changed(frame)]}
        if part != "total" and frames:
            shift = sum((f["after"] - f["before"]).abs().reindex(rows[key]) for f in frames)
            rows = rows.iloc[shift.to_numpy(float).argsort(kind="stable")[::-1]]
        answer[part] = [
            {
                **{column: row[column] for column in keys},
                "base": row["before"],
                "values": [_values(frame.loc[row[key]]) for frame in frames],
            }
            for row in rows.to_dict("records")
            if row[key] in changed
        ]
    return dict(json_values(answer))


def comparison_shares(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Several answers of :func:`scenario_shares` side by side; an area without change has 0."""
    names = {row["code"]: row["name"] for answer in answers for row in answer["areas"]}
    shares = [{row["code"]: row["change_share"] for row in answer["areas"]} for answer in answers]
    unchanged = dict.fromkeys(_ENDS, 0.0)
    return {
        "areas": [
            {
                "code": code,
                "name": names[code],
                "values": [{"change_share": share.get(code, unchanged)} for share in shares],
            }
            for code in sorted(names)
        ]
    }


def displacement(rows: Iterable[Mapping[Any, Any]]) -> dict[str, Any]:
    """GeoJSON of where flow leaves and arrives.

    Parameters
    ----------
    rows : iterable of mappings
        ``id, name, kind, lon, lat, before, after`` and, if there, ``change_p05, change_p95``.
    """
    features = []
    for row in rows:
        change = row["after"] - row["before"]
        if abs(change) > _SOLVER_TOLERANCE:
            columns = ("id", "name", "kind", "before", "after")
            properties = {key: row[key] for key in columns} | {"change": change}
            properties |= {key: row[key] for key in ("change_p05", "change_p95") if key in row}
            point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
            features.append(
                {"type": "Feature", "id": row["id"], "geometry": point, "properties": properties}
            )
    return dict(json_values({"type": "FeatureCollection", "features": features}))
