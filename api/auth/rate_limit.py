"""Rate limit of sign-ins: a sliding window in memory, counted before the password is checked.

Few tries by one source at one name, more by one source at all names. A source is an address, or a
device that signed in there before; many tries at one name from everywhere make all wait but such a
device, so that nobody can lock out the true user. A name without an account is counted like that of
an account, so a refusal discloses nothing.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from api.auth.accounts import account_name
from api.errors import TooManyRequestsError

__all__ = ["SignInLimiter"]

_MOST_KEYS, _OVER = 10_000, 1_000
"""Kept at most, and how many more may gather before the oldest go: they are looked through then."""

Key = tuple[str, ...]


class SignInLimiter:
    """Counts sign-ins that did not succeed in a sliding window.

    Parameters
    ----------
    per_pair, per_source, per_name
        Tries allowed within ``window_seconds``: at one name by one source, by one source, and at
        one name by all sources together.
    clock
        Monotonic seconds; replaced in tests.

    Examples
    --------
    >>> limiter = SignInLimiter(per_pair=1)
    >>> limiter.attempt(name="polisi", source="10.0.0.1")
    >>> limiter.attempt(name=" Polisi", source="10.0.0.1")
    Traceback (most recent call last):
    api.errors.TooManyRequestsError: ...
    >>> limiter.attempt(name="polisi", source="10.0.0.2")
    """

    def __init__(
        self,
        *,
        per_pair: int = 5,
        per_source: int = 30,
        per_name: int = 100,
        window_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_pair = per_pair
        self.per_source = per_source
        self.per_name = per_name
        self.window_seconds = window_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: dict[Key, deque[float]] = {}

    def attempt(self, *, name: str, source: str, known_device: bool = False) -> None:
        """Count one try, so that those made at once are counted too.

        Raises
        ------
        TooManyRequestsError
            The pair, the source, or for a device not known the name, has had its tries.
        """
        now = self._clock()
        with self._lock:
            self._bound_memory(now)
            allowed = self._allowed(name, source)
            for key, most in allowed.items():
                tries = self._recent(key, now)
                if len(tries) >= most and not (known_device and key[0] == "name"):
                    wait = max(1, math.ceil(tries[0] + self.window_seconds - now))
                    raise TooManyRequestsError("session.too_many_failures", retry_seconds=wait)
            for key, most in allowed.items():
                self._tries.setdefault(key, deque(maxlen=most)).append(now)

    def succeeded(self, *, name: str, source: str) -> None:
        """Forget the tries of a pair that signed in, and its last one elsewhere."""
        with self._lock:
            pair, *others = self._allowed(name, source)
            self._tries.pop(pair, None)
            for key in others:
                if tries := self._tries.get(key):
                    tries.pop()

    def _allowed(self, name: str, source: str) -> dict[Key, int]:
        name = account_name(name)
        return {
            ("pair", name, source): self.per_pair,
            ("source", source): self.per_source,
            ("name", name): self.per_name,
        }

    def _recent(self, key: Key, now: float) -> deque[float]:
        tries = self._tries.get(key)
        if tries is None:
            return deque()
        while tries and tries[0] <= now - self.window_seconds:
            tries.popleft()
        if not tries:
            del self._tries[key]
        return tries

    def _bound_memory(self, now: float) -> None:
        """Names are the client's choice: of too many the oldest go."""
        if len(self._tries) <= _MOST_KEYS + _OVER:
            return
        for key in list(self._tries):
            self._recent(key, now)
        for key in list(self._tries)[: len(self._tries) - _MOST_KEYS]:
            del self._tries[key]
