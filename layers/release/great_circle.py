"""Lines on the sphere: great-circle arcs with enough points that a flat map draws them curved."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from geo.sphere import EARTH_KM, on_sphere

__all__ = ["arc_lines"]

Points = npt.NDArray[np.float64]

_STEP_KM = 100.0
_DECIMALS = 4  # 11 m: finer than any drawn corridor is known


def arc_lines(starts: npt.ArrayLike, ends: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """The shortest arc from each start to its end, cut where it crosses the 180th meridian.

    Spherical linear interpolation between unit vectors, a point at least every 100 km. Antipodal
    ends have no one shortest arc; they are joined by a straight line.

    Parameters
    ----------
    starts, ends : array_like, shape (n, 2)
        Longitude and latitude, degrees.

    Returns
    -------
    array of MultiLineString or None, shape (n,)
        None where an end is not known (NaN) or both are the same.

    Examples
    --------
    >>> line, nothing = arc_lines([[123.5, -10.2], [104, 1]], [[124.5, -10.2], [104, 1]])
    >>> line.wkt, nothing
    ('MULTILINESTRING ((123.5 -10.2, 124 -10.2004, 124.5 -10.2))', None)
    """
    start, end = (_rounded(points) for points in (starts, ends))
    lines = np.full(len(start), None, dtype=object)
    drawn = np.flatnonzero(np.isfinite(start + end).all(axis=1) & (start != end).any(axis=1))
    if not len(drawn):
        return lines
    points, arc = _arc_points(start[drawn], end[drawn])
    parts = np.asarray(shapely.linestrings(points, indices=arc), dtype=object)
    lines[drawn] = shapely.multilinestrings(parts, indices=np.arange(len(drawn)))
    crossing = (np.abs(np.diff(points[:, 0])) > 180.0) & (arc[1:] == arc[:-1])
    for which in np.unique(arc[1:][crossing]):
        lines[drawn[which]] = _cut(points[arc == which].tolist())
    return lines


def _rounded(points: npt.ArrayLike) -> Points:
    """To the decimals drawn; halves as Python rounds them, by the exact value."""
    array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return np.array([round(x, _DECIMALS) for x in array.ravel().tolist()]).reshape(array.shape)


def _arc_points(starts: Points, ends: Points) -> tuple[Points, npt.NDArray[np.intp]]:
    """Points along each arc, its ends included, and the number of the arc that each is on."""
    a, b = (on_sphere(points[:, 1], points[:, 0]) for points in (starts, ends))
    angle = np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(axis=1))
    straight = (angle < 1e-9) | (np.pi - angle < 1e-6)
    angle[straight] = 1.0
    count = np.maximum(2, np.ceil(angle * EARTH_KM / _STEP_KM).astype(np.intp) + 1)
    count[straight] = 2
    last = np.cumsum(count) - 1
    first = last - count + 1
    arc = np.repeat(np.arange(len(count)), count)
    t = ((np.arange(len(arc)) - first[arc]) / (count - 1)[arc])[:, None]
    angle = angle[arc][:, None]
    vectors = (np.sin((1 - t) * angle) * a[arc] + np.sin(t * angle) * b[arc]) / np.sin(angle)
    x, y, z = vectors.T
    points = np.degrees(np.column_stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))]))
    points[first], points[last] = starts, ends
    return points.round(_DECIMALS), arc


def _cut(path: list[list[float]]) -> shapely.MultiLineString:
    """A path in parts that end at the 180th meridian."""
    parts = [[path[0]]]
    for start, end in pairwise(path):
        if abs(end[0] - start[0]) > 180.0:
            side = 180.0 if start[0] > 0 else -180.0
            unwrapped = end[0] + 2 * side
            share = (side - start[0]) / (unwrapped - start[0])
            lat = round(start[1] + share * (end[1] - start[1]), _DECIMALS)
            parts[-1].append([side, lat])
            parts.append([[-side, lat]])
        parts[-1].append(end)
    return shapely.MultiLineString([part for part in parts if len(part) > 1])
