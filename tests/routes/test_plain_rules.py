"""Plain rules by hand, on the episodes on record, and beside ours on the same simulated streams."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from layers.plans.monthly_warning import published_months
from layers.plans.warning_comparison import EPISODES, compare_on_record
from routes.evaluation.plain_rules import (
    LATER_PERIODS,
    compare_rules,
    monitor_rule,
    plain_rules,
)
from routes.evaluation.warning import CountMonitor

RULES = plain_rules()
NAN = np.nan


def test_last_years_mean_by_hand() -> None:
    rule = RULES["last_mean"]
    scores = rule.scores(np.array([4.0, 9.0, NAN, 18.0]), rule.bound)
    assert np.isnan(scores[[0, 2]]).all(), "nothing before it, and nothing reported"
    assert 10 ** -scores[1] == pytest.approx(stats.poisson.sf(8, 4))
    assert 10 ** -scores[3] == pytest.approx(stats.poisson.sf(17, 9)), "the last year on record"
    assert rule.alarms(np.array([4.0, 9.0, NAN, 18.0])).tolist() == [False, False, False, True]
    far = rule.scores(np.array([10.0, 900.0, 10.0, 1000.0]), rule.bound)
    assert far[3] > far[1] > 1000, "beyond what a float holds it still grows"
    assert rule.scores(np.array([10.0, 0.0]), rule.bound)[1] == 0.0


def test_last_year_of_months_is_twelve_of_them() -> None:
    months = np.array([10.0] * 12 + [16.0, 40.0])
    scores = plain_rules(12)["last_mean"].scores(months, 2.0)
    assert np.isnan(scores[:3]).all()
    assert 10 ** -scores[13] == pytest.approx(stats.poisson.sf(39, (11 * 10 + 16) / 12))


def test_cusum_by_hand() -> None:
    rule = RULES["cusum"]
    counts = np.array([16.0, 16.0, 16.0, 22.0, 30.0, 30.0])
    first = (22 - 16) / 4 - 0.5
    mean = (3 * 16 + 22) / 4
    second = first + (30 - mean) / np.sqrt(mean) - 0.5
    scores = rule.scores(counts, rule.bound)
    assert np.isnan(scores[:3]).all()
    assert scores[3:5].tolist() == pytest.approx([first, max(second, 0)])
    low = rule.scores(counts, second - 0.01)
    mean = (3 * 16 + 22 + 30) / 5
    assert low[5] == pytest.approx((30 - mean) / np.sqrt(mean) - 0.5), "anew after an alarm"


def test_doubling_by_hand() -> None:
    counts = np.array([10.0, 19.0, 38.0, 0.0, 1.0])
    assert RULES["doubling"].alarms(counts).tolist() == [False, False, True, False, True]


def test_all_rules_see_the_same_streams_and_the_monitor_errs_least() -> None:
    """Steady level of 20 that scatters with size 3: plain rules take scatter for a rise."""
    streams = [np.full(10, 20.0)] * 6
    monitor = CountMonitor(dispersion=3.0)
    found = monitor.calibrate(streams, rng=np.random.default_rng(1), runs=300, target=0.05)
    rules = {**RULES, "monitor": monitor_rule(monitor, found.alpha)}
    tried = compare_rules(rules, streams, monitor, rng=np.random.default_rng(5), runs=300)
    own = tried["monitor"][0]
    assert own.false_alarms <= 1.0, "a period over all streams"
    assert own.false_alarms == pytest.approx(found.false_alarms, rel=0.3)
    assert own.detected[2] == pytest.approx(found.detected[2], abs=0.06)
    for name in RULES:
        used, seldom = tried[name]
        assert used.false_alarms > own.false_alarms
        assert seldom.false_alarms <= own.false_alarms
        assert seldom.bound > used.bound
        assert seldom.detected[2] < used.detected[2]
        assert list(used.detected) == sorted(used.detected)
    assert tried["doubling"][1].detected[2] < own.detected[2]
    assert 1 <= own.delay <= LATER_PERIODS


def test_a_desk_of_monthly_streams_has_one_false_alarm_a_month_at_most() -> None:
    """Twenty-two regencies, two years of months; a doubling is told in the second month."""
    means = np.linspace(6, 40, 22)
    streams = [np.full(24, mean) for mean in means]
    monitor = CountMonitor(discount=0.9, dispersion=10.0)
    found = monitor.calibrate(
        streams, rng=np.random.default_rng(1), runs=30, target=min(0.05, 1 / len(streams))
    )
    fresh = np.random.default_rng(77)
    draws = np.array([monitor.quiet(stream, fresh, 30) for stream in streams])
    assert float((monitor.judge(draws).p < found.alpha).sum()) / (30 * 24) <= 1.0
    rules = {"monitor": monitor_rule(monitor, found.alpha)}
    ((own, _),) = compare_rules(
        rules, streams, monitor, rng=np.random.default_rng(5), runs=20
    ).values()
    assert own.delay <= 2


def row(code: str, year: int, value: int, **more: object) -> dict[str, Any]:
    return {
        "area_code": code, "area_name": code, "year": year, "value": value, "period": None,
        "measure": "interceptions", "legal_class": "nonprocedural", "unit": "person", **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    """The counts on record of the episodes' streams, as they are published."""
    batam = {2011: 230, 2013: 26, 2016: 276, 2017: 281, 2018: 193, 2020: 142, 2022: 4200,
             2023: 8243, 2024: 3337}  # fmt: skip
    ntt = {2011: 39, 2013: 93, 2015: 45, 2018: 1379, 2021: 31}
    nunukan = {2008: 4938, 2012: 3133, 2013: 2790, 2014: 3643, 2016: 3366, 2018: 2946}
    rows = [row("21.71", year, value) for year, value in batam.items()]
    rows += [row("53", year, value) for year, value in ntt.items()]
    landed = {"measure": "deportations", "legal_class": "unknown"}
    rows += [row("65.03", year, value, **landed) for year, value in nunukan.items()]
    rows += [row("21.72", 2015, 10, period="2015-04/2015-04"),
             row("21.72", 2017, 11, period="2017-01/2017-03")]  # fmt: skip
    return compare_on_record(rows, published_months())


