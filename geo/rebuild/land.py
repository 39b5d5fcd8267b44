"""land.geojson.gz: coastline polygons of the window, one feature per island (GSHHG, LGPL).

GSHHG comes in resolutions with the same polygon ids: high (about 0.2 km) is used everywhere, full
(about 0.1 km, thinned to 50 m) inside the pilot boxes, and islands that only the full resolution
knows are added everywhere. Lakes are left as land: no leg of the network sails on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

from geo.rebuild.files import gzip_bytes, json_bytes, read_rows, write_atomic
from geo.rebuild.sources import Sources, gshhg_folder

WINDOW = (94.0, -12.0, 142.0, 8.0)
# West, south, east, north in degrees: where small islands and landings matter most.
PILOT_BOXES = {
    "NTT": (118.6, -11.2, 125.6, -7.9),
    "Kepri": (103.0, -1.2, 109.4, 5.0),
    "Kaltara": (116.6, 1.9, 118.4, 4.7),
}
PILOT_TOLERANCE_DEG = 0.0005
DECIMALS = 4
ISLET_DEG2 = 0.002


@dataclass(frozen=True)
class Shore:
    """One GSHHG land polygon: its id and the outline that meets the window."""

    gshhg_id: str
    outline: Polygon


def read_gshhg(folder: Path, resolution: str) -> Iterator[Shore]:
    """Yield the land polygons (level 1) of ``resolution`` that meet the window."""
    west, south, east, north = WINDOW
    points = np.memmap(folder / f"gshhs_{resolution}.dat", dtype="<f4", mode="r").reshape(-1, 2)
    for line in (folder / f"gshhsmeta_{resolution}.dat").read_text().splitlines():
        kind, _, count, low, high, start, _, identity = line.split()
        if kind != "1" or float(low) > north or float(high) < south:
            continue
        first = int(start) // 8
        ring = np.asarray(points[first : first + int(count)], dtype=float)
        if ring[:, 0].min() > east or ring[:, 0].max() < west:
            continue
        yield Shore(identity, Polygon(ring))


def polygonal(shape: BaseGeometry) -> BaseGeometry:
    """Return only the polygon parts of ``shape``, made valid and put on the output grid."""
    valid = shapely.make_valid(shapely.set_precision(shapely.make_valid(shape), 10.0**-DECIMALS))
    parts = [part for part in shapely.get_parts(valid) if isinstance(part, Polygon)]
    for part in shapely.get_parts(valid):
        if isinstance(part, MultiPolygon):
            parts.extend(part.geoms)
    return shapely.union_all(parts, grid_size=10.0**-DECIMALS)


def merge(high: Polygon | None, full: Polygon, window: BaseGeometry, pilot: BaseGeometry) -> Any:
    """Return one island: full resolution inside the pilot boxes, high resolution elsewhere."""
    if high is None or pilot.contains(full):
        shore: BaseGeometry = full
        if high is not None or pilot.intersects(full):
            shore = full.simplify(PILOT_TOLERANCE_DEG, preserve_topology=True)
        return polygonal(shore if window.contains(full) else shore.intersection(window))
    if not pilot.intersects(full):
        return polygonal(high if window.contains(high) else high.intersection(window))
    fine = shapely.make_valid(full).intersection(pilot)
    fine = fine.simplify(PILOT_TOLERANCE_DEG, preserve_topology=True)
    coarse = shapely.make_valid(high).intersection(window).difference(pilot)
    return polygonal(shapely.union_all([fine, coarse]))


def without_overlaps(islands: list[tuple[int, BaseGeometry]]) -> list[tuple[int, BaseGeometry]]:
    """Make the islands disjoint, sorted by id.

    GSHHG draws some islands twice (Pulau Ende), a little apart: a shape that lies for a third or
    more in a larger one is the same island and dropped; smaller overlaps are cut away.
    """
    order = sorted(islands, key=lambda item: (-item[1].area, item[0]))
    tree = shapely.STRtree([shape for _, shape in order])
    kept: dict[int, BaseGeometry] = {}
    for index, (_, shape) in enumerate(order):
        left = shape
        for other in sorted(tree.query(shape, predicate="intersects").tolist()):
            if other < index and other in kept:
                left = left.difference(kept[other])
        if left.area >= 2 / 3 * shape.area:
            kept[index] = shape if left.area == shape.area else polygonal(left)
    islands = [(order[index][0], shape) for index, shape in kept.items() if not shape.is_empty]
    return sorted(islands, key=lambda item: item[0])


def island_names(shapes: list[BaseGeometry], folder: Path) -> list[str]:
    """Name each shape by the official island point inside it (populated and widest first)."""
    tree = shapely.STRtree(shapes)
    rows = read_rows(folder / "islands.csv.gz")
    points = shapely.points([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows])
    names: dict[int, tuple[int, str, str]] = {}
    pairs = tree.query(points, predicate="intersects")
    for row_index, shape_index in zip(*pairs.tolist(), strict=True):
        row = rows[row_index]
        # A point across provinces (code NN.00) names a main island; then the populated ones. An
        # uninhabited islet inside a large shape is a rock off its shore, not its name.
        rank = 0 if not row["regency_code"] else 1 if row["populated"] == "yes" else 2
        if rank == 2 and shapes[shape_index].area > ISLET_DEG2:
            continue
        key = (rank, row["code"], row["name"])
        if shape_index not in names or key < names[shape_index]:
            names[shape_index] = key
    main = {(110.0, -7.3): "Pulau Jawa", (101.5, -0.5): "Pulau Sumatera"}
    main |= {(114.0, 0.0): "Pulau Kalimantan", (120.3, -2.5): "Pulau Sulawesi"}
    main |= {(138.0, -4.5): "Pulau Papua", (124.5, -9.5): "Pulau Timor"}
    main |= {(118.0, -8.6): "Pulau Sumbawa", (102.0, 4.0): "Semenanjung Malaya"}
    for (lon, lat), name in main.items():
        for index in tree.query(shapely.Point(lon, lat), predicate="intersects").tolist():
            names[index] = (-1, "", name)
    return [names[i][2] if i in names else "" for i in range(len(shapes))]


def build(sources: Sources) -> list[str]:
    """Write land.geojson.gz; properties ``island_id`` (stable), ``name``, ``area_km2``."""
    folder = gshhg_folder()
    window = box(*WINDOW)
    pilot = shapely.union_all([box(*bounds) for bounds in PILOT_BOXES.values()])
    high = {shore.gshhg_id: shore.outline for shore in read_gshhg(folder, "h")}
    merged: list[tuple[int, BaseGeometry]] = []
    for shore in read_gshhg(folder, "f"):
        # GSHHG marks the parts of the Afro-Eurasian polygon by a suffix: 0-E, 0-W.
        identity = int(shore.gshhg_id.split("-")[0])
        shape = merge(high.get(shore.gshhg_id), shore.outline, window, pilot)
        if not shape.is_empty:
            merged.append((identity, shape))
    merged = without_overlaps(merged)
    shapes = [shape for _, shape in merged]
    names = island_names(shapes, sources.out)
    geod = Geod(ellps="WGS84")
    features = []
    for (identity, shape), name in zip(merged, names, strict=True):
        area = abs(geod.geometry_area_perimeter(shape)[0]) / 1e6
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "island_id": f"i{identity}",
                    "name": name,
                    "area_km2": round(area, 3),
                },
                "geometry": rounded(mapping(shapely.normalize(shape)), decimals=DECIMALS),
            }
        )
    document = {"type": "FeatureCollection", "name": "land", "features": features}
    write_atomic(sources.out / "land.geojson.gz", gzip_bytes(json_bytes(document)))
    points = sum(int(shapely.get_num_coordinates(shape)) for shape in shapes)
    return [f"land.geojson.gz: {len(features)} islands, {points} points"]


def valid_at(geometry: BaseGeometry, *, decimals: int) -> BaseGeometry:
    """Put polygons on the grid of ``decimals`` without breaking them; tiny ones are kept finer."""
    coarse = shapely.set_precision(geometry, 10.0**-decimals)
    parts = [part for part in shapely.get_parts(coarse) if isinstance(part, Polygon)]
    parts = [part for part in parts if not part.is_empty]
    return MultiPolygon(parts) if parts else geometry


def rounded(geometry: Any, *, decimals: int) -> dict[str, Any]:
    """Return a GeoJSON geometry with coordinates rounded to ``decimals``."""

    def walk(value: Any) -> Any:
        if isinstance(value, (int, float)):
            return round(float(value), decimals)
        return [walk(item) for item in value]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}
