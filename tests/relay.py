"""Stands between the two ends of TCP connections: a balancer, or a network that breaks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import random
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Address = tuple[str, int]
FAULTS = ("cut", "half", "slow")
"""End both ways at once; end one way in the middle of what it says; hold it up."""


@dataclass
class Relay:
    """Takes connections at ``address`` for its targets in turn, past those that take none.

    One of :data:`FAULTS` is done to what goes one way, each time that about ``every`` bytes went
    (0: none ever); ``done`` counts them.
    """

    targets: list[Address]
    every: int = 0
    seed: int = 0
    address: str = ""
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._turns = itertools.count()
        self._open: set[asyncio.StreamWriter] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until both its ends have ended it or it is cut."""
        ends = {writer}
        try:
            there, back = await self._connect()
            ends.add(back)
            self._open |= ends
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, back))
                group.create_task(self._pass(there, writer))
        except* OSError:  # an end is gone: so is the connection
            self.abort(ends)
        finally:
            self._open -= ends
            for end in ends:
                end.close()

    def abort(self, ends: Iterable[asyncio.StreamWriter] = ()) -> None:
        """Let go of these ends at once; without them of all there are."""
        for end in list(ends or self._open):
            end.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self._turns)
        for turn in range(len(self.targets)):
            with contextlib.suppress(ConnectionRefusedError):
                target = self.targets[(first + turn) % len(self.targets)]
                return await asyncio.open_connection(*target)
        raise ConnectionRefusedError

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._draw()
        while data := await reader.read(1 << 16):
            if self.every and left == math.inf:
                left = self._draw()
            if len(data) > left:
                fault = self._random.choice(FAULTS)
                self.done[fault] += 1
                if fault == "cut":
                    raise ConnectionAbortedError
                if fault == "half":
                    writer.write(data[: int(left)])
                    await writer.drain()
                    break
                await asyncio.sleep(self._random.uniform(0.01, 0.3))
                left = self._draw()
            left -= len(data)
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    def _draw(self) -> float:
        """Bytes until the next fault."""
        return self._random.expovariate(1 / self.every) if self.every else math.inf


@contextlib.contextmanager
def relaying(relay: Relay) -> Iterator[Relay]:
    """Let ``relay`` take connections on a free port of loopback."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        server = await asyncio.start_server(relay.take, "127.0.0.1", 0)
        relay.address = "{}:{}".format(*server.sockets[0].getsockname())
        return server

    async def stop() -> None:
        server.close()
        relay.abort()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield relay
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
