"""What offices import as counts reaches the model: each measure moves a number, the right way."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.disclosure import pooled_counts, protected_counts
from geo.imports.service import import_file
from geo.paths import Home
from routes.demand.departures import regency_departures
from routes.demand.streams import read_streams
from routes.inputs.protected_inputs import protected_inputs
from routes.observation.exits import deferrals_on_record
from tests.geo.agreements import registered

SECRET = bytes(range(32))
SENDER, OTHERS = "53.11", ("53.02", "53.04", "53.21", "53.71")
"""Sumba Timur, of which the embedded counts say little, and regencies that stay low."""
AT_HOME = (
    *("died_abroad", "prevented_by_home_regency", "tppo_victims", "tppo_cases", "police_reports"),
    "migrants_registered",
)
FROM_HOME = ("persons_stopped", "prevented", "passports_refused", "persons_returning", "deported")


def departures(dataset: Dataset) -> pd.Series:
    drawn = regency_departures(read_streams(protected_inputs(dataset, SECRET)), draws=300, seed=1)
    return drawn.by_regency.mean()


def imported(tmp_path: Path, rows: list[dict[str, object]]) -> Dataset:
    file = tmp_path / "counts.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    home = Home.resolve(tmp_path / "home")
    report, _, changed = import_file(file, "counts", home, by="test", under=registered(home))
    assert changed
    assert report.refused == 0, [issue.message for issue in report.issues]
    return load_dataset(home.root)


@pytest.fixture(scope="module")
def before(dataset: Dataset) -> pd.Series:
    return departures(dataset)


@pytest.mark.parametrize("measure", [*AT_HOME, *FROM_HOME])
def test_counts_by_home_regency_move_its_departures(
    measure: str, tmp_path: Path, before: pd.Series, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[dict[str, object]] = []
    for year in (2022, 2023, 2024):
        for code, value in ((SENDER, 60), *((other, 5) for other in OTHERS)):
            row = {"year": year, "measure": measure, "value": value, "source": "a register"}
            place = code if measure in AT_HOME else "53.71"
            origin = "" if measure in AT_HOME else code
            rows.append({**row, "place_code": place, "origin_code": origin})
    after = departures(imported(tmp_path, rows))
    moved = after[SENDER] / before[SENDER]
    with capsys.disabled():
        print(f"\n{measure}: Sumba Timur {before[SENDER]:.0f} -> {after[SENDER]:.0f} a year")
    assert moved > 1.15
    assert after[list(OTHERS)].sum() < before[list(OTHERS)].sum()
    west_java = before.index.str.startswith("32")
    pd.testing.assert_series_equal(after[west_java], before[west_java], rtol=1e-9)


def test_victims_by_sex_stand_in_for_their_sum(tmp_path: Path, before: pd.Series) -> None:
    rows = [
        {"place_code": code, "year": 2024, "measure": measure, "value": value, "source": "a"}
        for code, value in ((SENDER, 60), *((other, 5) for other in OTHERS))
        for measure in ("victims_female", "victims_male", "child_victims")
    ]
    assert departures(imported(tmp_path, rows))[SENDER] > 1.1 * before[SENDER]


def test_deferrals_that_an_office_holds_are_read_as_those_of_its_exits(tmp_path: Path) -> None:
    rows = [
        {"place_code": "64.71", "year": year, "measure": "prevented", "value": 240, "source": "a"}
        for year in (2023, 2024)
    ]
    dataset = protected_inputs(imported(tmp_path, rows), SECRET)
    table = deferrals_on_record(dataset.counts, dataset.terminals).set_index("exit")
    assert table.loc["64.71", "persons"] == pytest.approx(240.0, abs=5.0)
    assert table.loc["64.71", "kind"] in {"sea", "air"}


def test_landings_by_home_regency_are_also_landings_of_the_province(tmp_path: Path) -> None:
    rows = [
        {"place_code": "65.03", "origin_code": origin, "year": 2012, "measure": "deported",
         "value": value, "source": "a", "kind": "deportation"}
        for origin, value in (("53.04", 40), ("53.06", 60), ("73.01", 100))
    ]  # fmt: skip
    splits = read_streams(protected_inputs(imported(tmp_path, rows), SECRET)).splits
    persons = [dict(split.persons) for split in splits]
    assert {"53": 100.0, "73": 100.0} in persons


def test_villages_of_a_register_add_up_to_their_regency() -> None:
    row = {"origin_code": "", "year": 2024.0, "measure": "migrants_registered", "kind": "total"}
    row |= {"period": "", "unit": "person", "source": "registers", "held": False}
    villages = {"53.11.01.2001": 12.0, "53.11.01.2002": 13.0, "53.11.02.2001": 20.0}
    counts = pd.DataFrame([{**row, "place_code": k, "value": v} for k, v in villages.items()])
    twice = pd.concat([counts, counts.assign(value=1.0)], ignore_index=True)
    for table in (counts, twice):
        assert protected_counts(table, secret=SECRET)["value"].tolist() == [45.0]
        assert pooled_counts(table, secret=SECRET)["value"].tolist() == [45.0]
    whole = pd.DataFrame([{**row, "place_code": "53.11", "value": 50.0}])
    both = pd.concat([counts, whole], ignore_index=True)
    assert protected_counts(both, secret=SECRET)["value"].tolist() == [50.0]
