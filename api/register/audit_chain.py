"""The audit's chain: each row carries an HMAC over its content and the HMAC of the row before.

The row ``audit_head`` says where the chain begins and ends, under an HMAC of its own, so that rows
cut off at the end are missed as well. Rows of before the chain are in it as one digest. Who can
write to the database and has not the key (``audit.key`` in the home) changes no row unnoticed;
what nothing in the database can show is a whole audit put back to how it once stood: for that,
keep what :func:`verify` says last elsewhere. After :func:`prune` the chain begins later, from the
HMAC of the last row removed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.register.database import Register, accounts, audit, audit_head
from geo.errors import InputError, StateError
from geo.i18n.message import Message

__all__ = ["AuditEnd", "append", "begin", "check", "prune", "verify"]

_NAMES = tuple(column.name for column in audit.c if column.name != "mac")
"""What an HMAC is over, in this order."""
_NO_HEAD = {"key": "", "start": 0, "before": "", "last": 0, "mac": "", "seal": "", "pruned": 0}
# Statements are made once: making them costs as much as running them.
_ADD_ROWS = audit.insert()
_READ_HEAD = sa.select(audit_head)
_LOCK_HEAD = audit_head.update().values(last=audit_head.c.last).returning(*audit_head.c)
_WRITE_HEAD = audit_head.update().values({c: sa.bindparam(f"new_{c.name}") for c in audit_head.c})
_FEW = {"yield_per": 1000}
"""Not all rows in memory at once."""


@dataclass(frozen=True)
class AuditEnd:
    """How far a whole audit goes.

    Attributes
    ----------
    rows : int
        Rows of the chain; those of before it are counted in ``before``.
    before : int
    pruned : int
        Rows removed after their time.
    first : str
        When the first row of the chain was written, ISO; empty without rows.
    last : int
        Number of the last row.
    mac : str
        HMAC of the last row, which no other audit that ends there has.
    """

    rows: int
    before: int
    pruned: int
    first: str
    last: int
    mac: str


def append(register: Register, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows (without ``id`` and ``mac``) to the audit, in one transaction.

    Whoever else adds rows, in this process or another, waits meanwhile: the chain stays one.

    Raises
    ------
    StateError
        The chain was not begun with this register's key.
    EnvironmentProblem
        The register cannot be written.
    """
    with register.begin() as connection:
        head = _locked_head(connection)
        _require_key(head, register)
        mac, chained = head["mac"], []
        for number, row in enumerate(rows, head["last"] + 1):
            whole = {"id": number, **row}
            mac = _mac(register.key, mac, *(whole[name] for name in _NAMES))
            chained.append({**whole, "mac": mac})
        connection.execute(_ADD_ROWS, chained)
        _write_head(connection, register.key, {**head, "last": chained[-1]["id"], "mac": mac})


def begin(
    register: Register, *, again: bool = False, on_begun: Callable[[], object] = lambda: None
) -> None:
    """Begin the chain after the last row; ``again`` gives up the one that is there.

    ``on_begun`` is called only where it is begun, just before that is committed.
    """
    with register.begin() as connection:
        if _locked_head(connection)["key"] and not again:
            return
        _begin(connection, register.key)
        on_begun()


def check(register: Register) -> None:
    """Raise :class:`StateError` where the chain was not begun with this register's key.

    In a register without any account and row it is begun.
    """
    with register.begin() as connection:
        head = _head(connection)
    if not head["key"]:
        with register.begin() as connection:  # another process may be about to begin it
            used = sa.select(sa.exists(sa.select(accounts.c.id)) | sa.exists(sa.select(audit.c.id)))
            if not _locked_head(connection)["key"] and not connection.scalar(used):
                _begin(connection, register.key)
            head = _head(connection)
    _require_key(head, register)


