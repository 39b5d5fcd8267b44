r"""The watch plan: shifts by week that are expected to find most within an office's budget.

An option o (:mod:`routes.watch.options`) is worth ``v_o`` detections a first shift: persons at risk
whom it sees, times the detection of a post of its kind, times the share that no post in force has
stopped. With ``x_ot`` shifts in week t

    F(x) = sum_sailings,t v_o x_ot + sum_traffic,t v_o (1 - (1 - s_o)^x_ot) / s_o

concave in the shifts: sailings run out, the best first, and traffic saturates. It is maximised over
whole shifts by a mixed-integer program (HiGHS), with ``y_pt`` whether place p is watched in week t:

    sum_o x_ot <= S                 whole shifts in the hours of a week
    sum_afloat x_ot <= B            trips that boats and litres allow
    sum_t x_ot <= floor(N n_o)      a ship is watched as often as it surely calls in N weeks
    sum_traffic at p x_ot <= c      shifts of one place in a week beyond those of its ships
    sum_U,t x_ot >= u N S           the share where nobody watches today
    1 <= sum_t y_pt (p in rotation), sum_t y_pt <= W

Traffic is a step of its own for each further shift, its value falling, so that the program takes
them in their order. ``c`` is :data:`A_WEEK`, or the least at which the places have room for all
hours and for the share.

Which week is which is then drawn, of those in which no call is told. Nothing else is: the places
and their shifts follow from budget and data, so that whoever has both can tell the places, and only
weeks and days need the seed. ``WatchPlan.overlap`` says how much two seeds have in common.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from geo.errors import InfeasibleError
from routes.graph.arrays import Floats, Integers
from routes.watch.options import Option

__all__ = ["Budget", "Shift", "WatchPlan", "plan_watch"]

DAYS = 7
"""Shifts a week that one place's traffic, or one boat, can have: one a day (assumed)."""
A_WEEK = 2
"""Shifts of one place's traffic in a week, unless the hours have no other use (assumed)."""
FRESH_SHARE = 0.2
"""Share of the shifts for places where nobody watches, if none is asked for (assumed)."""
GAP = 2e-3
"""Relative gap at which the program may end; the plan says what it reached."""
_SECONDS = 30.0
_SHORTLIST = 80
"""Places of which the program chooses: those with the best shifts."""
_WITHIN_REACH = 0.1
"""Rotation takes in places whose best shift is worth this much of the best of all (assumed)."""
_TIES = 1e-5
"""Relative noise of the values, from the seed: it decides among equals and nothing else."""
_SURE = 1e-9


@dataclass(frozen=True)
class Budget:
    """Whole shifts a week, and trips of boats among them, over a number of weeks."""

    shifts: int
    trips: int
    weeks: int

    @classmethod
    def of(
        cls, *, hours: float, persons: int, watch_hours: float, boats: int, litres: float,
        litres_per_hour: float, weeks: int, travel_hours: float = 0.0,
    ) -> Budget:  # fmt: skip
        """What hours and fuel a week allow; the way there and back takes hours of crew and boat,
        fuel is for the watch alone.

        Examples
        --------
        >>> Budget.of(
        ...     hours=120,
        ...     persons=2,
        ...     watch_hours=4,
        ...     boats=1,
        ...     litres=200,
        ...     litres_per_hour=25,
        ...     weeks=4,
        ... )
        Budget(shifts=15, trips=2, weeks=4)
        """
        away = watch_hours + travel_hours
        fuelled = math.floor(litres / (litres_per_hour * watch_hours) + _SURE)
        trips = min(boats * min(DAYS, math.floor(DAYS * 24 / away + _SURE)), fuelled)
        return cls(math.floor(hours / (persons * away) + _SURE), trips, weeks)


@dataclass(frozen=True)
class Shift:
    """One shift: its week, from 1, and the position of its option."""

    week: int
    option: int


