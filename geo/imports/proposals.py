"""Proposals: what was accepted of a file over HTTP, kept until its sender confirms it.

They lie under ``Home.imports/pending``, one folder an account (named by a hash) and one a proposal.
None stays for an hour, and they have quotas in number and bytes, for an account and for all.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from geo.errors import InputError, StateError, UnknownNameError
from geo.files import private_folder, write_bytes
from geo.imports.report import Report, from_json, to_json
from geo.paths import Home

__all__ = [
    "SWEEP_SECONDS",
    "keep_proposal",
    "proposal",
    "reading_folder",
    "sweep_proposals",
]

_KEPT_SECONDS = 50 * 60.0
SWEEP_SECONDS = 5 * 60.0
"""Time between two sweeps of a service, so that a proposal leaves the disk within the hour."""
_MOST_OF_ACCOUNT, _BYTES_OF_ACCOUNT = 5, 64 * 2**20
_MOST, _BYTES = 100, 512 * 2**20


@contextlib.contextmanager
def reading_folder(home: Home, by: str) -> Iterator[Path]:
    """A private folder for the reading of a file, on the disk of the proposals."""
    account = private_folder(_account(home, by))
    with tempfile.TemporaryDirectory(prefix=".reading-", dir=account) as folder:
        yield Path(folder)


def keep_proposal(home: Home, report: Report, table: Path, *, by: str) -> None:
    """Keep a report and its table; the oldest of the account make room for it.

    Raises
    ------
    InputError
        The table alone is more than an account may keep.
    StateError
        There are too many proposals of all accounts.
    """
    sweep_proposals(home)
    size = table.stat().st_size
    if size > _BYTES_OF_ACCOUNT:
        raise InputError("imports.proposal_too_large", megabytes=_BYTES_OF_ACCOUNT // 2**20)
    account = _account(home, by)
    place = account / report.id
    shutil.rmtree(place, ignore_errors=True)
    kept = sorted(_proposals(account), key=_age)
    while kept and (len(kept) >= _MOST_OF_ACCOUNT or _size(kept) + size > _BYTES_OF_ACCOUNT):
        shutil.rmtree(kept.pop(), ignore_errors=True)
    others = [path for folder in account.parent.iterdir() for path in _proposals(folder)]
    if len(others) >= _MOST or _size(others) + size > _BYTES:
        raise StateError("imports.proposals_full", minutes=round(_KEPT_SECONDS / 60))
    fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=account))
    shutil.move(table, fresh / table.name)
    (fresh / table.name).chmod(0o600)
    write_bytes(fresh / "report.json", to_json(report).encode(), private=True)
    fresh.rename(place)


@contextlib.contextmanager
def proposal(home: Home, name: str, *, by: str) -> Iterator[tuple[Report, Path]]:
    """Report and table of what ``by`` proposed; removed when the block ends without an error.

    Raises
    ------
    UnknownNameError
        ``by`` has no proposal of this id, or it was swept.
    """
    sweep_proposals(home)
    place = _account(home, by) / name
    if not re.fullmatch(r"[0-9a-f]{12}", name) or not (place / "report.json").exists():
        raise UnknownNameError("imports.no_proposal", id=name)
    report = Report.from_dict(from_json((place / "report.json").read_text("utf-8")))
    yield report, next(path for path in place.iterdir() if path.name.startswith("table."))
    shutil.rmtree(place, ignore_errors=True)


def sweep_proposals(home: Home) -> None:
    """Remove what is old, also what a killed process left, and empty folders."""
    for account in _entries(home.imports / "pending"):
        for path in _entries(account):
            if _age(path) > _KEPT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        if _age(account) > _KEPT_SECONDS:
            with contextlib.suppress(OSError):
                account.rmdir()  # only if it is empty


def _account(home: Home, by: str) -> Path:
    return home.imports / "pending" / hashlib.sha256(by.encode()).hexdigest()[:16]


def _entries(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return list(folder.iterdir())
    return []


def _proposals(account: Path) -> list[Path]:
    return [path for path in _entries(account) if not path.name.startswith(".")]


def _age(path: Path) -> float:
    """Seconds since a folder was written; 0 if it has gone."""
    with contextlib.suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _size(proposals: list[Path]) -> int:
    """Bytes of the files of proposals."""
    total = 0
    for path in (file for place in proposals for file in _entries(place)):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
