"""Editions: the number, date, key and approval of each release, beside its folder.

Desks of different tiers know a release by different ids; the edition is the name they share. Its
number counts the releases of a home, so a tier may see that something was published though nothing
of its own changed, and no more. Number and date are no part of a release's content: the same build
gives the same bytes and ids in every home. Approval says who answers for serving it to others than
its maker: office, basis (decree or memo), date and, where it is to wait, the day it may be served.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from geo.errors import InputError, StateError, UnknownNameError
from geo.files import private_folder, translate_os_errors, write_bytes
from geo.imports.days import today
from geo.paths import Home
from layers.release.verify import current_folder

__all__ = [
    "Approval", "Edition", "approve", "edition_of", "editions", "find_edition", "keep_edition",
    "merge_editions", "served_folder",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who approved a release for others than its maker; days are ISO.

    Examples
    --------
    >>> Approval(office="Bappeda NTT", basis="ND-1", date="2026-11-02", embargo="2026-12-01").waits(
    ...     "2026-11-30"
    ... )
    True
    """

    office: str
    basis: str
    date: str
    embargo: str = ""

    def waits(self, day: str) -> bool:
        """Whether ``day`` is before the end of the embargo."""
        return day < self.embargo


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One release of a home.

    Attributes
    ----------
    number : int
        From 1, in the order of publication.
    release, build : str
        Ids of the whole; for the police and the operator alone.
    date : str
        Day of its first publication, ISO.
    key : str
        Fingerprint of the home's key then; empty where the home had none.
    approval : Approval, optional
    """

    number: int
    release: str
    build: str
    date: str
    key: str = ""
    approval: Approval | None = None

    @property
    def served_to_others(self) -> bool:
        """Whether it is approved and its embargo is over."""
        return self.approval is not None and not self.approval.waits(today())

    def as_dict(self, *, whole: bool) -> dict[str, Any]:
        """What a tier sees: number, date and approval; with ``whole`` the rest too."""
        values = asdict(self)
        return values if whole else {name: values[name] for name in ("number", "date", "approval")}


def editions(folder: Path) -> list[Edition]:
    """Editions of the folder of releases by number, those that were pruned among them.

    Raises
    ------
    StateError
        The list is damaged.

    Examples
    --------
    >>> editions(Path("/no/such/home"))
    []
    """
    path = Home(folder.parent).editions
    try:
        rows = json.loads(path.read_bytes())["editions"]
        return [Edition(**{**row, "approval": _approval(row["approval"])}) for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StateError("release.editions_damaged", path=path) from error


def _approval(row: Mapping[str, str] | None) -> Approval | None:
    return None if row is None else Approval(**row)


def edition_of(folder: Path) -> Edition | None:
    """Edition of a release by its folder; None for one published by an earlier version."""
    kept = {edition.release: edition for edition in editions(folder.parent)}
    return kept.get(folder.name)


def find_edition(home: Home, name: str | None) -> Edition:
    """Edition by number or by id of its release; the current one without a name.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    StateError
        Nothing has been published yet.
    """
    wanted = current_folder(home).name if name is None else name
    kept = editions(home.releases)
    for edition in kept:
        if wanted in {edition.release, str(edition.number)}:
            return edition
    names = [str(edition.number) for edition in kept]
    raise UnknownNameError("release.unknown", release=wanted, matches=names, field="release")


def keep_edition(home: Home, *, release: str, build: str, key: str) -> Edition:
    """Give a release its number and today's date; one that has them keeps them."""
    with _changing(home) as kept:
        for edition in kept:
            if edition.release == release:
                return edition
        number = 1 + max((edition.number for edition in kept), default=0)
        edition = Edition(number=number, release=release, build=build, date=today(), key=key)
        kept.append(edition)
    return edition


def approve(home: Home, name: str | None, approval: Approval) -> Edition:
    """Record the approval of a release; a later one replaces it.

    Raises
    ------
    InputError
        Office or basis is blank.
    UnknownNameError, StateError
        As :func:`find_edition`.
    """
    for field in ("office", "basis"):
        if not getattr(approval, field).strip():
            raise InputError("release.approval_blank", name=field, field=field)
    release = find_edition(home, name).release
    with _changing(home) as kept:
        position = [edition.release for edition in kept].index(release)
        kept[position] = replace(kept[position], approval=approval)
        return kept[position]


@contextlib.contextmanager
def _changing(home: Home) -> Iterator[list[Edition]]:
    """The editions, written back when the block ends; one process at a time."""
    with translate_os_errors(home.releases):
        lock_file = private_folder(home.releases) / ".lock"
        lock_file.touch(mode=0o600)
        with lock_file.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = editions(home.releases)
            before = list(kept)
            yield kept
            if kept != before:
                _write(home, kept)


def _write(home: Home, kept: Iterable[Edition]) -> None:
    rows = [asdict(edition) for edition in kept]
    content = json.dumps({"editions": rows}, indent=1, sort_keys=True) + "\n"
    write_bytes(home.editions, content.encode(), private=True)


def merge_editions(home: Home, backup: Home) -> None:
    """Add the editions that a home has to those of a backup; the home's own approvals are kept.

    Raises
    ------
    StateError
        Both have an edition of one number with other releases: it is another home's backup.
    """
    merged = {edition.number: edition for edition in editions(backup.releases)}
    kept: list[Edition] = []
    with contextlib.suppress(StateError):  # a damaged list is what a backup is for
        kept = editions(home.releases)
    for edition in kept:
        if merged.setdefault(edition.number, edition).release != edition.release:
            raise StateError("backup.other_releases", number=edition.number)
        merged[edition.number] = edition
    if merged:
        _write(backup, (merged[number] for number in sorted(merged)))


def served_folder(home: Home, *, approved_only: bool) -> Path:
    """Folder of the release to serve: the current one or, for others than its maker, the newest
    that is approved and whose embargo is over.

    Raises
    ------
    StateError
        None may be served; the message names the command.
    BrokenReleaseError
        The pointer to the current one is damaged.
    """
    current = current_folder(home)
    if not approved_only:
        return current
    kept = sorted(editions(home.releases), key=lambda edition: -edition.number)
    # a build that is published again has its old number: the pointer goes before numbers
    kept.sort(key=lambda edition: edition.release != current.name)
    for edition in kept:
        folder = home.releases / edition.release
        if edition.served_to_others and folder.is_dir():
            return folder
    raise StateError("release.not_approved", release=current.name)
