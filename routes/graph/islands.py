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
    a unit of its own, named by its point: the same in every table and whatever rows stand above it.
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
    for table in tables:
        lats, lons = table["lat"].to_numpy(float), table["lon"].to_numpy(float)
        island = coast.islands_of(lats, lons)
        named = [
            str(names[k]) if k >= 0 else f"alone:{lat}:{lon}"
            for k, lat, lon in zip(island, lats, lons, strict=True)
        ]
        units.append(pd.Series(named, index=table.index, dtype=str))
    return units
