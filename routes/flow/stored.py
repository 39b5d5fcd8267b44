"""The calibrated flow model of a build on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geo.errors import StateError
from geo.paths import Home
from routes.flow.model import FlowModel
from routes.graph.arrays import Floats, Network
from routes.graph.costs import CostParameters
from routes.graph.storage import graph_of, without_posts

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["fit_expected", "load_model"]


def fit_expected(
    network: Network, demand: Floats, theta: float, *, graph: Callable[[], nx.DiGraph]
) -> FlowModel:
    """Fit to the expected demand by node; ``graph`` returns the network's graph, for ``graph_``."""
    return FlowModel(theta=theta).fit_network(network, demand, graph=graph)


def load_model(home: Home | str | Path | None = None, *, in_force: bool = True) -> FlowModel:
    """Return the calibrated, fitted model of the current build under ``home``.

    Parameters
    ----------
    in_force : bool
        Whether the posts that the build's graph holds in force (node attribute ``post``) stand;
        without, their hours leave the legs.

    Raises
    ------
    StateError
        Where nothing has been built yet, or the files are damaged.

    Examples
    --------
    >>> load_model("/no/such/home")
    Traceback (most recent call last):
    geo.errors.StateError: no build yet; run: petajaga build
    """
    folder = Home.resolve(home).model
    try:
        parameters = json.loads((folder / "model.json").read_text("utf-8"))["parameters"]
        nodes, edges = (pd.read_parquet(folder / f"{name}.parquet") for name in ("nodes", "edges"))
        costs = CostParameters(value_of_time_idr_h=parameters["costs"]["value_of_time_idr_h"])
        if not in_force:
            nodes, edges = without_posts(nodes, edges)
        network = Network.from_frames(nodes, edges)
    except FileNotFoundError as error:
        raise StateError("build.missing") from error
    except (OSError, ValueError, KeyError) as error:
        raise StateError("build.damaged", folder=folder, reason=type(error).__name__) from error
    return fit_expected(
        network, nodes["demand"].fillna(0.0).to_numpy(float), float(parameters["theta"]),
        graph=lambda: graph_of(nodes, edges, costs),
    )  # fmt: skip
