"""Counts per 100,000 inhabitants: whose, of which years, and how sure."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geo.tiers import TIERS
from layers.query.counts import counts_on_record
from layers.release.counts import published_counts, rates
from layers.release.published import published_rows
from layers.visibility import OPERATOR

PEOPLE = {"53": 5_300_000, "53.04": 217_000, "53.21": 207_000}


def _published(*rows: dict[str, object]) -> pd.DataFrame:
    whole = {
        "terminal_id": "", "origin_code": "", "unit": "person", "legal_class": "unknown",
        "status": "unknown", "how": "unknown", "period": "2024", "year": 2024.0, "held": False,
        "source": "x",
    }  # fmt: skip
    areas = [
        {
            "code": code,
            "name": code,
            "lat": -9.0,
            "lon": 124.0,
            "population": people,
            "population_year": 2024,
        }
        for code, people in PEOPLE.items()
    ]
    return published_counts(pd.DataFrame([{**whole, **row} for row in rows]), pd.DataFrame(areas))


def test_the_interval_holds_the_means_under_which_such_a_count_is_not_rare() -> None:
    """Under its lower end so many or more have a chance of 5 %, under its upper so few or fewer."""
    counts = np.array([0, 1, 5, 30, 400])
    found = rates(counts, np.full(5, 1e5))
    assert found["per_100k_mean"].tolist() == counts.tolist()
    assert stats.poisson.cdf(counts, found["per_100k_p95"]) == pytest.approx(0.05)
    assert stats.poisson.sf(counts[1:] - 1, found["per_100k_p05"][1:]) == pytest.approx(0.05)
    assert found["per_100k_p05"][0] == 0
    assert found["per_100k_p95"][0] == pytest.approx(-math.log(0.05))


def test_a_protected_count_may_have_been_any_that_rounds_to_it() -> None:
    sure, rounded = rates([20, 20], [1e5, 1e5], [0, 4]).to_dict("records")
    ends = rates([16, 24], [1e5, 1e5])
    assert rounded["per_100k_mean"] == sure["per_100k_mean"] == 20
    assert rounded["per_100k_p05"] == ends["per_100k_p05"][0] < sure["per_100k_p05"]
    assert rounded["per_100k_p95"] == ends["per_100k_p95"][1] > sure["per_100k_p95"]


def test_only_a_protected_count_of_the_same_subject_widens_an_interval() -> None:
    """A held row of another measure says nothing of this one, nor that it is there."""
    deaths = {"kind": "deaths", "measure": "died_abroad", "place_code": "53.21", "value": 30}
    victims = {"kind": "tppo_victims", "measure": "tppo_victims", "place_code": "53.21", "value": 5,
               "legal_class": "tppo", "held": True}  # fmt: skip
    alone = _published(deaths)
    beside = _published(deaths, victims).query("measure == 'deaths_abroad'")
    pd.testing.assert_frame_equal(alone, beside.reset_index(drop=True))
    own = _published({**deaths, "held": True}).set_index("area_code").loc["53.21"]
    assert own["per_100k_p05"] < alone.set_index("area_code").loc["53.21", "per_100k_p05"]


def test_rates_are_of_residents_and_of_whole_years_alone() -> None:
    deaths = {"kind": "deaths", "measure": "died_abroad"}
    stops = {"kind": "interception", "measure": "persons_stopped"}
    table = _published(
        {**deaths, "place_code": "53.21", "value": 30},
        {**deaths, "place_code": "53.04", "value": 15, "period": "2024-01/2024-07"},
        {**stops, "place_code": "53.04", "value": 40},
    ).set_index(["area_code", "measure"])
    malaka = table.loc[("53.21", "deaths_abroad")]
    assert malaka["per_100k_mean"] == pytest.approx(30 / 2.07)
    assert np.isnan(table.loc[("53.04", "deaths_abroad"), "per_100k_mean"])
    assert np.isnan(table.loc[("53.04", "interceptions"), "per_100k_mean"]), "who passes, not lives"
    whole = table.loc[("53", "deaths_abroad")]
    assert whole["value"] == 45
    assert whole["per_100k_mean"] == pytest.approx(45 / 53)


def test_a_rate_of_an_old_year_says_whose_inhabitants_it_is_of() -> None:
    """30 deaths of 2016 by the 207,000 inhabitants of 2024, which the row and the answer say."""
    deaths = {"kind": "deaths", "measure": "died_abroad", "year": 2016.0, "period": "2016"}
    stops = {"kind": "interception", "measure": "persons_stopped", "place_code": "53.04"}
    table = _published({**deaths, "place_code": "53.21", "value": 30}, {**stops, "value": 40})
    malaka = table.set_index(["area_code", "year"]).loc[("53.21", 2016)]
    assert malaka["per_100k_mean"] == pytest.approx(14.49, abs=0.005)
    assert malaka["population_year"] == 2024
    unrated = table[table["measure"] == "interceptions"]
    assert unrated["population_year"].isna().tolist() == [True, True], "no rate: nobody is meant"
    rows = published_rows("counts", OPERATOR, {name: table[name].tolist() for name in table})
    found = counts_on_record(rows, [], within="53.21")["counts"]
    assert [row["population_year"] for row in found] == [2024]


def test_what_is_not_on_record_is_named_and_no_zero() -> None:
    rows = [
        {"area_code": code, "area_name": code, "level": level, "year": year, "value": value,
         "measure": "deaths_abroad", "legal_class": "unknown"}
        for code, level, year, value in (
            ("53", "province", 2024, 45), ("53.21", "regency", 2024, 30),
            ("53.21", "regency", 2023, 0), ("65.04", "regency", 2024, 7),
        )
    ]  # fmt: skip
    areas = [
        {"code": code, "name": code, "level": "regency" if "." in code else "province"}
        for code in ("21", "53", "65", "53.04", "53.21", "65.04")
    ]
    there = counts_on_record(rows, areas, within="53")
    assert [(c["code"], c["year"], c["value"]) for c in there["counts"]] == [
        ("53", 2024, 45), ("53.21", 2024, 30), ("53.21", 2023, 0),
    ]  # fmt: skip
    assert there["unreported"] == [{"code": "53.04", "name": "53.04"}]
    assert there["counts"][0]["per_100k"] is None
    nation = counts_on_record(rows, areas, year=2024)["counts"]
    assert [c["code"] for c in nation] == ["53", "65.04"], "no province sums the second"
    # 65 has one of its regencies on record
    assert counts_on_record(rows, areas)["unreported"] == [{"code": "21", "name": "21"}]
    assert counts_on_record(rows, areas, within="53", measure="deportations")["counts"] == []


def test_a_count_that_each_tier_has_is_counted_once() -> None:
    """A build with held counts keeps every cell for each tier; the command line added them up."""
    row: dict[str, object] = {
        "place_code": "53.21", "measure": "died_abroad", "kind": "deaths", "value": 12.0,
    }  # fmt: skip
    once = _published(row)
    each = _published(*({**row, "tier": tier} for tier in TIERS))
    assert each["value"].tolist() == once["value"].tolist() == [12, 12]
