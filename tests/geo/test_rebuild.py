"""Rebuilding the snapshots: same bytes, right errors, and what the map files hold."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest
from shapely.geometry import shape

from geo.errors import PetajagaError
from geo.rebuild import SNAPSHOTS, rebuild
from geo.rebuild.files import csv_bytes, fixed, gzip_bytes, read_rows, write_atomic
from geo.rebuild.runner import main
from geo.rebuild.sources import missing_packages

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "geo" / "data"


def unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def quiet(_: str) -> None:
    return None


@pytest.fixture(scope="module")
def packages() -> None:
    missing = missing_packages()
    if missing:
        pytest.skip(f"{missing[0]} is not installed; pip install -r requirements-data.in")


def test_gzip_carries_no_time() -> None:
    raw = csv_bytes(("a", "b"), [("1", "x,y"), ("2", "é")])
    assert gzip_bytes(raw) == gzip_bytes(raw)
    assert gzip_bytes(raw)[4:8] == b"\0\0\0\0"
    assert raw.decode() == 'a,b\n1,"x,y"\n2,é\n'


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5, "1.5"), (-0.0000001, "0"), (12.0, "12"), (3.123456, "3.12346"), (-8.5, "-8.5")],
)
def test_fixed_decimals(value: float, text: str) -> None:
    assert fixed(value, decimals=5) == text


def test_airports_give_the_same_bytes(packages: None, tmp_path: Path) -> None:
    rebuild(["airports"], out=tmp_path, report=quiet)
    assert (tmp_path / "airports.csv").read_bytes() == (DATA / "airports.csv").read_bytes()


def test_settlements_give_the_same_rows(packages: None, tmp_path: Path) -> None:
    inputs = ("areas.csv.gz", "islands.csv.gz", "land.geojson.gz", "airports.csv")
    for name in (*inputs, "regency_capitals.csv"):
        shutil.copy(DATA / name, tmp_path / name)
    rebuild(["settlements"], out=tmp_path, report=quiet)
    for name in ("settlements.csv.gz", "regency_seats.csv"):
        assert unpacked(tmp_path / name) == unpacked(DATA / name)


def test_areas_give_the_same_rows(tmp_path: Path) -> None:
    folder = os.environ.get("PETAJAGA_IDN_AREA_DATA")
    if folder is None:
        pytest.skip("set PETAJAGA_IDN_AREA_DATA to the unpacked npm package idn-area-data 4.0.1")
    for turn in ("first", "second"):
        rebuild(["areas"], out=tmp_path / turn, idn_area_data=Path(folder), report=quiet)
    for name in ("areas.csv.gz", "islands.csv.gz"):
        first, second = (tmp_path / turn / name for turn in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
        assert unpacked(first) == unpacked(DATA / name)


def test_unknown_snapshot_names_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PetajagaError, match="unknown snapshot 'moon'"):
        rebuild(["moon"])
    assert main(["moon"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(name in error for name in SNAPSHOTS)


def test_wrong_package_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"version": "3.1.2"}', encoding="utf-8")
    with pytest.raises(PetajagaError, match=r"3\.1\.2 found, 4\.0\.1 is pinned"):
        rebuild(["areas"], out=tmp_path, idn_area_data=tmp_path)


def test_missing_input_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(PetajagaError, match=r"python -m geo\.rebuild all"):
        read_rows(tmp_path / "areas.csv.gz")


def test_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(PetajagaError, match="cannot write") as caught:
        write_atomic(blocked / "airports.csv", b"")
    assert "\n" not in str(caught.value)


def test_basemap_is_light_and_tells_countries_apart() -> None:
    raw = unpacked(DATA / "basemap.geojson.gz")
    assert len(raw) <= 500_000
    features = json.loads(raw)["features"]
    countries = {f["properties"]["country"]: shape(f["geometry"]) for f in features}
    assert {"ID", "MY", "SG", "BN", "TL", "PH"} <= set(countries)
    assert all(geometry.is_valid for geometry in countries.values())
    # The two largest shares are right: Indonesia, and Malaysia without Kalimantan.
    assert max(countries, key=lambda code: countries[code].area) == "ID"
    shared = countries["ID"].intersection(countries["MY"]).area
    assert shared < 1e-3


def test_regency_cells_cover_all_and_say_they_are_approximate() -> None:
    features = json.loads(unpacked(DATA / "regencies.geojson.gz"))["features"]
    names = {r["code"]: r["name"] for r in read_rows(DATA / "areas.csv.gz")}
    assert len(features) == 514
    for feature in features:
        assert feature["properties"]["approximate"] is True
        assert names[feature["properties"]["code"]] == feature["properties"]["name"]
        assert shape(feature["geometry"]).is_valid
    assert (DATA / "regencies.geojson.gz").stat().st_size <= 2_000_000


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir() if path.is_file()) <= 10_000_000


def test_leg_lengths_are_at_least_the_straight_line() -> None:
    from geo.coast import geodesic_km

    places = {
        row["id"]: (float(row["lat"]), float(row["lon"]))
        for name in ("terminals_sea.csv", "terminals_air_land.csv")
        for row in read_rows(DATA / name)
        if row["lat"]
    }
    rows = [
        row
        for row in read_rows(DATA / "leg_lengths.csv")
        if row["from_id"] in places and row["to_id"] in places
    ]
    assert len(rows) > 500
    both = {(row["from_id"], row["to_id"], row["method"]): row["length_km"] for row in rows}
    for (start, end, method), length in both.items():
        assert float(length) >= geodesic_km(*places[start], *places[end]) - 0.01
        assert both[end, start, method] == length
