"""Who an account is at the agency's own sign-in service: the operator links them, nobody else."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from api.auth.accounts import ACCOUNT_COLUMNS, Account, account_of
from api.register import database as db
from api.register.database import Register
from geo.errors import InputError

__all__ = ["account_of_subject", "link_subject", "subjects_of", "unlink_subject"]

_MOST_SUBJECT = 255  # OpenID Connect Core, section 2


def link_subject(register: Register, account: Account, *, issuer: str, subject: str) -> None:
    """Let ``subject`` of ``issuer`` sign in to an account; linked already, nothing happens.

    Raises
    ------
    InputError
        The subject is that of another account, or none can be so long.
    """
    if not 0 < len(subject) <= _MOST_SUBJECT:
        raise InputError("accounts.subject_length", field="subject", most=_MOST_SUBJECT)
    values = {"issuer": issuer, "subject": subject, "account_id": account.id}
    try:
        with register.begin() as connection:
            connection.execute(db.identities.insert().values(**values))
    except IntegrityError:
        linked = account_of_subject(register, issuer=issuer, subject=subject)
        if linked is not None and linked.id != account.id:
            raise InputError("accounts.subject_taken", field="subject", name=linked.name) from None


def unlink_subject(register: Register, account: Account, *, issuer: str, subject: str) -> None:
    """End that ``subject`` signs in to an account; where it does not, nothing happens."""
    identities = db.identities
    own = (identities.c.account_id == account.id) & (identities.c.subject == subject)
    with register.begin() as connection:
        connection.execute(identities.delete().where(own, identities.c.issuer == issuer))


def subjects_of(register: Register, account: Account, *, issuer: str) -> Sequence[str]:
    """Who signs in to an account by ``issuer``."""
    identities = db.identities.c
    own = (identities.account_id == account.id) & (identities.issuer == issuer)
    with register.begin() as connection:
        return connection.scalars(
            sa.select(identities.subject).where(own).order_by(identities.subject)
        ).all()


def account_of_subject(register: Register, *, issuer: str, subject: str) -> Account | None:
    """The account that ``subject`` of ``issuer`` is linked to."""
    identities = db.identities
    query = (
        sa.select(*ACCOUNT_COLUMNS)
        .join(identities, identities.c.account_id == db.accounts.c.id)
        .where(identities.c.issuer == issuer, identities.c.subject == subject)
    )
    with register.begin() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else account_of(row)
