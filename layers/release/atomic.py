"""Writing so that a reader sees the whole of a file or nothing of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geo.errors import EnvironmentProblem, os_reason

__all__ = ["fsync_file", "fsync_folder", "replacing", "translate_write_errors", "write_bytes"]


@contextlib.contextmanager
def translate_write_errors(target: Path) -> Iterator[None]:
    """Turn what the disk or GDAL raises into one line that says what to do."""
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            "disk.unwritable", target=target, reason=os_reason(error)
        ) from error
    except (sqlite3.Error, DataSourceError, DataLayerError, FeatureError) as error:
        reason = " ".join(str(error).split())
        raise EnvironmentProblem("disk.write_failed", target=target, reason=reason) from error


def fsync_file(path: Path) -> None:
    """Put a file's content on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_folder(path: Path) -> None:
    """Put a folder's entries on the disk."""
    fsync_file(path)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes its place, else it is removed.

    The temporary name keeps the extension, because GDAL chooses the format by it.
    """
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(6)}{path.suffix}")
    with translate_write_errors(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            fsync_file(temporary)
            temporary.replace(path)
            fsync_folder(path.parent)
        finally:
            for left in path.parent.glob(f"{temporary.name}*"):
                left.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
