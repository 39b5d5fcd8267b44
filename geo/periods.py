"""Periods that a plan is of: a quarter, a half-year or a year, in whole months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton

from geo.errors import InputError
from geo.i18n import Message

__all__ = ["Period", "month_name", "period_of", "quarter_of"]

_FORM = re.compile(r"(20\d{2})(?:-([QH])([1-4]))?", re.ASCII)
_MONTHS = {None: 12, "H": 6, "Q": 3}
_NAMES = {None: "period.year", "H": "period.half", "Q": "period.quarter"}


@dataclass(frozen=True)
class Period:
    """A period: its code (``2026-Q4``, ``2026-H2``, ``2026``), ISO months and name."""

    code: str
    months: tuple[str, ...]
    name: Message


def period_of(code: str) -> Period:
    """The period of a code.

    Raises
    ------
    InputError
        It is no period.

    Examples
    --------
    >>> period_of("2026-Q4").months
    ('2026-10', '2026-11', '2026-12')
    >>> period_of("2027-h1").name.in_language("id")
    'semester 1 tahun 2027'
    """
    found = _FORM.fullmatch(code.strip().upper())
    year, part, number = found.groups() if found else ("", None, None)
    length = _MONTHS[part]
    first = length * (int(number or 1) - 1)
    if found is None or first >= 12:
        raise InputError("period.unreadable", field="period", period=code)
    months = tuple(f"{year}-{month:02d}" for month in range(first + 1, first + length + 1))
    return Period(found[0], months, Message(_NAMES[part], {"year": year, "number": number or ""}))


def quarter_of(day: str) -> Period:
    """The quarter of an ISO day.

    Examples
    --------
    >>> quarter_of("2026-11-30").code
    '2026-Q4'
    """
    quarter = (int(day[5:7]) - 1) // _MONTHS["Q"] + 1
    return period_of(f"{day[:4]}-Q{quarter}")


def month_name(month: str, language: str) -> str:
    """An ISO month in words; a year alone as it is.

    Examples
    --------
    >>> month_name("2026-10", "id"), month_name("2026", "id")
    ('Oktober 2026', '2026')
    """
    if len(month) < len("2026-10"):
        return month
    day = date.fromisoformat(f"{month}-01")
    return str(format_skeleton("yMMMM", day, locale=language))
