"""Rate limit of failed sign-ins: a sliding window per name and per address, in memory.

A name without an account is counted like that of an account, so a lockout discloses nothing.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from api.errors import TooManyRequestsError

__all__ = ["SignInLimiter"]


class SignInLimiter:
    """Counts failed sign-ins in a sliding window.

    Parameters
    ----------
    per_name, per_address
        Failures allowed within ``window_seconds``, by account name and by network address.
    clock
        Monotonic seconds; replaced in tests.
    """

    def __init__(
        self,
        *,
        per_name: int = 5,
        per_address: int = 30,
        window_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_name = per_name
        self.per_address = per_address
        self.window_seconds = window_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], deque[float]] = {}

    def check(self, *, name: str, address: str) -> None:
        """Raise :class:`TooManyRequestsError` when name or address failed too often."""
        now = self._clock()
        with self._lock:
            for key, allowed in self._keys(name, address):
                failures = self._recent(key, now)
                if len(failures) >= allowed:
                    wait = max(1, math.ceil(failures[0] + self.window_seconds - now))
                    raise TooManyRequestsError("session.too_many_failures", retry_seconds=wait)

    def failed(self, *, name: str, address: str) -> None:
        """Count one failure."""
        now = self._clock()
        with self._lock:
            if len(self._failures) > 10_000:  # names are the client's choice: bound the memory
                for key in list(self._failures):
                    self._recent(key, now)
            for key, _ in self._keys(name, address):
                self._failures.setdefault(key, deque(maxlen=256)).append(now)

    def succeeded(self, *, name: str) -> None:
        """Forget the failures of a name that signed in."""
        with self._lock:
            self._failures.pop(("name", name.casefold()), None)

    def _keys(self, name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
        return (
            (("name", name.casefold()[:200]), self.per_name),
            (("address", address), self.per_address),
        )

    def _recent(self, key: tuple[str, str], now: float) -> deque[float]:
        failures = self._failures.get(key)
        if failures is None:
            return deque()
        while failures and failures[0] <= now - self.window_seconds:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return failures
