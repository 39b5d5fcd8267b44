"""basemap.geojson.gz and countries.geojson: the coast by country, light enough to draw.

The coast is that of land.geojson.gz; land borders come from Natural Earth (public domain, through
world-atlas). Islands of one country are given to it whole; the shared ones (Borneo, Timor, New
Guinea, Sebatik, the mainland) are cut along the border. Simplified as a coverage, so that
neighbours keep a common border.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.rebuild.files import gzip_bytes, read_geojson, write_atomic
from geo.rebuild.land import PILOT, geojson_bytes, polygonal, polygons, valid_at
from geo.rebuild.sources import Sources, country_topology

# ISO 3166 numeric code in world-atlas -> alpha-2, name, Indonesian name.
COUNTRIES = {
    "360": ("ID", "Indonesia", "Indonesia"),
    "458": ("MY", "Malaysia", "Malaysia"),
    "702": ("SG", "Singapore", "Singapura"),
    "096": ("BN", "Brunei", "Brunei"),
    "626": ("TL", "Timor-Leste", "Timor-Leste"),
    "608": ("PH", "Philippines", "Filipina"),
    "764": ("TH", "Thailand", "Thailand"),
    "598": ("PG", "Papua New Guinea", "Papua Nugini"),
    "036": ("AU", "Australia", "Australia"),
    "704": ("VN", "Vietnam", "Vietnam"),
    "104": ("MM", "Myanmar", "Myanmar"),
    "356": ("IN", "India", "India"),
    "585": ("PW", "Palau", "Palau"),
}

AUSTRALIAN_WATERS = shapely.union_all(
    [shapely.box(94.0, -12.0, 118.0, -9.5), shapely.box(125.0, -12.0, 142.0, -10.6)]
)
"""World-atlas lacks Australia's islands here (Christmas Island, North Keeling, those north of the
continent), and the nearest coast it has may be Indonesia's. No Indonesian land lies in these boxes:
west of Sumba none is south of 9.2 S, and the southernmost island, Ndana, is at 122.9 E.
"""


def decode_topology(topology: dict[str, Any], codes: set[str]) -> dict[str, BaseGeometry]:
    """Return the geometry of the countries with the given codes from a quantised TopoJSON."""
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(indices: list[int]) -> list[list[float]]:
        points: list[list[float]] = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points.extend(arc[1 if points else 0 :].tolist())
        return points

    countries = {}
    for item in topology["objects"]["countries"]["geometries"]:
        code = item.get("id")
        if code in codes:
            groups = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
            parts = [shapely.Polygon(ring(g[0]), [ring(hole) for hole in g[1:]]) for g in groups]
            countries[code] = shapely.union_all(shapely.make_valid(parts))
    return countries


def by_country(
    islands: list[BaseGeometry], borders: dict[str, BaseGeometry]
) -> dict[str, list[BaseGeometry]]:
    """Assign each island, or each part of a shared one, to a country."""
    codes = sorted(borders)
    shapes = [borders[code] for code in codes]
    parts = [(part, i) for i, s in enumerate(shapes) for part in shapely.get_parts(s)]
    tree = shapely.STRtree([part for part, _ in parts])
    land: dict[str, list[BaseGeometry]] = defaultdict(list)
    for island in islands:
        if AUSTRALIAN_WATERS.contains(island.centroid):
            land["036"].append(island)
            continue
        owners = sorted({parts[i][1] for i in tree.query(island, predicate="intersects").tolist()})
        owners = owners or [parts[int(tree.nearest(island))][1]]
        if len(owners) == 1:
            land[codes[owners[0]]].append(island)
            continue
        rest = island
        for i in owners:
            piece = polygonal(island.intersection(shapes[i]))
            rest = rest.difference(shapes[i])
            if not piece.is_empty:
                land[codes[i]].append(piece)
        # Slivers between two coastlines go to the nearest of the countries of this island.
        for sliver in shapely.get_parts(polygonal(rest)):
            nearest = min(owners, key=lambda i: (shapes[i].distance(sliver), i))
            land[codes[nearest]].append(sliver)
    return land


def simplified(
    land: dict[str, list[BaseGeometry]], *, tolerance: float, least_deg2: float, pilot_deg2: float
) -> dict[str, BaseGeometry]:
    """Simplify all countries as one coverage and drop islands too small to see.

    ``least_deg2`` is the least area kept in square degrees, ``pilot_deg2`` the one kept inside the
    pilot boxes.
    """
    codes = sorted(land)
    whole = [shapely.union_all(land[code], grid_size=1e-4) for code in codes]
    countries: dict[str, BaseGeometry] = {}
    for code, geometry in zip(codes, shapely.coverage_simplify(whole, tolerance), strict=True):
        parts = [
            part
            for part in polygons(geometry)
            if part.area >= (pilot_deg2 if PILOT.intersects(part) else least_deg2)
        ]
        if parts:
            countries[code] = shapely.MultiPolygon(parts)
    return countries


def _geojson(name: str, countries: dict[str, BaseGeometry], *, decimals: int) -> bytes:
    features = [
        (
            {"country": code, "name": indonesian, "name_en": english},
            valid_at(countries[number], decimals=decimals),
        )
        for number, (code, english, indonesian) in sorted(COUNTRIES.items(), key=lambda i: i[1])
        if number in countries
    ]
    return geojson_bytes(name, features, decimals=decimals)


def countries_of_land(sources: Sources) -> dict[str, list[BaseGeometry]]:
    """Return the land of the window by world-atlas country code."""
    features = read_geojson(sources.out / "land.geojson.gz")["features"]
    borders = decode_topology(country_topology(sources), set(COUNTRIES))
    return by_country([shape(feature["geometry"]) for feature in features], borders)


def build(sources: Sources) -> list[str]:
    """Write basemap.geojson.gz (at most 500 kB unpacked) and countries.geojson."""
    land = countries_of_land(sources)
    base = simplified(land, tolerance=0.009, least_deg2=2e-4, pilot_deg2=3e-5)
    raw = _geojson("basemap", base, decimals=3)
    write_atomic(sources.out / "basemap.geojson.gz", gzip_bytes(raw))
    small = simplified(land, tolerance=0.05, least_deg2=5e-3, pilot_deg2=1e-3)
    countries = _geojson("countries", small, decimals=2)
    write_atomic(sources.out / "countries.geojson", countries)
    return [
        f"basemap.geojson.gz: {len(base)} countries, {len(raw) // 1000} kB unpacked",
        f"countries.geojson: {len(countries) // 1000} kB",
    ]
