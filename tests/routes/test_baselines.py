"""The baselines against networkx and by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from routes.flow.model import FlowModel
from routes.graph.arrays import Network
from routes.validation.baselines import all_or_nothing, gravity, spread_by_load


def cyclic(seed: int) -> tuple[nx.DiGraph, Network, np.ndarray]:
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(20, 0.2, seed=seed, directed=True)
    nx.add_path(graph, range(20))
    for end in (18, 19):
        graph.nodes[end].update(kind="destination", utility=float(rng.normal()))
    for u, v in graph.edges:
        graph.edges[u, v]["hours"] = float(rng.uniform(0.5, 20.0))
    network = Network.from_graph(graph)
    return graph, network, np.where(network.destination, 0.0, rng.uniform(0, 50, 20))


@pytest.mark.parametrize("seed", range(15))
def test_all_or_nothing_is_the_least_cost_way_of_each(seed: int) -> None:
    graph, network, demand = cyclic(seed)
    theta = 0.2
    graph = graph.copy()
    for end in (18, 19):
        graph.remove_edges_from(list(graph.out_edges(end)))
        graph.add_edge(end, "sink", hours=(5.0 - graph.nodes[end]["utility"]) / theta)
    expected = np.zeros(20)
    for node in range(18):
        for passed in nx.dijkstra_path(graph, node, "sink", weight="hours")[:-1]:
            expected[passed] += demand[node]
    found = all_or_nothing(network, demand, theta=theta)
    assert np.allclose(found.load, expected)
    balance = demand.copy()
    np.subtract.at(balance, network.tail, found.leg_flow)
    np.add.at(balance, network.head, found.leg_flow)
    assert np.allclose(balance[~network.destination], 0.0)
    assert balance[network.destination].sum() == pytest.approx(demand.sum())


def test_flow_model_tends_to_all_or_nothing() -> None:
    _, network, demand = cyclic(4)
    theta = 200.0
    model = FlowModel(theta=theta).fit_network(network, demand)
    assert np.allclose(
        model.load_array, all_or_nothing(network, demand, theta=theta).load, rtol=1e-3
    )


def test_gravity_by_hand() -> None:
    graph = nx.DiGraph()
    graph.add_node("near", kind="destination", utility=0.0)
    graph.add_node("far", kind="destination", utility=float(np.log(3.0)))
    graph.add_edge("v", "p", hours=1.0)
    graph.add_edge("p", "near", hours=1.0)
    graph.add_edge("p", "far", hours=3.0)
    network = Network.from_graph(graph)
    found = gravity(network, network.vector({"v": 70.0}), exponent=2.0)
    # 1 / 2^2 against 3 / 4^2
    assert found.load[network.position("near")] == pytest.approx(40.0)
    assert found.load[network.position("far")] == pytest.approx(30.0)
    assert found.load[network.position("p")] == pytest.approx(70.0)
    extra = np.zeros(len(network.nodes))
    extra[network.position("p")] = 100.0
    later = gravity(network, network.vector({"v": 70.0}), extra_hours=extra)
    assert later.load[network.position("far")] > 40.0


def test_who_cannot_arrive_is_not_moved() -> None:
    graph = nx.DiGraph()
    graph.add_node("end", kind="destination", utility=0.0)
    graph.add_edge("v", "end", hours=1.0)
    graph.add_edge("lost", "dead", hours=1.0)
    network = Network.from_graph(graph)
    demand = network.vector({"v": 2.0, "lost": 5.0})
    for found in (all_or_nothing(network, demand, theta=0.1), gravity(network, demand)):
        assert found.load.sum() == pytest.approx(4.0)
        assert found.leg_flow.sum() == pytest.approx(2.0)


def test_spread_by_load() -> None:
    load = np.array([5.0, 9.0, 1.0, 9.0])
    candidates = np.array([0, 1, 3])
    after = spread_by_load(load, np.array([1]), candidates)
    assert after.tolist() == pytest.approx([5 * (1 + 9 / 14), 0.0, 1.0, 9 * (1 + 9 / 14)])
    assert after[candidates].sum() == pytest.approx(load[candidates].sum())
