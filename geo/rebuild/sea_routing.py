"""Routes over water between two points: least-cost paths on water grids made from the coastline.

A first path is found on a grid whose cells suit the span (270 m for a strait crossing, 2.2 km for
the longest lines), with scikit-image's ``MCP_Geometric`` (Dijkstra on eight neighbours with true
cell sides). Water near a shore costs more, so that a ship keeps clear of it where it has room, and
a cell that is partly land much more, so that straits narrower than a cell stay open. Lines of
sight that cost no more than the path replace it, which removes the zigzag of the grid. Wherever
the result touches land, and at both ends, it is searched again on finer grids, down to 70 m.

The length is measured on the ellipsoid and is never shorter than the geodesic. A point on land is
joined to the nearest water by a straight line; beyond 5 km that counts as a river, with a detour
factor.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geo.coast import KM_PER_DEGREE, WINDOW, Coast, geodesic_km, load_coast
from geo.errors import InputError, ModelError, StateError

__all__ = ["SeaRoute", "SeaRouter", "WaterGrid"]

# Span of the crossing in km -> cell side in degrees.
CELLS = ((70.0, 0.0025), (260.0, 0.005), (900.0, 0.01), (float("inf"), 0.02))
FINEST_CELL_DEG = 0.000625
FINEST_ROUNDS = 4
"""Searches with the finest cells at most, until the route is off land."""
REFINEMENT = 4
"""How many times finer the cells of each next search are."""
PIECE_CELLS = 2_000_000
"""Largest grid of a finer search; a longer piece has larger cells."""
SUBSAMPLES = 3
MARGIN_DEG = 0.3
# Cost per km beside a shore, in open water 1, and how it falls with the distance.
SHORE_COST = 1.0
SHORE_DEG = 0.025
LAND_COST = 30.0
"""Cost per km, on top, of a finest cell for its share of land; the larger a cell, the less its land
says of a passage through it."""
SIGHT_SLACK = 1.002
"""A line of sight may cost this much more than the path it replaces: fewer corners."""
DETOUR = 0.9
"""A straight line off land this long, over what it cuts off, replaces a detour."""
SNAP_LIMIT_KM = 80.0
# A snap longer than this follows a river (detour factor assumed, confidence low).
RIVER_FROM_KM = 5.0
RIVER_DETOUR = 1.4
SNAP_CHOICE = 0.8
# Wider water than this on the line from a point on land is the sea.
RIVER_GAP_DEG = 0.05
TOLERANCES_DEG = (0.01, 0.003, 0.001, 0.0003)
"""Simplification of the line: the first of these that keeps it off land."""
TILE_DEG = 0.5
TOUCH_DEG = 1e-4
"""A line this far on land touches it only."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Point = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True)
class SeaRoute:
    """A route over water.

    Attributes:
        length_km: full length with both snaps, at least the geodesic.
        snap_km: part of it between points on land and the water they were moved to.
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
        """Cost per km: 1 in open water, more near a shore and in cells partly land, -1 closed."""
        offshore = ndimage.distance_transform_edt(np.pad(self.share == 1.0, 1, mode="edge"))
        shore = SHORE_COST * np.exp(-offshore[1:-1, 1:-1] * self.cell / SHORE_DEG)
        land = LAND_COST * FINEST_CELL_DEG / self.cell * (1.0 - self.share)
        return np.where(self.passable, 1.0 + shore + land, -1.0)

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


def ring_edges(shapes: Any) -> Floats:
    """The edges of polygons that are not level, as rows (x1, y1, x2, y2) of :func:`land_mask`."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    crosses_rows = (ring[1:] == ring[:-1]) & (xy[1:, 1] != xy[:-1, 1])
    return np.asarray(np.hstack([xy[:-1], xy[1:]])[crosses_rows])