@dataclass(frozen=True, eq=False)
class WatchPlan:
    """A roster before its days: shifts by week, and what the same shifts would do elsewhere.

    Attributes
    ----------
    shifts : tuple of Shift
    effective, evenly, at_largest : arrays, shape (options,)
        First shifts that the shifts of an option are worth over all weeks, of the plan, of the same
        number dealt out evenly over the places (to each the same share of a shift, so that no
        order of places counts), and of all at the largest one.
    rotation : frozenset of str
        Places that each have a shift in these weeks.
    most_weeks : float
        Greatest share of the weeks that one place is watched in.
    most_a_week : int
        Shifts that one place's traffic can have in a week.
    overlap : float
        Of the pairs of place and week that are watched, the share expected to be watched too under
        another seed.
    unused : int
        Shifts of the budget for which there is nothing left to watch.
    gap : float
    """

    shifts: tuple[Shift, ...]
    effective: Floats
    evenly: Floats
    at_largest: Floats
    rotation: frozenset[str]
    most_weeks: float
    most_a_week: int
    overlap: float
    unused: int
    gap: float

    def __repr__(self) -> str:
        return f"WatchPlan({len(self.shifts)} shifts, most_weeks={self.most_weeks:.2f})"

    def persons_per_week(self, values: Floats, weeks: int, effective: Floats) -> Floats:
        """Persons a week whom effective shifts find, by draw of ``values`` (draws, options)."""
        return np.asarray(values @ effective / weeks, float)


def plan_watch(
    options: Sequence[Option],
    values: Floats,
    budget: Budget,
    *,
    largest: str,
    fresh: Collection[str],
    fresh_share: float | None,
    rotation_share: float,
    most_weeks_share: float,
    rng: np.random.Generator,
    calls: Mapping[int, Sequence[int]] | None = None,
    watched: Mapping[str, int] | None = None,
) -> WatchPlan:
    """Choose shifts by week; see the module.

    Parameters
    ----------
    options : sequence of Option
    values : array, shape (options,)
        Persons whom a first shift is expected to find.
    budget : Budget
    largest : str
        The place that most persons pass, for the comparison.
    fresh : collection of str
        Places where nobody watches today, which get a share.
    fresh_share : float, optional
        Least share of the budget's shifts there; None: :data:`FRESH_SHARE`, or as much as boats and
        sailings allow. Without such a place it does not bind.
    rotation_share, most_weeks_share : float
        As in :class:`routes.watch.request.WatchPlanRequest`.
    rng : numpy.random.Generator
        Of the seed that the office holds: which week is which, and which of equals.
    calls : mapping, optional
        Weeks in which a sailing calls, by the position of its option: known, so they stay, and the
        other weeks change places among themselves.
    watched : mapping, optional
        Watches on record by place in the months before: rotation begins with those that had fewest.

    Raises
    ------
    InfeasibleError
        The rules cannot be met together; the message says what to change.

    Examples
    --------
    >>> ship = Option("tenau", (0,), 1.0, 1.0, 1.0, sailing=True, afloat=False)
    >>> other = Option("maumere", (1,), 1.0, 1.0, 1.0, sailing=True, afloat=False)
    >>> plan = plan_watch(
    ...     [ship, other],
    ...     np.array([3.0, 2.0]),
    ...     Budget(1, 0, 4),
    ...     largest="tenau",
    ...     fresh=["maumere"],
    ...     fresh_share=0.25,
    ...     rotation_share=0.5,
    ...     most_weeks_share=0.75,
    ...     rng=np.random.default_rng(1),
    ... )
    >>> plan.effective.tolist(), plan.most_weeks, sorted(shift.week for shift in plan.shifts)
    ([3.0, 1.0], 0.75, [1, 2, 3, 4])
    """
    calls = calls or {}
    caps = [_cap(option, budget, calls.get(o)) for o, option in enumerate(options)]
    kept = _shortlist(options, values, caps, budget)
    weeks = range(budget.weeks)
    most = max(1, math.floor(most_weeks_share * budget.weeks + _SURE))
    there = [o for o in kept if options[o].terminal in fresh]
    wanted = 0
    if there:
        wanted = _least(options, there, caps, budget, most, fresh_share)
    a_week = _a_week(options, kept, there, caps, budget, most, wanted)
    places = sorted({options[o].terminal for o in kept})
    best = {p: max(values[o] for o in kept if options[o].terminal == p) for p in places}
    rotation = _rotation(options, kept, best, budget, rotation_share, watched or {})

    def solved(limit: int) -> tuple[Integers, float]:
        program = _Program(options, values, budget, caps, calls, rng, limit)
        for o in kept:
            program.add(o)
        program.places(places, most=most, rotation=rotation)
        program.limit(kept, budget.shifts)
        program.limit([o for o in kept if options[o].afloat], budget.trips)
        if there:
            program.at_least(there, wanted)
        return program.solve()

    try:
        numbers, gap = solved(a_week)
    except InfeasibleError:  # the limit gives way to the rules that were asked for
        a_week = DAYS
        numbers, gap = solved(a_week)
    told = {week - 1 for weeks in calls.values() for week in weeks}
    free = np.array([t for t in weeks if t not in told], np.intp)
    order = np.arange(budget.weeks)
    order[free] = rng.permutation(free)
    shifts = tuple(
        Shift(int(order[t]) + 1, o) for t in weeks for o in kept for _ in range(numbers[o, t])
    )
    shifts = tuple(sorted(shifts, key=lambda shift: (shift.week, shift.option)))
    effective = np.array([_effect(option, numbers[o]) for o, option in enumerate(options)])
    used = {(options[s.option].terminal, s.week - 1) for s in shifts}
    by_place = [sum(p == place for p, _ in used) for place in places]
    alike = sorted({option.terminal for option in options})
    total = len(shifts)
    return WatchPlan(
        shifts=shifts, effective=effective,
        evenly=_dealt(options, values, caps, budget, alike, total),
        at_largest=_dealt(options, values, caps, budget, [largest], total),
        rotation=frozenset(rotation),
        most_weeks=max(by_place, default=0) / budget.weeks,
        most_a_week=a_week, overlap=_overlap(used, set(free.tolist())),
        unused=budget.shifts * budget.weeks - total, gap=gap,
    )  # fmt: skip


