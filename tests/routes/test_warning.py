"""Early warning: predictions by hand, false alarms and doublings by simulation, silence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from geo.errors import InputError
from layers.plans.early_warning import early_warnings
from routes.evaluation.warning import CountMonitor, estimate_dispersion


def test_the_prediction_by_hand() -> None:
    judged = CountMonitor(discount=0.5, dispersion=2.0).judge([2.0, 4.0, 6.0, 20.0])
    level, weight = 0.25 * 2 + 0.5 * 4 + 6, 0.25 + 0.5 + 1
    mean = (level + 0.5) / weight
    size = 1 / (1 / (level + 0.5) + 1 / 2 + 1 / ((level + 0.5) * 2))
    assert np.isnan(judged.mean[:3]).all()
    assert judged.mean[3] == pytest.approx(mean)
    assert judged.p[3] == pytest.approx(stats.nbinom.sf(19, size, size / (size + mean)))
    variance = mean + mean**2 / size
    assert variance == pytest.approx(
        mean + mean**2 * (1 / (level + 0.5) + 1 / 2 + 1 / ((level + 0.5) * 2))
    )


def test_not_reported_is_not_zero() -> None:
    monitor = CountMonitor(dispersion=5.0)
    missing = monitor.judge([10.0, 11.0, np.nan, 9.0, 10.0])
    zero = monitor.judge([10.0, 11.0, 0.0, 9.0, 10.0])
    assert np.isnan(missing.p[2])
    assert np.isnan(missing.p[3]), "three reported periods come first"
    assert missing.mean[4] > 9.0 > zero.mean[4]


def test_more_effort_explains_more_stops() -> None:
    counts = [10.0, 12.0, 9.0, 11.0, 40.0]
    monitor = CountMonitor(dispersion=20.0)
    assert monitor.judge(counts).p[-1] < 0.01
    assert monitor.judge(counts, np.array([1.0, 1.0, 1.0, 1.0, 4.0])).p[-1] > 0.2


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        CountMonitor().judge([1.0, -1.0])
    assert refused.value.code == "warning.negative"


@pytest.mark.parametrize("dispersion", [1.5, 30.0])
def test_false_alarms_are_what_is_stated_on_fresh_draws(dispersion: float) -> None:
    rng = np.random.default_rng(3)
    monitor = CountMonitor(dispersion=dispersion)
    means = rng.uniform(2, 60, 20)
    streams = [rng.poisson(rng.gamma(dispersion, m / dispersion, 12)).astype(float) for m in means]
    found = monitor.calibrate(streams, rng=np.random.default_rng(1))
    fresh = np.random.default_rng(99)
    means = np.array([stream.mean() for stream in streams])
    draws = fresh.gamma(dispersion, 1 / dispersion, (400, 20, 12)) * means[:, None]
    p = monitor.judge(fresh.poisson(draws).astype(float)).p
    rate = float((p[~np.isnan(p)] < found.alpha).mean())
    assert 0.005 <= rate <= 0.016
    assert found.detected == tuple(sorted(found.detected)), "later is no less told"


def test_a_doubling_of_steady_counts_is_told_and_of_wild_ones_is_not() -> None:
    steady = [np.full(10, 40.0)] * 5
    told = CountMonitor(dispersion=50.0).calibrate(steady, rng=np.random.default_rng(1)).detected
    wild = CountMonitor(dispersion=0.5).calibrate(steady, rng=np.random.default_rng(1)).detected
    assert told[0] > 0.8
    assert wild[0] < 0.15


def test_dispersion_is_found_again() -> None:
    rng = np.random.default_rng(7)
    streams = [rng.poisson(rng.gamma(3.0, m / 3.0, 400)) * 1.0 for m in (20, 50, 80)]
    assert estimate_dispersion(streams) == pytest.approx(3.0, rel=0.25)


def row(code: str, year: int, value: int, **more: object) -> dict[str, object]:
    return {
        "area_code": code, "area_name": code, "year": year, "value": value, "period": None,
        "measure": "interceptions", "legal_class": "nonprocedural", "unit": "person", **more,
    }  # fmt: skip


def test_a_jump_is_told_once_a_part_of_a_year_is_not_and_silence_is() -> None:
    steady = [row("53.01", year, 10 + year % 3) for year in range(2012, 2024)]
    jump = [row("53.02", year, 20) for year in range(2015, 2024)]
    jump += [row("53.02", 2024, 400)]
    province = [row("53", 2024, 400)] + [row("53", year, 21) for year in range(2015, 2024)]
    part = [row("53.03", year, 10) for year in range(2015, 2024)]
    part += [row("53.03", 2024, 500, period="2024-01/2024-06")]
    ended = [row("53.04", year, 10) for year in range(2010, 2020)]
    found = early_warnings([*steady, *jump, *province, *part, *ended])
    assert [(w["area_code"], w["year"]) for w in found["warnings"]] == [("53.02", 2024)]
    (warning,) = found["warnings"]
    assert warning["expected"]["p95"] < 400
    assert "penjagaan" in warning["check"]["id"]
    assert [row["area_code"] for row in found["silent"]] == ["53.04"]
    assert found["streams"] == 5


def test_what_the_record_would_have_told() -> None:
    """Batam's passport deferrals of 2022 were told the year they were counted."""
    years = {2011: 230, 2014: 31, 2017: 27, 2018: 69, 2020: 142, 2022: 4200}
    rows = [row("21.71", year, value) for year, value in years.items()]
    others = [row(f"53.{n:02}", year, 30 + n) for n in range(1, 9) for year in range(2014, 2023)]
    told = early_warnings([*rows, *others], past=True)["warnings"]
    assert [(w["area_code"], w["year"]) for w in told] == [("21.71", 2022)]


def test_an_offices_own_steady_counts_are_not_judged_by_the_leaps_of_drives() -> None:
    """A regency's cases that nearly triple are told, whatever interceptions do elsewhere."""
    drives = {2013: 30, 2015: 600, 2017: 15, 2019: 900, 2022: 40, 2024: 300}
    rows = [row(f"21.0{n}", year, value * n) for n in (1, 2, 3) for year, value in drives.items()]
    own = {"measure": "tppo_cases", "legal_class": "unknown", "unit": "case"}
    for code, last in (("53.21", 40), ("53.02", 25), ("53.04", 15)):
        cases = [15, 20, 15, 15, 20, last]
        rows += [row(code, 2020 + n, value, **own) for n, value in enumerate(cases)]
    found = early_warnings(rows)
    assert [w["area_code"] for w in found["warnings"]] == ["53.21"]
    told = {rule["measure"]: rule["detected"][2] for rule in found["rules"]}
    assert told["tppo_cases"] > 2 * told["interceptions"]
    assert found["false_alarms"] <= 1.0
