"""The curated counts: added up by the stated rules, never twice, never about one person."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from geo.counts import COUNT_CHOICES, COUNT_SERIES, count_faults
from geo.errors import DataFileError
from geo.tables import read_table

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"
COLUMNS = [
    "id", "place_code", "terminal_id", "year", "period", "measure", "kind", "value", "unit",
    "legal_class", "status", "how", "origin_code", "effort", "contains", "may_contain", "source",
    "as_of", "confidence", "note",
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
    key = [*COUNT_SERIES, "kind", "legal_class", "how"]
    assert not counts.duplicated(key).any()
    for column, choices in COUNT_CHOICES.items():
        assert set(counts[column]) <= set(choices), column
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
    assert (events[["contains", "may_contain"]] == "").all(axis=None)
    # all the dated groups together: foreign nationals, sinkings, monthly sums and repeated
    # reports of the raw 5,694 are out, dated stops that were printed as totals are in
    assert 4_500 <= events["value"].sum() <= 5_694
    for column in ("contains", "may_contain"):
        listed = counts[column].str.split(" ; ").explode()
        assert set(listed[listed != ""]) <= set(counts["id"])


def test_a_total_lists_what_it_contains(counts: pd.DataFrame) -> None:
    total = counts[(counts["place_code"] == "21.71") & (counts["measure"] == "prevented")]
    total = total[(total["year"] == 2023) & (total["terminal_id"] == "")]
    assert len(total) == 1
    # the same office's checkpoints are in it for certain, stops by others only perhaps
    assert "T-2171-harbour-bay-2023-prevented" in total["contains"].iloc[0]
    assert "I-2171-" not in total["contains"].iloc[0]
    assert "I-2171-" in total["may_contain"].iloc[0]


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
    # by ship within the country: Larantuka, Tenau, Parepare and Baubau land nobody from abroad
    landed = counts.loc[counts["kind"] == "deportation", "terminal_id"]
    assert not set(landed) & {"larantuka", "tenau", "parepare", "baubau"}


@pytest.mark.parametrize(
    ("row", "described"),
    [
        # a deferral at a checkpoint, however the page calls it
        (
            "T-3401-yogyakarta-2023-prevented",
            ("nonprocedural", "person", "suspected", "discovered"),
        ),
        ("T-2171-all-2023-prevented", ("nonprocedural", "person", "suspected", "discovered")),
        # a stop after a tip of a passenger or a family
        ("I-5315-all-2019-persons-stopped-53", ("tppo", "person", "suspected", "reported")),
        (
            "I-5306-larantuka-2022-persons-stopped-53",
            ("unknown", "person", "suspected", "reported"),
        ),
        # police statistics
        ("C-53-all-2018-tppo-cases", ("tppo", "case", "suspected", "unknown")),
        ("C-53-all-2023-police-reports", ("tppo", "report", "suspected", "unknown")),
        ("V-53-all-2018-tppo-victims", ("tppo", "person", "identified", "unknown")),
        (
            "T-21-all-2019-rescued-by-police",
            ("placement_offence", "person", "suspected", "unknown"),
        ),
        # a landing of deportees says nothing of how each left
        ("D-6503-tunon-taka-2016-deported-53", ("unknown", "person", "unknown", "unknown")),
        ("P-5304-all-2017-passports-refused", ("nonprocedural", "case", "suspected", "discovered")),
    ],
)
def test_a_row_says_what_it_counts(
    counts: pd.DataFrame, row: str, described: tuple[str, ...]
) -> None:
    columns = ["legal_class", "unit", "status", "how"]
    assert tuple(counts.set_index("id").loc[row, columns]) == described


def test_unlike_classes_are_rows_of_their_own(counts: pd.DataFrame) -> None:
    """Of 382 people stopped at Tunon Taka in 2025 police name 82 as victims of TPPO."""
    stops = counts[(counts["terminal_id"] == "tunon-taka") & (counts["year"] == 2025)]
    stops = stops[stops["measure"] == "persons_stopped"].set_index("legal_class")["value"]
    assert stops.to_dict() == {"nonprocedural": 260, "unknown": 20, "tppo": 82}
    kepri = counts[(counts["measure"] == "rescued_by_police") & (counts["year"] == 2020)]
    assert kepri.set_index("legal_class")["value"].to_dict() == {
        "tppo": 48,
        "placement_offence": 29,
    }


def test_a_class_out_of_the_vocabulary_is_refused(tmp_path: Path) -> None:
    text = (DATA / "counts.csv").read_text("utf-8")
    (tmp_path / "counts.csv").write_text(text.replace(",tppo,", ",trafficking,", 1), "utf-8")
    with pytest.raises(DataFileError, match=r"counts\.csv, line \d+, legal_class: 'trafficking'"):
        read_table("counts", tmp_path)


def _faults(**changes: dict[str, object]) -> set[tuple[str, str]]:
    """Code and id of each fault once the named rows of the embedded table are changed."""
    rows = read_table("counts", DATA).set_index("id", drop=False)
    for row, values in changes.items():
        for column, value in values.items():
            rows.loc[row.replace("__", "-"), column] = value
    return {
        (fault.code, str(fault.params["id"])) for fault in count_faults(rows.reset_index(drop=True))
    }


def test_the_embedded_counts_have_no_fault() -> None:
    assert _faults() == set()


@pytest.mark.parametrize(
    ("row", "change", "fault"),
    [
        # a total below one row that it contains, and below the sum of several
        ("T-5371-el-tari-2019-prevented", {"value": 20.0}, "too_small"),
        ("T-2171-all-2023-prevented", {"value": 2_000.0}, "too_small"),
        # landings by province that add to more than the year
        ("T-6503-tunon-taka-2018-deported", {"value": 1_500.0}, "too_small"),
        # deportees landed, coded as persons who came home
        ("R-6503-all-2017-persons-returning", {"note": "deportees of two ferries"}, "kind"),
        # onward travel within the country, coded as a landing
        ("R-5371-tenau-2021-persons-returning-53", {"kind": "deportation"}, "kind"),
        # two nights at Entikong, printed as a sum
        ("I-6103-entikong-2016-persons-stopped", {"kind": "total", "measure": "prevented"}, "kind"),
        # a year's sum among the stops
        ("I-5371-tenau-2018-persons-stopped", {"note": "yearly total"}, "kind"),
        # victims of TPPO in a sum of deferrals; cases in a sum of persons
        ("T-5371-el-tari-2018-prevented", {"legal_class": "tppo"}, "unlike"),
        ("T-5371-el-tari-2018-prevented", {"unit": "case"}, "unlike"),
    ],
)
def test_a_wrong_row_is_found(row: str, change: dict[str, object], fault: str) -> None:
    assert (f"count_fault.{fault}", row) in _faults(**{row.replace("-", "__"): change})


def test_unlike_classes_under_one_id_are_found() -> None:
    row = "I-1209-all-2024-persons-stopped"
    same = {f"{row}-tppo".replace("-", "__"): {"id": row}}
    assert _faults(**same) == {("count_fault.unlike", row)}
