"""The release being served, and the keeper that follows the pointer ``current``."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from geo.errors import PetajagaError
from geo.imports.days import today
from geo.paths import Home
from layers.release.release import Release, open_release
from layers.release.verify import POINTER
from layers.schema import Tier

__all__ = ["CurrentRelease", "ReleaseKeeper", "ReleaseView", "release_view_of"]

log = logging.getLogger("petajaga.api")

T = TypeVar("T")


class ReleaseView:
    """One verified release, and what was derived from it so far (it never changes)."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._cache: dict[tuple[Any, ...], Any] = {}

    def id(self, tier: Tier) -> str:
        """The release's id as ``tier`` may know it: a hash of that tier's own files."""
        return self.release.tier_id(tier)

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """``make()``, remembered under ``key`` as long as this release is served.

        Keys must be few: tiers, provinces, layers; never what a client may choose freely.
        """
        try:
            return self._cache[key]  # type: ignore[no-any-return]
        except KeyError:
            return self._cache.setdefault(key, make())  # type: ignore[no-any-return]


class ReleaseKeeper:
    """Gives the release to serve and takes up a newly published one.

    With ``approved_only`` that is the newest that others than its maker may see. The pointer is
    looked at once in ``check_seconds``; a new release is opened and verified in a
    thread of its own while the old one goes on answering. One that cannot be opened is logged and
    left alone until the pointer changes again.

    Raises
    ------
    StateError, BrokenReleaseError
        At the start, when there is no whole release.
    """

    def __init__(
        self, home: Home, *, check_seconds: float = 1.0, approved_only: bool = False
    ) -> None:
        self._home, self._approved_only = home, approved_only
        self._followed = (home.releases / POINTER, home.editions)
        self._check_seconds = check_seconds
        self._checked = time.monotonic()
        self._served_pointer = self._signature()
        self._lock = threading.Lock()
        self._old: list[ReleaseView] = []
        self._current = ReleaseView(open_release(home, approved_only=approved_only))

    def current(self) -> ReleaseView:
        """The release to answer from."""
        now = time.monotonic()
        if now - self._checked >= self._check_seconds:
            self._checked = now
            if self._signature() != self._served_pointer and self._lock.acquire(blocking=False):
                threading.Thread(target=self._follow, name="release", daemon=True).start()
        return self._current

    def close(self) -> None:
        """Close what is open."""
        for view in (self._current, *self._old):
            view.release.close()

    def _follow(self) -> None:
        try:
            signature = self._signature()
            try:
                new = ReleaseView(open_release(self._home, approved_only=self._approved_only))
            except PetajagaError as error:
                log.error("the new release is not served: %s", error)  # noqa: TRY400
            else:
                # Answers may still be reading the old one; the one before it is surely done.
                while self._old:
                    self._old.pop().release.close()
                self._old.append(self._current)
                self._current = new
                log.warning("now serving release %s", new.release.id)
            self._served_pointer = signature
        finally:
            self._lock.release()

    def _signature(self) -> tuple[Any, ...] | None:
        try:
            stats = [path.stat() for path in self._followed if path.exists()]
        except OSError:
            return None
        # an embargo ends with the day
        return today(), *((s.st_ino, s.st_mtime_ns, s.st_size) for s in stats)


async def release_view_of(request: Request) -> ReleaseView:
    """The release to answer this request from, looked up once: an answer never mixes two."""
    keeper: ReleaseKeeper = request.app.state.keeper
    return keeper.current()


CurrentRelease = Annotated[ReleaseView, Depends(release_view_of)]
"""Declare ``view: CurrentRelease`` in an endpoint to answer from it."""
