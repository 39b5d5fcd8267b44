"""Workers are killed and connections break while desks read and write: nothing said is untrue.

An answer is whole or there is none; what was acknowledged is kept, and the audit is whole.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.auth.accounts import create_demo_accounts, list_accounts
from api.auth.audit import entries
from api.auth.sessions import Sessions
from api.register.audit_chain import verify
from api.register.opening import register_of
from api.settings import Settings
from geo.imports.store import entries as imported
from geo.paths import Home
from tests.postgres import Postgres, running_postgres
from tests.relay import FAULTS, Address, Relay, relaying
from tests.serving import started

pytestmark = pytest.mark.slow

_DESKS = 5
_ITEMS = "/ogc/collections/terminals/items"
_LOST = {"register.unreachable", "http.audit_failed"}
"""Codes of the answers while the database is away."""


@dataclass
class Desks:
    """People at their desks: what they were told is kept, and how else they were answered."""

    home: Home
    settings: Settings
    passwords: dict[str, str]
    address: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    kept: dict[str, set[str]] = field(
        default_factory=lambda: {"account": set(), "import": set(), "session": set()}
    )
    reads: int = 0
    broken: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def ask(self, method: str, path: str, *, name: str = "", **more: Any) -> httpx.Response | None:
        """An answer of the service that says that it is done; None for every other end."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        try:
            # a connection of its own for each request, as from many people
            answer = httpx.request(
                method, f"http://{self.address}{path}", headers=headers, timeout=60, **more
            )
        except httpx.TransportError:
            self.broken += 1
            return None
        document = answer.json()  # whole
        if answer.is_success:
            return answer
        assert answer.status_code == 503, answer.text
        self.refused[document["code"]] += 1
        return None

    @property
    def writes(self) -> int:
        """How many were acknowledged."""
        return sum(map(len, self.kept.values()))

    def sign_in(self, name: str) -> str | None:
        given = {"name": name, "password": self.passwords[name], "purpose": "training"}
        answer = self.ask("POST", "/v1/session", json=given)
        return answer and answer.json()["token"]

    def open_desks(self) -> None:
        self.tokens = {name: self.sign_in(name) or "" for name in ("polisi", "lsm")}

    def sign_in_again(self) -> None:
        if token := self.sign_in("lsm"):
            self.kept["session"].add(token)

    def add_account(self) -> None:
        body = {"name": f"akun-{random.getrandbits(40)}", "desk": "police", "tier": "police"}
        if answer := self.ask("POST", "/v1/accounts", name="polisi", json=body):
            self.kept["account"].add(answer.json()["name"])

    def read(self) -> None:
        if answer := self.ask("GET", _ITEMS, name="polisi"):
            assert answer.json()["numberReturned"] == 6
            self.reads += 1

    def read_as_anyone(self) -> None:
        if answer := self.ask("GET", _ITEMS):
            assert answer.json()["numberReturned"] == 5

    def import_place(self) -> None:
        place = f"53.02.01.1001,Soe,-9.86,{124.28 + random.random() / 100:.5f}"
        file = {"file": ("a.csv", f"code,name,lat,lon\n{place}\n")}
        tried = self.ask("POST", "/v1/imports", name="lsm", data={"kind": "places"}, files=file)
        if tried and self.ask("POST", f"/v1/imports/{tried.json()['id']}/confirm", name="lsm"):
            self.kept["import"].add(tried.json()["id"])

    @contextmanager
    def at_work(self) -> Iterator[Callable[[Callable[[], bool]], None]]:
        """While the block runs; gives what waits for a condition, and for a write of each kind."""
        over, failed = threading.Event(), threading.Event()

        def work(number: int) -> None:
            chosen = random.Random(number)
            actions = [self.import_place] if number == 0 else [
                self.add_account, self.sign_in_again,
                *3 * [self.read], *2 * [self.read_as_anyone],
            ]  # fmt: skip
            try:
                while not over.is_set():
                    chosen.choice(actions)()
            except BaseException:
                failed.set()
                raise

        def until(condition: Callable[[], bool]) -> None:
            end = time.monotonic() + 300
            while not failed.is_set():
                if condition() and all(self.kept.values()) and self.reads:
                    return
                assert time.monotonic() < end, (self.kept, self.refused, self.broken)
                time.sleep(0.05)

        with ThreadPoolExecutor(_DESKS) as pool:
            at_work = [pool.submit(work, number) for number in range(_DESKS)]
            try:
                yield until
            finally:
                over.set()
            for one in at_work:
                one.result()

    def check(self) -> None:
        """What was acknowledged is there, and the audit is whole."""
        with closing(register_of(self.settings)) as register:
            verify(register)
            assert self.kept["account"] <= {account.name for account in list_accounts(register)}
            sessions = Sessions(register, lifetime=self.settings.session_lifetime)
            assert all(map(sessions.find, self.kept["session"]))
            assert all(map(sessions.find, self.tokens.values()))
            read = entries(register, account="polisi", action="ogc_items", limit=10**6)
            assert len(read) >= self.reads
        assert self.kept["import"] <= {entry.id for entry in imported(self.home)}


