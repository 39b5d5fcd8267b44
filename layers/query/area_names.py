"""Areas and their parts, by the codes of the areas."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["inside"]


def inside(codes: Iterable[str], *areas: str) -> list[bool]:
    """Whether each code is that of one of ``areas`` or of a part of one."""
    wholes = tuple(f"{area}." for area in areas)
    return [f"{code}.".startswith(wholes) for code in codes]
