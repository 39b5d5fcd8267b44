"""The two-page brief of an area, a port or a corridor, as PDF/A, for those who decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from geo.files import write_bytes
from geo.guide import hotlines
from geo.i18n import Message, label, text
from layers.documents.argument import Series, varied, who_covers
from layers.documents.charts import area_map, trend_chart
from layers.documents.drawing import colour_of
from layers.documents.facts import FOUNDERS, Facts, gather_facts
from layers.documents.safe_ways import line_said, ways_of
from layers.documents.subject import Contents, Row, Subject
from layers.documents.typesetting import typeset
from layers.palette import SIGNS
from layers.release.marking import Marking

__all__ = ["brief_content", "typeset_brief", "write_brief"]

_SERVICES, _LISTED, _PRETEXTS = 4, 4, 3
"""Rows of the table of offices, of the other lists and of pretexts that two pages have room for."""
_OF_FAMILY = ("offer", "ground")
"""Kinds of pretexts that the public brief names, in this order."""
_CAVEATS, _SOURCES = 6, 10
_CALLED = ("contacts", "ltsa")
"""What of whom to call a brief has room for; the rest stands on the referral card."""


def write_brief(
    path: Path,
    contents: Contents,
    subject: Subject,
    marking: Marking,
    *,
    language: str,
    effects: Sequence[Message] = (),
    planned: Message | None = None,
) -> None:
    """Write the brief to ``path`` (.pdf), at once or not at all.

    Parameters
    ----------
    contents : Contents
        The release as the reader's tier has it.
    subject : Subject
    marking : Marking
        Classification, release, date, licence and mark; its day is the document's date, so the
        same input gives the same bytes.
    language : str
        Of the whole document.
    effects : sequence of Message
        What a plan is expected to do here (:mod:`layers.plans.effects`); without any, the brief
        says that it was not computed.
    planned : Message, optional
        What was planned and done in the area (:func:`layers.query.planned_coverage
        .planned_sentence`), for who may know.

    Raises
    ------
    EnvironmentProblem
        A font is missing, or the file cannot be written.
    """
    content = brief_content(contents, subject, marking, language, effects, planned)
    write_bytes(Path(path), typeset_brief(content))


def typeset_brief(content: dict[str, Any]) -> bytes:
    """The template filled with ``content``, as :func:`layers.documents.typesetting.typeset`."""
    return typeset("brief.typ", content)


def brief_content(
    contents: Contents,
    subject: Subject,
    marking: Marking,
    language: str,
    effects: Sequence[Message],
    planned: Message | None = None,
) -> dict[str, Any]:
    """Everything the template shows, in one language; parameters as :func:`write_brief`."""
    facts = gather_facts(contents, subject)
    manifest = contents.release.manifest(contents.tier)
    headline = facts.headline

    def say(key: str, **values: Any) -> str:
        return text(key, language, **values)

    def each(messages: Sequence[Message]) -> list[str]:
        return [message.in_language(language) for message in messages]

    parent = "Indonesia" if subject.id == subject.area[:2] else subject.area[:2]
    parent = contents.area_names.get(parent, parent)
    return {
        "language": language,
        "day": marking.day,
        "keywords": [marking.code] if marking.code else [],
        "marking": marking.text(language),
        "approved": marking.approved.in_language(language) if marking.approved else "",
        "not_victims": say("document.not_victims"),
        "title": subject.name,
        "subtitle": say(f"document.brief_{subject.kind}", parent=parent),
        "colour": SIGNS[subject.row["kind"]].colour if subject.kind == "port"
        else colour_of(subject.kind, headline.class_name),
        "value": headline.value.in_language(language),
        "ends": headline.ends.in_language(language) if headline.ends else "",
        "label": headline.label.in_language(language),
        "lines": each(headline.lines),
        "why_title": say("document.why"),
        "why": [reason[language] for reason in facts.why],
        "map": area_map(contents, subject),
        "map_alt": say("document.map_of", name=subject.name),
        "map_caption": say("document.map_caption"),
        "trend_title": say("document.trend"),
        "chart": _chart(facts.counts, language),
        "trend": [*_trend(contents, subject, facts, language),
                  *_victims(contents, facts, language)],
        "trend_notes": list(dict.fromkeys(
            series.note.in_language(language) for series in facts.counts if series.note)),
        "covered_title": say("document.covered"),
        "covered": [*_covered(contents, subject, facts, language),
                    *([planned.in_language(language)] if planned else [])],
        "service_headings": [say(f"heading.{name}") for name in ("name", "kind", "places")],
        "services": [_service(row, language) for row in varied(facts.services)[:_SERVICES]],
        "services_more": [*_more(len(facts.services) - _SERVICES, language),
                          say("document.no_numbers_of_offices")],
        "call_title": say("document.whom_to_call"),
        "hotlines": _hotlines(marking.day, language),
        "ways": [
            {"title": section.title[language], "lines": section.lines(language)}
            for section in ways_of(contents, subject.area, marking.day)
            if section.id in _CALLED
        ],
        "pretexts_title": say("document.pretexts"),
        "pretexts": _pretexts(facts.pretexts, language),
        "do_title": say("document.could_do"),
        "todo": each([*_actions(facts), *(effects or [Message("document.effect_not_computed")])]),
        "corridors_title": say("document.stops") if subject.kind == "corridor"
        else facts.corridors_title.in_language(language),
        "corridors": _stops(subject.row)
        or _corridors(facts.corridors, language)
        or [say("document.corridors_closed" if facts.corridors_closed else "document.none_listed")],
        "ports_title": say(
            "document.ports_of", area=contents.area_names.get(subject.area, "Indonesia")),
        "ports": [f"{row['name']} ({label('kind', row['kind'], language)})"
                  for row in facts.ports[:_LISTED]]
        + _more(len(facts.ports) - _LISTED, language) or [say("document.no_ports")],
        "notes_title": say("web.caveat_title"),
        "caveats": [c[language] for c in manifest["caveats"]][:_CAVEATS],
        "sources_title": say("heading.sources"),
        "sources": " ".join(source[language] for source in manifest["attribution"]),
        "count_sources_title": say("document.count_sources"),
        "count_sources": [
            {"label": f"{source.label} ({', '.join(map(str, years))})", "url": source.url}
            for source, years in list(facts.count_sources.items())[:_SOURCES]
        ],
        "count_sources_more": _more(len(facts.count_sources) - _SOURCES, language),
        "licence": marking.licence.in_language(language),
    }  # fmt: skip


def _hotlines(day: str, language: str) -> list[tuple[str, str]]:
    """National lines with the month of their page, or that it is old, each with the other ways to
    reach it behind what it is for.
    """
    lines: list[tuple[str, str]] = []
    for line in hotlines():
        if line.is_further:
            number, purpose = lines[-1]
            lines[-1] = (number, f"{purpose}; {line.purpose[language]}: {line.number}")
        else:
            said = line_said(line, day)[language]
            lines.append((line.number, f"{line.purpose[language]} ({said})"))
    return lines


def _chart(counts: Sequence[Series], language: str) -> str | None:
    """A panel a measure; the class in law is named where a measure stands there twice."""
    if not counts:
        return None
    measures = [series.measure for series in counts]
    panels = []
    for series in counts:
        title = label("measure", series.measure, language)
        if measures.count(series.measure) > 1:
            title += f" ({label('legal_class', series.legal_class, language)})"
        panels.append((title, series))
    return trend_chart(panels, language)


def _trend(contents: Contents, subject: Subject, facts: Facts, language: str) -> list[str]:
    if not facts.counts:
        return [text("area_summary.no_counts", language)]
    lines = [text("document.trend_reads", language)]
    if any(series.periods for series in facts.counts):
        lines.append(text("document.part_of_year", language))
    if facts.counts_area != subject.area or subject.kind != "area":
        area = contents.area_names.get(facts.counts_area, facts.counts_area)
        lines.insert(0, text("document.counts_of", language, area=area))
    return lines


def _victims(contents: Contents, facts: Facts, language: str) -> list[str]:
    """A sentence on victims by sex, of children and by form; nothing where none are shown."""
    if not facts.victims:
        return []
    newest = facts.victims[0]
    parts = [
        Message("document.victims_part", {"measure": Message(f"measure.{name}"), "count": persons})
        for one in facts.victims for name, persons in one.persons.items()
    ]  # fmt: skip
    return [text(
        "document.victims", language, first=str(newest.year_from), last=str(newest.year_to),
        area=contents.area_names.get(facts.victims_area, facts.victims_area), parts=parts,
    )]  # fmt: skip


def _covered(contents: Contents, subject: Subject, facts: Facts, language: str) -> list[str]:
    """Offices, and villages on record with a task force: of the area, else of its province."""
    key = "area_summary.services" if facts.services else "area_summary.no_services"
    count = {"count": len(facts.services)} if facts.services else {}
    offices = text(key.replace("area_summary.services", "document.services"), language, **count)
    coverage = who_covers((row for row, _ in contents.rows("coverage")), subject.area)
    return [offices, coverage.in_language(language)]


def _service(row: Row, language: str) -> list[str]:
    name = f"{row['name']}, {str(row['as_of'])[:4]}" if row["as_of"] else str(row["name"])
    return [name, label("service", row["kind"], language), str(row["place"] or "-")]


def _pretexts(found: Mapping[str, Any], language: str) -> list[str]:
    """The nearest with month and place, others by name, and what to check; for the public as
    :func:`_to_check`.
    """
    items = found["pretexts"]
    if not items:
        return [one[language] for one in found["said"]]
    if "records" not in items[0]:
        return _to_check(items, language)
    names = [item["text"][language] for item in items]
    nearest = [
        f"{name} ({item['records'][0]['short'][language]})"
        for name, item in zip(names, items[:_PRETEXTS], strict=False)
    ]
    listed = "; ".join([*nearest, *names[_PRETEXTS : 2 * _PRETEXTS]])
    return [
        text("document.pretexts_nearest", language, names=listed),
        text("document.pretexts_check", language),
    ]


def _to_check(items: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """For a family, each with its own check: work that is offered before what a journey is called,
    and never papers, so that the page is no list of covers.
    """
    of_family = [
        item for kind in _OF_FAMILY for item in items if item["kind"] == kind
    ][:_PRETEXTS]  # fmt: skip
    if not of_family:
        return [text("document.pretexts_check", language)]
    checks = [f"{item['text'][language]}: {item['check'][language]}" for item in of_family]
    return [text("document.pretexts_listed", language), *checks]


def _more(count: int, language: str) -> list[str]:
    return [text("document.and_more", language, count=count)] if count > 0 else []


def _actions(facts: Facts) -> list[Message]:
    own, others = [], []
    for kind in facts.lacking:
        service, office = Message(f"service.{kind}"), FOUNDERS[kind]
        if office == "regency":
            own.append(service)
        else:
            params = {"service": service, "office": Message(f"founder.{office}")}
            others.append(Message("document.do_ask_one", params))
    return [
        *([Message("document.do_found", {"services": own})] if own else []),
        *([Message("document.do_ask", {"services": others})] if others else []),
        Message("document.do_information"),
        Message("document.do_refer"),
    ]


def _corridors(rows: Sequence[Row], language: str) -> list[str]:
    """The largest, or by origin and class all where the tier has no more than the class."""
    if not rows or "destination_name" not in rows[0] or "persons_mean" in rows[0]:
        names = [(row["name"], row["class"]) for row in rows[:_LISTED]]
    else:
        ends = groupby(rows, lambda row: (row["origin_name"], row["class"]))
        names = [
            (f"{origin} - {', '.join(str(row['destination_name']) for row in alike)}", class_)
            for (origin, class_), alike in ends
        ]
    return [f"{name}: {label('class', class_, language)}" for name, class_ in names]


def _stops(row: Row) -> list[str]:
    """Places of a corridor in their order, as far as the tier has them."""
    if "waypoints" in row:
        return [str(stop["name"]) for stop in row["waypoints"]]
    ends = (row.get("origin_name"), row.get("destination_name"))
    return [str(name) for name in ends if name]
