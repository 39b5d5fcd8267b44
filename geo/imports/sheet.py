"""The result of every reader: headings, rows of text, and shapes where the format has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.limits import MOST_COLUMNS, MOST_ROWS
from geo.shelters import names_shelter

__all__ = ["Sheet", "as_text", "check_size", "chosen_layer", "numbers_in", "quotable"]


@dataclass
class Sheet:
    """A file as text.

    Attributes
    ----------
    format, unit : str
        File format, and the unit of ``positions``: ``line``, ``row`` or ``feature``.
    headings : list of str
        Empty for the grid of a text file or a workbook as it stands, which
        :func:`geo.imports.recognise.recognise` turns into a table.
    rows : list of list of str
        One list a row, all of the same length: that of ``headings`` where there are any.
    positions : sequence of int
        Line, row or feature number of each row.
    shapes : list of bytes, optional
        WKB of each row; empty bytes where there is none.
    crs : str, optional
        Coordinate system of the shapes: anything pyproj reads; empty where the file has none;
        None where the format fixes WGS84.
    merged : list of (int, int, int, int)
        Merged cells of a grid: first row and column, last row and column, as positions in ``rows``.
    typed : list of int
        One a row where the format has numbers of its own (a workbook, GeoPackage, Parquet): bit
        ``k`` is set where cell ``k`` was a number, so that its point is a decimal point.
    paged : bool
        Whether the first cell of each row is the year in the name of the sheet it was read from;
        the headings then come again with each sheet.
    notes : list of Message
        Repairs and remarks on the whole file.
    about : list of (Message, str)
        Texts of the file outside its cells, checked for data on persons and never kept. Each has
        its position: ``position.sheet_name`` (number), ``position.comment`` (number of the row,
        column), ``position.property`` (name of the property), ``position.metadata`` (table).
    """

    format: str
    unit: str
    headings: list[str]
    rows: list[list[str]]
    positions: Sequence[int]
    shapes: list[bytes] | None = None
    crs: str | None = None
    notes: list[Message] = field(default_factory=list)
    about: list[tuple[Message, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    typed: list[int] = field(default_factory=list)
    paged: bool = False

    def is_number(self, row: int, column: int) -> bool:
        """Whether this cell was a number in the file, and no text that looks like one."""
        return bool(self.typed) and bool(self.typed[row] >> column & 1)

    def refuse_formulas(self, rows: Iterable[int]) -> None:
        """Refuse a table with formulas that no spreadsheet program has calculated.

        Parameters
        ----------
        rows : iterable of int
            The rows that are read, as positions in ``rows``.

        Raises
        ------
        DataFileError
        """
        if self.unit != "row":
            return
        for row in rows:
            for column, cell in enumerate(self.rows[row], start=1 - self.paged):
                if cell.startswith("="):
                    where = self.at(self.positions[row])
                    raise DataFileError("imports.formula", position=where, column=column)

    def keep(self, rows: Sequence[int]) -> None:
        """Keep these rows only, each with its position, shape and numbers."""
        self.rows = [self.rows[k] for k in rows]
        self.positions = [self.positions[k] for k in rows]
        if self.shapes is not None:
            self.shapes = [self.shapes[k] for k in rows]
        if self.typed:
            self.typed = [self.typed[k] for k in rows]

    def at(self, position: int) -> Message:
        """A position of this sheet, for a message: line 2, row 2 or feature 2."""
        return Message(f"position.{self.unit}", {"number": position})


def as_text(value: Any) -> str:
    """A cell as text: numbers in plain decimals, dates the ISO way, nothing as ``""``.

    >>> as_text(40.0), as_text(1e-5), as_text(None)
    ('40', '0.00001', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isfinite(value) and value.is_integer() and abs(value) < 1e18:
            return str(int(value))
        text = repr(value)
        return f"{Decimal(text):f}" if "e" in text else text
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).strip()


def numbers_in(cells: Iterable[Any]) -> int:
    """Which cells of a row are numbers: bit ``k`` for cell ``k``, as in :attr:`Sheet.typed`.

    >>> numbers_in(["53.02", 40.0, True])
    2
    """
    return sum(
        1 << k
        for k, cell in enumerate(cells)
        if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool)
    )


def quotable(names: Iterable[str]) -> list[str]:
    """Names of sheets or layers as an error may quote them: a number for what may be personal.

    >>> quotable(["Tahun 2023", "081234567890"])
    ['Tahun 2023', '2']
    """
    from geo.imports.person_check import personal_text  # loads a library of telephone numbers

    return [
        str(k) if personal_text(name) or names_shelter(name) else name[:40]
        for k, name in enumerate(names, start=1)
    ]


def chosen_layer(layers: Sequence[str], name: str | None) -> str:
    """The layer to read: the one of that name, or the only one.

    Raises
    ------
    DataFileError
        There is none, none of that name, or several and no name.
    """
    if not layers:
        raise DataFileError("imports.no_layers")
    if name is None and len(layers) > 1:
        raise DataFileError("imports.several_layers", layers=quotable(layers), field="layer")
    matches = [k for k in layers if name is None or k.casefold() == name.strip().casefold()]
    if not matches:
        raise DataFileError("imports.no_layer", layers=quotable(layers), field="layer")
    return matches[0]


def check_size(headings: Iterable[str], rows: int) -> None:
    """Refuse a table that is too large.

    Raises
    ------
    DataFileError
    """
    columns = len(list(headings))
    if columns > MOST_COLUMNS:
        raise DataFileError("imports.too_many_columns", columns=columns, most=MOST_COLUMNS)
    if rows > MOST_ROWS:
        raise DataFileError("imports.too_many_rows", most=MOST_ROWS)
