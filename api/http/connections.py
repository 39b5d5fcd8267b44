"""Connections of the server: how many there may be, and how slowly one may send and take.

uvicorn waits without end for a request that never ends and for a reader that never reads. Here a
server full of such connections still answers: who is new displaces the connection that has kept
the server waiting longest, of the same address where that has its share.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from functools import cached_property, lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.settings import networks

__all__ = ["BoundedProtocol"]

_networks = lru_cache(maxsize=8)(networks)


class _CountedTransport:
    """A transport that knows how many bytes were given to it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.written = 0

    def write(self, data: bytes) -> None:
        self.written += len(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """One connection, within limits.

    Attributes
    ----------
    most, most_of_address : int
        Connections of the server, and of one address (of IPv6 a network of 64 bits); those of
        trusted proxies, who stand for others, are not counted by address.
    head_seconds : float
        How long the head of a request may take.
    grace_seconds, least_bytes_per_second : float
        A body that comes, and an answer that is taken, may take the grace and a second for each so
        many bytes.
    """

    most = 500
    most_of_address = 100
    head_seconds = 10.0
    grace_seconds = 20.0
    least_bytes_per_second = 4096.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; where there are too many connections, one of them ends."""
        counted: Any = _CountedTransport(transport)
        super().connection_made(counted)
        self._head_since: float | None = time.monotonic()
        self._body_since: float | None = None
        self._received = 0
        self._behind: tuple[float, int] | None = None
        self.waiting_since = time.monotonic()
        same = [other for other in self._others if other.source == self.source]
        if not self._of_proxy and len(same) >= self.most_of_address:
            self._displace(same)
        elif len(self.connections) > self.most:
            self._displace(self._others)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        if self._head_since is None:
            self._head_since = time.monotonic()

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        super().on_headers_complete()
        self._head_since, self._body_since, self._received = None, time.monotonic(), 0

    def on_body(self, body: bytes) -> None:
        """A part of the body of a request."""
        self._received += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is there."""
        self._body_since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is written, if not yet taken."""
        self.waiting_since = time.monotonic()
        super().on_response_complete()

    def end_if_slow(self, now: float) -> None:
        """End the connection if it has been too slow; to be called every second."""
        behind = self.transport.get_write_buffer_size()
        if not behind:
            self._behind = None
        taken = self._written - behind
        if behind and self._behind is None:
            self._behind = now, taken
        if self._body_since is not None and self.flow.read_paused:
            self._body_since = now  # it is the service that lets it wait
        if (
            (self._head_since is not None and now - self._head_since > self.head_seconds)
            or self._too_slow(now, self._body_since, self._received)
            or (self._behind and self._too_slow(now, self._behind[0], taken - self._behind[1]))
        ):
            self.transport.abort()

    def _too_slow(self, now: float, since: float | None, moved: int) -> bool:
        allowed = self.grace_seconds + moved / self.least_bytes_per_second
        return since is not None and now - since > allowed

    def _displace(self, others: list[BoundedProtocol]) -> None:
        """End the one of ``others`` that has kept the server waiting longest; if none, this one."""
        waiting = [other for other in others if other.keeps_waiting]
        oldest = min(waiting, key=lambda other: other.waiting_since, default=self)
        oldest.transport.abort()
        self.connections.discard(oldest)

    @property
    def _others(self) -> list[BoundedProtocol]:
        return [
            other
            for other in self.connections
            if isinstance(other, BoundedProtocol) and other is not self
        ]

    @property
    def keeps_waiting(self) -> bool:
        """Whether it is the client's turn: to send a request or the rest of it, or to read."""
        cycle: Any = self.cycle  # None before the first request
        return cycle is None or cycle.response_complete or self._body_since is not None

    @property
    def _written(self) -> int:
        counted: Any = self.transport
        return int(counted.written)

    @cached_property
    def source(self) -> str:
        """The address, of IPv6 its network of 64 bits."""
        host = self.client[0] if self.client else ""
        return ipaddress.ip_address(host).exploded[:19] if ":" in host and "%" not in host else host

    @cached_property
    def _of_proxy(self) -> bool:
        names = self.config.forwarded_allow_ips
        proxies = _networks(names if isinstance(names, str) else ",".join(names))
        try:
            address = ipaddress.ip_address(self.client[0] if self.client else "")
        except ValueError:
            return not self.client  # a socket of this machine
        return any(address in network for network in proxies)
