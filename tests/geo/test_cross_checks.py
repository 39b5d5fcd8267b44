"""The curated tables against sources they were not made from; every disagreement is listed here.

The independent copies are test data that are not part of the project; without them these tests
say so and skip.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from geo.coast import geodesic_km
from geo.dataset import Dataset
from geo.modes import MODES

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "geo" / "data"
Row = dict[str, str]

FARTHER_THAN_3_KM = {
    "simpel2017": {"atapupu", "batu-ampar", "bengkalis", "dumai", "dumai-roro", "tanjung-perak"},
    "pipp_fishing2017": {
        "belawan", "bengkalis", "biak", "dumai", "ende", "malundung", "moro", "parit-rempak",
        "tanjung-balai-asahan", "wanci", "wini",
    },
    "wpi": {
        "belinyu", "dumai-roro", "lembar", "samarinda", "sampit", "waingapu", "waingapu-feri",
    },
}  # fmt: skip
"""Terminals of ours farther from the row of the same name; the note says which is right."""

OVER_TEN_PERCENT = {
    ("poverty_rate", "65.04"): "4.62 in 2023, 5.15 in 2021: Tana Tidung, a small sample",
    ("poverty_rate", "53.04"): "12.0 in 2025, 13.86 in 2024: Belu, a year later",
    ("hdi_sp2010", "95.08"): "36.30 in 2024, 32.84 in 2021: Nduga, three years later",
}
"""Values that differ by more than a tenth within the years compared, and why."""

SLOWEST_KMH = {
    "passenger_ship": 8.0,
    "ferry": 5.0,  # Ketapang - Gilimanuk with its queue
    "fast_boat": 20.0,
    "small_boat": 8.0,
    "air": 100.0,
    "bus": 12.0,
    "road": 12.0,
    "walk": 2.0,
}
"""Least speed of a leg of the mode over its length, stops included."""


def words(name: str) -> str:
    name = re.sub(r"\(.*?\)", " ", name.casefold())
    common = r"\b(pelabuhan|pp\.?|roro|penyeberangan|feri|internasional|domestik)\b"
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(common, " ", name)).split())


@cache
def sea_terminals() -> tuple[Row, ...]:
    with (DATA / "terminals_sea.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            row
            for row in csv.DictReader(file)
            if row["country"] == "ID" and row["kind"] != "unofficial"
        )


@pytest.mark.parametrize("source", sorted(FARTHER_THAN_3_KM))
def test_ports_of_the_same_name_lie_within_3_km(
    source: str, shared_file: Callable[[str], Path]
) -> None:
    ports: dict[tuple[str, str], list[Row]] = defaultdict(list)
    with shared_file("data/ports_id_and_neighbours.csv").open(encoding="utf-8", newline="") as file:
        for port in csv.DictReader(file):
            if port["coord_check"] == "ok" and port["source"] == source:
                for part in port["name"].split("/"):
                    ports[words(part), port["prov_code"]].append(port)
    compared, far = 0, set()
    for row in sea_terminals():
        names = {words(name) for name in (row["name"], *row["aliases"].split(";"))} - {""}
        same = [port for name in names for port in ports[name, row["area_code"][:2]]]
        if not same:
            continue
        compared += 1
        here = float(row["lat"]), float(row["lon"])
        nearest = min(geodesic_km(*here, float(p["lat"]), float(p["lon"])) for p in same)
        if nearest > 3.0:
            far.add(row["id"])
    assert compared >= 25
    assert far == FARTHER_THAN_3_KM[source]


def test_a_port_that_disagrees_says_which_is_right() -> None:
    notes = {row["id"]: row["note"] for row in sea_terminals()}
    for ids in FARTHER_THAN_3_KM.values():
        for id_ in ids:
            assert re.search(r"port list|World Port Index|fishing port", notes[id_]), id_
            assert re.search(r"\bours\b|away|from ours|another shore", notes[id_]), id_


def nearest_year(dataset: Dataset, indicator: str, year: int, *, years: int) -> pd.Series:
    rows = dataset.indicators[dataset.indicators["indicator"] == indicator]
    rows = rows[rows["area_code"].str.len() == 5].assign(gap=(rows["year"] - year).abs())
    rows = rows[rows["gap"] <= years].sort_values("gap", kind="stable")
    return rows.groupby("area_code").head(1).set_index("area_code")["value"]


@pytest.mark.parametrize(
    ("indicator", "name", "column", "year", "years", "least", "floor"),
    [
        ("poverty_rate", "indicators_kab_national_2021.csv", "poverty_pct", 2021, 2, 20, 0.95),
        # Of all regencies only 2024 is embedded: three years on, so only the order is compared.
        (
            *("mean_years_school", "indicators_kab_national_2021.csv", "mean_years_school_15p"),
            *(2021, 3, 500, 0.95),
        ),
        ("poverty_rate", "indicators_ntt_2024.csv", "poverty_pct", 2024, 2, 22, 0.95),
        ("mean_years_school", "indicators_ntt_2024.csv", "mean_years_school", 2024, 0, 22, 0.95),
        # The index of 2024 in the series the copy of 2021 is in, not the newer one of `hdi`.
        ("hdi_sp2010", "indicators_kab_national_2021.csv", "hdi_ipm", 2021, 3, 514, 0.95),
        (
            *("life_expectancy_sp2010", "indicators_kab_national_2021.csv", "life_expectancy_y"),
            *(2021, 3, 514, 0.95),
        ),
        (
            *("expenditure_per_capita", "indicators_kab_national_2021.csv"),
            *("spend_per_capita_kidr_y", 2021, 3, 514, 0.95),
        ),
        # Three regencies have a year within one of 2021: the order of three says nothing, but
        # two are of 2021 itself and the same. Before and after the pandemic is another thing.
        (
            "unemployment_rate",
            "indicators_kab_national_2021.csv",
            "unemployment_pct",
            2021,
            1,
            3,
            -1,
        ),
    ],
)
def test_indicators_agree_with_an_independent_copy(
    dataset: Dataset,
    shared_file: Callable[[str], Path],
    indicator: str,
    name: str,
    column: str,
    year: int,
    years: int,
    least: int,
    floor: float,
) -> None:
    other = pd.read_csv(shared_file(f"data/{name}"), dtype={"kab_code": str}).set_index("kab_code")[
        column
    ]
    ours = nearest_year(dataset, indicator, year, years=years)
    both = pd.concat([ours, other], axis=1, join="inner").dropna()
    assert len(both) >= least
    if len(both) > 5:
        assert both.corr("spearman").iloc[0, 1] >= floor
    # What people spend has grown by a tenth nearly everywhere in three years.
    if years <= 2 or indicator in {"hdi_sp2010", "life_expectancy_sp2010"}:
        far = (both.iloc[:, 0] / both.iloc[:, 1] - 1).abs() > 0.10
        assert {(indicator, code) for code in both.index[far]} <= set(OVER_TEN_PERCENT)


def test_every_leg_has_a_possible_speed_over_its_stored_length(dataset: Dataset) -> None:
    places = dataset.terminals.set_index("id")
    for leg in dataset.legs.itertuples(index=False):
        ends = (places.loc[leg.from_id], places.loc[leg.to_id])
        straight = geodesic_km(*(float(end[c]) for end in ends for c in ("lat", "lon")))
        assert leg.length_km >= straight - 0.01, leg.id
        least, most = SLOWEST_KMH[leg.mode], MODES[leg.mode].fastest_kmh
        assert least <= leg.length_km / leg.hours <= most, (leg.id, leg.length_km / leg.hours)


def test_modelled_hours_follow_the_stored_length(dataset: Dataset) -> None:
    told = dataset.legs["note"].str.extract(r"hours from ([\d.]+) km of sea at ([\d.]+) knots")
    rows = dataset.legs.assign(km=told[0].astype(float), knots=told[1].astype(float))
    rows = rows[rows["hours_basis"] == "modelled"].dropna(subset=["km"])
    assert len(rows) > 200
    # Never faster than the mode sails; what comes on top is the stay in port, or calls left out.
    rows = rows[~rows["note"].str.contains("calls on small islands left out")]
    extra = rows["hours"] - rows["length_km"] / (rows["knots"] * 1.852)
    assert extra.between(-0.05, 3.5).all(), rows.loc[~extra.between(-0.05, 3.5), "id"].tolist()
