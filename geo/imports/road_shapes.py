"""How the stretches of an imported road network are drawn, for the map."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.imports.read_osm import Ways
from geo.imports.road_graph import Edges
from geo.road_network import RoadShapes

__all__ = ["shapes_of"]

_TOLERANCE = 1000.0
"""A bend nearer than this to the line without it is not kept: ten metres, in 1e-7 degrees."""
_BATCH = 200_000
_LINE = 1


def shapes_of(ways: Ways, parts: Edges, edges: Edges, whole: NDArray[np.int32]) -> RoadShapes:
    """How contracted stretches are drawn.

    Parameters
    ----------
    parts : Edges
        The stretches before they were contracted.
    edges : Edges
        Those they became.
    whole : int32 array
        Position in ``edges`` of each of ``parts``, or -1.

    Notes
    -----
    Worked in batches, in little memory. A stretch that comes twice through one location is drawn
    straight.
    """
    order = np.argsort(whole, kind="stable")
    first = np.searchsorted(whole[order], np.arange(len(edges) + 1))
    points = np.cumsum((parts.last - parts.first)[order] + 1)
    counts, bends, done = [np.zeros(1, np.int64)], [], 0
    while done < len(edges):
        most = points[first[done]] + _BATCH
        until = max(int(np.searchsorted(points[first[1:] - 1], most)), done + 1)
        rows = order[first[done] : first[until]]
        lines = _lines(ways, parts.take(rows), whole[rows] - done)
        count, inner = _bends(lines, _places(ways, edges.tail[done:until]))
        counts.append(count)
        bends.append(inner)
        done = until
    return RoadShapes(edges.class_, np.cumsum(np.concatenate(counts)), np.concatenate(bends))


def _places(ways: Ways, nodes: NDArray[Any]) -> NDArray[np.int32]:
    return np.column_stack([ways.x[nodes], ways.y[nodes]])


def _lines(ways: Ways, parts: Edges, whole: NDArray[np.int32]) -> NDArray[Any]:
    """One line of each run of ``parts`` of one number, without the bends that are not kept."""
    count = parts.last - parts.first + 1
    part = np.repeat(np.arange(len(parts)), count)
    along = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    places = _places(ways, ways.refs[parts.first[part] + along])
    pieces = np.asarray(shapely.linestrings(places, indices=part))
    merged = shapely.line_merge(shapely.multilinestrings(pieces, indices=whole))
    lines = np.asarray(shapely.simplify(merged, _TOLERANCE, preserve_topology=False))
    lines[shapely.get_type_id(lines) != _LINE] = None
    return lines


def _bends(
    lines: NDArray[Any], tail: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Number of bends of each line, and all of them, from the tail on."""
    places = shapely.get_coordinates(lines).astype(np.int32)
    count = shapely.get_num_coordinates(lines)
    line = np.repeat(np.arange(len(lines)), count)
    last = np.cumsum(count)[line] - 1
    start = last + 1 - count[line]
    at = np.arange(len(line))
    backward = (places[start] != tail[line]).any(axis=1)
    turned = places[np.where(backward, start + last - at, at)]
    return np.maximum(count - 2, 0), turned[(at != start) & (at != last)]
