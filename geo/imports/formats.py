"""Which reader a file needs, by its content; its name counts where the content says nothing."""

from __future__ import annotations

import pkgutil
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from geo.errors import DataFileError
from geo.imports.sheet import Sheet

__all__ = ["read_sheet"]

_READERS = {
    "csv": "read_text:read_csv",
    "gzip": "read_text:read_packed_csv",
    "xlsx": "read_workbook:read_xlsx",
    "ods": "read_workbook:read_ods",
    "xls": "read_workbook:read_xls",
    "geojson": "read_geo:read_geojson",
    "gpkg": "read_geo:read_geopackage",
    "parquet": "read_geo:read_geoparquet",
    "zip": "read_shapefile:read_shapefile",
    "fgb": "read_gdal:read_flatgeobuf",
    "kml": "read_gdal:read_kml",
    "kmz": "read_gdal:read_kmz",
}
_WITH_PARTS = {"xlsx", "ods", "xls", "gpkg", "zip", "kml", "kmz"}
"""Formats that may hold several sheets or layers."""

_ENDINGS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), "csv"),
    ".csv.gz": "gzip",
    **dict.fromkeys((".xlsx", ".xlsm"), "xlsx"),
    **dict.fromkeys((".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson"), "geojson"),
    **dict.fromkeys((".parquet", ".geoparquet"), "parquet"),
    **{f".{name}": name for name in ("ods", "xls", "gpkg", "fgb", "kml", "kmz", "zip")},
}
_SIGNATURES = (
    (b"SQLite format 3\0", "gpkg"),
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"fgb\x03fgb", "fgb"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
)
_KML = re.compile(rb"^[^{]*<(?:\w+:)?kml[\s>]")
_WEB_PAGE = re.compile(
    rb"^\s*<(?:!doctype html|html|table|\?xml[^>]*>\s*<\?mso-application)", re.IGNORECASE
)
"""What programs of offices save under .xls: a table of a web page, or XML of 2003."""


def read_sheet(path: Path, file: str, part: str | None = None) -> Sheet:
    """Read a file of any format but a road network.

    Parameters
    ----------
    path : Path
    file : str
        The file's name at the user's.
    part : str, optional
        Name of the sheet or layer to read.

    Raises
    ------
    DataFileError
    """
    name = _format(path, file.lower())
    reader: Callable[..., Sheet] = pkgutil.resolve_name(f"geo.imports.{_READERS[name]}")
    if name in _WITH_PARTS:
        return reader(path, part)
    if part is not None:
        raise DataFileError("imports.no_parts", field="sheet")
    return reader(path)


def _format(path: Path, file: str) -> str:
    """The format of a file; only what says so in its first bytes is known by content."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return _packed_format(path)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if file.endswith((".pbf", ".osm")) or b"OSMHeader" in head[:64]:
        raise DataFileError("imports.openstreetmap")
    if _KML.search(head):
        return "kml"
    if _WEB_PAGE.match(head):
        raise DataFileError("imports.web_page")
    for ending, name in _ENDINGS.items():
        if file.endswith(ending):
            return name
    raise DataFileError("imports.unknown_ending")


def _packed_format(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        raise DataFileError("imports.no_zip") from None
    if "[Content_Types].xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    return "kmz" if any(name.lower().endswith(".kml") for name in names) else "zip"
