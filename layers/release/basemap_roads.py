"""Imported roads for the base map: by zoom, and within a tile as many classes as fit into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.imports.road_tags import CLASSES
from geo.road_network import RoadNetwork
from layers.palette import MAIN_ROADS
from layers.release.tiles import tile_numbers

__all__ = ["LEAST_CLASS", "road_frames"]

LEAST_CLASS: Mapping[int, str] = MappingProxyType(
    {7: MAIN_ROADS[-1], 8: "secondary", 9: CLASSES[-1]}
)
"""The least class that is drawn, by zoom."""
_MOST_POINTS = 80_000
"""Points of the roads of a tile: of more the least classes are left out. A point takes about three
bytes of the packed tile."""
_BATCH = 100_000
_UNITS = 4096
"""Units across a tile."""


def road_frames(roads: RoadNetwork) -> Iterator[tuple[int, gpd.GeoDataFrame]]:
    """What is drawn of ``roads`` by zoom: ``class`` and shape, one row a tile and class.

    Stretches whose shape is unknown are not drawn; without any other nothing comes.
    """
    for zoom, least in LEAST_CLASS.items():
        class_ = roads.shapes.class_
        rows = np.flatnonzero((class_ >= 0) & (class_ <= CLASSES.index(least)))
        if not len(rows):
            continue
        tail = roads.tail[rows]
        tile = tile_numbers(roads.lon[tail], roads.lat[tail], zoom)
        key = tile * len(CLASSES) + class_[rows]
        order = np.argsort(key, kind="stable")
        groups, shapes = _merged(roads, rows[order], key[order], 360 / 2**zoom / _UNITS)
        kept = _fitting(groups // len(CLASSES), shapely.get_num_coordinates(shapes))
        names = np.array(CLASSES, dtype=object)[groups[kept] % len(CLASSES)]
        yield zoom, gpd.GeoDataFrame({"class": names}, geometry=shapes[kept], crs="EPSG:4326")


def _merged(
    roads: RoadNetwork, rows: npt.NDArray[np.intp], key: npt.NDArray[np.int64], tolerance: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """The keys, ascending, and one shape of each: its stretches joined and simplified."""
    groups, first = np.unique(key, return_index=True)
    first = np.append(first, len(key))
    shapes = []
    for part in np.array_split(np.arange(len(groups)), len(rows) // _BATCH + 1):
        stretches = slice(first[part[0]], first[part[-1] + 1])
        lines = roads.lines(rows[stretches])
        group = np.searchsorted(groups[part], key[stretches])
        whole = shapely.line_merge(shapely.multilinestrings(lines, indices=group))
        shapes.append(np.asarray(shapely.simplify(whole, tolerance, preserve_topology=False)))
    return groups, np.concatenate(shapes)


def _fitting(tile: npt.NDArray[np.int64], points: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Of each run of one tile the rows, from the first, whose points fit together."""
    total = np.cumsum(points)
    first = np.searchsorted(tile, tile)
    return np.asarray(total - total[first] + points[first] <= _MOST_POINTS)
