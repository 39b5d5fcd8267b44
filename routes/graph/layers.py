"""Two ways abroad: on a visitor's passport through official exits, or without papers.

Each destination abroad stands in the graph once for each way, as a node of its own: layer ``P`` is
reached from official terminals, ``N`` from unofficial ones (*pelabuhan tikus*), and the two meet
nowhere beyond the border. What share takes which way is then evidence about the region
(``without_papers.csv``) and not the number of landings that a coast happens to be listed with.
Destinations at home stand once, in layer ``D``.
"""

from __future__ import annotations

import pandas as pd

from geo.dataset import Dataset

__all__ = ["DOMESTIC", "NO_PAPERS", "PASSPORT", "destination_nodes", "layer_node", "layers_of"]

PASSPORT, NO_PAPERS, DOMESTIC = "P", "N", "D"


def layer_node(destination: str, layer: str) -> str:
    """Node of a destination in a layer.

    Examples
    --------
    >>> layer_node("to-tawau", "N"), layer_node("to-batam", "D")
    ('to-tawau:N', 'to-batam')
    """
    return destination if layer == DOMESTIC else f"{destination}:{layer}"


def layers_of(dataset: Dataset) -> pd.Series:
    """Layer in which each row of ``dataset.access`` reaches its destination, aligned with it."""
    access = dataset.access
    kind = access["terminal_id"].map(dataset.terminals.set_index("id")["kind"])
    abroad = access["destination_id"].map(dataset.destinations.set_index("id")["country"]) != "ID"
    layer = kind.eq("unofficial").map({True: NO_PAPERS, False: PASSPORT})
    return layer.where(abroad, DOMESTIC)


def destination_nodes(dataset: Dataset) -> pd.DataFrame:
    """A row for each destination and layer in which some terminal reaches it.

    Returns
    -------
    DataFrame
        ``node, destination, layer, region``, in the order of ``dataset.destinations``; one that
        nothing reaches stands in layer ``P``, or ``D`` at home.

    Examples
    --------
    >>> from geo.dataset import load_dataset
    >>> nodes = destination_nodes(load_dataset()).set_index("destination")
    >>> nodes.loc["to-tawau", "node"].tolist(), nodes.loc["to-taiwan", "layer"]
    (['to-tawau:N', 'to-tawau:P'], 'P')
    """
    reached = pd.DataFrame(
        {"destination": dataset.access["destination_id"], "layer": layers_of(dataset)}
    ).drop_duplicates()
    ends = dataset.destinations[["id", "region", "country"]].rename(columns={"id": "destination"})
    nodes = ends.merge(reached, on="destination", how="left")
    default = nodes["country"].eq("ID").map({True: DOMESTIC, False: PASSPORT})
    nodes["layer"] = nodes["layer"].fillna(default)
    order = nodes["destination"].map({d: k for k, d in enumerate(ends["destination"])})
    nodes = nodes.assign(order=order).sort_values(["order", "layer"], ignore_index=True)
    names = [layer_node(*pair) for pair in zip(nodes["destination"], nodes["layer"], strict=True)]
    return nodes.assign(node=names)[["node", "destination", "layer", "region"]]
