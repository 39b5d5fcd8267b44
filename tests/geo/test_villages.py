"""Points and names of villages: complete, replaced by imports, and not needed."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.errors import AmbiguousNameError, UnknownNameError
from geo.imports.overlay import IMPORTED
from geo.names import area_code, village_names
from geo.paths import DATA


@pytest.fixture(scope="module")
def areas(dataset: Dataset) -> dict[str, str]:
    """Names of provinces, regencies and districts by code."""
    rows = dataset.areas[dataset.areas["level"] != "village"]
    return dict(zip(rows["code"], rows["name"], strict=True))


def f040_villages(facts: Path) -> list[str]:
    with facts.open(encoding="utf-8", newline="") as stream:
        note = next(row[-1] for row in csv.reader(stream) if row[0] == "F040")
    return note.partition(": ")[2].partition(" (")[0].split("; ")


def test_villages_of_the_task_forces_are_found_by_name_and_have_a_point(
    areas: dict[str, str], dataset: Dataset, shared_file: Callable[[str], Path]
) -> None:
    """Twelve villages of 2011 as the source spells them; one of them in Dutch spelling."""
    kupang = {code: name for code, name in village_names().items() if code.startswith("53.01")}
    points = dataset.villages.set_index("code")
    names = f040_villages(shared_file("facts.csv"))
    assert len(names) == 12
    for name in names:
        if name == "Koenheum":
            with pytest.raises(UnknownNameError) as unknown:
                area_code(areas, name, village_names)
            kuanheum, kuanheun = unknown.value.params["matches"][:2]
            assert kuanheum == "53.01.25.2004 Kuanheum (Kabupaten Kupang)"
            assert kuanheun == "53.01.05.2008 Kuanheun (Kabupaten Kupang)"
            assert {"53.01.25.2004", "53.01.05.2008"} <= set(points.index)
            continue
        code = area_code(areas, name, lambda: kupang)
        assert points.at[code, "name"] == name
        assert points.loc[code, ["lat", "lon"]].notna().all()
    assert area_code(areas, "Desa Penfui Timur", village_names) == "53.01.08.2011"
    with pytest.raises(AmbiguousNameError, match=r"53\.02\.06\.2003 Oebelo \(Kabupaten Timor"):
        area_code(areas, "Oebelo", village_names)


def test_an_area_is_meant_before_a_village_of_its_name(areas: dict[str, str]) -> None:
    assert area_code(areas, "Malaka", village_names) == "53.21"
    assert area_code(areas, "5321", village_names) == "53.21"
    with pytest.raises(UnknownNameError) as unknown:
        area_code(areas, "Malak", village_names)
    assert unknown.value.params["matches"][0] == "53.21 Kabupaten Malaka"


def test_every_village_has_a_name_and_nearly_every_one_a_point(dataset: Dataset) -> None:
    villages = dataset.villages
    assert len(villages) == 83379
    assert villages["code"].is_unique
    assert (villages["name"] != "").all()
    assert villages["regency_code"].nunique() == 514
    assert villages["population"].isna().all()
    assert (villages["code"].str[:2] == "53").sum() == 3352
    assert len(dataset.districts) == 7285
    assert dataset.districts.set_index("code").at["53.01.08", "name"] == "Kupang Tengah"


def test_an_imported_place_replaces_the_point_of_its_village(dataset: Dataset) -> None:
    row = dataset.settlements.iloc[[0]].assign(
        id="v53.01.08.2011", name="Penfui Timur", lat=-10.2, lon=123.7, population=5021.0,
        province_code="53", regency_code="53.01", district_code="53.01.08",
        village_code="53.01.08.2011", decided_by=IMPORTED,
    )  # fmt: skip
    settlements = pd.concat([dataset.settlements, row], ignore_index=True)
    villages = replace(dataset, settlements=settlements).villages.set_index("code")
    assert len(villages) == 83379
    assert villages.loc["53.01.08.2011", ["lat", "lon", "population"]].tolist() == [
        -10.2,
        123.7,
        5021.0,
    ]
    assert villages["population"].count() == 1


def test_a_dataset_without_points_has_no_villages(dataset: Dataset, tmp_path: Path) -> None:
    villages = replace(dataset, folder=tmp_path).villages
    assert list(villages.columns) == list(dataset.villages.columns)
    assert villages.empty


def test_the_data_load_without_points_and_have_another_digest(
    dataset: Dataset, tmp_path: Path
) -> None:
    for path in DATA.iterdir():
        if path.name not in {"villages.csv.gz", "districts.csv.gz"}:
            (tmp_path / path.name).symlink_to(path)
    without = load_dataset(tmp_path / "home", data=tmp_path)
    assert without.villages.empty
    assert without.districts.empty
    assert without.digest != dataset.digest
    assert len(without.settlements) == len(dataset.settlements)


def test_names_of_villages_are_those_of_the_list() -> None:
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        codes = {row["code"] for row in csv.DictReader(stream) if row["level"] == "village"}
    assert village_names().keys() == codes
