"""Groups of origins, posts in force, nodes aboard and observation, against enumerated walks."""

from __future__ import annotations

import pickle

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError, ModelError
from routes.corridors import waypoint
from routes.flow import FlowModel, Post
from routes.graph.arrays import Network
from routes.graph.costs import CostParameters
from routes.graph.storage import graph_of, graph_tables, without_posts
from routes.posts.evaluation import InterceptionEvaluator
from tests.routes import enumeration

SEEDS = st.integers(0, 100_000)
GROUPS = ("53", "65", None)
YEARS = (2022, 2023)


def layered(seed: int) -> tuple[nx.DiGraph, dict[str, float], float]:
    """Acyclic graph with three groups, aboard nodes, two countries, posts in force and rates."""
    rng = np.random.default_rng(seed)
    graph = nx.DiGraph()
    origins = [f"o{k}" for k in range(4)]
    for k, origin in enumerate(origins):
        group = GROUPS[k % len(GROUPS)]
        graph.add_node(origin, kind="village", country="ID", **({"group": group} if group else {}))
    stops = [f"t{k}" for k in range(int(rng.integers(3, 7)))]
    for k, stop in enumerate(stops):
        kind = str(rng.choice(["seaport", "airport", "unofficial", "aboard"]))
        graph.add_node(stop, kind=kind, country="MY" if rng.random() < 0.2 else "ID", name=stop)
        if kind == "aboard":
            graph.nodes[stop].update(line="KM", calls_at=stops[int(rng.integers(0, k + 1))])
    for end in ("Tawau", "Kuching"):
        utilities = {"*": float(rng.normal(0, 3)), "53": float(rng.normal(0, 3))}
        if rng.random() < 0.5:
            utilities["65"] = float(rng.normal(0, 3))
        graph.add_node(end, kind="destination", country="MY", utilities=utilities)
    order = [*stops, "Tawau", "Kuching"]
    for origin in origins:
        for stop in rng.choice(order, 2, replace=False):
            graph.add_edge(origin, str(stop))
    for k, stop in enumerate(stops):
        graph.add_edge(stop, str(rng.choice(["Tawau", "Kuching"])))
        for onward in order[k + 1 :]:
            if rng.random() < 0.5:
                graph.add_edge(stop, onward)
    for leg in graph.edges:
        graph.edges[leg]["hours"] = float(rng.uniform(0, 30))
        if rng.random() < 0.3:
            graph.edges[leg]["log_weight"] = float(-rng.uniform(0, 3))
    watch(graph, stops, rng)
    demand = {origin: float(rng.uniform(1, 500)) for origin in origins}
    return graph, demand, float(rng.uniform(0.01, 0.5))


def watch(graph: nx.DiGraph, stops: list[str], rng: np.random.Generator) -> None:
    """Posts in force and rates at the terminals in Indonesia."""
    for stop in stops:
        attributes = graph.nodes[stop]
        if attributes["kind"] == "aboard" or attributes["country"] != "ID":
            continue
        if rng.random() < 0.5:
            post = Post(deterrence_h=float(rng.uniform(0, 20)), detection=float(rng.random()))
            attributes["post"] = post
            for leg in graph.out_edges(stop):
                graph.edges[leg]["hours"] += post.deterrence_h
        attributes["watch"] = {
            (group, role, *year): float(rng.random())
            for group in ("*", "53")
            for role in ("first", "exit", "transit")
            for year in ((), (2022,), (2023,))
            if rng.random() < 0.5
        }


@given(seed=SEEDS)
def test_flow_of_groups_equals_enumeration_and_is_conserved(seed: int) -> None:
    graph, demand, theta = layered(seed)
    model = FlowModel(theta=theta).fit(graph, demand)
    total = sum(demand.values())
    expected = enumeration.leg_flow(graph, demand, theta)
    balance = dict(demand)
    for (u, v), persons in model.leg_flow_.items():
        assert abs(persons - expected.get((u, v), 0.0)) <= 1e-10 * total
        balance[u] = balance.get(u, 0.0) - persons
        balance[v] = balance.get(v, 0.0) + persons
    for node, rest in balance.items():
        assert abs(rest - model.destination_flow_.get(node, 0.0)) <= 1e-12 * total
    by_end = dict.fromkeys(model.destination_flow_, 0.0)
    for walk, persons in enumeration.shares(graph, demand, theta):
        by_end[walk[-1]] += persons
    assert model.destination_flow_ == pytest.approx(by_end, abs=1e-10 * total)
    chosen = model.demand_by_destination_.sum(axis=0)
    assert chosen == pytest.approx(list(by_end.values()), abs=1e-10 * total)
    split = sum(model.flow_to(end) for end in by_end)
    assert split == pytest.approx(model.leg_flow_.values_array, abs=1e-10 * total)


