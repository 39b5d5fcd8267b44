"""Change between two years: told only beyond the noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from routes.vulnerability.framework import Framework, Indicator
from routes.vulnerability.trend import NO_CLEAR_CHANGE, trends


def _framework(**other: object) -> Framework:
    values: dict[str, object] = {
        "slug": "poor", "direction": "up", "category": "c", "dimension": "susceptibility",
        "weight": 1.0, "unit": "percent", "range": (0.0, 100.0), "error": 1.0,
    }  # fmt: skip
    return Framework(indicators=(Indicator(**(values | other)),))  # type: ignore[arg-type]


def _rows(*values: tuple[str, str, int, float]) -> pd.DataFrame:
    columns = ["area_code", "indicator", "year", "value"]
    return pd.DataFrame(values, columns=columns).assign(variance=0.0)


def test_by_hand() -> None:
    table = _rows(("53.01", "poor", 2019, 20.0), ("53.01", "poor", 2024, 26.0))
    row = trends(table, _framework()).iloc[0]
    assert (row["year_from"], row["year_to"], row["direction"]) == (2019, 2024, "up")
    # 6 points, standard deviation sqrt(2): 6 -/+ 1.6449 * 1.4142
    assert row["change"] == 6.0
    assert np.round([row["p05"], row["p95"]], 4).tolist() == [3.6738, 8.3262]


def test_a_change_within_the_noise_is_not_shown() -> None:
    table = _rows(("53.01", "poor", 2019, 20.0), ("53.01", "poor", 2024, 21.5))
    row = trends(table, _framework()).iloc[0]
    assert row["direction"] == NO_CLEAR_CHANGE
    assert np.isnan(row["change"])


def test_of_many_areas_without_change_hardly_any_is_reported() -> None:
    rng = np.random.default_rng(0)
    told = 0
    for _ in range(40):
        rows = [
            (f"53.{n:02d}", "poor", year, 20.0 + rng.normal())
            for n in range(1, 23)
            for year in (2020, 2024)
        ]
        told += int((trends(_rows(*rows), _framework())["direction"] != NO_CLEAR_CHANGE).any())
    assert told <= 10  # one family in ten is allowed for


def test_counts_carry_poisson_noise_and_rounding() -> None:
    deaths = _framework(
        slug="rate", take="unemployed", per="population", times=1e5, years=(2018, 2024),
        counts_persons=True,
        error=0.0, range=(0.0, 1e3),
    )  # fmt: skip
    people = ("53.01", "population", 2024, 100_000.0)
    calm = _rows(people, ("53.01", "unemployed", 2018, 5.0), ("53.01", "unemployed", 2024, 10.0))
    (published,) = trends(calm, deaths).to_dict("records")
    assert published["direction"] == NO_CLEAR_CHANGE
    width = (published["p95"] - published["p05"]) / 2 / 1.6448536269514722
    assert round(width, 6) == round(15**0.5, 6)
    row = trends(calm.assign(variance=4.0), deaths).iloc[0]
    # held: variance 5 + 10 + 2 * 4
    assert round((row["p95"] - row["p05"]) / 2 / 1.6448536269514722, 6) == round(23**0.5, 6)
    wild = calm.assign(value=[100_000.0, 5.0, 60.0])
    assert trends(wild, deaths).iloc[0]["direction"] == "up"


def test_one_year_is_no_trend() -> None:
    two = _rows(
        ("53.01", "poor", 2024, 20.0), ("53.02", "poor", 2019, 5.0), ("53.02", "poor", 2024, 5.0)
    )
    assert trends(two, _framework())["code"].tolist() == ["53.02"]
