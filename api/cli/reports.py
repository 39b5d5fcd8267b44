"""``petajaga report``: the report of a task force, the activities it proposes, its calendar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, WrongUse, check_ending, command, output_option
from api.cli.output import headings, note, print_json, print_table
from geo.codes import COUNTRY, is_country
from geo.errors import InputError
from geo.i18n.catalogue import localised
from geo.periods import period_of

if TYPE_CHECKING:
    from layers.release.marking import Marking
    from layers.reports.national import NationalReport
    from layers.reports.values import Proposal, Report

__all__ = ["report_command"]

_REPORT_FILES, _PROPOSAL_FILES = (".docx", ".xlsx"), (".xlsx", ".tsv")


@command(
    "report",
    click.argument("area"),
    click.option("--period", required=True, metavar="TEXT"),
    click.option("--proposal", is_flag=True),
    click.option("--sub-activity", default="", metavar="CODE"),
    click.option("--unit-cost", default="", metavar="TEXT"),
    click.option("--calendar", is_flag=True),
    output_option("FILE.docx"),
    JSON,
)
def report_command(
    session: Session,
    *,
    area: str,
    period: str,
    proposal: bool,
    sub_activity: str,
    unit_cost: str,
    calendar: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Fill in the report of the task force of an AREA, or list what it proposes."""
    if proposal and calendar:
        raise WrongUse("cli.one_of", options=["--proposal", "--calendar"])
    for option, given in (("--sub-activity", sub_activity), ("--unit-cost", unit_cost)):
        if given and not proposal:
            raise WrongUse("cli.goes_with", option=option, other="--proposal")
    if calendar and output is not None:
        raise WrongUse("cli.one_of", options=["--calendar", "--output"])
    check_ending(output, *(_PROPOSAL_FILES if proposal else _REPORT_FILES))
    from api.cli.settings import operator_register, record_operator
    from api.state.reports import Reports
    from layers.release.release import open_release
    from layers.visibility import ALL_PROVINCES, OPERATOR

    found = period_of(period)
    with open_release(session.home) as release:

        def rows(layer: str) -> list[dict[str, Any]]:
            page = release.features(
                layer, OPERATOR, province=ALL_PROVINCES, limit=1_000_000, shapes=False
            )
            return [feature["properties"] for feature in page.features]

        names = {row["code"]: row["name"] for row in rows("areas")}
        code = _code_of(names, area, one_area=proposal or calendar)
        heading = None
        if output is not None:
            from api.cli.settings import file_marking

            heading = file_marking(session, release, OPERATOR, request=f"report {output.name}")
        with operator_register(session) as register:
            record_operator(register, "report", code)
            reports = Reports(register, session.home, None, rows=rows, names=names,
                              edition=release.edition)  # fmt: skip
            if proposal:
                cost = _rupiah(unit_cost)
                made = reports.proposal(code, found, sub_activity=sub_activity, unit_cost=cost)
                return _propose(session, made, output, heading, as_json=as_json)
            if code == COUNTRY:
                whole = reports.national(found)
                return _national(session, whole, output, heading, as_json=as_json)
            report = reports.report(code, found)
    if output is not None and heading is not None:
        _write(output, report, heading, session.lang)
    if as_json:
        return print_json(report.document())
    if calendar:
        return _print_calendar(session, report)
    _print_report(session, report)
    if output is not None:
        note(session.text("cli.written", file=output))
    return None


def _code_of(names: dict[str, str], area: str, *, one_area: bool) -> str:
    """The code of a province or regency, or what stands for the whole country."""
    from geo.names import area_code

    if is_country(area):
        if one_area:
            raise InputError("report.national_alone", field="area")
        return COUNTRY
    code = area_code(names, area)
    if len(code) not in (2, 5):
        raise InputError("report.area", field="area", name=names.get(code, code))
    return code


def _rupiah(text: str) -> float | None:
    from geo.imports.numbers import read_rupiah

    return read_rupiah(text).value if text else None


def _write(output: Path, report: Report, heading: Marking, lang: str) -> None:
    from geo.files import write_bytes
    from layers.reports.docx import report_document
    from layers.reports.xlsx import report_book

    made = report_document if output.suffix == ".docx" else report_book
    write_bytes(output, made(report, heading, lang))


def _amount(value: float | None, lang: str) -> str:
    return "-" if value is None else localised(f"{value:,.15g}", lang)


def _print_report(session: Session, report: Report) -> None:
    from layers.reports.xlsx import report_title, version_line

    lang = session.lang
    click.echo(report_title(report).in_language(lang))
    click.echo(version_line(report).in_language(lang))
    _print_filled(session, report)
    for message in report.notes:
        note(message.in_language(lang))
    _next_step(session, report)


