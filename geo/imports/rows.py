"""From a sheet to the normalised table: each row checked, repaired or refused, and reported."""

from __future__ import annotations

import re
from typing import Any

from geo.errors import DataFileError
from geo.imports.columns import Column, Kind
from geo.imports.derive import COMPLETE
from geo.imports.headings import map_columns, take_tags
from geo.imports.personal import find_personal
from geo.imports.plausible import distance_km
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.shapes import inside_home, load_shapes, point_in_order, polygon_of
from geo.imports.sheet import Sheet
from geo.imports.values import CellError, number, place_code, read_cell
from geo.shelters import names_shelter

__all__ = ["normalise"]

_MONEY = re.compile(r"\b(?:idr|rp|rupiah)\b", re.IGNORECASE)
_FRACTION = re.compile(r"-?[1-9]\d*\.\d{1,9}")
_WKT = re.compile(r"[A-Za-z ]{5,30}[-\d.,() eE]+")
_FARTHEST_KM = 700.0
"""A village farther from its regency's seat than this has a wrong code or a wrong point."""
_MOST_REMARKS = 20
"""Remarks on the whole file that are told; a file may give cause for one in every row."""

Row = dict[str, Any]


def normalise(
    sheet: Sheet, kind: Kind, known: ReferenceData, report: Report, *, province: str | None = None
) -> list[Row]:
    """Check a whole file; return the rows that are accepted, one dict of text (and ``geometry``).

    Parameters
    ----------
    province : str, optional
        Rows of other provinces are refused: a planner changes the own province only.

    Raises
    ------
    DataFileError
        If the file as a whole is refused: personal data, a shelter, headings, no usable row.
    """
    tags = take_tags(sheet)
    if not sheet.headings:
        raise DataFileError("the file is empty; it needs headings and rows")
    has_shapes = sheet.shapes is not None and any(sheet.shapes)
    mapping = map_columns(kind, sheet.headings, tags, shapes=has_shapes)
    if not sheet.rows:
        raise DataFileError("the file has headings but no rows")
    _keep_people_out(sheet, kind, mapping)
    report.format, report.unit, report.read = sheet.format, sheet.unit, len(sheet.rows)
    for text in sheet.notes:
        report.note(text)
    shapes = load_shapes(sheet, mapping.get("geometry"), report) if kind.geometry else None
    reader = _Reader(kind, known, mapping, province)
    accepted: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    here = known.keys(kind)
    for k, (line, cells) in enumerate(zip(sheet.positions, sheet.rows, strict=True)):
        reader.repairs.clear()
        try:
            row = reader.read(cells, None if shapes is None else shapes[k])
            key = tuple(row[name] for name in kind.key)
            if key in seen:
                raise _Refusal(
                    kind.key[0],
                    CellError(f"the same {' / '.join(kind.key)} as line {seen[key]}", "twice"),
                )
        except _Refusal as refusal:
            report.refused += 1
            error = refusal.error
            report.add(line, refusal.column, "refused", str(error), reason=error.reason)
            continue
        seen[key] = line
        accepted.append(row)
        report.matched += reader.matched
        replaces = tuple(row[name] for name in kind.replaces or kind.key) in here
        report.replaced += replaces
        report.new += not replaces
        report.repaired += bool(reader.repairs)
        for column, what in reader.repairs:
            report.add(line, column, "repaired", what, reason=f"{column}: {what}")
    report.accepted = len(accepted)
    for what, times in list(reader.remarks.items())[:_MOST_REMARKS]:
        report.note(f"{what} ({times} row{'s' * (times > 1)})")
    if len(reader.remarks) > _MOST_REMARKS:
        report.note(f"+ {len(reader.remarks) - _MOST_REMARKS} more notes of that kind")
    if reader.renamed:
        report.note(f"{reader.renamed} names differ from the official list; the file's are kept")
    return accepted


class _Refusal(Exception):
    """A row is refused because of one column."""

    def __init__(self, column: str, error: CellError) -> None:
        super().__init__(str(error))
        self.column, self.error = column, error


