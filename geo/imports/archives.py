"""Zip and gzip files, checked before anything in them is unpacked."""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo.errors import DataFileError
from geo.imports.limits import MOST_RATIO, MOST_UNPACKED

__all__ = ["check_zip", "gunzip", "is_system_file", "member", "unpacks_too_much"]

_MOST_MEMBERS = 500


def unpacks_too_much() -> DataFileError:
    """The error for an archive or packed file whose content is too large."""
    return DataFileError(
        "imports.unpacks_too_much", megabytes=MOST_UNPACKED // 2**20, ratio=MOST_RATIO
    )


def check_zip(archive: zipfile.ZipFile) -> int:
    """Refuse zip bombs, path traversal, links and encryption; return the unpacked size.

    Raises
    ------
    DataFileError
    """
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise DataFileError("imports.zip_files", files=len(members), most=_MOST_MEMBERS)
    total = 0
    for info in members:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in info.filename:
            raise DataFileError("imports.zip_path")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise DataFileError("imports.zip_link")
        if info.flag_bits & 0x1:
            raise DataFileError("imports.zip_encrypted")
        total += info.file_size
        if total > MOST_UNPACKED or info.file_size > MOST_RATIO * max(info.compress_size, 2000):
            raise unpacks_too_much()
    return total


def is_system_file(name: str) -> bool:
    """Whether a member is a folder, or a file that macOS or Windows adds to a zip by itself.

    >>> is_system_file("__MACOSX/desa/._desa.shp"), is_system_file("desa/desa.shp")
    (True, False)
    """
    path = PurePosixPath(name.replace("\\", "/"))
    return (
        name.endswith("/")
        or path.name.startswith("._")
        or path.parts[0] == "__MACOSX"
        or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
    )


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one member, never more than it declares.

    Raises
    ------
    DataFileError
        If it is damaged or unpacks to something else than it says.
    """
    info = archive.getinfo(name)
    try:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise DataFileError("imports.archive_damaged") from None
    if len(content) != info.file_size:
        raise DataFileError("imports.archive_damaged")
    return content


def gunzip(path: Path) -> bytes:
    """Unpack a gzip file.

    Raises
    ------
    DataFileError
        If it is damaged or unpacks to too much.
    """
    allowed = min(MOST_UNPACKED, MOST_RATIO * max(path.stat().st_size, 2000))
    try:
        with gzip.open(path) as stream:
            content = stream.read(allowed + 1)
    except (OSError, EOFError, zlib.error):
        raise DataFileError("imports.archive_damaged") from None
    if len(content) > allowed:
        raise unpacks_too_much()
    return content
