"""What the maps of documents share: colours of classes, the window drawn, its land and roads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pyogrio
import shapely
from shapely.geometry import box

from geo.classes import NOT_ASSESSED, UNSURE_BELOW
from geo.coast import load_coast
from geo.imports.road_tags import CLASSES
from layers.palette import AREA_COLOURS, CORRIDOR_COLOURS, NOT_ASSESSED_FILL
from layers.release.basemap_tiles import ROAD_LAYER
from layers.release.release import Release

__all__ = [
    "COUNTRY", "Box", "colour_of", "fill_of", "is_unsure", "land_within", "roads_within",
    "window_around",
]  # fmt: skip

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
COUNTRY = box(95.0, -11.1, 141.1, 6.1)
"""Indonesia."""
_FINE_DEG = 3.0
"""Width of a window, degrees, with each of which roads are taken from a coarser zoom."""


def colour_of(kind: str, class_name: str) -> str:
    """Colour of a class: line of a corridor, or fill of an area."""
    if kind == "corridor":
        return CORRIDOR_COLOURS.get(class_name, CORRIDOR_COLOURS[NOT_ASSESSED])
    return fill_of(class_name)


def fill_of(class_name: str) -> str:
    """Fill of an area of a class.

    Examples
    --------
    >>> fill_of("not_assessed")
    '#efede8'
    """
    return AREA_COLOURS.get(class_name, NOT_ASSESSED_FILL)


def is_unsure(area: Mapping[str, Any]) -> bool:
    """Whether an area is hatched: its class is less probable than ``UNSURE_BELOW``.

    Examples
    --------
    >>> is_unsure({"class_probability": 0.3}), is_unsure({"class_probability": None})
    (True, False)
    """
    probability = area.get("class_probability")
    return probability is not None and probability < UNSURE_BELOW


def window_around(bounds: Box, *, ratio: float, margin: float = 0.35) -> Box:
    """A box of the width-to-height ``ratio`` around ``bounds`` (west, south, east, north, degrees).

    ``margin`` is what is left free on each side, as a share of the longer one, at least 0.2.

    Examples
    --------
    >>> window_around((120.0, -10.0, 121.0, -9.0), ratio=2.0, margin=0.5)
    (118.5, -10.5, 122.5, -8.5)
    """
    west, south, east, north = bounds
    free = max(margin * max(east - west, north - south), 0.2)
    width, height = east - west + 2 * free, north - south + 2 * free
    width, height = max(width, ratio * height), max(height, width / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def roads_within(
    release: Release, window: Box, *, tolerance_deg: float, most_points: int
) -> dict[str, Any]:
    """Imported roads inside a window, one geometry a class, the greatest first; of more points than
    ``most_points`` the least classes are left out.
    """
    tiles = release.basemap_tiles
    layer = next((one for one in tiles.metadata["vector_layers"] if one["id"] == ROAD_LAYER), None)
    if layer is None:
        return {}
    frame = gpd.GeoSeries([box(*window)], crs=4326)
    zoom = max(layer["minzoom"], layer["maxzoom"] - int((window[2] - window[0]) // _FINE_DEG))
    drawn = pyogrio.read_dataframe(
        tiles.path, layer=ROAD_LAYER, ZOOM_LEVEL=zoom, bbox=tuple(frame.to_crs(3857).total_bounds)
    ).to_crs(4326)
    roads: dict[str, Any] = {}
    for name, lines in sorted(drawn.groupby("class"), key=lambda row: CLASSES.index(row[0])):
        whole = shapely.line_merge(shapely.intersection(lines.geometry.union_all(), frame[0]))
        roads[name] = shapely.simplify(whole, tolerance_deg)
        most_points -= int(shapely.get_num_coordinates(roads[name]))
        if most_points < 0:
            del roads[name]
            break
    return roads


def land_within(window: Box, *, tolerance_deg: float) -> Any:
    """Land inside a window as one geometry, no finer than is drawn."""
    frame = box(*window)
    shapes = load_coast().shapes
    parts = shapes[shapely.intersects(shapes, frame)]
    parts = shapely.make_valid(shapely.simplify(parts, tolerance_deg))
    return shapely.union_all(shapely.intersection(parts, frame))
