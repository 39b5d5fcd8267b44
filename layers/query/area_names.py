"""Areas and their parts, by the codes of the areas."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["inside"]


def inside(codes: Iterable[str], area: str) -> list[bool]:
    """Whether each code is that of ``area`` or of a part of it."""
    return [f"{code}.".startswith(f"{area}.") for code in codes]
