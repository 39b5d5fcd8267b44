"""What is in a home is its owner's alone at every moment, and ``doctor`` fails otherwise."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from geo.files import exposed_files
from geo.paths import Home
from tests.api.conftest import close_service, make_service
from tests.geo.agreements import registered

Run = Callable[..., Any]
VISITS = {"villages": 2, "within": "53", "radius_km": 15}


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Files are for everybody to read unless it is said otherwise."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@contextmanager
def _watched(home: Path) -> Iterator[set[str]]:
    """Names of what others could read in a home at any moment, temporary files too."""
    exposed: set[str] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            exposed.update(str(path.relative_to(home)) for path in exposed_files(home))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield exposed
    finally:
        stop.set()
        watcher.join()
    exposed.update(str(path.relative_to(home)) for path in exposed_files(home))


@pytest.mark.long
def test_a_home_in_use_is_its_owner_s_at_every_moment(petajaga: Run, tmp_path: Path) -> None:
    home, counts = Home.resolve(tmp_path / "home"), tmp_path / "counts.csv"
    counts.write_text(
        "place_code,year,measure,value,unit,source,note\n53.04,2021,prevented,17,person,BP3MI,\n"
    )

    def run(*words: str) -> None:
        done = petajaga(*words, home=home.root)
        assert done.code == 0, done.err

    with _watched(home.root) as exposed:
        run("import", "counts", str(counts), "--under", registered(home), "--apply")
        run("build", "--draws", "2", "--origins", "seat", "--workers", "1")
        run("publish")
        run("releases", "approve", "--office", "Bappeda", "--basis", "ND-1", "--date", "2026-11-02")
        service = make_service(home)
        try:
            client = service.client("polisi")
            assert client.post("/v1/plans/outreach", json=VISITS).status_code == 202
            run("accounts", "add", "polda", "--desk", "police", "--tier", "police")
            assert (home.root / "register.sqlite-wal").exists()
        finally:
            close_service(service)
        run("plan", "posts", "-k", "1", "--draws", "0")
        run("backup", "-o", str(tmp_path / "home.zip"))
        run("export", "areas", "-o", str(tmp_path / "areas.csv"))
    assert exposed == set()
    # a file made to be passed on follows the umask, one that holds the key does not
    assert stat.S_IMODE((tmp_path / "areas.csv").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "home.zip").stat().st_mode) == 0o600


def test_doctor_fails_where_others_could_read(
    released_home: Home, tmp_path: Path, petajaga: Run
) -> None:
    home = Home.resolve(shutil.copytree(released_home.root, tmp_path / "home"))
    home.root.chmod(0o700)

    def finding() -> dict[str, str]:
        done = petajaga("doctor", "--json", home=home.root)
        (row,) = (r for r in json.loads(done.out)["checks"] if r["check"] == "private")
        return {**row, "code": done.code}

    assert finding()["state"] == "ok"
    police = next(home.releases.glob("*/police.gpkg"))
    for path, mode in ((police, 0o644), (police.parent, 0o750), (home.root, 0o755)):
        kept = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        assert (finding()["state"], finding()["code"]) == ("fail", 1)
        path.chmod(kept)
    assert finding()["state"] == "ok"
