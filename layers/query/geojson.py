"""GeoPackage geometry blobs: to GeoJSON text, quickly, and compared with a shape.

A blob is ``GP``, version, flags, SRS id, an optional envelope, then WKB (GeoPackage 1.2, clause
2.1.3). Points, the bulk of all requests, are read directly; the rest goes through GEOS.
"""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from typing import Any

import shapely

from layers.query.crs import CRS84, from_crs84

__all__ = ["box_text", "geometry_text", "intersects", "wkb_of"]

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_POINT = struct.Struct("<BIdd")
_WKB_POINT = 1
_BOX_DECIMALS = 5


def wkb_of(blob: bytes) -> bytes | None:
    """The WKB inside a GeoPackage blob; None for an empty geometry."""
    flags = blob[3]
    if flags & 0b0001_0000:
        return None
    return blob[8 + _ENVELOPE_BYTES[(flags >> 1) & 0b111] :]


def geometry_text(blob: bytes | None, crs: str = CRS84) -> str:
    """GeoJSON text of a blob in a reference system; ``null`` when it has no geometry there."""
    wkb = wkb_of(blob) if blob else None
    if wkb is None:
        return "null"
    if crs == CRS84:
        if (point := _point(wkb)) is not None:
            return f'{{"type":"Point","coordinates":[{point[0]!r},{point[1]!r}]}}'
        return str(shapely.to_geojson(shapely.from_wkb(wkb)))
    shape = from_crs84(shapely.from_wkb(wkb), crs)
    return "null" if shape is None else str(shapely.to_geojson(shape))


def box_text(blob: bytes | None) -> str:
    """GeoJSON text of the box around a blob, degrees; empty when it has no geometry."""
    wkb = wkb_of(blob) if blob else None
    if wkb is None:
        return ""
    return json.dumps([round(edge, _BOX_DECIMALS) for edge in shapely.from_wkb(wkb).bounds])


def intersects(blob: bytes | None, shape: bytes) -> bool:
    """Whether the geometry of a blob touches or crosses ``shape`` (WKB)."""
    wkb = wkb_of(blob) if blob else None
    if wkb is None:
        return False
    other = _shape(shape)
    if (point := _point(wkb)) is not None:
        return bool(shapely.intersects_xy(other, *point))
    return bool(shapely.intersects(other, shapely.from_wkb(wkb)))


def _point(wkb: bytes) -> tuple[float, float] | None:
    if len(wkb) == _POINT.size:
        order, kind, x, y = _POINT.unpack(wkb)
        if order == 1 and kind == _WKB_POINT:
            return x, y
    return None


@lru_cache(256)
def _shape(wkb: bytes) -> Any:
    return shapely.from_wkb(wkb)
