"""The watch plan against every allocation there is, its rules, and what its roster may say."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import InfeasibleError, InputError
from routes.watch.options import WEEKS_A_YEAR, Option, options_of
from routes.watch.plan import Budget, Shift, WatchPlan, plan_watch
from routes.watch.request import WatchPlanRequest
from routes.watch.roster import first_monday, monday_of, roster_of

FREE = {"largest": "a", "fresh": (), "fresh_share": 0.0, "rotation_share": 0.0,
        "most_weeks_share": 1.0}  # fmt: skip


def ship(place: str, per_week: float = 1.0) -> Option:
    return Option(place, (0,), per_week, 1.0, 1 / per_week, sailing=True, afloat=False)


def traffic(place: str, seen: float, *, afloat: bool = False) -> Option:
    return Option(place, (), 0.0, 1.0, seen, sailing=False, afloat=afloat)


def planned(
    options: list[Option], values: list[float], budget: Budget, seed: int = 1, **rules: object
) -> WatchPlan:
    rng = np.random.default_rng(seed)
    settings: dict[str, object] = {**FREE, **rules}
    return plan_watch(options, np.array(values), budget, rng=rng, **settings)  # type: ignore[arg-type]


def worth(options: list[Option], values: list[float], weeks: tuple[tuple[int, ...], ...]) -> float:
    """Persons found by shifts ``weeks[t][o]``, by the formula of the module, term by term."""
    total = 0.0
    for shifts in weeks:
        for option, value, count in zip(options, values, shifts, strict=True):
            if option.sailing:
                total += value * count
            else:
                total += sum(value * (1 - option.seen) ** k for k in range(count))
    return total


def best_of_all(
    options: list[Option], values: list[float], budget: Budget, **rules: float
) -> float:
    """The best of every allocation of shifts to weeks that keeps the rules."""
    week = [
        counts
        for counts in product(range(budget.shifts + 1), repeat=len(options))
        if sum(counts) <= budget.shifts
        and sum(c for c, o in zip(counts, options, strict=True) if o.afloat) <= budget.trips
        and all(
            c <= (np.ceil(o.per_week) if o.sailing else rules["a_week"])
            for c, o in zip(counts, options, strict=True)
        )
    ]
    best = -1.0
    for weeks in product(week, repeat=budget.weeks):
        sums = [sum(column) for column in zip(*weeks, strict=True)]
        if any(
            o.sailing and s > int(budget.weeks * o.per_week + 1e-9)
            for o, s in zip(options, sums, strict=True)
        ):
            continue
        fresh = sum(s for o, s in zip(options, sums, strict=True) if o.terminal == "c")
        if fresh < rules.get("share", 0.0) * budget.shifts * budget.weeks - 1e-9:
            continue
        seen = [
            sum(any(c and o.terminal == p for c, o in zip(w, options, strict=True)) for w in weeks)
            for p in {o.terminal for o in options}
        ]
        if max(seen) > max(1, int(rules.get("most", 1.0) * budget.weeks + 1e-9)):
            continue
        best = max(best, worth(options, values, weeks))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_no_allocation_finds_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = [ship("a", 0.5), ship("a", 2.0), traffic("b", 0.3), traffic("c", 0.2, afloat=True)]
    values = rng.uniform(0.5, 3.0, 4).round(2).tolist()
    budget = Budget(shifts=3, trips=1, weeks=2)
    for rules in ({}, {"share": 1 / 6}, {"share": 1 / 6, "most": 0.5}):
        plan = planned(
            options, values, budget, fresh=["c"], fresh_share=rules.get("share", 0.0),
            most_weeks_share=rules.get("most", 1.0),
        )  # fmt: skip
        found = float(np.array(values) @ plan.effective)
        best = best_of_all(options, values, budget, a_week=plan.most_a_week, **rules)
        assert found == pytest.approx(best, rel=2.1e-3)


def test_a_ship_is_watched_as_often_as_it_surely_calls() -> None:
    # Twice in four weeks, whatever it is worth; a ship that may not come at all is left out.
    plan = planned(
        [ship("a", 0.5), ship("b", 0.2), ship("c", 1.0)], [9.0, 99.0, 1.0], Budget(3, 0, 4)
    )
    assert plan.effective.tolist() == [2.0, 0.0, 4.0]
    assert plan.unused == 6
    by_week = [sum(s.week == week and s.option == 0 for s in plan.shifts) for week in range(1, 5)]
    assert max(by_week) == 1


def test_the_weeks_that_the_harbour_master_tells_are_kept() -> None:
    plan = planned([ship("a", 0.5), ship("b", 1.0)], [9.0, 1.0], Budget(1, 0, 4), calls={0: [2]})
    assert [s.week for s in plan.shifts if s.option == 0] == [2]


def test_litres_hold_the_trips_and_hours_the_shifts() -> None:
    terms: dict[str, Any] = {
        "persons": 2, "watch_hours": 4.0, "litres_per_hour": 25.0, "weeks": 1,
    }  # fmt: skip
    assert Budget.of(hours=121, boats=1, litres=199, **terms) == Budget(15, 1, 1)
    assert Budget.of(hours=121, boats=1, litres=9_999, **terms) == Budget(15, 7, 1)  # one a day
    assert Budget.of(hours=121, boats=0, litres=9_999, **terms) == Budget(15, 0, 1)
    # Two persons, four hours there and an hour each way: 12 of 121 hours, and no fuel on the road.
    far = Budget.of(hours=121, boats=1, litres=199, travel_hours=2.0, **terms)
    assert far == Budget(10, 1, 1)
    long = {**terms, "watch_hours": 24.0, "travel_hours": 48.0}  # a boat is back after three days
    assert Budget.of(hours=999, boats=1, litres=9_999, **long) == Budget(6, 2, 1)
    plan = planned([traffic("a", 0.02, afloat=True), ship("b", 7.0)], [50.0, 1.0], Budget(5, 2, 1))
    assert plan.effective[0] == pytest.approx(1 + 0.98)
    assert plan.effective[1] == 3.0


def test_rotation_keeps_nobody_at_one_place_and_leaves_no_place_out() -> None:
    options = [ship("a", 6.0), ship("b", 6.0), ship("c", 6.0)]
    plan = planned(
        options, [10.0, 2.0, 0.5], Budget(3, 0, 4), rotation_share=0.5, most_weeks_share=0.75
    )
    assert plan.most_weeks == 0.75
    assert plan.rotation == {"a", "b"}, "c is worth less than a tenth of the best"
    assert {options[s.option].terminal for s in plan.shifts} >= {"a", "b"}
    orders = {
        tuple(
            sorted({s.week for s in planned(options, [10.0, 2.0, 0.5], Budget(3, 0, 4), seed,
                    rotation_share=0.5, most_weeks_share=0.75).shifts if s.option == 0})
        )
        for seed in range(12)
    }  # fmt: skip
    assert len(orders) > 2, "which weeks a place is watched in depends on the seed"
    again = planned(options, [10.0, 2.0, 0.5], Budget(3, 0, 4), rotation_share=0.5,
                    most_weeks_share=0.75)  # fmt: skip
    assert again.shifts == plan.shifts, "and on nothing else"


def test_rotation_begins_with_what_was_watched_least() -> None:
    # Two shifts in all, one of them for rotation: one place, the best or the least watched.
    options = [ship("a", 6.0), ship("b", 6.0), ship("c", 6.0), ship("d", 6.0)]
    values, budget = [10.0, 4.0, 3.0, 0.5], Budget(1, 0, 2)
    rules = {"rotation_share": 0.5, "most_weeks_share": 0.5}
    assert planned(options, values, budget, **rules).rotation == {"a"}
    for watched, first in (
        ({"a": 3}, "b"),
        ({"a": 3, "b": 1}, "c"),
        ({"a": 3, "b": 1, "c": 2}, "b"),  # d, watched never, is worth less than a tenth of a
        ({"a": 2, "b": 2, "c": 2}, "a"),
    ):
        plan = planned(options, values, budget, watched=watched, **rules)
        assert plan.rotation == {first}
        seen = {options[s.option].terminal for s in plan.shifts}
        assert first in seen
        assert len(plan.shifts) == 2


def test_the_share_where_nobody_watches() -> None:
    options = [ship("a", 7.0), traffic("c", 0.02, afloat=True)]
    with pytest.raises(InfeasibleError) as error:
        planned(options, [9.0, 0.1], Budget(5, 1, 2), fresh=["c"], fresh_share=0.5)
    assert error.value.code == "watch.share_unreachable"
    assert error.value.params == {"share": 0.5, "most": 0.2}
    plan = planned(options, [9.0, 0.1], Budget(5, 2, 2), fresh=["c"], fresh_share=0.4)
    assert sum(s.option == 1 for s in plan.shifts) == 4
    # Without a wish it is a fifth, or what the boats allow.
    plan = planned(options, [9.0, 0.1], Budget(15, 1, 2), fresh=["c"], fresh_share=None)
    assert sum(s.option == 1 for s in plan.shifts) == 2


def test_what_the_plan_is_compared_with() -> None:
    # Ten shifts at one place whose ships sail three times; dealt out over two places five each.
    options = [ship("a", 3.0), ship("b", 7.0)]
    plan = planned(options, [1.0, 5.0], Budget(10, 0, 1))
    assert plan.effective.tolist() == [3.0, 7.0]
    assert plan.at_largest.tolist() == [3.0, 0.0]
    assert plan.evenly.tolist() == [3.0, 7.0]
    values = np.array([[1.0, 5.0], [3.0, 15.0]])
    assert plan.persons_per_week(values, 1, plan.effective).tolist() == [38.0, 114.0]


@pytest.mark.parametrize("budget", [Budget(1, 0, 1), Budget(2, 0, 1), Budget(5, 0, 3)])
def test_hours_spread_evenly_know_no_alphabet(budget: Budget) -> None:
    def spread(names: str) -> float:
        options = [ship(names[0], 2.0), traffic(names[1], 0.3), ship(names[2], 1.0)]
        values = [9.0, 4.0, 1.0]
        return float(np.array(values) @ planned(options, values, budget).evenly)

    assert spread("abc") == pytest.approx(spread("cba")) == pytest.approx(spread("bca"))
    if budget.shifts == 1:
        assert spread("abc") == pytest.approx((9 + 4 + 1) / 3), "a third of a shift each"
    if budget.shifts == 2:
        assert spread("abc") == pytest.approx(2 * (9 + 4 + 1) / 3)


def test_evenly_shares_the_trips_too_and_passes_on_what_has_no_use() -> None:
    # Three shifts in all, of which one is a trip: half a trip for each landing, the rest on land.
    options = [traffic("a", 0.02, afloat=True), traffic("b", 0.02, afloat=True), ship("c", 7.0)]
    plan = planned(options, [5.0, 3.0, 1.0], Budget(3, 1, 1))
    assert plan.evenly.tolist() == [0.5, 0.5, 2.0]


def test_no_place_has_all_shifts_in_one_week() -> None:
    # In two weeks a place is watched in one alone: without a limit it would have them all then.
    options = [traffic(name, 0.02) for name in "abcdefgh"]
    rules = {"most_weeks_share": 0.5}
    plan = planned(options, [9.0, *[1.0] * 7], Budget(7, 0, 2), **rules)
    by_place = [sum(s.option == o for s in plan.shifts) for o in range(8)]
    assert (max(by_place), sum(by_place), plan.most_a_week) == (2, 14, 2)
    # One place alone: the hours have no other use, so the limit gives way to them.
    alone = planned(options[:1], [9.0], Budget(4, 0, 1))
    assert (len(alone.shifts), alone.most_a_week) == (4, 4)
    # What ships need comes beside it.
    ships = planned([ship("a", 6.0), traffic("a", 0.02), ship("b", 6.0)], [9.0, 2.0, 1.0],
                    Budget(9, 0, 1))  # fmt: skip
    assert ships.effective.tolist() == [6.0, pytest.approx(1.98), 1.0]


def test_another_seed_moves_weeks_and_no_place() -> None:
    options = [ship("a", 6.0), ship("b", 6.0), ship("c", 6.0)]
    rules: dict[str, object] = {"rotation_share": 0.5, "most_weeks_share": 0.75}
    plans = [
        planned(options, [10.0, 2.0, 0.5], Budget(3, 0, 4), seed, **rules) for seed in range(40)
    ]
    assert len({tuple(sorted(s.option for s in plan.shifts)) for plan in plans}) == 1
    watched = [{(s.option, s.week) for s in plan.shifts} for plan in plans]
    common = [len(one & other) / len(one) for i, one in enumerate(watched) for other in watched[:i]]
    assert plans[0].overlap == pytest.approx(np.mean(common), abs=0.03)


def test_weeks_that_no_call_fixes_are_drawn_still() -> None:
    options = [ship("a", 0.5), ship("b", 1.0), ship("c", 1.0)]
    rules: dict[str, object] = {"calls": {0: [2]}, "most_weeks_share": 0.5}
    plans = [planned(options, [9.0, 2.0, 1.9], Budget(1, 0, 6), seed, **rules) for seed in range(9)]
    assert all([s.week for s in plan.shifts if s.option == 0] == [2] for plan in plans)
    assert len({tuple(s.week for s in plan.shifts if s.option == 1) for plan in plans}) > 2


def test_nothing_to_watch_says_what_to_change() -> None:
    with pytest.raises(InfeasibleError) as error:
        planned([ship("a", 0.2), traffic("c", 0.02, afloat=True)], [1.0, 1.0], Budget(3, 0, 2))
    assert error.value.code == "watch.nothing_to_watch"
    assert "calls" in str(error.value)


def test_persons_of_a_sailing_by_hand() -> None:
    legs = pd.DataFrame({
        "from_id": ["p"] * 4, "mode": ["passenger_ship", "ferry", "small_boat", "passenger_ship"],
        "departures_per_week": [0.5, 21.0, 3.0, np.nan], "flow_mean": [20.0, 50.0, 20.0, 10.0],
    })  # fmt: skip
    terminals = pd.DataFrame({"id": ["p", "q"], "kind": ["seaport", "unofficial"]})
    fortnightly, daily, landing = options_of(terminals, legs, hours=4)
    # A fifth of 1,043.57 a year goes by a ship that sails 26.09 times: eight on each.
    assert float(fortnightly.persons(np.array(20 * WEEKS_A_YEAR))) == pytest.approx(8.0)
    # What has no timetable is traffic with the daily ferry: 24 departures a week are known.
    assert daily.services == (1, 2, 3)
    assert daily.part == pytest.approx(0.8)
    assert daily.seen == pytest.approx(1 / 24)
    assert (landing.part, landing.seen, landing.afloat) == (1.0, 4 / 168, False)


def test_a_roster_invents_no_day_of_a_ship() -> None:
    options = [ship("a"), traffic("c", 0.02)]
    plan = planned(options, [1.0, 0.5], Budget(4, 0, 3))
    rows = roster_of(
        plan.shifts, options, start=monday_of("2026-W53"), known=frozenset({0}),
        rng=np.random.default_rng(3),
    )  # fmt: skip
    assert [row.number for row in rows] == list(range(1, 13))
    assert {row.week for row in rows} == {"2026-12-28", "2027-01-04", "2027-01-11"}
    for row in rows:
        assert (row.day is None) == options[row.option].sailing
        assert row.call_known
    for week in {row.week for row in rows}:
        days = [row.day for row in rows if row.week == week and row.option == 1]
        assert len(days) == len(set(days)) == 3, "one shift a day at a place without a timetable"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"hours": 7}, "watch.too_few_hours", "hours"),
        ({"hours": 11, "travel_hours": 2}, "watch.too_few_hours", "hours"),
        ({"calls": {"S001": [5]}}, "watch.call_after", "calls"),
        ({"hours": 0}, "validation.field", "hours"),
        ({"weeks": 13}, "validation.field", "weeks"),
        ({"start": "week 50"}, "validation.field", "start"),
        ({"most_weeks_share": 0}, "validation.field", "most_weeks_share"),
    ],
)
def test_a_request_that_cannot_be_meant(changes: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(InputError) as error:
        WatchPlanRequest.of(**{"hours": 120, "persons": 2, "watch_hours": 4, **changes})
    assert (error.value.code, error.value.field) == (code, field)


@pytest.mark.parametrize("boats", [1, 2])
def test_a_boat_is_at_one_landing_a_day(boats: int) -> None:
    options = [traffic(name, 0.02, afloat=True) for name in "abc"]
    shifts = [Shift(1, o) for o, count in enumerate((3, 2, 2)) for _ in range(count * boats)]
    for seed in range(20):
        rows = roster_of(
            shifts, options, start=monday_of("2026-W53"), known=frozenset(),
            rng=np.random.default_rng(seed),
        )  # fmt: skip
        days = [row.day for row in rows]
        assert {days.count(day) for day in range(1, 8)} == {boats}
        assert len({(row.option, row.day) for row in rows}) == len(rows), "one shift a day each"


@pytest.mark.parametrize("week", ["2025-W53", "0000-W01", "2026-W48", "2027-W53", "9999-W52"])
def test_a_week_that_no_roster_can_start_in(week: str) -> None:
    with pytest.raises(InputError) as error:
        first_monday(week, date(2026, 11, 30))
    assert (error.value.code, error.value.field) == ("watch.no_week", "start")


def test_the_week_that_runs_and_one_within_a_year_are_good_starts() -> None:
    assert first_monday("2026-W49", date(2026, 12, 6)) == date(2026, 11, 30)
    assert first_monday("2027-W48", date(2026, 11, 30)) == date(2027, 11, 29)
