"""The whole country: 83,403 villages and 514 polygons in 3 minutes and 2 GB, then a build."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from geo.dataset import load_dataset
from geo.imports.desk import import_file
from geo.paths import Home

SHARED = Path(os.environ.get("PETAJAGA_SHARED") or Path(__file__).resolve().parents[3] / "shared")
DATA = SHARED / "data"

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(
        not (DATA / "villages_points_national.csv.gz").exists(),
        reason="no real village points (PETAJAGA_SHARED or ../shared)",
    ),
]


def test_national_import_and_build(tmp_path: Path) -> None:
    from routes.build import build_model

    home = Home.resolve(tmp_path / "home")
    started = time.monotonic()
    for kind, file in (
        ("places", "villages_points_national.csv.gz"),
        ("boundaries", "regencies_poly_national.geojson"),
    ):
        report, _, changed = import_file(DATA / file, kind, home, by="bench")
        assert changed
        assert report.refused == 0
    dataset = load_dataset(home)
    seconds = time.monotonic() - started
    peak = max(resource.getrusage(who).ru_maxrss for who in (0, resource.RUSAGE_CHILDREN))
    print(f"\nimport and load: {seconds:.1f} s, {peak / 1024:.0f} MB")
    assert (dataset.settlements["decided_by"] == "imported").sum() == 83_403
    assert seconds <= 180
    assert peak <= 2 * 1024**2  # kilobytes
    started = time.monotonic()
    build = build_model(dataset, home, draws=10)
    print(f"build of {len(build.settlements)} origins: {time.monotonic() - started:.1f} s")
    assert len(build.settlements) >= 83_403
