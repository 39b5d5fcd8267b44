"""Writing vector tiles: one PMTiles archive a tier, the same bytes for the same rows.

freestiler cuts and encodes; what a tile holds is decided here. Each layer has the columns of its
:class:`layers.schema.Style` that the tier sees, between the zooms of its style. Of points a tile
has at most :data:`PER_TILE`, those of the highest rank, until the finest zoom has all. Layers of
which a partner sees the own province stand in the file once a province
(:mod:`layers.query.tile_archive`); own rows of a layer that everyone sees in part are
``<layer>_own``.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import freestiler
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from layers.query.tile_archive import OWN, OWN_PART, renamed_layers
from layers.release.generalise import AFAR, coverage_at
from layers.release.layer_table import Table
from layers.schema import Field, FieldType, Tier
from layers.visibility import RIGHTS

__all__ = [
    "MAX_ZOOM",
    "MIN_ZOOM",
    "PER_TILE",
    "ZOOM_MARK",
    "cut_tiles",
    "tile_numbers",
    "write_tiles",
]

MIN_ZOOM, MAX_ZOOM = 2, 12
PER_TILE = 1500
"""Most points of a layer in a tile below its finest zoom."""
_FROM_ZOOM = {"district": 7, "village": 9}
"""Coarsest zoom of an outline by the level of its area; others from the zoom of the layer."""
_EVERYWHERE = ("province", "regency")
"""Levels of the areas that every partner sees (``own_below_regency``)."""
ZOOM_MARK = "~"
"""Between the name of a layer and what tells its frames of different zooms apart."""
_DTYPES: Mapping[FieldType, Any] = {
    "text": "object", "integer": "Int64", "number": "float64", "boolean": "boolean",
}  # fmt: skip
_TILEJSON: Mapping[FieldType, str] = {"text": "String", "boolean": "Boolean"}
Rows = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def write_tiles(path: Path, tables: Sequence[Table], tier: Tier) -> None:
    """Write the tiles of a tier's layers to ``path``, zoom 2 to 12.

    Parameters
    ----------
    path : Path
        A new file, ``.pmtiles``.
    tables : sequence of Table
        The tier's layers. Rows without a geometry are in no tile.
    tier : str
        For whom: a partner's own rows are kept apart by province.
    """
    layers: dict[str, freestiler.FreestileLayer] = {}
    described: list[dict[str, Any]] = []
    for table in tables:
        lighter = _lighter(table)
        for name, rows, fields in _parts(table, tier):
            if not rows.any():
                continue
            described.append(_description(name, table, fields))
            frame = _frame(table, rows, fields)
            for first, last, kept in _by_zoom(table, rows, frame, lighter):
                layers[f"{name}{ZOOM_MARK}{first}"] = freestiler.freestile_layer(
                    kept, min_zoom=first, max_zoom=last
                )
    cut_tiles(path, layers, {"name": f"Petajaga {tier}", "vector_layers": described})


def cut_tiles(
    path: Path, layers: Mapping[str, freestiler.FreestileLayer], metadata: Mapping[str, Any]
) -> None:
    """Write ``layers`` as tiles; what follows ``~`` in their names tells frames of zooms apart.

    Parameters
    ----------
    path : Path
        A new file, ``.pmtiles``.
    layers : mapping of str to FreestileLayer
        Frames of one layer have zooms that do not overlap.
    metadata : mapping
        ``vector_layers`` and what else the archive says of itself.
    """
    raw = path.with_suffix(".raw")
    try:
        if layers:
            freestiler.freestile(
                dict(layers), raw, generate_ids=False, quiet=True,
                min_zoom=min(layer.min_zoom or 0 for layer in layers.values()),
                max_zoom=max(layer.max_zoom or 0 for layer in layers.values()),
            )  # fmt: skip
        with path.open("wb") as stream:
            writer = Writer(stream)
            for place, tile in _tiles_of(raw) if layers else [((0, 0, 0), b"")]:
                named = renamed_layers(tile, lambda name: name.partition(ZOOM_MARK)[0])
                packed = gzip.compress(named, compresslevel=6, mtime=0)
                writer.write_tile(zxy_to_tileid(*place), packed)
            header = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP}
            writer.finalize(header | _bounds(layers), dict(metadata))
    finally:
        raw.unlink(missing_ok=True)


def tile_numbers(lon: Floats, lat: Floats, zoom: int) -> npt.NDArray[np.int64]:
    """Numbers of the tiles in which places lie, degrees: column times 2**zoom plus row.

    Examples
    --------
    >>> tile_numbers(np.array([-179.0, 179.0]), np.array([80.0, -80.0]), 1).tolist()
    [0, 3]
    """
    side = 2**zoom
    column = np.floor((lon + 180) / 360 * side).astype(np.int64)
    mercator = np.arcsinh(np.tan(np.radians(lat)))
    row = np.floor((1 - mercator / np.pi) / 2 * side).astype(np.int64)
    numbers: npt.NDArray[np.int64] = column * side + row
    return numbers


def _tiles_of(path: Path) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    with path.open("rb") as stream:
        for place, tile in all_tiles(MmapSource(stream)):
            yield place, gzip.decompress(tile)


def _bounds(layers: Mapping[str, freestiler.FreestileLayer]) -> dict[str, int]:
    boxes = np.array([layer.input.total_bounds for layer in layers.values()]).reshape(-1, 4)
    if not len(boxes):
        return {}
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    names = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
    return {
        name: round(float(value) * 1e7) for name, value in zip(names, (*low, *high), strict=True)
    }


def _parts(table: Table, tier: Tier) -> Iterator[tuple[str, Rows, list[Field]]]:
    """The layers of the file that a layer becomes: name, rows and fields of each."""
    layer, style = table.layer, table.layer.style
    names = {
        layer.id_field, style.field, style.label_field, style.rank_field, *style.tile_fields
    }  # fmt: skip
    fields = [field for field in table.fields if field.name in names]
    located = np.array([shape is not None for shape in table.geometry], dtype=bool)
    has_own_fields = any(field.own_province for field in fields)
    if not RIGHTS[tier].own_province or (layer.partner_rows == "all" and not has_own_fields):
        yield layer.name, located, fields
        return
    own = layer.name
    if layer.partner_rows != "own":
        own = f"{layer.name}{OWN_PART}"
        common = located.copy()
        if layer.partner_rows == "own_below_regency":
            common &= np.isin(table.columns["level"], _EVERYWHERE)
        yield layer.name, common, [field for field in fields if not field.own_province]
    provinces = np.array([code or "" for code in table.columns["province_code"]], dtype=object)
    for code in sorted(set(provinces[located]) - {""}):
        yield f"{own}{OWN}{code}", located & (provinces == code), fields


def _frame(table: Table, rows: Rows, fields: Sequence[Field]) -> gpd.GeoDataFrame:
    columns = {
        field.name: pd.Series(table.columns[field.name], dtype=_DTYPES[field.type])[rows]
        for field in fields
    }
    return gpd.GeoDataFrame(columns, geometry=table.geometry[rows], crs="EPSG:4326")


def _description(name: str, table: Table, fields: Sequence[Field]) -> dict[str, Any]:
    style = table.layer.style
    return {
        "id": name,
        "minzoom": style.min_zoom,
        "maxzoom": style.max_zoom,
        "fields": {field.name: _TILEJSON.get(field.type, "Number") for field in fields},
    }


def _lighter(table: Table) -> dict[int, npt.NDArray[Any]]:
    """Shapes of areas by zoom, as far as they are made lighter; others as they are."""
    if table.layer.geometry == "Point" or "level" not in table.columns:
        return {}
    level = np.asarray(table.columns["level"], dtype=object)
    shapes = np.asarray(table.geometry)
    drawn: dict[int, npt.NDArray[Any]] = {}
    for zoom in reversed(AFAR):
        drawn[zoom] = shapes = shapes.copy()
        for name in np.unique(level):
            rows = (level == name) & shapely.is_geometry(shapes)
            if rows.any() and _FROM_ZOOM.get(name, 0) <= zoom:
                shapes[rows] = coverage_at(shapes[rows], zoom)
    return drawn


def _by_zoom(
    table: Table, rows: Rows, frame: gpd.GeoDataFrame, lighter: Mapping[int, npt.NDArray[Any]]
) -> Iterator[tuple[int, int, gpd.GeoDataFrame]]:
    """What is drawn between two zooms, from the coarsest to the finest."""
    style, geometry = table.layer.style, table.layer.geometry
    first, last = style.min_zoom, style.max_zoom
    if geometry == "Point" and len(frame) > PER_TILE:
        order = _rank_order(table, rows)
        while first < last and (kept := _best_of_each_tile(frame, order, first)).sum() < len(frame):
            yield first, first, frame[kept]
            first += 1
    elif geometry != "Point" and "level" in frame:
        from_zoom = frame["level"].map(_FROM_ZOOM).fillna(first).to_numpy()
        starts = {int(z) for z in from_zoom if z > first} | {zoom + 1 for zoom in lighter}
        for start in sorted(starts):
            if (coarse := from_zoom <= first).any():
                shapes = lighter[start - 1][rows] if start - 1 in lighter else frame.geometry
                yield first, start - 1, frame.set_geometry(shapes, crs=frame.crs)[coarse]
            first = start
    yield first, last, frame


def _rank_order(table: Table, rows: Rows) -> npt.NDArray[np.intp]:
    """Rows from the highest rank down; equal ones in an order that has nothing to do with place."""
    layer = table.layer
    ids = np.asarray(table.columns[layer.id_field], dtype=object)[rows]
    chance = [hashlib.sha256(str(key).encode()).digest() for key in ids]
    ranks = table.columns.get(layer.style.rank_field) or [0.0] * len(rows)
    rank = pd.Series(ranks, dtype=float).fillna(-np.inf)[rows].to_numpy()
    frame = pd.DataFrame({"rank": -rank, "chance": chance})
    order: npt.NDArray[np.intp] = frame.sort_values(["rank", "chance"]).index.to_numpy(np.intp)
    return order


def _best_of_each_tile(frame: gpd.GeoDataFrame, order: npt.NDArray[np.intp], zoom: int) -> Rows:
    lon, lat = (np.asarray(axis)[order] for axis in shapely.get_coordinates(frame.geometry).T)
    tile = pd.Series(tile_numbers(lon, lat, zoom))
    place = tile.groupby(tile).cumcount().to_numpy()
    kept = np.zeros(len(frame), dtype=bool)
    kept[order[place < PER_TILE]] = True
    return kept
