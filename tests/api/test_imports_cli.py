"""``petajaga import``: a dry run unless ``--apply``; template, list, undo; refusals in a line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.geo.synthetic_roads import write_osm

Run = Callable[..., Any]


@pytest.fixture
def village(tmp_path: Path, petajaga: Run) -> Path:
    done = petajaga("import", "places", "--template")
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("code,name,lat,lon")
    assert done.out.splitlines()[1].startswith("#adm4+code")
    (tmp_path / "villages.csv").write_text(done.out)
    return tmp_path / "villages.csv"


@pytest.mark.slow
def test_dry_run_apply_list_and_undo(petajaga: Run, village: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    tried = petajaga("import", "places", str(village), "--json", home=home)
    report = json.loads(tried.out)
    assert (report["accepted"], report["applied"], report["changed"]) == (1, None, False)
    assert not home.exists()
    done = json.loads(
        petajaga("import", "places", str(village), "--apply", "--json", home=home).out
    )
    assert done["changed"] is True
    name = done["applied"]["id"]
    again = petajaga("import", "places", str(village), "--apply", "--lang", "en", home=home)
    assert f"This file is applied already, import {name}" in again.out
    listed = json.loads(petajaga("import", "--list", "--json", home=home).out)
    assert [one["id"] for one in listed] == [name]
    assert name in petajaga("import", "--list", home=home).out
    assert petajaga("import", "--undo", name, home=home).code == 0
    assert json.loads(petajaga("import", "--list", "--json", home=home).out) == []
    assert petajaga("import", "--undo", name, home=home).code == 2


def test_the_report_is_a_table(petajaga: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "area_code,indicator,year,value,unit,source\n11.1,x,2023,1,percent,BPS\n99,x,2023,1,x,x\n"
    )
    words = ("import", "indicators", str(path), "--new-measure", "x", "--lang", "en")
    done = petajaga(*words, home=tmp_path / "home")
    assert done.code == 0
    assert "11.10" in done.out
    assert "no area has the code" in done.out
    assert "Dry run" in done.err


def victims_workbook(path: Path) -> Path:
    """Victims by sex in a sheet a year, as a provincial office keeps them."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for year in (2023, 2024):
        page = book.create_sheet(f"Tahun {year}")
        page.append([f"REKAPITULASI KORBAN TPPO PROVINSI NTT TAHUN {year}"])
        page.append([])
        page.append(["No", "Kabupaten/Kota", "Jumlah Kasus", "Korban", None])
        page.append([None, None, None, "L", "P"])
        page.append([1, "Kab. TTS", 3, 4, "-"])
        page.append([2, "Kota Kupang", 0, 1, 2])
        page.append(["JUMLAH", None, "=SUM(C5:C6)", "=SUM(D5:D6)", "=SUM(E5:E6)"])
        page.append(["Sumber: SIMFONI-PPA"])
        for area in ("A1:E1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "A7:B7"):
            page.merge_cells(area)
    book.save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", ("Meaning", "victims_male (male victims)", "not used: numbers the rows", "totals")),
        (
            "id",
            ("Arti", "victims_male (korban laki-laki)", "nomor baris", "baris jumlah"),
        ),
    ],
)
def test_a_workbook_of_an_office_is_understood(
    petajaga: Run, lang: str, says: tuple[str, ...], tmp_path: Path
) -> None:
    path = victims_workbook(tmp_path / "rekap.xlsx")
    home = tmp_path / "home"
    done = petajaga("import", "counts", str(path), "--lang", lang, home=home)
    assert done.code == 0, done.err
    for words in says:
        assert words in done.out
    report = json.loads(petajaga("import", "counts", str(path), "--json", home=home).out)
    assert (report["accepted"], report["refused"]) == (10, 0)
    assert {row["source"] for row in report["preview"]} == {"SIMFONI-PPA"}
    assert {row["year"] for row in report["preview"]} == {"2023"}


