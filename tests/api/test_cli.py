"""What the command line answers on the embedded data: shapes, words and files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest

from api.cli.output import interval, number
from geo.json_values import json_values

Run = Callable[..., Any]
CORRIDOR = ("corridor", "Kupang", "Labuan Bajo", "Nunukan")


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from keys_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item)


def assert_interval(value: dict[str, float], low: float, high: float) -> None:
    assert list(value) == ["mean", "p05", "p95"]
    assert low <= value["p05"] <= value["p95"] <= high
    assert low <= value["mean"] <= high


def current_release(home: Path) -> str:
    return (home / "release" / "current").read_text().strip()


# -- corridor -----------------------------------------------------------------------------------


def test_corridor_json_is_the_documented_form(ask: Run, built_home: Path) -> None:
    answer = ask(*CORRIDOR)
    assert {
        "waypoints", "persons_per_year", "score", "class", "components", "origins", "release",
    } <= set(answer)  # fmt: skip
    assert len(answer["waypoints"]) == 3
    for point in answer["waypoints"]:
        assert set(point) == {"id", "name", "kind"}
    assert [point["name"] for point in answer["waypoints"]] == ["Kupang", "Labuan Bajo", "Nunukan"]
    assert_interval(answer["persons_per_year"], 0, 1e6)
    assert answer["persons_per_year"]["mean"] > 0
    assert_interval(answer["score"], 0, 10)
    assert answer["class"] in {"very_low", "low", "medium", "high", "very_high"}
    assert list(answer["p_class"]) == ["very_low", "low", "medium", "high", "very_high"]
    assert sum(answer["p_class"].values()) == pytest.approx(1)
    assert set(answer["components"]) == {"volume", "vulnerability", "unofficial_share", "hazard"}
    assert all(set(origin) == {"code", "name", "share"} for origin in answer["origins"])
    shares = [origin["share"] for origin in answer["origins"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert answer["release"] == current_release(built_home)


def test_names_need_no_case_and_no_accents(ask: Run) -> None:
    assert ask("corridor", "kupang", "LABUAN  bajo", "Núnukan") == ask(*CORRIDOR)


def test_a_longer_corridor_never_carries_more(ask: Run) -> None:
    short = ask("corridor", "Kupang", "Nunukan")["persons_per_year"]["mean"]
    assert ask(*CORRIDOR)["persons_per_year"]["mean"] <= short * (1 + 1e-9)


def test_corridor_in_both_languages(petajaga: Run, built_home: Path) -> None:
    indonesian = petajaga(*CORRIDOR, "--lang", "id", home=built_home)
    english = petajaga(*CORRIDOR, "--lang", "en", home=built_home)
    assert indonesian.code == english.code == 0
    for done in (indonesian, english):
        assert done.out.startswith("Kupang - Labuan Bajo - Nunukan\n")
        assert current_release(built_home) in done.out
    assert "Orang berisiko per tahun" in indonesian.out
    assert re.search(r"Kelas +[a-z ]+ \(peluang kelas ini \d+%\)\n", indonesian.out)
    assert re.search(r"orang yang melewatinya +[\d.,]+ orang/tahun\n", indonesian.out)
    assert re.search(r"lewat pelabuhan tikus +\d+,\d%\n", indonesian.out)
    assert re.search(r"hazard at the destination +\d+\.\d / 10\n", english.out)
    assert "Perkiraan model, bukan jumlah kasus" in indonesian.err
    assert "Persons at risk per year" in english.out
    assert re.search(r"\d,\d \(\d", indonesian.out)
    assert re.search(r"\d\.\d \(\d", english.out)


def test_a_model_that_is_not_published_has_no_release(
    ask: Run, built_home: Path, tmp_path: Path, petajaga: Run
) -> None:
    (tmp_path / "model").symlink_to(built_home / "model")
    done = petajaga(*CORRIDOR, "--json", home=tmp_path)
    assert done.code == 0, done.err
    assert json.loads(done.out)["release"] is None


def test_corridors_from_ntt(ask: Run, built_home: Path) -> None:
    found = ask("corridors", "--origin", "53", "--top", "10")
    assert 0 < len(found) <= 10
    counts = [item["origin"]["persons_per_year"] for item in found]
    assert counts == sorted(counts, reverse=True)
    for item in found:
        assert item["origin"]["code"] == "53"
        assert item["origin"]["persons_per_year"] > 0
        assert len(item["waypoints"]) >= 2
        assert_interval(item["persons_per_year"], 0, 1e6)
        assert_interval(item["score"], 0, 10)
        assert item["release"] == current_release(built_home)
    assert ask("corridors", "--origin", "nusa tenggara timur", "--top", "10") == found


def test_corridors_of_all_are_sorted_by_persons(ask: Run) -> None:
    means = [item["persons_per_year"]["mean"] for item in ask("corridors", "--top", "30")]
    assert means == sorted(means, reverse=True)
    assert len(means) == 30


def test_corridors_table_lists_as_many_lines(petajaga: Run, built_home: Path) -> None:
    done = petajaga("corridors", "--origin", "53", "--top", "7", home=built_home)
    assert done.code == 0
    assert len(done.out.splitlines()) == 8
    assert "\x1b" not in done.out


def test_no_answer_tells_of_posts_or_detection(ask: Run) -> None:
    for words in (CORRIDOR, ("corridors", "--top", "50"), ("areas",)):
        for key in keys_of(ask(*words)):
            assert not re.search(r"detect|post|deter|evade|patrol", key), key


# -- areas --------------------------------------------------------------------------------------


def test_areas_json_is_the_documented_form(ask: Run) -> None:
    areas = ask("areas", "--level", "regency", "--within", "53", "--top", "15")
    assert len(areas) == 15
    for item in areas:
        assert set(item) == {
            "code", "name", "level", "score", "class", "rank", "p_top_decile", "departures",
            "departures_per_100k",
        }  # fmt: skip
        assert item["code"].startswith("53.")
        assert item["level"] == "regency"
        assert_interval(item["score"], 0, 10)
        if item["departures"] is None:  # not known within a factor of ten
            assert item["departures_per_100k"] is item["rank"] is None
            continue
        assert_interval(item["departures_per_100k"], 0, 1e5)
        assert item["departures"]["p05"] <= item["departures"]["mean"] <= item["departures"]["p95"]
        assert 1 <= item["rank"]["p05"] <= item["rank"]["p95"] <= 22
        assert 0 <= item["p_top_decile"] <= 1
    known = [item for item in areas if item["departures_per_100k"] is not None]
    means = [item["departures_per_100k"]["mean"] for item in known]
    assert len(means) > 10
    assert means == sorted(means, reverse=True)


def test_every_regency_is_there_and_unknown_is_said(ask: Run) -> None:
    areas = ask("areas")
    assert len(areas) == 514
    for item in areas:
        unknown = item["departures_per_100k"] is None
        assert unknown == (item["departures"] is None) == (item["rank"] is None)
        # a class without a number of its own is that of a province that is known
        assert unknown or item["class"] != "not_assessed"


def test_within_a_province_is_not_within_its_neighbour_in_code(ask: Run) -> None:
    assert {item["code"] for item in ask("areas", "--within", "53.01")} == {"53.01"}
    assert len(ask("areas", "--within", "53")) == 22


def test_areas_csv_and_xlsx_hold_the_same(
    petajaga: Run, ask: Run, built_home: Path, tmp_path: Path
) -> None:
    words = ("areas", "--within", "53")
    piped = petajaga(*words, "--csv", home=built_home)
    rows = list(csv.DictReader(io.StringIO(piped.out)))
    assert [row["code"] for row in rows] == [item["code"] for item in ask(*words)]

    for name in ("areas.csv", "areas.xlsx"):
        done = petajaga(*words, "-o", str(tmp_path / name), home=built_home)
        assert done.code == 0, done.err
        assert done.out == ""
    assert (tmp_path / "areas.csv").read_text("utf-8") == piped.out
    sheet = openpyxl.load_workbook(tmp_path / "areas.xlsx").active
    assert sheet is not None
    table = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in table[1:]] == [row["code"] for row in rows]
    assert all(isinstance(row[0], str) for row in table)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["areas.csv", "areas.xlsx"]


# -- build, publish, export, map ----------------------------------------------------------------


@pytest.mark.long
def test_published_again_nothing_changes(petajaga: Run, built_home: Path, tmp_path: Path) -> None:
    import shutil

    home = Path(shutil.copytree(built_home, tmp_path / "home"))
    first = json.loads(petajaga("publish", "--json", home=home).out)
    assert first["release"] == current_release(built_home)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    again = petajaga("publish", "--json", home=home)
    assert json.loads(again.out)["changed"] is False
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == before


def test_built_again_nothing_changes(petajaga: Run, built_home: Path, tmp_path: Path) -> None:
    import shutil

    from routes.build.store import load_build

    home = Path(shutil.copytree(built_home, tmp_path / "home"))
    known = load_build(home)
    seed, draws = known.parameters["seed"], known.parameters["draws"]
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    done = petajaga("build", "--seed", str(seed), "--draws", str(draws), "--json", home=home)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert (answer["build"], answer["changed"]) == (known.id, False)
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("extension", ["gpkg", "geojson", "parquet", "csv", "xlsx"])
def test_export_by_extension(
    extension: str, petajaga: Run, built_home: Path, tmp_path: Path
) -> None:
    target = tmp_path / f"terminals.{extension}"
    done = petajaga("export", "terminals", "-o", str(target), home=built_home)
    assert done.code == 0, done.err
    rows = int(re.search(r"\((\d+) rows\)", done.err)[1])  # type: ignore[index]
    match extension:
        case "csv":
            found = len(list(csv.reader(io.StringIO(target.read_text("utf-8"))))) - 1
        case "xlsx":
            found = openpyxl.load_workbook(target)["Data"].max_row - 1
        case "parquet":
            found = len(gpd.read_parquet(target))
        case _:
            found = len(gpd.read_file(target, layer="terminals"))
    assert found == rows > 50


def test_the_public_export_has_no_unofficial_landing(
    petajaga: Run, built_home: Path, tmp_path: Path
) -> None:
    seen = {}
    for tier in ("public", "partner", "police"):
        target = tmp_path / f"{tier}.geojson"
        words = ("export", "terminals", "--tier", tier, "-o", str(target))
        assert petajaga(*words, home=built_home).code == 0
        seen[tier] = set(gpd.read_file(target)["kind"])
    assert "unofficial" in seen["police"]
    assert "unofficial" not in seen["public"] | seen["partner"]


def test_the_map_is_one_file_that_asks_for_nothing(
    petajaga: Run, built_home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "map.html"
    assert petajaga("map", "-o", str(target), home=built_home).code == 0
    page = target.read_text("utf-8")
    assert "default-src 'none'" in page
    assert not re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?https?:""", page)
    assert list(tmp_path.iterdir()) == [target]


# -- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "lang", "shown"),
    [
        (1234.56, "id", "1.234,6"),
        (1234.56, "en", "1,234.6"),
        (0.0, "id", "0,0"),
        (0.004, "id", "<0,1"),
        (None, "id", "-"),
        (float("nan"), "en", "-"),
        (float("inf"), "en", "-"),
    ],
)
def test_numbers_are_written_as_people_read_them(
    value: float | None, lang: str, shown: str
) -> None:
    assert number(value, lang=lang) == shown


def test_unknown_is_unknown() -> None:
    assert interval(None, lang="en") == "-"
    assert json_values({"a": [float("nan"), 1.5, None], 3: (float("inf"),)}) == {
        "a": [None, 1.5, None],
        "3": [None],
    }
