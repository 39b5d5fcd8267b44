"""Many independent tasks on local processes or on a Dask cluster, with the same results on both.

Task k is ``function(payload, k)`` and depends on nothing else, so any part can be computed anywhere
and computed again: what a killed worker had in hand is done by another.
"""

from __future__ import annotations

import logging
import os
import pickle
import platform
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module, metadata
from multiprocessing import get_context
from typing import Any, TypeVar

from geo.errors import EnvironmentProblem, InputError
from geo.source_digest import source_digest

__all__ = ["check_cluster", "run_tasks"]

Result = TypeVar("Result")
Chunk = tuple[int, int]

_ATTEMPTS = 3
"""Times that lost work is given out again before giving up."""
_PAYS_S = 12.0
"""Seconds of work from which starting processes pays; they take some seconds to import all."""
_PATIENCE_S = 10.0
"""Seconds that a scheduler may take to answer or to show a first worker."""
_SAME = ("numpy", "scipy", "pandas", "networkx")
"""Packages whose version decides the digits of a result."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_payload: Any = None
_function: Callable[[Any, int], Any] | None = None


def run_tasks(
    function: Callable[[Any, int], Result],
    payload: Any,
    count: int,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Result]:
    """Compute ``function(payload, k)`` for k in 0 .. count - 1.

    Parameters
    ----------
    function : callable
        Must not depend on the order of calls; random numbers come from ``k``.
    payload : object
        What all tasks read; sent once to each worker.
    workers : int, optional
        Local processes; 1 computes here. Default: here, and one for each processor as soon as the
        first tasks show that starting them pays.
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://host:port``; its workers need this checkout and the
        same versions of Python and of the packages that compute.
    progress : callable, optional
        Called with the number of tasks done.

    Returns
    -------
    list
        In the order of k, whoever computed them.

    Raises
    ------
    InputError
        Fewer than one worker, both ``workers`` and ``cluster``, or no such form of address.
    EnvironmentProblem
        The scheduler does not answer, goes away or has no worker, a worker runs other versions or
        other code, ``distributed`` is not installed, or workers keep dying.
    """
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; give at least 1", field="workers")
    if workers is not None and cluster is not None:
        raise InputError("give workers or cluster, not both", field="cluster")
    report = progress or (lambda _done: None)
    if cluster is not None:
        return _on_cluster(function, payload, count, cluster, report)
    processes = min(workers or _processors(), max(count, 1))
    if workers is not None and processes > 1:
        return _on_processes(function, payload, range(count), processes, report)
    found: list[Result] = []
    started = time.perf_counter()
    for k in range(count):
        # The first two also pay for what is found once and kept.
        if k >= 2 and processes > 1 and workers is None:
            left = (time.perf_counter() - started) / k * (count - k)
            if left * (1 - 1 / processes) > _PAYS_S:
                rest = range(k, count)
                return found + _on_processes(function, payload, rest, processes, report)
        found.append(function(payload, k))
        report(k + 1)
    return found


def _processors() -> int:
    """Processors that this process may use."""
    mine = getattr(os, "sched_getaffinity", None)
    return len(mine(0)) if mine is not None else os.cpu_count() or 1


def _chunks(tasks: range, workers: int) -> list[Chunk]:
    """Small enough to share evenly and to lose little with a worker."""
    size = max(1, min(25, len(tasks) // (4 * workers)))
    return [(k, min(k + size, tasks.stop)) for k in range(tasks.start, tasks.stop, size)]


def _pack(function: Callable[[Any, int], Any], payload: Any) -> bytes:
    """Bytes that plain pickle reads; functions inside functions are carried by value."""
    try:
        dumps = import_module("cloudpickle").dumps
    except ImportError as error:
        raise EnvironmentProblem("install cloudpickle to use several processes") from error
    packed: bytes = dumps((function, payload))
    return packed


def _install(packed: bytes) -> None:
    global _function, _payload
    _function, _payload = pickle.loads(packed)  # noqa: S301  (made by this program)


def _compute(chunk: Chunk) -> list[Any]:
    assert _function is not None
    return [_function(_payload, k) for k in range(*chunk)]


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started inside use one thread: two for each processor only get in their way."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _on_processes(
    function: Callable[[Any, int], Result],
    payload: Any,
    tasks: range,
    workers: int,
    report: Callable[[int], None],
) -> list[Result]:
    packed = _pack(function, payload)
    found: dict[Chunk, list[Result]] = {}
    left = _chunks(tasks, workers)
    with _one_thread_each():
        for _ in range(_ATTEMPTS):
            # Started anew rather than forked: threads of this process would not survive a fork.
            with ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=_install, initargs=(packed,)
            ) as pool:
                try:
                    given = {pool.submit(_compute, chunk): chunk for chunk in left}
                    _collect(given, found, lambda done: report(tasks.start + done))
                except BrokenProcessPool:
                    pass
            left = [chunk for chunk in left if chunk not in found]
            if not left:
                return [result for chunk in sorted(found) for result in found[chunk]]
    raise EnvironmentProblem(
        f"worker processes died {_ATTEMPTS} times; free memory or use fewer workers"
    )


def _collect(
    given: dict[Future[list[Result]], Chunk],
    found: dict[Chunk, list[Result]],
    report: Callable[[int], None],
) -> None:
    waiting = set(given)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda f: given[f]):
            if not isinstance(future.exception(), BrokenProcessPool):
                found[given[future]] = future.result()
                report(sum(last - first for first, last in found))
        if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
            for future in waiting:
                if future.done() and future.exception() is None:
                    found[given[future]] = future.result()
            raise BrokenProcessPool


_unpacked: list[tuple[bytes, Any]] = []


def _remote(packed: bytes, chunk: Chunk) -> list[Any]:
    """Compute on a cluster's worker: self-contained, so that it can be given to any other."""
    # The worker keeps one copy of the bytes, and passes that to every task.
    kept = next((work for held, work in _unpacked if held is packed), None)
    if kept is None:
        kept = pickle.loads(packed)  # noqa: S301  (made by this program)
        _unpacked[:] = [(packed, kept)]
    function, payload = kept
    return [function(payload, k) for k in range(*chunk)]


