"""``petajaga audit``: is it whole, and whose account took a file found where it should not be."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import click

from api.cli.options import JSON, Group, Session, command
from api.cli.output import headings, note, print_json, print_table
from api.cli.settings import operator_register, record_operator, service_settings
from geo.errors import InputError, UnknownNameError

__all__ = ["audit_command"]


@click.group("audit", cls=Group)
def audit_command() -> None:
    """Read the audit, and check that it is whole."""


def _mark(session: Session, *, file: Path, as_json: bool) -> None:
    """Resolve the mark in a file to the account, time and request behind it."""
    from api.auth.audit import entries
    from layers.release.marking import marks_in

    marks = marks_in(file)
    if not marks:
        raise InputError("mark.none", file=file.name, field="file")
    with operator_register(session) as register:
        rows = [
            {"mark": mark, "at": row["at"], "account": row["account"],
             "request": row["target"].removeprefix(f"{mark} ")}
            for mark in marks for row in entries(register, mark=mark)
        ]  # fmt: skip
    if not rows:
        raise UnknownNameError("mark.not_in_audit", marks=marks, matches=(), field="file")
    if as_json:
        return print_json(rows)
    names = ("mark", "at", "account", "request")
    return print_table(headings(session.lang, *names), [list(row.values()) for row in rows])


def _verify(session: Session, *, noted: str | None, as_json: bool) -> None:
    """Check that no row was changed, removed or added since it was written."""
    from api.register.audit_chain import verify

    known = None
    if noted is not None:
        if not (form := re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", noted)):
            raise InputError("audit.noted_form", field="noted")
        known = int(form[1]), form[2]
    with operator_register(session) as register:
        end = verify(register, noted=known)
    if as_json:
        return print_json(asdict(end))
    first = end.first or "-"
    click.echo(session.text("cli.audit_whole", count=end.rows, first=first, before=end.before))
    if end.pruned:
        click.echo(session.text("cli.audit_pruned", count=end.pruned))
    return click.echo(session.text("cli.audit_end", end=f"{end.last}:{end.mac}"))


def _restart(session: Session) -> None:
    """Begin a new chain with a new key, after the old one is found broken or its key lost."""
    from api.register.opening import restart_audit

    restart_audit(service_settings(session))
    with operator_register(session) as register:
        record_operator(register, "audit.restart", "")
    note(session.text("cli.audit_restarted"))


audit_command.add_command(
    command("verify", click.option("--noted", metavar="N:MAC"), JSON)(_verify)
)
audit_command.add_command(command("restart")(_restart))
audit_command.add_command(
    command("mark", click.argument("file", type=click.Path(path_type=Path)), JSON)(_mark)
)