class _Reader:
    """Reads the rows of one file."""

    def __init__(
        self, kind: Kind, known: ReferenceData, mapping: dict[str, int], province: str | None
    ) -> None:
        self.kind, self.known, self.mapping, self.province = kind, known, mapping, province
        self.columns = [
            column
            for column in kind.columns
            if column.role not in {"unused", "geometry", "lat", "lon"}
        ]
        self.repairs: list[tuple[str, str]] = []
        self.remarks: dict[str, int] = {}
        self.matched = False
        self.renamed = 0

    def read(self, cells: list[str], shape: Any) -> Row:
        """One row, or :class:`_Refusal`."""
        self.matched = False
        row: Row = {column.name: self._cell(column, cells) for column in self.columns}
        if self.kind.geometry == "point":
            row["lat"], row["lon"] = self._point(row, cells, shape)
        elif self.kind.geometry == "polygon":
            row["geometry"] = self._polygon(shape)
        self._own_province(row)
        complete = COMPLETE.get(self.kind.name)
        if complete is not None:
            try:
                self.matched |= complete(row, self.known, self._note)
            except CellError as error:
                raise _Refusal(error.column or self.kind.key[0], error) from None
        if self.kind.name in {"places", "boundaries"} and row["name"]:
            official = self.known.areas.get(row["code"], "")
            self.renamed += bool(official) and official.casefold() != row["name"].casefold()
        return {name: row.get(name, "") for name in self.kind.kept}

    def _note(self, column: str, what: str) -> None:
        if column:
            self.repairs.append((column, what))
        else:
            self.remarks[what] = self.remarks.get(what, 0) + 1

    def _cell(self, column: Column, cells: list[str]) -> str:
        at = self.mapping.get(column.name)
        text = cells[at] if at is not None else ""
        if not text:
            if column.required:
                raise _Refusal(column.name, CellError("is empty", "empty"))
            return column.default
        try:
            if not text.isascii():
                text.encode("utf-8")
            if column.role == "place_code":
                value, repaired = place_code(
                    *(text, self.known.areas, self.known.former),
                    may_be_new=self.kind.name == "places",
                )
                self.matched |= value in self.known.areas
            else:
                value, repaired = read_cell(column, text)
        except UnicodeEncodeError:
            broken = CellError("the cell holds lone surrogates, which are no text", "no text")
            raise _Refusal(column.name, broken) from None
        except CellError as error:
            raise _Refusal(column.name, error) from None
        if repaired:
            shown = f" ({value})" if column.role in {"place_code", "date", "year"} else ""
            self._note(column.name, f"{repaired}{shown}")
        return value

    def _point(self, row: Row, cells: list[str], shape: Any) -> tuple[str, str]:
        if shape is not None:
            inner = shape if shape.geom_type == "Point" else shape.representative_point()
            lat, lon = float(inner.y), float(inner.x)
        else:
            values = []
            for name in ("lat", "lon"):
                at = self.mapping.get(name)
                if at is None or not cells[at]:
                    raise _Refusal(name, CellError("is empty", "empty"))
                try:
                    value, repaired = number(cells[at])
                except CellError as error:
                    raise _Refusal(name, error) from None
                if repaired:
                    self._note(name, repaired)
                values.append(value)
            lat, lon = values
        lat, lon, swapped = point_in_order(lat, lon)
        if swapped:
            self._note("lat", "latitude and longitude were swapped; put right")
        abroad = row.get("country", "ID") != "ID"
        if abs(lat) > 90 or abs(lon) > 180 or not (abroad or inside_home(lon, lat)):
            raise _Refusal(
                "lat", CellError(f"{lat:g}, {lon:g} does not lie in Indonesia", "abroad")
            )
        seat = self.known.seats.get(str(row.get("code", ""))[:5])
        if seat is not None and (km := distance_km(lat, lon, *seat)) > _FARTHEST_KM:
            raise _Refusal(
                "lat",
                CellError(
                    f"the point lies {km:.0f} km from the seat of its regency {row['code'][:5]}; "
                    "check code and coordinates",
                    "too far from the seat of its regency",
                ),
            )
        return repr(round(lat, 6)), repr(round(lon, 6))

    def _polygon(self, shape: Any) -> Any:
        if shape is None:
            raise _Refusal("geometry", CellError("has no readable shape", "no readable shape"))
        polygon, repaired = polygon_of(shape)
        if polygon is None:
            raise _Refusal("geometry", CellError("the shape is no polygon", "no polygon"))
        if not inside_home(*map(float, polygon.representative_point().coords[0])):
            raise _Refusal("geometry", CellError("does not lie in Indonesia", "abroad"))
        if repaired:
            self._note("geometry", repaired)
        return polygon

    def _own_province(self, row: Row) -> None:
        if self.province is None:
            return
        for column in self.columns:
            code = row.get(column.name, "")
            if column.role == "place_code" and column.required and code[:2] != self.province:
                error = CellError(
                    f"lies outside your province {self.province}", "outside your province"
                )
                raise _Refusal(column.name, error)
        if row.get("terminal_id"):
            raise _Refusal(
                "terminal_id", CellError("counts at a terminal are imported by the police desk")
            )


def _keep_people_out(sheet: Sheet, kind: Kind, mapping: dict[str, int]) -> None:
    """Refuse the whole file at the first cell that holds a person or a shelter.

    Every cell is looked at, also those of columns that are not kept. Positions are told, contents
    never.
    """
    roles = {at: kind.column(name).role for name, at in mapping.items()}
    money = {at for name, at in mapping.items() if name == "fare_idr"}
    unit, value = mapping.get("unit"), mapping.get("value")
    for line, cells in zip(sheet.positions, sheet.rows, strict=True):
        rupiah = unit is not None and _MONEY.search(cells[unit]) is not None
        for at, text in enumerate(cells):
            if len(text) < 5:
                continue
            role = roles.get(at, "")
            if role == "geometry" and len(text) > 100_000 and _WKT.fullmatch(text):
                continue  # nothing but coordinates, and too many to look at each
            what = find_personal(
                text,
                code=role == "place_code",
                money=at in money
                or (at == value and (rupiah or _FRACTION.fullmatch(text) is not None)),
            )
            if what:
                raise DataFileError(
                    f"{sheet.unit} {line}, column {at + 1} seems to hold {what}; no data on "
                    "persons may come in. Nothing was read; take it out of the file"
                )
            if names_shelter(text):
                raise DataFileError(
                    f"{sheet.unit} {line}, column {at + 1} names a shelter; the place of a shelter "
                    "is never stored, because it would put those who live there in danger. Nothing "
                    "was read; take it out of the file"
                )