def _cap(option: Option, budget: Budget, calls: Sequence[int] | None) -> int:
    """Shifts that an option can have in all weeks."""
    if option.afloat and not budget.trips:
        return 0
    if not option.sailing:
        return DAYS * budget.weeks
    if calls is not None:
        return len(calls)
    return math.floor(option.per_week * budget.weeks + _SURE)


def _shortlist(
    options: Sequence[Option], values: Floats, caps: Sequence[int], budget: Budget
) -> list[int]:
    """Positions of the options of the places with the best shifts."""
    able = [o for o in range(len(options)) if values[o] > 0 and caps[o] > 0]
    if not able:
        raise InfeasibleError("watch.nothing_to_watch", weeks=budget.weeks, field="within")
    best: dict[str, float] = {}
    for o in able:
        place = options[o].terminal
        best[place] = max(best.get(place, 0.0), float(values[o]))
    chosen = set(sorted(best, key=lambda place: (-best[place], place))[:_SHORTLIST])
    return [o for o in able if options[o].terminal in chosen]


def _rotation(
    options: Sequence[Option],
    kept: Sequence[int],
    best: Mapping[str, float],
    budget: Budget,
    share: float,
    watched: Mapping[str, int],
) -> list[str]:
    """The places that rotation takes in: of those within reach the least watched, then the best, as
    many as its share allows.
    """
    room = math.floor(share * budget.shifts * budget.weeks + _SURE)
    trips, top = budget.trips * budget.weeks, max(best.values())
    found: list[str] = []
    on_land = {options[o].terminal for o in kept if not options[o].afloat}
    reached = [place for place in best if best[place] >= _WITHIN_REACH * top]
    for place in sorted(reached, key=lambda p: (watched.get(p, 0), -best[p], p)):
        if len(found) >= room:
            break
        if place not in on_land:
            if not trips:
                continue
            trips -= 1
        found.append(place)
    return found


def _least(
    options: Sequence[Option], of: Sequence[int], caps: Sequence[int], budget: Budget, most: int,
    share: float | None,
) -> int:  # fmt: skip
    """Shifts that places without a watch get."""
    every = budget.shifts * budget.weeks
    wanted = math.ceil((FRESH_SHARE if share is None else share) * every - _SURE)
    room = _room(options, of, caps, budget, most)
    if share is not None and room < wanted:
        raise InfeasibleError(
            "watch.share_unreachable", share=share, most=math.floor(100 * room / every) / 100,
            field="unwatched_share",
        )  # fmt: skip
    return min(wanted, room)


