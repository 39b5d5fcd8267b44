"""The curated indicators: complete, in range, in one unit, and in line with an independent copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.shelters import names_shelter

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "geo" / "data" / "indicators.csv"
COLUMNS = [
    "area_code", "indicator", "year", "value", "unit", "source", "table", "as_of",
    "confidence", "note",
]  # fmt: skip
NTT = [f"53.{n:02d}" for n in range(1, 22)] + ["53.71"]
KEPRI = ["21.01", "21.02", "21.03", "21.04", "21.05", "21.71", "21.72"]
KALTARA = ["65.01", "65.02", "65.03", "65.04", "65.71"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(TABLE, dtype={"area_code": str, "as_of": str}, keep_default_na=False)


def wide(table: pd.DataFrame, year: int | None = None) -> pd.DataFrame:
    """Latest value (or that of one year) per area and indicator."""
    rows = table if year is None else table[table["year"] == year]
    last = rows.sort_values("year").groupby(["area_code", "indicator"]).tail(1)
    return last.pivot(index="area_code", columns="indicator", values="value")


def test_schema_and_one_row_per_area_indicator_year(table: pd.DataFrame) -> None:
    assert list(table.columns) == COLUMNS
    assert not table.duplicated(["area_code", "indicator", "year"]).any()
    assert table["area_code"].str.fullmatch(r"\d{2}(\.\d{2})?").all()
    assert table["year"].between(2009, 2026).all()
    for column in ("source", "table", "as_of", "unit"):
        assert (table[column] != "").all(), column
    assert table["confidence"].isin(["high", "medium", "low"]).all()
    assert table["source"].str.match(r"https?://|F\d{3}$").all()


def test_one_unit_per_indicator_and_values_in_range(table: pd.DataFrame) -> None:
    assert (table.groupby("indicator")["unit"].nunique() == 1).all()
    percent = table[table["unit"] == "percent"]["value"]
    assert percent.between(0, 100).all()
    assert table[table["unit"] == "index"]["value"].between(30, 100).all()  # Nduga 36.30
    assert table[table["unit"] == "years"]["value"].between(1, 20).all()
    persons = table[table["unit"] == "persons"]["value"]
    assert (persons >= 0).all()
    assert (persons % 1 == 0).all()


def test_population_of_every_regency_sums_to_its_province(table: pd.DataFrame) -> None:
    people = wide(table, 2024)["population"].dropna()
    provinces = people[people.index.str.len() == 2]
    regencies = people[people.index.str.len() == 5]
    assert len(provinces) == 38
    assert len(regencies) == 514
    sums = regencies.groupby(regencies.index.str[:2]).sum()
    pd.testing.assert_series_equal(sums, provinces, check_names=False)
    assert provinces.sum() == 284_973_643


def human_development(years: pd.DataFrame) -> pd.Series:
    """The formula of BPS: the geometric mean of health, schooling and what people can spend."""
    health = (years["life_expectancy_sp2010"] - 20.0) / 65.0
    schooling = (years["expected_years_school"] / 18.0 + years["mean_years_school"] / 15.0) / 2.0
    least, most = np.log(1_007.436), np.log(26_572.352)
    spending = (np.log(years["expenditure_per_capita"]) - least) / (most - least)
    return pd.Series(100.0 * np.cbrt(health * schooling * spending))


def test_human_development_is_what_its_four_parts_give(table: pd.DataFrame) -> None:
    years = wide(table, 2024)
    years = years[years["hdi_sp2010"].notna()]
    assert len(years) == 552
    # An exact half may be rounded either way.
    assert (human_development(years) - years["hdi_sp2010"]).abs().max() < 0.0051
    # As BPS published East Nusa Tenggara in 2024, with the life expectancy of the newer census.
    newer = years.loc[["53"]].assign(life_expectancy_sp2010=71.83)
    assert round(human_development(newer).iloc[0], 2) == 69.14 == years.loc["53", "hdi"]


def test_the_two_series_of_human_development_are_never_one(table: pd.DataFrame) -> None:
    years = wide(table, 2024)
    both = years[years["hdi"].notna() & years["hdi_sp2010"].notna()]
    assert len(both) >= 15
    # The census of 2020 gives longer lives, hence a higher index, of the same order.
    assert (both["hdi"] - both["hdi_sp2010"]).between(0.0, 3.0).all()
    assert both[["hdi", "hdi_sp2010"]].corr("spearman").iloc[0, 1] > 0.95


def test_coverage_of_the_pilot_and_of_the_country(table: pd.DataFrame) -> None:
    latest = wide(table)
    for indicator in ("population", "poverty_rate", "mean_years_school", "stunting_rate",
                      "migrant_deaths"):  # fmt: skip
        assert latest.loc[NTT, indicator].notna().all(), indicator
    assert latest.loc[KEPRI, "poverty_rate"].notna().all()
    assert latest.loc[KALTARA, "poverty_rate"].notna().all()
    assert latest.loc[KEPRI, "unemployment_rate"].notna().all()
    regencies = latest[latest.index.str.len() == 5]
    assert len(regencies) == 514
    for indicator in ("population", "mean_years_school", "expected_years_school", "hdi_sp2010",
                      "life_expectancy_sp2010", "expenditure_per_capita"):  # fmt: skip
        assert latest[indicator].notna().sum() == 552, indicator
    assert latest.loc[KALTARA, "poverty_rate"].notna().sum() >= 4
    assert latest.loc[KALTARA, "hdi"].notna().all()
    provinces = latest[latest.index.str.len() == 2]
    assert len(provinces) == 38
    for indicator in ("poverty_rate", "number_of_poor", "hdi", "mean_years_school"):
        assert provinces[indicator].notna().all(), indicator
    assert provinces["unemployment_rate"].notna().all()


def test_poor_and_population_agree_with_the_rate(table: pd.DataFrame) -> None:
    """Thousands were turned into persons: poor / population stays near the published rate."""
    latest = wide(table, 2025)
    people = wide(table, 2024)["population"].reindex(latest.index)
    rows = latest[latest.index.str.len() == 2].dropna(subset=["number_of_poor", "poverty_rate"])
    ratio = 100 * rows["number_of_poor"] / people[rows.index] / rows["poverty_rate"]
    # the civil registry counts more people in Papua than the survey frame does
    assert ratio.between(0.75, 1.20).all()
    assert ratio.drop(["91", "94", "95"]).between(0.85, 1.20).all()


def test_facts_are_in(table: pd.DataFrame) -> None:
    facts = table[table["source"].str.match(r"F\d{3}$")].set_index("source")
    assert facts.loc["F016", "value"] == 302_602
    assert facts.loc["F019", "value"] == 238_000
    assert facts.loc["F020", "value"] == 54_000
    assert facts.loc["F058", "value"] == 119_021
    share = table[table["indicator"] == "workforce_primary_or_less_share"]
    assert share["value"].tolist() == [53.24]


def test_no_location_of_a_refuge_and_no_person(table: pd.DataFrame) -> None:
    text = table["note"] + table["table"]
    assert not text.str.contains(r"\b\d{16}\b").any()
    assert not text.map(names_shelter).any()


def test_against_an_independent_copy_of_the_regency_figures(
    table: pd.DataFrame, shared_file: Callable[[str], Path]
) -> None:
    other = pd.read_csv(
        shared_file("data/indicators_kab_national_2021.csv"), dtype={"kab_code": str}
    )
    other = other.set_index("kab_code")
    latest = wide(table)
    pairs = {
        "poverty_rate": ("poverty_pct", 40, 0.95),
        "mean_years_school": ("mean_years_school_15p", 500, 0.95),
        "hdi": ("hdi_ipm", 20, 0.93),  # theirs of 2021 is by the method before the long form
    }
    for ours, (theirs, least, floor) in pairs.items():
        both = pd.concat([latest[ours], other[theirs]], axis=1, join="inner").dropna()
        assert len(both) >= least
        assert both.corr("spearman").iloc[0, 1] >= floor, ours


def test_against_an_independent_copy_for_ntt_2024(
    table: pd.DataFrame, shared_file: Callable[[str], Path]
) -> None:
    other = pd.read_csv(shared_file("data/indicators_ntt_2024.csv"), dtype={"kab_code": str})
    other = other.set_index("kab_code")
    ours = wide(table, 2024)
    both = pd.concat([ours["poverty_rate"], other["poverty_pct"]], axis=1, join="inner").dropna()
    assert len(both) >= 15
    far = (both.iloc[:, 0] / both.iloc[:, 1] - 1).abs()
    assert (far <= 0.10).all(), far[far > 0.10].to_dict()
    both = pd.concat([ours["mean_years_school"], other["mean_years_school"]], axis=1).dropna()
    assert len(both) == 22
    assert both.corr("spearman").iloc[0, 1] >= 0.95
