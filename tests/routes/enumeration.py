"""Brute force for small acyclic graphs: list every walk, weigh it, add up. No linear algebra."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np


def walks(graph: nx.DiGraph, origin: Any) -> Iterator[list[Any]]:
    """Every walk from ``origin`` to a destination; the graph must be acyclic."""
    stack = [[origin]]
    while stack:
        walk = stack.pop()
        if graph.nodes[walk[-1]].get("kind") == "destination":
            yield walk
            continue
        stack.extend([*walk, after] for after in graph.successors(walk[-1]))


def weight(graph: nx.DiGraph, walk: list[Any], theta: float) -> float:
    """exp(utility) * prod over legs (1 / outdegree(tail)) * exp(-theta hours)."""
    end = graph.nodes[walk[-1]]
    log_weight = float(end.get("utility", 0.0))
    if "utilities" in end:
        group = graph.nodes[walk[0]].get("group", "*")
        log_weight = end["utilities"].get(group, end["utilities"].get("*"))
    for u, v in pairwise(walk):
        leg = graph.edges[u, v]
        log_weight += leg.get("log_weight", -math.log(graph.out_degree(u))) - theta * leg["hours"]
    return math.exp(log_weight)


def leg_flow(
    graph: nx.DiGraph, demand: Mapping[Any, float], theta: float
) -> dict[tuple[Any, Any], float]:
    """Persons a year on each leg."""
    flow: dict[tuple[Any, Any], float] = defaultdict(float)
    for walk, persons in shares(graph, demand, theta):
        for leg in pairwise(walk):
            flow[leg] += persons
    return flow


def shares(
    graph: nx.DiGraph, demand: Mapping[Any, float], theta: float
) -> Iterator[tuple[list[Any], float]]:
    """Each walk with the persons a year who take it."""
    for origin, persons in demand.items():
        listed = [(walk, weight(graph, walk, theta)) for walk in walks(graph, origin)]
        total = sum(w for _, w in listed)
        for walk, w in listed:
            yield walk, persons * w / total


def corridor(
    graph: nx.DiGraph, demand: Mapping[Any, float], theta: float, waypoints: list[Any]
) -> float:
    """Persons a year whose walk holds the waypoints in that order."""
    total = 0.0
    for walk, persons in shares(graph, demand, theta):
        steps = iter(walk)
        groups = [w if isinstance(w, frozenset) else {w} for w in waypoints]
        total += persons * all(any(step in group for step in steps) for group in groups)
    return total


def intercepted(
    graph: nx.DiGraph, demand: Mapping[Any, float], theta: float, posts: Mapping[Any, Any]
) -> float:
    """Persons a year detected: posts change the costs first, then detect at each departure.

    A post named replaces the one in force at its node, whose hours are in the legs.
    """
    in_force = {node: post for node, post in graph.nodes(data="post") if post is not None}
    changed = graph.copy()
    for u, v in changed.edges:
        if u in posts:
            standing = in_force[u].deterrence_h if u in in_force else 0.0
            changed.edges[u, v]["hours"] += posts[u].deterrence_h - standing
    posts = {**in_force, **posts}
    total = 0.0
    for walk, persons in shares(changed, demand, theta):
        passed = math.prod(1 - posts[node].detection for node in walk[:-1] if node in posts)
        total += persons * (1 - passed)
    return total


def interceptions(
    graph: nx.DiGraph, demand: Mapping[Any, float], theta: float, year: int | None
) -> dict[Any, float]:
    """Interceptions a year by node that carries ``watch``: every walk, terminal by terminal."""
    total = {node: 0.0 for node, watch in graph.nodes(data="watch") if watch is not None}
    terminals = {
        node
        for node, attributes in graph.nodes(data=True)
        if attributes.get("kind") in {"seaport", "airport", "unofficial"}
        and attributes["country"] == "ID"
    }
    for walk, persons in shares(graph, demand, theta):
        group = graph.nodes[walk[0]].get("group", "*")
        passed = [node for node in walk if node in terminals]
        for k, node in enumerate(passed):
            last = k == len(passed) - 1
            role = "exit" if last else "first" if k == 0 else "transit"
            watch = graph.nodes[node].get("watch", {})
            keys = [(g, role, *y) for g in (group, "*") for y in ((year,), ())]
            rate = next((watch[key] for key in keys if key in watch), None)
            if rate is not None:
                total[node] += persons * rate
    return total


def random_dag(rng: np.random.Generator) -> tuple[nx.DiGraph, dict[int, float]]:
    """Layered random graph with two origins, dead ends and 1-3 destinations."""
    size = int(rng.integers(5, 11))
    ends = int(rng.integers(1, 4))
    graph = nx.DiGraph()
    for node in range(size):
        if node >= size - ends:
            graph.add_node(node, kind="destination", utility=float(rng.normal(0, 2)))
        else:
            graph.add_node(node, kind="terminal")
    for u in range(size - ends):
        for v in range(u + 1, size):
            if rng.random() < 0.5:
                graph.add_edge(u, v, hours=float(rng.uniform(0, 30)))
        graph.add_edge(u, size - 1 - int(rng.integers(0, ends)), hours=float(rng.uniform(0, 50)))
    return graph, {0: float(rng.uniform(1, 500)), 1: float(rng.uniform(1, 500))}
