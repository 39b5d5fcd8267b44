"""A roster: the shifts of a watch plan with their weeks by date, and days where none is a ship's.

No timetable is invented. The day of a ship is asked of the harbour master; where there is no single
sailing to wait for, the day of a shift is drawn, so that it cannot be foreseen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from geo.errors import InputError
from routes.watch.options import Option
from routes.watch.plan import DAYS, Shift

__all__ = ["RosterRow", "monday_of", "next_week", "roster_of"]

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True)
class RosterRow:
    """One shift of a roster.

    Attributes
    ----------
    number : int
        From 1, in the order of the weeks.
    week : str
        ISO date of its Monday.
    day : int or None
        1 (Monday) to 7, where it was drawn.
    option : int
        Position of its option.
    call_known : bool
        Whether it is sure that there is something to watch in this week: the harbour master told
        the weeks of the ship, or it is traffic.
    """

    number: int
    week: str
    day: int | None
    option: int
    call_known: bool


def next_week(day: date) -> str:
    """The ISO week after that of a day.

    Examples
    --------
    >>> next_week(date(2026, 12, 30))
    '2027-W01'
    """
    year, week, _ = (day + timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """The first day of an ISO week; :class:`InputError` where there is no such week.

    Examples
    --------
    >>> monday_of("2026-W50").isoformat()
    '2026-12-07'
    """
    match = _WEEK.fullmatch(week) or _WEEK.fullmatch("0000-W00")
    assert match is not None
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise InputError("watch.no_week", week=week, field="start") from None


def roster_of(
    shifts: Sequence[Shift],
    options: Sequence[Option],
    *,
    start: date,
    known: frozenset[int],
    rng: np.random.Generator,
) -> list[RosterRow]:
    """The rows of a roster.

    Parameters
    ----------
    shifts : sequence of Shift
        In the order of their weeks.
    start : date
        The Monday of the first week.
    known : frozenset of int
        Positions of the options whose weeks the harbour master has told.
    rng : numpy.random.Generator
        Draws the days.

    Examples
    --------
    >>> landing = Option("nongsa", (), 0.0, 1.0, 0.024, sailing=False, afloat=True)
    >>> rows = roster_of(
    ...     [Shift(1, 0), Shift(1, 0)],
    ...     [landing],
    ...     start=monday_of("2026-W50"),
    ...     known=frozenset(),
    ...     rng=np.random.default_rng(0),
    ... )
    >>> len({row.day for row in rows}), rows[0].week
    (2, '2026-12-07')
    """
    free: dict[tuple[int, str], list[int]] = {}
    rows = []
    for number, shift in enumerate(shifts, 1):
        option = options[shift.option]
        day = None
        if not option.sailing:
            key = shift.week, option.terminal
            if not free.get(key):
                free[key] = (1 + rng.permutation(DAYS)).tolist()
            day = free[key].pop()
        week = (start + timedelta(weeks=shift.week - 1)).isoformat()
        sure = not option.sailing or shift.option in known
        rows.append(RosterRow(number, week, day, shift.option, sure))
    return rows
