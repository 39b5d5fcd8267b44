"""The store of scenarios: sets of changes in the register, each under a name.

Results are not stored: they are computed on the release being served, at each request.
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
from api.errors import ConflictError, NotFoundError
from api.register import database as db
from api.register.database import Register
from geo.errors import InputError
from geo.i18n import Message
from geo.imports.person_check import personal_text
from geo.shelters import names_shelter
from layers.visibility import OPERATOR as OPERATOR_TIER
from layers.visibility import SCENARIO_PARTS

__all__ = [
    "MOST_STORED",
    "OPERATOR",
    "ScenarioStore",
    "StoredScenario",
    "account_id",
    "stored_line",
]

MOST_STORED = 200
"""Scenarios that one account may store."""
OPERATOR = "operator"
"""Owner of a scenario saved on the command line."""
_NAME, _NOTE = 120, 500


@dataclass(frozen=True)
class StoredScenario:
    """One stored scenario; ``owner`` is an account's name, ``changes`` those of a scenario file."""

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

    def card(self, *, owned: bool, release: str) -> dict[str, Any]:
        """Its entry in a list; ``release`` is the one being served, as its reader knows it."""
        return {
            "id": self.id,
            "name": self.name,
            "note": self.note,
            "mine": owned,
            "shared": self.shared,
            "created": self.created_at,
            "updated": self.updated_at,
            "changes": {part: len(self.changes.get(part, [])) for part in SCENARIO_PARTS},
            "saved_release": self.release,
            "release": release,
            "re_evaluated": self.release != release,
        }


class ScenarioStore:
    """Adds, lists, shares and removes scenarios.

    A ``principal`` of None is the operator at the command line, who sees them all.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def releases(self) -> set[str]:
        """Ids of the releases that scenarios were saved on, each as its owner's tier knows it."""
        with self._register.begin() as connection:
            return set(connection.scalars(sa.select(db.scenarios.c.release).distinct()))

    def add(
        self,
        principal: Principal | None,
        *,
        name: str,
        note: str,
        changes: Mapping[str, Any],
        release: str,
        shared: bool = False,
    ) -> StoredScenario:
        """Store a scenario.

        Raises
        ------
        InputError
            No name, or a text that is too long or holds data on a person or a shelter.
        ConflictError
            The account has as many as it may.
        """
        now, table = _now(), db.scenarios
        _check_texts(changes, "")
        row = {
            "id": secrets.token_hex(8),
            "tier": OPERATOR_TIER if principal is None else principal.tier,
            "province_code": None if principal is None else principal.province,
            "name": stored_line(name, "name", _NAME),
            "note": stored_line(note, "note", _NOTE, required=False),
            "changes": json.dumps(dict(changes), ensure_ascii=False, sort_keys=True),
            "shared": shared,
            "release": release,
            "created_at": now,
            "updated_at": now,
        }
        with self._register.begin() as connection:
            account = None if principal is None else account_id(connection, principal)
            # A comparison with None becomes IS NULL: the operator's.
            owned = sa.select(sa.func.count()).where(table.c.account_id == account)
            count = connection.execute(owned).scalar() or 0
            if count >= MOST_STORED:
                raise ConflictError("scenarios.list_full", held=count)
            connection.execute(table.insert().values(account_id=account, **row))
        return self.get(principal, str(row["id"]))

    def all_for(self, principal: Principal | None) -> list[StoredScenario]:
        """The principal's scenarios and those shared within tier and province, newest first."""
        order = (db.scenarios.c.updated_at.desc(), db.scenarios.c.id)
        with self._register.begin() as connection:
            rows = connection.execute(_query(principal).order_by(*order)).mappings()
            return [_stored(row) for row in rows]

    def get(self, principal: Principal | None, scenario_id: str) -> StoredScenario:
        """One of :meth:`all_for`; :class:`NotFoundError` whether hidden or not existing."""
        query = _query(principal).where(db.scenarios.c.id == scenario_id)
        with self._register.begin() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFoundError
        return _stored(row)

    def change(
        self,
        principal: Principal | None,
        scenario_id: str,
        *,
        name: str | None = None,
        shared: bool | None = None,
    ) -> StoredScenario:
        """Rename, share or no longer share a scenario of the principal."""
        self.owned(principal, scenario_id)
        values: dict[str, Any] = {"updated_at": _now()}
        if name is not None:
            values["name"] = stored_line(name, "name", _NAME)
        if shared is not None:
            values["shared"] = shared
        update = db.scenarios.update().where(db.scenarios.c.id == scenario_id).values(**values)
        with self._register.begin() as connection:
            connection.execute(update)
        return self.get(principal, scenario_id)

    def remove(self, principal: Principal | None, scenario_id: str) -> None:
        """Remove a scenario of the principal."""
        self.owned(principal, scenario_id)
        with self._register.begin() as connection:
            connection.execute(db.scenarios.delete().where(db.scenarios.c.id == scenario_id))

    def owned(self, principal: Principal | None, scenario_id: str) -> StoredScenario:
        """A scenario of the principal; :class:`NotFoundError` for one that may only be read."""
        scenario = self.get(principal, scenario_id)
        if principal is not None and scenario.owner != principal.name:
            raise NotFoundError
        return scenario


def _query(principal: Principal | None) -> sa.Select[Any]:
    table, accounts = db.scenarios, db.accounts
    columns = [c for c in table.c if c.name != "account_id"]
    query = sa.select(*columns, accounts.c.name.label("owner")).select_from(
        table.outerjoin(accounts, table.c.account_id == accounts.c.id)
    )
    if principal is None:
        return query
    within = (table.c.tier == principal.tier) & (
        table.c.province_code.is_(None)
        if principal.province is None
        else table.c.province_code == principal.province
    )
    return query.where(within & ((accounts.c.name == principal.name) | table.c.shared))


def account_id(connection: Any, principal: Principal) -> int:
    """Id of the principal's account; :class:`NotFoundError` if it has been removed meanwhile."""
    query = sa.select(db.accounts.c.id).where(db.accounts.c.name == principal.name)
    account = connection.execute(query).scalar_one_or_none()
    if account is None:
        raise NotFoundError
    return int(account)


def _stored(row: Mapping[Any, Any]) -> StoredScenario:
    owner, changes = row["owner"] or OPERATOR, json.loads(row["changes"])
    return StoredScenario(**{**row, "owner": owner, "changes": changes})


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
    if personal := personal_text(text):
        raise InputError(
            "scenarios.personal_data", field=field, name=field, personal=Message(personal)
        )
    if names_shelter(text):
        raise InputError("scenarios.shelter", field=field, name=field)


def stored_line(text: str, field: str, most: int, *, required: bool = True) -> str:
    """A text of one line as the register keeps it.

    Raises
    ------
    InputError
        It is empty, too long or holds data on a person or a shelter.
    """
    text = " ".join(text.split())
    if (required and not text) or len(text) > most or not text.isprintable():
        raise InputError("scenarios.text_length", field=field, name=field, most=most)
    _check_text(text, field)
    return text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
