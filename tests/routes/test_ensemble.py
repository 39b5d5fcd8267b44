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
import pandas as pd
import pytest

from geo.errors import EnvironmentProblem, InputError
from routes.ensemble import parallel as cluster_module
from routes.ensemble.draws import DrawnOrigins, Draws, EnsembleParameters, sample_draws
from routes.ensemble.leg_times import LegTimes, LegTimeSpreads
from routes.ensemble.parallel import run_tasks
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Network
from routes.graph.checkpoints import Post
from routes.graph.costs import CostParameters
from routes.stratified import stratified_normals
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
    edges = pd.DataFrame([edge for _, _, edge in graph.edges(data=True)]).assign(mode="ferry")
    times = LegTimes.of(edges, CostParameters(), LegTimeSpreads())
    return sample_draws(
        network, times, theta=0.1, utility=fit_utilities(network, 0.1, people, shares),
        origins=np.flatnonzero(people), regency=np.zeros(2, np.intp), share=np.array([0.25, 0.75]),
        sample=lambda _k, rng: DrawnOrigins(
            demand=people[people > 0] * rng.gamma(5.0, 0.2),
            vulnerability=np.full(2, rng.uniform(2, 8)),
            shares=rng.dirichlet(50.0 * shares[0])[None],
        ),
        observe=lambda _k, model, index: np.append(model.load_array, index),
        parameters=EnsembleParameters(), seed=9, count=12, **where,
    )  # fmt: skip


NAMES = ("theta", "value_of_time_idr_h", "utility", "demand")


def test_draws_of_a_build_are_the_same_bits_in_processes() -> None:
    (one, saw), (two, too) = toy_draws(workers=1), toy_draws(workers=2)
    for name in NAMES:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert len(one) == 12
    assert np.array(saw).tobytes() == np.array(too).tobytes()
    assert one.demand.shape == (12, 1)
    assert one.people(3) == pytest.approx(one.demand[3] * [0.25, 0.75])
    assert one.demand_at(one.origins)[3] == pytest.approx(one.people(3))
    assert one.utility.shape == (12, 1, 2)
    # What is observed belongs to the draw: who sets out arrives.
    loads = np.array(saw)[:, :6]
    assert loads[:, :2].sum(axis=1) == pytest.approx(one.demand.astype(float).sum(axis=1))


def test_times_of_the_legs_are_drawn_from_their_ranges() -> None:
    nan = np.nan
    edges = pd.DataFrame(
        [
            ("passenger_ship", 50.0, 20.0, 18.0, 32.0, 336.0, nan, nan, 0.0, "ship", None, nan),
            ("passenger_ship", 50.0, 20.0, nan, nan, 336.0, nan, nan, 0.0, "stated", None, nan),
            ("small_boat", 20.0, 4.0, 2.0, 8.0, 24.0, 12.0, 48.0, 8.0, "boat", "21.71", 0.7),
            ("road", 10.0, nan, nan, nan, nan, nan, nan, nan, None, None, nan),
            ("ferry", 6.0, 1.0, nan, nan, nan, nan, nan, 0.0, "post", None, nan),
        ],
        columns=[
            "mode", "time_h", "ride_h", "ride_low_h", "ride_high_h", "headway_h",
            "headway_low_h", "headway_high_h", "border_h", "service", "exit", "exit_spread",
        ],
    ).assign(fare_idr=0.0)  # fmt: skip
    graph = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "d"), ("e", "a"), ("f", "a")])
    nx.set_edge_attributes(graph, 12.0, "hours")
    graph.nodes["d"]["kind"] = "destination"
    graph.nodes["f"]["post"] = Post(deterrence_h=5.0, detection=0.2)
    network, theta = Network.from_graph(graph), 0.1
    order = ["ab", "bc", "cd", "ea", "fa"]
    legs = [
        f"{network.nodes[u]}{network.nodes[v]}"
        for u, v in zip(network.tail, network.head, strict=True)
    ]
    times = LegTimes.of(
        edges.iloc[[order.index(leg) for leg in legs]], CostParameters(), LegTimeSpreads()
    )
    normals = stratified_normals(np.random.default_rng(5), 4_000, times.size)
    draws = [times.drawn(network, theta, row) for row in normals]
    time = np.array([draw.time_h for draw in draws])[:, [legs.index(leg) for leg in order]]
    assert (time >= 0).all()
    low, middle, high = np.percentile(time, [5, 50, 95], axis=0)
    # A ship of 18 to 32 h: the middle of the range is 4 h more than the modelled 20; waiting for a
    # fortnightly one (156 h of half the headway beyond a day's) at 0.05 to 0.2 an hour.
    assert middle[0] == pytest.approx(54.0, abs=1.0)
    assert high[1] - low[1] == pytest.approx(156 * 0.15, rel=0.1)
    assert (low[3], high[3]) == pytest.approx((10 * np.exp(-0.247), 10 * np.exp(0.247)), rel=0.02)
    assert high[2] - middle[2] > 0.7 / theta  # what an exit draws weighs as hours
    # A post's hours move with its own draw and stay out of the times, which others see too.
    deterred = np.array([draw.deterrence_h[network.position("f")] for draw in draws])
    assert np.percentile(deterred, [5, 95]) == pytest.approx([5 / 3.73, 5 * 3.73], rel=0.06)
    assert (time[:, 4] == 6.0).all()
    seen = np.array([draw.detection[network.position("f")] for draw in draws])
    assert np.median(seen) == pytest.approx(0.2, rel=0.03)
    assert ((seen > 0) & (seen < 1)).all()
