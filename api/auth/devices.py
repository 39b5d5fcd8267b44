"""Devices on which an account signed in before: a random token, kept as a hash with an expiry.

A known device does not wait when others try the account's name; it still needs the password.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from api.auth.accounts import Account, account_name
from api.register import database as db
from api.register.database import Register

__all__ = ["DEVICE_DAYS", "is_known_device", "remember_device"]

DEVICE_DAYS = 180


def remember_device(register: Register, account: Account) -> str:
    """A new token for the device on which ``account`` signed in; expired ones are cleared."""
    now, token = datetime.now(UTC), secrets.token_urlsafe(32)
    expires = now + timedelta(days=DEVICE_DAYS)
    with register.begin() as connection:
        connection.execute(db.devices.delete().where(db.devices.c.expires_at <= now.isoformat()))
        connection.execute(
            db.devices.insert().values(
                token_hash=_hash(token), account_id=account.id, expires_at=expires.isoformat()
            )
        )
    return token


def is_known_device(register: Register, token: str | None, *, name: str) -> bool:
    """Whether the account called ``name`` signed in on the device with this token."""
    if not token:
        return False
    query = (
        sa.select(db.accounts.c.name)
        .join(db.devices, db.devices.c.account_id == db.accounts.c.id)
        .where(db.devices.c.token_hash == _hash(token))
        .where(db.devices.c.expires_at > datetime.now(UTC).isoformat())
    )
    with register.begin() as connection:
        return connection.execute(query).scalar_one_or_none() == account_name(name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