def said(compared: dict[str, Any], area: str, period: str) -> dict[str, str]:
    (found,) = [e for e in compared["episodes"] if (e["area_code"], e["period"]) == (area, period)]
    return dict(found["said"])


def test_what_each_rule_would_have_said_of_the_episodes(compared: dict[str, Any]) -> None:
    everybody = dict.fromkeys(("last_mean", "cusum", "doubling", "monitor"), "told")
    assert said(compared, "21.71", "2022") == everybody
    assert said(compared, "53", "2018") == everybody
    after = said(compared, "21.71", "2023")
    assert (after["last_mean"], after["doubling"]) == ("told", "quiet"), "8,243 after 4,200"
    assert after["monitor"] == "quiet", "after a twentyfold rise it expects anything"
    assert set(said(compared, "65.03", "2016").values()) == {"quiet"}
    assert set(said(compared, "21.72", "2017").values()) == {"not_judged"}, "no whole year"


def test_the_drive_of_june_2023_is_told_as_more_watching(compared: dict[str, Any]) -> None:
    """157 deferred in seven days of June, after 44 to 124 a month; the plain rules do not count
    days, and take a May of 120 for the alarm.
    """
    assert said(compared, "35.15", "2023-06")["monitor"] == "told"
    assert said(compared, "35.15", "2023-06")["doubling"] == "quiet"
    assert said(compared, "35.15", "2023-05")["doubling"] == "told", "120 after 39"
    june = [e for e in compared["episodes"] if e["period"] == "2023-06"]
    assert all("the national drive" in e["check"]["en"] for e in june)
    assert all("more watching, not more people" in e["check"]["en"] for e in june)
    (juanda,) = [e for e in june if e["terminal_id"] == "juanda"]
    level = np.array([124.0, 58, 99, 39, 120]) @ 0.9 ** np.arange(4, -1, -1)
    weight = (0.9 ** np.arange(5)).sum()
    assert juanda["expected"] == pytest.approx(7 / 30 * (level + 0.5) / weight)


def test_episodes_are_the_named_ones_and_the_record_is_counted(compared: dict[str, Any]) -> None:
    assert {episode.name for episode in EPISODES} == {
        "june_2023", "batam", "tanjungpinang", "nunukan", "ntt"
    }  # fmt: skip
    on_record = compared["on_record"]
    assert on_record["monitor"]["told"] < on_record["last_mean"]["told"]
    assert on_record["doubling"]["judged"] == 9 + 5 + 6 - 3, "all but the first of each stream"
