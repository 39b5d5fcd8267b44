"""Answers to writes that carry an ``Idempotency-Key``: sent again, a request is not done again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.auth.principal import Principal
from api.errors import ConflictError

__all__ = ["IdempotentAnswers"]

_Key = tuple[str | None, str, str, str]


@dataclass(eq=False)
class _Entry:
    """One request, and its answer once there is one."""

    fingerprint: bytes
    made_at: float
    answer: tuple[bytes, int, dict[str, str]] | None = None


class IdempotentAnswers:
    """Answers by account and key, in the memory of this process.

    Parameters
    ----------
    keep_seconds : float
        How long an answer is kept.
    most_of_one : int
        Answers kept of one account; then the oldest goes.
    """

    def __init__(self, *, keep_seconds: float = 86_400.0, most_of_one: int = 20) -> None:
        self._keep_seconds, self._most_of_one = keep_seconds, most_of_one
        self._entries: dict[_Key, _Entry] = {}

    async def once(
        self,
        request: Request,
        principal: Principal,
        key: str | None,
        make: Callable[[], Awaitable[Response]],
    ) -> Response:
        """The answer of ``make()``, or the one that the account had under this key before.

        Failures are not kept: the same request may be tried again.

        Raises
        ------
        ConflictError
            The key came with another request, or the first is still in progress.
        """
        if key is None:
            return await make()
        self._forget_old()
        place = (principal.name, *principal.scope, key)
        kind = request.headers.get("content-type", "")
        words = f"{request.method} {request.url.path} {kind}\n".encode() + await request.body()
        new = _Entry(hashlib.sha256(words).digest(), time.monotonic())
        entry = self._entries.setdefault(place, new)
        if entry.fingerprint != new.fingerprint:
            raise ConflictError("http.key_of_another_request", field="Idempotency-Key")
        if entry.answer is not None:
            return Response(*entry.answer)
        if entry is not new:
            raise ConflictError("http.key_in_progress", field="Idempotency-Key")
        try:
            response = await make()
            new.answer = (bytes(response.body), response.status_code, dict(response.headers))
        finally:
            if new.answer is None:
                del self._entries[place]
        self._keep_few(place)
        return response

    def _forget_old(self) -> None:
        oldest = time.monotonic() - self._keep_seconds
        for place, entry in list(self._entries.items()):
            if entry.made_at > oldest:
                break
            del self._entries[place]

    def _keep_few(self, place: _Key) -> None:
        own = [one for one, entry in self._entries.items() if one[:3] == place[:3] and entry.answer]
        for one in own[: -self._most_of_one]:
            del self._entries[one]
