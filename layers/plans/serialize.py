"""Serializers of plans and scenarios: plain values, one shape for HTTP and the command line.

A partner gets shares, not persons (:data:`layers.visibility.PERSONS_OF_PLANS`): what may not be
seen is absent. Nothing here holds a route or a detection probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from geo.i18n import Message, languages
from geo.i18n.catalogue import DEFAULT_LANGUAGE
from geo.json_values import json_values
from layers.visibility import PERSONS_OF_PLANS

__all__ = [
    "comparison",
    "displacement",
    "outreach_answer",
    "partner_comparison",
    "partner_scenario",
    "posts_answer",
    "scenario_answer",
]

_LEAST = 1e-6
"""Persons a year below which a change is the rounding of the solver."""
_ENDS = ("mean", "p05", "p95")


def posts_answer(plan: Any, terminals: pd.DataFrame) -> dict[str, Any]:
    """A post plan.

    Parameters
    ----------
    plan : routes.posts.plan.PostPlan
    terminals : DataFrame
        ``id, name, kind, lat, lon, staffed_by``.
    """
    at = terminals.set_index("id")

    def named(node: str) -> dict[str, Any]:
        return {"id": node, "name": at.loc[node, "name"]}

    persons = plan.interval["mean"]
    document = {
        "posts": [
            {
                **named(node),
                "kind": at.loc[node, "kind"],
                "lon": at.loc[node, "lon"],
                "lat": at.loc[node, "lat"],
                "marginal_persons": plan.marginal[node],
                "staffed_by": [who for who in at.loc[node, "staffed_by"].split(";") if who],
            }
            for node in plan.posts
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
            {"posts": [named(node) for node in other.posts], "persons": other.persons,
             "share": other.share, "cvar": other.cvar}
            for other in plan.alternatives
        ],
        "cost": plan.cost,
        "cost_per_person": plan.cost / persons if plan.cost is not None and persons else None,
        "assumption": Message("assumption.posts").as_dict(),
    }  # fmt: skip
    return dict(json_values(document))


def outreach_answer(
    plan: Any, *, reasons: Callable[[Mapping[Any, Any]], Message] | None = None
) -> dict[str, Any]:
    """An outreach plan.

    Parameters
    ----------
    plan : routes.outreach.plan.OutreachPlan
    reasons : callable, optional
        For a partner: the reason of a village without persons; then every number of persons is
        left out.
    """
    everyone = float(plan.regencies["persons"].sum())
    villages = []
    for row in plan.villages.to_dict("records"):
        document = {
            "rank": row["rank"],
            "code": row["code"] or None,
            "id": row["id"],
            "name": row["name"],
            "regency": row["regency"],
            "regency_code": row["regency_code"],
            "persons_covered": row["persons_covered"],
            "share_covered": row["persons_covered"] / everyone if everyone else 0.0,
            "places_covered": row["places_covered"],
            **_reasons({code: row[f"reason_{code}"] for code in languages()}),
            "base": row["base"],
            "travel_hours": row["travel_hours"],
            "travel_days": row["travel_days"],
            "cost": row["cost"],
            "lat": row["lat"],
            "lon": row["lon"],
        }
        if reasons is not None:
            document |= _reasons(reasons(row).as_dict())
            document["share_covered"] = round(document["share_covered"], 3)
            document = _without_persons(document)
        villages.append(document)
    answer = {
        "villages": villages,
        "persons_covered": plan.persons_covered,
        "share": plan.share,
        "gap": plan.gap,
        "method": plan.method,
        "radius_km": plan.radius_km,
        "travel_days": plan.travel_days,
        "cost": plan.cost,
        "cost_per_person": plan.cost_per_person,
        "excluded_served": len(plan.excluded),
        "regencies": [
            {
                "code": row["regency_code"],
                "name": row["regency"],
                "persons": row["persons"],
                "persons_reachable": row["coverable"],
                "persons_covered": row["covered"],
                "share_covered": row["covered"] / row["persons"] if row["persons"] else None,
                "villages": row["villages"],
            }
            for row in plan.regencies.to_dict("records")
        ],
        "assumption": Message("assumption.reached").as_dict(),
        "notes": _in_languages(plan.notes),
    }
    if reasons is not None:
        answer = _without_persons(answer)
        answer["share"] = round(plan.share, 3)
        answer["regencies"] = [_without_persons(regency) for regency in answer["regencies"]]
        for regency in answer["regencies"]:
            share = regency["share_covered"]
            regency["share_covered"] = None if share is None else round(share, 3)
    return dict(json_values(answer))


def _reasons(texts: Mapping[str, str]) -> dict[str, str]:
    """``reason`` in the first language, and ``reason_<code>`` in each of the others."""
    return {
        "reason" if code == DEFAULT_LANGUAGE else f"reason_{code}": text
        for code, text in texts.items()
    }


def _without_persons(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in PERSONS_OF_PLANS}


# -- scenarios -------------------------------------------------------------------------------------

_PARTS = (
    ("total", ("measure",)),
    ("areas", ("code", "name")),
    ("terminals", ("id", "name", "kind")),
    ("corridors", ("id", "name")),
)


def _moved(frame: pd.DataFrame) -> Any:
    """Which rows change by more than rounding."""
    shift = (frame["after"] - frame["before"]).abs()
    return (shift > _LEAST) | (frame["change_mean"].abs() > _LEAST)


def _change(row: Mapping[Any, Any], stem: str = "change") -> dict[str, Any]:
    return {end: row[f"{stem}_{end}"] for end in _ENDS}


def _in_languages(messages: Iterable[Message]) -> list[dict[str, str]]:
    return [message.as_dict() for message in messages]


def scenario_answer(result: Any) -> dict[str, Any]:
    """A scenario's :class:`routes.scenarios.model.ScenarioResult`: the rows that change."""

    def rows(frame: pd.DataFrame, keys: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {
                **{key: row[key] for key in keys},
                "before": row["before"],
                "after": row["after"],
                "change": _change(row),
            }
            for row in frame[_moved(frame)].to_dict("records")
        ]

    answer: dict[str, Any] = {"name": result.scenario.name, "note": result.scenario.note}
    answer |= {part: rows(getattr(result, part), keys) for part, keys in _PARTS}
    answer |= {
        "assumptions": _in_languages(result.assumptions),
        "notes": _in_languages(result.notes),
    }
    return dict(json_values(answer))


