"""Lengths over water between two points: least-cost path on a water grid made from the coastline.

The grid is rasterised from the land polygons at a cell size that suits the span (270 m for a strait
crossing, 2.2 km for the longest lines), sampled finer so that straits narrower than a cell stay
open. The least-cost path (scikit-image ``MCP_Geometric``, Dijkstra on eight neighbours with true
cell sides) is shortened along lines of sight, which removes the zigzag of the grid, and measured on
the ellipsoid. The distance from each end to the nearest open water is added; beyond 5 km it counts
as a river, with a detour factor. The result is never shorter than the geodesic.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geo.coast import KM_PER_DEGREE, WINDOW, Coast, geodesic_km, load_coast
from geo.errors import InputError, ModelError, StateError

__all__ = ["SeaRoute", "SeaRouter", "WaterGrid", "sea_length_km"]

# Span of the crossing in km -> cell side in degrees.
CELLS = ((70.0, 0.0025), (260.0, 0.005), (900.0, 0.01), (float("inf"), 0.02))
SUBSAMPLES = 3
MARGIN_DEG = 0.3
SNAP_LIMIT_KM = 80.0
# A snap longer than this follows a river (detour factor assumed, confidence low).
RIVER_FROM_KM = 5.0
RIVER_DETOUR = 1.4
SNAP_CHOICE = 0.8

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SeaRoute:
    """A route over water.

    Attributes:
        length_km: full length with both snaps, at least the geodesic.
        snap_km: part of it between the two points and the water cells they were moved to.
        lat, lon: vertices of the route in degrees, ends included.
    """

    length_km: float
    snap_km: float
    lat: tuple[float, ...]
    lon: tuple[float, ...]


@dataclass(frozen=True)
class WaterGrid:
    """Share of water in square cells of ``cell`` degrees; row 0 is the southernmost.

    Attributes:
        west, south: outer corner of cell (0, 0), degrees.
        cell: side in degrees.
        share: water share per cell in [0, 1], shape (rows, columns).
    """

    west: float
    south: float
    cell: float
    share: Floats

    @property
    def passable(self) -> Bools:
        """Cells with some water in them."""
        return np.asarray(self.share > 0.0)

    def cost(self) -> Floats:
        """Cost per km: 1 in open water, up to 3 in cells that are mostly land, -1 closed."""
        cost = 1.0 + 2.0 * (1.0 - np.minimum(self.share / 0.6, 1.0))
        return np.where(self.passable, cost, -1.0)

    def at(self, row: int, column: int) -> tuple[float, float]:
        """Return (lat, lon) of a cell's centre."""
        return self.south + (row + 0.5) * self.cell, self.west + (column + 0.5) * self.cell

    def index(self, lat: float, lon: float) -> tuple[int, int]:
        """Return (row, column) of the cell that holds the point, clipped to the grid."""
        rows, columns = self.share.shape
        row = min(max(int((lat - self.south) / self.cell), 0), rows - 1)
        column = min(max(int((lon - self.west) / self.cell), 0), columns - 1)
        return row, column


