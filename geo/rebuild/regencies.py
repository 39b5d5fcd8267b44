"""regencies.geojson.gz: approximate cells of the 514 regencies, until official ones are imported.

On every island the land goes to the regency of the nearest known point (Thiessen cells of decided
settlements, regency seats and official islands), so a cell shows roughly where a regency lies and
never a legal boundary: each feature says ``approximate``. Only points on the same island speak for
it, hence no cell crosses a strait to a stranger.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo.errors import PetajagaError
from geo.rebuild.basemap import countries_of_land
from geo.rebuild.files import gzip_bytes, json_bytes, read_rows, write_atomic
from geo.rebuild.land import PILOT_BOXES, polygonal, rounded, valid_at
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
    tree = shapely.STRtree(land)
    spots = shapely.points([p[0] for p in points], [p[1] for p in points])
    on: dict[int, list[int]] = defaultdict(list)
    (rows, owners), distance = tree.query_nearest(spots, return_distance=True, all_matches=False)
    for row, owner, gap in zip(rows.tolist(), owners.tolist(), distance.tolist(), strict=True):
        if gap <= NEAR_LAND_DEG:
            on[owner].append(row)
    every = shapely.STRtree(spots)
    given: dict[str, list[BaseGeometry]] = defaultdict(list)
    for index, ground in enumerate(land):
        members = on.get(index, [])
        codes = sorted({points[i][2] for i in members})
        if len(codes) <= 1:
            code = codes[0] if codes else points[int(every.nearest(ground.centroid))][2]
            given[code].append(ground)
            continue
        for code, area in _thiessen([points[i] for i in members], ground).items():
            piece = polygonal(area.intersection(ground))
            if not piece.is_empty:
                given[code].append(piece)
    return given


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
    land = [
        part
        for ground in countries_of_land(sources)[INDONESIA]
        for part in shapely.get_parts(ground)
    ]
    given = cells(land, regency_points(sources))
    lacking = [code for code in wanted if code not in given]
    if lacking:
        raise PetajagaError("rebuild.no_cell", code=lacking[0])
    whole = [shapely.union_all(given[code], grid_size=1e-4) for code in wanted]
    pilot = shapely.union_all([shapely.box(*bounds) for bounds in PILOT_BOXES.values()])
    features: list[dict[str, Any]] = []
    light = shapely.coverage_simplify(whole, TOLERANCE_DEG)
    for code, geometry in zip(wanted, light, strict=True):
        parts = [p for p in shapely.get_parts(geometry) if isinstance(p, shapely.Polygon)]
        largest = max(part.area for part in parts)
        # Islets are kept where they are all there is, and in the pilot provinces.
        least = LEAST_DEG2 if pilot.intersects(geometry) else 40 * LEAST_DEG2
        kept = [part for part in parts if part.area >= min(least, largest)]
        shown = valid_at(shapely.MultiPolygon(kept), decimals=DECIMALS)
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code, "name": areas[code], "approximate": True},
                "geometry": rounded(mapping(shapely.normalize(shown)), decimals=DECIMALS),
            }
        )
    raw = gzip_bytes(
        json_bytes({"type": "FeatureCollection", "name": "regencies", "features": features})
    )
    write_atomic(sources.out / "regencies.geojson.gz", raw)
    return [f"regencies.geojson.gz: {len(features)} cells, {len(raw) // 1000} kB"]
