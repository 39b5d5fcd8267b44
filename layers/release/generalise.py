"""Shapes as a reader sees them from afar: no bend and no island finer than a part of a pixel.

A map enlarges a tile to at most twice its size before it takes those of the next zoom.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["AFAR", "coverage_at", "lighter_at"]

AFAR = (4, 5)
"""Zooms at which that spares points; coarser ones have the shapes of the first."""
_TILE_PX = 512
_FINEST_PX = 0.35
Shapes = npt.NDArray[Any]


def _finest(zoom: int) -> float:
    """Degrees of longitude below which neither a bend nor the size of a part is seen."""
    degrees: float = _FINEST_PX * 360 / _TILE_PX / 2**zoom
    return degrees


def _extent(shapes: Shapes) -> npt.NDArray[np.float64]:
    west, south, east, north = shapely.bounds(shapes).T
    extent: npt.NDArray[np.float64] = np.maximum(east - west, north - south)
    return extent


def lighter_at(shapes: Shapes, zoom: int) -> Shapes:
    """Polygons and lines, each for itself, with None for those too small to be seen.

    Examples
    --------
    >>> land = np.array([shapely.Point(0, 0).buffer(1, 32), shapely.Point(3, 0).buffer(0.005)])
    >>> large, small = lighter_at(land, 4)
    >>> int(shapely.get_num_coordinates(large)), small
    (33, None)
    """
    drawn = np.full(len(shapes), None, dtype=object)
    seen = _extent(shapes) >= _finest(zoom)
    drawn[seen] = shapely.simplify(shapes[seen], _finest(zoom))
    return drawn


def coverage_at(shapes: Shapes, zoom: int) -> Shapes:
    """Areas that share their borders, which stay shared; of each at least its largest part.

    Examples
    --------
    >>> halves = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> shapely.equals(coverage_at(halves, 4), halves).tolist()
    [True, True]
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    extent = _extent(parts)
    seen = extent >= _finest(zoom)
    order = np.lexsort((-extent, owner))
    seen[order[np.unique(owner[order], return_index=True)[1]]] = True
    light = shapely.coverage_simplify(parts[seen], _finest(zoom))
    return np.asarray(shapely.multipolygons(light, indices=owner[seen]))
