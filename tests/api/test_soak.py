"""Minutes of reads, sign-ins and scenarios at once: what the service holds does not grow."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from geo.paths import Home
from tests.api.test_under_load import PUBLIC, home
from tests.serving import started

__all__ = ["home"]

pytestmark = pytest.mark.long

WARM_SECONDS, SOAK_SECONDS = 90.0, 180.0
MOST_GROWTH = 0.05
EXPECTED = {200, 201, 401, 429}


def least_resident(pid: int) -> dict[str, int]:
    """Least of some readings: the check of a password takes 64 MiB for a moment."""
    least: dict[str, int] = {}
    for _ in range(40):
        for module, size in resident(pid).items():
            least[module] = min(size, least.get(module, size))
        time.sleep(0.25)
    return least


def resident(pid: int) -> dict[str, int]:
    """Bytes of a process and of the processes it started, by command."""
    sizes = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            module = (folder / "cmdline").read_text().split("\0")[-2]
            if int(folder.name) == pid or int(words[1]) == pid:
                sizes[module] = int((folder / "statm").read_text().split()[1]) * 4096
        except (OSError, IndexError):  # gone meanwhile
            continue
    return sizes


def test_memory_after_minutes_of_mixed_work(home: tuple[Home, str]) -> None:
    codes: Counter[int] = Counter()
    over = threading.Event()
    with started(home[0]) as (address, process):
        given = {"name": "lsm", "password": home[1]}

        def work(k: int) -> None:
            with httpx.Client(base_url=address, timeout=60) as client:
                token = client.post("/v1/session", json=given).json()["token"]
                partner = {"Authorization": f"Bearer {token}"}
                turn = 0
                while not over.is_set():
                    turn += 1
                    change = {"area": "53.04", "factor": 1 + (turn % 50) / 100}
                    answers = [
                        *(client.get(path) for path in PUBLIC),
                        client.get("/v1/areas", headers=partner),
                        client.post(
                            "/v1/scenarios",
                            json={"demand": [change], "draws": 30 * (turn % 2)},
                            headers={**partner, "Idempotency-Key": f"{k}-{turn}"},
                        ),
                    ]
                    if turn % 5 == 0:
                        wrong = {"name": f"siapa{k}-{turn}", "password": "salah salah salah"}
                        answers += [client.post("/v1/session", json=one) for one in (given, wrong)]
                    codes.update(answer.status_code for answer in answers)
                    over.wait(0.05)

        with ThreadPoolExecutor(6) as pool:
            running = [pool.submit(work, k) for k in range(6)]
            try:
                time.sleep(WARM_SECONDS)
                before = least_resident(process.pid)
                time.sleep(SOAK_SECONDS)
                after = least_resident(process.pid)
            finally:
                over.set()
            for one in running:
                one.result()
    print(f"\n{dict(codes)}; MB before and after:")
    for module, size in after.items():
        print(f"{module}: {before[module] / 1e6:.1f} {size / 1e6:.1f}")
    assert set(after) == {"api", "layers.plans.evaluator"}
    assert set(codes) <= EXPECTED
    assert codes[200] > 500
    for module, size in after.items():
        assert size < before[module] * (1 + MOST_GROWTH), module
