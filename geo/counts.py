"""What a count counts: its class in law, unit, status and how it came to be known.

Rows of unlike class or unit are never added up (geo/data/COUNTS.md); :mod:`geo.disclosure` makes
both coordinates of a cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

__all__ = ["COUNT_CHOICES", "COUNT_SERIES", "UNSTATED", "count_unit", "described_counts"]

COUNT_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "legal_class": ("tppo", "smuggling", "placement_offence", "nonprocedural", "unknown"),
        "unit": ("report", "case", "person"),
        "status": ("suspected", "identified", "unknown"),
        "how": ("reported", "discovered", "unknown"),
    }
)
"""Allowed values of the columns that say what a count counts."""

UNSTATED: Mapping[str, str] = MappingProxyType(
    {"legal_class": "unknown", "unit": "person", "status": "unknown", "how": "unknown"}
)
"""Value where a source says nothing; persons unless the measure is one of cases or reports."""

COUNT_SERIES = ("place_code", "terminal_id", "year", "measure", "origin_code")
"""Columns that name what was counted where; rows of one series may differ in class and unit."""

_UNIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("persons", "people", "orang", "jiwa"), "person"),
        **dict.fromkeys(("cases", "kasus", "applications", "permohonan"), "case"),
        **dict.fromkeys(("reports", "laporan"), "report"),
    }
)


def count_unit(word: str) -> str:
    """The unit that a file's word means; a word that means none is given back.

    Examples
    --------
    >>> count_unit("Orang"), count_unit("kasus"), count_unit("kg")
    ('person', 'case', 'kg')
    """
    folded = word.strip().lower()
    return _UNIT_WORDS.get(folded, folded)


def described_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with every column of :data:`COUNT_CHOICES`, blanks as :data:`UNSTATED`.

    Examples
    --------
    >>> described_counts(pd.DataFrame({"unit": ["persons", ""]}))[["unit", "legal_class"]].values
    array([['person', 'unknown'],
           ['person', 'unknown']], dtype=object)
    """
    columns = {}
    for name, unstated in UNSTATED.items():
        values = counts[name] if name in counts else pd.Series("", index=counts.index)
        columns[name] = values.replace("", unstated)
    columns["unit"] = columns["unit"].map(count_unit)
    return counts.assign(**columns)
