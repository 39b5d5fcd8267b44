"""Plans as spreadsheets that print well: landscape A4, headings on every page.

They are made from what was told (:mod:`layers.plans.serialize`), so that a sheet holds what its
reader may see: a partner's has shares where the police desk's has persons.
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

from layers.release.atomic import write_bytes

__all__ = ["outreach_book", "posts_book", "write_outreach"]

_STAMP = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - spreadsheets know no zones
"""One fixed time inside the file: the same plan gives the same content."""
_VILLAGES = (
    ("No", "rank", 5), ("Desa / tempat\nVillage / place", "name", 22), ("Kode\nCode", "code", 15),
    ("Kabupaten\nRegency", "regency", 22),
    ("Orang/tahun\nPersons/year", "persons_covered", 12),
    ("Bagian\nShare", "share_covered", 9),
    ("Tempat\nPlaces", "places_covered", 9), ("Pangkalan\nBase", "base", 20),
    ("Jam sekali jalan\nHours one way", "travel_hours", 11),
    ("Hari\nDays", "travel_days", 8), ("Biaya\nCost", "cost", 14),
    ("Alasan", "reason", 44), ("Reason", "reason_en", 44),
    ("Tanggal kunjungan\nVisited on", None, 14), ("Catatan\nNotes", None, 24),
)  # fmt: skip
_REGENCIES = (
    ("Kode / Code", "code", 14), ("Kabupaten / Regency", "name", 34),
    ("Orang/tahun / Persons/year", "persons", 18),
    ("Dapat dijangkau / Reachable", "persons_reachable", 18),
    ("Terjangkau / Reached", "persons_covered", 18), ("Bagian / Share", "share_covered", 12),
    ("Desa / Villages", "villages", 14),
)  # fmt: skip
_POSTS = (
    ("No", "rank", 5), ("Simpul\nTerminal", "name", 34), ("Pengenal\nIdentifier", "id", 22),
    ("Jenis\nKind", "kind", 14),
    ("Nilai tambah (orang/tahun)\nAdds (persons/year)", "marginal_persons", 16),
    ("Petugas\nStaff", "staff", 34), ("Catatan\nNotes", None, 34),
)  # fmt: skip
_MOVES = (
    ("Simpul / Terminal", "name", 34), ("Pengenal / Identifier", "id", 22),
    ("Sebelum (orang/tahun) / Before", "before", 18), ("Sesudah / After", "after", 18),
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
    told = answer.get("persons_covered")
    reached = f"{answer['share']:.1%}"
    if told is not None:
        span = "" if told["p05"] is None else f" ({told['p05']:.0f} - {told['p95']:.0f})"
        reached = f"{told['mean']:.0f}{span} orang/tahun - persons/year"
    _list(
        sheet, _shown(_VILLAGES, answer["villages"]), answer["villages"],
        title=f"Petajaga - rencana penjangkauan / outreach plan: {area}",
        under=f"Terjangkau / reached: {reached}; radius {answer['radius_km']:.3g} km; "
        f"gap {answer['gap']:.2%}; model {build_id}",
    )  # fmt: skip
    _table(book.create_sheet("Kabupaten"), _REGENCIES, answer["regencies"])
    lines = [
        "Perkiraan model, bukan jumlah kasus. Terjangkau berarti berangkat dari dalam radius "
        "desa yang dikunjungi; bukan berarti tercegah.",
        "Estimates of a model, not counts of cases. Reached means setting out within the radius of "
        "a visited village; it does not mean prevented.",
        f"Desa yang sudah dilayani dan dilewati / villages already served and left out: "
        f"{answer['excluded_served']}",
        f"Hari perjalanan / travel days: {answer['travel_days']:.1f}",
        f"Cara / method: {answer['method']}, gap {answer['gap']:.3%}; model {build_id}",
        *(note[lang] for note in answer.get("notes", ()) for lang in ("id", "en")),
    ]
    if answer.get("cost_per_person") is not None:
        lines.append(
            f"Biaya per orang terjangkau / cost per person: {answer['cost_per_person']:,.0f}"
        )
    return _finished(book, lines)


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
    told, blind = answer["interception"], answer["blind"]
    persons = told["persons"]
    span = "" if persons["p05"] is None else f" ({persons['p05']:.0f} - {persons['p95']:.0f})"
    rows = [
        {**post, "rank": k, "staff": ", ".join(post["staffed_by"])}
        for k, post in enumerate(answer["posts"], 1)
    ]
    _list(
        sheet, _POSTS, rows, title="Petajaga - rencana pos / post plan",
        under=f"Tercegat / intercepted: {persons['mean']:.0f}{span} orang/tahun - persons/year, "
        f"{told['share']:.1%}; model {build_id}",
    )  # fmt: skip
    _table(book.create_sheet("Perpindahan"), _MOVES, answer["displacement"])
    lines = [
        "Perkiraan model, bukan jumlah kasus. Hanya untuk meja kepolisian.",
        "Estimates of a model, not counts of cases. For the police desk only.",
        f"Rencana tanpa memperhitungkan perpindahan / a plan blind to displacement: janji / "
        f"promises {blind['promised_share']:.1%}, hasil / delivers {blind['delivered_share']:.1%}",
        *(
            f"Pilihan lain / alternative: {', '.join(p['name'] for p in other['posts'])} "
            f"({other['share']:.1%})"
            for other in answer["alternatives"]
        ),
        answer["assumption"]["id"],
        answer["assumption"]["en"],
    ]
    if answer["cost"] is not None:
        lines.append(f"Biaya / cost: {answer['cost']:,.0f}")
    if answer["cost_per_person"] is not None:
        lines.append(
            f"Biaya per orang tercegat / cost per person: {answer['cost_per_person']:,.0f}"
        )
    return _finished(book, lines)


def _book(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    book.properties.creator, book.properties.created = "Petajaga", _STAMP
    book.properties.modified = _STAMP
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return book, sheet


def _shown(columns: Columns, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Columns of which the rows tell nothing are left out."""
    if not rows:
        return columns
    return [c for c in columns if c[1] is None or c[1] in rows[0]]


def _list(
    sheet: Worksheet, columns: Columns, rows: Sequence[Mapping[str, Any]], *, title: str, under: str
) -> None:
    """The sheet people take along: a heading, then lined rows with room to write."""
    sheet["A1"] = _safe(title)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = under
    for k, (text, _, width) in enumerate(columns, 1):
        head = sheet.cell(_TOP, k, text)
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
    _printed(sheet, rows=f"{_TOP}:{_TOP}")


def _table(sheet: Worksheet, columns: Columns, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = _shown(columns, rows)
    for k, (text, column, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
        sheet.cell(1, k, text).font = Font(bold=True)
        for line, row in enumerate(rows, 2):
            cell = sheet.cell(line, k, _value(row.get(str(column))))
            if column in _FORMATS:
                cell.number_format = _FORMATS[column]
    sheet.freeze_panes = "A2"
    _printed(sheet, rows="1:1")


def _finished(book: Workbook, lines: Sequence[str]) -> bytes:
    sheet = book.create_sheet("Keterangan")
    for told in (
        *lines,
        "Jangan mencatat nama orang di berkas ini. Do not write names of persons in this file.",
    ):
        sheet.append([told])
        sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 110
    _printed(sheet, rows=None)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _printed(sheet: Worksheet, *, rows: str | None) -> None:
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
