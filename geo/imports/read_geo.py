"""Read GeoJSON, GeoPackage, GeoParquet as a :class:`~geo.imports.sheet.Sheet`, without GDAL."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.archives import unpacks_too_much
from geo.imports.limits import MOST_BYTES, MOST_ROWS, MOST_UNPACKED, MOST_VERTICES, allow_seconds
from geo.imports.sheet import Sheet, as_text, check_size, chosen_layer, numbers_in

__all__ = [
    "is_curve",
    "journals",
    "read_geojson",
    "read_geopackage",
    "read_geoparquet",
    "too_many_vertices",
]

_GPKG_SECONDS = 60.0
_NO_LAYERS = {"layer_styles", "qgis_projects"}
"""Tables of QGIS that a GeoPackage lists beside its layers."""
_DESCRIBING = {
    "gpkg_contents": ("table_name", "identifier", "description"),
    "gpkg_metadata": ("metadata",),
    "gpkg_data_columns": ("name", "title", "description"),
    "layer_styles": ("stylename", "description"),
}
"""Tables of a GeoPackage with texts that describe it, and their columns."""
_CURVES = frozenset(range(8, 13))
"""CIRCULARSTRING, COMPOUNDCURVE, CURVEPOLYGON, MULTICURVE and MULTISURFACE in WKB."""


def too_many_vertices(count: int) -> DataFileError:
    """The error for shapes with too many points."""
    return DataFileError("imports.too_many_vertices", vertices=count, most=MOST_VERTICES)


def is_curve(wkb: bytes) -> bool:
    """Whether a shape in WKB is of a type with arcs.

    >>> is_curve(bytes([1, 10, 0, 0, 0, 0, 0, 0, 0]))
    True
    """
    if len(wkb) < 5:
        return False
    kind = int.from_bytes(wkb[1:5], "little" if wkb[0] else "big")
    return (kind & 0x0FFFFFFF) % 1000 in _CURVES


def read_geojson(path: Path) -> Sheet:
    """Read a FeatureCollection.

    Raises
    ------
    DataFileError
        The file is no JSON (also NaN, numbers beyond double precision, lone surrogates, deep
        nesting; with line and column) or no FeatureCollection.
    """
    import orjson
    import shapely

    content = path.read_bytes()
    brackets = content.count(b"[")
    if brackets > 2 * MOST_VERTICES:
        raise too_many_vertices(brackets)
    allow_seconds(len(content))
    whole = _collection(content.removeprefix(b"\xef\xbb\xbf"))
    del content
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list) or whole.get("type") != "FeatureCollection":
        raise DataFileError("imports.no_feature_collection")
    headings: dict[str, None] = {}
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise DataFileError("imports.feature", number=number)
        headings.update(dict.fromkeys(feature.get("properties") or {}))
        if len(headings) > 1000:
            break
    names = list(headings)
    check_size(names, len(features))
    rows: list[list[str]] = []
    shapes: list[bytes] = []
    typed: list[int] = []
    vertices = 0
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") or {}
        rows.append([_plain(properties.get(name)) for name in names])
        typed.append(numbers_in([properties.get(name) for name in names]))
        geometry = feature.get("geometry")
        if geometry is None:
            shapes.append(b"")
            continue
        try:
            shape = shapely.from_geojson(orjson.dumps(geometry).decode())
        except (shapely.errors.GEOSException, TypeError):
            raise DataFileError("imports.shape_unreadable", number=number) from None
        vertices += int(shapely.get_num_coordinates(shape))
        if vertices > MOST_VERTICES:
            raise too_many_vertices(vertices)
        shapes.append(shapely.to_wkb(shapely.force_2d(shape)))
    return Sheet(
        *("GeoJSON", "feature", names, rows, range(1, len(rows) + 1), shapes),
        crs=_geojson_crs(whole),
        typed=typed,
    )


def _collection(content: bytes) -> Any:
    """The JSON of a file; a sequence of features, one a line, as the collection of them."""
    lines = [line.strip(b"\x1e\r ") for line in content.split(b"\n")]
    try:
        if not content.startswith(b"\x1e"):
            whole = _json(content)
            alone = isinstance(whole, dict) and whole.get("type") == "Feature"
            if not alone or "geometry" not in whole:
                return whole
    except DataFileError:
        try:
            _json(lines[0])
        except DataFileError:
            lines = []
        if not lines:
            raise
    features = [_json(line, number) for number, line in enumerate(lines, start=1) if line]
    return {"type": "FeatureCollection", "features": features}


def _json(content: bytes, line: int = 1) -> Any:
    import orjson

    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if "memory" in str(error):
            raise MemoryError from None
        raise DataFileError(
            "imports.json", line=line + error.lineno - 1, column=error.colno
        ) from None


def _plain(value: Any) -> str:
    """A value as text; a list or an object as JSON."""
    return json.dumps(value) if isinstance(value, (dict, list)) else as_text(value)


def _geojson_crs(whole: dict[str, Any]) -> str | None:
    crs = whole.get("crs")
    if crs is None:
        return None  # RFC 7946: always WGS84
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name", "")) if isinstance(properties, dict) else ""


def read_geopackage(path: Path, layer: str | None = None) -> Sheet:
    """Read one layer of a GeoPackage straight from SQLite: never a view or a trigger.

    Parameters
    ----------
    layer : str, optional
        Its name, where the file has several. Styles are no layer, and a table without geometry
        counts where no layer has one.

    Raises
    ------
    DataFileError
    """
    with path.open("rb") as stream:
        head = stream.read(20)
    if not head.startswith(b"SQLite format 3\0"):
        raise DataFileError("imports.no_geopackage")
    logs = journals(path)
    if not logs and b"\2" in head[18:20] and not _log(path, "-wal").exists():
        # Its log may have stayed behind with all that was written since it was opened.
        raise DataFileError("imports.geopackage_open")
    size = path.stat().st_size + sum(log.stat().st_size for log in logs)
    if size > MOST_BYTES:
        raise DataFileError("imports.too_large", megabytes=MOST_BYTES // 2**20)
    allow_seconds(size)
    with tempfile.TemporaryDirectory() as folder:
        if logs:
            for file in (path, *logs):
                shutil.copyfile(file, Path(folder) / file.name)
            path = Path(folder) / path.name
            _settle(path)
        return _read_geopackage(path, layer, size)


def journals(path: Path) -> list[Path]:
    """The logs beside an SQLite file that hold a part of its content.

    >>> journals(Path("desa.gpkg"))
    []
    """
    logs = [_log(path, ending) for ending in ("-wal", "-journal")]
    return [log for log in logs if log.is_file() and log.stat().st_size]


def _log(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _settle(path: Path) -> None:
    """Bring the logs of a copy into its file."""
    try:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.close()
    except sqlite3.Error:
        raise DataFileError("imports.geopackage_damaged") from None


def _read_geopackage(path: Path, layer: str | None, size: int) -> Sheet:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    ends = time.process_time() + min(_GPKG_SECONDS, 1.0 + size / 1e6)
    connection.set_progress_handler(lambda: int(time.process_time() > ends), 10_000)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cell_size_check = ON")
        return _read_layer(connection, layer, path)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        slow = "interrupted" in str(error)
        raise DataFileError(
            "imports.reading_too_long" if slow else "imports.geopackage_damaged"
        ) from None
    finally:
        connection.close()


def _read_layer(connection: sqlite3.Connection, layer: str | None, path: Path) -> Sheet:
    contents = connection.execute(
        "SELECT c.table_name, g.column_name, g.srs_id, m.type, m.sql, c.data_type "
        "FROM gpkg_contents c "
        "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
        "LEFT JOIN sqlite_master m ON m.name = c.table_name AND m.type IN ('table', 'view') "
        "WHERE c.data_type IN ('features', 'attributes') LIMIT 200"
    ).fetchall()
    tables = {str(row[0]): row[1:] for row in contents if str(row[0]) not in _NO_LAYERS}
    features = [name for name, row in tables.items() if row[4] == "features"]
    table = chosen_layer(features if features and layer is None else list(tables), layer)
    geometry, srs, kind, sql, _ = tables[table]
    if kind != "table" or str(sql).upper().lstrip().startswith("CREATE VIRTUAL"):
        raise DataFileError("imports.geopackage_view")
    quoted = '"' + str(table).replace('"', '""') + '"'
    described = connection.execute(f"PRAGMA table_xinfo({quoted})").fetchall()
    columns = [str(row[1]) for row in described if row[6] == 0]
    keys = {str(row[1]) for row in described if row[5]}
    names = [name for name in columns if name != geometry and name not in keys]
    check_size(names, 0)
    wanted = [*names, *([str(geometry)] if geometry else [])]
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in wanted)
    rows: list[list[str]] = []
    shapes: list[bytes] = []
    typed: list[int] = []
    total = 0
    for record in connection.execute(
        f"SELECT {listed} FROM {quoted} NOT INDEXED LIMIT {MOST_ROWS + 1}"  # noqa: S608
    ):
        rows.append([as_text(cell) for cell in record[: len(names)]])
        typed.append(numbers_in(record[: len(names)]))
        blob = record[-1] if geometry else None
        shape = _from_gpkg(blob, len(rows)) if blob is not None else b""
        total += len(shape)
        if total > MOST_VERTICES * 16:
            raise too_many_vertices(total // 16)
        shapes.append(shape)
    check_size(names, len(rows))
    notes = []
    if any(map(is_curve, shapes)):
        notes.append(Message("import_note.curves"))
        from geo.imports.read_gdal import linear_shapes

        linear = linear_shapes(path, table)
        if len(linear) != len(shapes):
            raise DataFileError("imports.geopackage_damaged")
        shapes = linear
    crs = ""
    if geometry and srs not in (0, -1):
        system = connection.execute(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
            "WHERE srs_id = ?",
            (srs,),
        ).fetchone()
        if system:
            code = f"{system[0]}:{system[1]}".upper()
            crs = code if code.startswith("EPSG") else str(system[2])
    return Sheet(
        *("GeoPackage", "feature", names, rows, range(1, len(rows) + 1), shapes),
        crs=crs,
        notes=notes,
        typed=typed,
        about=_metadata(connection),
    )


def _metadata(connection: sqlite3.Connection) -> list[tuple[Message, str]]:
    """Texts of the tables that describe the layers."""
    about: list[tuple[Message, str]] = []
    for table, wanted in _DESCRIBING.items():
        where = Message("position.metadata", {"table": table})
        columns = {str(row[1]).lower() for row in connection.execute(f"PRAGMA table_info({table})")}
        if listed := ", ".join(column for column in wanted if column in columns):
            records = connection.execute(f"SELECT {listed} FROM {table} LIMIT 1000")  # noqa: S608
            about += [(where, text) for row in records for text in row if isinstance(text, str)]
    return about


def _from_gpkg(blob: Any, number: int) -> bytes:
    """Take the WKB out of a GeoPackage blob (header of 8 bytes and an envelope)."""
    if isinstance(blob, bytes) and blob[:2] == b"GP" and len(blob) >= 8:
        envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}.get(blob[3] >> 1 & 7)
        if envelope is not None:
            return blob[8 + envelope :]
    raise DataFileError("imports.shape_unreadable", number=number)


def read_geoparquet(path: Path) -> Sheet:
    """Read a GeoParquet (geometry as WKB) or plain Parquet file.

    Raises
    ------
    DataFileError
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # One thread and no memory map: the process has little address space.
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            about = file.metadata
            unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
            if not 0 <= unpacked <= MOST_UNPACKED:
                raise unpacks_too_much()
            schema = file.schema_arrow
            check_size(schema.names, about.num_rows)
            for name in schema.names:
                if pa.types.is_nested(schema.field(name).type) and name != "bbox":
                    raise DataFileError("imports.nested_column", column=name[:40])
            allow_seconds(max(unpacked, path.stat().st_size))
            geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
            table = file.read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError("imports.parquet") from None
    primary = str(geo.get("primary_column", "")) if isinstance(geo, dict) else ""
    names = [name for name in table.column_names if name not in {primary, "bbox"}]
    columns = [table.column(name).to_pylist() for name in names]
    rows = [[as_text(cell) for cell in record] for record in zip(*columns, strict=True)]
    typed = [numbers_in(record) for record in zip(*columns, strict=True)]
    shapes, crs = None, None
    if primary in table.column_names:
        about_column = geo.get("columns", {}).get(primary, {})
        if about_column.get("encoding", "WKB") != "WKB":
            raise DataFileError("imports.parquet_geometry")
        shapes = [bytes(cell) if cell else b"" for cell in table.column(primary).to_pylist()]
        if sum(map(len, shapes)) > MOST_VERTICES * 16:
            raise too_many_vertices(sum(map(len, shapes)) // 16)
        crs = "" if about_column.get("crs", 0) is None else None
        if isinstance(about_column.get("crs"), dict):
            crs = json.dumps(about_column["crs"])
    positions = range(1, len(rows) + 1)
    return Sheet(*("GeoParquet", "feature", names, rows, positions, shapes), crs=crs, typed=typed)
