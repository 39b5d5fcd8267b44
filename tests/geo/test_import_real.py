"""Real official points and polygons, where they lie beside the project: imported and laid over."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from geo.dataset import load_dataset
from geo.imports.service import dry_run, import_file
from geo.paths import Home
from routes.graph.origins import origin_points

pytestmark = pytest.mark.slow


def province(code: str, villages: Path, path: Path) -> Path:
    with gzip.open(villages, "rt", encoding="utf-8") as stream:
        head, *rows = stream.readlines()
    path.write_text(head + "".join(row for row in rows if row.startswith(code)), "utf-8")
    return path


def test_one_province_of_villages_becomes_origins(
    tmp_path: Path, shared_file: Callable[[str], Path]
) -> None:
    home = Home.resolve(tmp_path / "home")
    villages = shared_file("data/villages_points_national.csv.gz")
    report, _, _ = import_file(
        province("53.", villages, tmp_path / "ntt.csv"), "places", home, by="me"
    )
    assert (report.read, report.accepted, report.matched, report.refused) == (3352, 3352, 3352, 0)
    loaded = load_dataset(home)
    ours = loaded.settlements[loaded.settlements["decided_by"] == "imported"]
    assert len(ours) == 3352
    origins = origin_points(loaded)
    assert set("v:" + ours["village_code"]) <= set(origins["node"])
    # Every regency of the province is covered, so the gazetteer's settlements there have gone.
    ntt = loaded.settlements[loaded.settlements["province_code"] == "53"]
    assert (ntt["decided_by"] == "imported").mean() > 0.9


def test_polygons_of_ntt_from_parquet(tmp_path: Path, shared_file: Callable[[str], Path]) -> None:
    path = shared_file("data/villages_poly_ntt.parquet")
    report = dry_run(path, "boundaries", Home.resolve(tmp_path))
    assert (report.read, report.accepted, report.refused) == (3352, 3352, 0)


def test_regency_polygons_of_the_whole_country(
    tmp_path: Path, shared_file: Callable[[str], Path]
) -> None:
    home = Home.resolve(tmp_path / "home")
    path = shared_file("data/regencies_poly_national.geojson")
    report, _, _ = import_file(path, "boundaries", home, by="me")
    assert (report.read, report.accepted, report.refused) == (514, 514, 0)
    loaded = load_dataset(home)
    assert loaded.regency_cells.parent == home.imports
    assert loaded.regency_cells.stat().st_size < 2_000_000
    assert (loaded.settlements["decided_by"] == "imported_boundary").mean() > 0.9
