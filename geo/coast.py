"""Land, islands and the coastline: the island at a point and the distance to the sea.

From ``land.geojson.gz`` (GSHHG). Polygon edges on the border of the map window, where the window
cuts the land, are excluded from the coastline.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry import shape

from geo.errors import DataFileError, InputError
from geo.paths import DATA

__all__ = ["GEOD", "LAND_FILE", "WINDOW", "Coast", "geodesic_km", "load_coast"]

LAND_FILE = DATA / "land.geojson.gz"
# West, south, east, north in degrees: the area with a coastline.
WINDOW = (94.0, -12.0, 142.0, 8.0)
GEOD = Geod(ellps="WGS84")
KM_PER_DEGREE = 111.195

Floats = NDArray[np.float64]


def geodesic_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the length of the WGS84 geodesic between two points, in km."""
    return float(GEOD.inv(lon1, lat1, lon2, lat2)[2]) / 1000.0


@dataclass(frozen=True)
class Coast:
    """Land polygons with a spatial index; one polygon (or multipolygon) is one island.

    Attributes:
        island_ids: stable id per island (``i`` and the GSHHG number), shape (n,).
        names: official name of the island, empty where there is none.
        areas_km2: area inside the window, shape (n,).
        shapes: land geometry in degrees, shape (n,).
    """

    island_ids: tuple[str, ...]
    names: tuple[str, ...]
    areas_km2: Floats
    shapes: NDArray[Any]
    _land: shapely.STRtree
    _shore: shapely.STRtree
    _shore_island: NDArray[np.int64]

    @classmethod
    def of(
        cls, ids: Sequence[str], names: Sequence[str], areas_km2: Sequence[float], shapes: Any
    ) -> Coast:
        """Index the given islands."""
        geometry = np.asarray(shapes, dtype=object)
        lines, owner = _shore_lines(geometry)
        return cls(
            island_ids=tuple(ids),
            names=tuple(names),
            areas_km2=np.asarray(areas_km2, dtype=float),
            shapes=geometry,
            _land=shapely.STRtree(geometry),
            _shore=shapely.STRtree(lines),
            _shore_island=owner,
        )

    @property
    def lines(self) -> NDArray[Any]:
        """The coastline in degrees, in pieces of at most 64 edges; no edge along the window."""
        return np.asarray(self._shore.geometries)

    def is_land(self, lat: float, lon: float) -> bool:
        """Whether the point is on land (lakes count as land)."""
        _check(lat, lon)
        return bool(self._land.query(shapely.Point(lon, lat), predicate="intersects").size)

    def island_of(self, lat: float, lon: float, *, within_km: float = 5.0) -> str | None:
        """Return the id of the island under the point, or of the nearest within ``within_km``.

        Gazetteer points of small islands are often just off the mapped shore; None where no land
        is near.
        """
        point = _check(lat, lon)
        islands = self._land.query(point, predicate="intersects")
        if islands.size:
            return self.island_ids[int(islands.min())]
        distance, island = self._nearest(point, within_km=within_km)
        return None if distance > within_km else self.island_ids[island]

    def islands_of(self, lat: Floats, lon: Floats) -> NDArray[np.intp]:
        """Return the position of the island under each point, or of the nearest within 5 km.

        The same as :meth:`island_of` for many points at once; -1 where no land is near.
        """
        points = np.atleast_1d(np.asarray(shapely.points(lon, lat), dtype=object))
        # The tree holds the points, so that each outline is prepared once for all of them.
        shape, point = shapely.STRtree(points).query(self.shapes, predicate="intersects")
        island = np.full(len(points), len(self.shapes), np.intp)
        np.minimum.at(island, point, shape)
        place = {name: k for k, name in enumerate(self.island_ids)}
        for row in np.flatnonzero(island == len(self.shapes)):
            near = self.island_of(float(lat[row]), float(lon[row]))
            island[row] = -1 if near is None else place[near]
        return island

    def near_shore(self, lat: Floats, lon: Floats, *, within_km: float) -> NDArray[np.bool_]:
        """Whether the coastline is within about ``within_km`` of each point, on land or at sea.

        Examples
        --------
        >>> load_coast().near_shore(
        ...     np.array([-10.17, -9.86]), np.array([123.6, 124.28]), within_km=5
        ... )
        array([ True, False])
        """
        points = np.asarray(shapely.points(lon, lat), dtype=object)
        near = np.zeros(len(points), bool)
        reach = within_km / KM_PER_DEGREE
        near[self._shore.query(points, predicate="dwithin", distance=reach)[0]] = True
        return near

    def distance_km(self, lat: float, lon: float) -> float:
        """Return the distance from the point to the coastline in km, on land or at sea.

        Geodesic to the nearest shore point; infinite where no shore lies within 1,000 km.
        """
        return self._nearest(_check(lat, lon), within_km=1000.0)[0]

    def _nearest(self, point: shapely.Point, *, within_km: float) -> tuple[float, int]:
        # Candidates come from the planar index in degrees; a degree of longitude is never longer
        # than one of latitude, so the nearest point is within this planar distance.
        reach = within_km / (KM_PER_DEGREE * np.cos(np.radians(abs(point.y) + 1.0)))
        first, planar = self._shore.query_nearest(
            point, max_distance=reach, return_distance=True, all_matches=False
        )
        if not first.size:
            return float("inf"), -1
        wider = float(planar[0]) / np.cos(np.radians(abs(point.y) + 1.0)) + 1e-9
        nearby = self._shore.query(point, predicate="dwithin", distance=wider)
        best, owner = float("inf"), -1
        # Compare in a frame where both axes have equal scale, then measure on the ellipsoid.
        squeeze = float(np.cos(np.radians(point.y)))
        here = shapely.Point(point.x * squeeze, point.y)
        for index in sorted(nearby.tolist()):
            corners = shapely.get_coordinates(self._shore.geometries[index])
            scaled = shapely.LineString(corners * [squeeze, 1.0])
            at = scaled.interpolate(scaled.project(here))
            km = geodesic_km(point.y, point.x, at.y, at.x / squeeze)
            if km < best:
                best, owner = km, int(self._shore_island[index])
        return best, owner


