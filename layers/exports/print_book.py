"""A workbook for print: one language, landscape A4, headings and classification on every page."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from geo.i18n import Message, text
from layers.exports.workbook import HEAD_FILL, HEAD_FONT, keep_text, set_properties
from layers.release.marking import Marking

__all__ = ["Columns", "PrintBook"]

_FORMATS = {
    "persons_covered": "#,##0", "persons": "#,##0", "persons_reachable": "#,##0",
    "travel_hours": "#,##0.0", "travel_days": "#,##0.0", "cost": "#,##0",
    "share_covered": '[=0]0%;[<0.01]"< 1%";0%', "added_persons": "#,##0", "before": "#,##0",
    "after": "#,##0", "ceiling": "#,##0", "spent": "#,##0",
}  # fmt: skip
_LINE = Border(*(Side(style="thin", color="B0B0B0"),) * 4)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_TOP = 5

Columns = Sequence[tuple[str, str | None, int]]
"""Heading, name in a row (None: a column filled in by hand) and width of each column."""


class PrintBook:
    """A workbook of one language under one heading, sheet by sheet."""

    def __init__(self, heading: Marking, language: str) -> None:
        self._heading, self._language = heading, language
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        set_properties(self._book, heading, language)

    def add_list(
        self, name: str, columns: Columns, rows: Sequence[Mapping[str, Any]], *, title: Message,
        under: Message,
    ) -> None:  # fmt: skip
        """The sheet for field work: a title, then lined rows with room to write."""
        columns = _with_values(columns, rows)
        sheet = self._sheet(name, repeat=_TOP)
        lines = (title, under, self._heading.line)
        for i, line in enumerate(lines, 1):
            keep_text(sheet.cell(i, 1, line.in_language(self._language)))
            sheet.cell(i, 1).font = Font(bold=i != 2, size=14 if i == 1 else 11)
        self._fill(sheet, columns, rows, first=_TOP)
        for row in sheet.iter_rows(min_row=_TOP + 1, max_col=len(columns)):
            for cell in row:
                cell.border, cell.alignment = _LINE, _WRAPPED
        sheet.freeze_panes = f"B{_TOP + 1}"

    def add_table(self, name: str, columns: Columns, rows: Sequence[Mapping[str, Any]]) -> None:
        """A sheet of rows below their headings."""
        sheet = self._sheet(name, repeat=1)
        self._fill(sheet, _with_values(columns, rows), rows, first=1)
        sheet.freeze_panes = "A2"

    def with_notes(self, *notes: Message | Mapping[str, str]) -> bytes:
        """The file, after a sheet of notes."""
        sheet = self._sheet("sheet.about", repeat=None)
        for note in (*notes, Message("note.no_names_in_file"), self._heading.licence):
            by_language = note.as_dict() if isinstance(note, Message) else note
            sheet.append([by_language[self._language]])
            keep_text(sheet.cell(sheet.max_row, 1)).alignment = _WRAPPED
        sheet.column_dimensions["A"].width = 110
        stream = io.BytesIO()
        self._book.save(stream)
        return stream.getvalue()

    def _fill(
        self, sheet: Worksheet, columns: Columns, rows: Sequence[Mapping[str, Any]], *, first: int
    ) -> None:
        for k, (name, column, width) in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(k)].width = width
            head = sheet.cell(first, k, text(f"heading.{name}", self._language))
            head.font, head.fill, head.alignment = HEAD_FONT, HEAD_FILL, _WRAPPED
            for i, row in enumerate(rows, first + 1):
                cell = sheet.cell(i, k, _value(row.get(column)) if column else None)
                keep_text(cell)
                cell.number_format = _FORMATS.get(column or "", "General")
                if column == "share_covered" and (step := row.get("share_step")):
                    cell.number_format = f'[<{step:g}]"< {step:.0%}";0%'

    def _sheet(self, name: str, *, repeat: int | None) -> Worksheet:
        """A sheet that prints on landscape A4 with its classification on every page."""
        sheet: Worksheet = self._book.create_sheet(text(name, self._language))
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        if repeat is not None:
            sheet.print_title_rows = f"{repeat}:{repeat}"
        if sheet.oddFooter is not None:
            sheet.oddFooter.left.text = self._heading.text(self._language)
            sheet.oddFooter.right.text = "Petajaga &P / &N"
        for side in ("left", "right", "top", "bottom"):
            setattr(sheet.page_margins, side, 0.4)
        return sheet


def _with_values(columns: Columns, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """The columns that the rows have, or that are filled in by hand."""
    return [c for c in columns if c[1] is None or not rows or c[1] in rows[0]]


def _value(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
