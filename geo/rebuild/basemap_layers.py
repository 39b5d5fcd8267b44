"""basemap_layers.geojson.gz: what the tiles of the base map are cut from, all layers in one file.

Each feature has ``layer`` and ``min_zoom``, the zoom from which it is drawn:

- ``land``: land.geojson.gz by country (``country``, ISO 3166 alpha-2), to be filled, not outlined:
  large pieces are cut into cells that overlap a little, for tiles are cut from small ones faster;
- ``coast``: its coastline, without the edges along the map window and the borders;
- ``world``: land around the window (GSHHG, intermediate resolution, farther away low), a little of
  it inside too, so that no gap shows along the window; cut into cells as well;
- ``border``: borders between countries (Natural Earth through world-atlas);
- ``river``: rivers of the window (WDBII, full resolution);
- ``island``: official points of islands with their names; ``outlined`` is false where the coast
  has no polygon, and only the point can be drawn; ``area_km2`` is that of the land which the point
  names, 0 of an islet; an islet whose point falls on the land of another name is left out;
- ``place``: seats of regencies with the population of the town (GeoNames; 0 unknown);
- ``country``: names of countries; ``sea``: names of seas, straits and gulfs (seas.csv).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry

from geo.coast import WINDOW, load_coast
from geo.rebuild.basemap import COUNTRIES, countries_of_land
from geo.rebuild.files import gzip_bytes, read_geojson, read_rows, write_atomic
from geo.rebuild.land import MAIN_ISLANDS, geojson_bytes, polygonal, polygons, read_gshhg
from geo.rebuild.sources import Sources, country_topology, gshhg_folder

FILE = "basemap_layers.geojson.gz"
AROUND = (74.0, -32.0, 162.0, 28.0)
"""West, south, east, north: what the page's map can show, and 10 degrees more."""
WORLD = (-180.0, -85.0, 180.0, 85.0)
OVERLAP_DEG = 0.02
LAND_CELL_DEG, WORLD_CELL_DEG = 3.0, 10.0
RIVER_TOLERANCE_DEG = 0.001
RIVER_ZOOMS = ((1.0, 5), (0.4, 7), (0.0, 8))
"""Least length in degrees, and the zoom from which rivers so long are drawn."""
ISLAND_ZOOMS = ((10_000.0, 4), (1_000.0, 5), (200.0, 6), (50.0, 7), (5.0, 8), (0.5, 9))
"""Least area in km2, and the zoom from which the name of an island so large stands."""
AS_DEEP = 0.3
"""An inhabited island whose point lies so deep in the land of another, as a share of how deep the
other's own point lies, is a part of it that the coast does not tell apart (Wokam in Kobroor);
nearer to the shore it is an islet that the coast does not show."""
PLACE_ZOOMS = ((700_000, 4), (150_000, 5), (40_000, 6), (0, 7))
"""Least population, and the zoom from which the name of a seat stands."""
NEAR_SEAT_DEG = 0.1
Feature = tuple[dict[str, Any], BaseGeometry]


def min_zoom(value: float, steps: tuple[tuple[float, int], ...], otherwise: int) -> int:
    """The zoom of the first step that ``value`` reaches."""
    return next((zoom for least, zoom in steps if value >= least), otherwise)


def land(sources: Sources) -> Iterator[Feature]:
    """Land of the window by country."""
    for number, parts in sorted(countries_of_land(sources).items()):
        for part in cells(polygons(parts), LAND_CELL_DEG):
            yield {"layer": "land", "min_zoom": 2, "country": COUNTRIES[number][0]}, part


