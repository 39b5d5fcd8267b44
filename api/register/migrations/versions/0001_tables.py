"""The tables; a register of before Alembic, whose ``schema_version`` is 1 to 5, gets what it lacks.

Before version 3 accounts had lists of tiers in SQL, version 2 added scenarios, version 4
administrators, version 5 devices.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0001", None

_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_no_{verb} BEFORE {verb.upper()} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append only'; END $$",
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    ],
}


def upgrade() -> None:
    """Bring the register from nothing, or from what was before, to this version."""
    inspector = sa.inspect(op.get_bind())
    tables = set(inspector.get_table_names())
    if "accounts" in tables:
        _mend_accounts(inspector)
    else:
        _create_first_tables()
    if "scenarios" not in tables:
        _create_scenarios()
    if "devices" not in tables:
        op.create_table(
            "devices",
            sa.Column("token_hash", sa.String(64), primary_key=True),
            _of_account(),
            sa.Column("expires_at", sa.String(40), nullable=False, index=True),
        )
    if "schema_version" in tables:
        op.drop_table("schema_version")


def _of_account(*, nullable: bool = False) -> sa.Column[int]:
    account = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", sa.Integer, account, nullable=nullable, index=True)


def _administrator() -> sa.Column[bool]:
    return sa.Column("administrator", sa.Boolean, nullable=False, server_default=sa.false())


def _mend_accounts(inspector: sa.Inspector) -> None:
    columns = {column["name"] for column in inspector.get_columns("accounts")}
    checks = [str(check["name"]) for check in inspector.get_check_constraints("accounts")]
    if "administrator" in columns and not checks:
        return
    with op.batch_alter_table("accounts") as accounts:
        for name in checks:
            accounts.drop_constraint(name, type_="check")
        accounts.alter_column(
            "language", type_=sa.String(8), existing_nullable=False, existing_server_default="id"
        )
        if "administrator" not in columns:
            accounts.add_column(_administrator())


def _create_first_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("desk", sa.String(16), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("province_code", sa.String(2)),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("language", sa.String(8), nullable=False, server_default="id"),
        sa.Column("created_at", sa.String(32), nullable=False),
        _administrator(),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        _of_account(),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False, index=True),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False, index=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target", sa.String(200), nullable=False, server_default=""),
        sa.Column("parameters", sa.String(200), nullable=False, server_default=""),
        sa.Column("status", sa.Integer, nullable=False),
    )
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def _create_scenarios() -> None:
    op.create_table(
        "scenarios",
        sa.Column("id", sa.String(32), primary_key=True),
        _of_account(nullable=True),
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
