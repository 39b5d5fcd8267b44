"""``petajaga pretexts [PLACE]``: pretexts on record near a place, what to ask and what to check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import note, print_json, progress
from api.cli.tier_options import PROVINCE, TIER, province_of
from geo.errors import UnknownNameError
from geo.i18n import text
from geo.names import plain

if TYPE_CHECKING:
    from layers.documents import Contents

__all__ = ["pretexts_command"]

_RECORDS = 2
"""Records shown of each; ``--json`` has them all."""


@command(
    "pretexts",
    click.argument("place", required=False, metavar="AREA|PORT|CORRIDOR|OFFICE"),
    TIER,
    PROVINCE,
    JSON,
)
def pretexts_command(
    session: Session, *, place: str | None, tier: str, province: str | None, as_json: bool
) -> None:
    """Pretexts on record near a place, the nearest first, with what an officer may ask and what a
    family checks; without a place every pretext.
    """
    from layers.documents import Contents
    from layers.query.pretexts import pretexts_told
    from layers.registry import check_tier
    from layers.release.release import open_release
    from layers.visibility import rights_of

    checked, limit = check_tier(tier), province_of(tier, province)
    with progress("pretexts", session.lang), open_release(session.home) as release:
        if place is None:
            told = pretexts_told(rights_of(checked, limit))
            answer: dict[str, Any] = {
                "place": {},
                "pretexts": told,
                "none_near": None,
                "said": [],
                "sources": [],
            }
        else:
            answer = _near(Contents(release, checked, limit), place)
    if as_json:
        return print_json(answer)
    return _print(answer, session.lang)


def _near(contents: Contents, name: str) -> dict[str, Any]:
    """Of an area, a port or a corridor, else of the one office with this id or name."""
    from layers.documents import find_subject
    from layers.documents.pretexts import pretexts_at, pretexts_near
    from layers.query.pretexts import place_of_office

    offices = [
        row for row, _ in contents.rows("services")
        if row["id"] == name or plain(str(row["name"])) == plain(name)
    ]  # fmt: skip
    try:
        subject = find_subject(contents, name)
    except UnknownNameError:
        if len(offices) != 1:
            raise
        office = offices[0]
        found = pretexts_at(contents, place_of_office(office))
        return {"place": {"id": office["id"], "name": office["name"]}, **found}
    found = pretexts_near(contents, subject.kind, subject.row, subject.area)
    return {"place": {"id": subject.id, "name": subject.name}, **found}


def _print(answer: Mapping[str, Any], lang: str) -> None:
    if answer["place"]:
        click.echo(answer["place"]["name"])
    for one in filter(None, [answer["none_near"], *answer["said"]]):
        click.echo(one[lang])
    near = None
    for item in answer["pretexts"]:
        if item.get("near") != near:
            near = item["near"]
            click.echo(f"\n{item['near_said'][lang]}")
        click.echo(f"\n- {item['text'][lang]}: {item['told'][lang]}")
        nearest = [row for row in item.get("records", []) if row["near"] == item["near"]]
        for record in nearest[:_RECORDS]:
            click.echo(f"    {record['said'][lang]} ({record['source']})")
        if "ask" in item:
            click.echo(f"    {text('pretext.ask', lang, question=item['ask'][lang])}")
        click.echo(f"    {text('pretext.check', lang, check=item['check'][lang])}")
    if answer["sources"]:
        note(text("pretext.sources", lang, sources="; ".join(answer["sources"])))
