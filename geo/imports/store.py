"""Store of applied imports under ``Home.imports``: one folder an import, and an index of them.

An import is in effect from the moment the index lists it; the index is replaced atomically, so a
reader sees the state before or after, and a folder that is not in the index is ignored.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import hashlib
import io
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.errors import EnvironmentProblem, InputError, StateError, UnknownNameError, os_reason
from geo.files import fsync, private_folder, translate_os_errors, write_bytes
from geo.i18n import Message
from geo.imports.agreements import HELD_KINDS, Agreement, is_held
from geo.imports.days import today
from geo.imports.kinds import KINDS, OUTREACH
from geo.imports.reference import ReferenceData, read_rows
from geo.imports.report import Report, to_json
from geo.paths import Home
from geo.road_network import RoadNetwork, merged_roads

__all__ = [
    "BuildChanges", "Entry", "Imports", "agreements", "applied_tables", "apply_table", "build_day",
    "changed_since_build", "ended_agreements", "entries", "entry_rows", "forget_visits",
    "imported_roads",
    "in_effect", "keep_copy", "locked", "refuse_unpublishable", "register", "undo",
    "undone_entries", "undrawn_roads", "verified", "withdraw",
]  # fmt: skip

_INDEX, _COLUMNS, _AGREEMENTS = "index.json", "columns.json", "agreements"
_MOST_SHAPES = 200
_MOST_HISTORY = 500
_TERMINAL_COLUMNS = {
    "legs": ("from_id", "to_id"),
    **dict.fromkeys(("counts", "posts"), ("terminal_id",)),
}


@dataclass(frozen=True)
class Entry:
    """One applied import: kind and digest, of which file, when, by whom, under which agreement."""

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
    under: str = ""

    def path(self, home: Home) -> Path:
        """Path of its normalised table."""
        return home.imports / self.kind / self.id / self.table


Imports = Sequence[tuple[Entry, bytes]]
"""Imports with the bytes of their tables, oldest first."""


def entries(home: Home) -> list[Entry]:
    """The imports in effect, oldest first.

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
        for agreement in index.setdefault("agreements", []):
            Agreement.from_dict(agreement)
    except FileNotFoundError:
        return {"imports": [], "undone": [], "agreements": []}
    except (ValueError, KeyError, TypeError):
        raise StateError("imports.index_damaged", path=str(path)) from None
    except OSError as error:
        raise EnvironmentProblem(
            "imports.index_unreadable", path=str(path), reason=os_reason(error)
        ) from None
    return index


def undone_entries(home: Home) -> list[tuple[Entry, dict[str, str]]]:
    """Imports that were taken back, oldest first, with ``undone_at`` and ``undone_by`` of each."""
    names = {field.name for field in fields(Entry)}
    return [
        (
            Entry(**{name: value for name, value in entry.items() if name in names}),
            {name: value for name, value in entry.items() if name.startswith("undone_")},
        )
        for entry in _index(home).get("undone", [])
    ]


def remembered_columns(home: Home) -> dict[str, dict[str, str]]:
    """Meaning of columns by shape of file, as users stated it for imports that were applied."""
    try:
        columns: dict[str, dict[str, str]] = json.loads(
            (home.imports / _COLUMNS).read_text("utf-8")
        )
    except (OSError, ValueError):
        return {}
    return columns


def _remember_columns(home: Home, report: Report) -> None:
    if report.mapping:
        columns = remembered_columns(home)
        columns.pop(report.shape, None)
        columns[report.shape] = report.mapping
        kept = dict(list(columns.items())[-_MOST_SHAPES:])
        write_bytes(
            home.imports / _COLUMNS, (json.dumps(kept, indent=1) + "\n").encode(), private=True
        )


def applied_tables(home: Home) -> list[tuple[str, Path]]:
    """Kind and table of each import, oldest first."""
    return [(entry.kind, entry.path(home)) for entry in entries(home)]


def agreements(home: Home) -> dict[str, Agreement]:
    """The registered agreements by number, withdrawn ones too, oldest first."""
    stored = map(Agreement.from_dict, _index(home)["agreements"])
    return {agreement.number: agreement for agreement in stored}


def in_effect(home: Home, day: str) -> list[Entry]:
    """The imports whose agreement, if they need one, has not ended by an ISO day."""
    stored = agreements(home)
    return [
        entry for entry in entries(home) if not (entry.under and stored[entry.under].has_ended(day))
    ]


