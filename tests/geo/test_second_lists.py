"""A point or a series that a second list contradicts is found; the embedded rows agree."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.quality import data_faults
from geo.second_lists import jumps, misplaced_airports, outside_regency


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset(tmp_path_factory.mktemp("nothing-imported"))


@pytest.fixture(scope="module")
def airports(dataset: Dataset) -> pd.DataFrame:
    return pd.read_csv(dataset.folder / "airports.csv", dtype={"iata": str}).dropna()


def test_the_embedded_data_agree_with_their_second_lists(dataset: Dataset) -> None:
    assert data_faults(dataset) == []
    explained = dataset.indicators["note"].str.contains("jump explained: ")
    assert explained.sum() < 12


def test_an_airport_far_from_its_list_is_found(dataset: Dataset, airports: pd.DataFrame) -> None:
    """Gewayantana stood in the town, 8 km from its runway, as in the first list of airports."""
    terminals = dataset.terminals.set_index("id", drop=False)
    moved = terminals.loc[["el-tari", "gewayantana"]]
    assert list(misplaced_airports(moved, airports)) == [], "its note names another list"
    unexplained = misplaced_airports(moved.assign(note=""), airports)
    assert [(f.params["id"], round(float(str(f.params["km"])))) for f in unexplained] == [
        ("gewayantana", 8)
    ]


@pytest.mark.parametrize(
    ("table", "code", "lat", "lon"),
    [
        ("seats", "32.17", -6.80361, 107.27528),
        ("seats", "92.12", -1.1563, 133.9796),
        ("services", "53.17", -9.6475, 119.3889),
    ],
)
def test_a_place_in_another_regency_is_found(
    dataset: Dataset, table: str, code: str, lat: float, lon: float
) -> None:
    """Two seats and an office as they stood."""
    place = pd.DataFrame([{"id": "x", "lat": lat, "lon": lon}])
    (fault,) = outside_regency(table, place, pd.Series([code]), dataset.villages)
    assert fault.code == "data_fault.outside"
    assert fault.params["area"] == code
    assert fault.params["among"] != code
    seat = dataset.seats.set_index("code").loc[[code]].assign(id=code)
    assert list(outside_regency(table, seat, pd.Series([code]), dataset.villages)) == []


def test_a_landing_in_another_regency_is_found(dataset: Dataset) -> None:
    tenau = dataset.terminals[dataset.terminals["id"] == "tenau"]
    codes = pd.Series(["53.06"], tenau.index)
    (fault,) = outside_regency("terminals", tenau, codes, dataset.villages)
    assert fault.params == {
        "table": "terminals", "id": "tenau", "area": "53.06", "among": "53.71",
    }  # fmt: skip
    assert list(outside_regency("terminals", tenau, codes, dataset.villages.iloc[:0])) == []


def test_two_series_under_one_slug_are_found(dataset: Dataset) -> None:
    """Registry and survey under one slug: a fall of 7 points in two years that nobody saw."""
    mixed = dataset.indicators.assign(
        indicator=dataset.indicators["indicator"].str.replace(
            r"_(registry|survey)$", "", regex=True
        )
    )
    ntt = mixed[(mixed["area_code"] == "53") & (mixed["indicator"] == "birth_certificate_share")]
    registry = ntt[(ntt["year"] == 2020) & (ntt["value"] == 76.67)]
    (fault,) = jumps(pd.concat([registry, ntt[ntt["year"] == 2022]]))
    assert fault.params["year"] == 2022
    old_method = dataset.indicators["indicator"].replace("hdi_sp2010", "hdi")
    hdi = dataset.indicators.assign(indicator=old_method)
    hdi = hdi[(hdi["indicator"] == "hdi") & (hdi["area_code"] == "53.08") & (hdi["year"] < 2024)]
    assert [fault.params["year"] for fault in jumps(hdi)] == [2023]
    assert list(jumps(hdi.assign(table="one page"))) == []


def test_birth_certificates_are_two_series(dataset: Dataset) -> None:
    table = dataset.indicators
    ntt = table[(table["area_code"] == "53") & (table["year"] == 2020)].set_index("indicator")
    assert ntt.loc["birth_certificate_share_registry", "value"] == 76.67
    assert ntt.loc["birth_certificate_share_survey", "value"] == 63.33
    assert "birth_certificate_share" not in set(table["indicator"])


def test_task_forces_are_read_again(dataset: Dataset) -> None:
    forces = dataset.task_forces.set_index("area_code")
    assert forces.loc["53.13.04.2005", "year"] == 2023, "Baopana: village regulation 6 of 2023"
    assert forces.loc[["53.13.03.2026", "53.13.09.2008"], "scope"].tolist() == ["planned"] * 2
    assert "53.03.11.2002" not in forces.index, "Akmen is not Akomi for certain"