@pytest.mark.slow
def test_a_table_by_year_goes_in_with_one_correction_that_is_remembered(
    petajaga: Run, tmp_path: Path
) -> None:
    path = tmp_path / "kemiskinan.csv"
    path.write_text(
        "Kabupaten/Kota,Persentase Penduduk Miskin (Persen),,\n,2022,2023,2024\n"
        "Kupang,22.7,22.4,21.8\nKota Kupang,8.6,8.6,8.2\n"
    )
    home = tmp_path / "home"
    refused = petajaga("import", "indicators", str(path), "--lang", "en", home=home)
    assert refused.code == 2
    assert "lacks the column source" in refused.err
    words = ("import", "indicators", str(path), "--map", "source=BPS, Susenas", "--apply", "--json")
    done = json.loads(petajaga(*words, home=home).out)
    assert (done["accepted"], done["changed"]) == (6, True)
    path.write_text(path.read_text().replace("2024", "2025").replace("8.2", "8.1"))
    later = petajaga("import", "indicators", str(path), "--lang", "en", home=home)
    assert later.code == 0, later.err
    assert "as in the last file of this shape: source = BPS, Susenas" in later.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import",), "say what to import"),
        (("import", "people", "x.csv"), "no kind of import"),
        (("import", "places"), "name the file"),
        (("import", "places", "none.csv"), "there is no file none.csv"),
        (("import", "--list", "--undo", "x"), "only one of"),
        (("import", "--undo", "abc"), "no import"),
    ],
)
def test_wrong_use_is_one_line(
    petajaga: Run, words: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = petajaga(*words, home=tmp_path / "home")
    assert done.code == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1


def test_a_person_in_a_file_is_one_line_without_the_number(petajaga: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,name,lat,lon\n53.02.01.1001,5302014107900001,-9.8,124.2\n")
    done = petajaga("import", "places", str(path), "--apply", home=tmp_path / "home")
    assert done.code == 2
    assert "line 2, column 2" in done.err
    assert "5302014107900001" not in done.err + done.out


@pytest.mark.slow
def test_a_road_network_is_tried_and_its_guide_printed(petajaga: Run, tmp_path: Path) -> None:
    guide = petajaga("import", "network", "--template")
    assert guide.code == 0
    assert "geofabrik" in guide.out
    points = [(1, 123.6, -10.2), (2, 123.7, -10.1), (3, 123.8, -10.0)]
    lines = [(1, [1, 2, 3], {"highway": "primary"}), (2, [1, 3], {"highway": "footway"})]
    path = write_osm(tmp_path / "a.osm.pbf", points, lines)
    done = petajaga("import", "network", str(path), "--lang", "en", home=tmp_path / "home")
    assert done.code == 0, done.err
    assert "not for vehicles" in done.out
    assert "length by class: primary 31" in done.err
    assert "© OpenStreetMap contributors" in done.err
    assert "Dry run" in done.err
    assert not (tmp_path / "home").exists()


def test_a_release_is_of_the_data_its_build_was_made_from(
    petajaga: Run, built_home: Path, tmp_path: Path
) -> None:
    """Imported after the build: named everywhere, and not one byte of the release changes."""
    home = Path(shutil.copytree(built_home, tmp_path / "home"))
    before = (home / "release" / "current").read_text().strip()
    villages = tmp_path / "villages.csv"
    villages.write_text("code,name,lat,lon,population\n53.02.01.1001,Soe,-9.86071,124.3,40190\n")
    assert petajaga("import", "places", str(villages), "--apply", home=home).code == 0
    done = petajaga("publish", "--force", home=home)
    assert "1 import waits for the next build: villages.csv" in done.err
    after = json.loads(petajaga("publish", "--json", home=home).out)
    assert after["release"] == before
    assert len(after["waiting"]) == 1
    assert "1 import waits" in petajaga("import", "--list", home=home).err
    checks = json.loads(petajaga("doctor", "--json", home=home).out)["checks"]
    (finding,) = (check for check in checks if check["check"] == "imports")
    assert finding["state"] == "warn"
    assert "villages.csv; run: petajaga build" in finding["detail"]
