"""Read FlatGeobuf and KML by GDAL, and curves of a GeoPackage as lines.

GDAL has only the drivers that :data:`GDAL_ENVIRONMENT` leaves it, reads a plain file under a name
of ours, and has no network.
"""

from __future__ import annotations

import math
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geo.errors import DataFileError
from geo.imports.archives import check_zip, is_system_file, member
from geo.imports.limits import MOST_ROWS, MOST_VERTICES, allow_library, allow_seconds
from geo.imports.sheet import Sheet, as_text, check_size, chosen_layer, numbers_in

__all__ = ["GDAL_ENVIRONMENT", "linear_shapes", "read_flatgeobuf", "read_kml", "read_kmz"]

_SKIPPED_DRIVERS = (
    *("ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF"),
    *("EDIGEO", "EEDA", "ESRI Shapefile", "ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel"),
    *("GPX", "GTFS", "GeoJSON", "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "KML"),
    *("LVBAG", "MBTiles", "MEM", "MVT", "MapInfo File", "MapML", "MiraMonVector", "NGW", "OAPIF"),
    *("ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "OpenFileGDB", "PCIDSK", "PDF"),
    *("PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SQLite", "SXF", "Selafin", "TopoJSON"),
    *("VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX"),
)
GDAL_ENVIRONMENT = {
    "GDAL_SKIP": ",".join(_SKIPPED_DRIVERS),
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "16",
    "LIBKML_ID_FIELD": "kml_id",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
}
"""Environment of the reading process, with GDAL's drivers FlatGeobuf, GPKG and LIBKML alone."""

_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?kml[\s>]")
_LINKS = re.compile(rb"<(?:\w+:)?(?:NetworkLink|Update)\b")
_KML_COLUMNS = frozenset(
    {
        *("timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility"),
        *("draworder", "icon", "snippet", "open", "kml_id"),
    }
)
"""Columns that GDAL makes of the drawing of a KML file, not of its data."""


def read_flatgeobuf(path: Path) -> Sheet:
    """Read a FlatGeobuf file.

    Raises
    ------
    DataFileError
    """
    return _layer(path, "FlatGeobuf", ".fgb", None)


def read_kml(path: Path, layer: str | None = None) -> Sheet:
    """Read a folder of a KML file, without what it draws or links to.

    Raises
    ------
    DataFileError
    """
    return _kml(path.read_bytes(), layer)


def read_kmz(path: Path, layer: str | None = None) -> Sheet:
    """Read the KML file in a KMZ.

    Raises
    ------
    DataFileError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_zip(archive)
            names = [
                name
                for name in archive.namelist()
                if name.lower().endswith(".kml") and not is_system_file(name)
            ]
            if not names:
                raise DataFileError("imports.kml")
            content = member(archive, names[0])
    except zipfile.BadZipFile:
        raise DataFileError("imports.no_zip") from None
    return _kml(content, layer)


def _kml(content: bytes, layer: str | None) -> Sheet:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise DataFileError("imports.kml") from None
    if not _ROOT.search(content[:4096]):
        raise DataFileError("imports.kml")
    if _ENTITIES.search(content):
        raise DataFileError("imports.kml_entities")
    if _LINKS.search(content):
        raise DataFileError("imports.kml_links")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        file.write_bytes(content)
        sheet = _layer(file, "KML", ".kml", layer)
    kept = [
        k
        for k, name in enumerate(sheet.headings)
        if name.lower() not in _KML_COLUMNS and any(row[k] for row in sheet.rows)
    ]
    sheet.headings = [sheet.headings[k] for k in kept]
    sheet.typed = [
        sum((bits >> k & 1) << place for place, k in enumerate(kept)) for bits in sheet.typed
    ]
    sheet.rows = [[row[k] for k in kept] for row in sheet.rows]
    return sheet


def linear_shapes(path: Path, table: str) -> list[bytes]:
    """The shapes of a GeoPackage's layer as WKB, curves as lines, in the order of their numbers.

    Raises
    ------
    DataFileError
    """
    with _opened(path, ".gpkg") as (gdal, file):
        return [shape or b"" for shape in gdal.read(file, layer=table, columns=[])[2]]


@contextmanager
def _opened(path: Path, ending: str) -> Iterator[tuple[Any, Path]]:
    """Pyogrio's plain functions, and the file under a name that GDAL cannot misread."""
    allow_library()
    import pyogrio
    from pyogrio import raw

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / f"file{ending}"
        file.symlink_to(path.resolve())
        try:
            yield raw, file
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
            raise DataFileError("imports.geo_unreadable", format=ending) from None
        except (pyogrio.errors.FeatureError, pyogrio.errors.GeometryError, RuntimeError):
            raise DataFileError("imports.geo_unreadable", format=ending) from None


def _layer(path: Path, format_name: str, ending: str, layer: str | None) -> Sheet:
    allow_seconds(path.stat().st_size)
    with _opened(path, ending) as (gdal, file):
        import pyogrio

        layers = [str(name) for name, _ in pyogrio.list_layers(file)]
        name = chosen_layer(layers, layer)
        about = pyogrio.read_info(file, layer=name)
        headings = [str(field) for field in about["fields"]]
        check_size(headings, max(int(about["features"]), 0))
        meta, _, shapes, columns = gdal.read(
            file, layer=name, max_features=MOST_ROWS + 1, force_2d=True
        )
    if shapes is None:
        raise DataFileError("imports.no_layers")
    check_size(headings, len(shapes))
    total = sum(len(shape) for shape in shapes if shape)
    if total > MOST_VERTICES * 16:
        from geo.imports.read_geo import too_many_vertices

        raise too_many_vertices(total // 16)
    records = list(zip(*(map(_value, column.tolist()) for column in columns), strict=True))
    if not columns:
        records = [()] * len(shapes)
    return Sheet(
        *(format_name, "feature", headings),
        rows=[[as_text(cell) for cell in record] for record in records],
        positions=range(1, len(shapes) + 1),
        shapes=[shape or b"" for shape in shapes],
        crs=str(meta["crs"] or ""),
        typed=[numbers_in(record) for record in records],
    )


def _value(value: Any) -> Any:
    """A value of GDAL's arrays, whose missing numbers are NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value
