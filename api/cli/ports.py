"""``petajaga ports``: the ports that most persons pass; with a name one of them and its checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
from geo.checks import CHECK_FIELDS
from geo.errors import UnknownNameError
from geo.i18n import text
from geo.names import nearest, plain
from layers.visibility import OPERATOR

if TYPE_CHECKING:
    from routes.build.model import Build

__all__ = ["ports_command"]

_COLUMNS = ("order", "terminal", "kind", "persons", "class")
_SHARES = ("deferred_share", "wrongful_share")


@command(
    "ports",
    click.argument("name", required=False, metavar="PORT"),
    click.option("--within", metavar="CODE"),
    click.option("--top", type=click.IntRange(1), default=20, show_default=True),
    JSON,
)
def ports_command(
    session: Session, *, name: str | None, within: str | None, top: int, as_json: bool
) -> None:
    """List the ports that most persons pass, with rank and class in the area asked; with the name
    or id of a PORT what is on record there: interceptions of its area, and checks by year.
    """
    from api.cli.state import area_code, read_build
    from layers.query.ports import ports
    from layers.release.published import published_rows

    with progress("ports", session.lang):
        build = read_build(session, target=name or "")
        code = None if within is None else area_code(build.columns("areas"), within)
        rows = published_rows("terminals", OPERATOR, build.columns("terminals"))
        listed = ports(rows, code)
        if name is not None:
            found = _port_named(name, rows)
            listed = [port for port in listed if port["id"] == found["id"]]
            beside = {"checks": found.get("checks") or [], **_interceptions(build, found)}
            listed = [{**port, **beside} for port in listed]
    listed = listed[:top]
    if as_json:
        return print_json(listed if name is None else listed[0])
    if not listed:
        return note(session.text("cli.no_match"))
    lang = session.lang
    cells = [
        (
            str(port["rank"]), port["name"], text(f"kind.{port['kind']}", lang),
            persons_interval(port["persons_per_year"], lang=lang),
            text(f"class.{port['class']}", lang),
        )
        for port in listed
    ]  # fmt: skip
    print_table(headings(lang, *_COLUMNS), cells, right=(0, 3))
    if name is not None:
        _print_beside(listed[0], lang)
    return note(text("cli.interval", lang))


def _port_named(name: str, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The terminal at home of this id or name; :class:`UnknownNameError` names near ones."""
    at_home = [row for row in rows if row["country"] == "ID"]
    for column in ("id", "name", "place"):
        same = [row for row in at_home if plain(str(row[column])) == plain(name)]
        if len(same) == 1:
            return same[0]
    near = nearest(name, {f"{row['name']} ({row['id']})": plain(row["name"]) for row in at_home})
    raise UnknownNameError("cli.no_port", name=name, matches=near, field="port")


def _interceptions(build: Build, port: Mapping[str, Any]) -> dict[str, Any]:
    """Interceptions by year of the regency of a port, as the counts of a release have them."""
    from layers.release.counts import published_counts
    from layers.release.published import published_rows

    table = published_counts(build.counts, build.areas)
    rows = published_rows("counts", OPERATOR, {name: table[name].tolist() for name in table})
    mine = [
        {name: row[name] for name in ("year", "value", "legal_class")}
        for row in rows
        if row["area_code"] == port["area_code"] and row["measure"] == "interceptions"
    ]
    return {"interceptions": sorted(mine, key=lambda row: (-row["year"], row["legal_class"]))}


def _print_beside(port: Mapping[str, Any], lang: str) -> None:
    stopped: dict[int, list[str]] = {}
    for row in port["interceptions"]:
        stopped.setdefault(row["year"], []).append(number(row["value"], digits=0, lang=lang))
    checks = {row["year"]: row for row in port["checks"]}
    years = sorted({*stopped, *checks}, reverse=True)
    rows = [
        (
            str(year), " + ".join(stopped.get(year, ["-"])),
            *(number(checks.get(year, {}).get(name), digits=0, lang=lang) for name in CHECK_FIELDS),
            *(_share(checks.get(year, {}).get(name), lang) for name in _SHARES),
        )
        for year in years
    ]  # fmt: skip
    columns = ("year", "stopped_in_area", *CHECK_FIELDS, *_SHARES)
    click.echo()
    print_table(headings(lang, *columns), rows, right=tuple(range(1, len(columns))))
    note(text("cli.checks_note", lang))


def _share(value: Mapping[str, float | None] | None, lang: str) -> str:
    if value is None:
        return "-"
    mean, low, high = (
        None if (part := value[end]) is None else number(100 * part, digits=0, lang=lang)
        for end in _ENDS
    )
    return f"{low} - {high}%" if mean is None else f"{mean}% ({low} - {high})"


_ENDS = ("mean", "p05", "p95")
