"""The audit log: account, action, time and status of each request. Rows are only ever added.

A row holds the account's name, the name of the route, the resource requested (only if it exists:
free text that matches nothing is not stored) and the *names* of the query parameters, never their
values. So it contains no personal data of anyone but the account holder. Rows are chained
(:mod:`api.register.audit_chain`).
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from api.register import database as db
from api.register.audit_chain import append
from api.register.database import Register

__all__ = [
    "ALERT",
    "OPERATOR_NAME",
    "AuditWriter",
    "audit_row",
    "entries",
    "record",
    "record_operator",
]

Row = dict[str, Any]
ALERT = "alert.bulk"
"""Action of the row that says that an account took very much in a day."""
OPERATOR_NAME = "operator"
"""Account of the command line, and of what the service does by itself."""
_TAKING = ("get_brief", "get_export", "get_pack", "get_sheet", "ogc_items")
"""Actions that give files or pages of features."""


def audit_row(
    *,
    account: str,
    tier: str,
    action: str,
    status: int,
    target: str = "",
    parameters: Iterable[str] = (),
) -> Row:
    """A row to be added, of this moment; ``target`` is kept only for answers below 400."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "account": account,
        "tier": tier,
        "action": action[:64],
        "target": _text(target) if status < 400 else "",
        "parameters": _text(",".join(sorted(set(parameters)))),
        "status": status,
    }


def _text(text: str) -> str:
    """What every database keeps as it is: no lone surrogate, no zero character."""
    return text[:200].encode("utf-8", "replace").decode().replace("\0", "?")


def record(register: Register, row: Row) -> None:
    """Add one row; errors as :func:`api.register.audit_chain.append`."""
    append(register, [row])


def record_operator(register: Register, action: str, target: str) -> None:
    """Add what the operator, or the service by itself, did."""
    name = OPERATOR_NAME
    record(register, audit_row(account=name, tier=name, action=action, status=200, target=target))


class AuditWriter:
    """Adds the rows of requests answered at the same time in one transaction.

    A thread of its own gathers what comes while it is writing. Each request waits until its row is
    on the disk. An account with more than ``bulk`` files and pages of features in a day (UTC) gets
    one more row, :data:`ALERT`.
    """

    def __init__(self, register: Register, *, bulk: int | None = None) -> None:
        self._register = register
        self._bulk = bulk
        self._taken: dict[tuple[str, str], int] = {}
        self._waiting: queue.SimpleQueue[tuple[Row, asyncio.Future[None]] | None]
        self._waiting = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    async def record(self, row: Row) -> None:
        """Add one row, and return when it is on the disk.

        Errors as :func:`api.register.audit_chain.append`, for all rows written together.
        """
        kept = asyncio.get_running_loop().create_future()
        if self._thread is None:
            self._start()
        self._waiting.put((row, kept))
        await kept

    def close(self) -> None:
        """Write what is waiting, and stop."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="audit", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            with suppress(queue.Empty):
                while (more := self._waiting.get_nowait()) is not None:
                    group.append(more)
                self._waiting.put(None)  # the end, once this is written
            failure: Exception | None = None
            try:
                rows = [row for row, _ in group]
                append(self._register, [*rows, *self._alerts(rows)])
            except Exception as error:  # noqa: BLE001 - whoever waits for the row gets it
                failure = error
            loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
            for _, kept in group:
                loops.setdefault(kept.get_loop(), []).append(kept)
            for loop, futures in loops.items():
                with suppress(RuntimeError):  # its requests are gone with the loop
                    loop.call_soon_threadsafe(_tell, futures, failure)

    def _alerts(self, rows: Iterable[Row]) -> list[Row]:
        """A row for each account that with these rows takes more in a day than is usual."""
        alerts = []
        for row in rows:
            if self._bulk is None or row["action"] not in _TAKING or row["status"] >= 400:
                continue
            key = row["account"], row["at"][:10]
            if key not in self._taken:  # the first of the day, or since the start
                self._taken = {old: n for old, n in self._taken.items() if old[1] == key[1]}
                self._taken[key] = _taken(self._register, *key)
            self._taken[key] += 1
            if self._taken[key] == self._bulk + 1:
                alerts.append(
                    audit_row(account=row["account"], tier=row["tier"], action=ALERT, status=200,
                              target=f"> {self._bulk}")
                )  # fmt: skip
        return alerts


def _taken(register: Register, account: str, day: str) -> int:
    """Files and pages of features that an account has had since a day (UTC) began."""
    rows = db.audit.c
    query = sa.select(sa.func.count()).where(
        rows.at >= day, rows.account == account, rows.action.in_(_TAKING),
        rows.status < 400,
    )  # fmt: skip
    with register.begin() as connection:
        return int(connection.execute(query).scalar_one())


def _tell(futures: Iterable[asyncio.Future[None]], failure: Exception | None) -> None:
    for future in futures:
        if future.done():  # its request was cancelled
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)


def entries(
    register: Register,
    *,
    account: str | None = None,
    action: str | None = None,
    mark: str | None = None,
    limit: int = 100,
) -> list[Mapping[str, Any]]:
    """The newest rows first; of one account, action, or of the files with one mark if given."""
    query = sa.select(db.audit).order_by(db.audit.c.id.desc()).limit(limit)
    if account is not None:
        query = query.where(db.audit.c.account == account)
    if action is not None:
        query = query.where(db.audit.c.action == action)
    if mark is not None:
        query = query.where(db.audit.c.target.startswith(f"{mark} ", autoescape=True))
    with register.begin() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]
