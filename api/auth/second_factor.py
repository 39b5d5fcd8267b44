"""The second factor of an account: codes of an authenticator (TOTP, RFC 6238), recovery codes.

A code of 30 seconds is taken once, from the step before to the step after; a recovery code once.
Until its first right code a new second factor asks nothing of anybody.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyotp
import segno
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from api.auth.accounts import Account, new_password
from api.auth.rate_limit import SignInLimiter
from api.auth.vault import Vault
from api.errors import ConflictError, SignInError
from api.register import database as db
from api.register.database import Register
from geo.errors import InputError

__all__ = ["Enrolment", "SecondFactorState", "SecondFactors", "reset_second_factor", "state_of"]

_STEP_SECONDS = 30
_RECOVERY_CODES = 10
_SECRET, _RECOVERY = "second factor", "recovery code"


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator is set up with; it exists here and in the sealed row alone."""

    secret: str
    address: str

    def __repr__(self) -> str:
        return "Enrolment(...)"

    @property
    def picture(self) -> str:
        """The address as a QR code: an SVG picture in a ``data:`` address."""
        return segno.make(self.address, micro=False).svg_data_uri(scale=4, light="white")


@dataclass(frozen=True)
class SecondFactorState:
    """Whether an account has a second factor, and how many recovery codes are left."""

    active: bool
    recovery_codes: int


def state_of(register: Register, account: Account) -> SecondFactorState:
    """The state of an account's second factor."""
    codes = sa.select(sa.func.count()).where(db.recovery_codes.c.account_id == account.id)
    with register.begin() as connection:
        active = connection.execute(_active(account)).one_or_none() is not None
        return SecondFactorState(active, int(connection.execute(codes).scalar_one()))


def reset_second_factor(register: Register, account: Account) -> None:
    """Remove an account's second factor and recovery codes; without one nothing happens."""
    with register.begin() as connection:
        for table in (db.second_factors, db.recovery_codes):
            connection.execute(table.delete().where(table.c.account_id == account.id))


class SecondFactors:
    """Sets second factors up and asks for them.

    Wrong codes count in ``limiter`` like wrong passwords; ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        register: Register,
        *,
        vault: Vault,
        limiter: SignInLimiter,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.register = register
        self._vault = vault
        self._limiter = limiter
        self._clock = clock

    def begin(self, account: Account) -> Enrolment:
        """A new secret, in place of one that was never confirmed.

        Raises
        ------
        ConflictError
            The account has a second factor.
        """
        factors, secret = db.second_factors, pyotp.random_base32()
        unconfirmed = factors.c.confirmed_at.is_(None) & (factors.c.account_id == account.id)
        row = {"account_id": account.id, "secret": self._vault.seal(_SECRET, secret)}
        try:
            with self.register.begin() as connection:
                connection.execute(factors.delete().where(unconfirmed))
                connection.execute(factors.insert().values(**row, last_step=0))
        except IntegrityError:
            raise ConflictError("second_factor.active") from None
        name, issuer = account.name, "Petajaga"
        return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))

    def confirm(self, account: Account, code: str) -> list[str]:
        """Make the new secret effective by its first code; the recovery codes, given only now.

        Raises
        ------
        InputError
            The code is not one of the new secret, or none was begun.
        """
        factors, codes = db.second_factors, [new_password() for _ in range(_RECOVERY_CODES)]
        pending = (factors.c.account_id == account.id) & factors.c.confirmed_at.is_(None)
        hashes = [{"code_hash": self._hash(account, c), "account_id": account.id} for c in codes]
        with self.register.begin() as connection:
            secret = connection.execute(sa.select(factors.c.secret).where(pending)).scalar()
            step = None if secret is None else self._step(secret, code)
            effective = {
                "confirmed_at": datetime.now(UTC).isoformat(timespec="seconds"), "last_step": step,
            }  # fmt: skip
            if not step or not _changed(connection, factors.update().where(pending), effective):
                raise InputError("second_factor.wrong_code", field="code")
            connection.execute(db.recovery_codes.insert(), hashes)
        return codes

    def require(self, account: Account, code: str | None, *, device: str | None = None) -> None:
        """Ask for the second factor where the account has one; the code is used up.

        All devices that are not known share five wrong codes in five minutes at one account; a
        known one (``device`` names it) has its own.

        Raises
        ------
        SignInError
            ``session.code_needed`` without a code, ``session.wrong_code`` where it is not right.
        TooManyRequestsError
            Too many wrong ones.
        StateError
            The secret of the service is another than when the second factor was set up.
        """
        with self.register.begin() as connection:
            secret = connection.execute(_active(account)).scalar()
        if secret is None:
            return
        if not code:
            raise SignInError("session.code_needed")
        name = f"code {account.name}"  # with a space: no account is called so
        source = device or name
        self._limiter.attempt(name=name, source=source, known_device=device is not None)
        step = self._step(secret, code)
        with self.register.begin() as connection:  # of two at once only one finds its row
            if step:
                factors = db.second_factors
                newer = (factors.c.account_id == account.id) & (factors.c.last_step < step)
                taken = _changed(connection, factors.update().where(newer), {"last_step": step})
            else:
                codes = db.recovery_codes
                own = codes.c.code_hash == self._hash(account, code)
                taken = _changed(connection, codes.delete().where(own))
        if not taken:
            raise SignInError("session.wrong_code")
        self._limiter.succeeded(name=name, source=source)

    def _step(self, sealed: str, code: str) -> int | None:
        """The step of 30 seconds whose code it is, if it is one of now."""
        totp = pyotp.TOTP(self._vault.open(_SECRET, sealed))
        typed = "".join(code.split()).encode("ascii", "replace")
        now = int(self._clock()) // _STEP_SECONDS
        for step in (now, now - 1, now + 1):
            if hmac.compare_digest(totp.generate_otp(step).encode(), typed):
                return step
        return None

    def _hash(self, account: Account, code: str) -> str:
        letters = "".join(code.lower().replace("-", "").split())
        return self._vault.digest(_RECOVERY, str(account.id), letters)


def _active(account: Account) -> sa.Select[str]:
    factors = db.second_factors.c
    return sa.select(factors.secret).where(
        factors.account_id == account.id, factors.confirmed_at.is_not(None)
    )


def _changed(
    connection: Connection, statement: sa.Update | sa.Delete, values: dict[str, Any] | None = None
) -> bool:
    return connection.execute(statement, values).rowcount == 1
