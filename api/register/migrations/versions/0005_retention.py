"""Rows of the audit that have been kept long enough may be removed, and the head says how many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0005", "0004"

_MAY_GO = "(SELECT pruned > 0 AND OLD.id < start FROM audit_head)"
_ALLOW_OLD = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS audit_no_delete",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        f"WHEN NOT coalesce({_MAY_GO}, 0) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF {_MAY_GO} THEN RETURN OLD; END IF; END IF; "
        "RAISE EXCEPTION 'the audit is append only'; END $$",
    ],
}


def upgrade() -> None:
    """Add the column; let go what the head says is removed."""
    op.add_column("audit_head", sa.Column("pruned", sa.Integer, nullable=False, server_default="0"))
    for statement in _ALLOW_OLD[op.get_bind().dialect.name]:
        op.execute(statement)
