"""How good the data are: what is counted, that it adds up, and that the page is not stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.errors import DataFileError
from geo.paths import Home
from geo.quality import (
    ABROAD,
    ALL,
    COLUMNS,
    PAGE,
    compact,
    data_quality,
    headings,
    indicator_coverage,
    main,
    page,
)
from tests.geo.agreements import registered

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset(tmp_path_factory.mktemp("nothing-imported"))


@pytest.fixture(scope="module")
def quality(dataset: Dataset) -> pd.DataFrame:
    return data_quality(dataset)


def one(quality: pd.DataFrame, table: str, province: str) -> pd.Series:
    rows = quality[(quality["table"] == table) & (quality["province"] == province)]
    assert len(rows) == 1, (table, province)
    return rows.iloc[0]


def test_every_table_is_measured_as_a_whole_and_by_province(quality: pd.DataFrame) -> None:
    assert list(quality.columns) == list(COLUMNS)
    assert not quality.duplicated(["table", "province"]).any()
    assert set(quality["table"]) == {
        "settlements", "seats", "terminals", "legs", "destinations", "destination_access",
        "destination_shares", "indicators", "counts", "services", "posts", "effort", "task_forces",
    }  # fmt: skip
    for table in ("settlements", "seats", "indicators"):
        provinces = set(quality.loc[quality["table"] == table, "province"]) - {ALL}
        assert len(provinces) == 38, table


def test_rows_of_the_provinces_add_up(quality: pd.DataFrame, dataset: Dataset) -> None:
    """Where a row has one place, the provinces and abroad together are the whole."""
    for table, frame in (
        ("settlements", dataset.settlements),
        ("seats", dataset.seats),
        ("terminals", dataset.terminals),
        ("task_forces", dataset.task_forces),
        ("indicators", dataset.indicators),
    ):
        parts = quality[(quality["table"] == table) & (quality["province"] != ALL)]
        assert one(quality, table, ALL)["rows"] == len(frame) == parts["rows"].sum()
    # A row both ways is one leg; a leg between two provinces is in both.
    legs = one(quality, "legs", ALL)["rows"]
    assert legs == (~dataset.legs["id"].str.endswith("-r")).sum()
    assert quality.loc[quality["table"] == "legs", "rows"].sum() - legs > legs


def test_precision_and_confidence_count_every_row(quality: pd.DataFrame) -> None:
    for row in quality.itertuples(index=False):
        if not pd.isna(row.surveyed):
            points = row.surveyed + row.gazetteer + row.matched + row.approximate
            assert points + row.no_point == row.rows, row
            # Offices that are only planned, and border posts that no source places.
            assert row.no_point == 0 or row.table == "services", row
        if not pd.isna(row.high):
            assert row.high + row.medium + row.low == row.rows, row
        if not pd.isna(row.oldest):
            assert 2000 <= row.oldest <= row.median_year <= row.newest <= 2026, row


def test_coverage_of_the_pilot(quality: pd.DataFrame) -> None:
    for province, regencies in (("53", 22), ("21", 7), ("65", 5)):
        for table in ("seats", "indicators"):
            row = one(quality, table, province)
            assert row["regencies"] == row["of_regencies"] == regencies
    assert one(quality, "indicators", ALL)["regencies"] == 514
    assert one(quality, "terminals", ABROAD)["of_regencies"] == 0


def test_indicators_say_how_far_they_reach(dataset: Dataset) -> None:
    coverage = indicator_coverage(dataset).set_index("indicator")
    assert coverage.loc["population", ["regencies", "provinces"]].tolist() == [514, 38]
    assert coverage.loc["unemployment_rate", "provinces"] == 38
    assert (coverage["oldest"] <= coverage["newest"]).all()


def test_the_page_is_what_the_data_say(dataset: Dataset) -> None:
    written = PAGE.read_text("utf-8")
    assert page(dataset, before=written) == written, "run: python -m geo.quality"
    assert "## legs by province" in written
    assert written.index("## How to read it") < written.index("## Tables as a whole")


def test_a_stale_page_is_reported_and_a_page_without_marks_refused(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "DATA.md"
    copy.write_text(PAGE.read_text("utf-8").replace("| 9300 |", "| 9301 |"), "utf-8")
    monkeypatch.setattr("geo.quality.PAGE", copy)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert copy.read_text("utf-8") == PAGE.read_text("utf-8")
    assert main(["--check"]) == 0
    copy.write_text("nothing", "utf-8")
    assert main([]) == 1
    with pytest.raises(DataFileError, match="once each"):
        page(dataset, before="nothing")


def test_cells_stay_few_and_unknown_is_a_dash(quality: pd.DataFrame) -> None:
    rows = compact(quality, "en")
    assert {len(row) for row in rows} == {len(headings("id"))} == {len(headings("en"))}
    settlements = next(row for row in rows if row[0] == "settlements")
    assert settlements[5] == "0 / 9300 / 0 / 0"
    assert settlements[6:] == ("-", "-", "-")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_doctor_prints_the_data(
    petajaga: Callable[..., object], tmp_path: Path, quality: pd.DataFrame, lang: str
) -> None:
    done = petajaga("doctor", "--data", "--lang", lang, home=tmp_path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert len(lines) == len(quality) + 1
    assert ("tabel" if lang == "id" else "table") in lines[0]
    assert not list(tmp_path.iterdir()), "looking changes nothing"


def test_doctor_gives_the_data_to_a_program(
    petajaga: Callable[..., object], tmp_path: Path, quality: pd.DataFrame
) -> None:
    done = petajaga("doctor", "--data", "--json", home=tmp_path)
    answer = json.loads(done.out)
    assert len(answer["tables"]) == len(quality)
    assert list(answer["tables"][0]) == list(COLUMNS)
    first = next(row for row in answer["tables"] if row["table"] == "settlements")
    assert first["rows"] == 9300
    assert first["high"] is None
    assert {"indicator", "regencies"} <= set(answer["indicators"][0])
    assert answer["faults"] == []


def test_doctor_names_rows_that_cannot_be_right(
    petajaga: Callable[..., object], tmp_path: Path
) -> None:
    """A total below the events it names, from an agency's own file."""
    rows = (
        "place_code,year,measure,value,terminal_id,period,kind,contains\n"
        "53.71,2024,persons_stopped,40,tenau,2024-03-02,interception,\n"
        "53.71,2024,prevented,12,tenau,2024,total,"
        "I-53.71-tenau-2024-03-02-persons_stopped\n"
    )
    (tmp_path / "own.csv").write_text(rows, "utf-8")
    home = tmp_path / "home"
    words = ("--apply", "--under", registered(Home.resolve(home)))
    assert petajaga("import", "counts", str(tmp_path / "own.csv"), *words, home=home).code == 0
    done = petajaga("doctor", "--data", "--json", "--lang", "en", home=home)
    (fault,) = json.loads(done.out)["faults"]
    assert fault["code"] == "count_fault.too_small"
    assert "12 is less than what it contains (40)" in fault["en"]
    printed = petajaga("doctor", "--data", "--lang", "id", home=home).out
    assert "lebih kecil daripada isinya (40)" in printed.splitlines()[-1]
