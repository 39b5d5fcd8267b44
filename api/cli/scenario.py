"""``petajaga scenario FILE``: what changes where if some things were different."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import note, number, print_json, print_table, progress
from api.cli.state import open_evaluator, release_id_of

__all__ = ["scenario_command"]

_SHOWN = 12


@command(
    "scenario",
    click.argument("file", type=click.Path(path_type=Path), metavar="FILE.toml"),
    click.option(
        "--draws", type=click.IntRange(0), default=30, show_default=True, help="For intervals."
    ),
    click.option(
        "--corridors", type=click.IntRange(0), default=10, show_default=True,
        help="Compare so many of the largest corridors.",
    ),
    JSON,
)  # fmt: skip
def scenario_command(
    session: Session, *, file: Path, draws: int, corridors: int, as_json: bool
) -> None:
    """Compare the model with and without the changes a FILE lists.

    The file is TOML: [[posts]], [[legs]], [[indicators]], [[demand]], [[services]]; see
    docs/METHOD.md.
    """
    from routes.scenario_file import read_scenario

    scenario = read_scenario(file)
    with progress("scenario"):
        evaluator = open_evaluator(session.home)
        answer = evaluator.scenario_told(scenario, draws=draws, corridors=corridors)
    if as_json:
        release = release_id_of(evaluator.build.id, session.home)
        return print_json({**answer, "release": release})
    return _print(answer, session.lang)


def _print(answer: dict[str, Any], lang: str) -> None:
    id_ = lang == "id"
    titles = {
        "total": ("Seluruhnya", "In all"),
        "areas": ("Wilayah asal (orang/tahun yang tidak tercegat)",
                  "Areas of origin (persons/year not intercepted)"),
        "terminals": ("Arus berpindah (orang/tahun)", "Flow moves (persons/year)"),
        "corridors": ("Koridor (orang/tahun)", "Corridors (persons/year)"),
    }  # fmt: skip
    heads = ["", "Sebelum", "Sesudah", "Perubahan"] if id_ else ["", "Before", "After", "Change"]
    words = {"departures": "berangkat", "intercepted": "tercegat"} if id_ else {}
    for part, title in titles.items():
        if not answer[part]:
            continue
        click.echo(title[0 if id_ else 1])
        rows = []
        for item in answer[part][:_SHOWN]:
            change = item["change"]
            low, high = (number(change[e], lang=lang) for e in ("p05", "p95"))
            label = item.get("name") or words.get(item["measure"], item["measure"])
            rows.append(
                (
                    label,
                    number(item["before"], lang=lang),
                    number(item["after"], lang=lang),
                    f"{number(change['mean'], lang=lang)} ({low} - {high})",
                )
            )
        print_table(heads, rows, right=(1, 2, 3))
        click.echo()
    for told in (*answer["assumptions"], *answer["notes"]):
        note(told[lang])
