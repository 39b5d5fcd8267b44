"""``petajaga corridor`` and ``petajaga corridors``: what flows over corridors, and from where.

The answers say how much passes and from where. Nothing here searches a path between two places or
gives a probability of detection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import (
    headings,
    interval,
    note,
    number,
    persons,
    persons_interval,
    print_json,
    print_table,
    progress,
)
from api.cli.tier_options import PROVINCE, TIER, province_of
from api.http.serializers import nest
from geo.i18n import text
from geo.names import corridor_name
from layers.registry import LAYERS
from layers.schema import Field, class_text

__all__ = ["corridor_command", "corridors_command"]

_SHOWN = 10
"""Origins in the table; ``--json`` has them all."""


@command("corridor", click.argument("places", nargs=-1, metavar="PLACE PLACE [PLACE...]"), JSON)
def corridor_command(session: Session, *, places: tuple[str, ...], as_json: bool) -> None:
    """Explain one corridor: persons a year, risk, class, components and main origins."""
    if len(places) < 2:
        raise WrongUse("cli.two_places")
    from api.cli.state import read_build, release_id_of
    from routes.build.corridor_answer import describe_corridor

    with progress("corridor", session.lang):
        build = read_build(session)
        answer = describe_corridor(build, list(places)).as_dict()
    answer = {**answer, "release": release_id_of(build.id, session.home)}
    if as_json:
        return print_json(answer)
    return _print_corridor(answer, session.lang)


def _print_corridor(answer: Mapping[str, Any], lang: str) -> None:
    click.echo(corridor_name(point["name"] for point in answer["waypoints"]))
    click.echo()
    facts = [
        (text("heading.persons", lang), persons_interval(answer["persons_per_year"], lang=lang)),
        (text("heading.score", lang), interval(answer["score"], lang=lang)),
        (text("heading.class", lang), _class(answer, lang)),
        (text("heading.release", lang), answer["release"] or text("cli.not_published", lang)),
    ]
    _print_aligned(facts)
    click.echo(f"\n{text('heading.components', lang)}")
    fields = {field.name: field for field in LAYERS["corridors"].fields}
    rows = [
        (f"  {text(f'component.{name}', lang)}", _component(fields[name], value, lang))
        for name, value in answer["components"].items()
    ]
    _print_aligned(rows)
    click.echo(f"  {text('component.hazard_meaning', lang)}")
    click.echo()
    if answer["origins"]:
        columns = headings(lang, "code", "origins", "share")
        origins = [
            (item["code"], item["name"], f"{number(100 * item['share'], lang=lang)}%")
            for item in answer["origins"][:_SHOWN]
        ]
        print_table(columns, origins, right=(2,))
    if answer.get("reason"):
        note(answer["reason"][lang])
    note(text("cli.interval", lang))


def _component(field: Field, value: float, lang: str) -> str:
    if field.unit == "persons/year":
        return f"{persons(value, lang=lang)} {field.unit_text(lang)}"
    return field.number_text(value, lang)


def _class(corridor: Mapping[str, Any], lang: str) -> str:
    name = corridor["class"]
    return class_text(name, (corridor.get("p_class") or {}).get(name), lang)


def _print_aligned(rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        click.echo(f"{label:<{width}}  {value}")


@command(
    "corridors",
    click.option("--origin", metavar="CODE"),
    click.option("--top", type=click.IntRange(1), default=20, show_default=True),
    TIER,
    PROVINCE,
    JSON,
)
def corridors_command(
    session: Session,
    *,
    origin: str | None,
    top: int,
    tier: str,
    province: str | None,
    as_json: bool,
) -> None:
    """List the corridors that carry most; with --origin, most from that province or regency."""
    from api.cli.state import area_code, read_build, release_id_of
    from layers.query.corridors import corridors_from
    from layers.registry import check_tier
    from layers.release.published import corridor_rows

    with progress("corridors", session.lang):
        build = read_build(session)
        code = None if origin is None else area_code(build.columns("areas"), origin)
        rows = corridor_rows(build, check_tier(tier), province=province_of(tier, province))
        corridors = [nest(row, components=True) for row in corridors_from(rows, code)[:top]]
    if as_json:
        release = release_id_of(build.id, session.home)
        return print_json([{**corridor, "release": release} for corridor in corridors])
    if not corridors:
        return note(session.text("cli.no_match"))
    return _print_corridors(corridors, session.lang)


def _print_corridors(corridors: Sequence[Mapping[str, Any]], lang: str) -> None:
    """What the tier has of each corridor; below the police, its class alone."""

    def cells(row: Mapping[str, Any]) -> dict[str, str]:
        shown = {"corridor": str(row["name"])}
        if "origin" in row:
            shown["from_origin"] = persons(row["origin"]["persons_per_year"], lang=lang)
        if "score" in row:
            # a corridor that starts in a port of transit is taken by many who do not live there
            name = "all_origins" if "origin" in row else "persons"
            shown[name] = persons_interval(row["persons_per_year"], lang=lang)
            shown["score"] = interval(row["score"], lang=lang)
        return {**shown, "class": _class(row, lang)}

    rows = [cells(row) for row in corridors]
    columns = headings(lang, *rows[0])
    print_table(columns, [list(row.values()) for row in rows], right=range(1, len(columns) - 1))
    if "score" in corridors[0]:
        note(text("cli.interval", lang))