@given(seed=SEEDS)
def test_corridors_of_groups_pass_terminals_and_calls_aboard(seed: int) -> None:
    graph, demand, theta = layered(seed)
    model = FlowModel(theta=theta).fit(graph, demand)
    by_name = [
        waypoint(graph, name) for name in ("t0", "t1") if graph.nodes[name]["kind"] != "aboard"
    ]
    for waypoints in (by_name[:1], by_name, [*by_name, "Tawau"], [frozenset({"t0", "t2"}), "t1"]):
        if waypoints:
            expected = enumeration.corridor(graph, demand, theta, waypoints)
            assert model.corridor(waypoints) == pytest.approx(
                expected, abs=1e-10 * sum(demand.values())
            )


@given(seed=SEEDS)
def test_posts_replace_those_in_force_and_leave_the_others(seed: int) -> None:
    """Added, strengthened, weakened and removed; by update and by a new factorisation."""
    graph, demand, theta = layered(seed)
    rng = np.random.default_rng([seed, 1])
    model = FlowModel(theta=theta).fit(graph, demand)
    total = sum(demand.values())
    stops = [node for node, post in graph.nodes(data="post") if post is not None]
    new = Post(deterrence_h=float(rng.uniform(0, 30)), detection=float(rng.random()))
    for posts in ({}, dict.fromkeys(stops, Post()), dict.fromkeys(stops[:1], new), {"t1": new}):
        answer = model.intercept(posts)
        expected = enumeration.intercepted(graph, demand, theta, posts)
        assert answer.persons == pytest.approx(expected, abs=1e-8 * total)
        extra, survive = model._posted(posts)
        anew = model._new_solution(extra, survive)
        again = model.demand_array @ (1.0 - anew.undetected)
        assert again == pytest.approx(expected, abs=1e-10 * total)
        updated = model._low_rank_update(extra, survive)
        if updated is not None:
            assert updated.load == pytest.approx(anew.load, rel=1e-8, abs=1e-8 * total)
            sets = [model.positions("t1")]
            assert updated.corridor(sets) == pytest.approx(anew.corridor(sets), abs=1e-8 * total)


@given(seed=SEEDS)
def test_interceptions_equal_enumeration_and_add_up_over_parts(seed: int) -> None:
    graph, demand, theta = layered(seed)
    model = FlowModel(theta=theta).fit(graph, demand)
    total = sum(demand.values())
    by_year = {y: enumeration.interceptions(graph, demand, theta, y) for y in YEARS}
    if not by_year[2022]:
        with pytest.raises(ModelError, match="observation"):
            model.expected_interceptions()
        return
    for (group, role), load in model.role_loads().items():
        assert (load >= 0).all(), (group, role)
    recorded = model.network_.watch.values()
    years = sorted({key[2] for rates in recorded for key in rates if len(key) == 3})
    for year in years:
        answer = model.expected_interceptions(year)
        assert answer == pytest.approx(by_year[year], abs=1e-10 * total)
    if years:
        mean = {n: np.mean([by_year[y][n] for y in years]) for n in by_year[2022]}
        assert model.expected_interceptions() == pytest.approx(mean, abs=1e-10 * total)
        with pytest.raises(InputError, match="1999"):
            model.expected_interceptions([1999])
    parts = [
        FlowModel(**model.get_params())
        .fit(model.graph_, {origin: persons})
        .expected_interceptions()
        for origin, persons in demand.items()
    ]
    for node, persons in model.expected_interceptions().items():
        assert sum(part[node] for part in parts) == pytest.approx(persons, abs=1e-10 * total)


@given(seed=SEEDS)
def test_tables_and_pickle_keep_groups_posts_and_rates(seed: int) -> None:
    graph, demand, theta = layered(seed)
    nodes, edges = graph_tables(graph)
    again = graph_of(nodes, edges, CostParameters())
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    model = FlowModel(theta=theta).fit(graph, demand)
    stored = Network.from_frames(nodes, edges)
    solved = FlowModel(theta=theta).fit_network(stored, stored.vector(demand))
    assert np.array_equal(solved.load_array, model.load_array)
    assert solved.intercept({}).persons == model.intercept({}).persons
    assert pickle.loads(pickle.dumps(stored)).watch == model.network_.watch
    bare = Network.from_frames(*without_posts(nodes, edges))
    removed = {node: Post() for node, post in graph.nodes(data="post") if post is not None}
    load = FlowModel(theta=theta).fit_network(bare, bare.vector(demand)).load_
    assert model.intercept(removed).load == pytest.approx(load, abs=1e-8 * sum(demand.values()))


