"""Land units: islands, with those joined by bridges as one."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import numpy as np
import pandas as pd

from geo.coast import load_coast
from geo.dataset import Dataset

__all__ = ["land_units"]


def land_units(dataset: Dataset, tables: Sequence[pd.DataFrame]) -> list[pd.Series]:
    """Land unit of each row of tables with ``lat`` and ``lon``; Series of str, aligned with them.

    A place outside the coastline's window (Jeddah, Hong Kong), or too far from any mapped land, is
    a unit of its own.
    """
    coast = load_coast(dataset.land)
    joined = nx.Graph()
    for bridge in dataset.bridges.itertuples(index=False):
        joined.add_edge(
            coast.island_of(bridge.lat_a, bridge.lon_a), coast.island_of(bridge.lat_b, bridge.lon_b)
        )
    unit = {str(island): min(part) for part in nx.connected_components(joined) for island in part}
    names = np.array([unit.get(name, name) for name in coast.island_ids], dtype=object)
    units = []
    for number, table in enumerate(tables):
        island = coast.islands_of(table["lat"].to_numpy(float), table["lon"].to_numpy(float))
        named = [
            str(names[k]) if k >= 0 else f"alone-{number}-{row}" for row, k in enumerate(island)
        ]
        units.append(pd.Series(named, index=table.index, dtype=str))
    return units
