"""How often ships and other services leave, in words; never a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from geo.i18n import Message

__all__ = ["how_often"]

_MOST_WEEKS = 4
"""Weeks over which departures are counted, if there are any in as many."""
_SURE = 0.01


def how_often(services: Sequence[Mapping[str, Any]]) -> Message:
    """How often services leave together, as a count in one week or a few, and what it rests on.

    Parameters
    ----------
    services : sequence of mapping
        ``per_week`` and ``basis`` of each, as in a watch plan.

    Examples
    --------
    >>> how_often([{"per_week": 1.43, "basis": "cycle"}]).in_language("en")
    "about 3 times in 2 weeks (from the ship's cycle)"
    >>> how_often([{"per_week": 56.0, "basis": "stated"}]).in_language("en")
    '56 times a week (stated by the source)'
    >>> how_often([{"per_week": None, "basis": ""}]).in_language("en")
    'no timetable'
    """
    known = [service for service in services if service["per_week"]]
    if not known:
        return Message("watch.no_number")
    number = sum(service["per_week"] for service in known)
    bases = dict.fromkeys(service["basis"] or "assumed" for service in known)
    basis = [Message(f"basis.{name}") for name in bases]
    part = (
        Fraction(number).limit_denominator(_MOST_WEEKS) if number < 7 else Fraction(round(number))
    )
    if not part:
        part = Fraction(1, round(1 / number))
    about = {"count": part.numerator, "weeks": part.denominator, "basis": basis}
    if part.denominator > 1:
        return Message("watch.often_weeks", about)
    exact = abs(number - part.numerator) <= _SURE
    return Message("watch.often" if exact else "watch.often_about", about)
