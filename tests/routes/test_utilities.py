"""Utilities are found from any distance, and what cannot be fitted says so."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ModelError
from routes.flow.utilities import ShareTarget, fit_utilities, modelled_shares
from routes.graph.arrays import Network


def star(hours: np.ndarray) -> Network:
    """Origins (rows) joined to destinations (columns) directly."""
    graph = nx.DiGraph()
    for d in range(hours.shape[1]):
        graph.add_node(f"d{d}", kind="destination", utility=0.0)
    for o, row in enumerate(hours):
        for d, value in enumerate(row):
            if np.isfinite(value):
                graph.add_edge(f"o{o}", f"d{d}", hours=float(value))
    return Network.from_graph(graph)


def target(network: Network, people: list[float], share: list[float]) -> ShareTarget:
    demand = network.vector({f"o{o}": persons for o, persons in enumerate(people)})
    return ShareTarget(demand, np.array(share), 1.0, 1.0)


@given(seed=st.integers(0, 10_000), theta=st.sampled_from([0.01, 0.1, 1.0]))
def test_shares_are_met_however_far_the_destinations(seed: int, theta: float) -> None:
    rng = np.random.default_rng(seed)
    # Destinations up to 200 nats apart, origins up to 20: as with the Gulf and the next island.
    network = star((rng.uniform(1, 200, 5) + rng.uniform(0, 20, (6, 5))) / theta)
    share = rng.dirichlet(np.full(5, 0.3)) + 1e-9
    wanted = target(network, list(rng.uniform(1, 100, 6)), list(share / share.sum()))
    utility = fit_utilities(network, theta, {"all": wanted})
    found = modelled_shares(network.with_costs(utility=utility), theta, wanted.demand)
    assert np.allclose(np.log(found), np.log(wanted.share), atol=1e-6)


def test_a_start_elsewhere_leads_to_the_same_utilities() -> None:
    rng = np.random.default_rng(4)
    network = star(rng.uniform(1, 300, (8, 6)))
    wanted = target(network, [10.0] * 8, [0.4, 0.3, 0.1, 0.1, 0.06, 0.04])
    near = fit_utilities(network, 0.1, {"all": wanted})
    begin = np.where(network.destination, rng.uniform(-40, 40, len(near)), 0.0)
    assert np.allclose(near, fit_utilities(network, 0.1, {"all": wanted}, start=begin), atol=1e-5)


def test_a_group_that_cannot_leave_is_left_out() -> None:
    network = star(np.array([[5.0, 9.0], [8.0, 3.0], [np.inf, np.inf]]))
    with_people = target(network, [10.0, 5.0], [0.7, 0.3])
    nobody = ShareTarget(np.zeros(len(network.nodes)), np.array([0.1, 0.9]), 1.0, 400.0)
    both = fit_utilities(network, 0.1, {"A": with_people, "B": nobody})
    assert np.allclose(both, fit_utilities(network, 0.1, {"A": with_people}))


def test_what_cannot_be_fitted_says_why() -> None:
    network = star(np.array([[5.0, np.inf], [8.0, 3.0]]))
    with pytest.raises(ModelError, match="no way leads to d1"):
        fit_utilities(network, 0.1, {"A": target(network, [10.0], [0.7, 0.3])})
    with pytest.raises(ModelError, match="no origin with people"):
        fit_utilities(network, 0.1, {"A": target(network, [0.0], [0.7, 0.3])})
