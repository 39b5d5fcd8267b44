"""Sign-ins: random tokens given once, kept as a keyed hash with an expiry.

Who is signed in is remembered for five seconds, so that most requests read no database. What this
process changes (sign-out, password, removal) counts at once, what another does within that time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from api.auth.accounts import ACCOUNT_COLUMNS, Account, account_of
from api.register import database as db
from api.register.database import Register

__all__ = ["Session", "Sessions"]

_REMEMBERED_SECONDS = 5.0
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Session:
    """A fresh sign-in; ``token`` exists only here and at the client."""

    token: str
    account: Account
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Session({self.account.name!r}, token=...)"


@dataclass(frozen=True)
class _Remembered:
    account: Account
    until: float
    state: object
    """The register's ``accounts_state`` when it was read."""


class Sessions:
    """Start, look up and end sign-ins.

    ``lifetime`` is how long a sign-in lasts, ``key`` that of the tokens' HMAC-SHA256.
    """

    def __init__(self, register: Register, *, lifetime: timedelta, key: bytes = b"") -> None:
        self.register = register
        self.lifetime = lifetime
        self._key = key or b"petajaga"
        self._remembered: dict[str, _Remembered] = {}

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

    def remembered(self, token: str) -> Account | None:
        """The account signed in with ``token``, if that was found so in the last seconds."""
        known = self._remembered.get(self._hash(token))
        if (
            known is None
            or known.state is not self.register.accounts_state
            or known.until <= time.monotonic()
        ):
            return None
        return known.account

    def find(self, token: str) -> Account | None:
        """The account signed in with ``token``, or None where it is unknown or expired."""
        hashed, now = self._hash(token), datetime.now(UTC)
        # taken before the register is read: a change meanwhile makes it worthless
        state, clock = self.register.accounts_state, time.monotonic()
        query = (
            sa.select(*ACCOUNT_COLUMNS, db.sessions.c.expires_at)
            .join(db.sessions, db.sessions.c.account_id == db.accounts.c.id)
            .where(db.sessions.c.token_hash == hashed)
            .where(db.sessions.c.expires_at > _stamp(now))
        )
        with self.register.begin() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        left = datetime.fromisoformat(row[db.sessions.c.expires_at]) - now
        until = clock + min(_REMEMBERED_SECONDS, left.total_seconds())
        account = account_of(row)
        self._remembered[hashed] = _Remembered(account, until, state)
        return account

    def expires(self, token: str) -> str | None:
        """When a sign-in ends, ISO; None where it is unknown."""
        known = db.sessions.c.token_hash == self._hash(token)
        with self.register.begin() as connection:
            return connection.scalar(sa.select(db.sessions.c.expires_at).where(known))

    def end(self, token: str) -> None:
        """Sign out; an unknown token is no error."""
        session = db.sessions.delete().where(db.sessions.c.token_hash == self._hash(token))
        with self.register.changing_accounts() as connection:
            connection.execute(session)

    def _hash(self, token: str) -> str:
        data = token.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()


def _stamp(moment: datetime) -> str:
    """UTC with microseconds: as text it sorts as time does, in every database."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
