"""``petajaga areas``: areas by vulnerability; never a bare rank, always the interval."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import JSON, Session, WrongUse, command
from api.cli.output import headings, interval, note, number, print_json, print_table, progress
from api.http.serializers import nest
from geo.errors import InputError
from geo.i18n import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["areas_command", "items"]

_LEVELS = ("province", "regency", "district", "village")

_FLAT = (
    "code", "name", "level", "score_mean", "score_p05", "score_p95", "class", "rank_p05",
    "rank_p95", "p_top_decile",
)  # fmt: skip


@command(
    "areas",
    click.argument("area", required=False),
    click.option(
        "--level",
        type=click.Choice([*_LEVELS, "settlement"]),
        default="regency",
        show_default=True,
    ),
    click.option("--within", metavar="CODE"),
    click.option("--top", type=click.IntRange(1)),
    click.option("--csv", "as_csv", is_flag=True),
    click.option("--explain", metavar="AREA"),
    click.option("--sensitivity", is_flag=True),
    click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path)),
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
    """List areas by vulnerability score, the highest first, with 90 % intervals.

    An area without a known score comes last and says so. Name an AREA (code or name) to have its
    score explained.
    """
    from api.cli import area_profile

    if area is not None and explain is not None:
        raise WrongUse("cli.area_twice")
    if sensitivity and (area or explain):
        raise WrongUse("cli.sensitivity_of_all")
    if sensitivity:
        return area_profile.sensitivity(session, within=within, output=output, as_json=as_json)
    if (chosen := area or explain) is not None:
        if as_csv or output is not None:
            raise WrongUse("cli.one_area_format")
        return area_profile.explain(session, chosen, as_json=as_json)
    if as_json + as_csv + (output is not None) > 1:
        raise WrongUse("cli.one_of", options=["--json", "--csv", "-o"])
    areas = _find(session, level=level, within=within, top=top)
    if output is not None:
        _write(output, areas)
        return note(session.text("cli.written_rows", file=output, rows=len(areas)))
    if as_json:
        return print_json(areas)
    if as_csv:
        return _write_csv(sys.stdout, [_flat(item) for item in areas])
    if not areas:
        return note(session.text("cli.no_match"))
    return _print(areas, session.lang)


def _find(
    session: Session, *, level: str, within: str | None, top: int | None
) -> list[dict[str, Any]]:
    """The areas of the options, in the form of ``--json``."""
    from api.cli.state import area_code, open_build
    from layers.query.area_names import inside

    with progress("areas", session.lang):
        build = open_build(session.home)
    areas = build.columns("areas")
    chosen = areas
    if level == "settlement":
        chosen = {**build.columns("settlements")}
        chosen |= {"code": chosen["id"], "level": [level] * len(chosen["id"])}
    order = [k for k, of_level in enumerate(chosen["level"]) if of_level == level]
    if not order:
        loaded = [name for name in _LEVELS if name in areas["level"]]
        raise InputError("cli.no_areas_of_level", field="level", level=level, loaded=loaded)
    if within is not None:
        code = area_code(areas, within)
        if level == "settlement":
            columns = [chosen[f"{name}_code"] for name in ("district", "regency", "province")]
            order = [k for k in order if code in {column[k] for column in columns}]
        else:
            order = [k for k in order if inside([chosen["code"][k]], code)[0]]

    def rank(k: int) -> tuple[bool, float, str]:
        score = chosen["score_mean"][k]
        known = score is not None and math.isfinite(score)
        return not known, -score if known else 0.0, chosen["code"][k]

    order = sorted(order, key=rank)[:top]
    return items({name: [values[k] for k in order] for name, values in chosen.items()})


def items(chosen: Mapping[str, Sequence[Any]] | pd.DataFrame) -> list[dict[str, Any]]:
    """Areas in the form of ``--json``, with the very values that the service gives the police."""
    from layers.release.published import published_rows
    from layers.visibility import OPERATOR

    # a settlement's row has the same columns, under the same names
    rows = published_rows("areas", OPERATOR, chosen)
    return [_item(nest(row), level) for row, level in zip(rows, chosen["level"], strict=True)]


def _item(row: Mapping[str, Any], level: str) -> dict[str, Any]:
    score, rank = row.get("score"), row.get("rank")
    return {
        "code": row["code"],
        "name": row["name"],
        "level": level,
        "score": score,
        "class": row["class"],
        "rank": {end: round(rank[end]) for end in ("p05", "p95")} if score and rank else None,
        "p_top_decile": row["p_top_decile"] if score else None,
    }


def _print(areas: Sequence[Mapping[str, Any]], lang: str) -> None:
    names = ("code", "name", "index", "class", "rank", "top_decile")
    rows = []
    for item in areas:
        rank = item["rank"]
        rows.append(
            (
                item["code"],
                item["name"],
                interval(item["score"], lang=lang),
                text(f"class.{item['class']}", lang),
                f"{rank['p05']} - {rank['p95']}" if rank else "-",
                number(item["p_top_decile"], digits=2, lang=lang),
            )
        )
    columns = headings(lang, *names)
    print_table(columns, rows, right=(2, 4, 5))
    note(text("cli.interval", lang))


def _flat(item: Mapping[str, Any]) -> list[Any]:
    score, rank = item["score"] or {}, item["rank"] or {}
    values = {
        **{name: item[name] for name in ("code", "name", "level", "class", "p_top_decile")},
        **{f"score_{end}": score.get(end) for end in ("mean", "p05", "p95")},
        **{f"rank_{end}": rank.get(end) for end in ("p05", "p95")},
    }
    return [values[name] for name in _FLAT]


def _write(path: Path, areas: Sequence[Mapping[str, Any]]) -> None:
    from layers.release.atomic import replacing

    rows = [_flat(item) for item in areas]
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise InputError(
            "cli.file_ending", field="output", file=path.name, endings=(".csv", ".xlsx")
        )
    with replacing(path) as temporary:
        if kind == ".csv":
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
