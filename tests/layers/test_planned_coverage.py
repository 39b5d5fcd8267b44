"""Planned against done by hand: which villages were planned, visited, both or neither."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from geo.errors import InputError
from geo.periods import period_of
from layers.query.planned_coverage import (
    PlannedVisit,
    VillageVisit,
    planned_against_done,
    planned_sentence,
)

QUARTER, YEAR = period_of("2026-Q4"), period_of("2026")


def village(number: int, regency: str = "53.04") -> str:
    return f"{regency}.01.{2000 + number}"


def step(number: int, planned: str, done: str | None = None, *, of: Any = QUARTER) -> PlannedVisit:
    return PlannedVisit(village(number), f"Desa {number}", planned, done, of.months)


def visit(number: int, when: str, *, own: bool = False, regency: str = "53.04") -> VillageVisit:
    return VillageVisit(village(number, regency), when, own)


ROWS = [
    {"code": "53", "name": "NTT", "level": "province", "villages": 100},
    {"code": "53.01", "name": "Kupang", "level": "regency", "villages": 60},
    {"code": "53.04", "name": "Belu", "level": "regency", "villages": 40},
    {"code": village(1), "name": "Desa 1", "level": "village", "villages": 1},
]
AREAS = [{"code": "53.01", "departures_mean": 300.0}, {"code": "53.04", "departures_mean": 100.0}]
PLANNED = [
    step(1, "2026-10", "2026-11"),
    step(2, "2026-12"),
    step(3, "2026-03", "2026-10", of=YEAR),  # of the plan of the year, visited only now
    step(4, "2026-02", "2026-02", of=YEAR),  # of another quarter altogether
    step(5, "2025-10", of=period_of("2025-Q4")),  # of a plan that is over
]
VISITS = [
    visit(1, "2026-11"),
    visit(3, "2026-10"),
    visit(4, "2026-02"),
    visit(5, "2026-12"),  # the plan that named it is over: nobody planned it for now
    visit(6, "2026-12", own=True),
    visit(6, "2026-10"),
    visit(7, "2026"),  # only the year is known
    visit(1, "2026-10", regency="53.01"),
    visit(1, "2026-10", regency="51.01"),
]
PLACES = {village(6): {"name": "Enam", "lon": 124.9, "lat": -9.1}}


def found(within: str = "53.04", period: Any = QUARTER) -> dict[str, Any]:
    return planned_against_done(ROWS, AREAS, PLANNED, VISITS, period, within=within, places=PLACES)


def test_villages_of_a_regency_are_counted_once_and_in_one_place() -> None:
    total = found()["total"]
    assert {name: total[name] for name in ("planned", "done", "open")} == {
        "planned": 2, "done": 1, "open": 1,
    }  # fmt: skip
    assert (total["other_month"], total["unplanned"]) == (1, 2)
    assert (total["visited"], total["villages"]) == (4, 40)
    assert total["visited_share"] == pytest.approx(10.0)
    assert total["visited"] == total["done"] + total["other_month"] + total["unplanned"]
    assert total["departures_share"] is None, "what part of a regency leaves from where is not told"


def test_the_list_names_planned_villages_and_own_visits_and_nobody_elses() -> None:
    rows = found()["villages"]
    assert [(row["code"], row["state"]) for row in rows] == [
        (village(2), "open"), (village(1), "done"), (village(3), "other_month"),
        (village(6), "unplanned"),
    ]  # fmt: skip
    mine = rows[-1]
    assert (mine["name"], mine["lon"], mine["planned"]) == ("Enam", 124.9, None)
    assert mine["done"] == "2026-12", "the month of the own visit, not of another office's"
    assert rows[0]["done"] is None


def test_a_province_by_regency_weighted_by_departures() -> None:
    answer = found("53")
    assert [area["code"] for area in answer["areas"]] == ["53.01", "53.04"]
    kupang = answer["areas"][0]
    assert (kupang["unplanned"], kupang["visited_share"]) == (1, pytest.approx(100 / 60))
    assert answer["total"]["visited"] == 5
    # (300 x 1/60 + 100 x 4/40) / 400
    assert answer["total"]["departures_share"] == pytest.approx(100 * 15 / 400)
    unknown = planned_against_done(
        ROWS, AREAS[:1], PLANNED, VISITS, QUARTER, within="53", places={}
    )
    assert unknown["total"]["departures_share"] is None


def test_of_a_year_what_is_known_by_year_counts_too() -> None:
    total = found(period=YEAR)["total"]
    assert (total["planned"], total["done"], total["open"]) == (4, 3, 1)
    assert total["unplanned"] == 3


def test_without_a_visit_there_is_no_share() -> None:
    answer = planned_against_done(ROWS, AREAS, [], [], QUARTER, within="53", places={})
    assert answer["areas"] == answer["villages"] == []
    assert answer["total"]["visited_share"] is answer["total"]["departures_share"] is None


def test_what_a_closed_plan_had_done_stays() -> None:
    closed = [step(8, "2026-10", "2026-10")]
    total = planned_against_done(ROWS, AREAS, closed, [], QUARTER, within="53.04", places={})
    assert (total["total"]["done"], total["total"]["visited"]) == (1, 0)


def test_a_visit_after_its_end_is_no_tick_of_a_closed_plan() -> None:
    closed = [replace(step(8, "2026-10"), closed=True)]
    late = [visit(8, "2026-12")]
    total = planned_against_done(ROWS, AREAS, closed, late, QUARTER, within="53.04", places={})
    assert (total["total"]["done"], total["total"]["open"], total["total"]["visited"]) == (0, 1, 1)


def test_what_was_done_in_another_quarter_is_said_apart() -> None:
    early = [step(9, "2026-11", "2026-02", of=YEAR), step(3, "2026-03", of=YEAR)]
    answer = planned_against_done(
        ROWS, AREAS, early, [visit(9, "2026-02"), visit(3, "2026-10")], QUARTER,
        within="53.04", places={},
    )  # fmt: skip
    total = answer["total"]
    assert (total["done"], total["done_before"], total["other_month"]) == (1, 1, 1)
    said = planned_sentence(total, QUARTER)
    assert said is not None
    assert said.in_language("en") == (
        "Plans of visits seen here, quarter 4 of 2026: 1 of 1 planned villages visited, 0 not yet. "
        "Of these visited in another period: 1. Visited now, planned for another month: 1."
    )


def test_where_nobody_leaves_there_is_no_share_of_departures() -> None:
    nobody = [{"code": code, "departures_mean": 0.0} for code in ("53.01", "53.04")]
    answer = planned_against_done(ROWS, nobody, PLANNED, VISITS, QUARTER, within="53", places={})
    assert answer["total"]["departures_share"] is None


def test_nothing_is_told_below_a_regency() -> None:
    for area in ("53.04.01", village(7)):
        with pytest.raises(InputError, match="province or a regency"):
            found(area)