def _room(
    options: Sequence[Option], of: Sequence[int], caps: Sequence[int], budget: Budget, most: int,
    traffic: int = DAYS,
) -> int:  # fmt: skip
    """Shifts that these options can take at most, ``traffic`` a week what is no sailing."""

    def within(option: Option, cap: int) -> int:
        a_week = math.ceil(option.per_week - _SURE) if option.sailing else traffic
        return min(cap, a_week * most)

    land = sum(within(options[o], caps[o]) for o in of if not options[o].afloat)
    afloat = sum(within(options[o], caps[o]) for o in of if options[o].afloat)
    return min(land + min(afloat, budget.trips * budget.weeks), budget.shifts * budget.weeks)


def _a_week(
    options: Sequence[Option], kept: Sequence[int], fresh: Sequence[int], caps: Sequence[int],
    budget: Budget, most: int, wanted: int,
) -> int:  # fmt: skip
    """The least limit on a place's shifts of traffic that costs neither hours nor the share."""
    room = _room(options, kept, caps, budget, most)
    for limit in range(A_WEEK, DAYS):
        if (
            _room(options, kept, caps, budget, most, limit) >= room
            and _room(options, fresh, caps, budget, most, limit) >= wanted
        ):
            return limit
    return DAYS


def _overlap(used: Collection[tuple[str, int]], free: Collection[int]) -> float:
    """Of the watched pairs of place and week, the share that another draw watches too.

    A place in w of F weeks that change places is expected in w / F of the same ones.

    Examples
    --------
    >>> _overlap({("a", 0), ("a", 1), ("b", 2)}, {0, 1, 2, 3})  # (2 * 2/4 + 1 * 1/4) / 3
    0.4166666666666667
    """
    moved: dict[str, int] = {}
    for place, week in used:
        if week in free:
            moved[place] = moved.get(place, 0) + 1
    stay = len(used) - sum(moved.values())
    return (stay + sum(w * w / len(free) for w in moved.values())) / max(len(used), 1)


def _effect(option: Option, numbers: Integers | Sequence[int]) -> float:
    """First shifts that the shifts of each week are worth together."""
    if option.sailing:
        return float(sum(numbers))
    seen = option.seen
    return float(sum((1.0 - (1.0 - seen) ** k) / seen for k in numbers))


def _dealt(
    options: Sequence[Option],
    values: Floats,
    caps: Sequence[int],
    budget: Budget,
    places: Sequence[str],
    total: int,
) -> Floats:
    """The same shifts dealt out evenly over some places, at each the best that is left.

    A place gets ``total / places`` shifts, in fractions too: what is expected if lots are drawn for
    the rest. What a place has no use for is dealt out over the others.
    """
    at_sea = {o.terminal for o in options if o.afloat} & set(places)
    trips = budget.trips * budget.weeks / max(len(at_sea), 1)
    steps = {place: _steps(options, values, caps, budget, place, trips) for place in places}
    room = {place: sum(size for _, size, _, _ in steps[place]) for place in places}
    level, left = 0.0, float(total)
    for n, size in enumerate(sorted(room.values())):
        level = max(level, min(size, left / (len(places) - n)))
        left -= min(size, level)
    effective = np.zeros(len(options))
    for place in places:
        rest = min(level, room[place])
        for _, size, o, part in steps[place]:
            effective[o] += part * min(size, rest)
            rest -= min(size, rest)
    return effective


def _steps(
    options: Sequence[Option], values: Floats, caps: Sequence[int], budget: Budget, place: str,
    trips: float,
) -> list[tuple[float, float, int, float]]:  # fmt: skip
    """Shifts at a place, the best first: value of one, how many, option, part of a first one."""
    found = []
    for o, option in enumerate(options):
        if option.terminal != place:
            continue
        if option.sailing:
            found.append((float(values[o]), float(caps[o]), o, 1.0))
            continue
        left = min(float(caps[o]), trips) if option.afloat else float(caps[o])
        for k in range(DAYS):
            part, size = (1.0 - option.seen) ** k, min(float(budget.weeks), left)
            found.append((float(values[o]) * part, size, o, part))
            left -= size
    return sorted(found, key=lambda step: -step[0])


