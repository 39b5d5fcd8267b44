"""``petajaga warn``: counts above what their own past leads to expect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import headings, note, number, print_json, print_table, progress
from geo.i18n import text
from geo.i18n.catalogue import label

__all__ = ["warn_command"]


@command("warn", click.option("--past", is_flag=True), JSON)
def warn_command(session: Session, *, past: bool, as_json: bool) -> None:
    """Name counts above what their own past leads to expect, and records that ended."""
    from api.cli.state import read_build
    from layers.plans.early_warning import early_warnings
    from layers.release.counts import published_counts

    with progress("warn", session.lang):
        build = read_build(session)
        found = early_warnings(published_counts(build.counts, build.areas).to_dict("records"),
                               past=past)  # fmt: skip
    if as_json:
        return print_json(found)
    lang = session.lang
    if found["warnings"]:
        print_table(
            headings(lang, "name", "measure", "year", "recorded", "expected", "check"),
            [_cells(row, lang) for row in found["warnings"]], right=(3,),
        )  # fmt: skip
    else:
        click.echo(text("warning.none", lang))
    if found["silent"]:
        click.echo()
        click.echo(text("warning.silent", lang))
        print_table(
            headings(lang, "name", "measure", "last_year"),
            [(row["area_name"], _measure(row, lang), str(row["last"])) for row in found["silent"]],
        )
    click.echo()
    click.echo(text("warning.rules", lang))
    print_table(
        headings(lang, "measure", "series", "told_1", "told_2", "told_3"),
        [
            (label("measure", rule["measure"], lang), str(rule["streams"]),
             *(f"{round(100 * share)}%" for share in rule["detected"]))
            for rule in found["rules"]
        ], right=(1, 2, 3, 4),
    )  # fmt: skip
    return note(text(
        "warning.stated", lang, streams=found["streams"], false_alarms=found["false_alarms"],
    ))  # fmt: skip


def _measure(row: Mapping[str, Any], lang: str) -> str:
    name = label("measure", row["measure"], lang)
    if row["legal_class"] == "unknown":
        return name
    return f"{name} ({label('legal_class', row['legal_class'], lang)})"


def _cells(row: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    ends = {end: number(value, digits=0, lang=lang) for end, value in row["expected"].items()}
    return (
        row["area_name"], _measure(row, lang), str(row["year"]),
        number(row["count"], digits=0, lang=lang),
        f"{ends['mean']} ({ends['p05']} - {ends['p95']})", row["check"][lang],
    )  # fmt: skip
