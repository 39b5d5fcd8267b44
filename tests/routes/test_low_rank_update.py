"""Updating a solution for posts equals solving again; when digits would be lost, it does."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.dataset import Dataset
from routes.flow.low_rank_update import with_posts
from routes.flow.model import FlowModel, Post
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Network
from routes.graph.build import GraphFrames, build_graph
from routes.graph.checkpoints import ORIGIN_KINDS


def cyclic(seed: int) -> tuple[nx.DiGraph, dict[int, float], np.random.Generator]:
    """Random cyclic graph with two destinations and origins that nothing enters."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(6, 30))
    graph = nx.gnp_random_graph(size, 0.25, seed=seed, directed=True)
    nx.add_path(graph, range(size))
    for end in (size - 1, size - 2):
        graph.nodes[end].update(kind="destination", utility=float(rng.normal()))
    for k in range(3):
        for to in rng.choice(size - 2, 2, replace=False):
            graph.add_edge(f"v{k}", int(to))
    for u, v in graph.edges:
        graph.edges[u, v]["hours"] = float(rng.uniform(0.1, 9.0))
    demand = {f"v{k}": float(rng.uniform(0, 1e3)) for k in range(3)} | {0: 5.0}
    return graph, demand, rng


def same(model: FlowModel, posts: dict) -> bool:
    """Compare both ways to 1e-8 of all demand; False where the update declined."""
    extra, survive = model._posted(posts)  # in place of those in force
    updated, anew = model._low_rank_update(extra, survive), model._new_solution(extra, survive)
    answer = model.intercept(posts)
    demand = model.demand_array
    scale = demand.sum()
    persons = demand @ (1.0 - anew.undetected)
    assert abs(answer.persons - persons) <= 1e-8 * scale
    assert np.allclose(list(answer.load.values()), anew.load, rtol=1e-8, atol=1e-8 * scale)
    if updated is None:
        return False
    assert abs(demand @ (1.0 - updated.undetected) - persons) <= 1e-8 * scale
    assert np.allclose(updated.load, anew.load, rtol=1e-7, atol=1e-8 * scale)
    return True


@given(
    seed=st.integers(0, 100_000),
    theta=st.floats(0.01, 2.0),
    count=st.integers(0, 6),
    kinds=st.lists(
        st.sampled_from(["both", "sure", "blind", "none", "deep"]), min_size=6, max_size=6
    ),
)
def test_update_equals_solving_again(seed: int, theta: float, count: int, kinds: list[str]) -> None:
    graph, demand, rng = cyclic(seed)
    model = FlowModel(theta=theta).fit(graph, demand)
    nodes = rng.choice(len(graph) - 3, min(count, len(graph) - 4), replace=False).tolist()
    made = {
        "both": Post(deterrence_h=float(rng.uniform(0, 20)), detection=float(rng.random())),
        "sure": Post(deterrence_h=float(rng.uniform(0, 5)), detection=1.0),
        "blind": Post(deterrence_h=float(rng.uniform(0, 30))),
        "none": Post(),
        "deep": Post(deterrence_h=500.0, detection=0.5),
    }
    same(model, {node: made[kind] for node, kind in zip(nodes, kinds, strict=False)})


@given(
    seed=st.integers(0, 10_000),
    theta=st.floats(0.05, 1.0),
    count=st.integers(1, 3),
    stops=st.integers(1, 3),
)
def test_corridors_past_posts_equal_solving_again(
    seed: int, theta: float, count: int, stops: int
) -> None:
    graph, demand, rng = cyclic(seed)
    model = FlowModel(theta=theta).fit(graph, demand)
    network, kernel = model.network_, model.kernel_
    inner = [k for k in kernel.core.tolist() if not isinstance(network.nodes[k], str)]
    at = rng.permutation(inner)[:count].astype(np.intp)
    groups = [
        np.sort(rng.permutation(kernel.core)[: int(rng.integers(1, 3))]) for _ in range(stops)
    ]
    hours = rng.uniform(0.0, 6.0, len(at))
    walks = with_posts(kernel, at, np.exp(-theta * hours), exact=True)
    if walks is None:
        return
    extra = np.zeros(len(network.nodes))
    extra[at] = hours
    again = RandomWalkSums(network, theta, extra_hours=extra)
    persons = model.demand_array
    quick = float(walks.start(persons) @ walks.passing(groups))
    slow = float(again.start(persons) @ again.passing(groups))
    assert quick == pytest.approx(slow, rel=1e-7, abs=1e-9 * persons.sum())


def test_update_is_used_where_it_is_exact_and_declined_where_not() -> None:
    graph, demand, _ = cyclic(3)
    model = FlowModel(theta=0.3).fit(graph, demand)
    assert same(model, {1: Post(deterrence_h=4.0, detection=0.4), 2: Post(detection=1.0)})
    assert same(model, {})
    assert same(model, {1: Post()})
    assert not same(model, {1: Post(deterrence_h=100.0, detection=0.4)})
    assert not same(model, {"v0": Post(deterrence_h=1.0, detection=0.4)})


def test_only_way_through_sure_detection_stops_everyone() -> None:
    graph = nx.DiGraph()
    graph.add_node("end", kind="destination")
    nx.add_path(graph, ["start", "port", "end"], hours=5.0)
    graph.add_edge("port", "town", hours=1.0)
    graph.add_edge("town", "port", hours=1.0)
    model = FlowModel(theta=0.2).fit(graph, {"start": 10.0})
    assert model.intercept({"port": Post(detection=1.0)}).persons == pytest.approx(10.0, rel=1e-12)
    assert model.intercept({"end": Post(detection=1.0)}).persons == 0.0


@pytest.mark.slow
def test_real_posts(dataset: Dataset) -> None:
    graph = build_graph(dataset)
    origins = [n for n, kind in graph.nodes(data="kind") if kind in ORIGIN_KINDS]
    model = FlowModel(theta=0.08).fit(graph, dict.fromkeys(origins, 2.0))
    rng = np.random.default_rng(2)
    ids = dataset.terminals["id"].to_numpy()
    used = [
        same(
            model,
            {
                str(node): Post(
                    deterrence_h=float(rng.uniform(0, 40)), detection=float(rng.random())
                )
                for node in rng.choice(ids, 10, replace=False)
            },
        )
        for _ in range(20)
    ]
    assert sum(used) >= 18


def test_real_posts_on_the_national_graph(dataset: Dataset, national_frames: GraphFrames) -> None:
    network = Network.from_frames(national_frames.nodes, national_frames.edges)
    demand = np.array([float(str(node).startswith("v:")) for node in network.nodes])
    model = FlowModel(theta=0.08).fit_network(network, demand)
    terminals = dataset.terminals["id"][:10]
    assert same(model, {node: Post(deterrence_h=24.0, detection=0.3) for node in terminals})
