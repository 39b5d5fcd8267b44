"""The real server on loopback: starting, refusing to start, following a new release, stopping."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.register.database import open_register
from api.server import run
from api.settings import Settings
from geo.errors import BrokenReleaseError, EnvironmentProblem, StateError
from geo.paths import Home
from layers.release.editions import Approval, approve
from layers.release.publish import publish
from tests.api.conftest import Service
from tests.layers.conftest import make_build, make_home
from tests.serving import serving, started

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def released_home(released_home: Home, tmp_path: Path) -> Home:
    """Of each test alone: a service writes into its home."""
    return Home.resolve(shutil.copytree(released_home.root, tmp_path / "released"))


def _never(address: str) -> None:
    raise AssertionError(address)


@pytest.mark.parametrize(("trusted", "last"), [("", 429), ("127.0.0.1", 401)])
def test_addresses_are_believed_from_named_proxies_alone(
    released_home: Home, tmp_path: Path, trusted: str, last: int
) -> None:
    """Whoever writes another X-Forwarded-For for every guess is still one address."""
    settings = {
        "PETAJAGA_TRUSTED_PROXIES": trusted,
        "PETAJAGA_DATABASE_URL": f"sqlite:///{tmp_path}/register.sqlite",
    }
    with serving(released_home, **settings) as address, httpx.Client(base_url=address) as client:
        given = {"name": "siapa", "password": "salah salah"}
        codes = [
            client.post(
                "/v1/session", json=given, headers={"X-Forwarded-For": f"203.0.113.{k}"}
            ).status_code
            for k in range(7)
        ]
    assert codes[0] == 401
    assert codes[-1] == last


def test_a_request_has_exactly_one_host(released_home: Home) -> None:
    with serving(released_home) as address:
        for hosts in (b"", b"Host: x\r\nHost: y\r\n"):
            with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as raw:
                raw.sendall(b"GET /health HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
                assert raw.recv(100).split()[1] == b"400"


def test_homes_whose_names_a_url_would_read_otherwise_have_registers_of_their_own(
    tmp_path: Path,
) -> None:
    for name in ("rumah?a", "rumah?b", "rumah#a", "rumah%20a"):
        home = Home(tmp_path / name)
        open_register(Settings.read(home=home.root).register_url).close()
        assert home.register.is_file(), name
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "rumah#a", "rumah%20a", "rumah?a", "rumah?b",
    ]  # fmt: skip


def test_a_real_server_answers(released_home: Home) -> None:
    with serving(released_home) as address, httpx.Client(base_url=address) as client:
        health = client.get("/health").json()
        assert health["status"] == "ok"
        assert "server" not in client.get("/health").headers
        items = client.get("/ogc/collections/terminals/items").json()
        assert items["numberMatched"] == 5
        assert all(link["href"].startswith(address) for link in items["links"])
        assert client.get("/v1/corridors").json()["release"] == health["release"]
        assert client.head("/v1/areas").content == b""
        assert client.get("/metrics").status_code == 200
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as raw:
            raw.sendall(b"GET /metrics HTTP/1.0\r\nHost: x\r\n\r\n")  # as nginx asks
            assert raw.recv(100).split()[1] == b"404"
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as raw:
            raw.sendall(
                b"GET /v1/areas/\xff\xfe%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            assert raw.recv(100).split()[1] in (b"400", b"404")


@pytest.mark.ipv6
def test_over_ipv6_addresses_have_brackets(released_home: Home, tmp_path: Path) -> None:
    settings = {
        "PETAJAGA_HOST": "::1", "PETAJAGA_TRUSTED_PROXIES": "::1",
        "PETAJAGA_DATABASE_URL": f"sqlite:///{tmp_path}/register.sqlite",
    }  # fmt: skip
    with serving(released_home, **settings) as address, httpx.Client() as client:
        assert address.startswith("http://[::1]:")
        links = client.get(f"{address}/ogc?f=json").json()["links"]
        assert all(link["href"].startswith(f"{address}/") for link in links)
        behind = {"X-Forwarded-Prefix": "/petajaga", "Host": "[2001:db8::7]"}
        links = client.get(f"{address}/ogc?f=json", headers=behind).json()["links"]
        assert links[0]["href"].startswith("http://[2001:db8::7]/petajaga/ogc")
        page = {"Origin": address}
        assert client.delete(f"{address}/v1/session", headers=page).status_code == 204


def test_sigterm_lets_answers_finish(released_home: Home, tmp_path: Path) -> None:
    """A request that is still being sent when the service is told to end gets its answer."""
    body = b'{"name": "siapa", "password": "salah salah"}'
    database = f"sqlite:///{tmp_path}/register.sqlite"
    with started(released_home, PETAJAGA_DATABASE_URL=database) as (address, process):
        server = ("127.0.0.1", int(address.rpartition(":")[2]))
        with socket.create_connection(server) as raw, socket.create_connection(server) as idle:
            idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(12) == b"HTTP/1.1 200"
            raw.sendall(
                b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body[:9])
            )
            time.sleep(0.3)  # until the application reads the body
            process.send_signal(signal.SIGTERM)
            _until(lambda: _refused(server))
            raw.sendall(body[9:])
            assert raw.recv(12) == b"HTTP/1.1 401"
        assert process.wait(timeout=8) == 0


def _refused(server: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(server) != 0


def test_logs_as_json_name_nobody(released_home: Home, tmp_path: Path) -> None:
    settings = {
        "PETAJAGA_LOG_FORMAT": "json",
        "PETAJAGA_DATABASE_URL": f"sqlite:///{tmp_path}/register.sqlite",
    }
    with started(released_home, **settings) as (address, process):
        given = {"name": "budi-santoso", "password": "rahasia sekali"}
        with httpx.Client(base_url=address) as client:
            client.post("/v1/session?siapa=budi", json=given)
            client.get("/v1/areas/53.71?q=budi", headers={"Authorization": "Bearer budi"})
            client.get("/static/app/main.js")
            client.get("/budi")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    lines = [json.loads(line) for line in err.splitlines()]
    # a line is written when the answer is out: the next request may be there already
    assert Counter((line["method"], line["route"], line["status"]) for line in lines) == {
        ("POST", "/v1/session", 401): 1, ("GET", "/v1/areas/{code}", 401): 1,
        ("GET", "static", 200): 1, ("GET", "none", 404): 1,
    }  # fmt: skip
    for line in lines:
        assert line["level"] == "INFO"
        assert line["seconds"] >= 0
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
    assert "budi" not in err
    assert "rahasia" not in err
    assert "127.0.0.1" not in err


def test_a_taken_port_is_one_line(released_home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentProblem, match=f"Port {port} on 127.0.0.1 is taken"):
            run(Settings(home=released_home.root, port=port), on_ready=_never)


def test_a_bad_address_is_one_line(released_home: Home) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be used"):
        run(Settings(home=released_home.root, host="203.0.113.1", port=0), on_ready=_never)


def test_it_refuses_to_start_without_a_release(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="petajaga publish"):
        run(Settings(home=tmp_path, port=0), on_ready=_never)
    assert not (tmp_path / "register.sqlite").exists()


def test_others_than_its_maker_are_served_an_approved_release_alone(tmp_path: Path) -> None:
    home, build = make_home(tmp_path / "home"), make_build(tmp_path)
    with publish(build, home) as release:
        number = release.edition and release.edition.number
    for settings in (
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "127.0.0.1", "approved_only": True},
    ):
        with pytest.raises(StateError, match="petajaga releases approve"):
            run(Settings(home=home.root, port=0, **settings), on_ready=_never)  # type: ignore[arg-type]
    assert not home.register.exists()
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve", "--host", "0.0.0.0", "--port", "0"],
        cwd=ROOT, env={**os.environ, "PETAJAGA_HOME": str(home.root), "PETAJAGA_LANG": "id"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "petajaga releases approve" in done.stderr
    approve(home, str(number), Approval(office="Bappeda", basis="ND-1", date="2026-11-02"))
    build.areas.loc[1, "class"] = "low"
    publish(build, home).close()
    app = create_app(Settings(home=home.root, host="0.0.0.0"))
    with TestClient(app) as client:
        answer = client.get("/health").json()
    assert (answer["edition"], answer["approved"]) == (number, True)
    assert answer["approval"]["office"] == "Bappeda"


def test_it_refuses_to_start_on_a_broken_release(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    release = publish(make_build(tmp_path), home)
    release.close()
    (release.folder / "police.gpkg").write_bytes(b"cut")
    with pytest.raises(BrokenReleaseError):
        run(Settings(home=home.root, port=0), on_ready=_never)
    done = subprocess.run(
        [sys.executable, "-m", "api"],
        cwd=ROOT,
        env={**os.environ, "PETAJAGA_HOME": str(home.root), "PETAJAGA_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("petajaga: ")


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_a_new_release_is_taken_up_and_a_broken_one_is_not(
    fresh: Callable[..., Service], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = fresh(release_check_seconds=0)
    client = service.client()
    first = client.get("/health").json()["release"]

    pointer = service.home.releases / "current"
    kept = pointer.read_text()
    pointer.write_text("000000000000\n")
    _until(lambda: client.get("/health").status_code == 200 and "not served" in caplog.text)
    assert client.get("/v1/areas").json()["release"] == first
    pointer.write_text(kept)

    build = make_build(tmp_path)
    areas = build.areas.copy()
    areas.loc[areas["code"] == "53.04", "name"] = "Kabupaten Belu (baru)"
    new = publish(replace(build, areas=areas), service.home)
    new.close()
    _until(lambda: client.get("/health").json()["release"] != first)
    assert client.get("/health").json()["release"] == new.tier_id("public")
    assert client.get("/v1/areas/53.04").json()["area"]["name"] == "Kabupaten Belu (baru)"
    assert client.get("/v1/corridors").json()["release"] == new.tier_id("public")
