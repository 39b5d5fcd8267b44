"""Reference systems in which shapes are asked for and answered (OGC API - Features Part 2).

A release holds longitude and latitude of WGS84 (CRS84). Axes are in the order of each system's own
authority: latitude before longitude in EPSG:4326 and EPSG:4755.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from geo.errors import InputError

__all__ = [
    "CRS84", "CRS84_URI", "CRS_URIS", "LAT_LON", "code_of", "from_crs84", "in_degrees", "to_crs84",
    "uri_of",
]  # fmt: skip

CRS84 = "OGC:CRS84"
LAT_LON = ("EPSG:4326", "EPSG:4755")
"""WGS84 and DGN95, the datum of Indonesia's official maps: the same but for the axes here."""
_UTM = [f"EPSG:{side}{zone}" for side in (326, 327) for zone in range(46, 55)]
"""WGS84 / UTM, the zones of Indonesia, north and south."""
_DECIMALS = 3
"""Of metres: a release knows no place to less than a metre."""
_FARTHEST = 1e8
"""Metres from the origin of a system beyond which it means no place on earth."""
_PIECES = 32
"""Parts into which an edge of a shape asked for is cut, since it may be bent in another system."""


def uri_of(code: str) -> str:
    """The URI of a system, as OGC writes it."""
    authority, _, name = code.partition(":")
    version = "1.3" if authority == "OGC" else "0"
    return f"http://www.opengis.net/def/crs/{authority}/{version}/{name}"


CRS_URIS: Mapping[str, str] = MappingProxyType(
    {uri_of(code): code for code in (CRS84, *LAT_LON, "EPSG:3857", *_UTM)}
)
"""The systems by their URIs, that of the stored shapes first."""
CRS84_URI = uri_of(CRS84)


def code_of(uri: str, *, field: str) -> str:
    """The code of a system; :class:`InputError` about ``field`` where it is not offered.

    >>> code_of("http://www.opengis.net/def/crs/EPSG/0/4755", field="crs")
    'EPSG:4755'
    """
    if uri not in CRS_URIS:
        raise InputError("query.crs", field=field, name=field, example=uri_of("EPSG:32751"))
    return CRS_URIS[uri]


def in_degrees(crs: str) -> bool:
    """Whether a system has degrees, and not metres."""
    return crs == CRS84 or crs in LAT_LON


def from_crs84(shape: shapely.Geometry, crs: str) -> Any:
    """A stored shape in another system; None where that system does not reach it.

    >>> from_crs84(shapely.Point(123.6, -10.2), "EPSG:4755").wkt
    'POINT (-10.2 123.6)'
    >>> from_crs84(shapely.Point(123.6, -10.2), "EPSG:32751").wkt
    'POINT (565717.83 8872413.735)'
    """
    moved = _moved(shape, crs, forward=True)
    return moved if np.isfinite(shapely.get_coordinates(moved)).all() else None


def to_crs84(shape: shapely.Geometry, crs: str, *, field: str) -> shapely.Geometry:
    """A shape that is asked for, given in ``crs``, in degrees; straight edges there stay straight.

    Raises
    ------
    InputError
        Part of it is outside the system.
    """
    if crs == CRS84:
        return shape
    if not in_degrees(crs):
        west, south, east, north = shapely.bounds(shape).tolist()
        if max(map(abs, (west, south, east, north))) > _FARTHEST:
            raise InputError("query.outside_crs", field=field, name=field)
        longest = max(east - west, north - south) / _PIECES
        shape = shapely.segmentize(shape, longest) if longest > 0 else shape
    moved: shapely.Geometry = _moved(shape, crs, forward=False)
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise InputError("query.outside_crs", field=field, name=field)
    return moved


def _moved(shape: shapely.Geometry, crs: str, *, forward: bool) -> Any:
    def move(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if crs in LAT_LON:
            return points[:, ::-1]
        moved = np.column_stack(_transformer(crs, forward=forward).transform(*points.T))
        return moved.round(_DECIMALS) if forward else moved

    return shapely.transform(shape, move)


@lru_cache(maxsize=2 * len(CRS_URIS))
def _transformer(crs: str, *, forward: bool) -> Transformer:
    start, end = (CRS84, crs) if forward else (crs, CRS84)
    return Transformer.from_crs(start, end)
