"""Reports and proposals as spreadsheets, and a proposal as text to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo.i18n import Message, text
from geo.i18n.catalogue import localised
from geo.imports.plan_tables import BudgetLine
from layers.exports.print_book import PrintBook
from layers.release.marking import Marking
from layers.reports.values import Done, Proposal, Report, Row

__all__ = [
    "add_report", "done_text", "proposal_book", "proposal_text", "report_book", "report_title",
    "version_line", "where_from",
]  # fmt: skip

_REPORT = (
    ("task_force_part", "task_force", 22), ("code", "code", 10), ("indicator", "indicator", 34),
    ("unit", "unit", 12), ("target_year", "target", 12), ("achieved", "done", 14),
    ("ceiling_year", "ceiling", 18), ("spent_year", "spent", 18), ("obstacle", None, 26),
    ("follow_up", None, 26), ("responsible", None, 22), ("office", "office", 26),
    ("where_from", "where_from", 48),
)  # fmt: skip
_UNPLANNED = (
    ("indicator_code", "indicator", 16), ("sub_activity_code", "code", 24),
    ("sub_activity", "name", 46), ("ceiling_year", "ceiling", 18), ("spent_year", "spent", 18),
    ("office", "office", 34),
)  # fmt: skip
_PROPOSAL = (
    ("sub_activity_code", "code", 22), ("sub_activity", "name", 36), ("province", "province", 22),
    ("regency", "regency", 24), ("district", "district", 18), ("village", "village", 20),
    ("area_code", "area_code", 16), ("target_group", "target_group", 22), ("target", "target", 9),
    ("unit", "unit", 10), ("ceiling_idr", "ceiling", 18), ("funds", "funds", 20),
    ("office", "office", 32),
)  # fmt: skip


def report_title(report: Report) -> Message:
    """The title of a report: area and period."""
    return Message("report.title", {"area": report.area_name, "period": report.period.name})


def version_line(report: Report) -> Message:
    """Which version of the plan the report is by."""
    if not report.version:
        return Message("report.without_plan")
    return Message("report.version", {"version": report.version})


def done_text(row: Row, language: str) -> str:
    """What was done in words; an empty text where nothing is on record."""
    return "; ".join(_done(done, language) for done in row.done)


def _done(done: Done, language: str) -> str:
    value = localised(f"{done.value:,.15g}", language)
    return f"{value} {done.of.in_language(language)}" if done.of else value


def where_from(row: Row, language: str) -> str:
    """Where the figures of a row come from, and why one is not there."""
    return " ".join(note.in_language(language) for note in (*row.sources, *row.missing))


def report_book(report: Report, heading: Marking, language: str) -> bytes:
    """A report as a workbook, with blank columns for what only the office knows.

    Parameters
    ----------
    report : Report
    heading : Marking
    language : str
    """
    book = PrintBook(heading, language)
    add_report(book, report, "sheet.report", under=version_line(report), language=language)
    return book.with_notes(*report.missing, *report.recorded, *report.notes)


def add_report(
    book: PrintBook, report: Report, sheet: str, *, under: Message, language: str
) -> None:
    """The sheet of a report's indicators, and one of its budget outside the plan, if any."""
    rows = [
        {
            "task_force": section.name, "code": row.code, "indicator": row.indicator,
            "unit": row.unit, "target": _amount(row.target), "done": _cell(row, language),
            "ceiling": _amount(row.ceiling), "spent": _amount(row.spent), "office": row.office,
            "where_from": where_from(row, language),
        }
        for section in report.sections
        for row in section.rows
    ]  # fmt: skip
    book.add_list(sheet, _REPORT, rows, title=report_title(report), under=under)
    if report.unplanned:
        book.add_table("sheet.unplanned", _UNPLANNED, [_line(line) for line in report.unplanned])


def proposal_book(proposal: Proposal, heading: Marking, language: str) -> bytes:
    """A proposal as a workbook: one row a sub-activity and village.

    Parameters
    ----------
    proposal, heading, language
        As in :func:`report_book`.
    """
    book = PrintBook(heading, language)
    about = {"area": proposal.area_name, "period": proposal.period.name}
    book.add_list(
        "sheet.proposal", _PROPOSAL, _proposed(proposal),
        title=Message("report.proposal_title", about),
        under=Message("report.proposal_rows", {"count": len(proposal.rows)}),
    )  # fmt: skip
    return book.with_notes(*proposal.notes)


def proposal_text(proposal: Proposal, language: str) -> str:
    """A proposal as lines with tabs, to paste; no cell begins like a formula."""
    head = [text(f"heading.{name}", language) for name, _, _ in _PROPOSAL]
    rows = [[_plain(row[column]) for _, column, _ in _PROPOSAL] for row in _proposed(proposal)]
    return "".join("\t".join(cells) + "\n" for cells in (head, *rows))


def _plain(value: Any) -> str:
    words = "" if value is None else " ".join(str(value).split())
    return f"'{words}" if words[:1] in {"=", "+", "-", "@"} else words


def _proposed(proposal: Proposal) -> Sequence[Mapping[str, Any]]:
    levels = ("province", "regency", "district", "village")
    return [
        {
            "code": row.code, "name": row.name, **dict(zip(levels, row.places, strict=True)),
            "area_code": row.area_code, "target_group": row.target_group,
            "target": _amount(row.target), "unit": row.unit, "ceiling": _amount(row.ceiling),
            "funds": row.funds, "office": row.office,
        }
        for row in proposal.rows
    ]  # fmt: skip


def _line(line: BudgetLine) -> dict[str, Any]:
    return {
        "indicator": line.indicator, "code": line.code, "name": line.name,
        "ceiling": _amount(line.ceiling), "spent": _amount(line.spent), "office": line.office,
    }  # fmt: skip


def _cell(row: Row, language: str) -> float | int | str | None:
    """What was done as a number where it is one, so that the office can reckon with it."""
    if len(row.done) == 1 and row.done[0].of is None:
        return _amount(row.done[0].value)
    return done_text(row, language) or None


def _amount(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value
