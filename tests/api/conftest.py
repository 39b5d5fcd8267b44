"""A service on a small published release of real places, and a client for each desk."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

import api.auth.accounts
from api.app import create_app
from api.auth.accounts import add_account, create_demo_accounts
from api.settings import Settings
from geo.paths import Home


@dataclass(frozen=True)
class Service:
    """A running application, its home and the demo passwords by account name."""

    app: FastAPI
    home: Home
    passwords: dict[str, str]

    def client(self, name: str | None = None) -> TestClient:
        """A client, signed in as ``name``; anonymous without."""
        english = {"Accept-Language": "en"}
        client = TestClient(self.app, raise_server_exceptions=False, headers=english)
        if name is not None:
            given = {"name": name, "password": self.passwords[name], "purpose": "training"}
            answer = client.post("/v1/session", json=given)
            assert answer.status_code == 200, answer.text
        return client


def make_service(home: Home, **settings: object) -> Service:
    """The application on the release of ``home``, with the three demo accounts."""
    app = create_app(Settings(home=home.root, **settings))
    made = create_demo_accounts(app.state.register)
    return Service(app, home, {new.account.name: new.password for new in made})


def close_service(service: Service) -> None:
    for worker in service.app.state.workers:
        worker.close()
    service.app.state.keeper.close()
    service.app.state.audit.close()
    service.app.state.register.close()


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Cheap password hashes: the real ones take 64 MiB and a tenth of a second each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api.auth.accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))
        yield


@pytest.fixture(scope="session")
def service(released_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests that change nothing but sessions."""
    root = shutil.copytree(released_home.root, tmp_path_factory.mktemp("service") / "home")
    running = make_service(Home.resolve(root))
    yield running
    close_service(running)


DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgis))


def databases(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """What ``database_of`` is in modules whose tests run on both databases::

    database_of = pytest.fixture(params=DATABASES)(databases)
    """
    if getattr(request, "param", "sqlite") == "postgresql":
        postgres = request.getfixturevalue("postgres")
        return lambda _home: postgres.new_database()  # type: ignore[no-any-return]
    return lambda home: Settings(home=home).register_url


@pytest.fixture
def database_of(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Address of a new register for a home."""
    return databases(request)


@pytest.fixture
def fresh(
    released_home: Home, tmp_path: Path, database_of: Callable[[Path], str]
) -> Iterator[Callable[..., Service]]:
    """Makes a service of its own: ``fresh(session_hours=...)``."""
    services: list[Service] = []

    def make(**settings: object) -> Service:
        root = shutil.copytree(released_home.root, tmp_path / f"home{len(services)}")
        settings = {"database_url": database_of(root), **settings}
        services.append(make_service(Home.resolve(root), **settings))
        return services[-1]

    yield make
    for service in services:
        close_service(service)


@pytest.fixture(scope="session")
def public(service: Service) -> TestClient:
    return service.client()


@pytest.fixture(scope="session")
def partner(service: Service) -> TestClient:
    return service.client("lsm")


@pytest.fixture(scope="session")
def police(service: Service) -> TestClient:
    return service.client("polisi")


@pytest.fixture(scope="session")
def planning(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service on the real release, with a register of its own and accounts beyond the demo's."""
    home = Home.resolve(tmp_path_factory.mktemp("planning"))
    home.releases.symlink_to(Home.resolve(built_home).releases)
    running = make_service(home)
    for name, desk, tier, province in (
        ("polisi-dua", "police", "police", None),
        ("lsm-bali", "ngo", "partner", "51"),
        ("warga", "ngo", "public", None),
    ):
        new = add_account(
            running.app.state.register, name=name, desk=desk, tier=tier, province_code=province
        )
        running.passwords[name] = new.password
    yield running
    close_service(running)


def wait_for(client: TestClient, job: str, *, seconds: float = 120.0) -> dict[str, Any]:
    """The job once it is over."""
    until = time.monotonic() + seconds
    while True:
        document: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
        if document["state"] not in {"queued", "running"}:
            return document
        assert time.monotonic() < until, document
        time.sleep(0.1)


@pytest.fixture
def ask(petajaga: Callable[..., Any], built_home: Path) -> Callable[..., Any]:
    """The JSON answer of a command on the built home."""

    def answer(*words: str) -> Any:
        done = petajaga(*words, "--json", home=built_home)
        assert done.code == 0, done.err
        return json.loads(done.out)

    return answer
