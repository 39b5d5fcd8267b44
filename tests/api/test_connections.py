"""Clients that are slow on purpose, on real sockets: they end, and everybody else is answered."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.http.connections import BoundedProtocol
from api.server import _Server
from geo.paths import Home
from tests.serving import serving

BIG = 64 * 1024 * 1024  # more than the buffers of the system take
ADDRESS = tuple[str, int]


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, answer with a small or a big one."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    body = bytes(BIG) if scope["path"] == "/big" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def _limited(proxies: str = "", **limits: float) -> Iterator[ADDRESS]:
    """A server whose connections have these limits; its address."""
    protocol = type("Limited", (BoundedProtocol,), limits)
    config = uvicorn.Config(
        _app, http=protocol, lifespan="off", log_level="error", forwarded_allow_ips=proxies
    )
    listener = socket.create_server(("127.0.0.1", 0))
    ready = threading.Event()
    server = _Server(config, ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield listener.getsockname()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
    listener.close()


def _sent(address: ADDRESS, words: bytes, source: str = "127.0.0.1") -> socket.socket:
    client = socket.create_connection(address, timeout=10, source_address=(source, 0))
    client.sendall(words)
    return client


def _is_ended(client: socket.socket, seconds: float = 5.0) -> bool:
    client.settimeout(seconds)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def _answers(address: ADDRESS, source: str = "127.0.0.1") -> bool:
    with _sent(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", source) as client:
        return client.recv(100).startswith(b"HTTP/1.1 200")


HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"


@pytest.mark.parametrize("words", [b"", b"G", HEAD])
def test_a_head_that_does_not_come(words: bytes) -> None:
    with _limited(head_seconds=0.5) as address, _sent(address, words) as client:
        assert _is_ended(client)


def test_a_second_head_that_does_not_come() -> None:
    with (
        _limited(head_seconds=0.5) as address,
        _sent(address, HEAD + b"\r\n" + HEAD) as client,
    ):
        answer = b""
        while not answer.endswith(b"ok"):
            answer += client.recv(1000)
        assert _is_ended(client)


def test_a_body_that_drips_and_one_that_flows() -> None:
    with _limited(grace_seconds=0.5, least_bytes_per_second=1000.0) as address:
        ended: dict[int, bool] = {}
        for piece in (10, 600):
            with _sent(address, BODY) as client:
                with contextlib.suppress(ConnectionError):
                    for _ in range(25):
                        client.sendall(b"x" * piece)
                        time.sleep(0.1)
                ended[piece] = _is_ended(client, 0.2)
        assert ended == {10: True, 600: False}


def test_a_reader_that_does_not_read_and_one_that_does() -> None:
    request = b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        _limited(grace_seconds=1.0, least_bytes_per_second=1e6) as address,
        _sent(address, request) as slow,
        _sent(address, request) as quick,
    ):
        taken, until = 0, time.monotonic() + 3.5
        while taken < BIG and time.monotonic() < until:
            taken += len(quick.recv(1 << 20))
        assert taken >= BIG
        time.sleep(max(0.0, until - time.monotonic()))
        taken = 0
        with contextlib.suppress(ConnectionError):
            while got := slow.recv(1 << 20):
                taken += len(got)
        assert taken < BIG
        assert _answers(address)


def test_who_is_new_displaces_who_keeps_the_server_waiting() -> None:
    with _limited(most=40, most_of_address=20) as address:
        mine = [_sent(address, HEAD) for _ in range(30)]
        assert all(_is_ended(client) for client in mine[:10])
        assert _answers(address)
        others = [_sent(address, HEAD, f"127.0.0.{2 + k}") for k in range(30)]
        assert _answers(address, "127.0.0.99")
        assert _answers(address)
        open_now = [client for client in mine + others if not _is_ended(client, 0.01)]
        assert len(open_now) <= 40
        for client in mine + others:
            client.close()


def test_proxies_stand_for_many() -> None:
    with _limited("127.0.0.0/30", most_of_address=5) as address:
        for source, ended in (("127.0.0.2", False), ("127.0.0.9", True)):
            clients = [_sent(address, HEAD, source) for _ in range(8)]
            assert _is_ended(clients[0], 0.5) is ended
            for client in clients:
                client.close()


@pytest.mark.slow
def test_three_hundred_half_requests(released_home: Home, tmp_path: Path) -> None:
    """The page comes at once meanwhile, and they are gone after the time that a head may take."""
    home = Home.resolve(shutil.copytree(released_home.root, tmp_path / "home"))
    with serving(home) as address, httpx.Client(base_url=address) as client:
        server = ("127.0.0.1", int(address.rpartition(":")[2]))
        body = BODY.replace(b"/", b"/v1/session", 1)
        halves = [_sent(server, words) for words in (HEAD, body) for _ in range(150)]
        for path in ("/", "/v1/areas", "/ogc/collections/areas/items"):
            client.get(path)
            started = time.monotonic()
            assert client.get(path).status_code == 200
            assert time.monotonic() - started < 0.2, path
        time.sleep(BoundedProtocol.head_seconds + 2)
        assert all(_is_ended(half, 0.01) for half in halves[:150])
        for half in halves:
            half.close()
