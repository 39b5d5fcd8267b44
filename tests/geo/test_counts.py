"""The curated counts: added up by the stated rules, never twice, never about one person."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"
COLUMNS = [
    "id", "place_code", "terminal_id", "year", "period", "measure", "kind", "value", "unit",
    "origin_code", "effort", "overlaps", "source", "as_of", "confidence", "note",
]  # fmt: skip
KINDS = {
    "interception", "total", "deportation", "returned_bodies", "deaths", "tppo_cases",
    "tppo_victims", "passport_refusals", "return",
}  # fmt: skip


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    table = pd.read_csv(DATA / "counts.csv", dtype=str, keep_default_na=False)
    table["value"] = table["value"].astype(int)
    table["year"] = table["year"].astype(int)
    return table


def one(counts: pd.DataFrame, **where: object) -> int:
    """The single value of the rows that match."""
    rows = counts
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, (where, len(rows))
    return int(rows["value"].iloc[0])


def test_schema_ids_and_kinds(counts: pd.DataFrame) -> None:
    assert list(counts.columns) == COLUMNS
    assert counts["id"].is_unique
    assert set(counts["kind"]) == KINDS
    key = ["place_code", "terminal_id", "year", "measure", "kind", "origin_code"]
    assert not counts.duplicated(key).any()
    assert counts["place_code"].str.fullmatch(r"ID|\d{2}(\.\d{2})?").all()
    assert counts["origin_code"].str.fullmatch(r"(\d{2})?").all()
    assert counts["year"].between(2004, 2026).all()
    assert (counts["value"] >= 0).all()
    assert (counts["source"] != "").all()
    assert counts["source"].str.match(r"https?://|F\d{3}$").all()
    assert counts["confidence"].isin(["high", "medium", "low"]).all()


def test_terminals_exist(counts: pd.DataFrame) -> None:
    known: set[str] = set()
    for name in ("terminals_sea.csv", "terminals_air_land.csv"):
        if not (DATA / name).exists():
            pytest.skip(f"{name} is not here yet")
        with (DATA / name).open(newline="", encoding="utf-8") as file:
            known |= {row["id"] for row in csv.DictReader(file)}
    named = set(counts["terminal_id"]) - {""}
    assert len(named) >= 50
    assert named <= known, sorted(named - known)


def test_no_row_is_about_one_person(counts: pd.DataFrame) -> None:
    persons = counts[counts["kind"].isin(["interception", "return", "deportation"])]
    assert (persons["value"] >= 2).all()
    text = counts["note"] + counts["measure"]
    assert not text.str.contains(r"\b\d{16}\b").any()
    assert not text.str.contains(r"rumah aman|safe house", case=False).any()


def test_totals_are_never_among_the_events(counts: pd.DataFrame) -> None:
    events = counts[counts["kind"] == "interception"]
    assert set(events["measure"]) == {"persons_stopped"}
    assert (events["overlaps"] == "").all()
    # all the dated groups together, a little below the 5,694 of the raw reports: foreign
    # nationals, sinkings, monthly sums and repeated reports are out
    assert 4_500 <= events["value"].sum() <= 5_694
    ids = set(counts["id"])
    listed = counts["overlaps"].str.split(" ; ").explode()
    assert set(listed[listed != ""]) <= ids


def test_a_total_lists_what_it_contains(counts: pd.DataFrame) -> None:
    total = counts[(counts["place_code"] == "21.71") & (counts["measure"] == "prevented")]
    total = total[(total["year"] == 2023) & (total["terminal_id"] == "")]
    assert len(total) == 1
    overlaps = total["overlaps"].iloc[0]
    assert "T-2171-harbour-bay-2023-prevented" in overlaps
    assert "I-2171-" in overlaps


def test_facts_stand(counts: pd.DataFrame) -> None:
    for year, value in ((2016, 443), (2017, 662), (2018, 1379), (2019, 684)):
        assert one(counts, place_code="53", terminal_id="", year=year, measure="prevented") == value
    for year, value in ((2016, 46), (2017, 62), (2018, 105), (2019, 119), (2020, 87)):
        assert one(counts, place_code="53", year=year, measure="bodies_returned") == value
    assert one(counts, source="F001") == 400
    assert one(counts, source="F024", measure="passports_refused") == 3
    assert one(counts, source="F064") == 57
    wanted = {f"F{n:03d}" for n in [*range(1, 15), *range(21, 25), 38, 39, 42, 43, 56, 57,
                                    *range(59, 65), 66]}  # fmt: skip
    assert wanted <= set(counts["source"])


@pytest.mark.parametrize(
    ("year", "ntt", "landed"),
    [(2013, 514, 2790), (2014, 775, 3643), (2016, 659, 3366), (2018, 356, 1908)],
)
def test_ntt_share_of_deportees_at_nunukan(
    counts: pd.DataFrame, year: int, ntt: int, landed: int
) -> None:
    rows = counts[(counts["terminal_id"] == "tunon-taka") & (counts["kind"] == "deportation")]
    rows = rows[rows["year"] == year]
    assert one(rows, origin_code="53") == ntt
    assert rows["value"].sum() == landed


def test_prevented_at_the_great_posts(counts: pd.DataFrame) -> None:
    prevented = counts[counts["measure"] == "prevented"]
    nunukan = prevented[prevented["terminal_id"] == ""]
    assert one(nunukan, place_code="65.03", year=2022) == 746
    assert one(nunukan, place_code="65.03", year=2025) == 896
    for year, value in ((2018, 193), (2023, 8243), (2024, 3337), (2025, 5659)):
        assert one(nunukan, place_code="21.71", year=year) == value
    assert one(prevented, terminal_id="el-tari", year=2018) == 579


def test_contradictions_are_reported(counts: pd.DataFrame) -> None:
    notes = counts.set_index("id")["note"]
    assert "1,376" in notes["T-53-all-2018-prevented-53"]
    assert "2,780" in notes["T-2171-all-2022-prevented"]
    assert "also" in notes["V-53-all-2023-tppo-victims"]
    june = counts[(counts["place_code"] == "65.03") & (counts["period"] == "2023-06")]
    assert june["note"].str.contains("233").any()


def test_people_of_ntt_are_kept_apart(counts: pd.DataFrame) -> None:
    stops = counts[(counts["kind"] == "interception") & (counts["origin_code"] == "53")]
    assert stops["value"].sum() >= 1_000
    assert stops["place_code"].str[:2].nunique() >= 6


def test_landings_of_deportees_are_no_returns(counts: pd.DataFrame) -> None:
    """Tunon Taka lands people deported from Sabah; Parepare is their onward travel and says so."""
    returns = counts[counts["kind"] == "return"]
    assert not (returns["terminal_id"] == "tunon-taka").any()
    parepare = returns[(returns["terminal_id"] == "parepare") & (returns["year"] == 2025)]
    assert parepare["value"].sum() == 139
    assert parepare["note"].str.contains("deported").all()
