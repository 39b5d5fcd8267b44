"""Backup of what a home alone has: register, key, imports, editions; and its restoration.

A backup is one ZIP file with a list of its files and their SHA-256. Model and releases are not in
it: the same imports, key and parameters give the same bytes again, and the list names the
parameters. Sign-ins are left out, so that none comes back that has ended since. The file holds the
true counts and the key, unencrypted: it must be kept as the home is.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from geo.disclosure import FINGERPRINTS_FILE, KEY_FILE, key_fingerprints
from geo.errors import DataFileError, InputError, StateError
from geo.files import fsync, private_folder, replacing, seal, sweep_temporary, temporary_path
from geo.imports.store import locked
from geo.paths import Home
from layers.release.atomic import translate_write_errors
from layers.release.editions import editions, merge_editions
from routes.build.store import open_build
from routes.vulnerability.framework import FRAMEWORK_FILE

__all__ = ["Backup", "restore_backup", "write_backup"]

_FORMAT = 1
_LIST = "backup.json"
_PENDING, _LOCK = "pending", ".lock"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself.

    Attributes
    ----------
    created : str
        UTC, ISO.
    key : str
        Fingerprint of the key; empty where the home has none.
    register : bool
        Whether the register is in it; one in PostgreSQL is not.
    build : dict
        ``id`` and ``parameters`` of the home's build; empty where there is none.
    files : dict of str to str
        SHA-256 of each file by its path in the home.
    """

    created: str
    key: str
    register: bool
    build: dict[str, Any]
    files: dict[str, str]

    @property
    def build_words(self) -> list[str]:
        """The words after ``petajaga build`` that make the same build again."""
        if not self.build:
            return []
        chosen = self.build["parameters"]
        words = [f"--{name} {chosen[name]}" for name in ("seed", "draws", "origins")]
        return [*words, *(f"--pilot {code}" for code in chosen["pilots"])]


def _state_paths(home: Home) -> dict[str, Path]:
    """Files and folders of a home that nothing else can make again, by name in the backup."""
    root = home.root
    paths = [
        root / KEY_FILE, root / FINGERPRINTS_FILE, root / FRAMEWORK_FILE, home.register,
        home.audit_key, home.imports, home.editions,
    ]  # fmt: skip
    return {path.relative_to(root).as_posix(): path for path in paths}


def write_backup(home: Home, output: Path, *, with_register: bool) -> Backup:
    """Write the backup of a home that may be in use; the file is its owner's alone (0600).

    Parameters
    ----------
    home : Home
    output : Path
    with_register : bool
        Whether the register is the home's own SQLite file.

    Raises
    ------
    StateError
        There is nothing to back up.
    EnvironmentProblem
        The disk cannot be read or written; no file is left behind.
    """
    paths = _state_paths(home)
    if not with_register:
        del paths[home.register.name]
    if not any(path.exists() for path in paths.values()):
        raise StateError("backup.nothing", folder=home.root)
    fingerprints = key_fingerprints(home)
    files: dict[str, str] = {}
    # a lock of its own file would make a folder of imports where there is none
    lock = locked(home) if home.imports.is_dir() else contextlib.nullcontext()
    with translate_write_errors(output), replacing(output) as temporary, lock:
        temporary.touch(mode=0o600)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in paths.items():
                for file in _files(path):
                    inside = (PurePosixPath(name) / file.relative_to(path)).as_posix()
                    copy = _copy_of_register(file) if path == home.register else file.open("rb")
                    with copy as source:
                        files[inside] = _add(archive, inside, source)
            backup = Backup(
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                key=fingerprints[-1] if fingerprints else "",
                register=home.register.name in files,
                build=_build_of(home),
                files=files,
            )
            archive.writestr(_LIST, json.dumps({"format": _FORMAT, **vars(backup)}, indent=1))
    return backup


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.exists() else []
    return [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != _LOCK and file.relative_to(path).parts[0] != _PENDING
    ]


def _add(archive: zipfile.ZipFile, name: str, source: Any) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def _copy_of_register(path: Path) -> Iterator[io.BytesIO]:
    """The register at one moment, whoever writes to it, without its sign-ins."""
    with (
        contextlib.closing(sqlite3.connect(path)) as register,
        contextlib.closing(sqlite3.connect(":memory:")) as copy,
    ):
        register.backup(copy)
        copy.execute("DELETE FROM sessions")
        copy.commit()
        copy.execute("VACUUM")
        yield io.BytesIO(copy.serialize())


