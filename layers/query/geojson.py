"""GeoPackage geometry blobs to GeoJSON text, quickly.

A blob is ``GP``, version, flags, SRS id, an optional envelope, then WKB (GeoPackage 1.2, clause
2.1.3). Points, the bulk of all requests, are read directly; the rest goes through GEOS.
"""

from __future__ import annotations

import struct
from typing import Any

import shapely

__all__ = ["geometry_text", "wkb_of"]

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_POINT = struct.Struct("<BIdd")
_WKB_POINT = 1


def wkb_of(blob: bytes) -> bytes | None:
    """The WKB inside a GeoPackage blob; None for an empty geometry."""
    flags = blob[3]
    if flags & 0b0001_0000:
        return None
    return blob[8 + _ENVELOPE_BYTES[(flags >> 1) & 0b111] :]


def geometry_text(blob: bytes | None) -> str:
    """GeoJSON text of a blob; ``null`` when there is no geometry."""
    wkb = wkb_of(blob) if blob else None
    if wkb is None:
        return "null"
    if len(wkb) == _POINT.size:
        order, kind, x, y = _POINT.unpack(wkb)
        if order == 1 and kind == _WKB_POINT:
            return f'{{"type":"Point","coordinates":[{x!r},{y!r}]}}'
    shape: Any = shapely.from_wkb(wkb)
    return str(shapely.to_geojson(shape))
