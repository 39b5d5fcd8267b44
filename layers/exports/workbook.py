"""What every workbook that leaves Petajaga has: its heading as properties, text that stays text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font, PatternFill

from layers.release.marking import Marking

__all__ = ["HEAD_FILL", "HEAD_FONT", "keep_text", "set_properties"]

HEAD_FILL = PatternFill("solid", fgColor="1F4E5F")
HEAD_FONT = Font(bold=True, color="FFFFFF")
_CELL_CHARS = 32_767


def set_properties(book: Workbook, heading: Marking, language: str) -> None:
    """Classification, licence and mark as properties; times of the day of the heading alone."""
    day = datetime.fromisoformat(heading.day)
    book.properties.creator, book.properties.created = "Petajaga", day
    book.properties.modified = day
    for name, value in heading.items(language).items():
        properties = book.custom_doc_props  # type: ignore[attr-defined]
        properties.append(StringProperty(name=name, value=value))


def keep_text(cell: Any) -> Any:
    """The cell, its text never read as a formula, whatever it begins with, and short enough."""
    if isinstance(cell.value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", cell.value)
        cell.value = value if len(value) <= _CELL_CHARS else value[: _CELL_CHARS - 1] + "…"
        cell.data_type = "s"
    return cell
