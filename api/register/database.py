"""The one database the service writes: accounts, sign-ins, audit, saved scenarios; no cases.

SQLAlchemy core over SQLite (write-ahead log) by default, PostgreSQL by URL. Opening an older
register brings it up to date (:mod:`api.register.schema`), opening a newer one is refused.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.register.schema import VERSION, bring_up_to_date
from geo.errors import EnvironmentProblem, os_reason
from geo.files import disk_reason, private_folder
from geo.i18n.message import Message

__all__ = [
    "METADATA", "Register", "accounts", "adopted_plans", "adopted_steps", "api_keys", "audit",
    "audit_head", "devices", "identities", "open_register", "recovery_codes", "scenarios",
    "second_factors", "sessions",
]  # fmt: skip

log = logging.getLogger("petajaga.api")

METADATA = sa.MetaData()

# Desk, tier, province and language are checked by api.auth.accounts, not again in SQL.
accounts = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("desk", sa.String(16), nullable=False),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("province_code", sa.String(2)),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("language", sa.String(8), nullable=False, server_default="id"),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("administrator", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("organisation", sa.String(120)),
)


def _of_account(*, primary_key: bool = False) -> sa.Column[int]:
    """Whose the row is; it goes with the account."""
    account = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column(
        "account_id", sa.Integer, account, primary_key=primary_key, nullable=False,
        index=not primary_key,
    )  # fmt: skip


# Only the hash of a token is kept: whoever copies the register cannot sign in with it.
sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    _of_account(),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("expires_at", sa.String(32), nullable=False, index=True),
)

# Where an account signed in before; the hash of a token here too.
devices = sa.Table(
    "devices",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    _of_account(),
    sa.Column("expires_at", sa.String(40), nullable=False, index=True),
)

# What an account's authenticator is set up with, sealed where the service has a secret; in force
# once its first code was right. A code of a step up to the last one is not taken again.
second_factors = sa.Table(
    "second_factors",
    METADATA,
    _of_account(primary_key=True),
    sa.Column("secret", sa.String(300), nullable=False),
    sa.Column("confirmed_at", sa.String(32)),
    sa.Column("last_step", sa.Integer, nullable=False),
)

# Codes for when the authenticator is lost: keyed hashes, each removed when it is used.
recovery_codes = sa.Table(
    "recovery_codes",
    METADATA,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    _of_account(),
)

# Keys of programs that only read; the keyed hash of the secret part.
api_keys = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    _of_account(),
    sa.Column("secret_hash", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(120), nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("expires_at", sa.String(32), nullable=False),
    sa.Column("last_used", sa.String(10)),
)

# Who an account is at the agency's own sign-in service (OpenID Connect).
identities = sa.Table(
    "identities",
    METADATA,
    sa.Column("issuer", sa.String(200), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    _of_account(),
)

# Who, what, when, how it ended. Rows are only added, and removed after years from the oldest on
# (:func:`api.register.audit_chain.prune`); triggers of the schema refuse the rest.
audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(32), nullable=False, index=True),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("target", sa.String(200), nullable=False, server_default=""),
    sa.Column("parameters", sa.String(200), nullable=False, server_default=""),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("mac", sa.String(64)),  # none in rows of before the chain
)

# Where the chain of the audit begins and ends (:mod:`api.register.audit_chain`); one row.
audit_head = sa.Table(
    "audit_head",
    METADATA,
    sa.Column("key", sa.String(16), primary_key=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("before", sa.String(64), nullable=False),
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
    sa.Column("pruned", sa.Integer, nullable=False, server_default="0"),
)

# What somebody would change, never a result and never a person: results are computed again on the
# release being served. Without an account it is the operator's. The tier and province are those it
# was saved under: sharing never goes beyond them, whatever becomes of the account.
scenarios = sa.Table(
    "scenarios",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column(
        "account_id", sa.Integer, sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    ),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("province_code", sa.String(2)),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("note", sa.String(500), nullable=False, server_default=""),
    sa.Column("changes", sa.Text, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("release", sa.String(32), nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("updated_at", sa.String(32), nullable=False),
)

# Plans that a desk has adopted, within tier and province as scenarios are. They belong to the
# organisation and outlive the account; ``by_operator`` are those of the command line.
adopted_plans = sa.Table(
    "adopted_plans",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column(
        "account_id", sa.Integer, sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    ),
    sa.Column("by_operator", sa.Boolean, nullable=False),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("province_code", sa.String(2)),
    sa.Column("organisation", sa.String(120)),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("area", sa.String(200), nullable=False),
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("release", sa.String(32), nullable=False),
    sa.Column("adopted_on", sa.String(7), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
)

# By month. That a village was visited is in the imports of visits alone: such a step has no
# ``done`` here before its plan is closed.
adopted_steps = sa.Table(
    "adopted_steps",
    METADATA,
    sa.Column(
        "plan_id", sa.String(32), sa.ForeignKey("adopted_plans.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("place", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("area", sa.String(16), nullable=False),
    sa.Column("planned", sa.String(7), nullable=False),
    sa.Column("done", sa.String(7)),
)  # fmt: skip

# Dated interventions of offices beside those on the public record: what was done in which areas,
# never by or to whom. ``entry`` is a row as in geo/data/interventions.csv.
interventions = sa.Table(
    "interventions",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
)

# Months in which an administrator has checked the number of an office with it: of the number that
# was checked, not of one that an import puts later. Who did it stands in the audit.
contact_checks = sa.Table(
    "contact_checks",
    METADATA,
    sa.Column("service_id", sa.String(120), primary_key=True),
    sa.Column("phone", sa.String(16), nullable=False),
    sa.Column("checked", sa.String(7), nullable=False),
)


# Who cannot be reached is given up after ten seconds, who no longer hears after thirty.
_OVER_NETWORK = {"connect_timeout": "10", "tcp_user_timeout": "30000"}
_NOT_WRITABLE = frozenset({"25006", "53100", "58030"})
"""What PostgreSQL says where it is read-only, its disk full or broken."""


class Register:
    """An open register; safe to share between threads.

    ``key`` is that of the audit's chain (:mod:`api.register.opening`), without which nothing is
    added to the audit. ``accounts_state`` is another object after each change of accounts or
    sign-ins by this process, so that what was read before is not believed any more.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.key = b""
        self.accounts_state = object()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, also to read: ``with register.begin() as connection``.

        Raises
        ------
        EnvironmentProblem
            It cannot be written: the disk is full or read-only. Or the database's server is away,
            or went away meanwhile: then the transaction may have been committed or not.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            problem = _problem(error, self.engine.url)
            if problem is None:
                raise
            raise problem from error

    @contextmanager
    def changing_accounts(self) -> Iterator[Connection]:
        """:meth:`begin` for what changes or ends what somebody may see."""
        try:
            with self.begin() as connection:
                yield connection
        finally:
            self.accounts_state = object()

    def check_writable(self) -> None:
        """Write to the disk and change nothing; errors as :meth:`begin`."""
        with self.begin() as connection:
            connection.execute(VERSION.update().values(version_num=VERSION.c.version_num))

    def check_pages(self, *, whole: bool = False) -> None:
        """Look at every page of an SQLite file, ``whole`` at what indexes say of them, too.

        Raises
        ------
        EnvironmentProblem
            The file is damaged; so does any other use that comes upon it.
        """
        if self.engine.dialect.name == "sqlite":
            with self.begin() as connection:
                check = "integrity_check(1)" if whole else "quick_check(1)"
                if connection.exec_driver_sql(f"PRAGMA {check}").scalar_one() != "ok":
                    raise _torn(self.engine.url)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_register(url: str) -> Register:
    """Open (and create or bring up to date) the register at the SQLAlchemy URL ``url``.

    Raises
    ------
    EnvironmentProblem
        The database cannot be reached, written or is newer than this program.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _private_folder(Path(parsed.database))
        defaults = {} if parsed.get_backend_name() == "sqlite" else _OVER_NETWORK
        engine = sa.create_engine(
            parsed.set(query={**defaults, **parsed.query}),
            pool_pre_ping=bool(defaults),
            hide_parameters=True,  # names and hashes stay out of logs
        )
    except (ArgumentError, ModuleNotFoundError) as error:
        # The URL itself may hold a password and is not repeated.
        raise EnvironmentProblem("register.invalid_url", reason=type(error).__name__) from None
    except OSError as error:
        raise EnvironmentProblem("register.folder", reason=os_reason(error)) from None
    if parsed.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_pragmas)
        sa.event.listen(engine, "handle_error", _refuse_torn_file)
    else:
        sa.event.listen(engine, "connect", _postgres_limits)
    try:
        bring_up_to_date(engine)
    except DBAPIError as error:
        engine.dispose()
        reason = _reason(error, parsed)
        if isinstance(reason, Message):
            raise EnvironmentProblem("register.unwritable", reason=reason) from None
        place = parsed.render_as_string(hide_password=True)
        raise EnvironmentProblem("register.cannot_open", place=place, reason=reason) from None
    except BaseException:
        engine.dispose()
        raise
    return Register(engine)


def _refuse_torn_file(context: ExceptionContext) -> None:
    code = getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF  # without the detail
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) and context.engine:
        raise _torn(context.engine.url)


def _torn(url: URL) -> EnvironmentProblem:
    return EnvironmentProblem("register.torn", file=url.database)


def _problem(error: DBAPIError | PoolTimeout, url: URL) -> EnvironmentProblem | None:
    """What a failure says that no statement is to blame for; None for all others."""
    operational = isinstance(error, OperationalError)
    if isinstance(error, DBAPIError):
        sqlite = url.get_backend_name() == "sqlite"
        if (sqlite and operational) or getattr(error.orig, "sqlstate", None) in _NOT_WRITABLE:
            return EnvironmentProblem("register.unwritable", reason=_reason(error, url))
        if not (operational or error.connection_invalidated):
            return None
        log.error("the register's database: %s", _reason(error, url))
    return EnvironmentProblem("register.unreachable")


def _reason(error: DBAPIError, url: URL) -> Message | str:
    """What the disk says where it is its fault, else the first line of the driver's own words."""
    if url.get_backend_name() == "sqlite" and url.database and isinstance(error, OperationalError):
        reason = disk_reason(error, Path(url.database).parent)
        if reason is not None:
            return reason
    return next(iter(str(error.orig).strip().splitlines()), type(error).__name__)


def _private_folder(file: Path) -> None:
    private_folder(file.parent)
    if not file.exists():
        file.touch(mode=0o600)  # password hashes are nobody else's business


def _postgres_limits(connection: Any, _record: object) -> None:
    """Wait for others no longer than SQLite does, and let nobody whose network broke hold them."""
    cursor = connection.cursor()
    cursor.execute("SET lock_timeout = '10s'")
    cursor.execute("SET idle_in_transaction_session_timeout = '30s'")
    cursor.close()
    connection.commit()


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: an acknowledged audit row or account survives loss of power, not only of the process.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