def land_mask(
    edges: Floats, west: float, south: float, cell: float, shape: tuple[int, int]
) -> Bools:
    """Rasterise polygons by the even-odd rule: True where a cell's centre is land.

    Args:
        edges: polygon edges as rows (x1, y1, x2, y2) in degrees.
        west, south: outer corner of cell (0, 0).
        cell: side in degrees.
        shape: (rows, columns).

    Every edge toggles its row from the crossing eastward; a running sum modulo 2 gives the mask.
    """
    rows, columns = shape
    x1, y1, x2, y2 = edges.T
    low, high = np.minimum(y1, y2), np.maximum(y1, y2)
    # Half-open rule: a centre exactly on a vertex counts for one of the two edges.
    first = np.ceil((low - south) / cell - 0.5).astype(np.int64)
    last = np.ceil((high - south) / cell - 0.5).astype(np.int64)
    first, last = np.clip(first, 0, rows), np.clip(last, 0, rows)
    count = last - first
    which = np.repeat(np.arange(len(edges)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row = first[which] + offset
    y = south + (row + 0.5) * cell
    x = x1[which] + (y - y1[which]) / (y2[which] - y1[which]) * (x2[which] - x1[which])
    column = np.clip(np.ceil((x - west) / cell - 0.5), 0, columns).astype(np.int64)
    toggles = np.zeros((rows, columns + 1), dtype=np.int32)
    np.add.at(toggles, (row, column), 1)
    return np.asarray(np.cumsum(toggles, axis=1)[:, :columns] % 2 == 1)


def _edges(coast: Coast) -> Floats:
    rings = shapely.get_rings(shapely.get_parts(coast.shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    crosses_rows = (ring[1:] == ring[:-1]) & (xy[1:, 1] != xy[:-1, 1])
    return np.asarray(np.hstack([xy[:-1], xy[1:]])[crosses_rows])


class SeaRouter:
    """Finds routes over water; caches the coast's edges, so that each grid is computed fast."""

    def __init__(self, coast: Coast | None = None) -> None:
        self.coast = coast or load_coast()
        self._all_edges = _edges(self.coast)

    def grid(self, bounds: tuple[float, float, float, float], *, cell: float) -> WaterGrid:
        """Return the water grid of ``bounds`` (west, south, east, north), inside the window."""
        west, south = max(bounds[0], WINDOW[0]), max(bounds[1], WINDOW[1])
        east, north = min(bounds[2], WINDOW[2]), min(bounds[3], WINDOW[3])
        rows = max(int(np.ceil((north - south) / cell)), 2)
        columns = max(int(np.ceil((east - west) / cell)), 2)
        edges = self._all_edges
        low, high = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
        near = edges[(high >= south) & (low <= south + rows * cell)]
        fine = land_mask(
            near, west, south, cell / SUBSAMPLES, (rows * SUBSAMPLES, columns * SUBSAMPLES)
        )
        blocks = fine.reshape(rows, SUBSAMPLES, columns, SUBSAMPLES)
        return WaterGrid(west, south, cell, 1.0 - blocks.mean(axis=(1, 3)))

    def route(self, lat1: float, lon1: float, lat2: float, lon2: float) -> SeaRoute:
        """Return the shortest route over water between two points at or near the shore.

        The search area grows until it contains the ellipse of all shorter routes, so that the
        window of the search does not lengthen the result.

        Raises:
            InputError: a point outside the mapped window.
            ModelError: no route over water, or no open water within 80 km of a point.
        """
        for lat, lon in ((lat1, lon1), (lat2, lon2)):
            if not (WINDOW[0] <= lon <= WINDOW[2] and WINDOW[1] <= lat <= WINDOW[3]):
                west, south, east, north = WINDOW
                raise InputError(
                    "sea.outside", lat=lat, lon=lon, west=west, south=south, east=east, north=north
                )
        straight = geodesic_km(lat1, lon1, lat2, lon2)
        cell = next(side for limit, side in CELLS if straight <= limit)
        margin = max(MARGIN_DEG, 0.25 * straight / KM_PER_DEGREE)
        while True:
            west, east = min(lon1, lon2) - margin, max(lon1, lon2) + margin
            south, north = min(lat1, lat2) - margin, max(lat1, lat2) + margin
            bounds = (west, south, east, north)
            whole = shapely.box(*bounds).covers(shapely.box(*WINDOW))
            grid = self.grid(bounds, cell=cell)
            route = self._search(grid, (lat1, lon1), (lat2, lon2), whole=whole)
            if route is None:
                if whole:
                    raise ModelError("sea.no_route", lat1=lat1, lon1=lon1, lat2=lat2, lon2=lon2)
                margin *= 3.0
            else:
                # Half the minor axis of the ellipse through the route.
                reach = np.sqrt(max(route.length_km**2 - straight**2, 0.0)) / 2 / KM_PER_DEGREE
                if whole or reach <= margin:
                    return route
                margin = float(reach) * 1.05
            width = east - west + 2 * margin
            cell = max(cell, next(s for limit, s in CELLS if width * KM_PER_DEGREE / 3 <= limit))

    def _search(
        self,
        grid: WaterGrid,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        whole: bool,
    ) -> SeaRoute | None:
        sea = _common_sea(grid, start, end, whole=whole)
        if sea is None:
            return None
        starts, ends = _berths(grid, sea, start), _berths(grid, sea, end)
        if not starts or not ends:
            return None
        middle = np.radians((start[0] + end[0]) / 2)
        sides = (grid.cell * KM_PER_DEGREE, grid.cell * KM_PER_DEGREE * float(np.cos(middle)))
        graph = _graph_module()
        finder = graph.MCP_Geometric(grid.cost(), sampling=sides)
        try:
            costs, _ = finder.find_costs(starts, ends, find_all_ends=True)
            last = min(ends, key=lambda cell: costs[cell] + geodesic_km(*end, *grid.at(*cell)))
            cells: list[tuple[int, int]] = finder.traceback(last)
        except ValueError:
            return None
        first = cells[0]
        corners = [grid.at(*cell) for cell in _taut(grid.passable, cells)]
        snap = geodesic_km(*start, *corners[0]) + geodesic_km(*end, *corners[-1])
        # A point that is already in a water cell is not moved.
        if grid.index(*start) == first and len(corners) > 1:
            corners[0], snap = start, snap - geodesic_km(*start, *grid.at(*first))
        if grid.index(*end) == last and len(corners) > 1:
            corners[-1], snap = end, snap - geodesic_km(*end, *grid.at(*last))
        way = [start, *corners, end]
        length = sum(geodesic_km(*a, *b) for a, b in pairwise(way))
        for side in (geodesic_km(*way[0], *way[1]), geodesic_km(*way[-1], *way[-2])):
            if side > RIVER_FROM_KM and side <= snap + 1e-9:
                length += (RIVER_DETOUR - 1.0) * side
        return SeaRoute(
            length_km=max(length, geodesic_km(*start, *end)),
            snap_km=max(snap, 0.0),
            lat=tuple(point[0] for point in way),
            lon=tuple(point[1] for point in way),
        )


def _graph_module() -> Any:
    try:
        return importlib.import_module("skimage.graph")
    except ImportError as error:
        raise StateError("sea.no_scikit_image") from error


def _common_sea(
    grid: WaterGrid, start: tuple[float, float], end: tuple[float, float], *, whole: bool
) -> Bools | None:
    """Return the body of water that both points adjoin, or None where there is none.

    An island as long as the search area separates the sea on its two sides. A port on one shore
    must not be moved to the other because the sea there is larger, so the area has to grow
    until both points adjoin one body of water. Ponds, closed within the area, are excluded. On
    the whole map the largest body of water is the sea.
    """
    labels, count = ndimage.label(grid.passable, structure=np.ones((3, 3)))
    if count == 0:
        return None
    largest = int(np.bincount(labels.ravel())[1:].argmax()) + 1
    if whole:
        return np.asarray(labels == largest)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    open_water = np.isin(labels, [*np.unique(border[border > 0]), largest])
    bodies = []
    for point in (start, end):
        nearest = _berths(grid, open_water, point, choice=0.0)
        if not nearest:
            return None
        bodies.append({int(labels[cell]) for cell in nearest})
    common = bodies[0] & bodies[1]
    return np.asarray(labels == min(common)) if common else None


def _berths(
    grid: WaterGrid, sea: Bools, point: tuple[float, float], *, choice: float = SNAP_CHOICE
) -> list[tuple[int, int]]:
    """Return the sea cells a point may be moved to: its own cell, else the nearest ones.

    The farther inland a point is, the less certain is its shore: cells up to 1.8 times as far as
    the nearest are candidates too, and the shortest route decides.
    """
    row, column = grid.index(*point)
    if sea[row, column]:
        return [(row, column)]
    reach = int(np.ceil(SNAP_LIMIT_KM / KM_PER_DEGREE / grid.cell))
    top, left = max(row - reach, 0), max(column - reach, 0)
    rows, columns = np.nonzero(sea[top : row + reach + 1, left : column + reach + 1])
    if not rows.size:
        return []
    rows, columns = rows + top, columns + left
    squeeze = np.cos(np.radians(point[0]))
    km = np.hypot(rows - row, (columns - column) * squeeze) * grid.cell * KM_PER_DEGREE
    nearest = float(km.min())
    near = km <= nearest + 0.3 + choice * nearest
    return list(zip(rows[near].tolist(), columns[near].tolist(), strict=True))


def _line(a: tuple[int, int], b: tuple[int, int], *, density: int) -> tuple[Ints, Ints]:
    """Return rows and columns of the cells on the straight line from ``a`` to ``b``."""
    steps = density * max(abs(a[0] - b[0]), abs(a[1] - b[1])) + 1
    rows = np.rint(np.linspace(a[0], b[0], steps)).astype(np.int64)
    columns = np.rint(np.linspace(a[1], b[1], steps)).astype(np.int64)
    return rows, columns


def _visible(passable: Bools, a: tuple[int, int], b: tuple[int, int]) -> bool:
    rows, columns = _line(a, b, density=2)
    return bool(passable[rows, columns].all())


def _taut(passable: Bools, cells: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Shorten a path of cells by lines of sight, from both ends in turn, until it is stable."""
    corners = _corners(passable, cells)
    for _ in range(8):
        dense: list[tuple[int, int]] = [corners[-1]]
        for a, b in pairwise(corners[::-1]):
            rows, columns = _line(a, b, density=1)
            dense.extend(zip(rows[1:].tolist(), columns[1:].tolist(), strict=True))
        tighter = _corners(passable, dense)[::-1]
        if _span(tighter) >= _span(corners) - 1e-9 and len(tighter) >= len(corners):
            break
        corners = tighter
    return corners


def _span(cells: list[tuple[int, int]]) -> float:
    return float(sum(np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(cells)))


def _corners(passable: Bools, cells: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep only corners between which the line of sight is water."""
    corners = [cells[0]]
    here = 0
    while here < len(cells) - 1:
        # Gallop forward while the view is free, then halve the gap.
        step = 1
        good = here + 1
        while good < len(cells) - 1:
            ahead = min(here + 2 * step, len(cells) - 1)
            if not _visible(passable, cells[here], cells[ahead]):
                break
            good, step = ahead, 2 * step
        low, high = good, min(here + 2 * step, len(cells) - 1)
        while high - low > 1:
            middle = (low + high) // 2
            if _visible(passable, cells[here], cells[middle]):
                low = middle
            else:
                high = middle
        here = low
        corners.append(cells[here])
    return corners


@lru_cache(maxsize=1)
def _router() -> SeaRouter:
    return SeaRouter()


def sea_length_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the length over water in km between two points of the embedded map."""
    return _router().route(lat1, lon1, lat2, lon2).length_km
