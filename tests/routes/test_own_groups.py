"""Weights of people in their own group alone, against those of every group at every node."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from routes.build.store import load_build
from routes.flow.model import FlowModel, Post
from routes.graph.elimination import EliminationOrder
from routes.graph.own_groups import OwnGroups

POSTS = (
    {"larantuka": Post(deterrence_h=12.0, detection=0.1)},
    {"batu-ampar": Post(deterrence_h=30.0, detection=0.3), "maumere": Post(), "tenau": Post()},
    {},
)


@pytest.fixture(scope="module")
def model(built_home: Path) -> FlowModel:
    return load_build(built_home).flow_model()


@pytest.mark.parametrize("posts", POSTS)
def test_the_same_as_a_new_factorisation(model: FlowModel, posts: dict[str, Post]) -> None:
    assert model._own_groups is not None
    extra, survive = model._posted(posts)
    quick, exact = model.flow_with_posts(posts), model._new_solution(extra, survive)
    np.testing.assert_allclose(quick.load, exact.load, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(quick.undetected, exact.undetected, rtol=1e-9)
    at = [model.positions("larantuka")]
    assert quick.corridor(at) == pytest.approx(exact.corridor(at), rel=1e-9)


def test_other_people_on_the_same_walks(model: FlowModel) -> None:
    """Half of the people of one group, nobody of another: as a new fit has it."""
    demand = model.demand_array.copy()
    one, other = model.groups_[0], model.groups_[1]
    demand[one.demand > 0] *= 0.5
    demand[other.demand > 0] = 0.0
    quick = model.with_demand(demand)
    exact = FlowModel(theta=model.theta).fit_network(model.network_, demand)
    np.testing.assert_allclose(quick.load_array, exact.load_array, rtol=1e-12)
    np.testing.assert_allclose(
        quick.leg_flow_.values_array, exact.leg_flow_.values_array, rtol=1e-9, atol=1e-12
    )
    assert [group.name for group in quick.groups_] == [group.name for group in exact.groups_]


def test_where_two_groups_meet_on_the_way_there_is_no_such_table() -> None:
    # 0 and 1 meet at hub 2, which leads to 3; 3 leads to the destination 4 and back to itself.
    tail, head = np.array([0, 1, 2, 3, 3]), np.array([2, 2, 3, 4, 3])
    hub, destination = np.zeros((2, 5), bool)
    hub[2] = destination[4] = True
    structure = EliminationOrder.of(tail, head, destination, hub)
    assert OwnGroups.of(structure, np.array([0, 1, 0, 0, 0]), hub, 2) is None
    together = OwnGroups.of(structure, np.array([1, 1, 0, 0, 0]), hub, 2)
    assert together is not None
    assert together.group[:3].tolist() == [1, 1, 1]
