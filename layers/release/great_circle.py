"""Lines on the sphere: great-circle arcs with enough points that a flat map draws them curved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from shapely.geometry import LineString, MultiLineString

from geo.sphere import EARTH_KM, on_sphere

__all__ = ["arc_lines", "great_circle"]

_STEP_KM = 100.0
_DECIMALS = 4  # 11 m: finer than any drawn corridor is known


def great_circle(
    start: tuple[float, float], end: tuple[float, float], *, step_km: float = _STEP_KM
) -> npt.NDArray[np.float64]:
    """Points (lon, lat) in degrees along the shortest arc, ends included, at most ``step_km``.

    Spherical linear interpolation between unit vectors. Antipodal ends have no one shortest arc;
    the two ends alone are returned.
    """
    ends = np.array([start, end], dtype=np.float64)
    unit = on_sphere(ends[:, 1], ends[:, 0])
    angle = float(np.arctan2(np.linalg.norm(np.cross(unit[0], unit[1])), unit[0] @ unit[1]))
    if angle < 1e-9 or np.pi - angle < 1e-6:
        return ends
    count = max(2, int(np.ceil(angle * EARTH_KM / step_km)) + 1)
    t = np.linspace(0.0, 1.0, count)[:, None]
    points = (np.sin((1 - t) * angle) * unit[0] + np.sin(t * angle) * unit[1]) / np.sin(angle)
    out: npt.NDArray[np.float64] = np.degrees(
        np.stack(
            [
                np.arctan2(points[:, 1], points[:, 0]),
                np.arctan2(points[:, 2], np.hypot(points[:, 0], points[:, 1])),
            ],
            axis=1,
        )
    )
    out[0], out[-1] = ends
    return out


def arc_lines(lons: Sequence[float], lats: Sequence[float]) -> MultiLineString | None:
    """The path through the given points as arcs, cut where it crosses the 180th meridian.

    Repeated and unknown (NaN) points are skipped; fewer than two left gives None.
    """
    places: list[tuple[float, float]] = []
    for lon, lat in zip(lons, lats, strict=True):
        if np.isfinite(lon) and np.isfinite(lat):
            place = (round(float(lon), _DECIMALS), round(float(lat), _DECIMALS))
            if not places or places[-1] != place:
                places.append(place)
    if len(places) < 2:
        return None
    path = [places[0]]
    for start, end in pairwise(places):
        arc = great_circle(start, end)[1:]
        path.extend((round(float(x), _DECIMALS), round(float(y), _DECIMALS)) for x, y in arc)
    parts: list[list[tuple[float, float]]] = [[path[0]]]
    for start, end in pairwise(path):
        if abs(end[0] - start[0]) > 180.0:
            side = 180.0 if start[0] > 0 else -180.0
            unwrapped = end[0] + 2 * side
            share = (side - start[0]) / (unwrapped - start[0])
            lat = round(start[1] + share * (end[1] - start[1]), _DECIMALS)
            parts[-1].append((side, lat))
            parts.append([(-side, lat)])
        parts[-1].append(end)
    return MultiLineString([LineString(part) for part in parts if len(part) > 1])
