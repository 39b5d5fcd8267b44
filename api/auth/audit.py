"""The audit log: account, action, time and status of each request. Rows are only ever added.

A row holds the account's name, the name of the route, the resource requested (only if it exists:
free text that matches nothing is not stored) and the *names* of the query parameters, never their
values. So it contains no personal data of anyone but the account holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from api.register import database as db
from api.register.database import Register

__all__ = ["entries", "record"]


def record(
    register: Register,
    *,
    account: str,
    tier: str,
    action: str,
    status: int,
    target: str = "",
    parameters: Iterable[str] = (),
) -> None:
    """Add one row; ``target`` is kept only for answers below 400."""
    row = db.audit.insert().values(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        account=account,
        tier=tier,
        action=action[:64],
        target=target[:200] if status < 400 else "",
        parameters=",".join(sorted(set(parameters)))[:200],
        status=status,
    )
    with register.begin() as connection:
        connection.execute(row)


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
    with register.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]
