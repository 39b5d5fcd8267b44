"""Accounts of the desks: names, tiers, password hashes (argon2id), demo accounts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError

from api.register import database as db
from api.register.database import Register
from geo.errors import InputError, UnknownNameError
from geo.i18n import Message, languages
from geo.imports.person_check import personal_text
from layers.desks import DEMO_PROVINCE, DESKS
from layers.registry import check_tier
from layers.schema import Tier
from layers.visibility import RIGHTS

__all__ = [
    "ACCOUNT_COLUMNS",
    "MOST_ORGANISATION",
    "Account",
    "NewAccount",
    "account_name",
    "account_of",
    "add_account",
    "create_demo_accounts",
    "get_account",
    "list_accounts",
    "new_password",
    "remove_account",
    "set_administrator",
    "set_password",
    "verify",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0, 1: read aloud without mistakes
_MIN_PASSWORD, _MAX_PASSWORD = 10, 256
MOST_ORGANISATION = 120
"""Characters of an organisation's name."""
_LEAST_GUESSES_LOG10 = 10.0
"""Guesses that a password must withstand (Wheeler 2016, "zxcvbn", USENIX Security)."""
_JUDGED = 72
"""Characters of a password that are judged: the time grows with their square."""
_LOCAL_WORDS = (
    "petajaga", "indonesia", "merdeka", "bismillah", "rahasia", "sandi", "kata", "sayang", "cinta",
    "polisi", "polda", "polres", "bappeda", "gugus", "tugas", "kupang", "nunukan", "batam",
    "jakarta", "garuda", "pancasila",
)  # fmt: skip
"""What is guessed first here and is in no English list."""
_hasher = PasswordHasher()  # the library's defaults follow RFC 9106


@dataclass(frozen=True)
class Account:
    """Who may sign in and what they see; never the password or its hash."""

    id: int
    name: str
    desk: str
    tier: Tier
    province_code: str | None
    language: str
    created_at: str
    administrator: bool = False
    organisation: str | None = None


@dataclass(frozen=True)
class NewAccount:
    """A new account with its password, which is shown once and stored only as a hash."""

    account: Account
    password: str

    def __repr__(self) -> str:
        return f"NewAccount({self.account.name!r}, password=...)"


ACCOUNT_COLUMNS = tuple(db.accounts.c[field.name] for field in fields(Account))


def account_of(values: sa.RowMapping) -> Account:
    """The account in a row of :data:`ACCOUNT_COLUMNS`."""
    columns = {column.name: values[column] for column in ACCOUNT_COLUMNS}
    return Account(**{**columns, "tier": check_tier(columns["tier"])})


def account_name(text: str) -> str:
    """The name as accounts have it: no spaces around it, small letters."""
    return text.strip().lower()


