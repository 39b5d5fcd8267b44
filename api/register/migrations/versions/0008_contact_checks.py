"""Months in which numbers of offices were checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "contact_checks",
        sa.Column("service_id", sa.String(120), primary_key=True),
        sa.Column("phone", sa.String(16), nullable=False),
        sa.Column("checked", sa.String(7), nullable=False),
    )
