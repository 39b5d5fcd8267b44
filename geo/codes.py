"""Codes of areas (Kemendagri): text with dots, whose length tells the level."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CODE_LENGTHS", "COUNTRY", "COUNTRY_NAME", "is_country", "level_of"]

CODE_LENGTHS: Mapping[str, int] = MappingProxyType(
    {"province": 2, "regency": 5, "district": 8, "village": 13}
)
"""Length of a code by level; a code begins with those of the levels above."""


COUNTRY, COUNTRY_NAME = "ID", "Indonesia"
"""What stands for the whole country in place of a code of an area, and its name."""
_COUNTRY_SAID = frozenset({"id", "indonesia", "nasional", "republik indonesia"})


def is_country(text: str) -> bool:
    """Whether a code or name is that of the whole country.

    Examples
    --------
    >>> is_country("id"), is_country(" Indonesia"), is_country("53")
    (True, True, False)
    """
    return " ".join(text.casefold().split()) in _COUNTRY_SAID


def level_of(code: str) -> str:
    """Level of an area by its code.

    Examples
    --------
    >>> level_of("53.02"), level_of("53.02.01.1001")
    ('regency', 'village')
    """
    return {length: level for level, length in CODE_LENGTHS.items()}[len(code)]
