"""The options ``--tier`` and ``--province``: whose view a command gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from api.cli.options import WrongUse
from layers.schema import TIERS
from layers.visibility import ALL_PROVINCES, ANONYMOUS, OPERATOR, RIGHTS

__all__ = ["FILE_TIER", "PROVINCE", "TIER", "province_of"]


def _tier(default: str) -> Callable[..., Any]:
    return click.option("--tier", type=click.Choice(TIERS), default=default, show_default=True)


TIER = _tier(OPERATOR)
"""For answers to the operator, who sees everything."""
FILE_TIER = _tier(ANONYMOUS)
"""For files made to be passed on."""
PROVINCE = click.option("--province", metavar="CODE")


def province_of(tier: str, province: str | None) -> str | None:
    """Code of the partner's own province, all of them without one, and None for other tiers.

    Raises
    ------
    UnknownNameError
        There is no province of this code or name.
    """
    from layers.registry import check_tier

    if not RIGHTS[check_tier(tier)].own_province:
        if province is not None:
            raise WrongUse("cli.goes_with", option="--province", other="--tier partner")
        return None
    if province is None:
        return ALL_PROVINCES
    from geo.names import area_code
    from geo.paths import DATA
    from geo.tables import read_table

    areas = read_table("areas", DATA)
    provinces = areas[areas["level"] == "province"]
    return area_code(dict(zip(provinces["code"], provinces["name"], strict=True)), province)
