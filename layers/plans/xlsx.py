"""Plans as spreadsheets for print: landscape A4, headings on every page, every language.

They are written from the answer (:mod:`layers.plans.serialize`), so that a sheet holds only what
its reader may see: shares where the reader has no right to persons.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from geo.files import write_bytes
from geo.i18n import Message, interval, label, languages

__all__ = ["outreach_book", "posts_book", "write_outreach"]

_STAMP = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - spreadsheets know no zones
"""One fixed time inside the file: the same plan gives the same content."""
_VILLAGES = (
    ("number", "rank", 5), ("village", "name", 22), ("code", "code", 15),
    ("regency", "regency", 22), ("persons_a_year", "persons_covered", 12),
    ("share", "share_covered", 9), ("places", "places_covered", 9), ("base", "base", 20),
    ("hours_one_way", "travel_hours", 11), ("days", "travel_days", 8), ("cost", "cost", 14),
    ("reason", "reason", 44), ("visited_on", None, 14), ("notes", None, 24),
)  # fmt: skip
_REGENCIES = (
    ("code", "code", 14), ("regency", "name", 34), ("persons_a_year", "persons", 18),
    ("reachable", "persons_reachable", 18), ("reached", "persons_covered", 18),
    ("share", "share_covered", 12), ("villages", "villages", 14),
)  # fmt: skip
_POSTS = (
    ("number", "rank", 5), ("terminal", "name", 34), ("identifier", "id", 22), ("kind", "kind", 14),
    ("added_persons", "marginal_persons", 16), ("staff", "staff", 34), ("notes", None, 34),
)  # fmt: skip
_MOVES = (
    ("terminal", "name", 34), ("identifier", "id", 22), ("before", "before", 18),
    ("after", "after", 18),
)  # fmt: skip
_FORMATS = {
    "persons_covered": "#,##0.0", "persons": "#,##0.0", "persons_reachable": "#,##0.0",
    "travel_hours": "#,##0.0", "travel_days": "#,##0.0", "cost": "#,##0",
    "share_covered": "0.0%", "marginal_persons": "#,##0.0", "before": "#,##0.0",
    "after": "#,##0.0",
}  # fmt: skip
_HEAD = PatternFill("solid", fgColor="1F4E5F")
_LINE = Border(*(Side(style="thin", color="B0B0B0"),) * 4)
_TOP = 4

Columns = Sequence[tuple[str, str | None, int]]


def write_outreach(path: Path, answer: Mapping[str, Any], *, area: str, build_id: str) -> None:
    """Write :func:`outreach_book` to a file, at once or not at all.

    Raises
    ------
    EnvironmentProblem
        If the file cannot be written; what was there stays.
    """
    write_bytes(path, outreach_book(answer, area=area, build_id=build_id))


def outreach_book(answer: Mapping[str, Any], *, area: str, build_id: str) -> bytes:
    """An outreach plan: the villages, the regencies, and what the numbers mean.

    Parameters
    ----------
    answer : mapping
        :func:`layers.plans.serialize.outreach_answer`.
    area : str
        Name of the area, for the heading.
    build_id : str
        The build (or, for a partner, the release) the numbers come from.
    """
    book, sheet = _book("Rencana")
    share = answer["share"]
    reached: Message | str = (
        "" if share is None else Message("sheet.share_reached", {"share": share})
    )
    if "persons_covered" in answer:
        reached = Message("sheet.persons_a_year", {"persons": interval(answer["persons_covered"])})
    villages = [
        {**row, "reason": "\n".join(row[name] for name in row if name.startswith("reason"))}
        for row in answer["villages"]
    ]
    _list(
        sheet, _with_values(_VILLAGES, villages), villages,
        title=Message("sheet.outreach_title", {"area": area}),
        under=Message("sheet.outreach_reached", {"reached": reached, "build": build_id,
                      "radius": answer["radius_km"], "gap": answer["gap"]}),
    )  # fmt: skip
    _table(book.create_sheet("Kabupaten"), _REGENCIES, answer["regencies"])
    method = {"method": answer["method"], "gap": answer["gap"], "build": build_id}
    return _with_notes(
        book,
        Message("note.model_estimates").as_dict(),
        answer["assumption"],
        Message("note.served_left_out", {"villages": answer["excluded_served"]}).as_dict(),
        Message("note.travel_days", {"days": answer["travel_days"]}).as_dict(),
        Message("note.method", method).as_dict(),
        *answer["notes"],
        *_costs("note.cost_per_person_reached", answer.get("cost_per_person")),
    )


def posts_book(answer: Mapping[str, Any], *, build_id: str) -> bytes:
    """A post plan: the posts and who staffs them, where flow moves, and what it rests on.

    Parameters
    ----------
    answer : mapping
        :func:`layers.plans.serialize.posts_answer`.
    build_id : str
        The build the numbers come from.
    """
    book, sheet = _book("Pos")
    share, blind = answer["interception"]["share"], answer["blind"]
    persons = interval(answer["interception"]["persons"])
    rows = [
        {
            **post, "rank": k, "kind": _labels("kind", [post["kind"]]),
            "staff": _labels("staff", post["staffed_by"]),
        }
        for k, post in enumerate(answer["posts"], 1)
    ]  # fmt: skip
    _list(
        sheet, _POSTS, rows, title=Message("sheet.posts_title"),
        under=Message("sheet.posts_intercepted", {"persons": persons, "share": share,
                                                  "build": build_id}),
    )  # fmt: skip
    _table(book.create_sheet("Perpindahan"), _MOVES, answer["displacement"])
    promise = {"promised": blind["promised_share"], "delivered": blind["delivered_share"]}
    alternatives = (
        {"posts": [post["name"] for post in plan["posts"]], "share": plan["share"],
         "action": Message(f"post_action.{plan['action']}")}
        for plan in answer["alternatives"]
    )  # fmt: skip
    standing = [post["name"] for post in answer["in_force"]]
    regret = (
        {"hours": at["deterrence_h"], "share": f"{100 * (1 - at['regret_share']):.0f}"}
        for at in answer["regret"]
    )
    return _with_notes(
        book,
        Message("note.model_estimates").as_dict(),
        Message("note.police_desk_only").as_dict(),
        Message("note.blind_plan", promise).as_dict(),
        *([Message("note.in_force", {"posts": standing}).as_dict()] if standing else []),
        *(Message("note.alternative", plan).as_dict() for plan in alternatives),
        *(Message("regret.line", at).as_dict() for at in regret),
        answer["assumption"],
        *_costs("note.cost", answer["cost"]),
        *_costs("note.cost_per_person_intercepted", answer["cost_per_person"]),
    )


def _costs(code: str, cost: float | None) -> list[dict[str, str]]:
    return [] if cost is None else [Message(code, {"cost": cost}).as_dict()]


def _labels(family: str, values: Sequence[str]) -> str:
    """Names of values, one line a language."""
    return _lines({
        code: ", ".join(label(family, value, code) for value in values) for code in languages()
    })  # fmt: skip


def _lines(texts: Mapping[str, str]) -> str:
    """One text in every language, one below the other; once where they agree."""
    return "\n".join(dict.fromkeys(texts.values()))


def _heading(name: str) -> str:
    return _lines(Message(f"heading.{name}").as_dict())


def _book(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    book.properties.creator, book.properties.created = "Petajaga", _STAMP
    book.properties.modified = _STAMP
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return book, sheet


def _with_values(columns: Columns, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """The columns that the rows have, or that are filled in by hand."""
    if not rows:
        return columns
    return [c for c in columns if c[1] is None or c[1] in rows[0]]


def _list(
    sheet: Worksheet,
    columns: Columns,
    rows: Sequence[Mapping[str, Any]],
    *,
    title: Message,
    under: Message,
) -> None:
    """The sheet for field work: a heading, then lined rows with room to write."""
    sheet["A1"] = " / ".join(title.as_dict().values())
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = " / ".join(under.as_dict().values())
    for k, (name, _, width) in enumerate(columns, 1):
        head = sheet.cell(_TOP, k, _heading(name))
        head.font, head.fill = Font(bold=True, color="FFFFFF"), _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        sheet.column_dimensions[get_column_letter(k)].width = width
    for i, row in enumerate(rows, _TOP + 1):
        for k, (_, column, _) in enumerate(columns, 1):
            cell = sheet.cell(i, k, _value(row.get(column)) if column else None)
            cell.border = _LINE
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if column in _FORMATS:
                cell.number_format = _FORMATS[column]
    sheet.freeze_panes = f"C{_TOP + 1}"
    _set_print(sheet, rows=f"{_TOP}:{_TOP}")


def _table(sheet: Worksheet, columns: Columns, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = _with_values(columns, rows)
    for k, (name, column, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
        head = sheet.cell(1, k, _heading(name))
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True)
        for line, row in enumerate(rows, 2):
            cell = sheet.cell(line, k, _value(row.get(str(column))))
            if column in _FORMATS:
                cell.number_format = _FORMATS[column]
    sheet.freeze_panes = "A2"
    _set_print(sheet, rows="1:1")


def _with_notes(book: Workbook, *notes: Mapping[str, str]) -> bytes:
    """The file, with a sheet of notes, each in every language."""
    sheet = book.create_sheet("Keterangan")
    for note in (*notes, Message("note.no_names_in_file").as_dict()):
        for text in note.values():
            sheet.append([_safe(text)])
            sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 110
    _set_print(sheet, rows=None)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _set_print(sheet: Worksheet, *, rows: str | None) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = rows
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "Petajaga &P / &N"
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.4)


def _value(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return _safe(value) if isinstance(value, str) else value


def _safe(text: str) -> str:
    """A name that begins like a formula stays text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
