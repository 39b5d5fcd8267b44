"""A province that is no pilot, loaded as the guide tells it from real files of NTB."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.guide import Command, follow, parts, runner
from tests.test_guides import LANGUAGES, guide

PROVINCE = "52"
VILLAGES = 1150
REGENCIES = 10


def write_files(shared_file: Callable[[str], Path], folder: Path) -> None:
    """The province's part of the real files, in the folder where the guide is followed."""
    villages = pd.read_csv(shared_file("data/villages_points_national.csv.gz"), dtype=str)
    villages = villages[villages["prov_code"] == PROVINCE]
    assert len(villages) == VILLAGES
    villages.to_csv(folder / "desa-ntb.csv", index=False)
    shapes = json.loads(shared_file("data/regencies_poly_national.geojson").read_text("utf-8"))
    shapes["features"] = [
        one for one in shapes["features"] if one["properties"]["prov_code"] == PROVINCE
    ]
    assert len(shapes["features"]) == REGENCIES
    (folder / "kabupaten-ntb.geojson").write_text(json.dumps(shapes), "utf-8")
    figures = pd.read_csv(shared_file("data/indicators_kab_national_2021.csv"), dtype=str)
    figures = figures[figures["prov_code"] == PROVINCE]
    columns = ["kab_code", "kab_name", "poverty_pct", "unemployment_pct"]
    figures[columns].to_csv(folder / "indikator-ntb.csv", index=False)


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_province_is_loaded_as_the_guide_tells(
    built_home: Path, shared_file: Callable[[str], Path], tmp_path: Path, language: str
) -> None:
    home = shutil.copytree(built_home, tmp_path / "home")
    folder = tmp_path / "desk"
    folder.mkdir()
    write_files(shared_file, folder)
    assert follow(guide("province", language), folder, runner(folder, home, language)) == []


def test_both_languages_load_the_same() -> None:
    told = [
        [
            part.words if isinstance(part, Command) else part
            for part in parts(guide("province", language))
        ]
        for language in LANGUAGES
    ]
    assert told[0] == told[1]
    assert len(told[0]) > 10
