"""Synthetic OpenStreetMap files for tests: roads that are not there, between places that are.

The nodes of the roads lie on straight lines between settlements of the gazetteer; nothing of it is
a real road, and nothing of it is shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
from osmium.osm.mutable import Node, Way
from scipy.sparse.csgraph import minimum_spanning_tree

Point = tuple[int, float, float]
"""Number, longitude, latitude."""
Line = tuple[int, Sequence[int], Mapping[str, str]]
"""Number, nodes, tags."""


def write_osm(
    path: Path,
    points: Iterable[Point],
    lines: Iterable[Line],
    *,
    about: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write nodes and ways; ``about`` (user, uid, ...) and ``tags`` go to every one of them."""
    more = dict(about or {})
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, lon, lat in points:
            writer.add_node(Node(id=number, location=(lon, lat), tags=dict(tags or {}), **more))
        for number, nodes, own in lines:
            writer.add_way(Way(id=number, nodes=list(nodes), tags={**(tags or {}), **own}, **more))
    return path


def tree_of_roads(
    places: pd.DataFrame, *, step_km: float = 0.5, tags: Mapping[str, str] | None = None
) -> tuple[list[Point], list[Line]]:
    """One way for each link of the shortest tree over ``lat, lon``, straight, with a node every
    ``step_km``."""
    lat, lon = places["lat"].to_numpy(float), places["lon"].to_numpy(float)
    squeeze = np.cos(np.radians(lat.mean()))
    flat = np.column_stack([lon * squeeze, lat]) * 111.2
    far = np.hypot(*(flat[:, None] - flat[None]).transpose(2, 0, 1))
    links = minimum_spanning_tree(np.where(far > 0, far, 1e-6)).tocoo()
    points: list[Point] = [
        (100 + k, float(x), float(y)) for k, (x, y) in enumerate(zip(lon, lat, strict=True))
    ]
    lines: list[Line] = []
    for number, (a, b, km) in enumerate(zip(links.row, links.col, links.data, strict=True)):
        between = max(0, int(km / step_km))
        share = np.arange(1, between + 1) / (between + 1)
        first = len(points) + 100
        points += [
            (
                first + k,
                float(lon[a] + s * (lon[b] - lon[a])),
                float(lat[a] + s * (lat[b] - lat[a])),
            )
            for k, s in enumerate(share)
        ]
        nodes = [100 + int(a), *range(first, first + between), 100 + int(b)]
        lines.append((1 + number, nodes, {"highway": "secondary", **(tags or {})}))
    return points, lines
