"""The calibrated flow model of a build on disk."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx

from geo.errors import StateError
from geo.paths import Home
from routes.flow.model import FlowModel
from routes.graph.storage import read_graph

__all__ = ["fit_expected", "load_model"]


def fit_expected(graph: nx.DiGraph, theta: float) -> FlowModel:
    """Fit to the expected demand that the origins of ``graph`` carry (node attribute
    ``demand``).
    """
    demand = {node: persons for node, persons in graph.nodes(data="demand") if persons}
    return FlowModel(theta=theta).fit(graph, demand)


def load_model(home: Home | str | Path | None = None) -> FlowModel:
    """Return the calibrated, fitted model of the current build under ``home``.

    Raises
    ------
    StateError
        Where nothing has been built yet, or what is there is damaged.
    """
    folder = Home.resolve(home).model
    try:
        about = json.loads((folder / "model.json").read_text("utf-8"))
        graph = read_graph(folder, about["graph"])
    except FileNotFoundError as error:
        raise StateError("build.missing") from error
    except (OSError, ValueError, KeyError) as error:
        raise StateError("build.damaged", folder=folder, reason=type(error).__name__) from error
    return fit_expected(graph, float(about["parameters"]["theta"]))
