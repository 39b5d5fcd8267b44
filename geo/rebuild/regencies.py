"""regencies.geojson.gz: approximate cells of the 514 regencies, until official ones are imported.

On every island the land goes to the regency of the nearest known point (Thiessen cells of decided
settlements, regency seats and official islands), so a cell shows roughly where a regency lies and
never a legal boundary: each feature says ``approximate``. An island is divided only among points on
it, hence no cell extends across a strait.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import PetajagaError
from geo.rebuild.basemap import countries_of_land
from geo.rebuild.files import gzip_bytes, read_rows, write_atomic
from geo.rebuild.land import PILOT, geojson_bytes, polygonal, polygons, valid_at
from geo.rebuild.sources import Sources

INDONESIA = "360"
TOLERANCE_DEG = 0.004
LEAST_DEG2 = 2e-6
NEAR_LAND_DEG = 0.03
DECIMALS = 3


def regency_points(sources: Sources) -> list[tuple[float, float, str]]:
    """Return (lon, lat, regency code) of seats, settlements and official islands, no repeats."""
    codes: dict[tuple[float, float], str] = {}
    for name in ("regency_seats.csv", "settlements.csv.gz", "islands.csv.gz"):
        for row in read_rows(sources.out / name):
            code = row.get("regency_code") or (row["code"] if name.startswith("regency") else "")
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
            for code, area in _thiessen(members, ground).items():
                piece = polygonal(area.intersection(ground))
                if not piece.is_empty:
                    pieces[code].append(piece)
        else:
            code = codes.pop() if codes else points[int(place_tree.nearest(ground.centroid))][2]
            pieces[code].append(ground)
    return pieces


def _thiessen(
    points: list[tuple[float, float, str]], ground: BaseGeometry
) -> dict[str, BaseGeometry]:
    """Dissolved Voronoi cells by regency; longitude squeezed so that distances are even."""
    squeeze = float(np.cos(np.radians(ground.centroid.y)))
    places = shapely.MultiPoint([(lon * squeeze, lat) for lon, lat, _ in points])
    frame = shapely.transform(ground.envelope.buffer(1.0), lambda xy: xy * [squeeze, 1.0])
    diagram = shapely.voronoi_polygons(places, extend_to=frame, ordered=True)
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    for (_, _, code), cell in zip(points, shapely.get_parts(diagram), strict=True):
        parts[code].append(cell)
    return {
        code: shapely.transform(shapely.union_all(cells), lambda xy: xy / [squeeze, 1.0])
        for code, cells in parts.items()
    }


def build(sources: Sources) -> list[str]:
    """Write regencies.geojson.gz with one feature per regency, ``approximate: true``."""
    areas = {r["code"]: r["name"] for r in read_rows(sources.out / "areas.csv.gz")}
    wanted = [code for code in areas if code.count(".") == 1]
    land = shapely.get_parts(countries_of_land(sources)[INDONESIA]).tolist()
    pieces = cells(land, regency_points(sources))
    for code in wanted:
        if code not in pieces:
            raise PetajagaError("rebuild.no_cell", code=code)
    whole = [shapely.union_all(pieces[code], grid_size=1e-4) for code in wanted]
    features: list[tuple[dict[str, Any], BaseGeometry]] = []
    light = shapely.coverage_simplify(whole, TOLERANCE_DEG)
    for code, geometry in zip(wanted, light, strict=True):
        parts = polygons(geometry)
        largest = max(part.area for part in parts)
        # Islets are drawn where they are all there is, and in the pilot provinces.
        least = LEAST_DEG2 if PILOT.intersects(geometry) else 40 * LEAST_DEG2
        cell = shapely.MultiPolygon([part for part in parts if part.area >= min(least, largest)])
        properties = {"code": code, "name": areas[code], "approximate": True}
        features.append((properties, valid_at(cell, decimals=DECIMALS)))
    raw = gzip_bytes(geojson_bytes("regencies", features, decimals=DECIMALS))
    write_atomic(sources.out / "regencies.geojson.gz", raw)
    return [f"regencies.geojson.gz: {len(features)} cells, {len(raw) // 1000} kB"]
