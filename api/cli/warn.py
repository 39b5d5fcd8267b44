"""``petajaga warn``: counts above what their own past leads to expect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, command
from api.cli.output import headings, note, number, print_json, print_table, progress
from geo.errors import InputError
from geo.i18n import text
from geo.i18n.catalogue import label

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["warn_command"]

_RULES = ("last_mean", "cusum", "doubling", "monitor")


@command(
    "warn",
    click.option("--past", is_flag=True),
    click.option("--months", is_flag=True),
    click.option("--compare", is_flag=True),
    JSON,
)
def warn_command(
    session: Session, *, past: bool, months: bool, compare: bool, as_json: bool
) -> None:
    """Name counts above what their own past leads to expect, and records that ended."""
    if compare and (months or past):
        raise InputError("cli.warn_one", field="--compare")
    if compare:
        return _compare(session, as_json=as_json)
    if months:
        return _months(session, past=past, as_json=as_json)
    return _years(session, past=past, as_json=as_json)


def _years(session: Session, *, past: bool, as_json: bool) -> None:
    from api.cli.state import read_build
    from layers.plans.early_warning import early_warnings
    from layers.plans.monthly_warning import hours_by_year
    from layers.release.counts import published_counts

    with progress("warn", session.lang):
        build = read_build(session)
        hours = hours_by_year(_own_counts(session)) if _has_counts(session) else {}
        found = early_warnings(
            published_counts(build.counts, build.areas).to_dict("records"), past=past,
            effort=hours or None,
        )  # fmt: skip
    if as_json:
        return print_json(found)
    lang = session.lang
    _above(found, "year", lang, "warning.none")
    _silent(found["silent"], lang, "warning.silent", "last_year")
    click.echo()
    click.echo(text("warning.rules", lang))
    _rules(found["rules"], lang, "told")
    return note(text(
        "warning.stated", lang, streams=found["streams"], false_alarms=found["false_alarms"],
    ))  # fmt: skip


def _months(session: Session, *, past: bool, as_json: bool) -> None:
    from api.cli.state import read_build
    from geo.imports.days import today
    from layers.plans.monthly_warning import month_counts, monthly_warnings

    with progress("warn", session.lang):
        build = read_build(session, target="months")
        names = dict(zip(build.areas["code"], build.areas["name"], strict=True))
        found = monthly_warnings(
            month_counts(_own_counts(session)), names, today=date.fromisoformat(today()), past=past
        )
    if as_json:
        return print_json(found)
    lang = session.lang
    if not found["streams"]:
        click.echo(text("warning.no_months", lang))
    else:
        _above(found, "month", lang, "warning.none_months")
    _silent(found["silent"], lang, "warning.silent_months", "last_month")
    if found["rules"]:
        click.echo()
        click.echo(text("warning.rules", lang))
        _rules(found["rules"], lang, "told_month")
        note(text("warning.stated_months", lang, streams=found["streams"],
                  false_alarms=found["false_alarms"]))  # fmt: skip
    return note(text("warning.months_own", lang))


def _has_counts(session: Session) -> bool:
    """Whether counts were imported into this home; reading them all takes a second."""
    from geo.imports.store import entries

    return any(entry.kind == "counts" for entry in entries(session.home))


def _own_counts(session: Session) -> pd.DataFrame:
    """The true counts of this home, as far as agreements let them be reckoned with."""
    from geo.dataset import load_dataset

    return load_dataset(session.home.root).permitted("model").counts


def _compare(session: Session, *, as_json: bool) -> None:
    from api.cli.state import read_build
    from layers.plans.monthly_warning import published_months
    from layers.plans.warning_comparison import compare_on_record
    from layers.release.counts import published_counts

    with progress("warn", session.lang):
        build = read_build(session, target="compare")
        found = compare_on_record(
            published_counts(build.counts, build.areas).to_dict("records"), published_months(),
            dict(zip(build.areas["code"], build.areas["name"], strict=True)),
        )  # fmt: skip
    if as_json:
        return print_json(found)
    lang = session.lang
    click.echo(text("warning.compared_episodes", lang))
    rules = [label("warning", f"rule_{rule}", lang) for rule in _RULES]
    print_table(
        [*headings(lang, "episode", "name", "measure", "of_when", "recorded"), *rules],
        [_episode(row, lang) for row in found["episodes"]], right=(4,),
    )  # fmt: skip
    click.echo()
    click.echo(text("warning.compared_rules", lang))
    told = ("false_a_year", "told_1", "told_3", "delay")
    print_table(
        headings(lang, "measure", "rule", *told, *told),
        [
            (label("measure", row["measure"], lang), label("warning", f"rule_{row['rule']}", lang),
             *_tried(row["as_used"], lang), *_tried(row["as_seldom"], lang))
            for row in found["rules"]
        ], right=tuple(range(2, 10)),
    )  # fmt: skip
    click.echo()
    print_table(
        headings(lang, "rule", "said_on_record"),
        [(label("warning", f"rule_{rule}", lang),
          f"{found['on_record'][rule]['told']} / {found['on_record'][rule]['judged']}")
         for rule in _RULES if rule in found["on_record"]], right=(1,),
    )  # fmt: skip
    return note(text("warning.compared_note", lang))


def _episode(row: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    return (
        row["name"][lang], _place(row), label("measure", row["measure"], lang), row["period"],
        number(row["count"], digits=0, lang=lang),
        *(label("warning", f"said_{row['said'][rule]}", lang) for rule in _RULES),
    )  # fmt: skip


def _tried(tried: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    delay = tried["delay"]
    return (
        number(tried["false_alarms"], digits=2, lang=lang), _share(tried["detected"][0]),
        _share(tried["detected"][2]),
        number(delay, digits=0, lang=lang) if math.isfinite(delay) else "> 12",
    )  # fmt: skip


def _share(share: float) -> str:
    return f"{round(100 * share)}%"


def _above(found: Mapping[str, Any], period: str, lang: str, none: str) -> None:
    """Counts above what is expected, then those that more watching explains."""
    titles = headings(lang, "name", "measure", period, "recorded", "expected", "check")
    if found["warnings"]:
        print_table(titles, [_cells(row, period, lang) for row in found["warnings"]], right=(3,))
    else:
        click.echo(text(none, lang))
    if found.get("watched"):
        click.echo()
        click.echo(text("warning.watched", lang))
        print_table(titles, [_cells(row, period, lang) for row in found["watched"]], right=(3,))


def _silent(rows: Sequence[Mapping[str, Any]], lang: str, title: str, last: str) -> None:
    if rows:
        click.echo()
        click.echo(text(title, lang))
        print_table(
            headings(lang, "name", "measure", last),
            [(_place(row), _measure(row, lang), str(row["last"])) for row in rows],
        )


def _rules(rows: Sequence[Mapping[str, Any]], lang: str, told: str) -> None:
    print_table(
        headings(lang, "measure", "series", f"{told}_1", f"{told}_2", f"{told}_3"),
        [
            (label("measure", rule["measure"], lang), str(rule["streams"]),
             *map(_share, rule["detected"]))
            for rule in rows
        ], right=(1, 2, 3, 4),
    )  # fmt: skip


def _place(row: Mapping[str, Any]) -> str:
    terminal = row.get("terminal_id")
    return f"{row['area_name']} ({terminal})" if terminal else str(row["area_name"])


def _measure(row: Mapping[str, Any], lang: str) -> str:
    name = label("measure", row["measure"], lang)
    if row["legal_class"] == "unknown":
        return name
    return f"{name} ({label('legal_class', row['legal_class'], lang)})"


def _cells(row: Mapping[str, Any], period: str, lang: str) -> tuple[str, ...]:
    ends = {end: number(value, digits=0, lang=lang) for end, value in row["expected"].items()}
    return (
        _place(row), _measure(row, lang), str(row[period]),
        number(row["count"], digits=0, lang=lang),
        f"{ends['mean']} ({ends['p05']} - {ends['p95']})", row["check"][lang],
    )  # fmt: skip