def entry_rows(home: Home, entry: Entry) -> list[dict[str, str]]:
    """Rows of an import that is a CSV; none where it was undone since the index was read.

    Raises
    ------
    StateError
        It is missing.
    """
    try:
        return list(read_rows(entry.path(home)))
    except OSError:
        if entry not in in_effect(home, today()):
            return []
        raise StateError("imports.damaged", id=entry.id, kind=entry.kind, file=entry.file) from None


def verified(home: Home, day: str) -> Iterator[tuple[Entry, bytes]]:
    """Each import in effect on a day that builds read, with the bytes of its table, oldest first.

    Raises
    ------
    StateError
        If a table is missing or is not what was imported.
    """
    for entry in in_effect(home, day):
        if not KINDS[entry.kind].built:
            continue
        try:
            content = entry.path(home).read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != entry.table_sha256:
            raise StateError("imports.damaged", id=entry.id, kind=entry.kind, file=entry.file)
        yield entry, content


def imported_roads(imports: Iterable[tuple[Entry, bytes]]) -> RoadNetwork:
    """The road networks among imports, merged; empty without any."""
    networks = [
        RoadNetwork.from_bytes(table) for entry, table in imports if entry.kind == "network"
    ]
    return merged_roads(networks)


def undrawn_roads(home: Home) -> list[Message]:
    """What to say of imported roads in the build that no map can draw: nothing without any."""
    built = home.build_inputs
    files = [
        entry.file
        for entry, table in verified(built, build_day(built) or today())
        if entry.kind == "network" and not RoadNetwork.from_bytes(table).has_shapes
    ]
    return [Message("imports.roads_undrawn", {"files": files})] if files else []


def build_day(home: Home) -> str | None:
    """Day of the data of the build whose own imports these are; None for imports to come."""
    day: str | None = _index(home).get("day")
    return day


def keep_copy(
    home: Home, imports: Imports, day: str, under: Mapping[str, Agreement] = MappingProxyType({})
) -> None:
    """Write under a new home the imports that a build was made from, their agreements, its day.

    Without imports there is no day: a build of the embedded data is the same on every day.
    """
    for entry, content in imports:
        private_folder(entry.path(home).parent)
        write_bytes(entry.path(home), content, private=True)
    private_folder(home.imports)
    index = {
        "imports": [asdict(entry) for entry, _ in imports],
        "agreements": [asdict(agreement) for agreement in under.values()],
        "day": day if imports else "",
    }
    _replace_index(home, index)


@dataclass(frozen=True)
class BuildChanges:
    """Imports ``waiting`` for the next build, and ``undone`` ones the current build still has."""

    waiting: list[Entry]
    undone: list[Entry]

    @property
    def messages(self) -> list[Message]:
        """What to say of them; nothing if the build has all imports and no other."""
        named = (("imports.waiting", self.waiting), ("imports.undone_in_build", self.undone))
        return [
            Message(code, {"count": len(listed), "files": [entry.file for entry in listed]})
            for code, listed in named
            if listed
        ]

    def as_dict(self) -> dict[str, list[str]]:
        """Their ids."""
        named = {"waiting": self.waiting, "undone": self.undone}
        return {name: [entry.id for entry in listed] for name, listed in named.items()}


def changed_since_build(home: Home) -> BuildChanges:
    """Compare the imports in effect with those that the current build was made from.

    Without a build every import waits. Imports of equal content are the same to a build.

    Raises
    ------
    StateError
        If an index is damaged.
    """
    day, stored = today(), agreements(home)
    applied = [entry for entry in in_effect(home, day) if KINDS[entry.kind].built]
    built = entries(home.build_inputs)

    def missing(listed: list[Entry], elsewhere: list[Entry]) -> list[Entry]:
        contents = {(entry.kind, entry.table_sha256) for entry in elsewhere}
        return [entry for entry in listed if (entry.kind, entry.table_sha256) not in contents]

    undone = [
        entry
        for entry in missing(built, applied)
        if not (entry.under in stored and stored[entry.under].has_ended(day))
    ]
    return BuildChanges(missing(applied, built), undone)


