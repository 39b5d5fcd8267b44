"""The sheet of one shift of a watch plan, one A4 page as PDF/A: what its leader reads before it.

It names ships, questions and offices. It says nothing of what people look like, how old they are or
of which sex, and a pretext is a question to ask, never a ground for refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from geo.checks import CHECK_FIELDS
from geo.contacts import is_old_line
from geo.guide import hotlines
from geo.i18n import Message, label, text
from layers.documents.pretexts import pretexts_near
from layers.documents.referral import referral
from layers.documents.safe_ways import line_said, ways_of
from layers.documents.sailings import how_often
from layers.documents.subject import Contents
from layers.documents.typesetting import typeset
from layers.release.marking import Marking

__all__ = [
    "drawn_day", "shift_day", "shift_sheet", "shift_sheet_content",
]  # fmt: skip

_SHIPS, _WARNINGS, _OFFICES, _LONGEST, _QUESTIONS = 5, 3, 1, 60, 7
"""Ships, warnings, offices of a step, letters of a line, questions: what one page has room for."""
_STEPS = ("identification", "health", "law_enforcement", "lawful_departure")


def shift_sheet(content: dict[str, Any]) -> bytes:
    """The template filled with :func:`shift_sheet_content`, as PDF/A."""
    return typeset("shift_sheet.typ", content)


def shift_day(shift: Mapping[str, Any], language: str) -> str:
    """When a shift is: the week, and the day where it was drawn.

    Examples
    --------
    >>> shift_day({"week": "2026-12-07", "day": 3}, "en")
    'Wednesday of the week of 7 December 2026'
    """
    week = format_date(date.fromisoformat(shift["week"]), "d MMMM yyyy", locale=language)
    if not (day := drawn_day(shift, language)):
        return text("watch.week_alone", language, week=week)
    return text("watch.week_day", language, week=week, day=day)


def drawn_day(shift: Mapping[str, Any], language: str) -> str:
    """Name of the day of a shift; empty where the harbour master is asked.

    Examples
    --------
    >>> drawn_day({"week": "2026-12-07", "day": 1}, "id")
    'Senin'
    """
    if not shift["day"]:
        return ""
    day = date.fromisoformat(shift["week"]) + timedelta(days=shift["day"] - 1)
    return str(format_date(day, "EEEE", locale=language))


def shift_sheet_content(
    contents: Contents,
    shift: Mapping[str, Any],
    plan: Mapping[str, Any],
    warnings: Sequence[Mapping[str, Any]],
    marking: Marking,
    language: str,
) -> dict[str, Any]:
    """Everything the sheet shows, in one language.

    Parameters
    ----------
    contents : Contents
        The release as the reader has it.
    shift, plan : mappings
        A row of the roster, and the plan (:func:`layers.plans.watch.watch_answer`).
    warnings : sequence of mappings
        Those in force (:func:`layers.plans.early_warning.early_warnings`).
    """

    def say(code: str, **params: Any) -> str:
        return text(code, language, **params)

    place = shift["terminal"]
    terminal = next(row for row, _ in contents.rows("terminals") if row["id"] == place["id"])
    area = str(terminal["area_code"] or "")
    services = [row for row, _ in contents.rows("services")]
    steps = referral(services, area, contents.area_names)
    near = pretexts_near(contents, "port", terminal, area, most=_QUESTIONS)
    ships = [*shift["services"], *shift["beside"]][:_SHIPS]
    rows = [
        [
            _ship(ship, language),
            say("watch.from_to", here=place["name"], there=ship["to"]),
            how_often([ship]).in_language(language),
        ]
        for ship in ships
    ] or [[say("watch.no_ship"), place["name"], say("watch.no_number")]]
    return {
        "language": language, "day": marking.day,
        "keywords": [marking.code] if marking.code else [], "marking": marking.text(language),
        "title": say("watch.sheet_title", number=shift["number"], name=place["name"]),
        "subtitle": ". ".join(filter(None, (
            shift_day(shift, language),
            say("watch.crew", persons=shift["persons"], hours=shift["hours"]),
            say("watch.boat", litres=shift["litres"]) if shift["boat"] else "",
            ", ".join(plan["agencies"]),
        ))) + ".",
        "ships_title": say("watch.ships_title"),
        "ships_headings": [say(f"heading.{name}") for name in ("ship", "from_to", "how_often")],
        "ships": rows,
        "ships_note": say("watch.ask_harbour" if shift["sailing"] else "watch.traffic"),
        "changed_title": say("watch.changed_title"),
        "changed": _changed(warnings, area, marking, language),
        "questions_title": say("watch.questions_title"),
        "questions_rule": say("watch.questions_rule"),
        "questions": [
            *([near["none_near"][language]] if near["none_near"] else []),
            *(say("watch.question", pretext=row["text"][language], ask=row["ask"][language])
              for row in near["pretexts"]),
        ] if near["pretexts"] else [say("watch.no_pretext", ask=say("watch_question.other"))],
        "call_title": say("document.whom_to_call"),
        "hotlines": [
            (line.number, line.purpose[language] + (
                f" ({line_said(line, marking.day)[language]})"
                if is_old_line(line.as_of, marking.day) else ""))
            for line in hotlines()
        ],
        "offices": [
            *((section.title[language], "; ".join(section.lines(language)))
              for section in ways_of(contents, area, marking.day) if section.id == "contacts"),
            *((step.title.in_language(language), "; ".join(
                step.answers(language, by_rule=False)[:_OFFICES]))
              for step in steps if step.step in _STEPS),
        ],
        "enter_title": say("watch.enter_title"),
        "enter": [say(f"heading.{name}") for name in CHECK_FIELDS],
        "notes": [say("watch.one_row"), say("watch.outcome"), say("watch.keep")],
        "licence": marking.licence.in_language(language),
    }  # fmt: skip


def _ship(ship: Mapping[str, Any], language: str) -> str:
    name = str(ship["line"] or "")
    name = name if len(name) <= _LONGEST else f"{name[:_LONGEST].rstrip()} ..."
    mode = label("mode", ship["mode"], language)
    return f"{name} ({mode})" if name else mode


def _changed(
    warnings: Sequence[Mapping[str, Any]], area: str, marking: Marking, language: str
) -> list[str]:
    """Warnings of the regency and its province, and the release that the sheet rests on."""
    near = [row for row in warnings if area.startswith(row["area_code"])][:_WARNINGS]
    lines = [
        text(
            "watch.warning", language, area=row["area_name"], year=str(row["year"]),
            measure=text(f"measure.{row['measure']}", language), count=row["count"],
        )
        for row in near
    ] or [text("watch.no_warning", language)]  # fmt: skip
    return [*lines, Message("watch.release", {"day": marking.day}).in_language(language)]
