"""Writing GeoPackages: version 1.2, with R-trees and styles that QGIS 3.22 draws them by, the same
bytes every time.

GDAL writes the tables; what would differ between two runs (the date of the last change, the order
of free pages) is fixed or rebuilt. Byte identity makes a release content-addressed and the
non-interference of tiers testable. SQLite does not wait for the disk after each layer: a file that
is not whole is never used, and who keeps it puts it on the disk once (:func:`geo.files.seal`).
"""

# ruff: noqa: S608 - names in SQL come from the registry, values are always bound

from __future__ import annotations

import contextlib
import sqlite3
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyogrio
import shapely

from geo.errors import EnvironmentProblem
from geo.i18n.catalogue import DEFAULT_LANGUAGE
from layers.release.layer_table import Table
from layers.release.qgis_style import named_styles
from layers.schema import FieldType

__all__ = ["FIXED_DATE", "arrow_table", "write_geopackage"]

FIXED_DATE = "2000-01-01T00:00:00.000Z"
"""``last_change`` of every layer; the release id, not a date, says what is inside."""

_GDAL_OPTIONS = {
    "OGR_CURRENT_DATE": FIXED_DATE,
    "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
}

_ARROW: dict[FieldType, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}


def arrow_table(table: Table) -> pa.Table:
    """A layer's rows with typed columns and the geometry as WKB in column ``geom``."""
    columns = [pa.array(table.columns[f.name], type=_ARROW[f.type]) for f in table.fields]
    wkb = shapely.to_wkb(table.geometry).tolist()
    return pa.Table.from_arrays(
        [*columns, pa.array(wkb, type=pa.binary())], names=[*(f.name for f in table.fields), "geom"]
    )


def write_geopackage(
    path: Path,
    tables: Sequence[Table],
    *,
    metadata: Mapping[str, str] = MappingProxyType({}),
    language: str | None = None,
) -> None:
    """Write the layers into a new GeoPackage at ``path`` (EPSG:4326, lon and lat in degrees).

    Every layer gets a unique index on its id and one on ``province_code`` where it has that
    column. ``metadata`` are items of the whole file; in ``language`` it says what each column is
    and what its codes stand for, to programs that read no style of QGIS. After writing, the row
    counts are read back: GDAL reports a full disk late or not at all.

    Raises
    ------
    EnvironmentProblem
        Rows are missing from the file. Other errors of the disk are left to the caller
        (:func:`layers.release.atomic.translate_write_errors`).
    """
    with _gdal_options(_GDAL_OPTIONS):
        for number, table in enumerate(tables):
            layer = table.layer
            with warnings.catch_warnings():
                # GDAL warns of unset fields of an empty layer; the counts below are the check
                warnings.simplefilter("ignore", RuntimeWarning)
                pyogrio.write_arrow(
                    arrow_table(table),
                    path,
                    layer=layer.name,
                    driver="GPKG",
                    geometry_name="geom",
                    geometry_type="Unknown" if layer.geometry == "None" else layer.geometry,
                    crs="EPSG:4326",
                    append=number > 0,
                    dataset_options={"VERSION": "1.2"},
                    layer_options={
                        "FID": "fid",
                        "GEOMETRY_NAME": "geom",
                        "SPATIAL_INDEX": "YES",
                        "IDENTIFIER": layer.title(DEFAULT_LANGUAGE),
                        "DESCRIPTION": layer.description(DEFAULT_LANGUAGE),
                    },
                )
    _finish(path, tables, metadata, language)


def _finish(
    path: Path, tables: Sequence[Table], metadata: Mapping[str, str], language: str | None
) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for table in tables:
            name, key = table.layer.name, table.layer.id_field
            db.execute(f'CREATE UNIQUE INDEX "idx_{name}_{key}" ON "{name}" ("{key}")')
            if any(f.name == "province_code" for f in table.fields):
                db.execute(f'CREATE INDEX "idx_{name}_province" ON "{name}" ("province_code")')
            (written,) = db.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()
            located = sum(geometry is not None for geometry in table.geometry)
            (indexed,) = db.execute(f'SELECT COUNT(*) FROM "rtree_{name}_geom"').fetchone()
            if (written, indexed) != (len(table), located):
                raise EnvironmentProblem(
                    "release.rows_missing", written=written, rows=len(table), layer=name, path=path
                )
        _write_styles(db, tables)
        if metadata:
            _write_metadata(db, metadata)
        if language is not None:
            _write_columns(db, tables, language)
        db.execute("UPDATE gpkg_contents SET last_change = ?", (FIXED_DATE,))
        db.commit()
        db.execute("ANALYZE")
        db.commit()
        db.execute("VACUUM")


_STYLES = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT CURRENT_TIMESTAMP);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description)
  VALUES ('layer_styles', 'attributes', 'layer_styles', '');
"""
"""The table that QGIS looks for the styles of layers in."""


def _write_styles(db: sqlite3.Connection, tables: Iterable[Table]) -> None:
    """A style of each layer with its legend in every language, the first as default."""
    db.executescript(_STYLES)
    db.executemany(
        "INSERT INTO layer_styles VALUES "
        "(NULL, '', '', ?, 'geom', ?, ?, '', ?, ?, 'petajaga', NULL, ?)",
        [(*style, FIXED_DATE) for table in tables for style in named_styles(table)],
    )


_METADATA = """
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT,
  column_name TEXT, row_id_value INTEGER, timestamp DATETIME NOT NULL, md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER, FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""
"""Tables of the metadata extension (GeoPackage 1.2, clause 2.4)."""


def _write_metadata(db: sqlite3.Connection, metadata: Mapping[str, str]) -> None:
    db.executescript(_METADATA)
    db.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', "
        "'http://www.geopackage.org/spec120/#extension_metadata', 'read-write')",
        [("gpkg_metadata",), ("gpkg_metadata_reference",)],
    )
    for number, (name, text) in enumerate(metadata.items(), 1):
        db.execute(
            "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/plain', ?)",
            (number, f"http://purl.org/dc/terms/{name}", text),
        )
        db.execute(
            "INSERT INTO gpkg_metadata_reference VALUES "
            "('geopackage', NULL, NULL, NULL, ?, ?, NULL)",
            (FIXED_DATE, number),
        )


_COLUMNS = """
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
  title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
  max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
"""Tables of the schema extension (GeoPackage 1.2, clause 2.3)."""


def _write_columns(db: sqlite3.Connection, tables: Iterable[Table], language: str) -> None:
    """Title and unit of each column as its alias, and the words of coded values as its domain."""
    db.executescript(_COLUMNS)
    db.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
        "'http://www.geopackage.org/spec120/#extension_schema', 'read-write')",
        [("gpkg_data_columns",), ("gpkg_data_column_constraints",)],
    )
    for table in tables:
        name, aliases = table.layer.name, set()
        for field in table.fields:
            unit = field.unit_text(language)
            title = table.layer.field_title(field, language) + (f" ({unit})" if unit else "")
            alias = f"{title} [{field.name}]" if title in aliases else title
            aliases.add(alias)
            words = {
                value: field.value_text(value, language)
                for value in sorted(set(table.columns[field.name]) - {None})
            } if field.labels else {}  # fmt: skip
            domain = f"{name}_{field.name}" if words else None
            told = "; ".join(f"{value} = {said}" for value, said in words.items())
            db.execute(
                "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
                (name, field.name, alias, title, told or title, domain),
            )
            db.executemany(
                "INSERT INTO gpkg_data_column_constraints "
                "VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
                [(domain, value, said) for value, said in words.items()],
            )


@contextlib.contextmanager
def _gdal_options(options: dict[str, str]) -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
