"""Candidates to search among where all of them, at every origin, are too many."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest

from routes.flow.model import FlowModel, Post
from routes.posts import shortlist as module
from routes.posts.plan import plan_posts
from routes.posts.shortlist import sampled_demand


def region(
    *, origins: int = 3_000, terminals: int = 60, in_force: int = 2
) -> tuple[FlowModel, list[str]]:
    """Terminals on a plane joined to their nearest; every origin has legs to five, without hubs."""
    rng = np.random.default_rng(4)
    at, homes = rng.uniform(0, 100, (terminals, 2)), rng.uniform(0, 100, (origins, 2))
    graph = nx.DiGraph()
    names = [f"t{i}" for i in range(terminals)]
    for i, name in enumerate(names):
        graph.add_node(name, kind="seaport")
        far = np.hypot(*(at - at[i]).T)
        for j in np.argsort(far)[1:5].tolist():
            graph.add_edge(name, names[j], hours=float(far[j]) * 3)
    for d in range(4):
        graph.add_node(f"d{d}", kind="destination")
        for j in rng.choice(terminals, 6, replace=False).tolist():
            graph.add_edge(names[j], f"d{d}", hours=float(rng.uniform(10, 60)))
    for o in range(origins):
        far = np.hypot(*(at - homes[o]).T)
        for j in np.argsort(far)[:5].tolist():
            graph.add_edge(f"o{o}", names[j], hours=float(far[j]) * 2)
    for name in names[:in_force]:
        graph.nodes[name]["post"] = post = Post(deterrence_h=12.0, detection=0.2)
        for leg in graph.out_edges(name):
            graph.edges[leg]["hours"] += post.deterrence_h
    demand = {f"o{o}": float(rng.gamma(1.0, 1.0)) for o in range(origins)}
    return FlowModel(theta=0.1).fit(graph, demand), names


@pytest.fixture(scope="module")
def fitted() -> tuple[FlowModel, list[str]]:
    return region()


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "MOST": 50_000, "_SAMPLE": 20_000, "_EXACT": 30_000, "_LEAST": 12, "_ORIGINS": 200,
    }.items():  # fmt: skip
        monkeypatch.setattr(module, name, value)
    return


def test_few_candidates_are_all_compared(fitted: tuple[FlowModel, list[str]]) -> None:
    model, names = fitted
    plan = plan_posts(model, 2, names, rng=np.random.default_rng(0), effort=0)
    assert plan.compared == (len(names), len(names))


@pytest.mark.usefixtures("small_limits")
def test_the_plan_of_the_shortlist_is_as_good(
    fitted: tuple[FlowModel, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, names = fitted
    short = plan_posts(model, 3, names, rng=np.random.default_rng(0), effort=5)
    assert short.compared[0] < short.compared[1] == len(names)
    monkeypatch.setattr(module, "MOST", 10**9)
    whole = plan_posts(model, 3, names, rng=np.random.default_rng(0), effort=5)
    reached = model.intercept({node: whole.post[node] for node in whole.posts}).persons
    assert short.interception.persons == pytest.approx(whole.interception.persons, rel=0.01)
    assert reached > 0
    assert set(short.in_force) == set(whole.in_force) == set(names[:2])


@pytest.mark.usefixtures("small_limits")
def test_fixed_forbidden_and_budget_hold_on_a_shortlist(
    fitted: tuple[FlowModel, list[str]],
) -> None:
    model, names = fitted
    plan = plan_posts(
        model, None, names, rng=np.random.default_rng(0), effort=0, fixed=[names[-1]],
        forbidden=names[2:20], costs=dict.fromkeys(names, 1.0), budget=3.0,
    )  # fmt: skip
    assert names[-1] in plan.posts
    assert not set(plan.posts) & set(names[2:20])
    assert plan.cost == 3.0


def test_a_sample_has_everybody_of_every_way_out(fitted: tuple[FlowModel, list[str]]) -> None:
    model, names = fitted
    sample = sampled_demand(model, 300)
    assert sample.sum() == pytest.approx(model.demand_array.sum())
    loads = (model.load_array, model.with_demand(sample).load_array)
    at = [model.network_.position(name) for name in names]
    ours, theirs = (load[at] for load in loads)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
