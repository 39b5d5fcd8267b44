"""Brings a register to the schema of this program: the versions in ``migrations``, by Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from geo.errors import EnvironmentProblem

__all__ = ["MIGRATIONS", "VERSION", "bring_up_to_date"]

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = sa.table("alembic_version", sa.column("version_num"))
"""Alembic's own table, of one row: the version that the register has."""
_LAST_OF_BEFORE = 5
"""The newest ``schema_version`` of before Alembic."""
_LOCK = 7367
"""Any number: what two processes on one PostgreSQL wait for each other by."""


def bring_up_to_date(engine: Engine) -> None:
    """Create the tables, or change those of an older register, in one transaction.

    Two processes that start at once do it one after the other.

    Raises
    ------
    EnvironmentProblem
        The register is newer than this program.
    """
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("*.py"))[:4]
    with engine.connect() as connection:
        if _version(connection) == newest:
            return
    with engine.connect() as connection:
        connection.detach()  # it is closed at the end: SQLite's would go on without foreign keys
        if engine.dialect.name == "sqlite":
            # A table that is copied must not take with it what refers to it.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        version = _version(connection)
        if version > newest:
            raise EnvironmentProblem("register.newer", version=version, newest=newest)
        if version < newest:
            _upgrade(connection)
        connection.commit()


def _version(connection: Connection) -> str:
    """The version of a register; empty where it is new or of before Alembic."""
    tables = sa.inspect(connection)
    if tables.has_table(VERSION.name):
        return str(connection.execute(sa.select(VERSION)).scalar_one())
    if tables.has_table("schema_version"):
        version = int(connection.exec_driver_sql("SELECT version FROM schema_version").scalar_one())
        if version > _LAST_OF_BEFORE:
            raise EnvironmentProblem("register.newer", version=version, newest=_LAST_OF_BEFORE)
    return ""


def _upgrade(connection: Connection) -> None:
    from alembic import command  # only where there is something to do
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
