"""One layer of a release as a file for other programs; the extension chooses the format.

=========  ==========================================================================
.gpkg      GeoPackage 1.2 with an R-tree and the style of the layer for QGIS
.fgb       FlatGeobuf with a spatial index, for web maps and GeoServer
.geojson   RFC 7946, with attribution and caveats as members of the collection
.parquet   GeoParquet 1.1 (WKB)
.csv       UTF-8; ``lon``/``lat`` for points, ``geometry_wkt`` for the rest
.xlsx      in words of one language, with a cover sheet (:mod:`layers.exports.xlsx`)
.xml       no rows: its metadata by ISO 19139, public tier only
=========  ==========================================================================

Each says who may have it, of which release and day it is, and under which licence. Text that a
spreadsheet would run as a formula gets an apostrophe before it in CSV, and is stored as text in
XLSX. Lists of villages are alphabetical, without numbers by which villages could be ranked.
"""

from __future__ import annotations

import csv
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geo.errors import InputError
from geo.i18n.catalogue import DEFAULT_LANGUAGE, text
from layers.exports.iso19139 import iso_metadata
from layers.exports.worded import worded_columns
from layers.exports.xlsx import write_xlsx
from layers.release.atomic import replacing
from layers.release.editions import Edition, edition_of
from layers.release.geopackage import arrow_table, write_geopackage
from layers.release.layer_table import Table
from layers.release.marking import Marking
from layers.release.release import Release
from layers.visibility import ANONYMOUS

__all__ = ["EXPORT_EXTENSIONS", "FileForm", "check_export", "export_layer", "travelling"]

_METADATA = ".xml"
_MARK = "file_classification"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NOT_TEXT = re.compile(r"[\d.,:/-]*\d[\d.,:/-]*|\d+[eE]\d+")
"""Texts, such as codes and dates, that a spreadsheet would read as a number or a date."""
_RANKING_UNITS = frozenset({"0-10", "rank", "probability", "persons/year", "persons/year/100,000"})
"""Units of numbers that would rank the villages of a list."""


@dataclass(frozen=True, kw_only=True)
class FileForm:
    """How a file is written.

    Attributes
    ----------
    language : str
        Of an XLSX, of a legend and of the heading.
    excel_id : bool
        A CSV for people, which Excel with Indonesian settings opens right: byte order mark,
        semicolons, decimal commas, codes and dates as text, and headings and values in words as an
        XLSX has them, but codes and ids under the names of their columns.
    """

    language: str = DEFAULT_LANGUAGE
    excel_id: bool = False


@dataclass(frozen=True, kw_only=True)
class _About:
    """What goes with the rows."""

    heading: Marking
    manifest: Mapping[str, Any]
    form: FileForm
    edition: Edition | None

    @property
    def members(self) -> dict[str, Any]:
        """Classification, release, sources and caveats, as members of a file."""
        names = ("attribution", "caveats")
        return self.heading.as_dict() | {name: self.manifest[name] for name in names}


def check_export(path: Path, form: FileForm = FileForm()) -> None:
    """Refuse a file that cannot be written, before any work.

    Raises
    ------
    InputError
        Its ending is none of :data:`EXPORT_EXTENSIONS` nor ``.xml``, or ``excel_id`` is asked of
        no CSV.
    """
    known = (*EXPORT_EXTENSIONS, _METADATA)
    if path.suffix.lower() not in known:
        raise InputError(
            "export.unknown_extension", name=path.name, extensions=known, field="output"
        )
    if form.excel_id and path.suffix.lower() != ".csv":
        raise InputError("export.excel_id_csv", name=path.name, field="for")


def travelling(table: Table) -> Table:
    """A layer's rows as a file may carry them: villages by name, and no number that ranks them."""
    if table.layer.resolution[-1] != "village":
        return table
    fields = tuple(f for f in table.fields if f.unit not in _RANKING_UNITS)
    names, keys = table.columns["name"], table.columns[table.layer.id_field]
    order = sorted(range(len(table)), key=lambda n: (names[n] or "", keys[n]))
    columns = {f.name: [table.columns[f.name][n] for n in order] for f in fields}
    return Table(table.layer, fields, columns, table.geometry[order])


