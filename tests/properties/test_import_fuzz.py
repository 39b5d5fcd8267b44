"""Whatever bytes a file holds, reading it ends in a report or in one line, and in nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import DataFileError
from geo.imports import read_gdal, read_geo, read_shapefile, read_text, read_workbook
from geo.imports.formats import read_sheet
from geo.imports.kinds import KINDS, kind_named, template
from geo.imports.reference import ReferenceData
from geo.imports.report import Report, from_json, to_json
from geo.imports.rows import normalise
from geo.imports.service import dry_run
from geo.paths import Home

pytestmark = pytest.mark.slow

KNOWN = ReferenceData()


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The readers run in this process here: they must not set its limits."""
    for module in (read_text, read_geo, read_gdal, read_shapefile, read_workbook):
        monkeypatch.setattr(module, "allow_seconds", lambda _: None, raising=False)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One honest file of each format."""
    folder = tmp_path_factory.mktemp("seeds")
    frame = gpd.GeoDataFrame(
        {"code": ["53.02"], "name": ["TTS"]}, geometry=[shapely.box(124, -10, 125, -9)], crs=4326
    )
    frame.to_file(folder / "a.gpkg")
    frame.to_parquet(folder / "a.parquet")
    frame.to_file(folder / "a.geojson")
    (folder / "shp").mkdir()
    frame.to_file(folder / "shp" / "a.shp")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:  # stored: a changed byte stays one
        for path in sorted((folder / "shp").iterdir()):
            archive.write(path, path.name)
    book = openpyxl.Workbook()
    book.active.append(["code", "geometry"])
    book.active.append([53.02, frame.geometry[0].wkt])
    book.save(folder / "a.xlsx")
    (folder / "a.csv").write_text(template(kind_named("boundaries")))
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def read(path: Path, kind: str) -> str:
    """Read in this process; return how it ended."""
    report = Report(kind=kind, file=path.name)
    line = "?"
    try:
        rows = normalise(read_sheet(path, path.name, None), kind_named(kind), KNOWN, report)
    except DataFileError as error:
        rows, line = [], str(error)
    except (MemoryError, RecursionError):
        return "too much"  # the worker has a line for these
    if line != "?":
        assert line
        assert "\n" not in line
        return "file refused"
    assert report.accepted == len(rows)
    assert report.read == report.accepted + report.refused + report.left_out
    assert report.new + report.replaced == report.accepted
    assert Report.from_dict(from_json(to_json(report))) == report
    for language in ("id", "en"):
        json.dumps(report.in_language(language)).encode("utf-8")
    return "accepted" if rows else "rows refused"


@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.gpkg", "a.parquet", "a.zip", "a.xlsx"])
def test_changed_bytes(name: str, seeds: dict[str, bytes], tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    whole = seeds[name]
    changes = st.lists(
        st.tuples(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8)), max_size=4
    )

    @given(changes=changes, cut=st.none() | st.integers(0, len(whole)))
    def change(changes: list[tuple[int, bytes]], cut: int | None) -> None:
        content = bytearray(whole)
        for at, new in changes:
            content[at : at + len(new)] = new
        path = tmp_path / name
        path.write_bytes(bytes(content[:cut]))
        outcomes[read(path, "boundaries")] += 1

    change()
    assert outcomes["accepted"] > 0  # the honest file is among them
    assert outcomes["file refused"] > 0


CELLS = st.one_of(
    st.text(max_size=30),
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(
        ["53.02", "11.1", "53.02.01.1001", "2023", "45000", "", "NaN", "1e309", "=1+1", "percent"]
    ),
)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.columns])
def test_cells_of_every_kind(kind: str, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    names = [c.name for c in kind_named(kind).named]
    row = st.lists(CELLS, min_size=len(names), max_size=len(names))

    @given(rows=st.lists(row, min_size=1, max_size=4))
    @example(rows=[["53.02"] * len(names)])  # a table, whatever else is tried
    def fill(rows: list[list[str]]) -> None:
        import csv

        held = io.StringIO()
        writer = csv.writer(held)
        writer.writerow(names)
        writer.writerows(rows)
        path = tmp_path / "a.csv"
        path.write_text(held.getvalue(), "utf-8", "replace", newline="")
        outcomes[read(path, kind)] += 1

    fill()
    assert outcomes["rows refused"] + outcomes["accepted"] > 0


def bodies() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    yield "a.geojson", lambda b: b'{"type":"FeatureCollection","features":[' + b + b"]}"
    yield "a.csv", lambda b: b"code,name,lat,lon\n" + b
    yield "a.zip", lambda b: b"PK\x03\x04" + b
    yield "a.gpkg", lambda b: b"SQLite format 3\0" + b


@pytest.mark.parametrize(("name", "around"), list(bodies()))
def test_through_the_process_with_limits(
    name: str, around: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    ended: list[Any] = []

    @settings(max_examples=settings.default.max_examples // 10)  # a process each
    @given(st.binary(max_size=300))
    def run(content: bytes) -> None:
        path = tmp_path / name
        path.write_bytes(around(content))
        try:
            ended.append(dry_run(path, "places", Home.resolve(tmp_path / "home")))
        except DataFileError as error:
            ended.append(str(error))

    run()
    assert ended
