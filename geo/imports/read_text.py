"""Read CSV as a :class:`~geo.imports.sheet.Sheet`: the grid as it stands."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.archives import gunzip
from geo.imports.encoding import decoded
from geo.imports.limits import MOST_COLUMNS, MOST_ROWS, allow_seconds
from geo.imports.sheet import Sheet, check_size

__all__ = ["read_csv", "read_packed_csv"]

_DELIMITERS = {
    ";": "import_note.semicolons",
    "\t": "import_note.tabs",
    "|": "import_note.bars",
}
_MOST_CSV_CELL = 16 * 1024 * 1024  # the text of a polygon
_SAMPLE, _SAMPLE_LINES = 1_000_000, 200
"""Characters and lines that decide on the delimiter."""
_SEPARATOR_LINE = re.compile(r'"?sep=([;,\t|])"?[;,\t|]*\r?\n', re.IGNORECASE)
"""The first line by which a spreadsheet program states the delimiter."""
_FORMULA_TEXT = re.compile(r'^="([^"]*)"$|^\'(?=[+\-])')
"""A formula that keeps a spreadsheet program from reading a code as a number, and the apostrophe by
which an export keeps it from reading a text as a sum; texts that start like a formula stay."""


def read_csv(path: Path) -> Sheet:
    """Read a CSV in UTF-8, UTF-16 with a byte order mark, or Windows-1252.

    The delimiter is that of a first line ``sep=;``, else the comma, semicolon, tab or bar that
    cuts most lines alike.

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
    stated = _SEPARATOR_LINE.match(text)
    skipped = 1 if stated else 0
    text = text[stated.end() :] if stated else text
    delimiter = stated[1] if stated else _delimiter(text)
    if delimiter in _DELIMITERS:
        notes.append(Message(_DELIMITERS[delimiter]))
    csv.field_size_limit(_MOST_CSV_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    positions: list[int] = []
    wide, last = 0, skipped
    try:
        for row in reader:
            start, last = last + 1, reader.line_num + skipped
            cells = [_FORMULA_TEXT.sub(r"\1", cell.strip()) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            wide = max(wide, len(cells))
            rows.append(cells)
            positions.append(start)
            if len(rows) > MOST_ROWS or wide > MOST_COLUMNS:
                check_size(cells, len(rows))
    except csv.Error:
        raise DataFileError("imports.csv_line", line=last + 1) from None
    rows = [[*cells, *[""] * (wide - len(cells))] for cells in rows]
    return Sheet("CSV", "line", [], rows, positions, notes=notes)


def _delimiter(text: str) -> str:
    """The delimiter that cuts most lines into the same number of cells, and into many."""
    lines = text[:_SAMPLE].splitlines()[:_SAMPLE_LINES]
    best, most = ",", 0
    for delimiter in "\t;,|":
        try:
            widths = Counter(map(len, csv.reader(lines, delimiter=delimiter)))
        except csv.Error:
            continue
        score = max((lines * (cells - 1) for cells, lines in widths.items()), default=0)
        if score > most:
            best, most = delimiter, score
    return best


def _decode(content: bytes) -> tuple[str, list[Message]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), [Message("import_note.encoding", {"name": "UTF-16"})]
        except UnicodeDecodeError:
            raise DataFileError("imports.utf16") from None
    if b"\0" in content:
        raise DataFileError("imports.zero_bytes")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.isascii():
        return content.decode("ascii"), []
    text, name = decoded(content)
    return text, [Message("import_note.encoding", {"name": name})]
