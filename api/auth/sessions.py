"""Sign-ins: random tokens given once, kept as a keyed hash with an expiry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from api.auth.accounts import ACCOUNT_COLUMNS, Account, account_of
from api.register import database as db
from api.register.database import Register

__all__ = ["Session", "Sessions"]


@dataclass(frozen=True)
class Session:
    """A fresh sign-in; ``token`` exists only here and at the client."""

    token: str
    account: Account
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Session({self.account.name!r}, token=...)"


class Sessions:
    """Start, look up and end sign-ins.

    ``lifetime`` is how long a sign-in lasts, ``key`` that of the tokens' HMAC-SHA256.
    """

    def __init__(self, register: Register, *, lifetime: timedelta, key: bytes = b"") -> None:
        self.register = register
        self.lifetime = lifetime
        self._key = key or b"petajaga"

    def start(self, account: Account) -> Session:
        """Sign ``account`` in; expired sessions are cleared on the way."""
        now, token = datetime.now(UTC), secrets.token_urlsafe(32)
        expires = now + self.lifetime
        with self.register.begin() as connection:
            connection.execute(db.sessions.delete().where(db.sessions.c.expires_at <= _stamp(now)))
            connection.execute(
                db.sessions.insert().values(
                    token_hash=self._hash(token),
                    account_id=account.id,
                    created_at=_stamp(now),
                    expires_at=_stamp(expires),
                )
            )
        return Session(token, account, expires)

    def find(self, token: str) -> Account | None:
        """The account signed in with ``token``, or None where it is unknown or expired."""
        query = (
            sa.select(*ACCOUNT_COLUMNS)
            .join(db.sessions, db.sessions.c.account_id == db.accounts.c.id)
            .where(db.sessions.c.token_hash == self._hash(token))
            .where(db.sessions.c.expires_at > _stamp(datetime.now(UTC)))
        )
        with self.register.engine.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else account_of(row)

    def end(self, token: str) -> None:
        """Sign out; an unknown token is no error."""
        session = db.sessions.delete().where(db.sessions.c.token_hash == self._hash(token))
        with self.register.begin() as connection:
            connection.execute(session)

    def _hash(self, token: str) -> str:
        data = token.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()


def _stamp(moment: datetime) -> str:
    """UTC with microseconds: as text it sorts as time does, in every database."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