def _check(lat: float, lon: float) -> shapely.Point:
    if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
        raise InputError("coast.not_degrees", lat=lat, lon=lon)
    return shapely.Point(lon, lat)


def _shore_lines(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Cut outlines into pieces of at most 64 edges, dropping edges on the window border."""
    parts, island = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    near_border = [np.abs(xy - corner) < 1e-6 for corner in (WINDOW[:2], WINDOW[2:])]
    on_border = sum((near[:-1] & near[1:]).any(axis=1) for near in near_border) > 0
    edges = np.flatnonzero((ring[1:] == ring[:-1]) & ~on_border)
    runs = np.split(edges, np.flatnonzero(np.diff(edges) > 1) + 1)
    pieces = [run[k : k + 64] for run in runs for k in range(0, len(run), 64)]
    lines = [shapely.LineString(xy[piece[0] : piece[-1] + 2]) for piece in pieces]
    owner = island[part[ring[[piece[0] for piece in pieces]]]]
    return np.asarray(lines, dtype=object), owner.astype(np.int64)


@lru_cache(maxsize=4)
def load_coast(path: Path = LAND_FILE) -> Coast:
    """Read the embedded coastline (about a second; cached).

    Raises
    ------
    DataFileError
        The snapshot is missing or cannot be read.

    Examples
    --------
    >>> load_coast().is_land(-10.17, 123.6), load_coast().is_land(-9.0, 123.0)
    (True, False)
    """
    try:
        features = json.loads(gzip.decompress(path.read_bytes()))["features"]
    except (OSError, ValueError, KeyError) as error:
        raise DataFileError("coast.unreadable", file=path.name) from error
    properties = [feature["properties"] for feature in features]
    return Coast.of(
        [p["island_id"] for p in properties],
        [p["name"] for p in properties],
        [p["area_km2"] for p in properties],
        [shape(feature["geometry"]) for feature in features],
    )
