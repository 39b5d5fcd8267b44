"""Saved scenarios: what somebody would change, kept in the register under a name.

Results are not kept: they are computed on the release being served, whenever asked for.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from api.auth.principal import Principal
from api.http.errors import ConflictError, NotFoundError
from api.register import database as db
from api.register.database import Register
from geo.errors import InputError
from geo.imports.personal import find_personal, find_shelter

__all__ = ["MOST_SAVED", "OPERATOR", "Saved", "SavedScenarios"]

MOST_SAVED = 200
"""Scenarios that one account may keep."""
OPERATOR = "operator"
"""Who a scenario saved on the command line belongs to."""
_NAME, _NOTE = 120, 500


@dataclass(frozen=True)
class Saved:
    """One saved scenario; ``owner`` is an account's name, ``changes`` those of a scenario file."""

    id: str
    owner: str
    tier: str
    province_code: str | None
    name: str
    note: str
    changes: dict[str, Any]
    shared: bool
    release: str
    created_at: str
    updated_at: str

    def card(self, *, mine: bool, release: str) -> dict[str, Any]:
        """What a list tells of it; ``release`` is the one being served, as its reader knows it."""
        parts = ("posts", "legs", "indicators", "demand", "services")
        return {
            "id": self.id,
            "name": self.name,
            "note": self.note,
            "mine": mine,
            "shared": self.shared,
            "created": self.created_at,
            "updated": self.updated_at,
            "changes": {part: len(self.changes.get(part, [])) for part in parts},
            "saved_release": self.release,
            "release": release,
            "re_evaluated": self.release != release,
        }


class SavedScenarios:
    """Keeps, lists, shares and removes scenarios.

    A ``caller`` of None is the operator at the command line, who sees them all.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def add(
        self,
        caller: Principal | None,
        *,
        name: str,
        note: str,
        changes: Mapping[str, Any],
        release: str,
        shared: bool = False,
    ) -> Saved:
        """Keep a scenario.

        Raises
        ------
        InputError
            No name, or a text that is too long or holds data on a person or a shelter.
        ConflictError
            The account keeps as many as it may.
        """
        now = _now()
        _check_texts(changes, "")
        row = {
            "id": secrets.token_urlsafe(12),
            "tier": "police" if caller is None else caller.tier,
            "province_code": None if caller is None else caller.own,
            "name": _text(name, "name", _NAME),
            "note": _text(note, "note", _NOTE, needed=False),
            "changes": json.dumps(dict(changes), ensure_ascii=False, sort_keys=True),
            "shared": shared,
            "release": release,
            "created_at": now,
            "updated_at": now,
        }
        table = db.scenarios
        with self._register.begin() as connection:
            account = None if caller is None else _account_id(connection, caller)
            mine = table.c.account_id.is_(None) if account is None else (
                table.c.account_id == account
            )  # fmt: skip
            held = connection.execute(sa.select(sa.func.count()).where(mine)).scalar() or 0
            if held >= MOST_SAVED:
                raise ConflictError(f"{held} scenarios are saved already; remove one first.")
            connection.execute(table.insert().values(account_id=account, **row))
        return self.get(caller, str(row["id"]))

    def all_for(self, caller: Principal | None) -> list[Saved]:
        """One's own and those shared within the tier (and province), newest first."""
        order = (db.scenarios.c.updated_at.desc(), db.scenarios.c.id)
        with self._register.engine.connect() as connection:
            rows = connection.execute(_query(caller).order_by(*order)).all()
        return [_saved(row._mapping) for row in rows]

    def get(self, caller: Principal | None, scenario_id: str) -> Saved:
        """One of those; :class:`NotFoundError` whether it is hidden or does not exist."""
        with self._register.engine.connect() as connection:
            row = connection.execute(
                _query(caller).where(db.scenarios.c.id == scenario_id)
            ).one_or_none()
        if row is None:
            raise NotFoundError
        return _saved(row._mapping)

    def change(
        self,
        caller: Principal | None,
        scenario_id: str,
        *,
        name: str | None = None,
        shared: bool | None = None,
    ) -> Saved:
        """Rename, share or no longer share one's own."""
        found = self.own(caller, scenario_id)
        values: dict[str, Any] = {"updated_at": _now()}
        if name is not None:
            values["name"] = _text(name, "name", _NAME)
        if shared is not None:
            values["shared"] = shared
        with self._register.begin() as connection:
            table = db.scenarios
            connection.execute(table.update().where(table.c.id == found.id).values(**values))
        return self.get(caller, scenario_id)

    def remove(self, caller: Principal | None, scenario_id: str) -> None:
        """Remove one's own."""
        found = self.own(caller, scenario_id)
        with self._register.begin() as connection:
            connection.execute(db.scenarios.delete().where(db.scenarios.c.id == found.id))

    def own(self, caller: Principal | None, scenario_id: str) -> Saved:
        """One's own; for one that may only be read there is nothing here to change."""
        found = self.get(caller, scenario_id)
        if caller is not None and found.owner != caller.name:
            raise NotFoundError
        return found


def _query(caller: Principal | None) -> sa.Select[Any]:
    table, accounts = db.scenarios, db.accounts
    columns = [c for c in table.c if c.name != "account_id"]
    query = sa.select(*columns, accounts.c.name.label("owner")).select_from(
        table.outerjoin(accounts, table.c.account_id == accounts.c.id)
    )
    if caller is None:
        return query
    within = (table.c.tier == caller.tier) & (
        table.c.province_code.is_(None)
        if caller.own is None
        else table.c.province_code == caller.own
    )
    return query.where(within & ((accounts.c.name == caller.name) | table.c.shared))


def _account_id(connection: Any, caller: Principal) -> int:
    query = sa.select(db.accounts.c.id).where(db.accounts.c.name == caller.name)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:  # removed since it was asked who calls
        raise NotFoundError
    return int(found)


def _saved(row: Mapping[Any, Any]) -> Saved:
    told: dict[str, Any] = {
        **row,
        "owner": row["owner"] or OPERATOR,
        "changes": json.loads(row["changes"]),
    }
    return Saved(**told)


def _check_texts(value: Any, field: str) -> None:
    """Refuse data on a person or a shelter in any text of a scenario's changes."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            _check_texts(part, f"{field}.{name}" if field else str(name))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            _check_texts(part, f"{field}[{i}]")
    elif isinstance(value, str):
        _check_text(value, field)


def _check_text(text: str, field: str) -> None:
    if found := find_personal(text):
        raise InputError(f"{field} seems to hold {found}; leave it out", field=field)
    if find_shelter(text):
        raise InputError(f"{field} seems to name a shelter; leave it out", field=field)


def _text(text: str, field: str, most: int, *, needed: bool = True) -> str:
    text = " ".join(text.split())
    if (needed and not text) or len(text) > most or not text.isprintable():
        raise InputError(f"{field} must be a line of 1 to {most} characters", field=field)
    _check_text(text, field)
    return text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
