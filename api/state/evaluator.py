"""The service's door to the model: one long-lived process of scenarios and documents.

The model's libraries, its memory and its work stay out of the process that answers the map; one
request is computed at a time, in a fair order (docs/decisions/0025).
"""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import threading
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool

from api.auth.principal import Principal
from api.state.fair_queue import FairThreads
from api.state.worker_process import close_worker, start_worker, stop_worker, worker_error
from geo.errors import InputError, PetajagaError
from layers.release.release import Release

__all__ = ["Evaluator"]

log = logging.getLogger("petajaga.api")
_OF_FILES = frozenset({
    "adopted_brief", "brief", "corridor_line", "interventions", "pack", "referral_card",
    "shift_sheet", "warnings",
})  # fmt: skip
"""Kinds that are answered from the files of a release, whether it holds a model or not."""
_OF_CORRIDORS = frozenset({"corridor"})
"""Kinds that need the files of corridors named by their places."""


class Evaluator:
    """The process and the queue before it.

    Parameters
    ----------
    most_of_one, most_of_tier : int
        Requests of one account, and of a tier, that are not answered yet.
    run_seconds : float
        How long one may take; then the process is ended, and the next request starts another.
    """

    def __init__(
        self, *, most_of_one: int = 4, most_of_tier: int = 12, run_seconds: float = 120.0
    ) -> None:
        self._run_seconds = run_seconds
        self._process: subprocess.Popen[str] | None = None
        self._starting = threading.Lock()
        self._closed = False
        self._thread = FairThreads(
            "http.busy", threads=1, most_of_one=most_of_one, most_of_group=most_of_tier
        )

    async def ask(self, principal: Principal, release: Release, kind: str, **task: Any) -> Any:
        """One answer from the model of a release, within the rights of the principal.

        Parameters
        ----------
        kind : str
            One of those of :mod:`layers.plans.evaluator`; ``task`` is what it needs.

        Raises
        ------
        TooManyRequestsError
            The account, or its tier, has enough waiting.
        BrokenReleaseError
            The release holds no whole model.
        PetajagaError
            As the model has it, or ``http.not_evaluated`` where it failed or took too long.
        """
        folder = release.folder
        if kind not in _OF_FILES:
            for_corridors = kind in _OF_CORRIDORS
            folder = await run_in_threadpool(release.model_folder, for_corridors=for_corridors)
        reader = {"tier": principal.tier, "province": principal.province}
        try:
            line = json.dumps({"kind": kind, "folder": str(folder), **reader, **task}, default=str)
        except RecursionError:
            raise InputError("http.body_too_deep", field="body") from None
        return await self._thread.run(
            principal.tier, principal.name or "", lambda: self._answer(line)
        )

    def close(self) -> None:
        """End the process and take no more."""
        with self._starting:
            self._closed = True
        stop_worker(self._process)
        self._thread.close()
        if self._process is not None:
            close_worker(self._process)

    def _answer(self, line: str) -> Any:
        """In the one thread: ask the process and wait for its answer."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(self._run_seconds, stop_worker, [process])
        timer.daemon = True
        timer.start()
        answer = ""
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(line + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
        finally:
            timer.cancel()
        if not answer.endswith("\n"):
            log.error("the process of scenarios has ended, or took too long")
            close_worker(process)
            raise PetajagaError("http.not_evaluated")
        message = orjson.loads(answer)
        if "error" in message:
            raise worker_error(message["error"])
        return message["answer"]

    def _running(self) -> subprocess.Popen[str]:
        with self._starting:
            if self._closed:
                raise PetajagaError("http.not_evaluated")
            if self._process is not None and self._process.poll() is not None:
                close_worker(self._process)
                self._process = None
            if self._process is None:
                self._process = start_worker("layers.plans.evaluator")
            return self._process