def cells(parts: list[Polygon], size_deg: float) -> Iterator[Polygon]:
    """Cut polygons larger than a cell of a grid into cells that overlap."""
    for part in parts:
        west, south, east, north = part.bounds
        if max(east - west, north - south) <= size_deg:
            yield part
            continue
        for x in np.arange(np.floor(west / size_deg), np.ceil(east / size_deg)) * size_deg:
            for y in np.arange(np.floor(south / size_deg), np.ceil(north / size_deg)) * size_deg:
                high = (x + size_deg + OVERLAP_DEG, y + size_deg + OVERLAP_DEG)
                cell = shapely.box(x - OVERLAP_DEG, y - OVERLAP_DEG, *high)
                yield from polygons(polygonal(part.intersection(cell)))


def coast(sources: Sources) -> Iterator[Feature]:
    """The coastline of the window."""
    for line in load_coast(sources.out / "land.geojson.gz").lines:
        yield {"layer": "coast", "min_zoom": 2}, line


def world() -> Iterator[Feature]:
    """Land outside the window, in two resolutions, without an edge along the window."""
    west, south, east, north = WINDOW
    window = shapely.box(
        west + OVERLAP_DEG, south + OVERLAP_DEG, east - OVERLAP_DEG, north - OVERLAP_DEG
    )
    around = shapely.box(*AROUND)
    ring = around.difference(window)
    for resolution, frame in (("i", ring), ("l", shapely.box(*WORLD).difference(around))):
        for shore in read_gshhg(gshhg_folder(), resolution, WORLD):
            outline = shapely.make_valid(shore.outline)
            for shift in (0.0, -360.0, 360.0):
                moved = translate(outline, xoff=shift)
                if moved.intersects(frame):
                    parts = polygons(polygonal(moved.intersection(frame)))
                    for part in cells(parts, WORLD_CELL_DEG):
                        yield {"layer": "world", "min_zoom": 2}, part


