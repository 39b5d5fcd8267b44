"""``petajaga audit``: whose account took a file that was found where it should not be."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.options import JSON, Group, Session, command
from api.cli.output import headings, print_json, print_table
from api.cli.settings import operator_register
from geo.errors import InputError, UnknownNameError

__all__ = ["audit_command"]


@click.group("audit", cls=Group)
def audit_command() -> None:
    """Read the audit."""


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


audit_command.add_command(
    command("mark", click.argument("file", type=click.Path(path_type=Path)), JSON)(_mark)
)