def _address(text: str) -> Address:
    host, _, port = text.removeprefix("http://").rpartition(":")
    return host, int(port)


@pytest.fixture
def desks_of(released_home: Home, tmp_path: Path) -> Callable[[str | None], Desks]:
    """The desks of a new home whose register is at an address."""

    def make(database_url: str | None) -> Desks:
        home = Home.resolve(shutil.copytree(released_home.root, tmp_path / "home"))
        settings = Settings(home=home.root, database_url=database_url)
        with closing(register_of(settings)) as register:
            made = create_demo_accounts(register)
        return Desks(home, settings, {new.account.name: new.password for new in made})

    return make


@pytest.mark.postgis
def test_two_workers_of_one_register_go_on_when_one_is_killed(
    desks_of: Callable[[str | None], Desks], postgres: Postgres
) -> None:
    url = postgres.new_database()
    desks = desks_of(url)
    with ExitStack() as stack:
        start = [started(desks.home, PETAJAGA_DATABASE_URL=url) for _ in range(2)]
        (first, process), (second, _) = map(stack.enter_context, start)
        desks.address = first.removeprefix("http://")
        desks.open_desks()
        relay = stack.enter_context(relaying(Relay([_address(first), _address(second)])))
        desks.address = relay.address
        with desks.at_work() as until:
            until(lambda: desks.writes > 6)
            assert not desks.broken
            process.kill()
            before = desks.writes
            until(lambda: desks.writes > before + 6)
        assert desks.broken <= _DESKS  # what was under way
        assert not desks.refused
        desks.check()


def test_connections_of_clients_that_break(desks_of: Callable[[str | None], Desks]) -> None:
    desks = desks_of(None)
    with started(desks.home) as (address, process), relaying(Relay([_address(address)])) as relay:
        desks.address = relay.address
        desks.open_desks()
        relay.every = 2_000
        with desks.at_work() as until:
            until(lambda: desks.writes > 8 and all(relay.done[f] > 1 for f in FAULTS))
        assert desks.broken > 5
        assert not desks.refused
        desks.check()
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert "Traceback" not in err


@pytest.mark.postgis
def test_connections_to_the_database_that_break(desks_of: Callable[[str | None], Desks]) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres(fsync=True))
        url = server.new_database()
        desks = desks_of(url)
        relay = stack.enter_context(relaying(Relay([_address(server.address)])))
        through = url.replace(server.address, relay.address)
        address, process = stack.enter_context(started(desks.home, PETAJAGA_DATABASE_URL=through))
        desks.address = address.removeprefix("http://")
        desks.open_desks()
        relay.every = 5_000
        with desks.at_work() as until:
            until(lambda: desks.writes > 8 and all(relay.done[f] > 1 for f in FAULTS))
        assert desks.refused
        relay.every = 0
        server.stop()
        assert desks.ask("GET", _ITEMS)
        for path, name in (("/ready", ""), (_ITEMS, "polisi"), ("/v1/accounts", "polisi")):
            assert desks.ask("GET", path, name=name) is None, path
        server.start()
        assert desks.ask("GET", "/v1/accounts", name="polisi")
        assert desks.ask("GET", "/ready")
        assert desks.refused.keys() <= _LOST
        assert not desks.broken
        desks.check()
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