def verify(register: Register, *, noted: tuple[int, str] | None = None) -> AuditEnd:
    """Check every row of the chain, and as a whole those of before.

    ``noted`` is ``last`` and ``mac`` of an earlier end, which must still be in it.

    Raises
    ------
    StateError
        Rows were changed, removed or added by something else: the message names the first and says
        what to do. Or the key is another.
    InputError
        ``noted`` is of a row that has been removed after its time.
    """
    with register.begin() as connection:
        head = _head(connection)
        _require_key(head, register)
        if not hmac.compare_digest(head["seal"], _seal(register.key, head)):
            raise _broken("head_changed", head["last"])
        start, last = head["start"], head["last"]
        if noted and head["pruned"] and noted[0] < start:
            raise InputError("audit.noted_removed", field="noted", row=noted[0], first=start)
        digest, before = _digest(connection, start=start)
        if before if head["pruned"] else digest != head["before"]:
            raise _broken("before_changed", start)
        mac, expected, first = head["before"], start, ""
        rows = sa.select(audit).where(audit.c.id.between(start, last)).order_by(audit.c.id)
        with connection.execute(rows, execution_options=_FEW) as result:
            for row in result.mappings():
                if row["id"] != expected:
                    break
                mac = _mac(register.key, mac, *(row[name] for name in _NAMES))
                if row["mac"] != mac or (noted and noted[0] == expected and noted[1] != mac):
                    raise _broken("row_changed", expected)
                first, expected = first or row["at"], expected + 1
        if expected <= max(last, noted[0] if noted else 0):
            raise _broken("row_removed", expected)
        end = sa.select(audit_head.c.last).scalar_subquery()  # rows may have come meanwhile
        added = connection.scalar(sa.select(sa.func.min(audit.c.id)).where(audit.c.id > end))
        if added is not None:
            raise _broken("row_added", added)
    return AuditEnd(expected - start, before, head["pruned"], first, last, mac)


def prune(register: Register, *, before: str) -> int:
    """Remove the oldest rows, those added before a time (ISO), and begin the chain after them.

    Returns
    -------
    int
        How many were removed.

    Raises
    ------
    StateError
        The audit is not whole, so that nothing is removed, or has another key.
    """
    keep = sa.select(sa.func.min(audit.c.id)).where(audit.c.at >= before)
    with register.begin() as connection:
        oldest = connection.scalar(sa.select(sa.func.min(audit.c.at)))
    if oldest is None or oldest >= before:
        return 0
    verify(register)
    with register.begin() as connection:
        head = _locked_head(connection)
        _require_key(head, register)
        start = connection.scalar(keep) or head["last"] + 1
        if start < head["start"]:
            return 0  # rows of before the chain go together
        last_removed = sa.select(audit.c.mac).where(audit.c.id == start - 1)
        mac = connection.scalar(last_removed) if start > head["start"] else head["before"]
        old = audit.c.id < start
        count = connection.scalar(sa.select(sa.func.count()).where(old)) or 0
        pruned = head["pruned"] + count
        _write_head(connection, register.key,
                    {**head, "start": start, "before": mac, "pruned": pruned})  # fmt: skip
        connection.execute(audit.delete().where(old))
    return count


def _head(connection: Connection) -> dict[str, Any]:
    row = connection.execute(_READ_HEAD).mappings().one_or_none()
    return dict(row or _NO_HEAD)


def _locked_head(connection: Connection) -> dict[str, Any]:
    """The head, which nobody else reads so before this transaction ends."""
    row = connection.execute(_LOCK_HEAD).mappings().one_or_none()
    if row is None:  # somebody has removed it
        connection.execute(audit_head.insert().values(_NO_HEAD))
    return dict(row or _NO_HEAD)


def _write_head(connection: Connection, key: bytes, head: Mapping[str, Any]) -> None:
    sealed = {**head, "seal": _seal(key, head)}
    connection.execute(_WRITE_HEAD, {f"new_{name}": value for name, value in sealed.items()})


def _begin(connection: Connection, key: bytes) -> None:
    last = connection.scalar(sa.select(sa.func.max(audit.c.id))) or 0
    before, _ = _digest(connection, start=last + 1)
    head = {"key": _fingerprint(key), "start": last + 1, "before": before, "pruned": 0}
    _write_head(connection, key, {**head, "last": last, "mac": before})


def _digest(connection: Connection, *, start: int) -> tuple[str, int]:
    """One digest of all rows before number ``start``, and how many they are."""
    digest, count = hashlib.sha256(), 0
    rows = sa.select(*(audit.c[name] for name in _NAMES)).where(audit.c.id < start)
    with connection.execute(rows.order_by(audit.c.id), execution_options=_FEW) as result:
        for row in result:
            digest.update(orjson.dumps(tuple(row)))
            count += 1
    return digest.hexdigest(), count


def _require_key(head: Mapping[str, Any], register: Register) -> None:
    if head["key"] != _fingerprint(register.key):
        raise StateError("audit.other_key")


def _broken(code: str, row: int) -> StateError:
    return StateError("audit.broken", what=Message(f"audit.{code}", {"row": row}), row=row)


def _mac(key: bytes, *content: Any) -> str:
    return hmac.digest(key, orjson.dumps(content), "sha256").hex()


def _seal(key: bytes, head: Mapping[str, Any]) -> str:
    pruned = (head["pruned"],) if head["pruned"] else ()  # heads of before could not say it
    return _mac(key, "head", *(head[name] for name in ("start", "before", "last", "mac")), *pruned)


def _fingerprint(key: bytes) -> str:
    return _mac(key, "fingerprint")[:16]
