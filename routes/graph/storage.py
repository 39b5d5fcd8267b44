"""Conversion between a graph and tables of its nodes and edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import pandas as pd

from routes.graph.checkpoints import decoded, encoded
from routes.graph.costs import CostParameters

__all__ = ["attributes_of", "graph_of", "graph_tables", "without_posts"]


def graph_tables(graph: nx.DiGraph) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes (``node`` and its attributes) and edges (``u, v`` and theirs) of a graph, in order."""
    nodes = pd.DataFrame.from_records(
        [
            {"node": node, **{name: encoded(name, value) for name, value in attributes.items()}}
            for node, attributes in graph.nodes(data=True)
        ]
    )
    edges = [{"u": u, "v": v, **a} for u, v, a in graph.edges(data=True)]
    return nodes, pd.DataFrame.from_records(edges)


def graph_of(nodes: pd.DataFrame, edges: pd.DataFrame, parameters: CostParameters) -> nx.DiGraph:
    """The inverse of :func:`graph_tables`; a missing value is a missing attribute."""
    graph = nx.DiGraph(parameters=parameters)
    names = nodes["node"].tolist()
    for column in nodes.columns.intersection(["post", "watch", "utilities"]):
        nodes = nodes.assign(**{column: [decoded(column, v) for v in nodes[column].tolist()]})
    graph.add_nodes_from(zip(names, attributes_of(nodes.drop(columns="node")), strict=True))
    ends = (edges["u"].tolist(), edges["v"].tolist())
    graph.add_edges_from(zip(*ends, attributes_of(edges.drop(columns=["u", "v"])), strict=True))
    return graph


def without_posts(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of a network without its posts in force: their hours leave the legs.

    Examples
    --------
    >>> post = '{"deterrence_h": 2.0, "detection": 0.1}'
    >>> nodes = pd.DataFrame({"node": ["a", "b"], "post": [post, None]})
    >>> without_posts(nodes, pd.DataFrame({"u": ["a"], "v": ["b"], "hours": [5.0]}))[1]
       u  v  hours
    0  a  b    3.0
    """
    if "post" not in nodes:
        return nodes, edges
    standing = nodes[nodes["post"].notna()]
    posts = [decoded("post", post).deterrence_h for post in standing["post"]]
    extra_h = edges["u"].map(dict(zip(standing["node"], posts, strict=True))).fillna(0.0)
    return nodes.drop(columns="post"), edges.assign(hours=edges["hours"] - extra_h)


def attributes_of(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Values of each row by column, without the missing; by column, for 200,000 national rows."""
    columns = [str(column) for column in table.columns]
    values = zip(*(table[column].tolist() for column in table.columns), strict=True)
    present = zip(*(table[column].notna().tolist() for column in table.columns), strict=True)
    for row, row_present in zip(values, present, strict=True):
        yield {name: v for name, v, k in zip(columns, row, row_present, strict=True) if k}
