"""Zip and gzip files looked at before anything in them is unpacked."""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo.errors import DataFileError
from geo.imports.limits import MOST_RATIO, MOST_UNPACKED

__all__ = ["check_zip", "gunzip", "member"]

_MOST_MEMBERS = 500


def check_zip(archive: zipfile.ZipFile) -> int:
    """Refuse bombs, ways out of the folder, links and encryption; return the unpacked size.

    Raises
    ------
    DataFileError
    """
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise DataFileError(f"the zip holds {len(members)} files; at most {_MOST_MEMBERS}")
    total = 0
    for info in members:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in info.filename:
            raise DataFileError(
                "the zip holds a path that leads out of its folder (zip slip); pack it again"
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise DataFileError("the zip holds a symbolic link; pack the file itself")
        if info.flag_bits & 0x1:
            raise DataFileError("the zip is encrypted; pack it without a password")
        total += info.file_size
        if total > MOST_UNPACKED or info.file_size > MOST_RATIO * max(info.compress_size, 2000):
            raise DataFileError(
                f"the zip unpacks to too much (zip bomb?); at most {MOST_UNPACKED // 2**20} MB and "
                f"{MOST_RATIO} times its size"
            )
    return total


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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DataFileError(f"the zip is damaged ({error}); pack it again") from None
    if len(content) != info.file_size:
        raise DataFileError("the zip lies about the size of a file; pack it again")
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
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(f"the gzip file is damaged ({error}); pack it again") from None
    if len(content) > allowed:
        raise DataFileError(
            f"the gzip file unpacks to too much (bomb?); at most {MOST_UNPACKED // 2**20} MB and "
            f"{MOST_RATIO} times its size"
        )
    return content
