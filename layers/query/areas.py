"""Class and rank of areas within the scope that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["in_scope"]

_SCOPED = ("class", "rank")


def in_scope(area: Mapping[str, Any], within: str | None) -> dict[str, Any]:
    """The area with class and rank in the nation, or in its province where ``within`` names one.

    Parameters
    ----------
    area : mapping
        ``class, rank`` and their ``_in_province``, as far as the tier has them.
    within : str, optional
        Code of a province or of an area in one.

    Examples
    --------
    >>> in_scope({"code": "53.21", "class": "low", "class_in_province": "very_high"}, "53")
    {'code': '53.21', 'class': 'very_high'}
    """
    local = {name: area[f"{name}_in_province"] for name in _SCOPED if f"{name}_in_province" in area}
    plain = {name: value for name, value in area.items() if not name.endswith("_in_province")}
    return {**plain, **local} if within else plain
