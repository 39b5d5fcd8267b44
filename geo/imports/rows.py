"""From a sheet to the normalised table: each row is checked, repaired or refused, and reported."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from geo.codes import COUNTRY, level_of
from geo.disclosure import COUNT_INDICATORS
from geo.i18n import Message
from geo.imports.areas import AreaReader, province_in
from geo.imports.columns import Column, Kind
from geo.imports.derive import COMPLETE
from geo.imports.numbers import (
    CellError,
    Number,
    Separators,
    is_missing,
    read_number,
    read_rupiah,
    scale_of,
    shown,
    unscaled,
)
from geo.imports.options import Options
from geo.imports.person_check import refuse_persons
from geo.imports.recognise import Table, recognise
from geo.imports.reference import KM_PER_DEGREE, ReferenceData
from geo.imports.report import Report
from geo.imports.shapes import inside_home, load_shapes, point_in_order, polygon_of, unite
from geo.imports.sheet import Sheet
from geo.imports.values import number_text, read_cell

__all__ = ["normalise"]

_SEAT_DEGREES = 0.1
"""A regency holds its own seat, whose point may be this far off (99.9 % within 9 km)."""
_MOST_REMARKS = 20
"""Remarks on the whole file in a report; every row of a file may give cause for one."""

_WHOLE_UNIT = re.compile(
    r"orang|jiwa|persons?|people|(?:idr|rp|rupiah)\b.*|kasus|cases?", re.IGNORECASE
)
"""Units of which there are only whole ones."""
_FORMULA_ERROR = re.compile(r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
_NAMES_TOO = frozenset({"Na", "na", "Tad", "tad"})
"""Texts that elsewhere say that a value is missing."""
_DERIVED = (("unit", "indicator"), ("year", "period"), ("year", "month"))
"""Required columns that may follow from another column of the file."""
_BY_NAME = "\0"
_PREVIEW = 5
"""Rows that a report shows as they will be stored."""
_NUMBERS = frozenset({"number", "count", "rupiah"})

Row = dict[str, Any]


def normalise(
    sheet: Sheet,
    kind: Kind,
    reference: ReferenceData,
    report: Report,
    *,
    province: str | None = None,
    options: Options | None = None,
) -> list[Row]:
    """Check a whole file; return the accepted rows, one dict of text (and ``geometry``) each.

    Parameters
    ----------
    province : str, optional
        Rows of other provinces are refused: a planner changes the own province only.
    options : Options, optional
        What the user decided on the file.

    Raises
    ------
    DataFileError
        The file as a whole is refused: personal data, a shelter, headings, no rows.
    """
    options = options or Options()
    reference.allowed = frozenset(options.new_measures)
    table = recognise(sheet, kind, reference, options, report)
    places = frozenset() if kind.built else reference.place_words
    refuse_persons(sheet, kind, table.source_mapping, table.source_headings, places)
    report.format, report.unit = sheet.format, sheet.unit
    report.notes += sheet.notes
    report.left_out = len(table.left_out)
    for line, message in table.left_out:
        report.add(line, "", "left_out", message)
    sheet, mapping = table.sheet, table.mapping
    shapes = load_shapes(sheet, mapping.get("geometry"), report) if kind.geometry else None
    if shapes is not None and kind.geometry == "polygon":
        same = [mapping[name] for name in ("code", "name") if name in mapping]
        shapes = unite(sheet, shapes, same, report)
    report.read = len(sheet.rows) + len(table.left_out)
    reader = _Reader(kind, reference, mapping, province)
    reader.learn(table, options, report)
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
    report.preview = [
        {name: value for name, value in row.items() if value and name != "geometry"}
        for row in accepted[:_PREVIEW]
    ]
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
            if column.role not in {"unused", "geometry", "lat", "lon", "part_code", "part_name"}
        ]
        self.repairs: list[tuple[str, Message]] = []
        self.remarks: Counter[tuple[str, tuple[tuple[str, Any], ...]]] = Counter()
        self.separators = Separators()
        self.areas = AreaReader(reference)
        self.marks: list[str] = []
        self.scales: dict[str, int] = {}
        self.matched = False
        self.renamed = 0

    def learn(self, table: Table, options: Options, report: Report) -> None:
        """Decide separators of numbers and the system of codes from all cells of the file.

        Raises
        ------
        DataFileError
            Codes that names show to be of another system than they are written in.
        """
        rows = table.sheet.rows
        columns = [
            (column, self.mapping[column.name])
            for column in self.columns
            if column.role in _NUMBERS and column.name in self.mapping
        ]
        self.scales = {
            column.name: scale_of(table.source_headings[table.source_mapping[column.name]])
            for column, _ in columns
            if column.role == "rupiah" and column.name in table.source_mapping
        }
        for name, scale in self.scales.items():
            if scale > 1:
                params = {"column": name, "scale": scale}
                report.notes.append(Message("import_note.scaled", params))
        self.separators = Separators.of(
            (self._learnt(column, cells, at) for cells in rows for column, at in columns),
            options.decimal,
        )
        if not self.kind.place:
            return
        self.areas = AreaReader(
            self.reference,
            system=options.codes or report.codes,
            within=province_in(table.title, self.reference),
            may_be_new=self.kind.name == "places",
            of_country=self.kind.of_country,
        )
        at = self.mapping.get(self.kind.place)
        note = self.areas.learn(
            (cells[at] if at is not None else "", self._names(cells)) for cells in rows
        )
        if note is not None:
            report.notes.append(note)
        report.codes = self.areas.system

    def _names(self, cells: list[str]) -> dict[str, str]:
        """The names of areas in a row, by level; ``area`` where the level is not stated."""
        names: dict[str, str] = {}
        for column in self.kind.columns:
            level = ""
            if column.role == "part_name":
                level = column.name.removesuffix("_name")
            elif column.name == "name" and self.kind.place == "code":
                level = "village" if self.kind.name == "places" else "area"
            if level and column.name in self.mapping:
                text = cells[self.mapping[column.name]]
                if text and not is_missing(text) and not _FORMULA_ERROR.match(text):
                    names.setdefault(level, text)
        return names

    def _is_whole(self, column: Column, cells: list[str]) -> bool:
        """Whether a number has no decimals: by its role, or by the unit of its row."""
        return column.role in {"count", "rupiah"} or (
            column.name == "value" and _WHOLE_UNIT.fullmatch(self._unit(cells)) is not None
        )

    def _learnt(self, column: Column, cells: list[str], at: int) -> tuple[str, bool]:
        """A cell as the separators are learnt from it, and whether it has no decimals."""
        plain = unscaled(cells[at]) if column.role == "rupiah" else ""
        scaled = bool(plain) or self.scales.get(column.name, 1) > 1
        return plain or cells[at], not scaled and self._is_whole(column, cells)

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
            row["geometry"] = self._polygon(shape, row["code"])
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
        if not text and column.name == self.kind.place and self._names(cells):
            text = _BY_NAME
        try:
            if _FORMULA_ERROR.match(text):
                raise CellError("cell.formula_error", value=shown(text))
            if is_missing(text) and not (column.role == "text" and text in _NAMES_TOO):
                if column.required and column.role in _NUMBERS:
                    raise CellError("cell.missing", value=shown(text))
                text = ""
            if not text:
                derived = (name for column_name, name in _DERIVED if column_name == column.name)
                if column.required and not any(name in self.mapping for name in derived):
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
            number = self._number(column, text, whole=whole, high=high)
            if number.mark:
                self.marks.append(text)
            return number_text(column, number, text), number.repair
        if column.role == "place_code":
            names = self._names(cells) if column.name == self.kind.place else {}
            value, repair = self.areas.read(text if text != _BY_NAME else "", names)
            self.matched |= value in self.reference.areas or value == COUNTRY
            return value, repair
        return read_cell(column, text)

    def _number(self, column: Column, text: str, *, whole: bool, high: float) -> Number:
        if column.role == "rupiah":
            scale = self.scales.get(column.name, 1)
            return read_rupiah(text, self.separators, scale=scale, high=high)
        return read_number(text, self.separators, whole=whole, high=high)

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
        if "code" in row:
            self._refuse_outside(row["code"], lat, lon, field="lat")
        return repr(round(lat, 6)), repr(round(lon, 6))

    def _refuse_outside(self, code: str, lat: float, lon: float, *, field: str) -> None:
        if km := self.reference.km_outside(code, lat, lon):
            name = self.reference.areas.get(code, self.reference.areas.get(code[:8], ""))
            about = {"distance_km": km, "code": code, "name": name}
            raise CellError("cell.outside_area", field=field, **about)

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

    def _polygon(self, shape: Any, code: str) -> Any:
        if shape is None:
            raise CellError("cell.no_shape", field="geometry")
        polygon, repaired = polygon_of(shape)
        if polygon is None:
            raise CellError("cell.no_polygon", field="geometry")
        if not inside_home(*map(float, polygon.representative_point().coords[0])):
            raise CellError("cell.shape_abroad", field="geometry")
        if repaired:
            self._note("geometry", Message("repair.polygon"))
        self._check_place(polygon, code)
        return polygon

    def _check_place(self, polygon: Any, code: str) -> None:
        """Refuse a regency that does not hold its seat, or an area outside its regency."""
        import shapely

        if level_of(code) == "regency":
            seat = self.reference.seats.get(code)
            away = shapely.distance(polygon, shapely.Point(seat[::-1])) if seat else 0.0
            if away > _SEAT_DEGREES:
                name, km = self.reference.areas[code], KM_PER_DEGREE * away
                about = {"distance_km": km, "code": code, "name": name}
                raise CellError("cell.seat_outside", field="geometry", **about)
        elif level_of(code) != "province":
            inner = polygon.representative_point()
            self._refuse_outside(code, float(inner.y), float(inner.x), field="geometry")

    def _check_province(self, row: Row) -> None:
        if self.province is None:
            return
        if self.kind.name in {"posts", "checks"}:
            # one answer for terminals elsewhere and for those that are none
            if self.reference.terminal_areas.get(row["terminal_id"], "")[:2] != self.province:
                raise CellError("cell.other_province", field="terminal_id", province=self.province)
            return
        for column in self.columns:
            code = row.get(column.name, "")
            if column.role == "place_code" and column.required and code[:2] != self.province:
                raise CellError("cell.other_province", field=column.name, province=self.province)
        if row.get("terminal_id"):
            raise CellError("cell.terminal_count", field="terminal_id")
