"""basemap.pmtiles: the base map as vector tiles, the same for every tier and every reader.

Cut at publication from the layers that :mod:`geo.rebuild.basemap_layers` describes (land by
country, coast, the world around, borders, rivers and names) and from the roads of the imported
networks, if any (:mod:`layers.release.basemap_roads`). A unit of a tile is 19 m at zoom 9,
finer than the coast is known (50 m where police work, 200 m elsewhere): maps enlarge these tiles
beyond it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import freestiler
import geopandas as gpd
import pyogrio

from geo.road_network import RoadNetwork
from layers.release.attribution import ROADS
from layers.release.basemap_roads import road_frames
from layers.release.generalise import AFAR, lighter_at
from layers.release.tiles import ZOOM_MARK, cut_tiles

__all__ = ["BASEMAP_ZOOMS", "ROAD_LAYER", "write_basemap_tiles"]

BASEMAP_ZOOMS = (2, 9)
ROAD_LAYER = "road"
_FINEST = {"world": 7}
"""Finest zoom of layers that end before the others: beyond it nobody works out there."""
_FIELDS: dict[str, dict[str, str]] = {
    "land": {"country": "String"},
    "coast": {},
    "world": {},
    "border": {},
    "river": {},
    "island": {"name": "String", "outlined": "Boolean", "area_km2": "Number"},
    "place": {"name": "String", "population": "Number", "approximate": "Boolean"},
    "country": {"name": "String", "name_en": "String"},
    "sea": {"name": "String", "name_en": "String", "kind": "String"},
}
"""Layers and their fields."""


def write_basemap_tiles(path: Path, source: Path, roads: RoadNetwork) -> None:
    """Write the tiles of the base map to ``path``; the same source gives the same bytes.

    Parameters
    ----------
    path : Path
        A new file, ``.pmtiles``.
    source : Path
        GeoJSON of features with ``layer`` and ``min_zoom``, the zoom from which each is drawn.
    roads : RoadNetwork
        Imported roads; with those whose shape is known the archive names who gave them.

    Raises
    ------
    pyogrio.errors.DataSourceError
        The source cannot be read.
    """
    features = pyogrio.read_dataframe(source)
    layers: dict[str, freestiler.FreestileLayer] = {}
    described: list[dict[str, Any]] = []
    for name, fields in _FIELDS.items():
        rows = features[features["layer"] == name] if len(features) else features
        if not len(rows):
            continue
        last = _FINEST.get(name, BASEMAP_ZOOMS[1])
        described.append(
            {"id": name, "minzoom": int(rows["min_zoom"].min()), "maxzoom": last, "fields": fields}
        )
        for first, until, drawn in _by_zoom(rows, last):
            # a tile maker that knows no layer without a field gets the one that all have
            columns = [c for c in (*(fields or ["min_zoom"]), "geometry") if c in drawn]
            layers[f"{name}{ZOOM_MARK}{first}"] = freestiler.freestile_layer(
                drawn[columns], min_zoom=first, max_zoom=until
            )
    metadata: dict[str, Any] = {"name": "Petajaga basemap", "vector_layers": described}
    for zoom, drawn in road_frames(roads):
        if "attribution" not in metadata:
            metadata["attribution"] = ROADS.in_language("en")
            zooms = {"minzoom": zoom, "maxzoom": BASEMAP_ZOOMS[1]}
            described.append({"id": ROAD_LAYER, **zooms, "fields": {"class": "String"}})
        layers[f"{ROAD_LAYER}{ZOOM_MARK}{zoom}"] = freestiler.freestile_layer(
            drawn, min_zoom=zoom, max_zoom=zoom
        )
    cut_tiles(path, layers, metadata)


def _by_zoom(rows: gpd.GeoDataFrame, last: int) -> Iterator[tuple[int, int, gpd.GeoDataFrame]]:
    """What is drawn between two zooms, from the coarsest to the finest."""
    rows = rows.assign(min_zoom=rows["min_zoom"].clip(upper=last))
    starts = {int(zoom) for zoom in rows["min_zoom"]}
    coarsest = min(starts)
    shaped = not (rows.geom_type == "Point").all()
    if shaped:
        starts |= {zoom + 1 for zoom in AFAR if zoom >= coarsest}
    for first, following in pairwise([*sorted(starts), last + 1]):
        drawn = rows[rows["min_zoom"] <= first]
        if shaped and following - 1 in AFAR:
            drawn = drawn.set_geometry(lighter_at(drawn.geometry.to_numpy(), following - 1))
            drawn = drawn[drawn.geometry.notna()]
        if len(drawn):
            yield first, following - 1, drawn
