"""The referral card: who must be told at each step, on one A4 page, as PDF/A."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geo.codes import CODE_LENGTHS
from geo.files import write_bytes
from geo.guide import departure_papers, hotlines
from geo.i18n import text
from layers.documents.referral import referral
from layers.documents.safe_ways import line_said, ways_of
from layers.documents.subject import Contents, Subject
from layers.documents.typesetting import typeset
from layers.release.marking import Marking

__all__ = ["referral_card_content", "typeset_referral_card", "write_referral_card"]


_SIZES = {"regency": 7.6, "province": 6.7}
"""Points of the type by the level of the area: a province has the more offices."""


def write_referral_card(
    path: Path, contents: Contents, subject: Subject, marking: Marking, *, language: str
) -> None:
    """Write the card of a subject's area to ``path`` (.pdf), at once or not at all.

    Parameters
    ----------
    contents : Contents
        The release as the reader's tier has it.
    subject : Subject
    marking : Marking
        Its day is the document's date, so the same input gives the same bytes.
    language : str
    """
    content = referral_card_content(contents, subject, marking, language)
    write_bytes(Path(path), typeset_referral_card(content))


def typeset_referral_card(content: dict[str, Any]) -> bytes:
    """The template filled with ``content``, as :func:`layers.documents.typesetting.typeset`."""
    return typeset("referral_card.typ", content)


def referral_card_content(
    contents: Contents, subject: Subject, marking: Marking, language: str
) -> dict[str, Any]:
    """Everything the template shows, in one language; parameters as :func:`write_referral_card`."""

    def say(key: str) -> str:
        return text(key, language)

    services = [row for row, _ in contents.rows("services")]
    ways = ways_of(contents, subject.area, marking.day)
    steps = referral(services, subject.area, contents.area_names)
    return {
        "language": language,
        "size": _SIZES["province" if len(subject.area) == CODE_LENGTHS["province"] else "regency"],
        "day": marking.day,
        "keywords": [marking.code] if marking.code else [],
        "marking": marking.text(language),
        "title": subject.name,
        "subtitle": say("referral.who"),
        "headings": [say(f"heading.{name}") for name in ("step", "offices")],
        "steps": [
            {"title": step.title.in_language(language), "duty": step.duty[language],
             "answers": step.answers(language, by_rule=False), "gap": step.gap is not None}
            for step in steps
        ],
        "by_rule": say("referral.by_rule_column"),
        "call_title": say("document.whom_to_call"),
        "hotlines": [
            (line.number, line.purpose[language], line_said(line, marking.day)[language])
            for line in hotlines()
        ],
        "ways_title": say("safe.title"),
        "ways": [
            {"title": section.title[language], "lines": section.lines(language)}
            for section in ways
        ],
        "papers_title": say("referral.papers"),
        "papers": [paper.text[language] for paper in departure_papers()],
        "notes": [say("document.no_numbers_of_offices"), say("referral.not_grounds")],
        "licence": marking.licence.in_language(language),
    }  # fmt: skip
