"""The national report as a workbook and as a document of Word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geo.i18n import text
from geo.i18n.catalogue import localised
from layers.exports.print_book import PrintBook
from layers.release.marking import Marking
from layers.reports import docx, xlsx
from layers.reports.docx import Paper
from layers.reports.national import NationalReport, Standing
from layers.reports.xlsx import done_text, where_from

__all__ = ["national_book", "national_document", "plan_name"]

_PARTS = (
    ("task_force_part", "task_force", 34), ("province", "province", 28), ("plan", "version", 24),
    ("indicators", "indicators", 11), ("with_figure", "on_record", 13),
    ("ceiling_year", "ceiling", 20), ("spent_year", "spent", 20), ("obstacle", None, 26),
    ("follow_up", None, 26), ("responsible", None, 22),
)  # fmt: skip
_STANDINGS = (
    ("province", "province", 30), ("plan", "version", 28), ("visits", "visits", 12),
    ("visited", "villages", 14), ("steps_planned", "steps", 14),
    ("steps_done", "steps_done", 14), ("ceiling_year", "ceiling", 22), ("spent_year", "spent", 22),
)  # fmt: skip
_INDICATORS = (
    ("province", "province", 26), ("task_force_part", "task_force", 24), ("code", "code", 10),
    ("indicator", "indicator", 36), ("unit", "unit", 12), ("target_year", "target", 12),
    ("achieved", "done", 18), ("ceiling_year", "ceiling", 18), ("spent_year", "spent", 18),
    ("office", "office", 26), ("where_from", "where_from", 48),
)  # fmt: skip
_RECORDED = (("province", "province", 30), ("on_record_year", "said", 90))
_PAPER = (
    ("province", 48, False), ("plan", 42, False), ("indicators", 18, True),
    ("with_figure", 22, True), ("ceiling_year", 34, True), ("spent_year", 34, True),
    ("obstacle", 24, False), ("follow_up", 24, False), ("responsible", 21, False),
)  # fmt: skip
_PAPER_STANDINGS = (
    ("province", 54, False), ("plan", 55, False), ("visits", 22, True),
    ("visited", 24, True), ("steps_planned", 24, True), ("steps_done", 22, True),
    ("ceiling_year", 33, True), ("spent_year", 33, True),
)  # fmt: skip


def national_book(report: NationalReport, heading: Marking, language: str) -> bytes:
    """Sheets: the national plan, sub task forces by province, provinces, every indicator, counts on
    record.
    """
    book = PrintBook(heading, language)
    if (line := report.nation_line) is not None:
        xlsx.add_report(book, report.nation, "sheet.nation", under=line, language=language)
    rows = [
        {"task_force": name, **vars(part)} for name, parts in report.sections for part in parts
    ]  # fmt: skip
    book.add_list("sheet.report", _PARTS, rows, title=report.title, under=report.plans_line)
    book.add_table("sheet.provinces", _STANDINGS, [
        vars(row) | {"version": plan_name(row, language)} for row in report.standings
    ])  # fmt: skip
    book.add_table("sheet.indicators", _INDICATORS, list(_indicators(report, language)))
    said = [
        {"province": of.area_name, "said": line.in_language(language)}
        for of in (report.nation, *report.reports)
        for line in of.recorded
    ]
    book.add_table("sheet.recorded", _RECORDED, said)
    return book.with_notes(*report.nation.missing, *report.notes)


def plan_name(row: Standing, language: str) -> str:
    """The version of a province's plan, or that it has none: the national one is not its own."""
    return row.version or text("report.no_own_plan", language)


def national_document(report: NationalReport, heading: Marking, language: str) -> bytes:
    """The national plan, a table a sub task force with a row a province, and one of all provinces;
    A4 landscape.
    """
    paper = Paper(heading, language)
    paper.title(report.title)
    paper.line(heading.line)
    if (line := report.nation_line) is not None:
        paper.line(line)
    docx.add_report(paper, report.nation, language)
    paper.line(report.plans_line)

    def said(value: float | None) -> str:
        return "-" if value is None else localised(f"{value:,.0f}", language)

    for name, parts in report.sections:
        paper.heading(name)
        paper.table(_PAPER, [
            (part.province, part.version, said(part.indicators), said(part.on_record),
             said(part.ceiling), said(part.spent), "", "", "")
            for part in parts
        ])  # fmt: skip
    paper.heading(text("report.national_standings", language))
    paper.table(_PAPER_STANDINGS, [
        (row.province, plan_name(row, language), said(row.visits), said(row.villages),
         said(row.steps), said(row.steps_done), said(row.ceiling), said(row.spent))
        for row in report.standings
    ])  # fmt: skip
    paper.heading(text("report.sources", language))
    for note in report.notes:
        paper.bullet(note)
    return paper.closed()


def _indicators(report: NationalReport, language: str) -> Iterator[dict[str, Any]]:
    for of, task_force, row in report.rows():
        yield {
            "province": of.area_name, "task_force": task_force, "code": row.code,
            "indicator": row.indicator, "unit": row.unit, "target": row.target,
            "done": done_text(row, language) or None, "ceiling": row.ceiling, "spent": row.spent,
            "office": row.office, "where_from": where_from(row, language),
        }  # fmt: skip
