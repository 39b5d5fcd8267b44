"""Read-only SQLite connections to an immutable file, shared by many threads."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from geo.contacts import shown_phone
from geo.errors import BrokenReleaseError
from geo.imports.days import today
from layers.query.geojson import intersects
from layers.query.tier_query import NUMBER_RULE

__all__ = ["ReadPool"]

_KEEP = 8


class ReadPool:
    """Connections, each used by one thread at a time; at most a few stay open between uses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # immutable: no locks, no journal files, works on a read-only disk; true by the release's
        # contract (a release folder is never changed once it has its name)
        self._uri = f"file:{quote(str(path))}?mode=ro&immutable=1"
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(maxsize=_KEEP)
        self._closed = False

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for the time of the ``with`` block."""
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = self._open()
        try:
            yield db
        except sqlite3.DatabaseError as error:
            raise BrokenReleaseError(
                "release.file_unreadable", path=self._path, reason=error
            ) from error
        finally:
            self._give_back(db)

    def _open(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(
                self._uri, uri=True, check_same_thread=False, cached_statements=256
            )
            db.create_function("intersects", 2, intersects, deterministic=True)
            db.create_function("casefold", 1, _casefold, deterministic=True)
            db.create_function(NUMBER_RULE, 3, _shown_phone)
        except sqlite3.Error as error:
            raise BrokenReleaseError(
                "release.file_unreadable", path=self._path, reason=error
            ) from error
        return db

    def _give_back(self, db: sqlite3.Connection) -> None:
        if not self._closed:
            with contextlib.suppress(queue.Full):
                return self._idle.put_nowait(db)
        return db.close()

    def close(self) -> None:
        """Close idle connections; those in use are closed when they are returned."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


def _shown_phone(phone: str | None, as_of: str | None, confidence: str | None) -> str | None:
    """The number of an office where it may be given today; by the day, so never a constant."""
    row = {"id": "", "phone": phone, "phone_as_of": as_of, "phone_confidence": confidence}
    return shown_phone(row, today())


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()
