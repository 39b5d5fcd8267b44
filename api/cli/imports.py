"""``petajaga import``: an agency's own data over the embedded ones; a dry run by default."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import headings, note, print_json, print_table
from api.cli.settings import operator_register, record_operator
from geo.i18n import has, text
from geo.imports.options import DECIMALS, SYSTEMS, Options

if TYPE_CHECKING:
    from geo.imports.agreements import Agreement
    from geo.imports.report import Report

__all__ = ["import_command"]

_SHOWN = 20
_LINES = 5
_WIDEST = 30
"""Characters of a cell in the preview."""
_LISTED = ("import_kind", "file", "rows", "when", "by", "agreement")


@command(
    "import",
    click.argument("kind", required=False),
    click.argument("file", required=False, type=click.Path(path_type=Path)),
    click.option("--dry-run", is_flag=True),
    click.option("--apply", "apply_it", is_flag=True),
    click.option("--sheet", "--layer", "part", metavar="NAME"),
    click.option("--map", "mapped", metavar="HEADING=COLUMN", multiple=True),
    click.option("--codes", type=click.Choice(SYSTEMS)),
    click.option("--decimal", type=click.Choice(list(DECIMALS))),
    click.option("--new-measure", "new_measures", metavar="NAME", multiple=True),
    click.option("--template", is_flag=True),
    click.option("--undo", metavar="ID"),
    click.option("--list", "list_them", is_flag=True),
    click.option("--under", metavar="NUMBER", default=""),
    click.option("--agreement", is_flag=True),
    click.option("--agreements", is_flag=True),
    click.option("--withdraw", metavar="NUMBER"),
    JSON,
)
def import_command(
    session: Session,
    *,
    kind: str | None,
    file: Path | None,
    dry_run: bool,
    apply_it: bool,
    part: str | None,
    mapped: tuple[str, ...],
    codes: str | None,
    decimal: str | None,
    new_measures: tuple[str, ...],
    template: bool,
    undo: str | None,
    list_them: bool,
    under: str,
    agreement: bool,
    agreements: bool,
    withdraw: str | None,
    as_json: bool,
) -> None:
    """Check a FILE of one KIND, and with --apply load it; list and undo earlier imports.

    Files that count persons are loaded --under the NUMBER of an agreement: --agreement prints one
    to fill in, and --agreement FILE --apply registers it.
    """
    chosen = {
        "--dry-run": dry_run, "--apply": apply_it, "--template": template, "--list": list_them,
        "--undo": undo is not None, "--agreements": agreements, "--withdraw": withdraw is not None,
    }  # fmt: skip
    if sum(chosen.values()) > 1:
        raise WrongUse("cli.one_of", options=list(chosen))
    if list_them:
        return _list(session, as_json=as_json)
    if undo is not None:
        return _undo(session, undo, as_json=as_json)
    if agreements:
        return _list_agreements(session, as_json=as_json)
    if withdraw is not None:
        return _withdraw(session, withdraw, as_json=as_json)
    if agreement:
        return _agreement(session, kind, apply_it=apply_it, as_json=as_json)
    from geo.imports.kinds import KINDS, kind_named
    from geo.imports.kinds import template as template_of

    if kind is None:
        raise WrongUse("cli.kind_missing", kinds=list(KINDS))
    import_kind = kind_named(kind)
    if template:
        return click.echo(template_of(import_kind, session.lang), nl=False)
    if file is None:
        raise WrongUse("cli.import_file_missing")
    decided = Options.of(mapped, codes=codes, decimal=decimal, new_measures=new_measures)
    return _import(
        session,
        import_kind.name,
        file,
        apply_it=apply_it,
        part=part,
        options=decided,
        under=under,
        as_json=as_json,
    )


def _import(
    session: Session,
    kind: str,
    file: Path,
    *,
    apply_it: bool,
    part: str | None,
    options: Options,
    under: str,
    as_json: bool,
) -> None:
    from geo.imports.service import dry_run, import_file

    if not apply_it:
        report = dry_run(file, kind, session.home, part=part, options=options)
        entry, changed = None, False
    else:
        report, entry, changed = import_file(
            file, kind, session.home, by="operator", part=part, options=options, under=under
        )
        if changed:
            _audit(session, "apply", entry.id)
    if as_json:
        applied = None if entry is None else asdict(entry)
        document = report.in_language(session.lang)
        return print_json({**document, "applied": applied, "changed": changed})
    _show(report, session.lang)
    if entry is None:
        return note(session.text("cli.dry_run"))
    code = "cli.import_applied" if changed else "cli.import_same"
    click.echo(session.text(code, id=entry.id))
    return _next(session, entry.kind) if changed else None


def _shortened(text: str) -> str:
    """A cell of the preview, cut where it is long."""
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _show(report: Report, lang: str) -> None:
    names = ("read", "accepted", "matched", "new", "replaced", "repaired", "left_out", "refused")
    for message in report.notes:
        note(message.in_language(lang))
    rows = [(text(f"cli.outcome.{name}", lang), str(getattr(report, name))) for name in names]
    if report.columns:
        _show_columns(report, lang)
    print_table([report.file, text("heading.rows", lang)], rows, right=(1,))
    if report.figures and report.reasons:  # of a network, whose ways are too many to list
        click.echo()
        reasons = [
            (str(count), text(f"cli.outcome.{outcome}", lang), text(code, lang))
            for outcome, counts in report.reasons.items()
            for code, count in counts.items()
        ]
        print_table(headings(lang, "rows", "outcome", "why"), reasons, right=(0,))
    if not report.issues:
        return
    click.echo()
    listed = report.grouped()[:_SHOWN]
    issues = [
        (
            _lines(issue.line for issue in same),
            same[0].column,
            text(f"cli.outcome.{same[0].outcome}", lang),
            same[0].message.in_language(lang),
        )
        for same in listed
    ]
    print_table(headings(lang, report.unit, "column", "outcome", "why"), issues, right=(0,))
    found = sum(sum(counts.values()) for counts in report.reasons.values())
    more = found - sum(map(len, listed))
    if more > 0:
        note(text("cli.more_issues", lang, more=more))


def _lines(lines: Iterable[int]) -> str:
    """The first of some lines, each once, and how many more there are."""
    each = list(dict.fromkeys(lines))
    more = [f"+{len(each) - _LINES}"] if len(each) > _LINES else []
    return ", ".join([*map(str, each[:_LINES]), *more])


def _show_columns(report: Report, lang: str) -> None:
    """The meaning of each column, and the first rows as they will be stored."""
    rows = []
    for column in report.columns:
        series = column["series"]
        label = text(f"measure.{series}", lang) if has(f"measure.{series}") else ""
        meaning = [column["column"], f"{series} ({label})" if label else series, column["year"]]
        value = column.get("value", "")
        stated = " = ".join(filter(None, [" ".join(filter(None, meaning)), value]))
        rows.append((column["heading"], stated or "-", text(f"meaning.{column['reason']}", lang)))
    print_table(headings(lang, "in_file", "meaning", "why"), rows)
    click.echo()
    if report.preview:
        names = [name for name in report.preview[0] if name != "id"]
        cells = [tuple(_shortened(row.get(name, "")) for name in names) for row in report.preview]
        click.echo(text("cli.import_preview", lang))
        print_table(names, cells)
        click.echo()


def _list(session: Session, *, as_json: bool) -> None:
    from geo.imports.store import changed_since_build, entries

    applied, changes = entries(session.home), changed_since_build(session.home)
    if as_json:
        return print_json(
            [{**asdict(entry), "waiting": entry in changes.waiting} for entry in applied]
        )
    for change in changes.messages:
        note(change.in_language(session.lang))
    if not applied:
        return note(session.text("cli.no_imports"))
    kinds = (f"{entry.kind}: {session.text(f'import_kind.{entry.kind}')}" for entry in applied)
    rows = [
        (entry.id, kind, entry.file, str(entry.rows), entry.applied_at, entry.by, entry.under)
        for entry, kind in zip(applied, kinds, strict=True)
    ]
    return print_table(["ID", *headings(session.lang, *_LISTED)], rows, right=(3,))


def _undo(session: Session, name: str, *, as_json: bool) -> None:
    from geo.imports.store import undo

    entry = undo(session.home, name, by="operator")
    _audit(session, "undo", entry.id)
    if as_json:
        return print_json({"undone": asdict(entry)})
    click.echo(session.text("cli.import_undone", id=entry.id))
    return _next(session, entry.kind)


def _next(session: Session, kind: str) -> None:
    """Say what takes up the change: a build, or a report at once."""
    from geo.imports.kinds import KINDS

    note(session.text("cli.next_build" if KINDS[kind].built else "cli.next_report"))


def _agreement(session: Session, file: str | None, *, apply_it: bool, as_json: bool) -> None:
    """Print the template, or check an agreement and with ``apply_it`` register it."""
    from geo.imports.agreements import agreement_template, read_agreement
    from geo.imports.store import register

    if file is None:
        return click.echo(agreement_template(session.lang), nl=False)
    agreement, changed = read_agreement(Path(file)), False
    if apply_it:
        content = Path(file).read_bytes()
        agreement, changed = register(session.home, agreement, content, by="operator")
        if changed:
            _audit(session, "register_agreement", agreement.number)
    if as_json:
        return print_json({"agreement": agreement.document(), "changed": changed})
    _print_agreements(session, [agreement])
    if not apply_it:
        return note(session.text("cli.dry_run"))
    code = "cli.agreement_registered" if changed else "cli.agreement_same"
    return click.echo(session.text(code, number=agreement.number))


def _list_agreements(session: Session, *, as_json: bool) -> None:
    from geo.imports.store import agreements

    stored = list(agreements(session.home).values())
    if as_json:
        return print_json([agreement.document() for agreement in stored])
    if not stored:
        return note(session.text("cli.no_agreements"))
    return _print_agreements(session, stored)


def _print_agreements(session: Session, stored: Sequence[Agreement]) -> None:
    def labels(family: str, values: Sequence[str]) -> str:
        return ", ".join(session.text(f"{family}.{value}") for value in values)

    rows = [
        (
            agreement.number,
            agreement.owner,
            labels("purpose", agreement.purpose),
            labels("tier", agreement.tiers),
            session.text(f"level.{agreement.finest_level}"),
            agreement.retain_until,
            agreement.withdrawn_at[:10],
        )
        for agreement in stored
    ]
    names = ("agreement", "owner", "purpose", "tiers", "finest_level", "retain_until", "withdrawn")
    print_table(headings(session.lang, *names), rows)


def _withdraw(session: Session, number: str, *, as_json: bool) -> None:
    from geo.imports.store import withdraw

    gone = withdraw(session.home, number, by="operator")
    _audit(session, "withdraw_agreement", number)
    if as_json:
        return print_json({"withdrawn": number, "undone": [asdict(entry) for entry in gone]})
    click.echo(session.text("cli.agreement_withdrawn", number=number, count=len(gone)))
    return note(session.text("cli.next_build"))


def _audit(session: Session, action: str, name: str) -> None:
    with operator_register(session) as register:
        record_operator(register, f"imports.{action}", name)
