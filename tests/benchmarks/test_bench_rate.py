"""What readers and writers wait for at a steady rate, each request sent when it is due."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.auth.accounts import add_account
from api.register.database import open_register
from api.settings import Settings
from geo.paths import Home
from tests.benchmarks.peers import serving

pytestmark = pytest.mark.bench

_SECONDS = 10
_CONNECTIONS = 32


@dataclass(frozen=True)
class Reader:
    """Where the service answers, and what one request of a reader carries."""

    address: str
    headers: dict[str, str]

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """A request as it goes over the wire."""
        headers = {"Host": urlsplit(self.address).netloc, **self.headers,
                   "Content-Type": "application/json", "Content-Length": len(body)}  # fmt: skip
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
        return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture(scope="module")
def police(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home = Home.resolve(tmp_path_factory.mktemp("rate"))
    home.releases.symlink_to(Home.resolve(built_home).releases)
    words = [sys.executable, "-m", "api.cli", "serve", "--no-demo"]
    with serving(words, "/ready", {"PETAJAGA_HOME": str(home.root)}) as address:
        register = open_register(Settings.read(home=home.root).register_url)
        new = add_account(register, name="beban", desk="police", tier="police")
        register.close()
        account = {"name": "beban", "password": new.password, "purpose": "training"}
        token = httpx.post(f"{address}/v1/session", json=account).json()["token"]
        yield Reader(address, {"Authorization": f"Bearer {token}"})


def _waits(reader: Reader, request: Callable[[int], bytes], rate: float) -> list[float]:
    """Seconds from when each request is due until it is answered, shortest first."""
    host, port = urlsplit(reader.address).hostname, urlsplit(reader.address).port
    numbers = iter(range(int(rate * _SECONDS)))
    waits = []

    async def connection(begin: float) -> None:
        incoming, outgoing = await asyncio.open_connection(host, port)
        for number in numbers:
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            outgoing.write(request(number))
            head = (await incoming.readuntil(b"\r\n\r\n")).decode().lower()
            assert head.startswith("http/1.1 2"), head
            await incoming.readexactly(int(head.split("content-length: ")[1].split("\r")[0]))
            waits.append(time.perf_counter() - due)
        outgoing.close()

    async def run() -> None:
        begin = time.perf_counter() + 0.2
        await asyncio.gather(*(connection(begin) for _ in range(_CONNECTIONS)))

    asyncio.run(run())
    assert len(waits) == int(rate * _SECONDS)
    return sorted(waits)


@pytest.mark.parametrize("signed_in", [False, True], ids=["public", "police"])
def test_items_at_300_requests_a_second(police: Reader, ledger: Any, signed_in: bool) -> None:
    reader = police if signed_in else Reader(police.address, {})
    request = reader.request("GET", "/ogc/collections/areas/items?f=json&limit=10")
    waits = _waits(reader, lambda _: request, 300)
    name = "police" if signed_in else "public"
    ledger.add(f"items at 300 requests/s, {name}, 99 of 100", waits[-len(waits) // 100], "s",
               at_most=0.1, note=f"median {waits[len(waits) // 2]:.4f}")  # fmt: skip


def test_writes(police: Reader, ledger: Any) -> None:
    scenario = {"posts": [{"terminal": "maumere"}], "name": "a", "save": True}
    saved = httpx.post(
        f"{police.address}/v1/scenarios", json=scenario, headers=police.headers, timeout=60
    )
    place = f"/v1/scenarios/{saved.json()['id']}"

    def rename(number: int) -> bytes:
        return police.request("PATCH", place, json.dumps({"name": f"nama {number}"}).encode())

    waits = _waits(police, rename, 50)
    ledger.add("writes at 50 requests/s, 99 of 100", waits[-len(waits) // 100], "s", at_most=0.05,
               note=f"median {waits[len(waits) // 2]:.4f}; on the disk with the audit")  # fmt: skip
