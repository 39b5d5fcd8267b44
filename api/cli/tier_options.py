"""The options ``--tier`` and ``--province``: whose view a command gives."""

from __future__ import annotations

import click

from api.cli.options import WrongUse
from layers.schema import TIERS
from layers.visibility import ALL_PROVINCES, OPERATOR, RIGHTS

__all__ = ["PROVINCE", "TIER", "province_of"]

TIER = click.option(
    "--tier",
    type=click.Choice(TIERS),
    default=OPERATOR,
    show_default=True,
)
PROVINCE = click.option("--province", metavar="CODE")


def province_of(tier: str, province: str | None) -> str | None:
    """The partner's own province, all of them without one, and None for other tiers."""
    from layers.registry import check_tier

    if not RIGHTS[check_tier(tier)].own_province:
        if province is not None:
            raise WrongUse("cli.goes_with", option="--province", other="--tier partner")
        return None
    return province or ALL_PROVINCES