def check_cluster(address: str) -> int:
    """Count the threads of a cluster's workers, before a long task rather than in the middle of it.

    Raises
    ------
    InputError, EnvironmentProblem
        As of :func:`run_tasks`.
    """
    with _connected(address) as (_, client):
        return _check_workers(client, address)


@contextmanager
def _connected(address: str) -> Iterator[tuple[Any, Any]]:
    """The module ``distributed`` and a client of the scheduler at this address."""
    if not re.fullmatch(r"(tcp|tls)://[^\s/]+:\d+", address):
        raise InputError(
            f"cluster is {address!r}; give the scheduler as tcp://HOST:PORT", field="cluster"
        )
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise EnvironmentProblem("install distributed to use a cluster") from error
    # What goes wrong is said in one line by the errors raised here.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=_PATIENCE_S / 2, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"no Dask scheduler answers at {address}; start one with: dask scheduler"
        ) from error
    try:
        yield distributed, client
    except (OSError, distributed.client.FutureCancelledError) as error:
        raise EnvironmentProblem(
            f"the Dask scheduler at {address} went away; start it and run this again"
        ) from error
    finally:
        client.close()


def _on_cluster(
    function: Callable[[Any, int], Result],
    payload: Any,
    count: int,
    address: str,
    report: Callable[[int], None],
) -> list[Result]:
    with _connected(address) as (distributed, client):
        slots = _check_workers(client, address)
        return _given_out(distributed, client, (function, payload), count, address, slots, report)


def _given_out(
    distributed: Any,
    client: Any,
    work: tuple[Callable[[Any, int], Result], Any],
    count: int,
    address: str,
    slots: int,
    report: Callable[[int], None],
) -> list[Result]:
    """Give the tasks out and collect them, those of lost workers again."""
    packed = _pack(*work)
    found: dict[Chunk, list[Result]] = {}
    left = _chunks(range(count), slots)
    trouble: BaseException | None = None
    for _ in range(_ATTEMPTS):
        # A copy on every worker; were all copies lost, the tasks fail and it is sent again.
        shared = client.scatter(packed, broadcast=True, hash=False)
        tasks = client.map(
            _remote, [shared] * len(left), left, pure=False, retries=_ATTEMPTS, batch_size=None
        )
        chunk_of = {task.key: chunk for task, chunk in zip(tasks, left, strict=True)}
        for task in distributed.as_completed(tasks, loop=client.loop):
            if task.status == "finished":
                found[chunk_of[task.key]] = task.result()
                report(sum(last - first for first, last in found))
                continue
            trouble = task.exception() if task.status == "error" else None
            if trouble is not None and not _lost_worker(trouble):
                raise trouble
        left = [chunk for chunk in left if chunk not in found]
        if not left:
            return [result for chunk in sorted(found) for result in found[chunk]]
    raise EnvironmentProblem(
        f"workers of {address} died {_ATTEMPTS} times; give them more memory"
    ) from trouble


def _check_workers(client: Any, address: str) -> int:
    """Count the threads of the workers, once all run what is run here.

    Other versions or other code would give other digits, and a result that nobody can repeat.
    """
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError as error:
        raise EnvironmentProblem(
            f"the Dask scheduler at {address} has no worker; start some with: dask worker {address}"
        ) from error
    mine = {"python": platform.python_version(), **{p: metadata.version(p) for p in _SAME}}
    told = client.get_versions(packages=list(_SAME))["workers"]
    for worker, about in sorted(told.items()):
        packages = about["packages"]
        for name, version in mine.items():
            theirs = str(packages.get(name) or "none").split(".final")[0]
            if theirs != version:
                raise EnvironmentProblem(
                    f"worker {worker} has {name} {theirs}, this machine {version}: results would "
                    "differ; start the workers with the environment of this checkout"
                )

    # Carried by value: a worker without this checkout could not even say so otherwise.
    def code() -> str:
        try:
            from geo.source_digest import source_digest
        except ImportError:
            return ""
        return source_digest()

    for worker, digest in sorted(client.run(code).items()):
        if digest != source_digest():
            what = "other code than" if digest else "not the code of"
            raise EnvironmentProblem(
                f"worker {worker} has {what} this checkout: results would differ; start the "
                "workers in a copy of this checkout (PYTHONPATH) and of the same version"
            )
    workers = client.scheduler_info(n_workers=-1)["workers"]
    return max(sum(int(each["nthreads"]) for each in workers.values()), 1)


def _lost_worker(trouble: BaseException) -> bool:
    killed: type[BaseException] = import_module("distributed").KilledWorker
    return isinstance(trouble, killed) or "Cancelled" in type(trouble).__name__
