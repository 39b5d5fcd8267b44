"""``petajaga corridor`` and ``petajaga corridors``: what flows over corridors, and from where.

The answers say how much passes and from where. Nothing here searches a way between two places, or
says where one would go unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import headings, interval, note, number, print_json, print_table, progress
from api.http.serializers import COMPONENTS
from geo.i18n import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["corridor_command", "corridors_command"]

_SHOWN = 10
"""Origins in the table; ``--json`` has them all."""
_ENDS = ("mean", "p05", "p95")


@command("corridor", click.argument("places", nargs=-1, metavar="PLACE PLACE [PLACE...]"), JSON)
def corridor_command(session: Session, *, places: tuple[str, ...], as_json: bool) -> None:
    """Explain one corridor: persons a year, risk, class, components and main origins.

    Name the places in the order they are passed, e.g. Kupang "Labuan Bajo" Nunukan. Case and
    accents do not matter.
    """
    if len(places) < 2:
        raise WrongUse("cli.two_places")
    from api.cli.state import open_build, release_id_of
    from routes.build.corridor_answer import describe_corridor

    with progress("corridor", session.lang):
        build = open_build(session.home)
        answer = describe_corridor(build, build.flow_model(), list(places)).as_dict()
    answer = {**answer, "release": release_id_of(build.id, session.home)}
    if as_json:
        print_json(answer)
    else:
        _print_corridor(answer, session.lang)


def _print_corridor(answer: Mapping[str, Any], lang: str) -> None:
    click.echo(" - ".join(point["name"] for point in answer["waypoints"]))
    click.echo()
    facts = [
        (text("cli.heading.persons", lang), interval(answer["persons_per_year"], lang=lang)),
        (text("cli.heading.score", lang), interval(answer["score"], lang=lang)),
        (text("cli.heading.class", lang), text(f"class.{answer['class']}", lang)),
        (text("cli.heading.release", lang), answer["release"] or text("cli.not_published", lang)),
    ]
    width = max(len(label) for label, _ in facts)
    for label, value in facts:
        click.echo(f"{label:<{width}}  {value}")
    click.echo(f"\n{text('cli.heading.components', lang)}")
    rows = [
        (text(f"component.{name}", lang), number(value, digits=2, lang=lang))
        for name, value in answer["components"].items()
    ]
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        click.echo(f"  {label:<{width}}  {value:>8}")
    click.echo()
    if answer["origins"]:
        columns = headings(lang, "code", "origins", "share")
        origins = [
            (item["code"], item["name"], f"{number(100 * item['share'], lang=lang)} %")
            for item in answer["origins"][:_SHOWN]
        ]
        print_table(columns, origins, right=(2,))
    if answer.get("reason"):
        note(answer["reason"])
    note(text("cli.interval", lang))


@command(
    "corridors",
    click.option("--origin", metavar="CODE"),
    click.option("--top", type=click.IntRange(1), default=20, show_default=True),
    JSON,
)
def corridors_command(session: Session, *, origin: str | None, top: int, as_json: bool) -> None:
    """List the corridors that carry most; with --origin, most from that province or regency."""
    from api.cli.state import area_code, open_build, release_id_of

    with progress("corridors", session.lang):
        build = open_build(session.home)
    code = None if origin is None else area_code(build.areas, origin)
    found = _largest(build.corridors, build.corridor_origins, code=code, top=top)
    if as_json:
        release = release_id_of(build.id, session.home)
        return print_json([{**item, "release": release} for item in found])
    if not found:
        return note(session.text("cli.no_match"))
    return _print_corridors(found, session.lang, with_origin=code is not None)


def _largest(
    corridors: pd.DataFrame, origins: pd.DataFrame, *, code: str | None, top: int
) -> list[dict[str, Any]]:
    """The corridors with most persons a year, in all or from the area ``code``."""
    persons = corridors.set_index("id")["persons_mean"]
    if code is not None:
        own = origins[origins["code"].eq(code) | origins["code"].str.startswith(f"{code}.")]
        persons = own.groupby("corridor_id")["persons_mean"].sum()
        # Only corridors that start where this province boards: the tail of a longer journey is
        # not one of its corridors, however many of its people pass there.
        starts_here = corridors["listed_for"].map(lambda provinces: code[:2] in set(provinces))
        persons = persons[persons.index.isin(corridors.loc[starts_here, "id"])]
    persons = persons[persons > 0].sort_values(ascending=False, kind="stable").head(top)
    rows = corridors.set_index("id", drop=False).loc[list(persons.index)].to_dict("records")
    return [
        _item(row, None if code is None else {"code": code, "persons_per_year": float(count)})
        for row, count in zip(rows, persons, strict=True)
    ]


def _item(row: Mapping[str, Any], origin: Mapping[str, Any] | None) -> dict[str, Any]:
    points = zip(row["waypoints"], row["waypoint_names"], row["waypoint_kinds"], strict=True)
    item: dict[str, Any] = {
        "id": row["id"],
        "waypoints": [{"id": key, "name": name, "kind": kind} for key, name, kind in points],
        "destination": {"id": row["destination_id"], "name": row["destination_name"]},
        "persons_per_year": {end: row[f"persons_{end}"] for end in _ENDS},
        "score": {end: row[f"score_{end}"] for end in _ENDS},
        "class": row["class"],
        "components": {name: row[name] for name in COMPONENTS},
    }
    return item if origin is None else {**item, "origin": dict(origin)}


def _print_corridors(found: Sequence[Mapping[str, Any]], lang: str, *, with_origin: bool) -> None:
    names = ["corridor", "persons", "score", "class"]
    if with_origin:
        names.insert(1, "from_origin")
    rows = []
    for item in found:
        row = [
            " - ".join(point["name"] for point in item["waypoints"]),
            interval(item["persons_per_year"], lang=lang),
            interval(item["score"], lang=lang),
            text(f"class.{item['class']}", lang),
        ]
        if with_origin:
            row.insert(1, number(item["origin"]["persons_per_year"], lang=lang))
        rows.append(row)
    columns = headings(lang, *names)
    print_table(columns, rows, right=(1, 2, 3) if with_origin else (1, 2))
    note(text("cli.interval", lang))
