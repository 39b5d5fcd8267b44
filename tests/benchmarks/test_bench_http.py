"""Scenarios over HTTP on the embedded data: what a planner waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from geo.paths import Home
from tests.api.conftest import close_service, make_service

pytestmark = pytest.mark.bench

_RUNS = 15


@pytest.fixture(scope="module")
def police(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = Home.resolve(tmp_path_factory.mktemp("bench"))
    home.releases.symlink_to(Home.resolve(built_home).releases)
    service = make_service(home)
    yield service.client("polisi")
    close_service(service)


@pytest.mark.parametrize(
    ("what", "body", "target"),
    [
        ("post changes", {"posts": [{"terminal": "maumere"}, {"terminal": "larantuka"}]}, 0.1),
        ("a changed indicator",
         {"indicators": [{"area": "53.02", "indicator": "poverty_rate", "change": -3.0}]}, 1.0),
        ("a leg closed",
         {"legs": [{"from": "makassar", "to": "labuan-bajo", "change": "close"}]}, 1.0),
    ],
)  # fmt: skip
def test_scenarios_over_http(
    police: TestClient, ledger: Any, what: str, body: dict[str, Any], target: float
) -> None:
    took, busy = [], []
    for _ in range(_RUNS):
        start, cpu = time.perf_counter(), time.process_time()
        answer = police.post("/v1/scenarios", json=body)
        took.append(time.perf_counter() - start)
        busy.append(time.process_time() - cpu)
        assert answer.status_code == 200, answer.text
    first, *warm = took
    middle = sorted(warm)[len(warm) // 2]
    note = (
        f"30 draws, 5 corridors; quickest of {len(warm)}, median {middle:.3f}, "
        f"processor {min(busy):.3f}, first {first:.2f}"
    )
    ledger.add(f"scenario over HTTP, {what}", min(warm), "s", at_most=target,
               note=note)  # fmt: skip
