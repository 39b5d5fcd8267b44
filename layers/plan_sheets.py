"""An outreach plan as a spreadsheet that prints well: landscape A4, headings on every page."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from geo.errors import EnvironmentProblem
from routes.outreach import OutreachPlan

__all__ = ["write_outreach"]

_STAMP = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - spreadsheets know no zones
"""One fixed time inside the file: the same plan gives the same content."""
_COLUMNS = (
    ("No", "rank", 5), ("Desa / tempat\nVillage / place", "name", 22), ("Kode\nCode", "code", 15),
    ("Kabupaten\nRegency", "regency", 22),
    ("Orang/tahun\nPersons/year", "persons_covered", 12),
    ("Tempat\nPlaces", "places_covered", 9), ("Pangkalan\nBase", "base", 20),
    ("Jam sekali jalan\nHours one way", "travel_hours", 11),
    ("Hari\nDays", "travel_days", 8), ("Biaya\nCost", "cost", 14),
    ("Alasan", "reason_id", 44), ("Reason", "reason_en", 44),
    ("Tanggal kunjungan\nVisited on", None, 14), ("Catatan\nNotes", None, 24),
)  # fmt: skip
_HEAD = PatternFill("solid", fgColor="1F4E5F")
_LINE = Border(*(Side(style="thin", color="B0B0B0"),) * 4)


def write_outreach(path: Path, plan: OutreachPlan, *, area: str, build_id: str) -> None:
    """Write the plan: the villages, the regencies, and what the numbers mean.

    Parameters
    ----------
    area : str
        Name or code of the area, for the heading.
    build_id : str
        The build the numbers come from.

    Raises
    ------
    EnvironmentProblem
        If the file cannot be written; what was there stays.
    """
    book = Workbook()
    book.properties.creator, book.properties.created = "Petajaga", _STAMP
    book.properties.modified = _STAMP
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Rencana"
    _villages(sheet, plan, area, build_id)
    _regencies(book.create_sheet("Kabupaten"), plan)
    _about(book.create_sheet("Keterangan"), plan, build_id)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".xlsx")
        os.close(handle)
        try:
            book.save(name)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {path}: {error.strerror or error}; choose another file"
        ) from error


def _villages(sheet: Worksheet, plan: OutreachPlan, area: str, build_id: str) -> None:
    sheet["A1"] = f"Petajaga - rencana penjangkauan / outreach plan: {_safe(area)}"
    sheet["A1"].font = Font(bold=True, size=14)
    told = plan.persons_covered
    span = "" if told["p05"] is None else f" ({told['p05']:.0f} - {told['p95']:.0f})"
    sheet["A2"] = (
        f"Terjangkau / reached: {told['mean']:.0f}{span} orang/tahun - persons/year; "
        f"radius {plan.radius_km:.3g} km; gap {plan.gap:.2%}; model {build_id}"
    )
    top = 4
    for k, (title, _, width) in enumerate(_COLUMNS, 1):
        head = sheet.cell(top, k, title)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        sheet.column_dimensions[get_column_letter(k)].width = width
    for i, row in enumerate(plan.villages.to_dict("records"), top + 1):
        for k, (_, column, _) in enumerate(_COLUMNS, 1):
            cell = sheet.cell(i, k, _value(row.get(column)) if column else None)
            cell.border = _LINE
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if column in {"persons_covered", "travel_hours", "travel_days"}:
                cell.number_format = "#,##0.0"
            elif column == "cost":
                cell.number_format = "#,##0"
    sheet.freeze_panes = f"C{top + 1}"
    _printed(sheet, rows=f"{top}:{top}")


def _regencies(sheet: Worksheet, plan: OutreachPlan) -> None:
    heads = ("Kode / Code", "Kabupaten / Regency", "Orang/tahun / Persons/year",
             "Dapat dijangkau / Reachable", "Terjangkau / Reached", "Desa / Villages")  # fmt: skip
    sheet.append(heads)
    for row in plan.regencies.itertuples(index=False):
        sheet.append([_value(v) for v in row])
    for k, width in enumerate((14, 34, 18, 18, 18, 14), 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
        sheet.cell(1, k).font = Font(bold=True)
        for line in range(2, sheet.max_row + 1):
            if 3 <= k <= 5:
                sheet.cell(line, k).number_format = "#,##0.0"
    sheet.freeze_panes = "A2"
    _printed(sheet, rows="1:1")


def _about(sheet: Worksheet, plan: OutreachPlan, build_id: str) -> None:
    lines = [
        "Perkiraan model, bukan jumlah kasus. Terjangkau berarti berangkat dari dalam radius "
        "desa yang dikunjungi; bukan berarti tercegah.",
        "Estimates of a model, not counts of cases. Reached means setting out within the radius of "
        "a visited village; it does not mean prevented.",
        f"Desa yang sudah dilayani dan dilewati / villages already served and left out: "
        f"{len(plan.excluded)}",
        f"Hari perjalanan / travel days: {plan.travel_days:.1f}",
        f"Cara / method: {plan.method}, gap {plan.gap:.3%}; model {build_id}",
        "Jangan mencatat nama orang di berkas ini. Do not write names of persons in this file.",
    ]
    if plan.cost_per_person is not None:
        lines.append(f"Biaya per orang terjangkau / cost per person: {plan.cost_per_person:,.0f}")
    for told in lines:
        sheet.append([told])
        sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 110
    _printed(sheet, rows=None)


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