def _tiles(shapes: Sequence[Any]) -> list[Any]:
    """Cut polygons into parts of at most half a degree, which are quicker to test."""
    parts: list[Any] = []
    waiting = list(shapely.get_parts(np.asarray(shapes, dtype=object)))
    while waiting:
        part = waiting.pop()
        west, south, east, north = part.bounds
        if max(east - west, north - south) <= TILE_DEG:
            parts.append(part)
            continue
        if east - west >= north - south:
            middle = (west + east) / 2
            halves = [(west, south, middle, north), (middle, south, east, north)]
        else:
            middle = (south + north) / 2
            halves = [(west, south, east, middle), (west, middle, east, north)]
        for bounds in halves:
            half = shapely.get_parts(shapely.intersection(part, shapely.box(*bounds)))
            waiting.extend(piece for piece in half if piece.geom_type == "Polygon")
    return parts


class SeaRouter:
    """Finds routes over water; caches the coast's edges, so that each grid is computed fast."""

    def __init__(self, coast: Coast | None = None) -> None:
        self.coast = coast or load_coast()
        self._all_edges = ring_edges(self.coast.shapes)
        self._land = shapely.STRtree(_tiles(list(self.coast.shapes)))

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
        """Return the best route over water between two points at or near the shore.

        The search area grows until it contains the ellipse of all shorter routes, so that the
        window of the search does not lengthen the result.

        Raises:
            InputError: a point outside the mapped window.
            ModelError: no route over water, or no open water within 80 km of a point.
        """
        start, end = (lat1, lon1), (lat2, lon2)
        for lat, lon in (start, end):
            if not (WINDOW[0] <= lon <= WINDOW[2] and WINDOW[1] <= lat <= WINDOW[3]):
                west, south, east, north = WINDOW
                raise InputError(
                    "sea.outside", lat=lat, lon=lon, west=west, south=south, east=east, north=north
                )
        way, cell = self._first_path(start, end)
        head, at_sea, tail = self._berthed(way)
        finer = int(np.ceil(np.log(cell / FINEST_CELL_DEG) / np.log(REFINEMENT)))
        for _ in range(finer + FINEST_ROUNDS):
            cell = max(cell / REFINEMENT, FINEST_CELL_DEG)
            way = self._refined(way, cell)
            head, at_sea, tail = self._berthed(way)
            if cell == FINEST_CELL_DEG and not self._ashore(_line_string(at_sea)):
                break
        way = self._simplified(self._straightened(at_sea))
        length = sum(geodesic_km(*a, *b) for a, b in pairwise(way))
        snaps = [geodesic_km(*start, *way[0]), geodesic_km(*end, *way[-1])]
        length += sum(km * (RIVER_DETOUR if km > RIVER_FROM_KM else 1.0) for km in snaps)
        way = [*head, *way, *tail]
        return SeaRoute(
            length_km=max(length, geodesic_km(*start, *end)),
            snap_km=sum(snaps),
            lat=tuple(point[0] for point in way),
            lon=tuple(point[1] for point in way),
        )

    def _first_path(self, start: Point, end: Point) -> tuple[list[Point], float]:
        """The path on a grid that suits the span, and the side of its cells."""
        straight = geodesic_km(*start, *end)
        cell = next(side for limit, side in CELLS if straight <= limit)
        margin = max(MARGIN_DEG, 0.25 * straight / KM_PER_DEGREE)
        while True:
            bounds = _around([start, end], margin)
            whole = shapely.box(*bounds).covers(shapely.box(*WINDOW))
            way = self._search(self.grid(bounds, cell=cell), start, end, whole=whole)
            if way is None:
                if whole:
                    raise ModelError(
                        "sea.no_route", lat1=start[0], lon1=start[1], lat2=end[0], lon2=end[1]
                    )
                margin *= 3.0
            else:
                # Half the minor axis of the ellipse through the route.
                length = sum(geodesic_km(*a, *b) for a, b in pairwise(way))
                reach = np.sqrt(max(length**2 - straight**2, 0.0)) / 2 / KM_PER_DEGREE
                if whole or reach <= margin:
                    return way, cell
                margin = float(reach) * 1.05
            width = bounds[2] - bounds[0] + 2 * margin
            cell = max(cell, next(s for limit, s in CELLS if width * KM_PER_DEGREE / 3 <= limit))

    def _search(
        self, grid: WaterGrid, start: Point, end: Point, *, whole: bool = False
    ) -> list[Point] | None:
        """The path from ``start`` to ``end``, both included; None where the grid has none.

        A point in a water cell is the path's end; another is joined to its berth.
        """
        sea = _common_sea(grid, start, end, whole=whole)
        if sea is None:
            return None
        starts, ends = _berths(grid, sea, start), _berths(grid, sea, end)
        if not starts or not ends:
            return None
        middle = np.radians((start[0] + end[0]) / 2)
        sides = (grid.cell * KM_PER_DEGREE, grid.cell * KM_PER_DEGREE * float(np.cos(middle)))
        cost = grid.cost()
        finder = _graph_module().MCP_Geometric(cost, sampling=sides)
        try:
            costs, _ = finder.find_costs(starts, ends, find_all_ends=True)
            last = min(ends, key=lambda cell: costs[cell] + geodesic_km(*end, *grid.at(*cell)))
            cells: list[tuple[int, int]] = finder.traceback(last)
        except ValueError:
            return None
        corners = [grid.at(*cell) for cell in _taut(cost, cells)]
        if grid.index(*start) == cells[0]:
            corners = corners[1:]
        if grid.index(*end) == last:
            corners = corners[:-1]
        return [start, *corners, end]

    def _refined(self, way: list[Point], cell: float) -> list[Point]:
        """Search again with finer cells both ends of a path and every piece that touches land."""
        line = _line_string(way)
        pad = 3 * REFINEMENT * cell
        at = np.concatenate(
            [[0.0], np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T))]
        )
        at[-1] = whole = line.length
        spans = [(0.0, at[1] if self.coast.is_land(*way[0]) else 0.0)]
        spans += [(at[-2] if self.coast.is_land(*way[-1]) else whole, whole)]
        spans += self._on_land(line)
        spans = [
            (self._clear(line, low - pad, -cell), self._clear(line, high + pad, cell))
            for low, high in spans
        ]
        refined: list[Point] = []
        reached = 0.0
        for low, high in _merged(spans):
            refined += [p for p, s in zip(way, at, strict=True) if reached <= s < low]
            ends = [_at(line, low), _at(line, high)]
            inside = [p for p, s in zip(way, at, strict=True) if low < s < high]
            refined += self._piece([ends[0], *inside, ends[1]], cell)[:-1]
            refined.append(ends[1])
            reached = np.nextafter(high, np.inf)
        return refined + [p for p, s in zip(way, at, strict=True) if s >= reached]

    def _piece(self, way: list[Point], cell: float) -> list[Point]:
        """Search a piece of a path again; it stays as it is where a finer grid has no path."""
        for margin in (10 * REFINEMENT * cell, 40 * REFINEMENT * cell):
            west, south, east, north = bounds = _around(way, margin)
            cell = max(cell, float(np.sqrt((east - west) * (north - south) / PIECE_CELLS)))
            piece = self._search(self.grid(bounds, cell=cell), way[0], way[-1])
            if piece is not None:
                return piece
        return way

    def _on_land(self, line: shapely.LineString) -> list[tuple[float, float]]:
        """The pieces of a line on land, as distances along it in degrees."""
        land = self._land.geometries[np.sort(self._land.query(line, predicate="intersects"))]
        parts = shapely.get_parts(shapely.intersection(land, line))
        return [
            (float(ends.min()), float(ends.max()))
            for ends in (
                np.asarray(
                    shapely.line_locate_point(line, shapely.points(shapely.get_coordinates(part)))
                )
                for part in parts[~shapely.is_empty(parts)].tolist()
            )
        ]

    def _ashore(self, line: shapely.LineString) -> float:
        """Length on land in degrees; under ten metres counts as none."""
        length = sum(high - low for low, high in self._on_land(line))
        return length if length > TOUCH_DEG else 0.0

    def _clear(self, line: shapely.LineString, at: float, step: float) -> float:
        """Move along the line until the point is two steps clear of any shore, or an end."""
        while 0.0 < at < line.length:
            point = line.interpolate(at)
            if not self._land.query(point, predicate="dwithin", distance=2 * abs(step)).size:
                return at
            at += step
        return min(max(at, 0.0), line.length)

    def _berthed(self, way: list[Point]) -> tuple[list[Point], list[Point], list[Point]]:
        """Split a path into a first point on land, the part over water and a last one on land.

        Where a side starts on land, the part over water starts where the side leaves it.
        """
        sides: list[tuple[list[Point], Point]] = []
        for first, second in (way[:2], way[:-3:-1]):
            if not self.coast.is_land(*first):
                sides.append(([], first))
                continue
            side = _line_string([first, second])
            shore = 0.0
            for low, high in sorted(self._on_land(side)):
                if low <= shore + RIVER_GAP_DEG:
                    shore = max(shore, high)
            sides.append(([first], _at(side, min(shore + TOUCH_DEG, side.length))))
        (head, start), (tail, end) = sides
        return head, [start, *way[1:-1], end], tail

    def _straightened(self, way: list[Point]) -> list[Point]:
        """Cut off detours of a tenth and more where the straight line is off land.

        Such are left where a first path met an island that its grid was too coarse for.
        """
        points = [shapely.Point(lon, lat) for lat, lon in way]
        sides = [a.distance(b) for a, b in pairwise(points)]
        at = np.concatenate([[0.0], np.cumsum(sides)])
        kept = [0]
        while kept[-1] < len(way) - 1:
            here = kept[-1]
            kept.append(
                next(
                    (
                        ahead
                        for ahead in range(len(way) - 1, here + 1, -1)
                        if points[here].distance(points[ahead]) <= DETOUR * (at[ahead] - at[here])
                        and not self._ashore(_line_string([way[here], way[ahead]]))
                    ),
                    here + 1,
                )
            )
        return [way[k] for k in kept]

    def _simplified(self, way: list[Point]) -> list[Point]:
        """Drop corners as long as no more of the line is on land."""
        line = _line_string(way)
        for tolerance in TOLERANCES_DEG:
            simple = shapely.LineString(shapely.get_coordinates(line.simplify(tolerance)))
            if self._ashore(simple) <= self._ashore(line):
                return [(lat, lon) for lon, lat in shapely.get_coordinates(simple).tolist()]
        return way