def new_password() -> str:
    """A random password of 16 easily read characters in four groups (79 bits)."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def add_account(
    register: Register,
    *,
    name: str,
    desk: str,
    tier: str,
    province_code: str | None = None,
    password: str | None = None,
    language: str = "id",
    administrator: bool = False,
    organisation: str | None = None,
) -> NewAccount:
    """Add an account; without ``password`` a random one is generated.

    Raises
    ------
    InputError
        The name is taken or not usable, the desk, tier or language unknown, a partner without a
        province, a tier that the desk does not have, a password that is too short or easily
        guessed, or an organisation that is too long or names a person.
    """
    chosen_tier = check_tier(tier)
    name = account_name(name)
    if not _NAME.fullmatch(name):
        raise InputError("accounts.invalid_name", field="name")
    if desk not in DESKS:
        raise InputError("accounts.unknown_desk", field="desk", desk=desk, desks=tuple(DESKS))
    if chosen_tier not in DESKS[desk].tiers:
        tiers = DESKS[desk].tiers
        raise InputError("accounts.desk_tier", field="tier", desk=desk, tier=tier, tiers=tiers)
    if language not in languages():
        raise InputError("accounts.unknown_language", field="language", languages=languages())
    if RIGHTS[chosen_tier].own_province and not province_code:
        raise InputError("accounts.province_missing", field="province")
    if province_code is not None and not re.fullmatch(r"\d\d", province_code):
        raise InputError("accounts.invalid_province", field="province")
    organisation = " ".join((organisation or "").split()) or None
    if organisation and len(organisation) > MOST_ORGANISATION:
        raise InputError("accounts.organisation_long", field="organisation", most=MOST_ORGANISATION)
    if organisation and (personal := personal_text(organisation)):
        raise InputError(
            "accounts.organisation_personal", field="organisation", personal=Message(personal)
        )
    secret = new_password() if password is None else password
    values = {
        "name": name,
        "desk": desk,
        "tier": chosen_tier,
        "province_code": province_code,
        "password_hash": hash_password(secret, name=name),
        "language": language,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "administrator": administrator,
        "organisation": organisation,
    }
    try:
        with register.begin() as connection:
            connection.execute(db.accounts.insert().values(**values))
    except IntegrityError:
        raise InputError("accounts.name_taken", field="name", name=name) from None
    return NewAccount(get_account(register, name), secret)


def create_demo_accounts(register: Register) -> list[NewAccount]:
    """Add the demo accounts to a register that has no account yet; otherwise add none.

    The passwords are random and returned only this once.
    """
    with register.begin() as connection:
        if connection.execute(sa.select(sa.func.count()).select_from(db.accounts)).scalar_one():
            return []
    return [
        add_account(
            register,
            name=desk.demo_account,
            desk=desk.slug,
            tier=desk.tier,
            province_code=DEMO_PROVINCE if RIGHTS[desk.tier].own_province else None,
            organisation=f"Contoh {desk.slug}" if RIGHTS[desk.tier].own_province else None,
            administrator=RIGHTS[desk.tier].whole_release,
        )
        for desk in DESKS.values()
        if desk.demo_account
    ]


def get_account(register: Register, name: str) -> Account:
    """Look up one account; :class:`UnknownNameError` where there is none."""
    row = _row_of(register, name)
    if row is None:
        raise UnknownNameError("accounts.unknown", field="name", name=name)
    return account_of(row)


def _row_of(register: Register, name: str) -> sa.RowMapping | None:
    query = sa.select(db.accounts).where(db.accounts.c.name == account_name(name))
    with register.begin() as connection:
        row: sa.RowMapping | None = connection.execute(query).mappings().one_or_none()
    return row


def list_accounts(register: Register) -> Sequence[Account]:
    """All accounts by name."""
    query = sa.select(*ACCOUNT_COLUMNS).order_by(db.accounts.c.name)
    with register.begin() as connection:
        return [account_of(row) for row in connection.execute(query).mappings()]


def set_password(register: Register, name: str, password: str | None = None) -> NewAccount:
    """Set an account's password (a random one by default); its sessions, devices and keys end."""
    account = get_account(register, name)
    secret = new_password() if password is None else password
    hashed = hash_password(secret, name=account.name)
    with register.changing_accounts() as connection:
        connection.execute(
            db.accounts.update().where(db.accounts.c.id == account.id).values(password_hash=hashed)
        )
        for table in (db.sessions, db.devices, db.api_keys):
            connection.execute(table.delete().where(table.c.account_id == account.id))
    return NewAccount(account, secret)


def set_administrator(register: Register, name: str, *, administrator: bool) -> None:
    """Let an account start builds and publish them, or no longer."""
    account = get_account(register, name)
    with register.changing_accounts() as connection:
        connection.execute(
            db.accounts.update()
            .where(db.accounts.c.id == account.id)
            .values(administrator=administrator)
        )


def remove_account(register: Register, name: str) -> None:
    """Remove an account and its sessions; its audit rows stay."""
    account = get_account(register, name)
    with register.changing_accounts() as connection:
        for table in (db.sessions, db.devices):
            connection.execute(table.delete().where(table.c.account_id == account.id))
        connection.execute(db.accounts.delete().where(db.accounts.c.id == account.id))


def hash_password(password: str, *, name: str) -> str:
    """Hash with argon2id; :class:`InputError` when too short, too long or easily guessed."""
    from zxcvbn import zxcvbn  # only where a password is set

    if not _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD:
        limits = {"least": _MIN_PASSWORD, "most": _MAX_PASSWORD}
        raise InputError("accounts.password_length", field="password", **limits)
    known = [name, *_LOCAL_WORDS]
    if zxcvbn(password[:_JUDGED], user_inputs=known)["guesses_log10"] < _LEAST_GUESSES_LOG10:
        raise InputError("accounts.password_easy", field="password")
    return _hasher.hash(password)


@cache
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def verify(register: Register, *, name: str, password: str) -> Account | None:
    """Return the account if name and password fit.

    An unknown name costs the same hashing as a wrong password, against timing attacks.
    """
    row = _row_of(register, name)
    stored = _decoy_hash() if row is None else str(row["password_hash"])
    try:
        _hasher.verify(stored, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return None
    if row is None:
        return None
    if _hasher.check_needs_rehash(stored):
        with register.begin() as connection:
            connection.execute(
                db.accounts.update()
                .where(db.accounts.c.id == row["id"])
                .values(password_hash=_hasher.hash(password))
            )
    return account_of(row)
