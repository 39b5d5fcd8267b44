"""Keys of programs (QGIS, GDAL, a script): ``pj_<id>_<secret>``; they read, until they expire.

A program sends its key as ``Authorization: Bearer``, or as the password of HTTP Basic beside the
name of the account. The key sees what the account sees.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from api.auth.accounts import ACCOUNT_COLUMNS, Account, account_name, account_of
from api.auth.vault import Vault
from api.errors import ConflictError
from api.register import database as db
from api.register.database import Register
from geo.errors import InputError, UnknownNameError
from geo.i18n import Message
from geo.imports.person_check import personal_text

__all__ = [
    "DEFAULT_DAYS", "MOST_DAYS", "MOST_PURPOSE", "Key", "Keys", "NewKey", "PresentedKey",
    "is_readable", "keys_of", "presented_key", "revoke_key",
]  # fmt: skip

DEFAULT_DAYS, MOST_DAYS, MOST_PURPOSE = 90, 400, 120
_MOST_KEYS = 20
_PREFIX = "pj_"
_READABLE = (
    "/ogc", "/v1/areas", "/v1/corridors", "/v1/counts", "/v1/coverage", "/v1/exports",
    "/v1/interventions", "/v1/pretexts", "/v1/releases", "/v1/terminals", "/v1/warnings",
    "/v1/warnings.atom",
)  # fmt: skip
"""Addresses that a key may read, with all below them."""


@dataclass(frozen=True)
class Key:
    """A key without its secret part; times are UTC (ISO 8601), ``last_used`` is a day."""

    id: str
    purpose: str
    created_at: str
    expires_at: str
    last_used: str | None


@dataclass(frozen=True)
class NewKey:
    """A new key; ``text`` is what a program sends, shown once."""

    key: Key
    text: str

    def __repr__(self) -> str:
        return f"NewKey({self.key.id!r}, text=...)"


@dataclass(frozen=True)
class PresentedKey:
    """What a request sent: the text, and over HTTP Basic the name beside it."""

    text: str
    name: str | None = None

    def __repr__(self) -> str:
        return "PresentedKey(...)"


def presented_key(authorization: str) -> PresentedKey | None:
    """The key in an ``Authorization`` header; whatever HTTP Basic sends is taken for one.

    Examples
    --------
    >>> presented_key("Bearer pj_1a2b_xyz").name, presented_key("Basic bHNtOnBqXzFfeA==").name
    (None, 'lsm')
    >>> presented_key("Bearer a-session")
    """
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value.startswith(_PREFIX):
        return PresentedKey(value)
    if scheme.lower() != "basic":
        return None
    try:
        name, _, text = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        name, text = "", ""
    return PresentedKey(text, name)


def is_readable(method: str, path: str) -> bool:
    """Whether a key may ask for an address.

    >>> is_readable("GET", "/ogc/collections"), is_readable("POST", "/v1/plans/posts")
    (True, False)
    """
    inside = any(f"{path}/".startswith(f"{address}/") for address in _READABLE)
    return inside and method in {"GET", "HEAD"}


def keys_of(register: Register, account: Account) -> Sequence[Key]:
    """The keys of an account, the newest first; expired ones stay until the next is made."""
    keys = db.api_keys.c
    columns = (keys.id, keys.purpose, keys.created_at, keys.expires_at, keys.last_used)
    query = (
        sa.select(*columns).where(keys.account_id == account.id).order_by(keys.created_at.desc())
    )
    with register.begin() as connection:
        return [Key(*row) for row in connection.execute(query)]


def revoke_key(register: Register, account: Account, key_id: str) -> None:
    """Remove one key of an account; :class:`UnknownNameError` where it has none with this id."""
    keys = db.api_keys
    own = (keys.c.account_id == account.id) & (keys.c.id == key_id)
    with register.begin() as connection:
        if connection.execute(keys.delete().where(own)).rowcount == 0:
            raise UnknownNameError("keys.unknown", field="id", id=key_id)


class Keys:
    """Makes keys, and finds the account of one."""

    def __init__(self, register: Register, *, vault: Vault) -> None:
        self.register = register
        self._vault = vault

    def make(self, account: Account, *, purpose: str, days: int = DEFAULT_DAYS) -> NewKey:
        """A new key for ``days`` days; the account's expired ones are cleared.

        Raises
        ------
        InputError
            No purpose, one that is too long, or one that holds data of a person.
        ConflictError
            The account has as many keys as it may.
        """
        purpose = " ".join(purpose.split())
        if not 0 < len(purpose) <= MOST_PURPOSE:
            raise InputError("keys.purpose", field="purpose", most=MOST_PURPOSE)
        if personal := personal_text(purpose):
            raise InputError(
                "session.purpose_personal", field="purpose", personal=Message(personal)
            )
        now, table = datetime.now(UTC), db.api_keys
        key = Key(
            secrets.token_hex(5), purpose, _stamp(now), _stamp(now + timedelta(days=days)), None
        )
        secret = secrets.token_urlsafe(32)
        own = table.c.account_id == account.id
        with self.register.begin() as connection:
            connection.execute(table.delete().where(own, table.c.expires_at <= _stamp(now)))
            held = connection.execute(sa.select(sa.func.count()).where(own)).scalar_one()
            if held >= _MOST_KEYS:
                raise ConflictError("keys.too_many", most=_MOST_KEYS)
            values = {**vars(key), "account_id": account.id, "secret_hash": self._hash(secret)}
            connection.execute(table.insert().values(**values))
        return NewKey(key, f"{_PREFIX}{key.id}_{secret}")

    def find(self, presented: PresentedKey) -> tuple[Account, str] | None:
        """The account of a key and the key's id; None where it is unknown, expired or another's.

        The day is noted.
        """
        match = re.fullmatch(rf"{_PREFIX}([0-9a-f]+)_([\w-]+)", presented.text, re.ASCII)
        if match is None:
            return None
        key_id, secret = match.groups()
        now, keys = datetime.now(UTC), db.api_keys
        query = (
            sa.select(*ACCOUNT_COLUMNS, keys.c.secret_hash, keys.c.last_used)
            .join(keys, keys.c.account_id == db.accounts.c.id)
            .where(keys.c.id == key_id, keys.c.expires_at > _stamp(now))
        )
        with self.register.begin() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None or not hmac.compare_digest(row["secret_hash"], self._hash(secret)):
            return None
        account, today = account_of(row), now.date().isoformat()
        if presented.name is not None and account_name(presented.name) != account.name:
            return None
        if row["last_used"] != today:
            with self.register.begin() as connection:
                connection.execute(keys.update().where(keys.c.id == key_id).values(last_used=today))
        return account, key_id

    def _hash(self, secret: str) -> str:
        return self._vault.digest("key", secret)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
