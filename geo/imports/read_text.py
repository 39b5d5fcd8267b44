"""Read CSV and XLSX as a :class:`~geo.imports.sheet.Sheet`."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from itertools import islice
from pathlib import Path

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.archives import check_zip, gunzip, member
from geo.imports.limits import MOST_BYTES, MOST_ROWS, allow_seconds
from geo.imports.sheet import Sheet, as_text, check_size

__all__ = ["read_csv", "read_packed_csv", "read_xlsx"]

_DELIMITERS = {";": "import_note.semicolons", "\t": "import_note.tabs"}
_MOST_CSV_CELL = 16 * 1024 * 1024  # the text of a polygon


def read_csv(path: Path) -> Sheet:
    """Read a CSV in UTF-8 (or UTF-16 with a byte order mark), with comma, semicolon or tab.

    Raises
    ------
    DataFileError
        With the line where the bytes are no text, or cells do not fit the headings.
    """
    return _csv_sheet(path.read_bytes())


def read_packed_csv(path: Path) -> Sheet:
    """Read a gzipped CSV; errors as of :func:`read_csv` and ``gunzip``."""
    return _csv_sheet(gunzip(path))


def _csv_sheet(content: bytes) -> Sheet:
    allow_seconds(len(content))
    text, notes = _decode(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    if delimiter != ",":
        notes.append(Message(_DELIMITERS[delimiter]))
    csv.field_size_limit(_MOST_CSV_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    positions: list[int] = []
    headings: list[str] = []
    last = 0
    try:
        for row in reader:
            start, last = last + 1, reader.line_num
            if not any(map(str.strip, row)):
                continue
            if not headings:
                headings = [cell.strip() for cell in row]
                check_size(headings, 0)
                continue
            if len(row) > len(headings) and any(map(str.strip, row[len(headings) :])):
                raise DataFileError(
                    "imports.too_many_cells", line=start, cells=len(row), headings=len(headings)
                )
            cells = [cell.strip() for cell in row[: len(headings)]]
            rows.append(cells + [""] * (len(headings) - len(cells)))
            positions.append(start)
            if len(rows) > MOST_ROWS:
                check_size(headings, len(rows))
    except csv.Error:
        raise DataFileError("imports.csv_line", line=last + 1) from None
    return Sheet("CSV", "line", headings, rows, positions, notes=notes)


def _decode(content: bytes) -> tuple[str, list[Message]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), [Message("import_note.utf16")]
        except UnicodeDecodeError:
            raise DataFileError("imports.utf16") from None
    if b"\0" in content:
        raise DataFileError("imports.zero_bytes")
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise DataFileError("imports.utf8", line=line, byte=column) from None


def read_xlsx(path: Path) -> Sheet:
    """Read the first sheet of a workbook; formulas count as their last value.

    Raises
    ------
    DataFileError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = check_zip(archive)
            _check_workbook(archive)
    except zipfile.BadZipFile:
        raise DataFileError("imports.workbook") from None
    allow_seconds(max(unpacked, MOST_BYTES // 64 if unpacked > 500_000 else 0))
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        page = book.worksheets[0]
        page.reset_dimensions()
        lines = [
            (number, [as_text(cell) for cell in row])
            for number, row in enumerate(islice(page.values, MOST_ROWS + 10), start=1)
        ]
        names = book.sheetnames
        book.close()
    except DataFileError:
        raise
    except Exception:  # noqa: BLE001 - a broken workbook may raise anything
        raise DataFileError("imports.workbook") from None
    lines = [(number, row) for number, row in lines if any(row)]
    if not lines:
        return Sheet("XLSX", "row", [], [], [])
    headings = lines[0][1]
    while headings and not headings[-1]:
        headings.pop()
    check_size(headings, len(lines) - 1)
    wide = len(headings)
    for number, row in lines[1:]:
        if any(row[wide:]):
            raise DataFileError("imports.row_beyond_headings", row=number)
    rows = [row[:wide] + [""] * (wide - len(row)) for _, row in lines[1:]]
    notes = [Message("import_note.first_sheet", {"sheets": len(names)})] if names[1:] else []
    return Sheet("XLSX", "row", headings, rows, [number for number, _ in lines[1:]], notes=notes)


def _check_workbook(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names:
        raise DataFileError("imports.workbook")
    for name in names:
        if name.endswith((".xml", ".rels")):
            head = member(archive, name)[:4096]
            if re.search(rb"<!(?:DOCTYPE|ENTITY)", head, re.IGNORECASE):
                raise DataFileError("imports.workbook_entities")
