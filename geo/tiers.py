"""The tiers of access, which releases are published by and agreements are limited to."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["TIERS", "Tier"]

Tier = Literal["public", "partner", "police"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""Every tier, the lowest first: each sees what those before it see."""
