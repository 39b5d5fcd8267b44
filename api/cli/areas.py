"""``petajaga areas``: areas by departures per head; never a bare rank, always the interval."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import click

from api.cli.area_profile import CELLS, area_cells, area_items, print_profile, print_sensitivity
from api.cli.options import JSON, Session, WrongUse, check_ending, command, output_option
from api.cli.output import headings, note, print_json, print_table, progress
from geo.errors import InputError
from geo.i18n import text

__all__ = ["areas_command"]

_LEVELS = ("province", "regency", "district", "village", "settlement")
_PLACES = ("village", "settlement")
"""Levels in the table of settlements."""

_FLAT = (
    "code", "name", "level", "departures_mean", "departures_p05", "departures_p95",
    "departures_per_100k_mean", "departures_per_100k_p05", "departures_per_100k_p95", "class",
    "rank_p05", "rank_p95", "p_top_decile", "score_mean", "score_p05", "score_p95",
)  # fmt: skip


@command(
    "areas",
    click.argument("area", required=False),
    click.option("--level", type=click.Choice(_LEVELS), default="regency",
                 show_default=True),
    click.option("--within", metavar="CODE"),
    click.option("--top", type=click.IntRange(1)),
    click.option("--csv", "as_csv", is_flag=True),
    click.option("--explain", metavar="AREA"),
    click.option("--sensitivity", is_flag=True),
    output_option(),
    JSON,
)  # fmt: skip
def areas_command(
    session: Session,
    *,
    area: str | None,
    explain: str | None,
    sensitivity: bool,
    level: str,
    within: str | None,
    top: int | None,
    as_csv: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """List areas by departures per head, most first and unknown last, or explain one AREA."""
    if area is not None and explain is not None:
        raise WrongUse("cli.area_twice")
    if sensitivity and (area or explain):
        raise WrongUse("cli.sensitivity_of_all")
    if sensitivity:
        return print_sensitivity(session, within=within, output=output, as_json=as_json)
    if (name := area or explain) is not None:
        if as_csv or output is not None:
            raise WrongUse("cli.one_area_format")
        return print_profile(session, name, as_json=as_json)
    if as_json + as_csv + (output is not None) > 1:
        raise WrongUse("cli.one_of", options=["--json", "--csv", "-o"])
    check_ending(output, ".csv", ".xlsx")
    areas = _select(session, level=level, within=within, top=top)
    if output is not None:
        _write(output, areas)
        return note(session.text("cli.written_rows", file=output, rows=len(areas)))
    if as_json:
        return print_json(areas)
    if as_csv:
        return _write_csv(sys.stdout, [_flat(item) for item in areas])
    if not areas:
        return note(session.text("cli.no_match"))
    _print(areas, session.lang)
    if within is not None:
        note(session.text("cli.areas_within"))
    return None


def _select(
    session: Session, *, level: str, within: str | None, top: int | None
) -> list[dict[str, Any]]:
    """The areas of the options, in the form of ``--json``."""
    from api.cli.state import area_code, read_build
    from layers.query.area_names import inside

    with progress("areas", session.lang):
        build = read_build(session)
    areas = build.columns("areas")
    table = areas
    if level in _PLACES:
        table = {**build.columns("settlements")}
        codes = [id_.removeprefix("v") for id_ in table["id"]]  # of a village, v and its code
        table |= {"code": codes, "level": table["kind"]}
    order = [k for k, of_level in enumerate(table["level"]) if of_level == level]
    if not order:
        loaded = [name for name in _LEVELS if name in areas["level"]]
        raise InputError("cli.no_areas_of_level", field="level", level=level, loaded=loaded)
    if within is not None:
        code = area_code(areas, within)
        if level in _PLACES:
            columns = [table[f"{name}_code"] for name in ("district", "regency", "province")]
            order = [k for k in order if code in {column[k] for column in columns}]
        else:
            order = list(compress(order, inside([table["code"][k] for k in order], code)))

    def rank(k: int) -> tuple[bool, float, str]:
        rate = table["departures_per_100k_mean"][k]
        known = rate is not None and math.isfinite(rate)
        return not known, -rate if known else 0.0, table["code"][k]

    order = sorted(order, key=rank)[:top]
    chosen = {name: [values[k] for k in order] for name, values in table.items()}
    return area_items(chosen, within)


def _print(areas: Sequence[Mapping[str, Any]], lang: str) -> None:
    names = ("code", "name", *CELLS)
    rows = [(item["code"], item["name"], *area_cells(item, lang)) for item in areas]
    print_table(headings(lang, *names), rows, right=(2, 3, 5, 6, 7))
    note(text("cli.interval", lang))


def _flat(item: Mapping[str, Any]) -> list[Any]:
    groups = {
        name: item[name] or {} for name in ("departures", "departures_per_100k", "score", "rank")
    }
    values = {
        f"{name}_{end}": part for name, group in groups.items() for end, part in group.items()
    }
    return [{**item, **values}.get(name) for name in _FLAT]


def _write(path: Path, areas: Sequence[Mapping[str, Any]]) -> None:
    from layers.release.atomic import replacing

    rows = [_flat(item) for item in areas]
    with replacing(path) as temporary:
        if path.suffix.lower() == ".csv":
            with temporary.open("w", encoding="utf-8", newline="") as stream:
                _write_csv(stream, rows)
        else:
            _write_xlsx(temporary, rows)


def _write_csv(stream: Any, rows: Sequence[Sequence[Any]]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_FLAT)
    writer.writerows(rows)


def _write_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("areas")
    sheet.freeze_panes = "A2"
    sheet.append(_FLAT)
    for row in rows:
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.data_type = "s"  # a code such as 53.01 stays text, and nothing is a formula
        sheet.append(cells)
    book.save(path)
