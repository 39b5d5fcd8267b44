"""Tables of a build as GeoDataFrames, for maps and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from routes.build.model import Build

__all__ = ["SPATIAL", "with_geometry"]

SPATIAL = frozenset(
    {"areas", "corridors", "destinations", "hotspots", "legs", "services", "settlements",
     "terminals"}
)  # fmt: skip
"""Tables whose rows lie somewhere."""


def with_geometry(name: str, table: pd.DataFrame, build: Build) -> gpd.GeoDataFrame:
    """Add the geometry of each row, in WGS 84 longitude and latitude.

    Areas have the polygon of their regency or province where one is known, else a point; legs
    follow their route over water where one is known, else they are straight between their
    terminals, as corridors are between their waypoints; the others are points.
    """
    import geopandas as gpd
    import shapely

    shapes: Any
    if name == "corridors":
        shapes = [
            shapely.LineString(list(zip(lons, lats, strict=True)))
            for lons, lats in zip(table["lons"], table["lats"], strict=True)
        ]
    elif name == "legs":
        at = build.terminals.drop_duplicates("id").set_index("id")[["lon", "lat"]]
        ends = zip(
            at.reindex(table["from_id"]).to_numpy(), at.reindex(table["to_id"]).to_numpy(),
            strict=True,
        )  # fmt: skip
        shapes = [
            shapely.from_wkt(route) if route else shapely.LineString(points)
            for route, points in zip(table["route"], ends, strict=True)
        ]
    else:
        shapes = gpd.points_from_xy(table["lon"], table["lat"])
    if name == "areas":
        cells = build.regency_cells.assign(province=build.regency_cells["code"].str[:2])
        polygons = dict(zip(cells["code"], cells.geometry, strict=True))
        polygons |= dict(cells.dissolve("province").geometry.items())
        shapes = [
            polygons.get(code, point) for code, point in zip(table["code"], shapes, strict=True)
        ]
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
