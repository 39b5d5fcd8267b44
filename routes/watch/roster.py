"""A roster: the shifts of a watch plan with their weeks by date, and days where none is a ship's.

No timetable is invented. The day of a ship is asked of the harbour master; where there is no single
sailing to wait for, the day of a shift is drawn, and boats share the days of a week.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from geo.errors import InputError
from routes.graph.arrays import Integers
from routes.watch.options import Option
from routes.watch.plan import DAYS, Shift

__all__ = ["RosterRow", "first_monday", "monday_of", "next_week", "roster_of"]

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_AHEAD = timedelta(days=366)
"""How far ahead a roster may start: beyond it nobody knows a ship."""


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


def first_monday(week: str, today: date) -> date:
    """The first day of an ISO week that a roster may start in.

    Raises
    ------
    InputError
        There is no such week, it is over, or it is more than a year ahead.

    Examples
    --------
    >>> first_monday("2026-W49", date(2026, 12, 6)).isoformat()  # the Sunday of that week
    '2026-11-30'
    """
    monday = monday_of(week)
    if not today - timedelta(days=6) <= monday <= today + _AHEAD:
        raise InputError("watch.no_week", week=week, field="start")
    return monday


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
    free = _drawn_days(shifts, options, rng)
    rows = []
    for number, shift in enumerate(shifts, 1):
        option = options[shift.option]
        day = None
        if not option.sailing:
            day = free[shift.week, option.terminal].pop()
        week = (start + timedelta(weeks=shift.week - 1)).isoformat()
        sure = not option.sailing or shift.option in known
        rows.append(RosterRow(number, week, day, shift.option, sure))
    return rows


def _drawn_days(
    shifts: Sequence[Shift], options: Sequence[Option], rng: np.random.Generator
) -> dict[tuple[int, str], list[int]]:
    """Days of the shifts of each place by week: no place twice on one, boats spread over all.

    Shifts afloat of a week take the days that fewest others of it have, in a random order, so that
    their number on two days differs by one at most: boats that go out once a day then suffice.
    """
    wanted: dict[tuple[int, str], int] = {}
    afloat = {option.terminal for option in options if option.afloat}
    for shift in shifts:
        if not (option := options[shift.option]).sailing:
            key = shift.week, option.terminal
            wanted[key] = wanted.get(key, 0) + 1
    out: dict[int, Integers] = {}
    found = {}
    for (week, place), count in wanted.items():
        days = rng.permutation(DAYS)
        if place in afloat:
            taken = out.setdefault(week, np.zeros(DAYS, np.intp))
            days = days[np.argsort(taken[days], kind="stable")]
            taken[days[:count]] += 1
        found[week, place] = (1 + days[:count]).tolist()
    return found
