"""Read a zipped shapefile as a :class:`~geo.imports.sheet.Sheet`, checking every length in it."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

from geo.errors import DataFileError
from geo.imports.archives import check_zip, member
from geo.imports.limits import MOST_ROWS, MOST_VERTICES, allow_seconds
from geo.imports.read_geo import too_many_vertices
from geo.imports.sheet import Sheet, as_text, check_size

__all__ = ["read_shapefile"]

_POINTS = {1, 11, 21}
_PARTED = {3, 5, 13, 15, 23, 25}  # lines and polygons, with Z, with M


def read_shapefile(path: Path) -> Sheet:
    """Read the one shapefile in a zip.

    Raises
    ------
    DataFileError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = check_zip(archive)
            shp, dbf, prj, encoding = _parts(archive)
    except zipfile.BadZipFile:
        raise DataFileError("imports.no_zip") from None
    allow_seconds(unpacked)
    count = _check_shp(shp)
    _check_dbf(dbf, count)
    import shapefile
    import shapely

    try:
        with shapefile.Reader(
            shp=io.BytesIO(shp), dbf=io.BytesIO(dbf), encoding=encoding, encodingErrors="strict"
        ) as reader:
            names = [str(field[0]) for field in reader.fields if field[0] != "DeletionFlag"]
            check_size(names, count)
            rows, shapes = [], []
            for number, item in enumerate(reader.iterShapeRecords(), start=1):
                rows.append([as_text(cell) for cell in item.record])
                if item.shape is None or item.shape.shapeType == 0:
                    shapes.append(b"")
                    continue
                try:
                    shape = shapely.geometry.shape(item.shape.__geo_interface__)
                except (ValueError, TypeError, shapely.errors.ShapelyError):
                    raise DataFileError("imports.shape_unreadable", number=number) from None
                shapes.append(shapely.to_wkb(shapely.force_2d(shape)))
    except (shapefile.ShapefileException, struct.error, ValueError, IndexError, KeyError) as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError("imports.shapefile_damaged") from None
    return Sheet("Shapefile", "feature", names, rows, range(1, len(rows) + 1), shapes, crs=prj)


def _parts(archive: zipfile.ZipFile) -> tuple[bytes, bytes, str, str]:
    names = [n for n in archive.namelist() if not n.startswith("__MACOSX") and not n.endswith("/")]
    by_end: dict[str, list[str]] = {}
    for name in names:
        by_end.setdefault(name.lower().rpartition(".")[2], []).append(name)
    for end in ("shp", "dbf"):
        if len(by_end.get(end, [])) != 1:
            raise DataFileError(
                "imports.shapefile_count", files=len(by_end.get(end, [])), ending=end
            )
    prj = member(archive, by_end["prj"][0]).decode("latin-1") if by_end.get("prj") else ""
    stated = member(archive, by_end["cpg"][0]).decode("latin-1") if by_end.get("cpg") else ""
    encoding = "latin-1" if "8859" in stated or "1252" in stated else "utf-8"
    return (
        member(archive, by_end["shp"][0]),
        member(archive, by_end["dbf"][0]),
        prj[:8192],
        encoding,
    )


def _check_shp(shp: bytes) -> int:
    """Walk the records of the .shp and return how many there are."""
    wrong_lengths = DataFileError("imports.shapefile_lengths", part=".shp")
    if len(shp) < 100 or struct.unpack(">i", shp[:4])[0] != 9994:
        raise DataFileError("imports.shapefile_part", part=".shp")
    if struct.unpack(">i", shp[24:28])[0] * 2 != len(shp):
        raise wrong_lengths
    at, count, vertices = 100, 0, 0
    while at < len(shp):
        if at + 12 > len(shp):
            raise wrong_lengths
        length = struct.unpack(">i", shp[at + 4 : at + 8])[0] * 2
        start, end = at + 8, at + 8 + length
        if length < 4 or end > len(shp):
            raise wrong_lengths
        kind = struct.unpack("<i", shp[start : start + 4])[0]
        if kind in _PARTED:
            if length < 44:
                raise wrong_lengths
            parts, points = struct.unpack("<ii", shp[start + 36 : start + 44])
            if parts < 0 or points < 0 or 44 + 4 * parts + 16 * points > length:
                raise wrong_lengths
            vertices += points
        elif kind in _POINTS and length < 20:
            raise wrong_lengths
        elif kind not in _POINTS and kind not in {0, 8, 18, 28}:
            raise DataFileError("imports.shape_type", type=kind)
        at, count = end, count + 1
        if vertices > MOST_VERTICES:
            raise too_many_vertices(vertices)
        if count > MOST_ROWS:
            check_size((), count)
    return count


def _check_dbf(dbf: bytes, shapes: int) -> None:
    if len(dbf) < 33:
        raise DataFileError("imports.shapefile_part", part=".dbf")
    records, header, length = struct.unpack("<IHH", dbf[4:12])
    if length < 1 or header < 33 or header + records * length > len(dbf) + 1:
        raise DataFileError("imports.shapefile_lengths", part=".dbf")
    if records != shapes:
        raise DataFileError("imports.shape_rows", shapes=shapes, rows=records)
