"""Properties of the flow that must hold for every graph and every scale of cost."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routes.flow.model import FlowModel
from routes.graph.arrays import Network


def cyclic(seed: int, scale: float) -> tuple[nx.DiGraph, dict[int, float]]:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 40))
    graph = nx.gnp_random_graph(size, 0.2, seed=seed, directed=True)
    nx.add_path(graph, range(size))
    graph.nodes[size - 1].update(kind="destination", utility=float(rng.normal()))
    for u, v in graph.edges:
        graph.edges[u, v]["hours"] = float(rng.uniform(0.2, 1.0)) * scale
    return graph, {int(o): float(rng.uniform(0, 1e4)) for o in rng.choice(size - 1, 3)}


@given(seed=st.integers(0, 10_000), exponent=st.floats(-3, 4))
def test_flow_is_finite_and_conserved_at_every_scale(seed: int, exponent: float) -> None:
    """theta * cost from 1e-3 to 1e4: no underflow, overflow or NaN; in = out at every node."""
    graph, demand = cyclic(seed, 10.0**exponent)
    model = FlowModel(theta=1.0).fit(graph, demand)
    balance = dict.fromkeys(graph.nodes, 0.0)
    for node, persons in demand.items():
        balance[node] += persons
    for (u, v), persons in model.leg_flow_.items():
        assert np.isfinite(persons)
        assert persons >= 0
        balance[u] -= persons
        balance[v] += persons
    total = sum(demand.values())
    largest = max([total, *model.load_.values()])
    for node, rest in balance.items():
        arriving = model.destination_flow_.get(node, 0.0)
        assert abs(rest - arriving) <= 1e-11 * largest
    assert sum(model.destination_flow_.values()) == pytest.approx(total, rel=1e-11)


@given(seed=st.integers(0, 10_000))
def test_flow_does_not_depend_on_node_order(seed: int) -> None:
    graph, demand = cyclic(seed, 5.0)
    shuffled = nx.DiGraph()
    order = np.random.default_rng(seed).permutation(len(graph)).tolist()
    shuffled.add_nodes_from((n, graph.nodes[n]) for n in order)
    shuffled.add_edges_from(reversed(list(graph.edges(data=True))))
    first = FlowModel(theta=0.4).fit(graph, demand)
    second = FlowModel(theta=0.4).fit(shuffled, demand)
    for leg, persons in first.leg_flow_.items():
        assert second.leg_flow_[leg] == pytest.approx(persons, rel=1e-9, abs=1e-9)


@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_flow_is_linear_in_demand(seed: int, factor: float) -> None:
    graph, demand = cyclic(seed, 5.0)
    once = FlowModel(theta=0.4).fit(graph, demand)
    more = FlowModel(theta=0.4).fit(graph, {o: r * factor for o, r in demand.items()})
    for leg, persons in once.leg_flow_.items():
        assert more.leg_flow_[leg] == pytest.approx(factor * persons, rel=1e-9, abs=1e-12)


def several_ends(seed: int, scale: float) -> tuple[nx.DiGraph, dict[int, float]]:
    """:func:`cyclic` with three destinations more, of which one that nothing enters."""
    graph, demand = cyclic(seed, scale)
    rng = np.random.default_rng([seed, 1])
    inner = len(graph) - 1
    for name in ("a", "b", "apart"):
        graph.add_node(name, kind="destination", utility=float(rng.normal(0.0, 3.0)))
    for name in ("a", "b"):
        for u in rng.choice(inner, 2, replace=False).tolist():
            graph.add_edge(u, name, hours=float(rng.uniform(0.2, 1.0)) * scale)
    return graph, demand


@given(seed=st.integers(0, 10_000), exponent=st.floats(-3, 4), constant=st.floats(-1e3, 1e3))
def test_a_constant_added_to_all_utilities_changes_nothing(
    seed: int, exponent: float, constant: float
) -> None:
    graph, demand = several_ends(seed, 10.0**exponent)
    network = Network.from_graph(graph)
    people = network.vector(demand)
    raised = np.where(network.destination, network.utility + constant, 0.0)
    before = FlowModel(theta=1.0).fit_network(network, people)
    after = FlowModel(theta=1.0).fit_network(network.with_costs(utility=raised), people)
    # A sum of costs of 1e4 keeps its differences to 1e-12 of it: that is what flows can keep.
    assert after.leg_flow_.values_array == pytest.approx(
        before.leg_flow_.values_array, rel=1e-8, abs=1e-8 * people.sum()
    )
    assert before.destination_flow_["apart"] == 0.0


@given(seed=st.integers(0, 10_000), exponent=st.floats(-3, 4))
def test_joint_flow_is_the_sum_of_those_to_each_destination(seed: int, exponent: float) -> None:
    """Each destination solved by itself, with the people who choose it; and as split off."""
    graph, demand = several_ends(seed, 10.0**exponent)
    network = Network.from_graph(graph)
    people = network.vector(demand)
    joint = FlowModel(theta=1.0).fit_network(network, people)
    chosen, total = joint.demand_by_destination_, people.sum()
    assert chosen.sum(axis=1) == pytest.approx(people, rel=1e-9, abs=1e-9)
    added, split = np.zeros(len(network.hours)), np.zeros(len(network.hours))
    ends = np.flatnonzero(network.destination)
    for k, end in enumerate(ends):
        split += joint.flow_to(network.nodes[end])
        if chosen[:, k].sum() == 0:
            continue
        only = np.zeros_like(network.destination)
        only[end] = True
        legs = ~np.isin(network.head, np.delete(ends, k))
        alone = replace(
            network, tail=network.tail[legs], head=network.head[legs], hours=network.hours[legs],
            destination=only, _cache={},
        )  # fmt: skip
        solved = FlowModel(theta=1.0).fit_network(alone, chosen[:, k])
        added[legs] += solved.leg_flow_.values_array
    largest = max(float(joint.load_array.max()), total)
    assert np.abs(split - joint.leg_flow_.values_array).max() <= 1e-10 * largest
    assert np.abs(added - joint.leg_flow_.values_array).max() <= 1e-8 * largest