def refuse_unpublishable(home: Home) -> None:
    """Refuse to publish a build that holds data without an agreement in force.

    Raises
    ------
    StateError
        Which data, and what to do.
    """
    stored, day = agreements(home), today()
    built = home.build_inputs
    for entry, content in verified(built, build_day(built) or day):
        agreement = stored.get(entry.under)
        named = {"number": entry.under, "file": entry.file, "id": entry.id}
        if not entry.under:
            if is_held(entry.kind, _rows_to_judge(entry.kind, content)):
                raise StateError("imports.held_without_agreement", **named)
        elif agreement is None or agreement.withdrawn_at:
            raise StateError("agreement.withdrawn_built", **named)
        elif agreement.has_ended(day):
            raise StateError("agreement.ended_built", until=agreement.retain_until, **named)


def ended_agreements(home: Home) -> list[Message]:
    """Agreements in force no longer whose imports are therefore left out of builds."""
    day = today()
    files: dict[str, list[str]] = {}
    for entry in entries(home):
        files.setdefault(entry.under, []).append(entry.file)
    return [
        Message(
            "agreement.left_out",
            {"number": number, "until": agreement.retain_until, "files": files[number]},
        )
        for number, agreement in agreements(home).items()
        if number in files and agreement.has_ended(day)
    ]


def register(
    home: Home, agreement: Agreement, content: bytes, *, by: str
) -> tuple[Agreement, bool]:
    """Register an agreement and keep its file.

    Returns
    -------
    Agreement, bool
        As it is kept, and whether anything changed: the same file twice changes nothing.

    Raises
    ------
    InputError
        Another agreement has this number, or had it before it was withdrawn.
    """
    with locked(home):
        index = _index(home)
        stored = agreements(home).get(agreement.number)
        if stored is not None:
            if stored.sha256 == agreement.sha256 and not stored.withdrawn_at:
                return stored, False
            raise InputError("agreement.number_taken", number=agreement.number, field="number")
        agreement = replace(agreement, registered_at=_now(), by=by)
        place = private_folder(home.imports / _AGREEMENTS) / f"{agreement.sha256[:12]}.toml"
        write_bytes(place, content, private=True)
        new = {**index, "agreements": [*index["agreements"], asdict(agreement)]}
        _replace_index(home, new)
    return agreement, True


def withdraw(home: Home, number: str, *, by: str) -> list[Entry]:
    """Withdraw an agreement: its imports are undone and their tables removed.

    Returns
    -------
    list of Entry
        The imports that no longer count.

    Raises
    ------
    UnknownNameError
        No agreement in force has this number.
    """
    with locked(home):
        index = _index(home)
        stored = agreements(home)
        if number not in stored or stored[number].withdrawn_at:
            known = tuple(name for name, other in stored.items() if not other.withdrawn_at)
            raise UnknownNameError("agreement.unknown", number=number, matches=known[-5:])
        stored[number] = replace(stored[number], withdrawn_at=_now(), withdrawn_by=by)
        gone = [entry for entry in entries(home) if entry.under == number]
        index["agreements"] = [asdict(agreement) for agreement in stored.values()]
        _replace_index(home, _without(index, gone, by=by))
        for entry in gone:
            shutil.rmtree(home.imports / entry.kind / entry.id, ignore_errors=True)
    return gone


def apply_table(
    home: Home, report: Report, table: Path, *, by: str, under: str = ""
) -> tuple[Entry, bool]:
    """Put a normalised table into effect, all of it or nothing.

    ``under`` is the number of the agreement that data which count persons need.

    Returns
    -------
    Entry, bool
        The import, and whether anything changed: the same file twice changes nothing.

    Raises
    ------
    InputError
        No row was accepted, legs and counts would name terminals that are not there, or an
        agreement is missing or does not fit.
    EnvironmentProblem
        The disk is full or may not be written; nothing has changed then.
    """
    if not report.accepted:
        if not report.issues:
            raise InputError("imports.nothing_usable")
        issue = report.issues[0]
        raise InputError(
            "imports.nothing_usable_because",
            position=Message(f"position.{report.unit}", {"number": issue.line}),
            column=issue.column,
            reason=issue.message,
        )
    with locked(home):
        index = _index(home)
        for applied in index["imports"]:
            if applied["id"] == report.id:
                return Entry(**applied), False
        place = home.imports / report.kind / report.id
        content = table.read_bytes()
        _check_agreement(home, report.kind, content, under)
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
            under=under,
        )
        fresh = place.with_name(f".{report.id}.{secrets.token_hex(4)}")
        for left in place.parent.glob(".*"):  # of runs that were killed; this process has the lock
            shutil.rmtree(left, ignore_errors=True)
        try:
            private_folder(fresh)
            write_bytes(fresh / table.name, content, private=True)
            about = {**asdict(entry), "report": report}
            write_bytes(fresh / "meta.json", (to_json(about) + "\n").encode(), private=True)
            if place.exists():  # left by a run that ended before the index named it
                shutil.rmtree(place)
            fresh.rename(place)
            fsync(place.parent)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        new = {**index, "imports": [*index["imports"], asdict(entry)]}
        try:
            _check_terminals(home, new)
            _remember_columns(home, report)
            _replace_index(home, new)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return entry, True


