"""land.geojson.gz: coastline polygons of the window, one feature per island (GSHHG, LGPL).

The resolutions of GSHHG share polygon ids: high (about 0.2 km) is used everywhere, full (about
0.1 km, simplified to 50 m) inside the pilot boxes, and islands that only full has are added
everywhere. Lakes count as land: no leg of the network crosses one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

from geo.coast import GEOD, WINDOW
from geo.rebuild.files import gzip_bytes, json_bytes, read_rows, write_atomic
from geo.rebuild.sources import Sources, gshhg_folder

# West, south, east, north in degrees: where small islands and landings matter most.
PILOT_BOXES = {
    "NTT": (118.6, -11.2, 125.6, -7.9),
    "Kepri": (103.0, -1.2, 109.4, 5.0),
    "Kaltara": (116.6, 1.9, 118.4, 4.7),
}
PILOT: BaseGeometry = shapely.union_all([box(*bounds) for bounds in PILOT_BOXES.values()])
PILOT_TOLERANCE_DEG = 0.0005
DECIMALS = 4
SLIT_DEG = 0.0003
MAIN_ISLANDS = {
    (110.0, -7.3): "Pulau Jawa", (101.5, -0.5): "Pulau Sumatera", (114.0, 0.0): "Pulau Kalimantan",
    (120.3, -2.5): "Pulau Sulawesi", (138.0, -4.5): "Pulau Papua", (124.5, -9.5): "Pulau Timor",
    (118.0, -8.6): "Pulau Sumbawa", (102.0, 4.0): "Semenanjung Malaya",
}  # fmt: skip
"""Name of the island at a point (lon, lat)."""
ISLET_DEG2 = 0.002
CLEARLY_DEEPER = 2.0
"""How many times as far from the shore as the next an uninhabited name has to lie to be the one."""


@dataclass(frozen=True)
class Shore:
    """One GSHHG land polygon: its id and the outline that meets the window."""

    gshhg_id: str
    outline: Polygon


def read_gshhg(
    folder: Path, resolution: str, bounds: tuple[float, float, float, float] = WINDOW
) -> Iterator[Shore]:
    """Yield the land polygons (level 1) of ``resolution`` that meet ``bounds``, by default the
    window. Outlines across 180 degrees have longitudes beyond it.
    """
    west, south, east, north = bounds
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
    parts = polygons(shapely.get_parts(valid))
    return shapely.union_all(parts, grid_size=10.0**-DECIMALS)


def polygons(geometry: Any) -> list[Polygon]:
    """Return the polygons of a geometry or an array of them; lines and points are dropped."""
    return [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]


def merge(high: Polygon | None, full: Polygon) -> BaseGeometry:
    """Return one island: full resolution inside the pilot boxes, high resolution elsewhere."""
    window = box(*WINDOW)
    if high is None or PILOT.contains(full):
        shore: BaseGeometry = full
        if high is not None or PILOT.intersects(full):
            shore = full.simplify(PILOT_TOLERANCE_DEG, preserve_topology=True)
        return polygonal(shore if window.contains(full) else shore.intersection(window))
    if not PILOT.intersects(full):
        return polygonal(high if window.contains(high) else high.intersection(window))
    fine = shapely.make_valid(full).intersection(PILOT)
    fine = fine.simplify(PILOT_TOLERANCE_DEG, preserve_topology=True)
    coarse = shapely.make_valid(high).intersection(window).difference(PILOT)
    joined = shapely.union_all([fine, coarse])
    # rounding may leave a slit where the two meet; without it the island is one again
    seam = joined.intersection(PILOT.boundary.buffer(10 * SLIT_DEG))
    closed = seam.buffer(SLIT_DEG, quad_segs=2).buffer(-SLIT_DEG, quad_segs=2)
    return polygonal(shapely.union_all([joined, closed]))


def without_overlaps(islands: list[tuple[int, BaseGeometry]]) -> list[tuple[int, BaseGeometry]]:
    """Make the islands disjoint, sorted by id.

    GSHHG has some islands twice with a small offset (Pulau Ende): a shape of which a third or more
    lies in a larger one is a duplicate and dropped; smaller overlaps are cut away.
    """
    order = sorted(islands, key=lambda item: (-item[1].area, item[0]))
    tree = shapely.STRtree([shape for _, shape in order])
    disjoint: dict[int, BaseGeometry] = {}
    for index, (_, shape) in enumerate(order):
        rest = shape
        for larger in sorted(tree.query(shape, predicate="intersects").tolist()):
            if larger in disjoint:
                rest = rest.difference(disjoint[larger])
        if rest.area >= 2 / 3 * shape.area:
            disjoint[index] = shape if rest.area == shape.area else polygonal(rest)
    islands = [(order[index][0], shape) for index, shape in disjoint.items() if not shape.is_empty]
    return sorted(islands, key=lambda item: item[0])


def island_names(shapes: list[BaseGeometry], folder: Path) -> list[str]:
    """Name each shape by the official island point inside it.

    A point across provinces (code NN.00) names a main island; then come the populated ones, and of
    those the point farthest from the shore: an islet whose point falls on the outline of a large
    island lies at its edge (Kura on Pantar, Podok on Waigeo). An uninhabited islet inside a large
    shape is a rock off its shore, not its name, and among several in a small one only the point
    that lies much deeper than the others is taken; without such a one the shape has no name.
    """
    tree = shapely.STRtree(shapes)
    rows = read_rows(folder / "islands.csv.gz")
    points = shapely.points([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows])
    found: dict[int, list[tuple[int, float, str, str]]] = {}
    pairs = tree.query(points, predicate="intersects")
    for row_index, shape_index in zip(*pairs.tolist(), strict=True):
        row, shape = rows[row_index], shapes[shape_index]
        rank = 0 if not row["regency_code"] else 1 if row["populated"] == "yes" else 2
        if rank == 2 and shape.area > ISLET_DEG2:
            continue
        depth = round(shape.boundary.distance(points[row_index]), DECIMALS)
        found.setdefault(shape_index, []).append((rank, -depth, row["code"], row["name"]))
    names = {index: _name_of(sorted(keys)) for index, keys in found.items()}
    for (lon, lat), name in MAIN_ISLANDS.items():
        for index in tree.query(shapely.Point(lon, lat), predicate="intersects").tolist():
            names[index] = name
    return [names.get(i, "") for i in range(len(shapes))]


def _name_of(keys: list[tuple[int, float, str, str]]) -> str:
    """The name of the first of ``(rank, -depth, code, name)``, empty where it is not clear."""
    first, *others = keys
    unclear = first[0] == 2 and any(-first[1] < CLEARLY_DEEPER * -key[1] for key in others)
    return "" if unclear else first[3]


def build(sources: Sources) -> list[str]:
    """Write land.geojson.gz; properties ``island_id`` (stable), ``name``, ``area_km2``."""
    folder = gshhg_folder()
    high = {shore.gshhg_id: shore.outline for shore in read_gshhg(folder, "h")}
    merged: list[tuple[int, BaseGeometry]] = []
    for shore in read_gshhg(folder, "f"):
        # GSHHG marks the parts of the Afro-Eurasian polygon by a suffix: 0-E, 0-W.
        identity = int(shore.gshhg_id.split("-")[0])
        shape = merge(high.get(shore.gshhg_id), shore.outline)
        if not shape.is_empty:
            merged.append((identity, shape))
    merged = without_overlaps(merged)
    shapes = [shape for _, shape in merged]
    names = island_names(shapes, sources.out)
    features: list[tuple[dict[str, Any], BaseGeometry]] = []
    for (identity, shape), name in zip(merged, names, strict=True):
        area = abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6
        properties = {"island_id": f"i{identity}", "name": name, "area_km2": round(area, 3)}
        features.append((properties, shape))
    raw = geojson_bytes("land", features, decimals=DECIMALS)
    write_atomic(sources.out / "land.geojson.gz", gzip_bytes(raw))
    points = int(shapely.get_num_coordinates(shapes).sum())
    return [f"land.geojson.gz: {len(features)} islands, {points} points"]


def valid_at(geometry: BaseGeometry, *, decimals: int) -> BaseGeometry:
    """Put polygons on the grid of ``decimals`` without breaking them; tiny ones are kept finer."""
    coarse = shapely.set_precision(geometry, 10.0**-decimals)
    parts = [part for part in polygons(coarse) if not part.is_empty]
    return MultiPolygon(parts) if parts else geometry


def geojson_bytes(
    name: str, features: Iterable[tuple[dict[str, Any], BaseGeometry]], *, decimals: int
) -> bytes:
    """Return a FeatureCollection of (properties, geometry), coordinates rounded to ``decimals``."""

    def rounded(value: Any) -> Any:
        if isinstance(value, (int, float)):
            return round(float(value), decimals)
        return [rounded(item) for item in value]

    documents = []
    for properties, shape in features:
        geometry = mapping(shapely.normalize(shape))
        geometry = {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}
        documents.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return json_bytes({"type": "FeatureCollection", "name": name, "features": documents})
