"""Codes of areas (Kemendagri): text with dots, whose length tells the level."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CODE_LENGTHS", "level_of"]

CODE_LENGTHS: Mapping[str, int] = MappingProxyType(
    {"province": 2, "regency": 5, "district": 8, "village": 13}
)
"""Length of a code by level; a code begins with those of the levels above."""


def level_of(code: str) -> str:
    """Level of an area by its code.

    Examples
    --------
    >>> level_of("53.02"), level_of("53.02.01.1001")
    ('regency', 'village')
    """
    return {length: level for level, length in CODE_LENGTHS.items()}[len(code)]
