"""Read a zipped shapefile as a :class:`~geo.imports.sheet.Sheet`, checking every length in it."""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
from pathlib import Path, PurePosixPath

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.archives import check_zip, is_system_file, member
from geo.imports.encoding import decoded
from geo.imports.limits import MOST_ROWS, MOST_VERTICES, allow_seconds
from geo.imports.read_geo import too_many_vertices
from geo.imports.sheet import Sheet, as_text, check_size, chosen_layer, numbers_in

__all__ = ["read_shapefile"]

_NAMES = {"cp1252": "Windows-1252", "utf-8": "UTF-8"}
_LANGUAGE_DRIVERS = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x57: "cp1252",
    0x58: "cp1252",
    0x4D: "cp936",
    0x4E: "cp949",
    0x4F: "cp950",
    0x50: "cp874",
    0x7B: "cp932",
}
"""Encoding by the language driver that byte 29 of a dbf names."""
_POINTS = {1, 11, 21}
_PARTED = {3, 5, 13, 15, 23, 25}  # lines and polygons, with Z, with M


def read_shapefile(path: Path, layer: str | None = None) -> Sheet:
    """Read one shapefile of a zip.

    Parameters
    ----------
    layer : str, optional
        Its name without ending, where the zip has several.

    Raises
    ------
    DataFileError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = check_zip(archive)
            parts = _parts(archive, layer)
    except zipfile.BadZipFile:
        raise DataFileError("imports.no_zip") from None
    shp, dbf = parts["shp"], parts["dbf"]
    allow_seconds(unpacked)
    count = _check_shp(shp)
    _check_dbf(dbf, count)
    encoding, name = _encoding(dbf, parts.get("cpg", b""))
    import shapefile
    import shapely

    try:
        with shapefile.Reader(
            shp=io.BytesIO(shp), dbf=io.BytesIO(dbf), encoding=encoding, encodingErrors="strict"
        ) as reader:
            names = [str(field[0]) for field in reader.fields if field[0] != "DeletionFlag"]
            check_size(names, count)
            rows, shapes, typed = [], [], []
            for number, item in enumerate(reader.iterShapeRecords(), start=1):
                rows.append([as_text(cell) for cell in item.record])
                typed.append(numbers_in(item.record))
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
    return Sheet(
        *("Shapefile", "feature", names, rows, range(1, len(rows) + 1), shapes),
        crs=parts.get("prj", b"")[:8192].decode("latin-1"),
        notes=[Message("import_note.encoding", {"name": name})],
        typed=typed,
    )


def _parts(archive: zipfile.ZipFile, layer: str | None) -> dict[str, bytes]:
    """The files of one shapefile by their endings."""
    layers: dict[str, dict[str, str]] = {}
    for name in archive.namelist():
        if not is_system_file(name):
            stem, _, ending = name.rpartition(".")
            layers.setdefault(stem, {})[ending.lower()] = name
    stems = {stem: PurePosixPath(stem).name for stem, parts in layers.items() if "shp" in parts}
    if not stems:
        raise DataFileError("imports.shapefile_part", part=".shp")
    name = chosen_layer(list(stems.values()), layer)
    stem = next(stem for stem, shown in stems.items() if shown == name)
    # Endings in capitals may go with names in other capitals.
    parts = {
        ending: file
        for other, files in layers.items()
        if other.lower() == stem.lower()
        for ending, file in files.items()
    }
    if "dbf" not in parts:
        raise DataFileError("imports.shapefile_part", part=".dbf")
    return {
        ending: member(archive, parts[ending])
        for ending in ("shp", "dbf", "prj", "cpg")
        if ending in parts
    }


def _encoding(dbf: bytes, stated: bytes) -> tuple[str, str]:
    """Encoding of the texts of a dbf, and its name: stated and possible, else what is valid."""
    (header,) = struct.unpack("<H", dbf[8:10])
    texts = dbf[header:] + b"".join(dbf[at : at + 11] for at in range(32, header - 1, 32))
    for encoding in (_code_page(stated.decode("ascii", "ignore")), _LANGUAGE_DRIVERS.get(dbf[29])):
        if encoding is not None:
            try:
                texts.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding, _NAMES.get(encoding, encoding)
    name = decoded(texts)[1]
    return next(encoding for encoding, shown in _NAMES.items() if shown == name), name


def _code_page(stated: str) -> str | None:
    """The encoding that a .cpg names: ``UTF-8``, ``1252``, ``ANSI 1252``, ``ISO 88591``."""
    digits = re.sub(r"\D", "", stated)
    if "utf" in stated.lower() or digits == "65001":
        return "utf-8"
    if digits in {"8859", "88591"}:
        return "cp1252"  # what programs mean by Latin-1, whose 0x80 to 0x9f are no letters
    name = f"iso8859-{digits[4:]}" if digits.startswith("8859") else f"cp{digits}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


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
