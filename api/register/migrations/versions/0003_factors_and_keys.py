"""Second factors with their recovery codes, keys of programs, identities at a sign-in service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "second_factors",
        _of_account(primary_key=True),
        sa.Column("secret", sa.String(300), nullable=False),
        sa.Column("confirmed_at", sa.String(32)),
        sa.Column("last_step", sa.Integer, nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        _of_account(),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), primary_key=True),
        _of_account(),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(120), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("last_used", sa.String(10)),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(200), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        _of_account(),
    )


def _of_account(*, primary_key: bool = False) -> sa.Column[int]:
    account = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column(
        "account_id", sa.Integer, account, primary_key=primary_key, nullable=False,
        index=not primary_key,
    )  # fmt: skip
