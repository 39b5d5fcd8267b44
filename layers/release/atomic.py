"""Atomic writing (:mod:`geo.files`) with the errors of GDAL and SQLite translated too."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geo import files
from geo.errors import EnvironmentProblem

__all__ = ["replacing", "translate_write_errors"]


@contextlib.contextmanager
def translate_write_errors(target: Path) -> Iterator[None]:
    """Turn what the disk or GDAL raises into one line that says what to do."""
    try:
        with files.translate_os_errors(target):
            yield
    except (sqlite3.Error, DataSourceError, DataLayerError, FeatureError, RuntimeError) as error:
        reason = files.disk_reason(error, target)
        if reason is not None:
            raise EnvironmentProblem("disk.unwritable", target=target, reason=reason) from error
        if type(error) is RuntimeError:  # freestiler's, of anything
            raise
        # the name alone: its words may be a whole statement of SQL
        name = type(error).__name__
        raise EnvironmentProblem("disk.write_failed", target=target, reason=name) from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """As :func:`geo.files.replacing`, for files that GDAL or SQLite writes."""
    with translate_write_errors(path), files.replacing(path) as temporary:
        yield temporary
