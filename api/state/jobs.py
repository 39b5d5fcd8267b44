"""Jobs: queued, computed one at a time in a process of their own that can be ended.

Tiers take turns, and accounts in them, so that no desk keeps another from planning
(:class:`api.state.fair_queue.FairQueue`). Jobs live in memory and end with the service. Each
belongs to the account (with the tier and province it had) that made it; to everyone else it does
not exist.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import subprocess
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from api.auth.principal import Principal
from api.errors import (
    ConflictError,
    NotFoundError,
    TooManyRequestsError,
    problem_document,
    status_of,
)
from api.state.fair_queue import FairQueue
from api.state.worker_process import close_worker, start_worker, stop_worker, worker_error
from geo.errors import PetajagaError

__all__ = ["Job", "Jobs", "has_second"]

log = logging.getLogger("petajaga.api")

_OVER = frozenset({"done", "failed", "cancelled"})
_BY_TWO = frozenset({"posts", "watch"})
"""Kinds whose result becomes a file only after a second person's consent."""
_FOR_TWO: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"posts": {"displacement": [], "displacement_said": []}, "watch": {"roster": [], "seed": None}}
)
"""What is shown in place of parts of a result until then: where posts drive the flow, and when who
stands where tell whom they stop how to pass.
"""
_OF_ONE_WEEK = ("shifts", "hours_per_week", "weeks")
"""What a roster of one week tells by place: of one week it is the roster but for its days."""
_SEEDED = ("seed",)
"""Part of a request that repeats a roster."""
_NOBODY = MappingProxyType({"by": None, "at": None, "declined_by": None})
_MOST_FOLLOWED = 3
"""Streams of one account; another ends the oldest, since each holds a connection."""
_LOOK_SECONDS, _QUIET_LOOKS = 0.5, 30
Owner = tuple[str, str, str]


@dataclass(eq=False)
class Job:
    """One job and its state; read it through :meth:`Jobs.document`."""

    id: str
    kind: str
    owner: Owner
    task: dict[str, Any]
    request: dict[str, Any]
    release: str
    created: str
    prefix: str = ""
    state: str = "queued"
    progress: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    area: str | None = None
    displacement: dict[str, Any] | None = None
    consent: dict[str, str | None] | None = None
    error: PetajagaError | None = None
    over_at: float = 0.0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def waits_for_nobody(self) -> bool:
        """Whether its result may become a file, and is shown whole."""
        return self.consent is None or self.consent["by"] is not None

    @property
    def is_decided(self) -> bool:
        """Whether a second person consented or declined."""
        return self.consent is not None and self.consent["at"] is not None

    @property
    def turn(self) -> tuple[str, str]:
        """Tier and account whose turn it takes."""
        name, tier, _ = self.owner
        return tier, name


