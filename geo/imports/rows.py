"""From a sheet to the normalised table: each row is checked, repaired or refused, and reported."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from geo.disclosure import COUNT_INDICATORS
from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.columns import Column, Kind
from geo.imports.derive import COMPLETE
from geo.imports.headings import map_columns, take_tags
from geo.imports.numbers import CellError, Separators, is_missing, read_number, shown
from geo.imports.person_check import refuse_persons
from geo.imports.plausible import distance_km
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.shapes import inside_home, load_shapes, point_in_order, polygon_of, unite
from geo.imports.sheet import Sheet
from geo.imports.values import number_text, place_code, read_cell

__all__ = ["normalise"]

_FARTHEST_KM = 700.0
"""A village farther from its regency's seat than this has a wrong code or a wrong point."""
_MOST_REMARKS = 20
"""Remarks on the whole file in a report; every row of a file may give cause for one."""

_WHOLE_UNIT = re.compile(
    r"orang|jiwa|persons?|people|(?:idr|rp|rupiah)\b.*|kasus|cases?", re.IGNORECASE
)
"""Units of which there are only whole ones."""
_FORMULA_ERROR = re.compile(r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
_NAMES_TOO = frozenset({"Na", "na", "Tad", "tad"})
"""Texts that elsewhere say that a value is missing."""
_NUMBERS = frozenset({"number", "count", "rupiah"})

Row = dict[str, Any]


def normalise(
    sheet: Sheet,
    kind: Kind,
    reference: ReferenceData,
    report: Report,
    *,
    province: str | None = None,
    decimal: str = "",
) -> list[Row]:
    """Check a whole file; return the accepted rows, one dict of text (and ``geometry``) each.

    Parameters
    ----------
    province : str, optional
        Rows of other provinces are refused: a planner changes the own province only.
    decimal : str
        The decimal separator of the file, if the user states it.

    Raises
    ------
    DataFileError
        The file as a whole is refused: personal data, a shelter, headings, no rows.
    """
    tags = take_tags(sheet)
    if not sheet.headings:
        raise DataFileError("imports.empty")
    has_shapes = sheet.shapes is not None and any(sheet.shapes)
    mapping = map_columns(kind, sheet.headings, tags, shapes=has_shapes)
    if not sheet.rows:
        raise DataFileError("imports.no_rows")
    refuse_persons(sheet, kind, mapping)
    report.format, report.unit, report.read = sheet.format, sheet.unit, len(sheet.rows)
    report.notes += sheet.notes
    shapes = load_shapes(sheet, mapping.get("geometry"), report) if kind.geometry else None
    if shapes is not None and kind.geometry == "polygon":
        same = [mapping[name] for name in ("code", "name") if name in mapping]
        shapes = unite(sheet, shapes, same, report)
    reader = _Reader(kind, reference, mapping, province)
    reader.learn_separators(sheet.rows, decimal)
    accepted: list[Row] = []
    lines: dict[tuple[str, ...], int] = {}
    keys = reference.keys(kind)
    for k, (line, cells) in enumerate(zip(sheet.positions, sheet.rows, strict=True)):
        reader.repairs.clear()
        try:
            row = reader.read(cells, None if shapes is None else shapes[k])
            key = tuple(row[name] for name in kind.key)
            if key in lines:
                columns = " / ".join(kind.key)
                raise CellError("cell.duplicate", columns=columns, position=sheet.at(lines[key]))
        except CellError as error:
            outcome = "left_out" if error.code == "cell.missing" else "refused"
            report.left_out += outcome == "left_out"
            report.refused += outcome == "refused"
            message = Message(error.code, error.params)
            report.add(line, error.field or kind.key[0], outcome, message)
            continue
        lines[key] = line
        accepted.append(row)
        report.matched += reader.matched
        replaces = tuple(row[name] for name in kind.replaces or kind.key) in keys
        report.replaced += replaces
        report.new += not replaces
        report.repaired += bool(reader.repairs)
        for column, message in reader.repairs:
            report.add(line, column, "repaired", message)
    report.accepted = len(accepted)
    counts = (kind.name == "counts" or row.get("indicator") in COUNT_INDICATORS for row in accepted)
    if held := sum(counts):
        report.note("import_note.held", count=held)
    for (code, params), rows in list(reader.remarks.items())[:_MOST_REMARKS]:
        report.note(code, **dict(params), count=rows)
    if len(reader.remarks) > _MOST_REMARKS:
        report.note("import_note.more", count=len(reader.remarks) - _MOST_REMARKS)
    report.notes += reader.separators.notes()
    if reader.renamed:
        report.note("import_note.names_differ", count=reader.renamed)
    return accepted


class _Reader:
    """Reads the rows of one file."""

    def __init__(
        self,
        kind: Kind,
        reference: ReferenceData,
        mapping: dict[str, int],
        province: str | None,
    ) -> None:
        self.kind, self.reference, self.mapping = kind, reference, mapping
        self.province = province
        self.columns = [
            column
            for column in kind.columns
            if column.role not in {"unused", "geometry", "lat", "lon"}
        ]
        self.repairs: list[tuple[str, Message]] = []
        self.remarks: Counter[tuple[str, tuple[tuple[str, Any], ...]]] = Counter()
        self.separators = Separators()
        self.marks: list[str] = []
        self.matched = False
        self.renamed = 0

    def learn_separators(self, rows: list[list[str]], decimal: str) -> None:
        """Decide the separators of numbers from all cells of the file."""
        columns = [
            (column, self.mapping[column.name])
            for column in self.columns
            if column.role in _NUMBERS and column.name in self.mapping
        ]
        self.separators = Separators.of(
            (
                (cells[at], self._is_whole(column, cells))
                for cells in rows
                for column, at in columns
            ),
            decimal,
        )

    def _is_whole(self, column: Column, cells: list[str]) -> bool:
        """Whether a number has no decimals: by its role, or by the unit of its row."""
        return column.role in {"count", "rupiah"} or (
            column.name == "value" and _WHOLE_UNIT.fullmatch(self._unit(cells)) is not None
        )

    def _unit(self, cells: list[str]) -> str:
        """The unit of an indicator's row: that of the embedded indicator, else the stated one."""
        names = ("indicator", "unit")
        slug, unit = (cells[self.mapping[name]] if name in self.mapping else "" for name in names)
        return self.reference.units.get(slug.lower(), unit)

    def read(self, cells: list[str], shape: Any) -> Row:
        """One row; :class:`CellError` if it is refused."""
        self.matched = False
        self.marks.clear()
        row: Row = {column.name: self._cell(column, cells) for column in self.columns}
        if self.kind.geometry.startswith("point"):
            row["lat"], row["lon"] = self._point(row, cells, shape)
        elif self.kind.geometry == "polygon":
            row["geometry"] = self._polygon(shape)
        self._check_province(row)
        if complete := COMPLETE.get(self.kind.name):
            complete(row, self.reference, self._note)
        self.matched |= self.kind.name == "legs" or (
            self.kind.name == "terminals" and row["id"] in self.reference.terminals
        )
        if self.kind.name in {"places", "boundaries"} and row["name"]:
            official = self.reference.areas.get(row["code"], "")
            self.renamed += bool(official) and official.casefold() != row["name"].casefold()
        if self.marks and "note" in row:
            row["note"] = "; ".join(filter(None, [row["note"], *self.marks]))
        return {name: row.get(name, "") for name in self.kind.kept}

    def _note(self, column: str, message: Message | None) -> None:
        if message is None:
            return
        if column:
            self.repairs.append((column, message))
        else:
            self.remarks[message.code, tuple(message.params.items())] += 1

    def _cell(self, column: Column, cells: list[str]) -> str:
        at = self.mapping.get(column.name)
        text = cells[at] if at is not None else ""
        try:
            if _FORMULA_ERROR.match(text):
                raise CellError("cell.formula_error", value=shown(text))
            if is_missing(text) and not (column.role == "text" and text in _NAMES_TOO):
                if column.required and column.role in _NUMBERS:
                    raise CellError("cell.missing", value=shown(text))
                text = ""
            if not text:
                if column.required:
                    raise CellError("cell.empty")
                return column.default
            if not text.isascii():
                text.encode("utf-8")
            value, repair = self._value(column, text, cells)
        except UnicodeEncodeError:
            raise CellError("cell.surrogates", field=column.name) from None
        except CellError as error:
            error.field = column.name
            raise
        self._note(column.name, repair)
        return value

    def _value(self, column: Column, text: str, cells: list[str]) -> tuple[str, Message | None]:
        if column.role in _NUMBERS:
            whole = self._is_whole(column, cells)
            percent = column.name == "value" and self._unit(cells) in {"percent", "%", "persen"}
            high = 100.0 if percent else column.high
            number = read_number(text, self.separators, whole=whole, high=high)
            if number.mark:
                self.marks.append(text)
            return number_text(column, number, text), number.repair
        if column.role == "place_code":
            value, repair = place_code(
                *(text, self.reference.areas, self.reference.former),
                may_be_new=self.kind.name == "places",
            )
            self.matched |= value in self.reference.areas
            return value, repair
        return read_cell(column, text)

    def _point(self, row: Row, cells: list[str], shape: Any) -> tuple[str, str]:
        if shape is None and self.kind.geometry == "point_if_known":
            at = [self.mapping[name] for name in ("lat", "lon") if name in self.mapping]
            if not any(cells[position] for position in at):
                return "", ""
        if shape is not None:
            inner = shape if shape.geom_type == "Point" else shape.representative_point()
            lat, lon = float(inner.y), float(inner.x)
        else:
            lat, lon = (self._coordinate(name, cells) for name in ("lat", "lon"))
        lat, lon, swapped = point_in_order(lat, lon)
        if swapped:
            self._note("lat", Message("repair.axes"))
        abroad = row.get("country", "ID") != "ID"
        if abs(lat) > 90 or abs(lon) > 180 or not (abroad or inside_home(lon, lat)):
            raise CellError("cell.abroad", field="lat", lat=lat, lon=lon)
        seat = self.reference.seats.get(str(row.get("code", ""))[:5])
        if seat is not None and (km := distance_km(lat, lon, *seat)) > _FARTHEST_KM:
            code = row["code"][:5]
            raise CellError("cell.far_from_seat", field="lat", distance_km=km, code=code)
        return repr(round(lat, 6)), repr(round(lon, 6))

    def _coordinate(self, name: str, cells: list[str]) -> float:
        at = self.mapping.get(name)
        if at is None or not cells[at]:
            raise CellError("cell.empty", field=name)
        try:
            number = read_number(cells[at], high=180.0)
        except CellError as error:
            error.field = name
            raise
        self._note(name, number.repair)
        return number.value

    def _polygon(self, shape: Any) -> Any:
        if shape is None:
            raise CellError("cell.no_shape", field="geometry")
        polygon, repaired = polygon_of(shape)
        if polygon is None:
            raise CellError("cell.no_polygon", field="geometry")
        if not inside_home(*map(float, polygon.representative_point().coords[0])):
            raise CellError("cell.shape_abroad", field="geometry")
        if repaired:
            self._note("geometry", Message("repair.polygon"))
        return polygon

    def _check_province(self, row: Row) -> None:
        if self.province is None:
            return
        for column in self.columns:
            code = row.get(column.name, "")
            if column.role == "place_code" and column.required and code[:2] != self.province:
                raise CellError("cell.other_province", field=column.name, province=self.province)
        if row.get("terminal_id"):
            raise CellError("cell.terminal_count", field="terminal_id")
