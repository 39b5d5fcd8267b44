"""The result of every reader: headings, rows of text, and shapes where the format has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.limits import MOST_COLUMNS, MOST_ROWS

__all__ = ["Sheet", "as_text", "check_size"]


@dataclass
class Sheet:
    """A file as text.

    Attributes
    ----------
    format, unit : str
        File format, and the unit of ``positions``: ``line``, ``row`` or ``feature``.
    headings : list of str
    rows : list of list of str
        One list a row, as long as ``headings``.
    positions : sequence of int
        Line, row or feature number of each row.
    shapes : list of bytes, optional
        WKB of each row; empty bytes where there is none.
    crs : str, optional
        Coordinate system of the shapes: anything pyproj reads; empty where the file has none;
        None where the format fixes WGS84.
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

    def at(self, position: int) -> Message:
        """A position of this sheet, for a message: line 2, row 2 or feature 2."""
        return Message(f"position.{self.unit}", {"number": position})


def as_text(value: Any) -> str:
    """A cell as text: whole numbers without ``.0``, dates the ISO way, nothing as ``""``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isfinite(value) and value.is_integer() and abs(value) < 1e18:
            return str(int(value))
        return repr(value)
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).strip()


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