def _build_of(home: Home) -> dict[str, Any]:
    try:
        build = open_build(home)
    except StateError:
        return {}
    names = ("seed", "draws", "origins", "pilots")
    return {"id": build.id, "parameters": {name: build.parameters[name] for name in names}}


def restore_backup(home: Home, source: Path, *, replace: bool) -> tuple[Backup, Path | None]:
    """Bring what a backup holds into a home.

    Everything is unpacked and checked by its hash first. What it replaces is moved aside, not
    removed. Editions published since the backup are kept; model and releases are not touched.

    Parameters
    ----------
    home : Home
        Empty or not there, unless ``replace``.
    source : Path
    replace : bool

    Returns
    -------
    Backup, and the folder of what was replaced, None where that is nothing

    Raises
    ------
    DataFileError
        It is no backup, or damaged.
    StateError
        The home is not empty or in use, or its releases were rounded with another key or are others
        than the backup's.
    EnvironmentProblem
        The disk cannot be written.
    """
    root = home.root
    with translate_write_errors(root), _opened(source) as (archive, backup):
        private_folder(root)
        sweep_temporary(root)
        if not replace and any(root.iterdir()):
            raise StateError("backup.home_not_empty", folder=root)
        _refuse_other_key(home, backup)
        unpacked = Home(temporary_path(root / "restored"))
        try:
            _unpack(archive, backup, unpacked)
            merge_editions(home, unpacked)
            seal(unpacked.root)
            return backup, _exchange(home, unpacked)
        finally:
            shutil.rmtree(unpacked.root, ignore_errors=True)


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[tuple[zipfile.ZipFile, Backup]]:
    try:
        with zipfile.ZipFile(source) as archive:
            about = json.loads(archive.read(_LIST))
            if about.pop("format") != _FORMAT:
                raise DataFileError("backup.other_format", file=source.name, field="file")
            yield archive, Backup(**about)
    except FileNotFoundError:
        raise InputError("backup.no_file", file=source, field="file") from None
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataFileError("backup.damaged", file=source.name, field="file") from error


def _refuse_other_key(home: Home, backup: Backup) -> None:
    """Another key than that of the home's releases would round published counts anew."""
    of_releases = []
    with contextlib.suppress(StateError):  # a damaged list is what a backup is for
        of_releases = [edition.key for edition in editions(home.releases) if edition.key]
    for key in (*key_fingerprints(home)[-1:], *of_releases[-1:]):
        if key != backup.key:
            raise StateError("backup.other_key", key=key, other=backup.key or "-")


def _unpack(archive: zipfile.ZipFile, backup: Backup, unpacked: Home) -> None:
    """Unpack into a new folder; :class:`DataFileError` for what is not as the list says."""
    allowed = set(_state_paths(unpacked))
    for name, digest in backup.files.items():
        parts = PurePosixPath(name).parts
        inside = name in allowed or parts[0] in allowed
        if not inside or {"..", "/"} & set(parts):
            raise DataFileError("backup.damaged", file=archive.filename, field="file")
        target = unpacked.root.joinpath(*parts)
        private_folder(target.parent)
        content = hashlib.sha256()
        with archive.open(name) as source, target.open("xb") as stream:
            while chunk := source.read(_CHUNK):
                content.update(chunk)
                stream.write(chunk)
        if content.hexdigest() != digest:
            raise DataFileError("backup.damaged", file=archive.filename, field="file")


def _exchange(home: Home, unpacked: Home) -> Path | None:
    """Put the unpacked files in their places; what stood there is moved into one folder."""
    aside = home.root / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    fresh = _state_paths(unpacked)
    if fresh[home.register.name].exists():
        _close_register(home.register)
        for log in home.root.glob(f"{home.register.name}-*"):  # of a damaged register
            log.rename(private_folder(aside) / log.name)
    for name, place in _state_paths(home).items():
        if not fresh[name].exists():
            continue
        if place.exists():
            place.rename(private_folder((aside / name).parent) / place.name)
        private_folder(place.parent)
        fresh[name].rename(place)
        fsync(place.parent)
    return aside if aside.exists() else None


def _close_register(path: Path) -> None:
    """Bring the log of a register into its file; :class:`StateError` while a service has it open.

    Leaving the write-ahead log needs the file for oneself: https://www.sqlite.org/wal.html
    """
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=1.0)) as register:
            register.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        match error.sqlite_errorcode:
            case sqlite3.SQLITE_BUSY:
                raise StateError("backup.register_in_use", path=path) from error
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return
            case _:
                raise
