"""A layer's columns in words of one language, as people read them in a spreadsheet.

The workbook and the CSV of spreadsheets with Indonesian settings have their headings and cells
from here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from geo.i18n import text
from layers.release.layer_table import Table
from layers.schema import Field, number

__all__ = ["WordedColumn", "worded_columns"]

_POINT = {"lon": "x", "lat": "y"}
_KEY = re.compile(r"(?!reason_)(?:.+_)?(?:code|id)")
"""Names of columns of codes and ids; a reason in Indonesian is none."""


def worded_columns(table: Table, language: str) -> list[WordedColumn]:
    """The columns that people can read, then longitude and latitude of a layer of points: a sheet
    has no room for lines and polygons.
    """
    columns = [WordedColumn(table, field, language) for field in table.fields]
    columns = [column for column in columns if column.has_words]
    if table.layer.geometry == "Point":
        columns += [_Coordinate(table, axis, language) for axis in _POINT]
    return columns


class WordedColumn:
    """A column: its heading, the format of its numbers, its cells in words."""

    def __init__(self, table: Table, field: Field, language: str) -> None:
        self.field, self.language, self.name = field, language, field.name
        self.unit = field.unit_text(language)
        self.title = self._title(table)
        self.heading = f"{self.title} ({self.unit})" if self.unit else self.title
        self.values: Sequence[Any] = table.columns[field.name]

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

    @property
    def is_key(self) -> bool:
        """Whether it is a code or an id, by which rows of files are joined."""
        return self.field.type == "text" and bool(_KEY.fullmatch(self.name))

    def words(self) -> dict[str, str]:
        """What the words of a coded column stand for."""
        if self.field.type == "boolean":
            return {self.cell(value): str(value).lower() for value in (True, False)}
        if not self.field.labels:
            return {}
        return {self.cell(value): value for value in sorted({*self.values} - {None})}


class _Coordinate(WordedColumn):
    """Longitude or latitude of a layer of points."""

    def __init__(self, table: Table, axis: str, language: str) -> None:
        values = [None if s is None else getattr(s, _POINT[axis]) for s in table.geometry]
        field = number(axis, "deg", decimals=5)
        super().__init__(replace(table, columns={**table.columns, axis: values}), field, language)

    def _title(self, table: Table) -> str:
        return text(f"heading.{self.name}", self.language)


def _item_text(item: Any, language: str) -> str:
    """A nested value in words: a name with its share, a code of an area; empty if it has none."""
    if isinstance(item, str):
        return item if item[:1].isdigit() else ""
    name = item.get(language) or item.get("name") or ""
    return f"{name} ({item['share']:.0%})" if name and "share" in item else name
