"""``petajaga counts``: what is on record by place and year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import headings, interval, note, number, print_json, print_table, progress
from geo.i18n import text
from geo.i18n.catalogue import label

__all__ = ["counts_command"]

_LISTED = 60


@command(
    "counts",
    click.argument("area", required=False),
    click.option("--measure"),
    click.option("--year", type=int),
    JSON,
)
def counts_command(
    session: Session, *, area: str | None, measure: str | None, year: int | None, as_json: bool
) -> None:
    """List counts on record by place and year: of the provinces, or within one AREA."""
    from api.cli.state import area_code, read_build
    from layers.query.counts import counts_on_record
    from layers.release.counts import published_counts, published_measure
    from layers.release.published import published_rows
    from layers.visibility import OPERATOR

    measure = published_measure(measure)
    with progress("counts", session.lang):
        build = read_build(session)
        areas = build.columns("areas")
        code = None if area is None else area_code(areas, area)
        rows = published_counts(build.counts, build.areas)
        found = counts_on_record(
            published_rows("counts", OPERATOR, {name: rows[name].tolist() for name in rows}),
            published_rows("areas", OPERATOR, areas),
            within=code, measure=measure, year=year,
        )  # fmt: skip
    if as_json:
        return print_json(found)
    lang, counts = session.lang, found["counts"]
    print_table(
        headings(lang, "name", "measure", "year", "recorded", "per_100k", "period"),
        [_cells(row, lang) for row in counts[:_LISTED]],
        right=(3, 4),
    )
    if len(counts) > _LISTED:
        note(text("cli.counts_more", lang, count=len(counts) - _LISTED))
    if found["unreported"]:
        names = [row["name"] for row in found["unreported"]]
        note(text("cli.counts_unreported", lang, names=names))
    years = sorted({row["population_year"] for row in counts if row["per_100k"]})
    if years:
        note(text("cli.counts_rate", lang, years=[str(year) for year in years]))
    return note(text("cli.counts_note", lang))


def _cells(row: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    legal_class, rate, period = row["legal_class"], row["per_100k"], row["period"]
    named = label("measure", row["measure"], lang)
    if legal_class != "unknown":
        named = f"{named} ({label('legal_class', legal_class, lang)})"
    part = text("web.of_events", lang) if period == "events" else period or ""
    return (
        row["name"], named, str(row["year"]), number(row["value"], digits=0, lang=lang),
        interval(rate, lang=lang), part,
    )  # fmt: skip