def _line_string(way: Sequence[Point]) -> shapely.LineString:
    return shapely.LineString([(lon, lat) for lat, lon in way])


def _at(line: shapely.LineString, distance: float) -> Point:
    point = line.interpolate(distance)
    return point.y, point.x


def _around(way: Sequence[Point], margin: float) -> tuple[float, float, float, float]:
    lats, lons = zip(*way, strict=True)
    return min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Disjoint spans in order."""
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


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


def _taut(cost: Floats, cells: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Replace a path of cells by lines of sight that cost no more, from both ends in turn."""
    corners = _corners(cost, cells)
    for _ in range(8):
        dense: list[tuple[int, int]] = [corners[-1]]
        for a, b in pairwise(corners[::-1]):
            rows, columns = _line(a, b, density=1)
            dense.extend(zip(rows[1:].tolist(), columns[1:].tolist(), strict=True))
        tighter = _corners(cost, dense)[::-1]
        if tighter == corners:
            break
        corners = tighter
    return corners


def _corners(cost: Floats, cells: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep only corners between which the straight line costs no more than the path."""
    rows, columns = np.asarray(cells).T
    here_cost = cost[rows, columns]
    steps = np.hypot(np.diff(rows), np.diff(columns))
    spent = np.concatenate([[0.0], np.cumsum(steps * (here_cost[1:] + here_cost[:-1]) / 2)])

    def sees(a: int, b: int) -> bool:
        sampled = cost[_line(cells[a], cells[b], density=2)]
        straight = float(np.hypot(rows[b] - rows[a], columns[b] - columns[a]))
        path = float(spent[b] - spent[a])
        return bool((sampled > 0).all()) and sampled.mean() * straight <= SIGHT_SLACK * path

    corners = [cells[0]]
    here = 0
    while here < len(cells) - 1:
        # Gallop forward while the view is free, then halve the gap.
        step = 1
        good = here + 1
        while good < len(cells) - 1:
            ahead = min(here + 2 * step, len(cells) - 1)
            if not sees(here, ahead):
                break
            good, step = ahead, 2 * step
        low, high = good, min(here + 2 * step, len(cells) - 1)
        while high - low > 1:
            middle = (low + high) // 2
            if sees(here, middle):
                low = middle
            else:
                high = middle
        here = low
        corners.append(cells[here])
    return corners
