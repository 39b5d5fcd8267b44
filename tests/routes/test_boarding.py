"""Who is at a terminal, against the enumeration of walks; and what that says of real terminals."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routes.flow.boarding import boarding_share, driven
from routes.flow.model import FlowModel
from tests.routes import enumeration


@given(seed=st.integers(0, 100_000))
def test_the_share_that_drives_past_equals_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph, demand = enumeration.random_dag(rng)
    for node in graph:  # of one group the next leg does not depend on the last
        graph.nodes[node].pop("group", None)
        if "utilities" in graph.nodes[node]:
            graph.nodes[node]["utility"] = 0.0
            del graph.nodes[node]["utilities"]
    roads = {leg for leg in graph.edges if rng.random() < 0.5}
    load: dict[Any, float] = defaultdict(float)
    passing: dict[Any, float] = defaultdict(float)
    for walk, persons in enumeration.shares(graph, demand, 0.3):
        legs = list(pairwise(walk))
        for node in walk:
            load[node] += persons
        for before, after in pairwise(legs):
            passing[after[0]] += persons * (before in roads and after in roads)
    model = FlowModel(theta=0.3).fit(graph, demand)
    by_road = np.array([leg in roads for leg in model.leg_flow_], bool)
    share = boarding_share(model, by_road)
    for node, persons in load.items():
        if persons > 1e-9:
            found = share[model.network_.index[node]]
            assert found == pytest.approx(1 - passing[node] / persons, abs=1e-8)


def test_a_border_on_the_road_is_crossed_at_its_post(build: Any) -> None:
    graph, network = build.graph, build.network
    by_road = driven(network, graph.edges(data="mode"), graph.nodes(data="country"))
    out = {i for i, road in zip(network.tail.tolist(), by_road.tolist(), strict=True) if not road}
    posts = build.terminals.query("kind == 'border_post' and country == 'ID'")["id"]
    leaving = [
        network.position(node) in out for node in posts if network.index.get(node) is not None
    ]
    assert len(leaving) >= 8
    assert all(leaving)


def test_who_drives_to_jakarta_is_not_at_its_airport(build: Any) -> None:
    share = build.boarding
    halim, hatta = (share[build.network.position(i)] for i in ("halim", "soekarno-hatta"))
    assert halim < 0.5 < 0.9 < hatta
    at = dict(zip(build.terminals["id"],
                  build.at_terminals(build.flow_model().load_array), strict=True))  # fmt: skip
    assert at["halim"] < at["batam-centre"]
