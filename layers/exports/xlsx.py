"""A layer as a workbook for people: one language, words for codes, a cover sheet first.

``Data`` has a frozen heading with filters; texts stay text, whatever they look like. The hidden
sheet ``petajaga`` says which column each heading is and which value each word stands for, so that
an import reads the workbook like any other export.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from geo.i18n import text
from geo.imports.words import DICTIONARY_SHEET
from layers.exports.workbook import HEAD_FILL, HEAD_FONT, keep_text, set_properties
from layers.release.layer_table import Table
from layers.release.marking import Marking
from layers.schema import Field, number

__all__ = ["write_xlsx"]

_BOLD, _TITLE = Font(bold=True), Font(bold=True, size=14)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTHS = (8, 42)
"""Least and greatest width of a column, in characters."""
_MEASURED_ROWS = 200
_POINT = {"lon": "x", "lat": "y"}


def write_xlsx(
    table: Table, path: Path, heading: Marking, manifest: Mapping[str, Any], language: str
) -> None:
    """Write the rows of a layer, with the release's caveats and sources on the cover."""
    book = Workbook(write_only=True)
    set_properties(book, heading, language)
    columns = [_Column(table, field, language) for field in table.fields]
    columns = [column for column in columns if column.has_words]
    if table.layer.geometry == "Point":
        # a sheet has no room for lines and polygons
        columns += [_Coordinate(table, axis, language) for axis in _POINT]
    _cover(book, table, columns, heading, manifest, language)
    _data(book, table, columns)
    _dictionary(book, columns)
    book.save(path)


class _Column:
    """A column: its heading, the format of its numbers, its cells in words."""

    def __init__(self, table: Table, field: Field, language: str) -> None:
        self.field, self.language, self.name = field, language, field.name
        self.unit = field.unit_text(language)
        self.title = self._title(table)
        self.heading = f"{self.title} ({self.unit})" if self.unit else self.title
        self.values: Sequence[Any] = table.columns[field.name]
        self.format = _number_format(field)

    def _title(self, table: Table) -> str:
        return table.layer.field_title(self.field, self.language)

    @property
    def has_words(self) -> bool:
        """Whether people can read it: not nested values that are mere codes of the model."""
        if self.field.type != "json":
            return True
        items = (item for value in self.values if value for item in json.loads(value))
        return all(_item_text(item, self.language) for item in items)

    def cell(self, value: Any) -> Any:
        """A value as it is shown."""
        if value is None:
            return None
        if self.field.type == "json":
            return "; ".join(_item_text(item, self.language) for item in json.loads(value))
        if isinstance(value, bool):
            return text("answer.yes" if value else "answer.no", self.language)
        return self.field.value_text(value, self.language) if isinstance(value, str) else value

    def words(self) -> dict[str, str]:
        """What the words of a coded column stand for."""
        if self.field.type == "boolean":
            return {self.cell(value): str(value).lower() for value in (True, False)}
        if not self.field.labels:
            return {}
        return {self.cell(value): value for value in sorted({*self.values} - {None})}


class _Coordinate(_Column):
    """Longitude or latitude of a layer of points."""

    def __init__(self, table: Table, axis: str, language: str) -> None:
        values = [None if s is None else getattr(s, _POINT[axis]) for s in table.geometry]
        field = number(axis, "deg", decimals=5)
        super().__init__(replace(table, columns={**table.columns, axis: values}), field, language)

    def _title(self, table: Table) -> str:
        return text(f"heading.{self.name}", self.language)


def _number_format(field: Field) -> str:
    if field.type not in ("number", "integer") or field.unit in ("year", "deg"):
        return "General"
    if field.unit == "share":
        return '[=0]0.0%;[<0.001]"< 0.1%";0.0%'
    return "#,##0" + (
        "." + "0" * field.decimals if field.decimals and field.type == "number" else ""
    )


def _item_text(item: Any, language: str) -> str:
    """A nested value in words: a name with its share, a code of an area; empty if it has none."""
    if isinstance(item, str):
        return item if item[:1].isdigit() else ""
    name = item.get(language) or item.get("name") or ""
    return f"{name} ({item['share']:.0%})" if name and "share" in item else name


def _cell(sheet: Any, value: Any, **look: Any) -> Any:
    written = keep_text(WriteOnlyCell(sheet, value))
    for name, what in look.items():
        setattr(written, name, what)
    return written


def _cover(
    book: Workbook,
    table: Table,
    columns: Sequence[_Column],
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


def _data(book: Workbook, table: Table, columns: Sequence[_Column]) -> None:
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
    formats = [{} if c.format == "General" else {"number_format": c.format} for c in columns]
    for row in zip(*cells, strict=True):
        sheet.append([_cell(sheet, v, **f) for v, f in zip(row, formats, strict=True)])


def _dictionary(book: Workbook, columns: Sequence[_Column]) -> None:
    sheet = book.create_sheet(DICTIONARY_SHEET)
    sheet.sheet_state = "hidden"
    for column in columns:
        sheet.append([_cell(sheet, value) for value in (column.heading, column.name)])
        for words, value in column.words().items():
            sheet.append(
                [_cell(sheet, part) for part in (column.heading, column.name, words, value)]
            )
