"""The organisation that an account is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Add the column; accounts of before have none."""
    op.add_column("accounts", sa.Column("organisation", sa.String(120)))
