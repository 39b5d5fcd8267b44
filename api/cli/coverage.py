"""``petajaga coverage``: in how many villages prevention is on record, by area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import (
    headings,
    note,
    number,
    persons_interval,
    print_json,
    print_table,
    progress,
)
from geo.i18n import text
from geo.i18n.catalogue import label

__all__ = ["coverage_command"]


@command("coverage", click.argument("area", required=False), JSON)
def coverage_command(session: Session, *, area: str | None, as_json: bool) -> None:
    """Say in how many villages prevention is on record: by province, or within one AREA."""
    from api.cli.state import area_code, read_build
    from layers.query.coverage import coverage
    from layers.release.published import published_rows
    from layers.visibility import OPERATOR

    with progress("coverage", session.lang):
        build = read_build(session)
        code = None if area is None else area_code(build.columns("areas"), area)
        rows, areas = (
            published_rows(layer, OPERATOR, build.columns(layer)) for layer in ("coverage", "areas")
        )
        found = coverage(rows, areas, code)
    if as_json:
        return print_json(found)
    lang = session.lang
    print_table(
        headings(lang, "code", "name", "departures", "on_record", "visited", "kind", "year"),
        [_cells(item, lang) for item in found["areas"]],
        right=(2, 3, 4),
    )
    if found["villages"]:
        click.echo()
        print_table(
            headings(lang, "code", "villages", "kind", "year"),
            [(row["code"], row["name"], _kinds(str(row["kinds"]).split(";"), lang),
              str(row["year"] or "-")) for row in found["villages"]],
        )  # fmt: skip
    return note(text("cli.coverage_note", lang))


def _cells(item: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    departures = item["departures"]
    visited = item["visited_share"]
    return (
        item["code"],
        item["name"],
        persons_interval(departures, lang=lang) if departures else text("class.not_assessed", lang),
        text("cli.coverage_of", lang, listed=item["listed"], villages=item["villages"]),
        "-" if visited is None else f"{number(visited, lang=lang)}%",
        _kinds(item["kinds"], lang) or "-",
        str(item["year"] or "-"),
    )


def _kinds(kinds: list[str], lang: str) -> str:
    return ", ".join(label("task_force", kind, lang) for kind in kinds if kind)