@given(seed=SEEDS, theta=st.floats(0.01, 0.5))
def test_removing_posts_on_cyclic_graphs_equals_solving_again(seed: int, theta: float) -> None:
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(12, 0.25, seed=seed, directed=True)
    nx.add_path(graph, range(12))
    graph.nodes[11].update(kind="destination", utilities={"*": 0.0, "A": 2.0})
    graph.nodes[10].update(kind="destination", utilities={"*": 1.0, "A": -4.0})
    graph.nodes[0]["group"] = "A"
    posts = {3: Post(deterrence_h=float(rng.uniform(0, 20)), detection=0.4), 5: Post(detection=0.2)}
    for u, v in graph.edges:
        graph.edges[u, v]["hours"] = float(rng.uniform(0.1, 9.0))
        graph.edges[u, v]["hours"] += posts[u].deterrence_h if u in posts else 0.0
    for node, post in posts.items():
        graph.nodes[node]["post"] = post
    demand = {0: 100.0, 1: 50.0}
    model = FlowModel(theta=theta).fit(graph, demand)
    for changed in ({}, {3: Post()}, {3: Post(deterrence_h=2.0), 4: Post(deterrence_h=9.0)}):
        extra, survive = model._posted(changed)
        anew = model._new_solution(extra, survive)
        updated = model._low_rank_update(extra, survive)
        assert updated is not None
        assert updated.load == pytest.approx(anew.load, rel=1e-8, abs=1e-8 * 150)
        persons = model.demand_array @ (1.0 - anew.undetected)
        assert model.intercept(changed).persons == pytest.approx(persons, abs=1e-8 * 150)


def small(**edge: float) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_node("end", kind="destination", utilities={"A": 0.0})
    graph.add_node("start", group="A")
    graph.add_edge("start", "end", hours=1.0, **edge)
    return graph


def test_refusals_of_groups_posts_and_rates() -> None:
    graph = small()
    graph.add_edge("other", "end", hours=1.0)
    assert FlowModel().fit(graph, {"start": 2.0}).destination_flow_["end"] == pytest.approx(2.0)
    with pytest.raises(ModelError, match="no utility for group"):
        FlowModel().fit(graph, {"other": 1.0})
    with pytest.raises(ModelError, match="<= 0"):
        FlowModel().fit(small(log_weight=0.5), {"start": 1.0})
    for node, attributes, message in (
        ("start", {"post": Post(deterrence_h=2.0)}, "hours of the post"),
        ("end", {"watch": {("*", "exit"): 0.1}}, "not a terminal"),
        ("start", {"watch": {("*", "door"): 0.1}}, "cannot read"),
        ("start", {"watch": {("*", "exit"): -0.1}}, "cannot read"),
    ):
        graph = small()
        graph.nodes[node].update(attributes)
        with pytest.raises(ModelError, match=message):
            FlowModel().fit(graph, {"start": 1.0})
    loop = small(log_weight=0.0)
    loop.add_edge("start", "start", hours=0.0, log_weight=0.0)
    with pytest.raises(ModelError, match="diverge"):
        FlowModel().fit(loop, {"start": 1.0})
    with pytest.raises(ModelError, match="observation"):
        FlowModel().fit(small(), {"start": 1.0}).expected_interceptions()


def test_waypoint_takes_all_layers_and_calls_aboard() -> None:
    graph = nx.DiGraph()
    for layer in ("P", "N"):
        graph.add_node(f"tenau:{layer}", kind="seaport", name="Tenau", place="Kupang", layer=layer)
        graph.add_node(f"tawau:{layer}", kind="destination", name="Tawau", layer=layer)
    graph.add_node("km:tenau", kind="aboard", line="KM", calls_at=["tenau:P"])
    graph.add_node("km:ende", kind="aboard", line="KM", calls_at=["ende"])
    graph.add_node("s:kupang", kind="settlement", name="Kupang")
    assert waypoint(graph, "KUPANG") == {"tenau:P", "tenau:N", "km:tenau"}
    assert waypoint(graph, "Tawau") == {"tawau:P", "tawau:N"}
    with pytest.raises(InputError, match="Atlantis"):
        waypoint(graph, "Atlantis")


@given(seed=SEEDS)
def test_a_plan_counts_what_is_stopped_beyond_the_posts_in_force(seed: int) -> None:
    """Added, strengthened and removed posts, alone and together, against enumeration."""
    graph, demand, theta = layered(seed)
    rng = np.random.default_rng([seed, 2])
    model = FlowModel(theta=theta).fit(graph, demand)
    total = sum(demand.values())
    places = [
        node for node in graph if graph.nodes[node]["kind"] in {"seaport", "airport", "unofficial"}
    ]
    if not places:
        return
    posts = {
        place: Post(deterrence_h=float(rng.uniform(0, 30)), detection=float(rng.random()))
        for place in places
    } | {place: Post() for place in places[:1]}
    evaluator = InterceptionEvaluator(model, places, posts)
    standing = enumeration.intercepted(graph, demand, theta, {})
    assert evaluator.in_force == pytest.approx(standing, abs=1e-8 * total)
    scanned = evaluator.scan([0])
    for j in range(1, len(places)):
        both = {place: posts[place] for place in (places[0], places[j])}
        beyond = enumeration.intercepted(graph, demand, theta, both) - standing
        assert evaluator.value([0, j]) == pytest.approx(beyond, abs=1e-7 * total)
        assert scanned[j] == pytest.approx(beyond, abs=1e-7 * total)
