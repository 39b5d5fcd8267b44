"""Waiting work in a fair order, and threads of their own that work through it.

The threads that answer everybody's reads are never filled by work that waits: who waits here holds
no thread, and what is beyond the bounds is refused at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, Literal, TypeVar

from api.errors import TooManyRequestsError

__all__ = ["FairQueue", "FairThreads"]

_MOST_REMEMBERED = 10_000

Owner = tuple[str, str]
"""A group (a tier) and a name in it (an account, an address)."""
Item = TypeVar("Item")
T = TypeVar("T")


class FairQueue(Generic[Item]):
    """Work that waits, with a share for each group and each owner.

    The next is of the group, and in it of the owner, whose turn was longest ago; among the work of
    one owner the first come. Not for several threads at once without a lock.

    Parameters
    ----------
    most_of_one, most_of_group : int
        Work not over, waiting or in progress, of one owner and of a whole group.

    Examples
    --------
    >>> queue = FairQueue[str](most_of_one=3, most_of_group=4)
    >>> for name, item in (("a", "a1"), ("a", "a2"), ("b", "b1")):
    ...     queue.add(("partner", name), item)
    >>> queue.add(("police", "c"), "c1")
    >>> [queue.take() for _ in range(4)]
    ['a1', 'c1', 'b1', 'a2']
    """

    def __init__(self, *, most_of_one: int, most_of_group: int) -> None:
        self._most_of_one, self._most_of_group = most_of_one, most_of_group
        self._waiting: list[tuple[Owner, Item]] = []
        self._unfinished: Counter[Owner] = Counter()
        self._turns = 0
        self._last_turn: dict[Owner | str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def full(self, owner: Owner) -> Literal["one", "group", ""]:
        """Whose share is used up, that of the owner or that of the group; empty where neither."""
        if self._unfinished[owner] >= self._most_of_one:
            return "one"
        of_group = sum(count for (group, _), count in self._unfinished.items() if group == owner[0])
        return "group" if of_group >= self._most_of_group else ""

    def add(self, owner: Owner, item: Item) -> None:
        """Let an item wait; it counts until :meth:`finish`."""
        self._unfinished[owner] += 1
        self._waiting.append((owner, item))

    def take(self) -> Item:
        """The item whose turn it is; IndexError where none waits."""
        if not self._waiting:
            raise IndexError
        last = self._last_turn
        next_one = min(self._waiting, key=lambda one: (last.get(one[0][0], 0), last.get(one[0], 0)))
        self._waiting.remove(next_one)
        self._turns += 1
        for key in (next_one[0][0], next_one[0]):
            last.pop(key, None)
            last[key] = self._turns
        while len(last) > _MOST_REMEMBERED:
            del last[next(iter(last))]
        return next_one[1]

    def finish(self, owner: Owner, item: Item) -> None:
        """An item is over, whether it was taken or still waits."""
        self._waiting = [one for one in self._waiting if one[1] is not item]
        self._unfinished[owner] -= 1
        if not self._unfinished[owner]:
            del self._unfinished[owner]


class FairThreads:
    """A few threads for one kind of slow work, behind a :class:`FairQueue`.

    Parameters
    ----------
    code : str
        What the refused are told.
    threads : int
        Pieces of work at a time.
    most_of_one, most_of_group : int
        As :class:`FairQueue`.
    """

    def __init__(
        self, code: str, *, threads: int, most_of_one: int, most_of_group: int,
        retry_seconds: int = 5,
    ) -> None:  # fmt: skip
        self._code, self._most_threads, self._retry_seconds = code, threads, retry_seconds
        self._queue: FairQueue[_Work] = FairQueue(
            most_of_one=most_of_one, most_of_group=most_of_group
        )
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    async def run(self, group: str, name: str, work: Callable[[], T]) -> T:
        """The result of ``work()``, computed in one of the threads when it is this owner's turn.

        Raises
        ------
        TooManyRequestsError
            The owner, or its group, has enough waiting.
        """
        future: Future[T] = Future()
        one: _Work = ((group, name), future, work)
        with self._changed:
            if self._closed or self._queue.full(one[0]):
                raise TooManyRequestsError(self._code, retry_seconds=self._retry_seconds)
            self._queue.add(one[0], one)
            if len(self._threads) < self._most_threads:
                thread = threading.Thread(target=self._work, name=self._code, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take no more work, drop what waits and wait for what is in progress."""
        with self._changed:
            self._closed = True
            while self._queue:
                self._queue.take()[1].cancel()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=10.0)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                one = self._queue.take()
            owner, future, work = one
            try:
                if future.set_running_or_notify_cancel():
                    future.set_result(work())
            except BaseException as error:  # noqa: BLE001  # it is the caller's, who waits for it
                future.set_exception(error)
            finally:
                with self._changed:
                    self._queue.finish(owner, one)
            del one, future, work


_Work = tuple[Owner, Future[Any], Callable[[], Any]]
