"""Rows of the audit carry an HMAC, and a row says where their chain begins and ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Add the column and the head of a chain that is not begun."""
    op.add_column("audit", sa.Column("mac", sa.String(64)))
    head = op.create_table(
        "audit_head",
        sa.Column("key", sa.String(16), primary_key=True),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"key": "", "start": 0, "before": "", "last": 0, "mac": "", "seal": ""}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )
