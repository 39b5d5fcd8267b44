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

__all__ = ["read_xlsx"]

_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_COMMENTS = re.compile(r"xl/(?:\w+/)?(?:threaded)?comments?\d*\.xml", re.IGNORECASE)
_YEAR_HEADING = re.compile(r"year|tahun|thn|periode?", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_HEAD_ROWS = 40
"""Rows in which the headings of a sheet are looked for."""
_PROPERTIES = ("title", "subject", "description", "keywords", "category")
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
        self.visible = {page.title: page.sheet_state == "visible" for page in reader.wb.worksheets}
        self.charts = [name for name in self._parts if name not in self.visible]
        self.about = list(_xlsx_about(archive))

    def lines(self, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
        page = self._book[name]
        page.reset_dimensions()
        formulas = _formulas_without_value(self._archive, self._parts[name])
        for number, cells in enumerate(page.iter_rows(), start=1):
            values = [cell.value for cell in cells]
            for k, value in enumerate(values):
                if isinstance(value, (int, float)) and "%" in cells[k].number_format:
                    values[k] = round(value * 100.0, 12)
                    self.percentages += 1
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


def _formulas_without_value(
    archive: zipfile.ZipFile, part: str
) -> dict[int, list[tuple[int, str]]]:
    """Column (from 1) and text of the formulas of each row that were never calculated."""
    content = member(archive, part)
    formulas: dict[int, list[tuple[int, str]]] = {}
    if not _FORMULA.search(content):
        return formulas
    for _, element in ElementTree.iterparse(io.BytesIO(content)):  # noqa: S314 (no entities)
        tag = element.tag.rpartition("}")[2]
        if tag == "c" and element.get("t") != "str":
            texts = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
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
        elif name == "docProps/core.xml":
            for element in _elements(archive, name):
                key = element.tag.rpartition("}")[2]
                if key in _PROPERTIES and element.text:
                    yield Message("position.property", {"name": key}), element.text


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(member(archive, name)).iter()  # noqa: S314 (no entities)


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
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            unpacked = check_zip(archive)
            _check_workbook(archive)
            allow_seconds(max(unpacked, MOST_BYTES // 64 if unpacked > 500_000 else 0))
            return _sheet_of(_Xlsx(archive, stream), sheet)
    except DataFileError:
        raise
    except Exception:  # noqa: BLE001 - a broken workbook may raise anything
        raise DataFileError("imports.workbook") from None


def _check_workbook(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "[Content_Types].xml" not in names:
        raise DataFileError("imports.workbook")
    for name in names:
        if name.endswith((".xml", ".rels")) and _ENTITIES.search(member(archive, name)):
            raise DataFileError("imports.workbook_entities")


def _sheet_of(book: _Book, chosen: str | None) -> Sheet:
    """The grid of the sheet that counts, or of all sheets of a year."""
    names = _names(book, chosen)
    result = Sheet(book.format, "row", [], [], [], paged=_gives_years(book, names))
    positions: list[int] = []
    for name in names:
        kept: dict[int, int] = {}
        for number, values in book.lines(name):
            row = list(map(as_text, values))
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
