"""Many independent tasks on local processes or on a Dask cluster, with the same results on both.

Task k is ``function(payload, k)`` and depends on nothing else, so any part can be computed anywhere
and computed again: what a killed worker had in hand is done by another.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from typing import Any, TypeVar

from geo.errors import EnvironmentProblem, InputError

__all__ = ["run_tasks"]

Result = TypeVar("Result")
Chunk = tuple[int, int]

_ATTEMPTS = 3
"""Times that lost work is given out again before giving up."""
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
        Local processes; 1 computes here. Default: one for each processor, but here where there is
        so little to do that starting them would take longer.
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://host:port``; its workers need this checkout.
    progress : callable, optional
        Called with the number of tasks done.

    Returns
    -------
    list
        In the order of k, whoever computed them.

    Raises
    ------
    InputError
        Fewer than one worker, or both ``workers`` and ``cluster``.
    EnvironmentProblem
        The scheduler does not answer, ``distributed`` is not installed, or workers keep dying.
    """
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; give at least 1", field="workers")
    if workers is not None and cluster is not None:
        raise InputError("give workers or cluster, not both", field="cluster")
    report = progress or (lambda _done: None)
    if cluster is not None:
        return _on_cluster(function, payload, count, cluster, report)
    processes = min(workers or os.cpu_count() or 1, max(count, 1))
    if processes == 1 or (workers is None and count < 200):
        found = []
        for k in range(count):
            found.append(function(payload, k))
            report(k + 1)
        return found
    return _on_processes(function, payload, count, processes, report)


def _chunks(count: int, workers: int) -> list[Chunk]:
    """Small enough to share evenly and to lose little with a worker."""
    size = max(1, min(25, count // (4 * workers)))
    return [(first, min(first + size, count)) for first in range(0, count, size)]


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
    count: int,
    workers: int,
    report: Callable[[int], None],
) -> list[Result]:
    packed = _pack(function, payload)
    found: dict[Chunk, list[Result]] = {}
    left = _chunks(count, workers)
    with _one_thread_each():
        for _ in range(_ATTEMPTS):
            # Started anew rather than forked: threads of this process would not survive a fork.
            with ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=_install, initargs=(packed,)
            ) as pool:
                try:
                    given = {pool.submit(_compute, chunk): chunk for chunk in left}
                    _collect(given, found, report)
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


def _remote(packed: bytes, chunk: Chunk) -> list[Any]:
    """Compute on a cluster's worker: self-contained, so that it can be given to any other."""
    function, payload = pickle.loads(packed)  # noqa: S301  (made by this program)
    return [function(payload, k) for k in range(*chunk)]


def _on_cluster(
    function: Callable[[Any, int], Result],
    payload: Any,
    count: int,
    address: str,
    report: Callable[[int], None],
) -> list[Result]:
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise EnvironmentProblem("install distributed to use a cluster") from error
    try:
        client = distributed.Client(address, timeout=5, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"no Dask scheduler answers at {address}; start one with: dask scheduler"
        ) from error
    packed = _pack(function, payload)
    found: dict[Chunk, list[Result]] = {}
    left = _chunks(count, max(len(client.scheduler_info()["workers"]), 1))
    trouble: BaseException | None = None
    try:
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
    finally:
        client.close()
    raise EnvironmentProblem(
        f"workers of {address} died {_ATTEMPTS} times; give them more memory"
    ) from trouble


def _lost_worker(trouble: BaseException) -> bool:
    killed: type[BaseException] = import_module("distributed").KilledWorker
    return isinstance(trouble, killed) or "Cancelled" in type(trouble).__name__