class _Program:
    """The rows and columns of the mixed-integer program."""

    def __init__(
        self,
        options: Sequence[Option],
        values: Floats,
        budget: Budget,
        caps: Sequence[int],
        calls: Mapping[int, Sequence[int]],
        rng: np.random.Generator,
        a_week: int,
    ) -> None:
        self.options, self.values, self.budget, self.a_week = options, values, budget, a_week
        self.caps, self.calls, self.rng = caps, calls, rng
        self.worth: list[float] = []
        self.upper: list[float] = []
        self.of: dict[tuple[int, int], list[int]] = {}
        self.rows: list[tuple[list[int], list[float], float, float]] = []

    def add(self, o: int) -> None:
        """Columns of an option: one a week for a sailing, one a week and step for traffic."""
        option, value = self.options[o], float(self.values[o])
        for t in range(self.budget.weeks):
            if option.sailing:
                most = math.ceil(option.per_week - _SURE)
                if o in self.calls:
                    most = list(self.calls[o]).count(t + 1)
                self.of[o, t] = [self._column(value, most)]
            else:
                steps = range(min(self.a_week, self.budget.shifts))
                self.of[o, t] = [self._column(value * (1 - option.seen) ** k, 1) for k in steps]
        if option.sailing:
            every = [c for t in range(self.budget.weeks) for c in self.of[o, t]]
            self._row(every, [1.0] * len(every), -np.inf, self.caps[o])

    def places(self, places: Sequence[str], *, most: int, rotation: Collection[str]) -> None:
        """Whether a place is watched in a week; in how many at most, and at least."""
        for place in places:
            mine = sorted({o for o, _ in self.of if self.options[o].terminal == place})
            seen = []
            for t in range(self.budget.weeks):
                columns = [c for o in mine for c in self.of[o, t]]
                watched = self._column(0.0, 1)
                seen.append(watched)
                for c in columns:
                    self._row([c, watched], [1.0, -self.upper[c]], -np.inf, 0.0)
                self._row([*columns, watched], [1.0] * len(columns) + [-1.0], 0.0, np.inf)
            least = 1.0 if place in rotation else 0.0
            self._row(seen, [1.0] * len(seen), least, most)

    def limit(self, of: Sequence[int], most: int) -> None:
        """At most so many shifts of these options in each week."""
        for t in range(self.budget.weeks if of else 0):
            columns = [c for o in of for c in self.of[o, t]]
            self._row(columns, [1.0] * len(columns), -np.inf, most)

    def at_least(self, of: Sequence[int], least: int) -> None:
        """At least so many shifts of these options in all weeks."""
        columns = [c for o in of for t in range(self.budget.weeks) for c in self.of[o, t]]
        self._row(columns, [1.0] * len(columns), least, np.inf)

    def solve(self) -> tuple[Integers, float]:
        """Shifts by option and week, and the gap that is left."""
        width = len(self.worth)
        data = [v for _, row, _, _ in self.rows for v in row]
        at = [c for row, _, _, _ in self.rows for c in row]
        starts = np.cumsum([0, *(len(row) for row, _, _, _ in self.rows)])
        matrix = sparse.csr_array((data, at, starts), shape=(len(self.rows), width))
        lower, upper = (np.array([row[k] for row in self.rows], float) for k in (2, 3))
        noise = 1.0 + _TIES * self.rng.random(width)
        answer = optimize.milp(
            -np.array(self.worth) * noise, integrality=np.ones(width),
            bounds=optimize.Bounds(0.0, np.array(self.upper)),
            constraints=optimize.LinearConstraint(matrix, lower, upper),
            options={"mip_rel_gap": GAP, "time_limit": _SECONDS},
        )  # fmt: skip
        if answer.x is None:
            raise InfeasibleError("watch.infeasible", field="unwatched_share")
        numbers = np.zeros((len(self.options), self.budget.weeks), np.intp)
        for (o, t), columns in self.of.items():
            numbers[o, t] = round(float(answer.x[columns].sum()))
        return numbers, float(answer.mip_gap or 0.0)

    def _column(self, worth: float, upper: float) -> int:
        self.worth.append(worth)
        self.upper.append(float(upper))
        return len(self.worth) - 1

    def _row(self, at: list[int], values: list[float], lower: float, upper: float) -> None:
        self.rows.append((at, values, lower, float(upper)))
