"""A layer as a workbook for people: one language, words for codes, a cover sheet first.

``Data`` has a frozen heading with filters; texts stay text, whatever they look like. The hidden
sheet ``petajaga`` says which column each heading is and which value each word stands for, so that
an import reads the workbook like any other export.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from geo.i18n import text
from geo.imports.words import DICTIONARY_SHEET
from layers.exports.worded import WordedColumn, worded_columns
from layers.exports.workbook import HEAD_FILL, HEAD_FONT, keep_text, set_properties
from layers.release.layer_table import Table
from layers.release.marking import Marking
from layers.schema import Field

__all__ = ["write_xlsx"]

_BOLD, _TITLE = Font(bold=True), Font(bold=True, size=14)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTHS = (8, 42)
"""Least and greatest width of a column, in characters."""
_MEASURED_ROWS = 200


def write_xlsx(
    table: Table, path: Path, heading: Marking, manifest: Mapping[str, Any], language: str
) -> None:
    """Write the rows of a layer, with the release's caveats and sources on the cover."""
    book = Workbook(write_only=True)
    set_properties(book, heading, language)
    columns = worded_columns(table, language)
    _cover(book, table, columns, heading, manifest, language)
    _data(book, table, columns)
    _dictionary(book, columns)
    book.save(path)


def _number_format(field: Field) -> str:
    if field.type not in ("number", "integer") or field.unit in ("year", "deg"):
        return "General"
    if field.unit == "share":
        return '[=0]0.0%;[<0.001]"< 0.1%";0.0%'
    return "#,##0" + (
        "." + "0" * field.decimals if field.decimals and field.type == "number" else ""
    )


def _cell(sheet: Any, value: Any, **look: Any) -> Any:
    written = keep_text(WriteOnlyCell(sheet, value))
    for name, what in look.items():
        setattr(written, name, what)
    return written


def _cover(
    book: Workbook,
    table: Table,
    columns: Sequence[WordedColumn],
    heading: Marking,
    manifest: Mapping[str, Any],
    language: str,
) -> None:
    sheet = book.create_sheet(text("sheet.about", language))
    for letter, width in (("A", 46), ("B", 90)):
        sheet.column_dimensions[letter].width = width

    def write(*values: str, font: Font | None = None) -> None:
        look: dict[str, Any] = {"alignment": _WRAPPED}
        sheet.append([_cell(sheet, v, **look, **({"font": font} if font else {})) for v in values])

    def section(key: str, lines: Iterable[str]) -> None:
        write()
        write(text(key, language), font=_BOLD)
        for line in lines:
            write("", line)

    layer = table.layer
    write(layer.title(language), font=_TITLE)
    write(heading.text(language), font=_BOLD)
    write("", layer.description(language))
    write(text("heading.licence", language), heading.licence.in_language(language))
    section("heading.caveats", [caveat[language] for caveat in manifest["caveats"]])
    section("heading.sources", layer.source_texts(language))
    write()
    write(text("heading.column", language), text("field.unit", language), font=_BOLD)
    for column in columns:
        write(column.title, column.unit)


def _data(book: Workbook, table: Table, columns: Sequence[WordedColumn]) -> None:
    sheet = book.create_sheet("Data")
    sheet.freeze_panes = "A2"
    cells = [[column.cell(value) for value in column.values] for column in columns]
    for position, (column, values) in enumerate(zip(columns, cells, strict=True), 1):
        longest = max((len(str(v)) for v in values[:_MEASURED_ROWS] if v is not None), default=0)
        width = max(longest + 2, min(len(column.heading) + 3, 22), _WIDTHS[0])
        sheet.column_dimensions[get_column_letter(position)].width = min(width, _WIDTHS[1])
    sheet.row_dimensions[1].height = 45
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(table) + 1}"
    look = {"font": HEAD_FONT, "fill": HEAD_FILL, "alignment": _WRAPPED}
    sheet.append([_cell(sheet, column.heading, **look) for column in columns])
    formats = [_number_format(column.field) for column in columns]
    looks = [{} if found == "General" else {"number_format": found} for found in formats]
    for row in zip(*cells, strict=True):
        sheet.append([_cell(sheet, v, **f) for v, f in zip(row, looks, strict=True)])


def _dictionary(book: Workbook, columns: Sequence[WordedColumn]) -> None:
    sheet = book.create_sheet(DICTIONARY_SHEET)
    sheet.sheet_state = "hidden"
    for column in columns:
        sheet.append([_cell(sheet, value) for value in (column.heading, column.name)])
        for words, value in column.words().items():
            sheet.append(
                [_cell(sheet, part) for part in (column.heading, column.name, words, value)]
            )
