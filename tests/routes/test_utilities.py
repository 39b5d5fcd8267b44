"""Utilities of every group are found from any distance, and what cannot be fitted says so."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ModelError
from routes.flow.model import FlowModel
from routes.flow.utilities import fit_utilities
from routes.graph.arrays import Floats, Network


def star(hours: Floats, groups: list[str] | None = None) -> Network:
    """Origins (rows) joined to destinations (columns) directly."""
    graph = nx.DiGraph()
    for d in range(hours.shape[1]):
        graph.add_node(f"d{d}", kind="destination", utility=0.0)
    for o, row in enumerate(hours):
        graph.add_node(f"o{o}", **({} if groups is None else {"group": groups[o]}))
        for d, value in enumerate(row):
            if np.isfinite(value):
                graph.add_edge(f"o{o}", f"d{d}", hours=float(value))
    return Network.from_graph(graph)


def people(network: Network, persons: list[float]) -> Floats:
    return network.vector({f"o{o}": many for o, many in enumerate(persons)})


def shares_of(network: Network, theta: float, demand: Floats, utility: Floats) -> Floats:
    """Share of each destination in the flow of a model with these utilities."""
    fitted = network.with_costs(utility=utility)
    flow = FlowModel(theta=theta).fit_network(fitted, demand).destination_flow_
    return np.array(list(flow.values())) / sum(flow.values())


@given(seed=st.integers(0, 10_000), theta=st.sampled_from([0.01, 0.1, 1.0]))
def test_shares_are_met_however_far_the_destinations(seed: int, theta: float) -> None:
    rng = np.random.default_rng(seed)
    # Destinations up to 200 nats apart, origins up to 20: as with the Gulf and the next island.
    network = star((rng.uniform(1, 200, 5) + rng.uniform(0, 20, (6, 5))) / theta)
    share = rng.dirichlet(np.full(5, 0.3)) + 1e-9
    share /= share.sum()
    demand = people(network, list(rng.uniform(1, 100, 6)))
    utility = fit_utilities(network, theta, demand, share[None])
    assert np.allclose(np.log(shares_of(network, theta, demand, utility)), np.log(share), atol=1e-6)


@given(seed=st.integers(0, 10_000))
def test_each_group_has_its_own_shares(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = star(rng.uniform(1, 100, (6, 4)), groups=["53", "53", "52", "52", "52", "35"])
    demand = people(network, list(rng.uniform(1, 100, 6)))
    shares = rng.dirichlet(np.ones(4), size=len(network.groups))
    utility = fit_utilities(network, 0.1, demand, shares)
    assert network.group is not None
    for k in (1, 2, 3):
        of_group = np.where(network.group == k, demand, 0.0)
        found = shares_of(network, 0.1, of_group, utility)
        assert np.allclose(found, shares[k], atol=1e-7)


def test_a_start_elsewhere_leads_to_the_same_utilities() -> None:
    rng = np.random.default_rng(4)
    network = star(rng.uniform(1, 300, (8, 6)))
    demand, share = people(network, [10.0] * 8), np.array([[0.4, 0.3, 0.1, 0.1, 0.06, 0.04]])
    near = fit_utilities(network, 0.1, demand, share)
    begin = np.where(network.destination, rng.uniform(-40, 40, near.shape), 0.0)
    again = fit_utilities(network, 0.1, demand, share, start=begin)
    assert np.allclose(near, again, atol=1e-5)


def test_who_cannot_leave_or_reach_is_left_out() -> None:
    hours = np.array([[5.0, 9.0], [8.0, np.inf], [np.inf, np.inf]])
    network = star(hours, groups=["A", "B", "C"])
    shares = np.array([[0.5, 0.5], [0.7, 0.3], [0.4, 0.6], [0.1, 0.9]])
    utility = fit_utilities(network, 0.1, people(network, [10.0, 5.0, 400.0]), shares)
    ends = network.destination
    assert np.isnan(utility[[0, 3]][:, ends]).all()
    assert np.isfinite(utility[1][ends]).all()
    assert utility[2][ends].tolist() == [0.0, -np.inf]
    only_b = shares_of(network, 0.1, people(network, [0.0, 5.0, 0.0]), utility)
    assert only_b.tolist() == [1.0, 0.0]


def test_what_cannot_be_fitted_says_why() -> None:
    network = star(np.array([[5.0, np.inf], [8.0, 3.0]]))
    share = np.array([[0.7, 0.3]])
    with pytest.raises(ModelError, match="no way leads to d1"):
        fit_utilities(network, 0.1, people(network, [10.0, 0.0]), share)
    with pytest.raises(ModelError, match="no origin with people"):
        fit_utilities(network, 0.1, people(network, [0.0, 0.0]), share)
