"""``petajaga backup`` and ``petajaga restore``: what a home alone has, in one file and back."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.options import JSON, Session, command, output_option
from api.cli.output import note, print_json
from api.cli.settings import operator_register, record_operator, service_settings

__all__ = ["backup_command", "restore_command"]


@command("backup", output_option(required=True), JSON)
def backup_command(session: Session, *, output: Path, as_json: bool) -> None:
    """Write register, key, imports and editions to one file."""
    from api.cli.backup_file import write_backup

    own_register = service_settings(session).database_url is None
    with operator_register(session) as register:
        backup = write_backup(session.home, output, with_register=own_register)
        record_operator(register, "backup", output.name)
    if as_json:
        return print_json(vars(backup))
    note(session.text("cli.backed_up", file=output, count=len(backup.files)))
    if not own_register:
        note(session.text("cli.backup_without_register"))
    return None


@command(
    "restore",
    click.argument("file", type=click.Path(path_type=Path)),
    click.option("--replace", is_flag=True),
    JSON,
)
def restore_command(session: Session, *, file: Path, replace: bool, as_json: bool) -> None:
    """Bring the content of a backup into the home; then build and publish again."""
    from api.cli.backup_file import restore_backup

    backup, aside = restore_backup(session.home, file, replace=replace)
    with operator_register(session) as register:
        record_operator(register, "restore", file.name)
    if as_json:
        return print_json({**vars(backup), "replaced": aside and str(aside)})
    note(session.text("cli.restored", count=len(backup.files), created=backup.created))
    if aside is not None:
        note(session.text("cli.restored_aside", folder=aside))
    if not backup.register:
        note(session.text("cli.backup_without_register"))
    words = " ".join(["petajaga build", *backup.build_words])
    note(session.text("cli.restored_build", command=words))
    return None
