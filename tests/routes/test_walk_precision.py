"""Weights of walks that lie many orders of magnitude apart, against rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Network

THETA = 1.0


def steep(seed: int, size: int = 40) -> Network:
    """Nodes joined both ways by legs of 0 to 60 nats, with two destinations at far ends."""
    rng = np.random.default_rng(seed)
    graph = nx.DiGraph()
    for end in ("near", "far"):
        graph.add_node(end, kind="destination", utility=0.0)
    for node in range(size):
        for other in rng.choice(size, 3, replace=False).tolist():
            if other != node:
                graph.add_edge(node, other, hours=float(rng.uniform(0.0, 60.0)))
                graph.add_edge(other, node, hours=float(rng.uniform(0.0, 60.0)))
    graph.add_edge(0, "near", hours=1.0)
    graph.add_edge(size - 1, "far", hours=300.0)
    return Network.from_graph(graph)


def exact_columns(sums: RandomWalkSums, right: np.ndarray) -> np.ndarray:
    """Solution of the system by Gaussian elimination in fractions."""
    system = sums._system.toarray()
    rows = [[Fraction(float(x)) for x in (*row, *b)] for row, b in zip(system, right, strict=True)]
    size = len(rows)
    for i in range(size):
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in range(size):
            if j != i and rows[j][i]:
                factor = rows[j][i]
                rows[j] = [x - factor * y for x, y in zip(rows[j], rows[i], strict=True)]
    return np.array([[float(x) for x in row[size:]] for row in rows])


@pytest.mark.parametrize("seed", range(3))
def test_small_weights_have_the_precision_of_large_ones(seed: int) -> None:
    sums = RandomWalkSums(steep(seed), THETA)
    right = sums._absorbing.toarray()
    exact = exact_columns(sums, right)
    assert exact[exact > 0].min() < 1e-20
    np.testing.assert_allclose(sums.core_reach(np.eye(2)), exact, rtol=1e-12)
    for k in range(2):
        np.testing.assert_allclose(sums.solve(right[:, k]), exact[:, k], rtol=1e-12)
