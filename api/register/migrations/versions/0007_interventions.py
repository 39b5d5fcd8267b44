"""Dated interventions of offices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "interventions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
