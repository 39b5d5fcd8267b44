"""``petajaga plan watch``: the hours an office has as a roster of shifts, and the sheet of one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from api.cli.options import JSON, Session, check_ending, command, in_a_folder, output_option
from api.cli.output import headings, interval, note, number, print_json, print_table, progress
from api.cli.state import done_before, open_plan_service, release_id_of
from api.cli.two_columns import two_columns
from geo.i18n import text
from geo.i18n.catalogue import label

__all__ = ["watch_command"]


@command(
    "watch",
    click.option("--hours", type=float, required=True),
    click.option("--persons", type=int, default=2, show_default=True),
    click.option("--watch-hours", type=float, default=4.0, show_default=True),
    click.option("--travel-hours", type=float, default=0.0, show_default=True),
    click.option("--boats", type=int, default=0, show_default=True),
    click.option("--litres", type=float, default=0.0, show_default=True),
    click.option("--litres-per-hour", type=float, default=25.0, show_default=True),
    click.option("--agency", "agencies", multiple=True, metavar="OFFICE"),
    click.option("--within", metavar="CODE"),
    click.option("--weeks", type=int, default=4, show_default=True),
    click.option("--start", metavar="2026-W50"),
    click.option("--unwatched-share", type=float),
    click.option("--rotation-share", type=float, default=0.5, show_default=True),
    click.option("--most-weeks-share", type=float, default=0.75, show_default=True),
    click.option("--calls", type=click.Path(path_type=Path), metavar="FILE.csv"),
    click.option("--seed", type=int),
    click.option("--draws", type=click.IntRange(0), default=30, show_default=True),
    output_option("FILE.xlsx"),
    click.option("--sheet", type=(int, click.Path(path_type=Path)), metavar="SHIFT FILE.pdf"),
    JSON,
)
def watch_command(
    session: Session, *, calls: Path | None, output: Path | None,
    sheet: tuple[int, Path] | None, as_json: bool, **fields: Any,
) -> None:  # fmt: skip
    """Spread the hours an office has over terminals, sailings and weeks."""
    from layers.plans.requests import WatchPlanRequest

    check_ending(output, ".xlsx")
    if sheet is not None:
        check_ending(in_a_folder(sheet[1]), ".pdf")
    told = {} if calls is None else _calls(calls)
    with progress("watch", session.lang) as report:
        service = open_plan_service(session, target=fields["within"] or "")
        request = WatchPlanRequest.of(calls=told, **fields)
        answer = service.watch(request, done=done_before(session, "watch"), progress=report)
        if output is not None:
            _write(output, answer, session)
        if sheet is not None:
            _write_sheet(*sheet, answer, session)
    if as_json:
        return print_json({**answer, "release": release_id_of(service.build.id, session.home)})
    _print(answer, session.lang)
    for file in filter(None, (output, sheet and sheet[1])):
        note(session.text("cli.written", file=file))
    return None


def _calls(path: Path) -> dict[str, list[int]]:
    """Weeks in which each sailing calls, from a file with the columns ``sailing`` and ``week``."""
    calls: dict[str, list[int]] = {}
    for sailing, week in two_columns(
        path, "sailing", "week", int, field="calls", wrong="cli.calls_columns"
    ):
        calls.setdefault(sailing, []).append(week)
    return calls


def _write(output: Path, answer: Mapping[str, Any], session: Session) -> None:
    from api.cli.settings import file_marking
    from layers.plans.xlsx import write_watch
    from layers.release.release import open_release
    from layers.visibility import OPERATOR

    with open_release(session.home) as release:
        marking = file_marking(session, release, OPERATOR, request=f"plan watch {output.name}")
        write_watch(output, answer, marking, session.lang)


def _write_sheet(number: int, output: Path, answer: Mapping[str, Any], session: Session) -> None:
    from api.cli.settings import confirmed_contacts, file_marking
    from geo.files import write_bytes
    from layers.documents import Contents
    from layers.plans.shift_sheets import one_shift_sheet
    from layers.release.release import open_release
    from layers.visibility import ALL_PROVINCES, OPERATOR

    with open_release(session.home) as release:
        marking = file_marking(session, release, OPERATOR, request=f"plan watch {output.name}")
        contents = Contents(release, OPERATOR, ALL_PROVINCES, confirmed_contacts(session))
        write_bytes(output, one_shift_sheet(contents, answer, number, marking, session.lang))


def _print(answer: Mapping[str, Any], lang: str) -> None:
    places = [
        (
            place["name"], text(f"kind.{place['kind']}", lang), str(place["shifts"]),
            number(place["hours_per_week"], lang=lang), str(place["weeks"]),
            text(f"answer.{'yes' if place['watched_today'] else 'no'}", lang),
            interval(place["persons_per_week"], lang=lang),
        )
        for place in answer["terminals"]
    ]  # fmt: skip
    names = ("terminal", "kind", "shifts", "hours_per_week", "weeks_watched", "watched_today",
             "found_per_week")  # fmt: skip
    print_table(headings(lang, *names), places, right=(2, 3, 4, 6))
    click.echo()
    shifts = [
        (
            str(shift["number"]), shift["week"], _day(shift, lang), shift["terminal"]["name"],
            _ships(shift, lang),
        )
        for shift in answer["roster"]
    ]  # fmt: skip
    print_table(headings(lang, "number", "week_of", "day", "terminal", "ship"), shifts, right=(0,))
    click.echo()
    found = {
        "persons": interval(answer["persons_per_week"], lang=lang),
        "evenly": interval(answer["evenly"], lang=lang), "name": answer["at_largest"]["name"],
        "largest": interval(answer["at_largest"]["persons_per_week"], lang=lang),
    }  # fmt: skip
    click.echo(text("cli.watch_found", lang, persons=found.pop("persons")))
    click.echo(text("cli.watch_compared", lang, **found))
    most = round(answer["most_weeks_share"] * answer["weeks"])
    seed = str(answer["seed"])
    click.echo(text("cli.watch_rotation", lang, most=most, weeks=answer["weeks"], seed=seed))
    for message in (*answer["notes"], answer["assumption"]):
        note(message[lang])


def _day(shift: Mapping[str, Any], lang: str) -> str:
    from layers.documents.shift_sheet import drawn_day

    return drawn_day(shift, lang) or text("watch.when_asked", lang)


def _ships(shift: Mapping[str, Any], lang: str) -> str:
    if not shift["sailing"]:
        return str(shift["often"][lang])
    (ship,) = shift["services"]
    name = ship["line"] or label("mode", ship["mode"], lang)
    return f"{name} - {ship['to']} [{ship['id']}]: {shift['often'][lang]}"
