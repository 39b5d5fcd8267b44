"""``petajaga coverage``: in how many villages prevention is on record, and planned against done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import (
    headings,
    note,
    number,
    persons_interval,
    print_json,
    print_table,
    progress,
)
from geo.codes import CODE_LENGTHS
from geo.i18n import Message, text
from geo.i18n.catalogue import label
from geo.periods import month_name, period_of

if TYPE_CHECKING:
    from geo.periods import Period
    from routes.build.model import Build

__all__ = ["coverage_command"]

Row = Mapping[str, Any]
_REMOTE = 20
"""Villages without anything on record that are printed; all are in the JSON."""


@command(
    "coverage",
    click.argument("area", required=False),
    click.option("--period", metavar="TEXT"),
    JSON,
)
def coverage_command(
    session: Session, *, area: str | None, period: str | None, as_json: bool
) -> None:
    """Say in how many villages prevention is on record: by province, or within one AREA."""
    from api.cli.state import area_code, read_build
    from layers.query.coverage import coverage
    from layers.release.published import published_rows
    from layers.visibility import OPERATOR

    if period is not None and area is None:
        raise WrongUse("cli.goes_with", option="--period", other=Message("cli.metavar.area"))
    asked = None if period is None else period_of(period)
    planned = None
    with progress("coverage", session.lang):
        build = read_build(session)
        code = None if area is None else area_code(build.columns("areas"), area)
        rows, areas = (
            list(published_rows(layer, OPERATOR, build.columns(layer)))
            for layer in ("coverage", "areas")
        )
        found = coverage(rows, areas, code, _villages(build, code))
        if asked is not None and code is not None:
            planned = _planned(session, build, code, asked, rows, areas)
    if as_json:
        return print_json(found if planned is None else {**found, "planned": planned})
    if asked is not None and planned is not None:
        return _print_planned(planned, asked, session.lang)
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
    if found["remote"]:
        click.echo()
        click.echo(text("cli.coverage_remote", lang, count=len(found["remote"])))
        print_table(
            headings(lang, "code", "villages", "district", "nearest_office", "away_km"),
            [(row["code"], row["name"], row["district"], row["service"] or "-",
              number(row["service_km"], digits=0, lang=lang))
             for row in found["remote"][:_REMOTE]],
            right=(4,),
        )  # fmt: skip
    return note(text("cli.coverage_note", lang))


def _villages(build: Build, code: str | None) -> list[dict[str, Any]]:
    """Rows of the layer ``outreach`` of a regency."""
    if len(code or "") < CODE_LENGTHS["regency"]:
        return []
    from layers.release.outreach_villages import outreach_villages
    from layers.release.published import published_rows
    from layers.visibility import OPERATOR

    own = build.settlements["regency_code"] == str(code)[: CODE_LENGTHS["regency"]]
    frame = outreach_villages(build.settlements[own], build.areas, build.coverage, build.services)
    columns = {name: frame[name].tolist() for name in frame}
    return list(published_rows("outreach", OPERATOR, columns))


def _planned(
    session: Session, build: Build, code: str, period: Period, rows: list[Any], areas: list[Any]
) -> dict[str, Any] | None:
    from api.cli.settings import operator_register
    from api.state.planned_coverage import PlannedCoverage

    columns = [build.columns("settlements")[name] for name in ("id", "name", "lon", "lat")]
    places = {
        str(id_).removeprefix("v"): {"name": name, "lon": lon, "lat": lat}
        for id_, name, lon, lat in zip(*columns, strict=True)
    }
    with operator_register(session) as register:
        planned = PlannedCoverage(register, session.home, None)
        return planned.of_area(code, period, rows, areas, places)


def _print_planned(planned: Row, period: Period, lang: str) -> None:
    total = planned["total"]
    listed = [part for part in planned["areas"] if part["code"] != total["code"]]
    names = ("code", "name", "planned", "done", "not_yet", "other_month", "unplanned", "visited",
             "share")  # fmt: skip
    print_table(
        headings(lang, *names),
        [_figures(row, lang) for row in [*listed, total]],
        right=tuple(range(2, len(names))),
    )
    if planned["villages"]:
        click.echo()
        print_table(
            headings(lang, "code", "villages", "planned", "done", "plan_state"),
            [(row["code"], row["name"], _month(row["planned"], lang), _month(row["done"], lang),
              text(f"adopted.state_{row['state']}", lang)) for row in planned["villages"]],
        )  # fmt: skip
    share = total["departures_share"]
    if share is not None:
        click.echo(text("cli.coverage_departures", lang, name=total["name"], share=share / 100))
    when = period.name.in_language(lang)
    if not total["planned"]:
        note(text("cli.coverage_no_plan", lang, name=total["name"], period=when))
    note(text("adopted.period_note", lang))


def _figures(row: Row, lang: str) -> tuple[str, ...]:
    share = row["visited_share"]
    return (
        row["code"], row["name"],
        *(str(row[name]) for name in ("planned", "done", "open", "other_month", "unplanned")),
        text("cli.coverage_of", lang, listed=row["visited"], villages=row["villages"]),
        "-" if share is None else f"{number(share, lang=lang)}%",
    )  # fmt: skip


def _month(month: str | None, lang: str) -> str:
    return month_name(month, lang) if month else "-"


def _cells(item: Row, lang: str) -> tuple[str, ...]:
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
