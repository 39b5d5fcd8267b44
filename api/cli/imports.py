"""``petajaga import``: an agency's own data over the embedded ones; a dry run by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from api.cli.options import JSON, Session, command
from api.cli.output import note, print_json, print_table

if TYPE_CHECKING:
    from geo.imports.report import Report

__all__ = ["import_command"]

_SHOWN = 20
_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "read": ("Dibaca", "Read"),
        "accepted": ("Diterima", "Accepted"),
        "matched": ("Cocok dengan yang dikenal", "Matched with what is known"),
        "new": ("Baru", "New"),
        "replaced": ("Mengganti", "Replaced"),
        "repaired": ("Diperbaiki", "Repaired"),
        "refused": ("Ditolak", "Refused"),
        "line": ("Baris", "Line"),
        "row": ("Baris", "Row"),
        "feature": ("Fitur", "Feature"),
        "column": ("Kolom", "Column"),
        "outcome": ("Hasil", "Outcome"),
        "why": ("Alasan", "Why"),
        "rows": ("Jumlah", "Rows"),
        "more": ("lagi; semuanya dengan --json", "more; all of them with --json"),
        "dry": (
            "Baru dicoba; belum ada yang berubah. Terapkan dengan --apply.",
            "Only tried; nothing has changed. Apply it with --apply.",
        ),
        "applied": ("Diterapkan, impor", "Applied, import"),
        "same": ("Berkas ini sudah diterapkan, impor", "This file is applied already, import"),
        "undone": ("Dibatalkan, impor", "Undone, import"),
        "next": (
            "Lalu: petajaga build, petajaga publish",
            "Next: petajaga build, petajaga publish",
        ),
        "none": ("Belum ada impor.", "No imports yet."),
        "file": ("Berkas", "File"),
        "kind": ("Jenis", "Kind"),
        "when": ("Kapan", "When"),
        "by": ("Oleh", "By"),
    }
)


def _say(key: str, lang: str) -> str:
    return _WORDS[key][0 if lang == "id" else 1]


@command(
    "import",
    click.argument("kind", required=False),
    click.argument("file", required=False, type=click.Path(path_type=Path)),
    click.option("--dry-run", is_flag=True, help="Only report; this is what happens anyway."),
    click.option("--apply", "apply_it", is_flag=True, help="Make the accepted rows count."),
    click.option("--template", is_flag=True, help="Print headings, HXL tags and an example row."),
    click.option("--undo", metavar="ID", help="Take an import back."),
    click.option("--list", "list_them", is_flag=True, help="List the imports that count."),
    JSON,
    short_help="Load your own data over the embedded ones (a dry run unless --apply).",
)
def import_command(
    session: Session,
    *,
    kind: str | None,
    file: Path | None,
    dry_run: bool,
    apply_it: bool,
    template: bool,
    undo: str | None,
    list_them: bool,
    as_json: bool,
) -> None:
    """Load places, boundaries, indicators, counts, terminals, legs, network or outreach from FILE.

    CSV, XLSX, GeoJSON, GeoPackage, GeoParquet or a zipped shapefile; a road network is an
    OpenStreetMap extract (.osm.pbf), see: import network --template. Nothing changes without
    --apply. Files that hold data on persons or a shelter are refused whole.
    """
    if sum((dry_run, apply_it, template, undo is not None, list_them)) > 1:
        raise click.UsageError("use only one of --dry-run, --apply, --template, --undo, --list")
    if list_them:
        return _list(session, as_json=as_json)
    if undo is not None:
        return _undo(session, undo, as_json=as_json)
    from geo.imports.kinds import KINDS, kind_named
    from geo.imports.kinds import template as template_of

    if kind is None:
        raise click.UsageError(f"say what to import: one of {', '.join(KINDS)}")
    chosen = kind_named(kind)
    if template:
        return click.echo(template_of(chosen, session.lang), nl=False)
    if file is None:
        raise click.UsageError("name the file to import, or use --template")
    return _import(session, chosen.name, file, apply_it=apply_it, as_json=as_json)


def _import(session: Session, kind: str, file: Path, *, apply_it: bool, as_json: bool) -> None:
    from geo.imports.service import dry_run, import_file

    if not apply_it:
        report = dry_run(file, kind, session.home)
        entry, changed = None, False
    else:
        report, entry, changed = import_file(file, kind, session.home, by="operator")
        if changed:
            _audit(session, "apply", entry.id)
    if as_json:
        applied = None if entry is None else asdict(entry)
        return print_json(
            {**report.in_language(session.lang), "applied": applied, "changed": changed}
        )
    _show(report, session.lang)
    if entry is None:
        return note(_say("dry", session.lang))
    click.echo(f"{_say('applied' if changed else 'same', session.lang)} {entry.id}")
    return note(_say("next", session.lang)) if changed else None


def _show(report: Report, lang: str) -> None:
    from geo.i18n import text

    names = ("read", "accepted", "matched", "new", "replaced", "repaired", "refused")
    for message in report.notes:
        note(message.in_language(lang))
    rows = [(_say(name, lang), str(getattr(report, name))) for name in names]
    print_table([report.file, _say("rows", lang)], rows, right=(1,))
    if report.figures and report.reasons:  # of a network, whose ways are too many to list
        click.echo()
        reasons = [
            (str(count), _say(outcome, lang), text(code, lang))
            for outcome, counts in report.reasons.items()
            for code, count in counts.items()
        ]
        print_table([_say(key, lang) for key in ("rows", "outcome", "why")], reasons, right=(0,))
    if not report.issues:
        return
    click.echo()
    print_table(
        [_say(key, lang) for key in (report.unit, "column", "outcome", "why")],
        [
            (
                str(issue.line),
                issue.column,
                _say(issue.outcome, lang),
                issue.message.in_language(lang),
            )
            for issue in sorted(report.issues, key=lambda i: i.outcome != "refused")[:_SHOWN]
        ],
        right=(0,),
    )
    more = sum(sum(counts.values()) for counts in report.reasons.values()) - min(
        len(report.issues), _SHOWN
    )
    if more > 0:
        note(f"+ {more} {_say('more', lang)}")


def _list(session: Session, *, as_json: bool) -> None:
    from geo.imports.store import entries

    found = entries(session.home)
    if as_json:
        return print_json([asdict(entry) for entry in found])
    if not found:
        return note(_say("none", session.lang))
    return print_table(
        ["ID", *(_say(key, session.lang) for key in ("kind", "file", "rows", "when", "by"))],
        [(e.id, e.kind, e.file, str(e.rows), e.applied_at, e.by) for e in found],
        right=(3,),
    )


def _undo(session: Session, name: str, *, as_json: bool) -> None:
    from geo.imports.store import undo

    entry = undo(session.home, name, by="operator")
    _audit(session, "undo", entry.id)
    if as_json:
        return print_json({"undone": asdict(entry)})
    click.echo(f"{_say('undone', session.lang)} {entry.id}")
    return note(_say("next", session.lang))


def _audit(session: Session, action: str, name: str) -> None:
    from api.auth.audit import record
    from api.cli.settings import service_settings
    from api.register.database import open_register

    register = open_register(service_settings(session).register_url)
    try:
        record(
            register,
            account="operator",
            tier="operator",
            action=f"imports.{action}",
            status=200,
            target=name,
        )
    finally:
        register.close()
