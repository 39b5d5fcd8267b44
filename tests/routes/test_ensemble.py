"""Draws are the same wherever they are computed, and a killed worker loses none of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from geo.errors import EnvironmentProblem, InputError
from routes.ensemble import parallel as cluster_module
from routes.ensemble.draws import DrawnOrigins, Draws, EnsembleParameters, sample_draws
from routes.ensemble.parallel import run_tasks
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Network
from routes.graph.costs import CostParameters
from tests.benchmarks.drawn_flows import Drawn, DrawnFlows, VariedDemand, drawn_flows
from tests.routes.enumeration import random_dag

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def small() -> tuple[Network, np.ndarray, np.ndarray, VariedDemand]:
    graph, demand = random_dag(np.random.default_rng(12))
    network = Network.from_graph(graph)
    rng = np.random.default_rng(3)
    fare = rng.uniform(1e4, 1e5, len(network.hours))
    people = network.vector(demand)
    central = Drawn(0.1, 12_500.0, network.utility, people)
    group = np.arange(len(people), dtype=np.intp) % 3
    return network, network.hours, fare, VariedDemand(central, group, seed=5)


def solved(count: int, **where: object) -> DrawnFlows:
    network, time_h, fare, varied = small()
    return drawn_flows(network, time_h, fare, varied, count, **where)  # type: ignore[arg-type]


def same_bits(one: DrawnFlows, other: DrawnFlows) -> None:
    assert one.load.tobytes() == other.load.tobytes()
    assert one.leg_flow.tobytes() == other.leg_flow.tobytes()


def test_processes_give_the_same_bits_as_one() -> None:
    here = solved(24, workers=1)
    same_bits(here, solved(24, workers=2))
    assert here.load.std(axis=0).max() > 0
    low, mean, high = here.load_interval()
    assert (low <= mean + 1e-9).all()
    assert (mean <= high + 1e-9).all()


def test_a_draw_depends_on_the_seed_and_its_number_only() -> None:
    few, many = solved(5, workers=1), solved(9, workers=1)
    assert few.load.tobytes() == many.load[:5].tobytes()


def dies_once(marker: Path, k: int) -> int:
    if k == 7 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return k * k


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    seen: list[int] = []
    found = run_tasks(dies_once, tmp_path / "died", 40, workers=2, progress=seen.append)
    assert found == [k * k for k in range(40)]
    assert (tmp_path / "died").exists()
    assert seen[-1] == 40


def dies_always(_payload: None, k: int) -> int:
    if k == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return k


def test_processes_that_keep_dying_are_an_error() -> None:
    with pytest.raises(EnvironmentProblem, match="died 3 times"):
        run_tasks(dies_always, None, 8, workers=2)


def fails(_payload: None, k: int) -> int:
    raise ValueError(f"task {k}")


def test_an_error_of_a_task_is_raised_as_it_is() -> None:
    for workers in (1, 2):
        with pytest.raises(ValueError, match="task"):
            run_tasks(fails, None, 4, workers=workers)


def test_wrong_use() -> None:
    with pytest.raises(InputError, match="at least 1"):
        run_tasks(fails, None, 4, workers=0)
    with pytest.raises(InputError, match="not both"):
        run_tasks(fails, None, 4, workers=2, cluster="tcp://127.0.0.1:1")


# -- a real cluster on loopback ----------------------------------------------------------------


def environment(folder: Path) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("DASK", "PETAJAGA"))}
    return plain | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]),
        "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
    }


@contextmanager
def started(log: Path, module: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=log.parent, env=environment(log.parent),
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def said(log: Path, pattern: str, seconds: float = 30.0) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if hit := re.search(pattern, log.read_text("utf-8", "replace")):
            return hit.group(1)
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[int]]]:
    """Address of a scheduler with two workers of one thread, and their process ids."""
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("cluster")
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    log = folder / "scheduler.log"
    with started(log, "distributed.cli.dask_scheduler", *words):
        address = said(log, r"Scheduler at: +(tcp://127\.0\.0\.1:\d+)")
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        logs = [folder / "one.log", folder / "two.log"]
        with (
            started(logs[0], "distributed.cli.dask_worker", address, *options) as one,
            started(logs[1], "distributed.cli.dask_worker", address, *options) as two,
        ):
            for each in logs:
                said(each, r"(Registered to)")
            yield address, [one.pid, two.pid]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_gives_the_same_bits_and_survives_a_killed_worker(
    cluster: tuple[str, list[int]], tmp_path: Path
) -> None:
    address, workers = cluster
    same_bits(solved(30, workers=1), solved(30, cluster=address))
    marker = tmp_path / "slow"
    killed: list[int] = []

    def slowly(_payload: object, k: int) -> int:
        time.sleep(0.05)
        return k * k

    def kill_one(done: int) -> None:
        if not killed and done >= 5:
            os.kill(workers[0], signal.SIGKILL)
            killed.append(done)

    found = run_tasks(slowly, marker, 80, cluster=address, progress=kill_one)
    assert found == [k * k for k in range(80)]
    assert killed
    assert killed[0] < 80
    (here, saw), (there, too) = toy_draws(workers=1), toy_draws(cluster=address)
    for name in NAMES:
        assert getattr(here, name) == pytest.approx(getattr(there, name), rel=1e-9), name
    assert np.array(saw) == pytest.approx(np.array(too), rel=1e-9)
    # One worker is left, and still gives the same.
    same_bits(solved(12, workers=1), solved(12, cluster=address))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_workers_that_would_give_other_digits_are_refused(
    cluster: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = cluster
    real = cluster_module.metadata.version
    monkeypatch.setattr(
        cluster_module.metadata,
        "version",
        lambda name: "0.1" if name == "scipy" else real(name),
    )
    with pytest.raises(EnvironmentProblem, match=r"has scipy .*, this machine 0\.1"):
        run_tasks(fails, None, 4, cluster=address)
    monkeypatch.undo()
    monkeypatch.setattr(cluster_module, "source_digest", lambda: "of another checkout")
    with pytest.raises(EnvironmentProblem, match="has other code than this checkout"):
        run_tasks(fails, None, 4, cluster=address)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="task"):
        run_tasks(fails, None, 4, cluster=address)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_scheduler_without_workers_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster_module, "_PATIENCE_S", 2.0)
    log = tmp_path / "scheduler.log"
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with started(log, "distributed.cli.dask_scheduler", *words):
        address = said(log, r"Scheduler at: +(tcp://127\.0\.0\.1:\d+)")
        with pytest.raises(EnvironmentProblem, match="has no worker; start some with: dask worker"):
            run_tasks(fails, None, 4, cluster=address)


def test_an_address_of_no_such_form_is_wrong_use() -> None:
    for address in ("127.0.0.1:8786", "tcp://here", "http://127.0.0.1:8786", "tcp://a b:1"):
        with pytest.raises(InputError, match="give the scheduler as tcp://HOST:PORT"):
            run_tasks(fails, None, 4, cluster=address)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_no_scheduler_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster_module, "_PATIENCE_S", 2.0)
    with pytest.raises(EnvironmentProblem, match="no Dask scheduler answers"):
        run_tasks(fails, None, 4, cluster="tcp://127.0.0.1:9")


# -- the draws of a build ----------------------------------------------------------------------


def toy_draws(**where: object) -> tuple[Draws, list[np.ndarray]]:
    graph = nx.DiGraph(parameters=CostParameters())
    for end in ("far", "near"):
        graph.add_node(end, kind="destination", utility=0.0)
    legs = [
        ("v", "p", 2),
        ("w", "p", 5),
        ("p", "q", 9),
        ("q", "p", 9),
        ("p", "near", 3),
        ("q", "far", 4),
    ]
    for u, v, hours in legs:
        graph.add_edge(u, v, hours=float(hours), time_h=float(hours), fare_idr=1e4 * hours)
    network = Network.from_graph(graph)
    people = network.vector({"v": 10.0, "w": 30.0})
    shares = np.array([[0.4, 0.6]])
    return sample_draws(
        graph, network, theta=0.1, utility=fit_utilities(network, 0.1, people, shares),
        origins=np.flatnonzero(people),
        sample=lambda rng: DrawnOrigins(
            demand=people[people > 0] * rng.gamma(5.0, 0.2),
            vulnerability=np.full(2, rng.uniform(2, 8)),
            shares=rng.dirichlet(50.0 * shares[0])[None],
        ),
        observe=lambda model, index: np.append(model.load_array, index),
        parameters=EnsembleParameters(), seed=9, count=12, **where,
    )  # fmt: skip


NAMES = ("theta", "value_of_time_idr_h", "utility", "demand", "vulnerability")


def test_draws_of_a_build_are_the_same_bits_in_processes() -> None:
    (one, saw), (two, too) = toy_draws(workers=1), toy_draws(workers=2)
    for name in NAMES:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert len(one) == 12
    assert np.array(saw).tobytes() == np.array(too).tobytes()
    assert one.demand.shape == (12, 6)
    assert one.utility.shape == (12, 1, 2)
    # What is observed belongs to the draw: who sets out arrives, and the index is the draw's own.
    loads, indices = np.array(saw)[:, :6], np.array(saw)[:, 6:]
    assert loads[:, :2].sum(axis=1) == pytest.approx(one.demand.sum(axis=1), rel=1e-9)
    assert np.array_equal(indices, one.vulnerability)
