"""One layer of a release as a file for other programs; the extension chooses the format.

=========  ==========================================================================
.gpkg      GeoPackage 1.2 with an R-tree
.geojson   RFC 7946, with attribution and caveats as members of the collection
.parquet   GeoParquet 1.1 (WKB)
.csv       UTF-8; ``lon``/``lat`` for points, ``geometry_wkt`` for the rest
.xlsx      sheet ``Data``, and ``Keterangan`` with fields, units, caveats and sources
=========  ==========================================================================

Text that a spreadsheet would run as a formula gets an apostrophe before it in CSV, and is stored
as text in XLSX. The caveats travel inside GeoJSON, Parquet and XLSX; GeoPackage and CSV have no
place that readers would look at.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font

from geo.errors import InputError
from geo.i18n import languages, text
from geo.i18n.catalogue import DEFAULT_LANGUAGE
from layers.release.atomic import replacing
from layers.release.geopackage import write_geopackage
from layers.release.layer_table import Table
from layers.release.marking import Marking
from layers.release.release import Release

__all__ = ["EXPORT_EXTENSIONS", "check_export", "export_layer"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CELL_CHARS = 32_767


def check_export(path: Path) -> None:
    """Refuse a file whose ending is none of :data:`EXPORT_EXTENSIONS`, before any work."""
    if path.suffix.lower() not in _WRITERS:
        raise InputError(
            "export.unknown_extension", name=path.name, extensions=EXPORT_EXTENSIONS, field="output"
        )


def export_layer(
    release: Release,
    layer: str,
    path: Path,
    *,
    tier: str,
    province: str | None = None,
    heading: Marking | None = None,
) -> int:
    """Write ``layer`` as ``tier`` sees it to ``path``; return the number of rows.

    Parameters
    ----------
    release : Release
    layer : str
        Name in the registry.
    path : Path
        Ends in .gpkg, .geojson, .parquet, .csv or .xlsx; an existing file is replaced at once
        or not at all.
    tier : str
    province : str, optional
        The partner's own province code, or :data:`layers.visibility.ALL_PROVINCES` (operator).
    heading : Marking, optional
        What the file says of itself; without it, a heading with no mark.

    Raises
    ------
    InputError
        The extension is none of the five.
    UnknownNameError
        The tier has no such layer.
    EnvironmentProblem
        The file cannot be written.
    """
    check_export(path)
    table = release.table(layer, tier, province=province)
    heading = heading or Marking.of(release, tier)
    notes = {**release.manifest(tier), **heading.as_dict(), "heading": heading}
    with replacing(path) as temporary:
        _WRITERS[path.suffix.lower()](table, temporary, notes)
    return len(table)


def _write_gpkg(table: Table, path: Path, notes: Mapping[str, Any]) -> None:
    write_geopackage(path, [table], metadata=notes["heading"].items(DEFAULT_LANGUAGE))


def _write_geojson(table: Table, path: Path, notes: Mapping[str, Any]) -> None:
    head = {
        "type": "FeatureCollection",
        "name": table.layer.name,
        **_origin(notes),
    }
    with path.open("w", encoding="utf-8") as stream:
        stream.write(_dump(head)[:-1] + ',"features":[')
        for number, (row, shape) in enumerate(_rows(table)):
            properties = {
                f.name: json.loads(v) if f.type == "json" and v is not None else v
                for f, v in zip(table.fields, row, strict=True)
            }
            key = properties[table.layer.id_field]
            geometry = "null" if shape is None else shapely.to_geojson(shape)
            stream.write(
                (",\n" if number else "\n")
                + f'{{"type":"Feature","id":{_dump(key)},"geometry":{geometry},'
                + f'"properties":{_dump(properties)}}}'
            )
        stream.write("\n]}\n")


def _write_parquet(table: Table, path: Path, notes: Mapping[str, Any]) -> None:
    dtypes = {
        "text": "string", "json": "string", "integer": "Int64", "number": "float64",
        "boolean": "boolean",
    }  # fmt: skip
    frame = pd.DataFrame(
        {f.name: pd.array(table.columns[f.name], dtype=dtypes[f.type]) for f in table.fields}
    )
    geo = gpd.GeoDataFrame(frame, geometry=list(table.geometry), crs="EPSG:4326")
    geo.attrs = _origin(notes)
    geo.to_parquet(path, index=False, schema_version="1.1.0", compression="zstd")


def _write_csv(table: Table, path: Path, notes: Mapping[str, Any]) -> None:
    header, place = _flat_place(table)
    heading = notes["heading"]
    marked = " | ".join(filter(None, (heading.text(DEFAULT_LANGUAGE), heading.code)))
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow([*(f.name for f in table.fields), *header, "file_classification"])
        for row, shape in _rows(table):
            out.writerow([_csv_cell(v) for v in row] + place(shape) + [marked])


def _write_xlsx(table: Table, path: Path, notes: Mapping[str, Any]) -> None:
    book = Workbook(write_only=True)
    for name, value in notes["heading"].items(DEFAULT_LANGUAGE).items():
        properties = book.custom_doc_props  # type: ignore[attr-defined]
        properties.append(StringProperty(name=name, value=value))
    sheet = book.create_sheet("Data")
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)

    def cell(target: Any, value: Any, *, strong: bool = False) -> Any:
        if isinstance(value, str):
            value = ILLEGAL_CHARACTERS_RE.sub("", value)
            if len(value) > _CELL_CHARS:
                value = value[: _CELL_CHARS - 1] + "…"
        written = WriteOnlyCell(target, value)
        if isinstance(value, str):
            written.data_type = "s"  # never a formula, whatever the text begins with
        if strong:
            written.font = bold
        return written

    # a sheet has no room for lines and polygons; points keep their coordinates
    points = table.layer.geometry == "Point"
    header = [f.name for f in table.fields] + (["lon", "lat"] if points else [])
    sheet.append([cell(sheet, name, strong=True) for name in header])
    for row, shape in _rows(table):
        extra = ([None, None] if shape is None else [shape.x, shape.y]) if points else []
        sheet.append([cell(sheet, v) for v in [*row, *extra]])

    about = book.create_sheet("Keterangan")
    layer, codes = table.layer, languages()

    def each(key: str) -> list[str]:
        return [text(key, code) for code in codes]

    def joined(texts: Iterable[str]) -> str:
        return " / ".join(dict.fromkeys(texts))

    def write(*values: str, strong: bool = False) -> None:
        about.append([cell(about, value, strong=strong) for value in values])

    write(*(layer.title(code) for code in codes), strong=True)
    write(*(layer.description(code) for code in codes))
    write(joined(each("heading.release")), str(notes["id"]))
    for key, texts in (("heading.caveats", "caveats"), ("heading.sources", "attribution")):
        write()
        write(*each(key), strong=True)
        for by_language in notes[texts]:
            write(*by_language.values())
    write()
    write(joined(each("heading.column")), *each("heading.meaning"), joined(each("field.unit")),
          strong=True)  # fmt: skip
    for f in table.fields:
        titles = (layer.field_title(f, code) for code in codes)
        write(f.name, *titles, joined(f.unit_text(code) for code in codes))
    book.save(path)


def _origin(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Release, sources and caveats, as members of a file."""
    names = ("classification", "release", "date", "licence", "mark", "attribution", "caveats")
    return {name: notes[name] for name in names if name in notes}


def _rows(table: Table) -> Iterator[tuple[tuple[Any, ...], Any]]:
    columns = [table.columns[f.name] for f in table.fields]
    return zip(zip(*columns, strict=True), table.geometry, strict=True)


def _flat_place(table: Table) -> tuple[list[str], Callable[[Any], list[Any]]]:
    """Column names and values that carry the geometry in a flat file."""
    if table.layer.geometry == "Point":
        # the layer may have its own fields of these names: an area's seat
        fields = {f.name for f in table.fields}
        names = [n if n not in fields else f"geometry_{n}" for n in ("lon", "lat")]
        return names, lambda s: ["", ""] if s is None else [s.x, s.y]
    return ["geometry_wkt"], lambda s: ["" if s is None else s.wkt]


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_WRITERS: Mapping[str, Callable[[Table, Path, Mapping[str, Any]], None]] = MappingProxyType(
    {
        ".gpkg": _write_gpkg,
        ".geojson": _write_geojson,
        ".parquet": _write_parquet,
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
    }
)
EXPORT_EXTENSIONS: tuple[str, ...] = tuple(_WRITERS)
