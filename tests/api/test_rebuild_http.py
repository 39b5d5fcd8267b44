"""``/v1/rebuild``: by an administrator, one at a time, seen by the desks that import."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.auth.accounts import set_administrator
from geo.paths import Home
from tests.api.conftest import Service, close_service, make_service


@pytest.fixture
def rebuilding(built_home: Path, tmp_path: Path) -> Iterator[Service]:
    """A service on a copy of the embedded build and its release."""
    home = Home.resolve(shutil.copytree(built_home, tmp_path / "home"))
    running = make_service(home, release_check_seconds=0.1)
    yield running
    close_service(running)


def over(client: TestClient, *, seconds: float = 300.0) -> dict[str, Any]:
    """The rebuild once it is over."""
    until = time.monotonic() + seconds
    while True:
        document: dict[str, Any] = client.get("/v1/rebuild").json()["rebuild"]
        if document["state"] not in {"queued", "running"}:
            return document
        assert time.monotonic() < until, document
        time.sleep(0.2)


def test_an_import_waits_until_an_administrator_rebuilds(rebuilding: Service) -> None:
    planner, police = rebuilding.client("perencana"), rebuilding.client("polisi")
    assert planner.get("/v1/rebuild").json() == {"rebuild": None}
    assert planner.post("/v1/rebuild").status_code == 404
    release = police.get("/health").json()["release"]
    text = (
        "area_code,indicator,year,value,unit,source\n"
        '53.02,poverty_rate,2025,44.0,percent,"BPS, percobaan"\n'
    )
    tried = planner.post(
        "/v1/imports", data={"kind": "indicators"}, files={"file": ("miskin.csv", text)}
    ).json()
    assert tried["accepted"] == 1, tried
    assert planner.post(f"/v1/imports/{tried['id']}/confirm").status_code == 200
    assert police.get("/v1/imports").json()["waiting"] == [tried["id"]]

    started = police.post("/v1/rebuild")
    assert (started.status_code, started.json()["rebuild"]["by"]) == (202, "polisi")
    again = police.post("/v1/rebuild")
    assert (again.status_code, again.json()["code"]) == (409, "rebuild.running")
    done = over(police)
    assert done["state"] == "done", done
    assert done["result"]["changed"] is True
    moved = {area["code"]: area["score"] for area in done["result"]["areas"]}
    assert moved["53.02"]["after"] > moved["53.02"]["before"]
    assert police.get("/v1/imports").json()["waiting"] == []
    until = time.monotonic() + 60
    while police.get("/health").json()["release"] == release:
        assert time.monotonic() < until, "the new release is not served"
        time.sleep(0.2)
    seen = planner.get("/v1/rebuild").json()["rebuild"]
    assert {"departures", "score"}.isdisjoint(json.dumps(seen).split('"'))
    assert "release" not in seen["result"]


def test_a_rebuild_can_be_cancelled_and_changes_nothing(rebuilding: Service) -> None:
    register = rebuilding.app.state.register
    set_administrator(register, "lsm", administrator=True)
    client = rebuilding.client("lsm")
    release = client.get("/health").json()["release"]
    assert client.post("/v1/rebuild").status_code == 202
    assert client.delete("/v1/rebuild").json()["rebuild"]["state"] == "cancelled"
    assert client.get("/health").json()["release"] == release
    set_administrator(register, "lsm", administrator=False)
    assert client.delete("/v1/rebuild").status_code == 404