def export_layer(
    release: Release,
    layer: str,
    path: Path,
    *,
    tier: str,
    province: str | None = None,
    heading: Marking | None = None,
    form: FileForm = FileForm(),
) -> int:
    """Write ``layer`` as ``tier`` sees it to ``path``; return the number of rows.

    Parameters
    ----------
    release : Release
    layer : str
        Name in the registry.
    path : Path
        Ends in one of :data:`EXPORT_EXTENSIONS`; an existing file is replaced at once or not at
        all.
    tier : str
    province : str, optional
        The partner's own province code, or :data:`layers.visibility.ALL_PROVINCES` (operator).
    heading : Marking, optional
        What the file says of itself; without it, a heading with no mark.
    form : FileForm, optional

    Raises
    ------
    InputError
        As :func:`check_export`; metadata of another tier than the public one.
    UnknownNameError
        The tier has no such layer.
    EnvironmentProblem
        The file cannot be written.
    """
    check_export(path, form)
    table = travelling(release.table(layer, tier, province=province))
    about = _About(
        heading=heading or Marking.of(release, tier), manifest=release.manifest(tier), form=form,
        edition=edition_of(release.folder),
    )  # fmt: skip
    if path.suffix.lower() == _METADATA and about.heading.tier != ANONYMOUS:
        raise InputError("export.metadata_public", name=path.name, field="tier")
    write = _WRITERS.get(path.suffix.lower(), _write_iso)
    with replacing(path) as temporary:
        (_write_excel_csv if form.excel_id else write)(table, temporary, about)
    return len(table)


def _write_gpkg(table: Table, path: Path, about: _About) -> None:
    language = about.form.language
    write_geopackage(path, [table], metadata=about.heading.items(language), language=language)


def _write_fgb(table: Table, path: Path, about: _About) -> None:
    language = about.form.language
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # unset fields of an empty layer
        pyogrio.write_arrow(
            arrow_table(table), path, layer=table.layer.name, driver="FlatGeobuf",
            geometry_name="geom", geometry_type=table.layer.geometry, crs="EPSG:4326",
            layer_options={
                # an index has no room for rows without a place
                "SPATIAL_INDEX": "NO" if None in table.geometry.tolist() else "YES",
                "TITLE": table.layer.title(language),
                "DESCRIPTION": "\n".join(about.heading.items(language).values()),
            },
        )  # fmt: skip


def _write_geojson(table: Table, path: Path, about: _About) -> None:
    head = {
        "type": "FeatureCollection",
        "name": table.layer.name,
        **about.members,
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


def _write_parquet(table: Table, path: Path, about: _About) -> None:
    dtypes = {
        "text": "string", "json": "string", "integer": "Int64", "number": "float64",
        "boolean": "boolean",
    }  # fmt: skip
    frame = pd.DataFrame(
        {f.name: pd.array(table.columns[f.name], dtype=dtypes[f.type]) for f in table.fields}
    )
    geo = gpd.GeoDataFrame(frame, geometry=list(table.geometry), crs="EPSG:4326")
    geo.attrs = about.members
    geo.to_parquet(path, index=False, schema_version="1.1.0", compression="zstd")


def _write_csv(table: Table, path: Path, about: _About) -> None:
    header, place = _flat_place(table)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow([*(f.name for f in table.fields), *header, _MARK])
        for row, shape in _rows(table):
            out.writerow([_csv_cell(v) for v in (*row, *place(shape), _marked(about))])


def _write_excel_csv(table: Table, path: Path, about: _About) -> None:
    """What the sheet of the workbook has; codes and ids keep the names of their columns."""
    columns = worded_columns(table, about.form.language)
    cells = [[column.cell(value) for value in column.values] for column in columns]
    headings = [column.name if column.is_key else column.heading for column in columns]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        # headings have commas, which programs take for the separator where there are no quotes
        head = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        head.writerow([*headings, text("field.file_classification", about.form.language)])
        out = csv.writer(stream, delimiter=";")
        for row in zip(*cells, strict=True):
            out.writerow([_excel_id_cell(v) for v in (*row, _marked(about))])


def _marked(about: _About) -> str:
    heading = about.heading
    return " | ".join(filter(None, (heading.text(about.form.language), heading.code)))


def _write_xlsx(table: Table, path: Path, about: _About) -> None:
    write_xlsx(table, path, about.heading, about.manifest, about.form.language)


def _write_iso(table: Table, path: Path, about: _About) -> None:
    record = iso_metadata(table, about.heading, about.manifest, about.form.language, about.edition)
    path.write_text(record, "utf-8")


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


def _excel_id_cell(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    if isinstance(value, str) and _NOT_TEXT.fullmatch(value):
        return f'="{value}"'
    return _csv_cell(value)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_WRITERS: Mapping[str, Callable[[Table, Path, _About], None]] = MappingProxyType(
    {
        ".gpkg": _write_gpkg,
        ".fgb": _write_fgb,
        ".geojson": _write_geojson,
        ".parquet": _write_parquet,
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
    }
)
EXPORT_EXTENSIONS: tuple[str, ...] = tuple(_WRITERS)
"""Of files with rows."""
