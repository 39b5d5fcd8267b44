"""``petajaga ports``: the ports that most persons pass."""

from __future__ import annotations

import click

from api.cli.options import JSON, Session, command
from api.cli.output import headings, note, persons_interval, print_json, print_table, progress
from geo.i18n import text
from layers.visibility import OPERATOR

__all__ = ["ports_command"]


@command(
    "ports",
    click.option("--within", metavar="CODE"),
    click.option("--top", type=click.IntRange(1), default=20, show_default=True),
    JSON,
)
def ports_command(session: Session, *, within: str | None, top: int, as_json: bool) -> None:
    """List the ports that most persons pass, with rank and class in the area asked."""
    from api.cli.state import area_code, read_build
    from layers.query.ports import ports
    from layers.release.published import published_rows

    with progress("ports", session.lang):
        build = read_build(session)
        code = None if within is None else area_code(build.columns("areas"), within)
        rows = published_rows("terminals", OPERATOR, build.columns("terminals"))
        listed = ports(rows, code)[:top]
    if as_json:
        return print_json(listed)
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
    print_table(
        headings(lang, "order", "terminal", "kind", "persons", "class"), cells, right=(0, 3)
    )
    return note(text("cli.interval", lang))
