"""The brief of an adopted plan, one or two A4 pages as PDF/A: planned, done, and what is on record.

For who decides and was not at the desk. Places stand by month and by name, never by rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from geo.checks import CHECK_FIELDS
from geo.i18n import text
from geo.periods import month_name, period_of
from layers.documents.typesetting import typeset
from layers.plans.adopted import effect_text, finished, size
from layers.release.marking import Marking

__all__ = ["adopted_brief", "adopted_brief_content"]

Row = Mapping[str, Any]
_NAMED = 36
"""Places of a list that two pages have room for; the table of the meeting has all."""
_REGENCIES = 22


def adopted_brief(plan: Row, marking: Marking, language: str) -> bytes:
    """The template filled with :func:`adopted_brief_content`, as PDF/A."""
    return typeset("adopted_brief.typ", adopted_brief_content(plan, marking, language))


def adopted_brief_content(plan: Row, marking: Marking, language: str) -> dict[str, Any]:
    """Everything the brief shows, in one language.

    Parameters
    ----------
    plan : mapping
        :meth:`api.state.adopted_plans.AdoptedPlan.document`.
    marking : Marking
        Its day decides which steps are late: those planned for a month that is over.
    language : str

    Examples
    --------
    >>> step = {"place": "53.04.01.2001", "area": "53.04", "area_name": "Belu", "effect": []}
    >>> plan = {
    ...     "kind": "outreach", "area": "Belu", "period": "2026-Q4", "state": "open",
    ...     "organisation": "Gugus Tugas", "owner": "", "adopted_on": "2026-10", "planned": 3,
    ...     "done": 1,
    ...     "steps": [
    ...         {**step, "name": "Fulur", "planned": "2026-10", "done": "2026-11"},
    ...         {**step, "name": "Lakan", "planned": "2026-10", "done": None},
    ...         {**step, "name": "Dubesi", "planned": "2026-11", "done": None},
    ...     ],
    ... }
    >>> day = Marking(tier="partner", release="r", day="2026-11-30", code="")
    >>> content = adopted_brief_content(plan, day, "en")
    >>> content["late"], content["next"], content["table"]
    (['October 2026: Lakan'], ['November 2026: Dubesi'], [['Belu', '3', '1', '2', \
'cannot be judged yet']])
    """

    def say(code: str, **params: Any) -> str:
        return text(code, language, **params)

    steps, now = plan["steps"], marking.day[:7]
    due = [step for step in steps if step["planned"] < now]
    undone = [step for step in steps if finished(step) < size(step)]
    late = [step for step in undone if step["planned"] < now]
    watch = plan["kind"] == "watch"
    kind = say(f"plan_kind.{plan['kind']}")
    regencies = _regencies(steps, language)
    several = len({step["area"] for step in steps}) > 1
    lists = {
        "late": _by_month(late, "planned", language, several=several),
        "next": _by_month(
            [step for step in undone if step["planned"] >= now], "planned", language,
            several=several,
        ),
        "finished": _by_month(
            [step for step in steps if step["done"]], "done", language, several=several
        ),
    }  # fmt: skip
    return {
        "language": language, "day": marking.day,
        "keywords": [marking.code] if marking.code else [], "marking": marking.text(language),
        "not_victims": say("document.not_victims"),
        "title": say("plan_brief.title", kind=kind, area=plan["area"] or "-"),
        "subtitle": say(
            "plan_brief.subtitle", period=period_of(plan["period"]).name.in_language(language),
            owner=plan["organisation"] or plan["owner"] or "-",
            month=month_name(plan["adopted_on"], language),
            state=say(f"plan_state.{plan['state']}"),
        ),
        "value": say("plan_brief.value", done=plan["done"], planned=plan["planned"]),
        "label": say("plan_brief.shifts" if watch else "plan_brief.steps"),
        "share": plan["done"] / plan["planned"] if plan["planned"] else 0.0,
        "lines": [
            *([say("plan_brief.due_shifts" if watch else "plan_brief.due",
                   month=month_name(now, language), count=sum(map(size, due)),
                   late=sum(size(step) - finished(step) for step in late))] if due else []),
            *([say("plan_brief.visits")] if plan["kind"] == "outreach" else []),
            *(_checked(steps, language) if watch else []),
        ],
        "table_title": say("plan_brief.by_regency"),
        "headings": [
            say(f"heading.{name}")
            for name in ("regency", "planned", "done", "not_yet", "on_record_beside")
        ],
        "table": regencies[:_REGENCIES],
        "table_more": _more(len(regencies) - _REGENCIES, language),
        "table_note": say("adopted.no_effect"),
        **{f"{name}_title": say(f"plan_brief.{name}") for name in lists},
        **lists,
        "nothing": say("plan_brief.nothing"),
        "licence": marking.licence.in_language(language),
    }  # fmt: skip


def _regencies(steps: Sequence[Row], language: str) -> list[list[str]]:
    """A row a regency, by name: planned, done, not yet, and what is on record beside it."""
    ordered = sorted(steps, key=lambda step: (step["area_name"], step["area"]))
    rows = []
    for _, group in groupby(ordered, key=lambda step: step["area"]):
        part = list(group)
        planned, done = sum(map(size, part)), sum(map(finished, part))
        rows.append([
            part[0]["area_name"] or "-", *map(str, (planned, done, planned - done)),
            effect_text(part[0]["effect"], language),
        ])  # fmt: skip
    return rows


def _checked(steps: Sequence[Row], language: str) -> list[str]:
    """What the watches on record found, those that found nothing too, with what it rests on."""
    found = [step["checks"] for step in steps if step["checks"] is not None]
    if not found:
        return [text("plan_brief.no_checks", language)]
    sums = {name: sum(row[name] for row in found) for name in CHECK_FIELDS}
    return [text("plan_brief.checks", language, **sums), text("watch.checks_note", language)]


def _by_month(steps: Sequence[Row], key: str, language: str, *, several: bool) -> list[str]:
    """A line a month with its places by name; of many the first, and how many more there are."""
    ordered = sorted(steps, key=lambda step: (step[key], step["name"], step["place"]))
    lines = [
        f"{month_name(month, language)}: {', '.join(_place(step, several) for step in group)}"
        for month, group in groupby(ordered[:_NAMED], key=lambda step: str(step[key]))
    ]
    return lines + _more(len(ordered) - _NAMED, language)


def _place(step: Row, several: bool) -> str:
    name = str(step["name"])
    return f"{name} ({step['area_name']})" if several and step["area_name"] else name


def _more(count: int, language: str) -> list[str]:
    return [text("plan_brief.more", language, count=count)] if count > 0 else []