def _print_filled(session: Session, report: Report) -> None:
    """What is missing, the indicators, budget outside the plan, and what is on record."""
    from layers.reports.xlsx import done_text, where_from

    lang = session.lang
    for missing in report.missing:
        note(missing.in_language(lang))
    names = ("code", "indicator", "target_year", "achieved", "ceiling_year", "spent_year",
             "office", "where_from")  # fmt: skip
    for section in report.sections:
        click.echo()
        click.echo(section.name)
        rows = [
            (row.code, row.indicator, _amount(row.target, lang), done_text(row, lang) or "-",
             _amount(row.ceiling, lang), _amount(row.spent, lang), row.office or "-",
             where_from(row, lang))
            for row in section.rows
        ]  # fmt: skip
        print_table(headings(lang, *names), rows, right=(2, 3, 4, 5))
    if report.unplanned:
        click.echo()
        click.echo(session.text("report.unplanned"))
        print_table(
            headings(lang, "indicator_code", "sub_activity_code", "sub_activity", "ceiling_year"),
            [(line.indicator, line.code, line.name, _amount(line.ceiling, lang))
             for line in report.unplanned],
            right=(3,),
        )  # fmt: skip
    if report.recorded:
        click.echo(f"\n{session.text('report.recorded_title')}")
        for recorded in report.recorded:
            click.echo(f"- {recorded.in_language(lang)}")


def _national(
    session: Session, report: NationalReport, output: Path | None, heading: Marking | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    from geo.files import write_bytes
    from layers.reports.national_files import national_book, national_document, plan_name

    lang = session.lang
    if output is not None and heading is not None:
        made = national_document if output.suffix == ".docx" else national_book
        write_bytes(output, made(report, heading, lang))
    if as_json:
        return print_json(report.document())
    click.echo(report.title.in_language(lang))
    if (line := report.nation_line) is not None:
        click.echo(line.in_language(lang))
    _print_filled(session, report.nation)
    click.echo(f"\n{report.plans_line.in_language(lang)}")
    names = ("province", "plan", "indicators", "with_figure", "ceiling_year", "spent_year")
    for name, parts in report.sections:
        click.echo(f"\n{name}")
        rows = [
            (part.province, part.version, str(part.indicators), str(part.on_record),
             _amount(part.ceiling, lang), _amount(part.spent, lang))
            for part in parts
        ]  # fmt: skip
        print_table(headings(lang, *names), rows, right=(2, 3, 4, 5))
    click.echo(f"\n{session.text('report.national_standings')}")
    standings = [
        (row.province, plan_name(row, lang), _amount(row.visits, lang), _amount(row.villages, lang),
         _amount(row.steps, lang), _amount(row.steps_done, lang), _amount(row.ceiling, lang),
         _amount(row.spent, lang))
        for row in report.standings
    ]  # fmt: skip
    columns = ("province", "plan", "visits", "visited", "steps_planned", "steps_done",
             "ceiling_year", "spent_year")  # fmt: skip
    print_table(headings(lang, *columns), standings, right=(2, 3, 4, 5, 6, 7))
    for message in report.notes:
        note(message.in_language(lang))
    return note(session.text("cli.written", file=output)) if output is not None else None


def _no_calendar(session: Session) -> None:
    kind = session.text("import_kind.planning_calendar")
    note(session.text("report.no_calendar", kind=kind))


def _print_calendar(session: Session, report: Report) -> None:
    if not report.calendar:
        return _no_calendar(session)
    rows = [
        (session.text(f"calendar.{step.step}"), str(step.year), step.starts or "-", step.until,
         step.source)
        for step in report.calendar
    ]  # fmt: skip
    names = ("calendar_step", "year", "since", "until", "source")
    print_table(headings(session.lang, *names), rows)
    return _next_step(session, report)


def _next_step(session: Session, report: Report) -> None:
    if not report.calendar:
        _no_calendar(session)
    if (line := report.next_step_line) is not None:
        note(line.in_language(session.lang))


def _propose(
    session: Session, proposal: Proposal, output: Path | None, heading: Marking | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    from geo.files import write_bytes
    from layers.reports.xlsx import proposal_book, proposal_text

    if output is not None and heading is not None:
        if output.suffix == ".tsv":
            write_bytes(output, proposal_text(proposal, session.lang).encode())
        else:
            write_bytes(output, proposal_book(proposal, heading, session.lang))
    if as_json:
        return print_json(proposal.document())
    rows = [
        (row.code or "-", row.name or "-", row.places[3], row.places[1], row.area_code,
         _amount(row.target, session.lang), row.unit or "-", _amount(row.ceiling, session.lang))
        for row in proposal.rows
    ]  # fmt: skip
    names = ("sub_activity_code", "sub_activity", "village", "regency", "area_code", "target",
             "unit", "ceiling_idr")  # fmt: skip
    if rows:
        print_table(headings(session.lang, *names), rows, right=(5, 7))
    for message in proposal.notes:
        note(message.in_language(session.lang))
    return note(session.text("cli.written", file=output)) if output is not None else None
