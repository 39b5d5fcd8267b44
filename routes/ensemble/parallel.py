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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module, metadata
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
        In the order of k, whichever worker computed them.

    Raises
    ------
    InputError
        Fewer than one worker, both ``workers`` and ``cluster``, or no such form of address.
    EnvironmentProblem
        The scheduler does not answer, goes away or has no worker, a worker runs other versions or
        other code, ``distributed`` is not installed, or workers keep dying.

    Examples
    --------
    >>> run_tasks(pow, 2, 4, workers=1)
    [1, 2, 4, 8]
    """
    if workers is not None and workers < 1:
        raise InputError("workers.too_few", workers=workers, field="workers")
    if workers is not None and cluster is not None:
        raise InputError("workers.two_ways", field="cluster")
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
    packed: bytes = import_module("cloudpickle").dumps((function, payload))
    return packed


_unpacked: list[tuple[bytes, Any]] = []


def _compute(packed: bytes, chunk: Chunk) -> list[Any]:
    """Compute one chunk on a worker, which unpacks the work once and keeps it."""
    kept = next((work for held, work in _unpacked if held == packed), None)
    if kept is None:
        kept = pickle.loads(packed)  # noqa: S301  (made by this program)
        _unpacked[:] = [(packed, kept)]
    function, payload = kept
    return [function(payload, k) for k in range(*chunk)]


def _compute_installed(chunk: Chunk) -> list[Any]:
    """Compute one chunk of the work that :func:`_install` gave this process."""
    return _compute(_unpacked[0][0], chunk)


def _install(packed: bytes) -> None:
    _unpacked[:] = [(packed, pickle.loads(packed))]  # noqa: S301  (made by this program)


def _collect(
    pool: Callable[[], AbstractContextManager[Callable[[Chunk], Future[list[Result]]]]],
    chunks: Sequence[Chunk],
    report: Callable[[int], None],
    *,
    where: str,
) -> list[Result]:
    """Submit every chunk to a pool; what lost workers had in hand is submitted to a new one."""
    results: dict[Chunk, list[Result]] = {}
    lost: BaseException | None = None
    for _ in range(_ATTEMPTS):
        with pool() as submit:
            chunk_of = {submit(chunk): chunk for chunk in chunks if chunk not in results}
            for future in as_completed(chunk_of):
                lost = future.exception()
                if lost is None:
                    results[chunk_of[future]] = future.result()
                    report(sum(last - first for first, last in results))
                elif not _is_lost_worker(lost):
                    raise lost
        if len(results) == len(chunks):
            return [result for chunk in chunks for result in results[chunk]]
    raise EnvironmentProblem("workers.died", where=where, attempts=_ATTEMPTS) from lost


def _is_lost_worker(error: BaseException) -> bool:
    # A cluster's own names for it are known only where distributed is imported.
    return isinstance(error, BrokenExecutor) or type(error).__name__ in {
        "CancelledError", "FutureCancelledError", "KilledWorker",
    }  # fmt: skip


def _on_processes(
    function: Callable[[Any, int], Result],
    payload: Any,
    tasks: range,
    workers: int,
    report: Callable[[int], None],
) -> list[Result]:
    loky = import_module("loky")
    packed = _pack(function, payload)

    @contextmanager
    def pool() -> Iterator[Callable[[Chunk], Future[list[Result]]]]:
        # One thread a process: two for each processor only get in each other's way.
        executor: Executor = loky.ProcessPoolExecutor(
            workers, initializer=_install, initargs=(packed,), env=dict.fromkeys(_THREADS, "1")
        )
        with executor:
            yield lambda chunk: executor.submit(_compute_installed, chunk)

    return _collect(
        pool,
        _chunks(tasks, workers),
        lambda done: report(tasks.start + done),
        where="worker processes",
    )


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
        raise InputError("workers.address", address=address, field="cluster")
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise EnvironmentProblem("workers.no_distributed") from error
    # The errors raised here report what goes wrong in one line.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=_PATIENCE_S / 2, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EnvironmentProblem("workers.no_scheduler", address=address) from error
    try:
        yield distributed, client
    except (OSError, distributed.client.FutureCancelledError) as error:
        raise EnvironmentProblem("workers.scheduler_lost", address=address) from error
    finally:
        client.close()


def _on_cluster(
    function: Callable[[Any, int], Result],
    payload: Any,
    count: int,
    address: str,
    report: Callable[[int], None],
) -> list[Result]:
    packed = _pack(function, payload)
    with _connected(address) as (_, client):
        chunks = _chunks(range(count), _check_workers(client, address))

        @contextmanager
        def pool() -> Iterator[Callable[[Chunk], Future[list[Result]]]]:
            # A copy on every worker; were all copies lost, the tasks fail and it is sent again.
            shared = client.scatter(packed, broadcast=True, hash=False)
            with client.get_executor(pure=False, retries=_ATTEMPTS) as executor:
                yield lambda chunk: executor.submit(_compute, shared, chunk)

        return _collect(pool, chunks, report, where=f"workers of {address}")


def _check_workers(client: Any, address: str) -> int:
    """Count the threads of the workers, once all run what is run here.

    Other versions or other code would give other digits, and a result that nobody can repeat.
    """
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError as error:
        raise EnvironmentProblem("workers.none", address=address) from error
    mine = {"python": platform.python_version(), **{p: metadata.version(p) for p in _SAME}}
    versions = client.get_versions(packages=list(_SAME))["workers"]
    for worker, about in sorted(versions.items()):
        packages = about["packages"]
        for name, version in mine.items():
            theirs = str(packages.get(name) or "none").split(".final")[0]
            if theirs != version:
                raise EnvironmentProblem(
                    "workers.other_library",
                    worker=worker,
                    library=name,
                    found=theirs,
                    version=version,
                )

    # Carried by value: a worker without this checkout could not even say so otherwise.
    def worker_digest() -> str:
        try:
            from geo.source_digest import source_digest
        except ImportError:
            return ""
        return source_digest()

    for worker, digest in sorted(client.run(worker_digest).items()):
        if digest != source_digest():
            code = "workers.other_code" if digest else "workers.no_code"
            raise EnvironmentProblem(code, worker=worker)
    workers = client.scheduler_info(n_workers=-1)["workers"]
    return max(sum(int(each["nthreads"]) for each in workers.values()), 1)
