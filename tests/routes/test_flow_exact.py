"""The flow model against brute-force enumeration of walks, which shares no code with it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError, ModelError
from routes.flow.model import FlowModel, Post
from tests.routes import enumeration

SEEDS = st.integers(0, 100_000)


def random_case(seed: int) -> tuple[nx.DiGraph, dict[int, float], float, FlowModel]:
    rng = np.random.default_rng(seed)
    graph, demand = enumeration.random_dag(rng)
    theta = float(rng.uniform(0.01, 2))
    return graph, demand, theta, FlowModel(theta=theta).fit(graph, demand)


@given(seed=SEEDS)
def test_leg_flow_equals_enumeration(seed: int) -> None:
    graph, demand, theta, model = random_case(seed)
    expected = enumeration.leg_flow(graph, demand, theta)
    scale = sum(demand.values())
    assert set(model.leg_flow_) == set(graph.edges)
    for leg, persons in model.leg_flow_.items():
        assert abs(persons - expected.get(leg, 0.0)) <= 1e-10 * scale


@given(seed=SEEDS)
def test_corridors_equal_enumeration(seed: int) -> None:
    graph, demand, theta, model = random_case(seed)
    rng = np.random.default_rng(len(graph))
    a, b, c = sorted(rng.choice(len(graph), 3, replace=False).tolist())
    for waypoints in (
        [a],
        [a, b],
        [a, b, c],
        [c, a],
        [a, a],
        [frozenset({a, b}), c],
        [0, frozenset({b, c})],
        [frozenset({0, a, b}), frozenset({b, c})],
    ):
        expected = enumeration.corridor(graph, demand, theta, waypoints)
        assert model.corridor(waypoints) == pytest.approx(
            expected, abs=1e-10 * sum(demand.values())
        )


@given(seed=SEEDS)
def test_interception_equals_enumeration(seed: int) -> None:
    graph, demand, theta, model = random_case(seed)
    rng = np.random.default_rng(len(graph) + 1)
    posts = {
        int(node): Post(deterrence_h=float(rng.uniform(0, 30)), detection=float(rng.random()))
        for node in rng.choice(len(graph), 3, replace=False)
    }
    expected = enumeration.intercepted(graph, demand, theta, posts)
    answer = model.intercept(posts)
    assert answer.persons == pytest.approx(expected, abs=1e-10 * sum(demand.values()))
    assert answer.share == pytest.approx(answer.persons / sum(demand.values()))


def test_cyclic_graph_equals_random_walks():
    """Monte Carlo walks under the definition on a graph with cycles: |z| < 4 on every leg."""
    rng = np.random.default_rng(7)
    graph = nx.gnp_random_graph(12, 0.3, seed=3, directed=True)
    for node in (10, 11):
        graph.nodes[node].update(kind="destination", utility=float(node - 10))
    graph.add_edge(0, 1)
    graph.add_edges_from((u, 10) for u in (2, 5))
    graph.add_edges_from((u, 11) for u in (1, 7))
    for u, v in graph.edges:
        graph.edges[u, v]["hours"] = float(rng.uniform(1, 8))
    theta = 0.15
    model = FlowModel(theta=theta).fit(graph, {0: 1.0})
    draws = 40_000
    # Importance sampling: walk by the reference, weigh by cost and utility.
    weights = np.zeros(draws)
    passed: dict[tuple[int, int], np.ndarray] = {leg: np.zeros(draws) for leg in graph.edges}
    after = {u: list(graph.successors(u)) for u in graph}
    for k in range(draws):
        node, log_weight = 0, 0.0
        while graph.nodes[node].get("kind") != "destination" and after[node]:
            onward = after[node][int(rng.integers(len(after[node])))]
            log_weight -= theta * graph.edges[node, onward]["hours"]
            passed[node, onward][k] += 1
            node = onward
        if graph.nodes[node].get("kind") == "destination":
            weights[k] = np.exp(log_weight + graph.nodes[node]["utility"])
    for leg, count in passed.items():
        if leg not in model.leg_flow_:
            assert not weights[count > 0].any()
            continue
        ratio = (weights * count).sum() / weights.sum()
        error = np.sqrt((weights**2 * (count - ratio) ** 2).sum()) / weights.sum()
        assert abs(model.leg_flow_[leg] - ratio) < 4 * error + 1e-12


def line(hours: float = 1.0, **end: float) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_node("end", kind="destination", **end)
    graph.add_edge("start", "end", hours=hours)
    return graph


@pytest.mark.parametrize("hours", [-1.0, float("nan"), float("inf"), None, "3"])
def test_bad_cost_is_refused_and_names_the_leg(hours):
    with pytest.raises(ModelError, match="start -> end"):
        FlowModel().fit(line(hours), {"start": 1.0})


def test_zero_cost_cycle_is_solved_while_a_way_out_exists():
    graph = line(0.0)
    graph.add_edge("start", "loop", hours=0.0)
    graph.add_edge("loop", "start", hours=0.0)
    model = FlowModel().fit(graph, {"start": 8.0})
    assert model.destination_flow_["end"] == pytest.approx(8.0)
    assert model.load_["start"] == pytest.approx(16.0)  # half of the passages return


def test_self_loop_is_a_leg_like_any_other():
    graph = line(0.0)
    graph.add_edge("start", "start", hours=0.0)
    assert FlowModel().fit(graph, {"start": 1.0}).leg_flow_["start", "start"] == pytest.approx(1.0)


def test_unreachable_destination_and_stranded_origin():
    graph = line()
    graph.add_node("far", kind="destination")
    graph.add_node("island")
    model = FlowModel().fit(graph, {"start": 2.0, "island": 3.0})
    assert model.destination_flow_ == {"end": pytest.approx(2.0), "far": 0.0}
    assert model.stranded_ == {"island": 3.0}
    assert model.corridor(["start", "far"]) == 0.0
    assert model.corridor(["island", "end"]) == 0.0
    with pytest.raises(ModelError, match="no origin can reach"):
        FlowModel().fit(graph, {"island": 3.0})


def test_refusals_name_what_is_wrong():
    with pytest.raises(InputError, match="no node 'nowhere'"):
        FlowModel().fit(line(), {"nowhere": 1.0})
    with pytest.raises(InputError, match="negative demand"):
        FlowModel().fit(line(), {"start": -1.0})
    with pytest.raises(ModelError, match="theta"):
        FlowModel(theta=0).fit(line(), {"start": 1.0})
    with pytest.raises(ModelError, match="no destination"):
        FlowModel().fit(nx.DiGraph([("a", "b", {"hours": 1.0})]), {"a": 1.0})
    with pytest.raises(InputError, match="at least one waypoint"):
        FlowModel().fit(line(), {"start": 1.0}).corridor([])
    for wrong in ({"deterrence_h": -1.0}, {"detection": 1.2}, {"deterrence_h": float("nan")}):
        with pytest.raises(InputError):
            Post(**wrong)


def test_zero_demand_and_single_destination_node():
    assert FlowModel().fit(line(), {}).load_ == {"end": 0.0, "start": 0.0}
    lone = nx.DiGraph()
    lone.add_node("end", kind="destination")
    assert FlowModel().fit(lone, {"end": 4.0}).destination_flow_ == {"end": 4.0}


def test_adding_a_constant_to_all_utilities_changes_nothing():
    rng = np.random.default_rng(5)
    graph, demand = enumeration.random_dag(rng)
    before = FlowModel(theta=0.3).fit(graph, demand)
    for _, attributes in graph.nodes(data=True):
        if attributes["kind"] == "destination":
            attributes["utility"] += 400.0
    after = FlowModel(theta=0.3).fit(graph, demand)
    for leg, persons in before.leg_flow_.items():
        assert after.leg_flow_[leg] == pytest.approx(persons, rel=1e-9, abs=1e-9)
