"""The whole country: 83,403 villages and 514 polygons in 3 minutes and 2 GB, then all that follows.

Each step is the command itself, in a process of its own, so that its time and memory are its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.dataset import load_dataset
from geo.imports.service import import_file
from geo.paths import Home

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.bench


class Timed:
    """One finished command: its answer, wall and processor seconds, and peak memory in GB."""

    def __init__(self, home: Path, *words: str) -> None:
        command = [sys.executable, "-m", "api.cli", *words, "--home", str(home)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            self.out = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.perf_counter() - start
        self.processor = used.ru_utime + used.ru_stime
        self.peak = used.ru_maxrss / 1e6  # kilobytes on Linux
        assert process.returncode == 0, words

    @property
    def note(self) -> str:
        return f"{self.processor:.0f} s of processor time, peak {self.peak:.2f} GB"


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, to be filled step by step by the tests in their order."""
    return tmp_path_factory.mktemp("nation") / "home"


def size(folder: Path, pattern: str) -> float:
    """Largest file of a folder, MB."""
    return max(path.stat().st_size for path in folder.rglob(pattern)) / 1e6


def test_import(nation: Path, shared_file: Callable[[str], Path], ledger: Any) -> None:
    home = Home.resolve(nation)
    start = time.perf_counter()
    for kind, file in (
        ("places", "villages_points_national.csv.gz"),
        ("boundaries", "regencies_poly_national.geojson"),
    ):
        report, _, changed = import_file(shared_file(f"data/{file}"), kind, home, by="bench")
        assert changed
        assert report.refused == 0
    dataset = load_dataset(home)
    took = time.perf_counter() - start
    assert (dataset.settlements["decided_by"] == "imported").sum() == 83_403
    note = "83,403 villages, 514 polygons; and the dataset loaded"
    ledger.add("national import", took, "s", at_most=180, note=note)


def test_build(nation: Path, ledger: Any) -> None:
    built = Timed(nation, "build", "--json")
    note = f"{built.note}; 83,403 origins, 1,000 draws"
    ledger.add("national build", built.wall, "s", at_most=600, note=note)
    ledger.add("its memory", built.peak, "GB", at_most=4.0)


def test_publish(nation: Path, ledger: Any) -> None:
    made = Timed(nation, "publish", "--json")
    ledger.add("national publish", made.wall, "s", at_most=180, note=made.note)
    ledger.add("its memory", made.peak, "GB", at_most=2.0)
    release = Home.resolve(nation).releases
    for tier in ("public", "partner", "police"):
        ledger.add(f"its package for {tier}", size(release, f"{tier}.gpkg"), "MB")


def test_questions(nation: Path, ledger: Any) -> None:
    areas = Timed(nation, "areas", "--json")
    listed = len(json.loads(areas.out))
    note = f"{listed:,} areas; {areas.note}"
    ledger.add("petajaga areas, national", areas.wall, "s", note=note)
    asked = Timed(nation, "corridor", "Kupang", "Labuan Bajo", "Nunukan", "--json")
    assert json.loads(asked.out)["persons_per_year"]["mean"] > 0
    ledger.add("petajaga corridor, national", asked.wall, "s", note=asked.note)


@pytest.fixture
def served(nation: Path) -> Iterator[str]:
    words = ["serve", "--port", "8391", "--home", str(nation)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", *words], cwd=ROOT, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = "http://127.0.0.1:8391"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def test_a_page_of_the_service(served: str, ledger: Any) -> None:
    page = f"{served}/ogc/collections/areas/items?limit=100&f=json"
    took = []
    for _ in range(5):
        start = time.perf_counter()
        with urllib.request.urlopen(page, timeout=60) as answer:
            found = json.load(answer)["features"]
        took.append(time.perf_counter() - start)
        assert len(found) == 100
    ledger.add("a page of 100 areas, national", 1e3 * min(took), "ms", note="public, best of 5")