def partner_scenario(
    scenario: Any, table: pd.DataFrame, assumptions: Iterable[Message]
) -> dict[str, Any]:
    """The answer to a partner: the relative change of each regency's departures.

    Parameters
    ----------
    scenario : routes.scenarios.request.Scenario
    table : DataFrame
        From :meth:`routes.scenarios.model.ScenarioModel.departures`.
    assumptions : iterable of Message
    """
    return dict(
        json_values(
            {
                "name": scenario.name,
                "note": scenario.note,
                "areas": [
                    {
                        "code": row["code"],
                        "name": row["name"],
                        "change_share": {
                            end: round(value, 4) for end, value in _change(row, "share").items()
                        },
                    }
                    for row in table.to_dict("records")
                ],
                "assumptions": _in_languages(assumptions),
                "notes": [],
            }
        )
    )


def comparison(base: Any, results: Sequence[Any]) -> dict[str, Any]:
    """Several scenarios side by side; rows that change in at least one.

    Parameters
    ----------
    base : ScenarioResult
        Of no change at all.
    results : sequence of ScenarioResult
    """
    answer: dict[str, Any] = {}
    for part, keys in _PARTS:
        frames = [getattr(result, part).set_index(keys[0]) for result in results]
        unchanged = getattr(base, part)
        moved: set[Any] = set()
        for frame in frames:
            moved |= set(frame.index[_moved(frame)])
        if frames:
            first = sum(
                (f["after"] - f["before"]).abs().reindex(unchanged[keys[0]]) for f in frames
            )
            order = first.to_numpy(float).argsort(kind="stable")[::-1]
            unchanged = unchanged.iloc[order] if part != "total" else unchanged
        answer[part] = [
            {
                **{key: row[key] for key in keys},
                "base": row["before"],
                "values": [
                    {
                        "before": frame.at[row[keys[0]], "before"],
                        "after": frame.at[row[keys[0]], "after"],
                        "change": _change(frame.loc[row[keys[0]]]),
                    }
                    for frame in frames
                ],
            }
            for row in unchanged.to_dict("records")
            if row[keys[0]] in moved
        ]
    return dict(json_values(answer))


def partner_comparison(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The same for a partner, from the partner's answers; an area that stays has a share of 0."""
    names: dict[str, str] = {}
    for answer in answers:
        names |= {row["code"]: row["name"] for row in answer["areas"]}
    shares = [{row["code"]: row["change_share"] for row in a["areas"]} for a in answers]
    still = dict.fromkeys(_ENDS, 0.0)
    return {
        "areas": [
            {
                "code": code,
                "name": names[code],
                "values": [{"change_share": share.get(code, still)} for share in shares],
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
        if abs(change) <= _LEAST:
            continue
        document = {key: row[key] for key in ("id", "name", "kind", "before", "after")}
        document["change"] = change
        document |= {key: row[key] for key in ("change_p05", "change_p95") if key in row}
        point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        features.append(
            {"type": "Feature", "id": row["id"], "geometry": point, "properties": document}
        )
    return dict(json_values({"type": "FeatureCollection", "features": features}))
