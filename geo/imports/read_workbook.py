"""Read workbooks as a :class:`~geo.imports.sheet.Sheet`: the grid of a sheet as it stands.

The first visible sheet that has cells is read, or the one that ``sheet`` names. Sheets of the same
headings whose names are years are read together. Macros are never run, links never followed.
"""

from __future__ import annotations

import io
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import coordinate_to_tuple

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.archives import check_zip, member
from geo.imports.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, allow_seconds
from geo.imports.sheet import Sheet, as_text, check_size, numbers_in, quotable
from geo.imports.words import DICTIONARY_SHEET

__all__ = ["read_ods", "read_xls", "read_xlsx"]

_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_COMMENTS = re.compile(r"xl/(?:\w+/)?(?:threaded)?comments?\d*\.xml", re.IGNORECASE)
_YEAR_HEADING = re.compile(r"year|tahun|thn|periode?", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LITERAL = re.compile(r'\[[^\]]*\]|"[^"]*"|\\.')
"""What a number format says of language and colour, and text that it writes."""
_HEAD_ROWS = 40
"""Rows in which the headings of a sheet are looked for."""
_PROPERTIES = ("title", "subject", "description", "keywords", "keyword", "category")
"""Document properties that describe the content, and not who wrote it."""

Merged = list[tuple[int, int, int, int]]


class _Book(ABC):
    """A workbook: its worksheets, and the cells of each.

    Attributes
    ----------
    format : str
    visible : dict of str to bool
        Names of the worksheets in order, and whether each is visible.
    about : list of (Message, str)
        Comments and document properties, as in :class:`~geo.imports.sheet.Sheet`.
    charts : list of str
        Names of the sheets that hold no cells.
    percentages : int
        Cells so far that were shown as a percentage.
    """

    format: str
    visible: dict[str, bool]
    about: list[tuple[Message, str]]
    charts: list[str]
    percentages = 0

    @abstractmethod
    def lines(self, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
        """Number (from 1) and values of the cells of each row of a sheet."""

    @abstractmethod
    def merged(self, name: str) -> Merged:
        """Merged cells of a sheet: first row and column, last row and column, from 0."""


class _Reader(ExcelReader):
    """openpyxl's reader without chart sheets, of which it cannot read all."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Leave a chart sheet out."""


class _Xlsx(_Book):
    format = "XLSX"

    def __init__(self, archive: zipfile.ZipFile, stream: io.BufferedReader) -> None:
        self._archive = archive
        reader = _Reader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read()
        self._book = reader.wb
        self._parts = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()}
        self._formulas: dict[str, dict[int, list[tuple[int, str]]]] = {}
        self.visible = {page.title: page.sheet_state == "visible" for page in reader.wb.worksheets}
        self.charts = [name for name in self._parts if name not in self.visible]
        self.about = list(_xlsx_about(archive))

    def lines(self, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
        page = self._book[name]
        page.reset_dimensions()
        if name not in self._formulas:
            self._formulas[name] = _formulas_without_value(self._archive, self._parts[name])
        formulas = self._formulas[name]
        for number, cells in enumerate(page.iter_rows(), start=1):
            values = [cell.value for cell in cells]
            for k, value in enumerate(values):
                if isinstance(value, (int, float)) and "%" in cells[k].number_format:
                    values[k] = round(value * 100.0, 12)
                    self.percentages += 1
                elif isinstance(value, datetime):
                    values[k] = _as_shown(value, cells[k].number_format)
            for column, formula in formulas.get(number, ()):
                values += [None] * (column - len(values))
                values[column - 1] = formula
            yield number, values

    def merged(self, name: str) -> Merged:
        content = member(self._archive, self._parts[name])
        corners = (
            [*map(coordinate_to_tuple, m.decode().split(":"))] for m in _MERGED.findall(content)
        )
        return [
            (top - 1, left - 1, bottom - 1, right - 1) for (top, left), (bottom, right) in corners
        ]


def _as_shown(day: datetime, number_format: str) -> datetime | str:
    """A date; the month alone where that is what the cell shows: Excel stores 2026-07 as 1 July."""
    shown = _LITERAL.sub("", number_format).lower()
    return f"{day:%Y-%m}" if {*"my"} <= {*shown} and not {*"dhs"} & {*shown} else day


def _formulas_without_value(
    archive: zipfile.ZipFile, part: str
) -> dict[int, list[tuple[int, str]]]:
    """Column (from 1) and text of the formulas of each row that were never calculated."""
    content = member(archive, part)
    formulas: dict[int, list[tuple[int, str]]] = {}
    if not _FORMULA.search(content):
        return formulas
    for _, element in ElementTree.iterparse(io.BytesIO(content)):  # noqa: S314 (no entities)
        tag = _local(element.tag)
        if tag == "c" and element.get("t") != "str":
            texts = {_local(child.tag): child.text or "" for child in element}
            if "f" in texts and not texts.get("v") and (place := element.get("r")):
                row, column = coordinate_to_tuple(place)
                formulas.setdefault(row, []).append((column, f"={texts['f']}"))
        elif tag == "row":
            element.clear()
    return formulas


def _xlsx_about(archive: zipfile.ZipFile) -> Iterator[tuple[Message, str]]:
    """Comments of cells, and document properties."""
    for name in archive.namelist():
        if _COMMENTS.fullmatch(name):
            for element in _elements(archive, name):
                if place := element.get("ref"):
                    row, column = coordinate_to_tuple(place)
                    where = Message("position.comment", {"number": row, "column": column})
                    yield where, "".join(element.itertext())
    yield from _properties(archive, "docProps/core.xml")


def _properties(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[Message, str]]:
    """The document properties that describe the content."""
    for element in _elements(archive, name) if name in archive.namelist() else ():
        key = _local(element.tag)
        if key in _PROPERTIES and element.text:
            yield Message("position.property", {"name": key}), element.text


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(member(archive, name)).iter()  # noqa: S314 (no entities)


class _Ods(_Book):
    format = "ODS"

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._content = member(archive, "content.xml")
        self._merged: dict[str, Merged] = {}
        self.charts = []
        self.about = [*_properties(archive, "meta.xml")]
        hidden: set[str] = set()
        self.visible = {}
        table, row, style = "", 0, ""
        for event, element in self._events():
            tag = _local(element.tag)
            if event == "start":
                if tag == "style":
                    style = _attribute(element, "name")
                elif tag == "table-properties" and _attribute(element, "display") == "false":
                    hidden.add(style)
                elif tag == "table":
                    table, row = _attribute(element, "name"), 0
                    self.visible[table] = _attribute(element, "style-name") not in hidden
            elif tag == "table-row":
                for column, cell in _ods_cells(element):
                    down, right = (
                        int(_attribute(cell, f"number-{way}-spanned") or 1)
                        for way in ("rows", "columns")
                    )
                    if down * right > 1:
                        span = (row, column, row + down - 1, column + right - 1)
                        self._merged.setdefault(table, []).append(span)
                    for note in cell.iter():
                        if _local(note.tag) == "annotation":
                            where = {"number": row + 1, "column": column + 1}
                            text = "".join(note.itertext())
                            self.about.append((Message("position.comment", where), text))
                row += int(_attribute(element, "number-rows-repeated") or 1)

    def _events(self) -> Iterator[tuple[str, ElementTree.Element]]:
        """Start and end of each element; a row is emptied after its end."""
        stream = io.BytesIO(self._content)
        for event, element in ElementTree.iterparse(stream, ("start", "end")):  # noqa: S314
            yield event, element
            if event == "end" and _local(element.tag) == "table-row":
                element.clear()

    def lines(self, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
        table, number = "", 1
        for event, element in self._events():
            tag = _local(element.tag)
            if event == "start" and tag == "table":
                table = _attribute(element, "name")
            elif event == "end" and tag == "table" and table == name:
                return
            elif event == "end" and tag == "table-row" and table == name:
                values: list[Any] = []
                for column, cell in _ods_cells(element):
                    if _local(cell.tag) == "covered-table-cell":
                        continue  # what lies under a merged cell is not seen
                    value = _ods_value(cell)
                    self.percentages += _attribute(cell, "value-type") == "percentage"
                    if value not in {None, ""}:
                        again = int(_attribute(cell, "number-columns-repeated") or 1)
                        values += [None] * (column - len(values))
                        values += [value] * min(again, MOST_COLUMNS + 1)
                again = int(_attribute(element, "number-rows-repeated") or 1)
                if values:
                    check_size((), number + again - 2)
                for k in range(again if values else 0):
                    yield number + k, values
                number += again

    def merged(self, name: str) -> Merged:
        return self._merged.get(name, [])


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str:
    """An attribute by its name in whatever namespace; empty if there is none."""
    return next((value for key, value in element.attrib.items() if _local(key) == name), "")


def _ods_cells(row: ElementTree.Element) -> Iterator[tuple[int, ElementTree.Element]]:
    """Column (from 0) and element of each cell of a row."""
    column = 0
    for cell in row:
        if _local(cell.tag) in {"table-cell", "covered-table-cell"}:
            if column > MOST_COLUMNS and len(cell):
                check_size([""] * (column + 1), 0)
            yield column, cell
            column += int(_attribute(cell, "number-columns-repeated") or 1)


def _ods_value(cell: ElementTree.Element) -> Any:
    """The value of a cell: a number, a date as text, a text; the formula where it has no value."""
    kind = _attribute(cell, "value-type")
    if kind in {"float", "currency"}:
        return float(_attribute(cell, "value"))
    if kind == "percentage":
        return round(float(_attribute(cell, "value")) * 100.0, 12)
    if kind == "date":
        return _attribute(cell, "date-value").removesuffix("T00:00:00")
    if kind == "boolean":
        return _attribute(cell, "boolean-value") == "true"
    formula = _attribute(cell, "formula")
    if formula and not kind:
        return f"={formula.partition(':=')[2] or formula}"
    paragraphs = (child for child in cell if _local(child.tag) == "p")
    return "\n".join(map(_ods_text, paragraphs))


def _ods_text(paragraph: ElementTree.Element) -> str:
    """The text of a paragraph, in which elements of their own stand for spaces."""
    parts = []
    for element in paragraph.iter():
        tag = _local(element.tag)
        parts += [" "] if tag in {"s", "tab", "line-break"} else [element.text or ""]
        parts.append((element.tail or "") if element is not paragraph else "")
    return "".join(parts)


class _Xls(_Book):
    format = "XLS"

    def __init__(self, content: bytes) -> None:
        import xlrd

        self._xlrd = xlrd
        self._book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, logfile=io.StringIO()
        )
        pages = self._book.sheets()
        self.visible = {page.name: page.visibility == 0 for page in pages}
        self.charts = []
        self.about = [
            (Message("position.comment", {"number": row + 1, "column": column + 1}), note.text)
            for page in pages
            for (row, column), note in page.cell_note_map.items()
        ]

    def lines(self, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
        page = self._book.sheet_by_name(name)
        for number in range(page.nrows):
            yield number + 1, [self._value(cell) for cell in page.row(number)]

    def _value(self, cell: Any) -> Any:
        if cell.ctype == self._xlrd.XL_CELL_DATE:
            day = self._xlrd.xldate_as_datetime(cell.value, self._book.datemode)
            return _as_shown(day, self._format(cell))
        if cell.ctype == self._xlrd.XL_CELL_ERROR:
            return self._xlrd.error_text_from_code.get(cell.value, "#N/A")
        if cell.ctype == self._xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        if cell.ctype == self._xlrd.XL_CELL_NUMBER and "%" in self._format(cell):
            self.percentages += 1
            return round(cell.value * 100.0, 12)
        return cell.value

    def _format(self, cell: Any) -> str:
        key = self._book.xf_list[cell.xf_index].format_key
        return str(self._book.format_map[key].format_str)

    def merged(self, name: str) -> Merged:
        return [
            (top, left, bottom - 1, right - 1)
            for top, bottom, left, right in self._book.sheet_by_name(name).merged_cells
        ]


def read_ods(path: Path, sheet: str | None = None) -> Sheet:
    """Read an OpenDocument spreadsheet; parameters and errors as of :func:`read_xlsx`."""
    with _workbook_errors(), zipfile.ZipFile(path) as archive:
        unpacked = check_zip(archive)
        allow_seconds(max(unpacked, MOST_BYTES // 64 if unpacked > 500_000 else 0))
        for name in ("content.xml", "meta.xml"):
            if name in archive.namelist() and _ENTITIES.search(member(archive, name)):
                raise DataFileError("imports.workbook_entities")
        return _sheet_of(_Ods(archive), sheet)


def read_xls(path: Path, sheet: str | None = None) -> Sheet:
    """Read a workbook of Excel 97 to 2003; parameters and errors as of :func:`read_xlsx`."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise DataFileError("imports.workbook_password")
    allow_seconds(len(content))
    with _workbook_errors():
        return _sheet_of(_Xls(content), sheet)


@contextmanager
def _workbook_errors() -> Iterator[None]:
    try:
        yield
    except (DataFileError, MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - a broken workbook may raise anything
        raise DataFileError("imports.workbook") from None


def read_xlsx(path: Path, sheet: str | None = None) -> Sheet:
    """Read an XLSX or XLSM workbook; formulas count as their last value.

    Parameters
    ----------
    sheet : str, optional
        Name of the sheet to read.

    Raises
    ------
    DataFileError
    """
    with _workbook_errors(), zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        unpacked = check_zip(archive)
        _check_workbook(archive)
        allow_seconds(max(unpacked, MOST_BYTES // 64 if unpacked > 500_000 else 0))
        return _sheet_of(_Xlsx(archive, stream), sheet)


def _check_workbook(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "[Content_Types].xml" not in names:
        raise DataFileError("imports.workbook")
    for name in names:
        if name.endswith((".xml", ".rels")) and _ENTITIES.search(member(archive, name)):
            raise DataFileError("imports.workbook_entities")


def _sheet_of(book: _Book, chosen: str | None) -> Sheet:
    """The grid of the sheet that counts, or of all sheets of a year."""
    dictionary = _Dictionary(book)
    names = dictionary.sheets(book) if dictionary.columns and chosen is None else []
    names = names or _names(book, chosen)
    book.percentages = 0
    result = Sheet(book.format, "row", [], [], [], paged=_gives_years(book, names))
    positions: list[int] = []
    for name in names:
        kept: dict[int, int] = {}
        for number, values in book.lines(name):
            row = dictionary.plain(list(map(as_text, values)))
            wide = max((k for k, cell in enumerate(row, start=1) if cell), default=0)
            if not wide:
                continue
            kept[number - 1] = len(positions)
            typed = numbers_in(values)
            result.rows.append([*([_year(name)] if result.paged else []), *row[:wide]])
            result.typed.append(typed << result.paged)
            positions.append(number)
            if len(positions) > MOST_ROWS + _HEAD_ROWS or wide > MOST_COLUMNS:
                check_size(row[:wide], len(positions))
        for top, left, bottom, right in book.merged(name):
            rows = [kept[k] for k in kept if top <= k <= bottom]
            if rows:
                shift = int(result.paged)
                result.merged.append((rows[0], left + shift, rows[-1], right + shift))
    result.positions = positions
    wide = max(map(len, result.rows), default=0)
    result.rows = [[*row, *[""] * (wide - len(row))] for row in result.rows]
    result.about = [
        *(
            (Message("position.sheet_name", {"number": k}), name)
            for k, name in enumerate([*book.visible, *book.charts], start=1)
        ),
        *book.about,
    ]
    if others := [name for name in [*book.visible, *book.charts] if name not in names]:
        sheets = {"sheets": names, "others": others}
        result.notes.append(Message("import_note.sheets_read", sheets))
    if len(names) > 1:
        result.notes.append(Message("import_note.sheet_years", {"sheets": names}))
    if book.percentages:
        result.notes.append(Message("import_note.percentages", {"count": book.percentages}))
    return result


def _names(book: _Book, chosen: str | None) -> list[str]:
    """Names of the sheets to read."""
    if chosen is not None:
        names = [name for name in book.visible if name.casefold() == chosen.strip().casefold()]
        if not names:
            raise DataFileError("imports.no_sheet", sheets=quotable(book.visible), field="sheet")
        return names[:1]
    headings = {name: _headings(book, name) for name, shown in book.visible.items() if shown}
    tables = [name for name, cells in headings.items() if cells]
    alike = [name for name in tables if headings[name] == headings[tables[0]]]
    if len(alike) < 2:
        return alike or list(headings)[:1]
    years = set(map(_year, alike))
    if "" in years or len(years) < len(alike):
        raise DataFileError("imports.several_sheets", sheets=quotable(alike), field="sheet")
    return alike


class _Dictionary:
    """The hidden sheet by which a workbook of Petajaga says what its headings and words are.

    Attributes
    ----------
    columns : dict of str to str
        Heading -> column; empty where the workbook has no such sheet.
    values : dict of str to dict
        Column -> word -> value.
    """

    def __init__(self, book: _Book) -> None:
        self.columns: dict[str, str] = {}
        self.values: dict[str, dict[str, str]] = {}
        self._row: list[str] = []
        for _, values in book.lines(DICTIONARY_SHEET) if DICTIONARY_SHEET in book.visible else ():
            heading, column, *words = map(as_text, values)
            self.columns[heading] = column
            if all(words[:2]) and len(words) > 1:
                self.values.setdefault(column, {})[words[0]] = words[1]

    def sheets(self, book: _Book) -> list[str]:
        """The sheet under these headings."""
        shown = [name for name, visible in book.visible.items() if visible]
        return [name for name in shown if self._explains(_headings(book, name))][:1]

    def plain(self, row: list[str]) -> list[str]:
        """A row with columns for headings and values for words."""
        if self._explains(row):
            self._row = [self.columns[cell] for cell in row]
            return self._row
        words = [self.values.get(column, {}) for column in self._row]
        known = [word.get(cell, cell) for word, cell in zip(words, row, strict=False)]
        return [*known, *row[len(known) :]]

    def _explains(self, row: list[str]) -> bool:
        return bool(row) and set(row) <= self.columns.keys()


def _gives_years(book: _Book, names: list[str]) -> bool:
    """Whether the names of the sheets say the year, which no column does."""
    return bool(names) and all(
        _year(name) and not any(map(_YEAR_HEADING.fullmatch, _headings(book, name)))
        for name in names
    )


def _headings(book: _Book, name: str) -> list[str]:
    """The first row of a sheet with two filled cells or more; empty if there is none."""
    for _, values in islice(book.lines(name), _HEAD_ROWS):
        cells = list(map(as_text, values))
        if sum(map(bool, cells)) > 1:
            return cells
    return []


def _year(name: str) -> str:
    """The year in the name of a sheet; empty if there is none, or more than one."""
    years = set(_YEAR.findall(name))
    return years.pop() if len(years) == 1 else ""
