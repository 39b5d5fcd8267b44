"""What was imported, under ``Home.imports``: one folder an import, and one index that lists them.

An import counts from the moment the index names it; the index is replaced whole, so a reader sees
the state before or after, and a folder that no index names is nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo.errors import EnvironmentProblem, InputError, StateError, UnknownNameError
from geo.imports.reference import ReferenceData, read_rows
from geo.imports.report import Report
from geo.paths import Home

__all__ = ["Entry", "applied_tables", "apply_table", "entries", "undo", "verified"]

_INDEX = "index.json"
_MOST_HISTORY = 500


@dataclass(frozen=True)
class Entry:
    """One applied import: what, of which file, when and by whom."""

    id: str
    kind: str
    file: str
    sha256: str
    table: str
    table_sha256: str
    rows: int
    refused: int
    applied_at: str
    by: str

    def path(self, home: Home) -> Path:
        """Where its normalised table lies."""
        return home.imports / self.kind / self.id / self.table


def entries(home: Home) -> list[Entry]:
    """The imports that count, oldest first.

    Raises
    ------
    StateError
        If the index is damaged.
    """
    return [Entry(**entry) for entry in _index(home)["imports"]]


def _index(home: Home) -> dict[str, Any]:
    path = home.imports / _INDEX
    try:
        index: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for entry in index["imports"]:
            Entry(**entry)
    except FileNotFoundError:
        return {"imports": [], "undone": []}
    except (ValueError, KeyError, TypeError) as error:
        raise StateError(
            f"the list of imports {path} is damaged ({type(error).__name__}); restore it from a "
            "backup, or move it away and import again"
        ) from None
    except OSError as error:
        raise EnvironmentProblem(
            f"the list of imports {path} cannot be read ({error.strerror}); mend its rights"
        ) from None
    return index


def applied_tables(home: Home) -> list[tuple[str, Path]]:
    """Kind and table of each import, oldest first."""
    return [(entry.kind, entry.path(home)) for entry in entries(home)]


def verified(home: Home) -> Iterator[tuple[Entry, bytes]]:
    """Each import with the bytes of its table, oldest first.

    Raises
    ------
    StateError
        If a table is missing or is not what was imported.
    """
    for entry in entries(home):
        try:
            content = entry.path(home).read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != entry.table_sha256:
            raise StateError(
                f"the import {entry.id} ({entry.kind}, {entry.file}) is damaged; undo it with: "
                f"petajaga import --undo {entry.id}, then import the file again"
            )
        yield entry, content


def apply_table(home: Home, report: Report, table: Path, *, by: str) -> tuple[Entry, bool]:
    """Make a normalised table count, all of it or nothing.

    Returns
    -------
    Entry, bool
        The import, and whether anything changed: the same file twice changes nothing.

    Raises
    ------
    InputError
        No row was accepted, or legs and counts would name terminals that are not there.
    EnvironmentProblem
        The disk is full or may not be written; nothing has changed then.
    """
    if not report.accepted:
        raise InputError(f"no row of the file can be used{_first_issue(report)}")
    with _locked(home):
        index = _index(home)
        for known in index["imports"]:
            if known["id"] == report.id:
                return Entry(**known), False
        place = home.imports / report.kind / report.id
        content = table.read_bytes()
        entry = Entry(
            id=report.id,
            kind=report.kind,
            file=report.file,
            sha256=report.sha256,
            table=table.name,
            table_sha256=hashlib.sha256(content).hexdigest(),
            rows=report.accepted,
            refused=report.refused,
            applied_at=_now(),
            by=by,
        )
        fresh = place.with_name(f".{report.id}.{secrets.token_hex(4)}")
        for left in place.parent.glob(".*"):  # by runs that were killed; the lock is ours
            shutil.rmtree(left, ignore_errors=True)
        try:
            fresh.mkdir(parents=True)
            _write(fresh / table.name, content)
            about = {**asdict(entry), "report": report.as_dict()}
            _write(fresh / "meta.json", (json.dumps(about, indent=1) + "\n").encode())
            if place.exists():  # left by a run that ended before the index named it
                shutil.rmtree(place)
            fresh.rename(place)
            _sync(place.parent)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        new = {**index, "imports": [*index["imports"], asdict(entry)]}
        try:
            _check_terminals(home, new)
            _replace_index(home, new)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return entry, True


def _first_issue(report: Report) -> str:
    if not report.issues:
        return ""
    issue = report.issues[0]
    return f" ({report.unit} {issue.line}, {issue.column}: {issue.message})"


def undo(home: Home, name: str, *, by: str) -> Entry:
    """Take an import back; that it was there stays in the index.

    Raises
    ------
    UnknownNameError
        No import has this id.
    InputError
        Other imports rest on it.
    """
    with _locked(home):
        index = _index(home)
        found = [entry for entry in index["imports"] if entry["id"] == name]
        if not found:
            ids = tuple(entry["id"] for entry in index["imports"])
            raise UnknownNameError(
                f"no import {name!r}; petajaga import --list shows them", matches=ids[-5:]
            )
        entry = Entry(**found[0])
        left = [other for other in index["imports"] if other["id"] != name]
        history = [*index.get("undone", []), {**found[0], "undone_at": _now(), "undone_by": by}]
        new = {**index, "imports": left, "undone": history[-_MOST_HISTORY:]}
        if entry.kind == "terminals":
            _check_terminals(home, new)
        _replace_index(home, new)
        shutil.rmtree(home.imports / entry.kind / entry.id, ignore_errors=True)
    return entry


def _check_terminals(home: Home, index: dict[str, Any]) -> None:
    """Refuse a state in which an imported leg or count names a terminal that is not there."""
    listed = [Entry(**entry) for entry in index["imports"]]
    if not any(entry.kind in {"legs", "counts"} for entry in listed):
        return
    tables: Sequence[tuple[str, Path]] = [(e.kind, e.path(home)) for e in listed]
    terminals = {*ReferenceData(tables).terminals, ""}
    for entry in listed:
        if entry.kind not in {"legs", "counts"}:
            continue
        ends = ("from_id", "to_id") if entry.kind == "legs" else ("terminal_id",)
        for row in read_rows(entry.path(home)):
            for end in ends:
                if row[end] not in terminals:
                    raise InputError(
                        f"the import {entry.id} of {entry.kind} needs the terminal {row[end]!r}; "
                        f"undo {entry.id} first"
                    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextlib.contextmanager
def _locked(home: Home) -> Iterator[None]:
    """One change at a time, whichever process makes it."""
    try:
        home.imports.mkdir(parents=True, exist_ok=True)
        with (home.imports / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write to {home.imports} ({error.strerror or error}); free some space or set "
            "PETAJAGA_HOME to a folder that can be written"
        ) from error


def _replace_index(home: Home, index: dict[str, Any]) -> None:
    path = home.imports / _INDEX
    fresh = path.with_name(f".{_INDEX}.{secrets.token_hex(4)}")
    try:
        _write(fresh, (json.dumps(index, indent=1, sort_keys=True) + "\n").encode())
        fresh.replace(path)
        _sync(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
