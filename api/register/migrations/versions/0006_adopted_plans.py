"""Plans that a desk has adopted, with their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "adopted_plans",
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
    op.create_table(
        "adopted_steps",
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