def undo(home: Home, name: str, *, by: str) -> Entry:
    """Undo an import; a record of it stays in the index.

    Raises
    ------
    UnknownNameError
        No import has this id.
    InputError
        Other imports depend on it.
    """
    with locked(home):
        index = _index(home)
        applied = {entry["id"]: entry for entry in index["imports"]}
        if name not in applied:
            raise UnknownNameError("imports.unknown_id", id=name, matches=tuple(applied)[-5:])
        entry = Entry(**applied[name])
        new = _without(index, [entry], by=by)
        if entry.kind == "terminals":
            _check_terminals(home, new)
        _replace_index(home, new)
        shutil.rmtree(home.imports / entry.kind / entry.id, ignore_errors=True)
    return entry


def forget_visits(home: Home, *, before: int, by: str) -> list[Entry]:
    """Remove the imports of visits of which none was in the year ``before`` or later.

    A record of each stays in the index, without its rows.

    Returns
    -------
    list of Entry
        The imports that are gone.
    """
    if not (home.imports / OUTREACH.name).exists():
        return []
    with locked(home):
        gone = [
            entry
            for entry in entries(home)
            if entry.kind == OUTREACH.name
            and all(int(row["year"]) < before for row in read_rows(entry.path(home)))
        ]
        if gone:
            _replace_index(home, _without(_index(home), gone, by=by))
        for entry in gone:
            shutil.rmtree(home.imports / entry.kind / entry.id, ignore_errors=True)
    return gone


def _without(index: dict[str, Any], gone: list[Entry], *, by: str) -> dict[str, Any]:
    """The index without some imports, which its history keeps."""
    ids = {entry.id for entry in gone}
    undone = [{**asdict(entry), "undone_at": _now(), "undone_by": by} for entry in gone]
    history = [*index.get("undone", []), *undone][-_MOST_HISTORY:]
    applied = [entry for entry in index["imports"] if entry["id"] not in ids]
    return {**index, "imports": applied, "undone": history}


def _check_agreement(home: Home, kind: str, content: bytes, under: str) -> None:
    """Refuse held rows without an agreement that fits, and one where none is needed."""
    rows = _rows_to_judge(kind, content)
    if not under:
        if is_held(kind, rows):
            raise InputError("agreement.needed", kind=kind, field="under")
        return
    stored = agreements(home)
    if under not in stored:
        raise UnknownNameError(
            "agreement.unknown", number=under, field="under", matches=tuple(stored)[-5:]
        )
    stored[under].refuse_unfit(kind, rows, today())


def _rows_to_judge(kind: str, content: bytes) -> list[dict[str, str]]:
    """Rows of a table of a kind that may need an agreement; none of the others, some of which are
    no CSV.
    """
    if kind not in HELD_KINDS:
        return []
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def _check_terminals(home: Home, index: dict[str, Any]) -> None:
    """Refuse a state in which an imported leg or count names an unknown terminal."""
    imports = [Entry(**entry) for entry in index["imports"]]
    reference = ReferenceData([(entry.kind, entry.path(home)) for entry in imports])
    for entry in imports:
        for column in _TERMINAL_COLUMNS.get(entry.kind, ()):
            for row in read_rows(entry.path(home)):
                terminal = row[column]
                if terminal and terminal not in reference.terminals:
                    names = {"id": entry.id, "kind": entry.kind, "terminal": terminal}
                    raise InputError("imports.terminal_needed", **names)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextlib.contextmanager
def locked(home: Home) -> Iterator[None]:
    """One change at a time, whichever process makes it."""
    with translate_os_errors(home.imports):
        private_folder(home.imports).chmod(0o700)
        lock_file = home.imports / ".lock"
        lock_file.touch(mode=0o600)
        with lock_file.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace_index(home: Home, index: dict[str, Any]) -> None:
    content = json.dumps(index, indent=1, sort_keys=True) + "\n"
    write_bytes(home.imports / _INDEX, content.encode(), private=True)