class Jobs:
    """The queue, its one worker thread, and finished jobs.

    Parameters
    ----------
    most_of_one, most_of_tier : int
        Unfinished jobs of one account, and of all accounts of a tier.
    most_finished : int
        Jobs of an account that are remembered when they are over.
    keep_seconds, run_seconds : float
        How long one that is over is remembered, and how long one may run.
    worker : str
        Module of the process that does the work (:func:`layers.plans.worker.work`).
    """

    def __init__(
        self,
        *,
        most_of_one: int = 3,
        most_of_tier: int = 9,
        most_finished: int = 20,
        keep_seconds: float = 3600.0,
        run_seconds: float = 600.0,
        worker: str = "layers.plans.worker",
    ) -> None:
        self.most_finished = most_finished
        self.keep_seconds, self.run_seconds = keep_seconds, run_seconds
        self.worker = worker
        self._jobs: dict[str, Job] = {}
        self._queue = FairQueue[Job](most_of_one=most_of_one, most_of_group=most_of_tier)
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._followers: defaultdict[Owner, deque[object]] = defaultdict(
            lambda: deque(maxlen=_MOST_FOLLOWED)
        )

    def submit(
        self,
        principal: Principal,
        kind: str,
        task: Mapping[str, Any],
        *,
        release: str,
        request: Mapping[str, Any],
        prefix: str = "",
    ) -> dict[str, Any]:
        """Queue a job.

        Parameters
        ----------
        task : mapping
            What the worker needs, beside tier and province of the principal.
        release : str
            Id, as the principal may know it, of the release served now.
        request : mapping
            Body of the request, part of the job's document.
        prefix : str
            Path under which the account reaches the service, for the address in its problem.

        Returns
        -------
        dict
            ``{"job", "kind", "state"}``.

        Raises
        ------
        TooManyRequestsError
            The account, or its tier, has too many that are not over.
        """
        owner, scope = _owner(principal), {"tier": principal.tier, "province": principal.province}
        job = Job(
            id=secrets.token_hex(8), kind=kind, owner=owner,
            task={"kind": kind, **task, **scope},
            request=dict(request), release=release,
            created=_now(), prefix=prefix,
            consent=dict(_NOBODY) if kind in _BY_TWO else None,
        )  # fmt: skip
        with self._changed:
            self._forget_old()
            if self._closed or (whose := self._queue.full(job.turn)):
                code = (
                    "http.jobs_full" if self._closed or whose == "group" else "http.own_jobs_full"
                )
                raise TooManyRequestsError(code, retry_seconds=10)
            self._jobs[job.id] = job
            self._queue.add(job.turn, job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self.worker, daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return {"job": job.id, "kind": kind, "state": job.state}

    def unfinished(self) -> dict[str, int]:
        """How many jobs are in each state but the last ones."""
        with self._changed:
            return Counter(job.state for job in self._jobs.values() if job.state not in _OVER)

    def document(self, principal: Principal, job_id: str, language: str) -> dict[str, Any]:
        """The job for its owner, a problem in ``language``; :class:`NotFoundError` for others."""
        with self._changed:
            return _job_document(self._find(principal, job_id), language)

    def documents(self, principal: Principal, language: str) -> list[dict[str, Any]]:
        """The principal's jobs without their results, newest first."""
        with self._changed:
            self._forget_old()
            jobs = [job for job in self._jobs.values() if job.owner == _owner(principal)]
            return [{**_job_document(job, language), "result": None} for job in reversed(jobs)]

    def outcome(self, principal: Principal, job_id: str) -> Job:
        """The job itself, to export its result; do not change it."""
        with self._changed:
            return self._find(principal, job_id)

    def to_consent(self, principal: Principal) -> list[dict[str, Any]]:
        """What is asked, by whom, in the jobs that wait for the principal's consent."""
        with self._changed:
            self._forget_old()
            return [
                {
                    "by": job.owner[0],
                    **{name: getattr(job, name) for name in ("id", "created", "release")},
                    "request": _request_shown(job),
                    "kind": job.kind,
                    **_decided_upon(job.kind, job.result),
                }
                for job in reversed(self._jobs.values())
                if job.result and _may_consent(principal, job) and not job.is_decided
            ]

    def decide(self, principal: Principal, job_id: str, *, consents: bool) -> None:
        """Let the result of another account's job become a file, or say that it must not.

        Raises
        ------
        NotFoundError
            There is no such job that is done, or it is of another jurisdiction.
        ConflictError
            It is the principal's own, or somebody consented or declined before.
        """
        with self._changed:
            self._forget_old()
            job = self._jobs.get(job_id)
            if job is not None and job.owner == _owner(principal):
                raise ConflictError("jobs.consent_own")
            if job is None or not job.result or not _may_consent(principal, job):
                raise NotFoundError
            if job.is_decided:
                raise ConflictError(
                    f"jobs.consent_{'given' if job.waits_for_nobody else 'declined'}"
                )
            job.consent = {
                **_NOBODY, "by" if consents else "declined_by": principal.name, "at": _now()
            }  # fmt: skip

    async def follow(
        self, principal: Principal, job_id: str, language: str
    ) -> AsyncIterator[dict[str, Any] | None]:
        """The job's document without its result whenever it changes, until it is over.

        None in between, every 15 seconds, so that a proxy keeps the connection.
        """
        follower, last, quiet = object(), None, 0
        followers = self._followers[_owner(principal)]
        followers.append(follower)
        while follower in followers:
            try:
                document = {**self.document(principal, job_id, language), "result": None}
            except NotFoundError:
                return
            quiet += 1
            if document != last or quiet >= _QUIET_LOOKS:
                yield None if document == last else document
                last, quiet = document, 0
            if document["state"] in _OVER:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def cancel(self, principal: Principal, job_id: str, language: str) -> dict[str, Any]:
        """End a job that is not over, or forget one that is; return its document."""
        with self._changed:
            job = self._find(principal, job_id)
            if job.state in _OVER:
                del self._jobs[job.id]
                return _job_document(job, language)
            self._over(job, "cancelled")
            process = job.process
            document = _job_document(job, language)
        stop_worker(process)
        return document

    def close(self) -> None:
        """End running jobs and take no more."""
        with self._changed:
            self._closed = True
            unfinished = [job for job in self._jobs.values() if job.state not in _OVER]
            processes = [job.process for job in unfinished]
            for job in unfinished:
                self._over(job, "cancelled")
            self._changed.notify_all()
            thread = self._thread
        for process in processes:
            stop_worker(process)
        if thread is not None:
            thread.join(timeout=10.0)

    # -- inside, under the lock ----------------------------------------------------------------

    def _find(self, principal: Principal, job_id: str) -> Job:
        self._forget_old()
        job = self._jobs.get(job_id)
        if job is None or job.owner != _owner(principal):
            raise NotFoundError
        return job

    def _over(self, job: Job, state: str) -> None:
        job.state, job.progress, job.over_at = state, None, time.monotonic()
        self._queue.finish(job.turn, job)

    def _forget_old(self) -> None:
        now = time.monotonic()
        count: dict[Owner, int] = {}
        for job in list(reversed(self._jobs.values())):
            if job.state not in _OVER:
                continue
            count[job.owner] = count.get(job.owner, 0) + 1
            if count[job.owner] > self.most_finished or now - job.over_at > self.keep_seconds:
                del self._jobs[job.id]

    # -- the worker thread ---------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job = self._queue.take()
                job.state = "running"
                try:
                    job.process = start_worker(self.worker)
                except OSError:
                    log.exception("a job's process cannot be started")
                    job.error = PetajagaError("http.job_failed")
                    self._over(job, "failed")
                    continue
            timer = threading.Timer(self.run_seconds, stop_worker, [job.process])
            timer.daemon = True
            timer.start()
            try:
                self._follow(job, job.process)
            except Exception:
                log.exception("a job cannot be followed")
            finally:
                timer.cancel()
                close_worker(job.process)
                with self._changed:
                    if job.state not in _OVER:
                        job.error = PetajagaError("http.job_failed")
                        self._over(job, "failed")
                    job.process = None

    def _follow(self, job: Job, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(job.task) + "\n")
            process.stdin.flush()
        for line in process.stdout:
            message = json.loads(line)
            with self._changed:
                if job.state in _OVER:
                    return
                if "progress" in message:
                    step, done, total = message["progress"]
                    job.progress = {"step": step, "done": done, "total": total}
                elif "error" in message:
                    job.error = worker_error(message["error"])
                    self._over(job, "failed")
                else:
                    job.result = {"release": job.release, **message["answer"]}
                    job.area = message.get("area")
                    job.displacement = message.get("displacement")
                    self._over(job, "done")


def _owner(principal: Principal) -> Owner:
    # The scope too: an account that was given another tier does not see what it made before.
    return (principal.name or "", *principal.scope)


def _may_consent(principal: Principal, job: Job) -> bool:
    return job.consent is not None and _is_second(principal, job.owner)


def _is_second(principal: Principal, owner: Owner) -> bool:
    """Whether it is another account of the same jurisdiction, or of the whole country."""
    name, tier, province = owner
    if name == principal.name or tier != principal.tier:
        return False
    return principal.province is None or principal.province == province


def has_second(principal: Principal, accounts: Iterable[Principal]) -> bool:
    """Whether one of the accounts may consent to the principal's plans.

    Examples
    --------
    >>> asks = Principal("police", "a", "police")
    >>> has_second(asks, [asks, Principal("police", "b", "police", "53")])
    False
    >>> has_second(asks, [asks, Principal("police", "b", "police")])
    True
    """
    return any(_is_second(account, _owner(principal)) for account in accounts)


def _decided_upon(kind: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """What a second person is asked about: persons in all, and the places with the persons of each;
    of posts those they add in a year, of a watch those found in a week, None where the tier has no
    numbers.
    """
    if kind == "posts":
        persons = result["interception"].get("persons")
        places = [(row["name"], row.get("added_persons")) for row in result["posts"]]
    else:
        persons = result["persons_per_week"]
        places = [(row["name"], row["persons_per_week"]["mean"]) for row in result["terminals"]]
    listed = [{"name": name, "persons": number} for name, number in places]
    return {"persons": persons, "places": listed}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _job_document(job: Job, language: str) -> dict[str, Any]:
    names = (
        "id", "kind", "state", "progress", "result", "created", "release", "request", "consent",
    )  # fmt: skip
    problem = None
    if (error := job.error) is not None:
        errors = [(error.field, error)] if error.field else []
        path = f"{job.prefix}/v1/jobs/{job.id}"
        problem = problem_document(
            status_of(error), error, language=language, path=path, errors=errors
        )
    document = {**{name: getattr(job, name) for name in names}, "problem": problem}
    document["request"] = _request_shown(job)
    if job.result is not None and not job.waits_for_nobody:
        # What tells those who are stopped how to pass: two persons see it, or nobody.
        document["result"] = {**job.result, **_FOR_TWO[job.kind]}
        if job.kind == "watch" and job.result["weeks"] == 1:
            hidden = dict.fromkeys(_OF_ONE_WEEK)
            document["result"]["terminals"] = [{**row, **hidden} for row in job.result["terminals"]]
    return document


def _request_shown(job: Job) -> dict[str, Any]:
    """What was asked, without a seed while nobody else may see what it repeats."""
    if job.waits_for_nobody:
        return job.request
    return {name: value for name, value in job.request.items() if name not in _SEEDED}
