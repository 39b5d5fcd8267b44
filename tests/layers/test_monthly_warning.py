"""Months: season and hours watched as exposure, days counted, silence; whose counts they are."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layers.plans.early_warning import early_warnings
from layers.plans.monthly_warning import (
    MonthCount,
    MonthStreams,
    hours_by_year,
    month_counts,
    monthly_warnings,
)
from routes.evaluation.season import month_factors

TODAY = date(2026, 11, 30)
STEADY = (10, 12, 9, 11, 10, 8, 12, 11, 9, 10, 10, 12)


def months(code: str, first: str, values: list[float], **more: Any) -> list[MonthCount]:
    """Counts of a place month by month from ``first``; NaN is not reported."""
    year, month = map(int, first.split("-"))
    hours = more.pop("hours", [None] * len(values))
    return [
        MonthCount(
            area_code=code, terminal_id="", measure="interceptions", legal_class="nonprocedural",
            unit="person", value=value, hours=hours[at],
            month=f"{year + (month + at - 1) // 12}-{(month + at - 1) % 12 + 1:02}", **more,
        )
        for at, value in enumerate(values) if not np.isnan(value)
    ]  # fmt: skip


def test_a_season_is_pooled_and_shrunk_by_hand() -> None:
    """Two years of twice as many in December: ratios 24/13 and 12/13; (4 + 2 * 24/13) / 6."""
    year = np.array([10.0] * 11 + [20.0])
    factors = month_factors([year, 5 * year])
    raw = [(4 + 2 * 12 / 13) / 6] * 11 + [(4 + 2 * 24 / 13) / 6]
    assert factors == pytest.approx(np.array(raw) / np.mean(raw))
    assert factors.mean() == pytest.approx(1.0)
    few, gap = year / 10, np.where(np.arange(12) == 3, np.nan, year)
    assert month_factors([few, gap]).tolist() == [1.0] * 12, "too few, and a month not reported"


def test_a_holiday_of_each_year_is_no_warning_and_one_out_of_season_is() -> None:
    peak = [10.0] * 11 + [40.0]
    places = [f"53.{n:02}" for n in range(1, 7)]
    counts = [c for code in places for c in months(code, "2023-01", peak * 3)]
    found = monthly_warnings(counts, today=date(2026, 1, 5))
    assert found["warnings"] == []
    assert found["season"]["interceptions"][11] > 2 * found["season"]["interceptions"][0]
    july = [c for code in places for c in months(code, "2023-01", peak * 2 + [10.0] * 7)]
    july[30 * 1] = MonthCount(**{**vars(july[30]), "value": 40.0})
    (told,) = monthly_warnings(july, today=date(2025, 8, 5))["warnings"]
    assert (told["area_code"], told["month"], told["count"]) == ("53.01", "2025-07", 40)


def test_more_hours_are_more_watching_not_more_people() -> None:
    values, hours = [*map(float, STEADY), 60.0], [100.0] * 12 + [550.0]
    plain = monthly_warnings(months("53.71", "2025-10", values), today=TODAY)
    assert [row["count"] for row in plain["warnings"]] == [60]
    assert plain["watched"] == []
    found = monthly_warnings(months("53.71", "2025-10", values, hours=hours), today=TODAY)
    assert found["warnings"] == []
    (row,) = found["watched"]
    assert row["check"]["en"].startswith("More watching, not more people: 5.5 times the hours")
    assert row["check"]["id"].startswith("Lebih banyak penjagaan, bukan lebih banyak orang: jam")
    level = np.array(STEADY) @ 0.9 ** np.arange(11, -1, -1)
    weight = (0.9 ** np.arange(12)).sum()
    assert row["expected"]["mean"] == pytest.approx((level + 0.5) / weight), "as if no hours"
    same = monthly_warnings(months("53.71", "2025-10", values, hours=[100.0] * 13), today=TODAY)
    assert [row["count"] for row in same["warnings"]] == [60]
    assert "allowed for (1.0 times" in same["warnings"][0]["check"]["en"]


def test_fewer_hours_make_an_ordinary_count_a_warning() -> None:
    values, hours = [*map(float, STEADY), 11.0], [300.0] * 12 + [30.0]
    (row,) = monthly_warnings(months("53.71", "2025-10", values, hours=hours), today=TODAY)[
        "warnings"
    ]
    assert row["count"] == 11
    assert row["expected"]["p95"] < 11
    assert "allowed for (0.1 times" in row["check"]["en"]


def test_hours_of_some_months_alone_are_no_exposure() -> None:
    hours: list[float | None] = [100.0] * 12 + [None]
    counts = months("53.71", "2025-10", [*map(float, STEADY), 60.0], hours=hours)
    streams = MonthStreams.of(counts)
    assert list(streams.hours.values()) == [None]


def test_an_office_that_stopped_for_two_months_is_silent() -> None:
    def silent(last_month: int, **more: Any) -> list[str]:
        counts = months("53.71", "2026-01", [10.0] * last_month, **more)
        return [row["last"] for row in monthly_warnings(counts, today=TODAY)["silent"]]

    assert silent(8) == ["2026-08"], "September and October are over"
    assert silent(9) == [], "one month may be late; November is not over"
    assert silent(8, held=False) == [], "the press does not report each month"
    rare = months("53.71", "2025-01", [3.0, np.nan, np.nan, 4.0, np.nan, np.nan, np.nan, 5.0])
    assert monthly_warnings(rare, today=TODAY)["silent"] == [], "never reported each month"


def test_a_month_that_is_not_over_hides_no_alarm_and_is_none() -> None:
    values, tenth = [*map(float, STEADY), 60.0], date(2026, 11, 10)
    for running in ([], [3.0], [300.0]):
        counts = months("53.71", "2025-10", values + running)
        found = monthly_warnings(counts, today=tenth, past=True)
        assert [(row["month"], row["count"]) for row in found["warnings"]] == [("2026-10", 60)]
        assert found["silent"] == []
    over = monthly_warnings(months("53.71", "2025-10", [*values, 3.0]), today=date(2026, 12, 1))
    assert over["warnings"] == [], "November is over and the last"
    gap = [*map(float, STEADY), np.nan, np.nan, 3.0]  # from September 2025; none of September
    heard = monthly_warnings(months("53.71", "2025-09", gap), today=tenth)
    assert heard["silent"] == [], "who reports the running month has not stopped"
    assert monthly_warnings(months("53.71", "2025-09", gap[:-1]), today=tenth)["silent"] != []


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {
        "place_code": "53.71", "terminal_id": "", "measure": "prevented", "kind": "total",
        "unit": "person", "legal_class": "nonprocedural", "year": 2026.0, "held": True,
        "period": "2026-05", "value": 8.0, "effort": None, "status": "", "how": "",
    }  # fmt: skip
    return pd.DataFrame([{**base, **row} for row in rows])


def test_months_are_read_as_everywhere_sums_contain_their_parts() -> None:
    stopped = {"measure": "persons_stopped", "kind": "interception"}
    found = month_counts(frame(
        {"effort": 90.0}, {**stopped, "value": 3.0}, {**stopped, "value": 4.0, "effort": 80.0},
        {"period": "2026-06", "value": 2.0}, {"period": "2026"}, {"period": "2026-05-03"},
        {"period": "2026-04", "held": False}, {"place_code": "53.71.01.1001", "period": "2026-07"},
    ))  # fmt: skip
    assert [(c.area_code, c.month, c.value, c.hours) for c in found] == [
        ("53.71", "2026-05", 8.0, 90.0), ("53.71", "2026-06", 2.0, None),
        ("53.71", "2026-07", 8.0, None),
    ]  # fmt: skip
    assert {c.measure for c in found} == {"interceptions"}


def test_hours_are_added_up_as_the_counts_they_are_behind() -> None:
    stopped = {"measure": "persons_stopped", "kind": "interception", "value": 9.0, "effort": 100.0}
    one, two = ({**stopped, "place_code": f"53.04.0{n}"} for n in (1, 2))
    whole = {"place_code": "53.04"}

    def read(*rows: dict[str, Any]) -> list[tuple[float, float | None]]:
        return [(c.value, c.hours) for c in month_counts(frame(*rows))]

    assert read(one, two) == [(18.0, 200.0)]
    assert read(one, {**two, "effort": None}) == [(18.0, None)], "of one district unknown"
    assert read(one, one, two) == [(27.0, 200.0)], "two rows of one watch"
    assert read(one, two, {**whole, "value": 20.0, "effort": 250.0}) == [(20.0, 250.0)]
    assert read(one, two, {**whole, "value": 20.0}) == [(20.0, 200.0)], "of its parts"
    sums = ({**part, "kind": "total"} for part in (one, two))
    assert read(*sums) == [(9.0, 100.0)], "sums are not added, nor are their hours"


def test_a_year_judged_per_hour_watched() -> None:
    """Three times the hours and three times the stops: more watching, in the yearly list too."""
    rows = [
        {"area_code": "53.71", "area_name": "Kota Kupang", "year": 2012 + n, "value": value,
         "period": None, "measure": "interceptions", "legal_class": "nonprocedural",
         "unit": "person"}
        for n, value in enumerate([20, 21, 19, 20, 22, 20, 21, 20, 19, 120])
    ]  # fmt: skip
    assert [w["count"] for w in early_warnings(rows)["warnings"]] == [120]
    assert "watched" not in early_warnings(rows)
    hours = hours_by_year(frame(*(
        {"year": float(2012 + n), "period": str(2012 + n), "effort": 1000.0 * (1 + 5 * (n == 9))}
        for n in range(10)
    )))  # fmt: skip
    found = early_warnings(rows, effort=hours)
    assert found["warnings"] == []
    assert [w["check"]["en"][:43] for w in found["watched"]] == [
        "More watching, not more people: 6.0 times t"
    ]
    gap = {place: value for place, value in hours.items() if place[1] != 2015}
    assert [w["count"] for w in early_warnings(rows, effort=gap)["warnings"]] == [120]


def test_hours_of_a_year_are_those_of_all_its_rows_or_none() -> None:
    whole = [{"period": f"2026-{m:02}", "effort": 10.0} for m in (1, 2)]
    assert hours_by_year(frame(*whole)) == {("53.71", 2026): 20.0}
    assert hours_by_year(frame(*whole, {"period": "2026-03"})) == {}
    split = {"measure": "persons_stopped", "kind": "interception", "effort": 10.0}
    assert hours_by_year(frame(split, split)) == {("53.71", 2026): 10.0}, "one watch"
    one, two = ({**split, "place_code": f"53.04.0{n}"} for n in (1, 2))
    assert hours_by_year(frame(one, two)) == {("53.04", 2026): 20.0}
    exits = [{**split, "terminal_id": name} for name in ("tenau", "el-tari")]
    assert hours_by_year(frame(*exits)) == {("53.71", 2026): 20.0}
    district = {**one, "effort": 7.0, "place_code": "53.71.01"}
    assert hours_by_year(frame(split, district)) == {("53.71", 2026): 10.0}, "within the city"


def test_hours_of_the_year_or_of_its_months_but_not_both() -> None:
    of_2024 = {"year": 2024.0}
    year = {**of_2024, "period": "2024", "effort": 1200.0}
    each = [{**of_2024, "period": f"2024-{m:02}", "effort": 100.0} for m in range(1, 13)]
    for rows in ((year, *each), (*each, year), (year,), each, ({**year, "effort": None}, *each)):
        assert hours_by_year(frame(*rows)) == {("53.71", 2024): 1200.0}
    assert hours_by_year(frame({**year, "effort": None}, *each[:3])) == {}, "of three months"
    assert hours_by_year(frame(year, each[0], {**each[1], "effort": None})) == {
        ("53.71", 2024): 1200.0
    }


def test_rows_without_a_year_have_no_hours_of_a_year() -> None:
    row = {"period": "2024", "year": 2024.0, "effort": 50.0}
    blank = {"period": "", "year": float("nan"), "effort": 9.0}
    assert hours_by_year(frame(row, blank)) == {("53.71", 2024): 50.0}
    assert hours_by_year(frame(blank)) == {}