def borders(topology: Mapping[str, Any]) -> Iterator[Feature]:
    """Lines between two countries of the map: the arcs that both have."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    users: Counter[int] = Counter()
    for country in topology["objects"]["countries"]["geometries"]:
        users.update({arc if arc >= 0 else ~arc for arc in _arcs(country["arcs"])})
    around = shapely.box(*AROUND)
    for arc in sorted(arc for arc, count in users.items() if count > 1):
        line = shapely.LineString(
            np.cumsum(np.array(topology["arcs"][arc]), axis=0) * scale + shift
        )
        if around.intersects(line):
            yield {"layer": "border", "min_zoom": 2}, line


def _arcs(nested: list[Any]) -> Iterator[int]:
    for item in nested:
        if isinstance(item, int):
            yield item
        else:
            yield from _arcs(item)


def rivers() -> Iterator[Feature]:
    """Rivers that meet the window."""
    folder, window = gshhg_folder(), shapely.box(*WINDOW)
    points = np.memmap(folder / "rivers_f.dat", dtype="<f4", mode="r").reshape(-1, 2)
    for row in (folder / "riversmeta_f.dat").read_text().splitlines():
        _, _, count, low, high, start, *_ = row.split()
        if int(count) < 2 or float(low) > WINDOW[3] or float(high) < WINDOW[1]:
            continue
        first = int(start) // 8
        course = shapely.LineString(np.asarray(points[first : first + int(count)], dtype=float))
        if window.intersects(course):
            zoom = min_zoom(course.length, RIVER_ZOOMS, 8)
            yield {"layer": "river", "min_zoom": zoom}, course.simplify(RIVER_TOLERANCE_DEG)


def islands(sources: Sources) -> Iterator[Feature]:
    """Official islands: the point that names a polygon by its area, the others at the last zoom."""
    outlines = read_geojson(sources.out / "land.geojson.gz")["features"]
    shapes = [shape(feature["geometry"]) for feature in outlines]
    tree = shapely.STRtree(shapes)
    properties = [feature["properties"] for feature in outlines]
    rows = read_rows(sources.out / "islands.csv.gz")
    points = shapely.points([[float(row["lon"]), float(row["lat"])] for row in rows])
    outline_of = dict(tree.query(points, predicate="intersects").T.tolist())
    depth_of = {n: shapes[index].boundary.distance(points[n]) for n, index in outline_of.items()}
    named = {n for n, i in outline_of.items() if properties[i]["name"] == rows[n]["name"]}
    deepest = {outline_of[n]: depth_of[n] for n in named}
    for place, name in MAIN_ISLANDS.items():
        area = max(p["area_km2"] for p in properties if p["name"] == name)
        yield (
            {
                "layer": "island", "min_zoom": 3, "name": name, "outlined": True, "area_km2": area,
            },
            shapely.Point(place),
        )  # fmt: skip
    main = set(MAIN_ISLANDS.values())
    for number, (row, point) in enumerate(zip(rows, points, strict=True)):
        index = outline_of.get(number)
        zoom, area = (9 if row["populated"] == "yes" else 10), 0.0
        if number in named:
            if row["name"] in main:
                continue
            area = properties[outline_of[number]]["area_km2"]
            zoom = min_zoom(area, ISLAND_ZOOMS, 10)
        elif index is not None:
            deep = depth_of[number] >= AS_DEEP * deepest.get(index, np.inf)
            if not (deep and row["populated"] == "yes"):
                continue
        yield {
            "layer": "island", "min_zoom": zoom, "name": row["name"],
            "outlined": index is not None, "area_km2": round(area, 1),
        }, point  # fmt: skip


def places(sources: Sources) -> Iterator[Feature]:
    """Seats of regencies with the population of the largest settlement at the place."""
    settlements = read_rows(sources.out / "settlements.csv.gz")
    tree = shapely.STRtree(
        shapely.points([[float(s["lon"]), float(s["lat"])] for s in settlements])
    )
    for row in read_rows(sources.out / "regency_seats.csv"):
        point = shapely.Point(float(row["lon"]), float(row["lat"]))
        near = tree.query(point, predicate="dwithin", distance=NEAR_SEAT_DEG).tolist()
        population = max(
            (
                int(settlements[n]["population"] or 0)
                for n in near
                if settlements[n]["regency_code"] == row["code"]
            ),
            default=0,
        )
        zoom = min_zoom(population, PLACE_ZOOMS, 7)
        yield {
            "layer": "place", "min_zoom": zoom, "name": row["seat"], "population": population,
            "approximate": row["precision"] == "approximate",
        }, point  # fmt: skip


def names(sources: Sources, pieces: list[Feature]) -> Iterator[Feature]:
    """Names of countries, on the widest of their land, and of seas."""
    for code, english, indonesian in sorted(COUNTRIES.values()):
        parts = [
            part
            for properties, part in pieces
            if properties["country"] == code and isinstance(part, Polygon)
        ]
        if parts:
            largest = max(parts, key=lambda part: part.area)
            middle = shapely.get_point(shapely.maximum_inscribed_circle(largest, 0.05), 0)
            yield {
                "layer": "country", "min_zoom": 3, "name": indonesian, "name_en": english,
            }, middle  # fmt: skip
    for row in read_rows(sources.out / "seas.csv"):
        yield {
            "layer": "sea", "min_zoom": int(row["min_zoom"]), "name": row["name"],
            "name_en": row["name_en"], "kind": row["kind"],
        }, shapely.Point(float(row["lon"]), float(row["lat"]))  # fmt: skip


def build(sources: Sources) -> list[str]:
    """Write basemap_layers.geojson.gz."""
    pieces = list(land(sources))
    features = [
        *pieces, *coast(sources), *world(), *borders(country_topology(sources)), *rivers(),
        *islands(sources), *places(sources), *names(sources, pieces),
    ]  # fmt: skip
    packed = gzip_bytes(geojson_bytes("basemap_layers", features, decimals=4))
    write_atomic(sources.out / FILE, packed)
    counts = Counter(str(properties["layer"]) for properties, _ in features)
    listed = ", ".join(f"{count} {layer}" for layer, count in counts.items())
    return [f"{FILE}: {listed}; {len(packed) // 1000} kB"]
