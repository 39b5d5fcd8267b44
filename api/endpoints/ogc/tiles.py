"""OGC API - Tiles (OGC 20-057) in WebMercatorQuad, and a style for each layer (OGC API - Styles).

``/ogc/tiles`` are tiles with all layers of the tier, ``/ogc/collections/{id}/tiles`` with one.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.endpoints.ogc.html_pages import answer
from api.endpoints.ogc.links import JSON, MVT, Link, both, link, pair, relation, url
from api.endpoints.ogc.openapi import JSON_TYPES, operation
from api.endpoints.ogc.params import Variant, variant_of
from api.errors import NotFoundError
from api.http.responses import TierRelease, TierRoute, TierView, as_json
from layers.query.crs import CRS84_URI, uri_of
from layers.query.tier_query import LayerInfo
from layers.query.tile_archive import layer_of
from layers.release.maplibre_style import maplibre_style

__all__ = ["TMS", "tile_links"]

router = APIRouter(prefix="/ogc", route_class=TierRoute)

TMS = "WebMercatorQuad"
_TMS_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{TMS}"
_CRS = uri_of("EPSG:3857")
_STYLE = "application/vnd.mapbox.style+json"
_SIZE, _LEVELS = 256, 25
_HALF = math.pi * 6378137.0
"""Metres from the middle of the projection to its edge."""
_PIXEL = 0.00028
"""Metres of a pixel by which the standard reckons scales."""
_DIMENSION = {"Point": 0, "MultiLineString": 1, "MultiPolygon": 2}
_SHORT = ("title", "dataType", "crs", "tileMatrixSetURI")
"""Of a tileset, in a list."""
_METADATA = operation("TileSet", forms=("tilejson",))
_LIST = operation("TileSets")
_TILE = operation("Tile", media_type=MVT, html=False, forms=("mvt",))


@router.get("/tileMatrixSets", summary="Tile matrix sets", openapi_extra=operation("AnyObject"))
def ogc_tile_matrix_sets(view: TierRelease) -> Response:
    """The one tile matrix set."""
    variant = variant_of(view)
    address = both(variant, "tileMatrixSets", TMS, rel="self", media_type=JSON, title="ogc.tms")
    sets = [{"id": TMS, "title": TMS, "uri": _TMS_URI, "crs": _CRS, "links": address}]
    links = pair(variant, "tileMatrixSets", media_type=JSON)
    return _page(variant, {"tileMatrixSets": sets, "links": links}, "ogc.tms", sets)


@router.get(
    f"/tileMatrixSets/{TMS}", summary="WebMercatorQuad", openapi_extra=operation("AnyObject")
)
def ogc_tile_matrix_set(view: TierRelease) -> Response:
    """WebMercatorQuad: the squares of web maps."""
    variant = variant_of(view)
    matrices = [
        {
            "id": str(level),
            "scaleDenominator": 2 * _HALF / (_SIZE << level) / _PIXEL,
            "cellSize": 2 * _HALF / (_SIZE << level),
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": [-_HALF, _HALF],
            "tileWidth": _SIZE,
            "tileHeight": _SIZE,
            "matrixWidth": 1 << level,
            "matrixHeight": 1 << level,
        }
        for level in range(_LEVELS)
    ]
    content = {
        "id": TMS, "title": TMS, "uri": _TMS_URI, "crs": _CRS, "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices, "links": pair(variant, "tileMatrixSets", TMS, media_type=JSON),
    }  # fmt: skip
    return _page(variant, content, "ogc.tms")


@router.get("/tiles", summary="Tiles of all layers", openapi_extra=_LIST)
def ogc_tilesets(view: TierRelease) -> Response:
    """The tilesets with all layers of the tier."""
    return _tilesets(variant_of(view), None)


@router.get(f"/tiles/{TMS}", summary="Tileset of all layers", openapi_extra=_METADATA)
def ogc_tileset(view: TierRelease) -> Response:
    """What the tiles with all layers of the tier hold."""
    return _tileset(variant_of(view, forms=("tilejson",)), None)


@router.get(
    f"/tiles/{TMS}/{{tile_matrix}}/{{tile_row}}/{{tile_col}}",
    summary="A tile of all layers",
    openapi_extra=_TILE,
)
async def ogc_tile(view: TierRelease, tile_matrix: str, tile_row: str, tile_col: str) -> Response:
    """A tile with all layers of the tier."""
    return await _tile(view, None, (tile_matrix, tile_col, tile_row))


@router.get("/collections/{collection_id}/tiles", summary="Tiles of {collection}",
            openapi_extra=_LIST)  # fmt: skip
def ogc_collection_tilesets(view: TierRelease, collection_id: str) -> Response:
    """The tilesets of one layer."""
    return _tilesets(variant_of(view), view.layer(collection_id))


@router.get(
    f"/collections/{{collection_id}}/tiles/{TMS}",
    summary="Tileset of {collection}",
    openapi_extra=_METADATA,
)
def ogc_collection_tileset(view: TierRelease, collection_id: str) -> Response:
    """What the tiles of one layer hold."""
    return _tileset(variant_of(view, forms=("tilejson",)), view.layer(collection_id))


@router.get(
    f"/collections/{{collection_id}}/tiles/{TMS}/{{tile_matrix}}/{{tile_row}}/{{tile_col}}",
    summary="A tile of {collection}",
    openapi_extra=_TILE,
)
async def ogc_collection_tile(
    view: TierRelease, collection_id: str, tile_matrix: str, tile_row: str, tile_col: str
) -> Response:
    """A tile of one layer."""
    view.layer(collection_id)  # a hidden layer answers as one that does not exist
    return await _tile(view, collection_id, (tile_matrix, tile_col, tile_row))


@router.get("/styles", summary="Styles", openapi_extra=operation("AnyObject"))
def ogc_styles(view: TierRelease) -> Response:
    """One style for the tiles of each layer of the tier."""
    variant = variant_of(view)
    styles = [
        {
            "id": name,
            "title": info.layer.title(variant.language),
            "links": [
                link(url(variant, "styles", name), "stylesheet", _STYLE, variant.text("ogc.style"))
            ],
        }
        for name, info in view.layers().items()
    ]
    links = pair(variant, "styles", media_type=JSON)
    return _page(variant, {"styles": styles, "links": links}, "ogc.styles", styles)


@router.get(
    "/styles/{collection_id}",
    summary="Style of {collection}",
    openapi_extra=operation("AnyObject", media_type=_STYLE, html=False, forms=("mbs",)),
)
def ogc_style(view: TierRelease, collection_id: str) -> Response:
    """A MapLibre style for the tiles of one layer."""
    variant = variant_of(view, forms=("mbs",))
    info = view.layer(collection_id)
    source = _tilejson(variant, info)
    wanted = {name: source[name] for name in ("tiles", "minzoom", "maxzoom", "attribution")}
    chosen_by = info.layer.style.field
    values = (
        view.release.values(collection_id, view.tier, chosen_by, province=view.principal.province)
        if chosen_by
        else ()
    )
    style = maplibre_style(info.layer, wanted, values, variant.language)
    return view.respond_bytes(as_json(style), media_type=_STYLE, language=variant.language)


def tile_links(variant: Variant, *segments: str) -> list[Link]:
    """Links of the landing page or a collection to its tiles."""
    rel = relation("tilesets-vector")
    return both(variant, *segments, "tiles", rel=rel, media_type=JSON, title="ogc.tiles")


def _segments(info: LayerInfo | None) -> tuple[str, ...]:
    return ("tiles",) if info is None else ("collections", info.layer.name, "tiles")


def _tilesets(variant: Variant, info: LayerInfo | None) -> Response:
    segments = _segments(info)
    short = {name: value for name, value in _description(variant, info).items() if name in _SHORT}
    links = both(variant, *segments, TMS, rel="self", media_type=JSON, title="ogc.tileset")
    tilesets = [{**short, "links": [*links, _scheme(variant)]}]
    content = {"tilesets": tilesets, "links": pair(variant, *segments, media_type=JSON)}
    return _page(variant, content, "ogc.tiles", tilesets)


def _tileset(variant: Variant, info: LayerInfo | None) -> Response:
    if variant.form == "tilejson":
        content = _tilejson(variant, info)
        return variant.view.respond_bytes(as_json(content), language=variant.language)
    segments, content = (*_segments(info), TMS), _description(variant, info)
    tilejson = url(variant, *segments, form="tilejson")
    content["links"] = [
        *pair(variant, *segments, media_type=JSON),
        _scheme(variant),
        link(tilejson, "describedby", JSON, variant.text("ogc.tilejson")),
        {**link(_template(variant, info), "item", MVT, variant.text("ogc.tile")),
         "templated": True},
    ]  # fmt: skip
    return _page(variant, content, "ogc.tileset")


def _description(variant: Variant, info: LayerInfo | None) -> dict[str, Any]:
    """Metadata of a tileset but for its links."""
    view, language = variant.view, variant.language
    box = _bounds(view, info)
    return {
        "title": info.layer.title(language) if info else variant.text("ogc.title"),
        "dataType": "vector",
        "crs": _CRS,
        "tileMatrixSetURI": _TMS_URI,
        "boundingBox": {"lowerLeft": box[:2], "upperRight": box[2:], "crs": CRS84_URI},
        "layers": [
            {
                "id": entry["id"],
                "title": layer.layer.title(language),
                "dataType": "vector",
                "geometryDimension": _DIMENSION[layer.layer.geometry],
                "minTileMatrix": str(entry["minzoom"]),
                "maxTileMatrix": str(entry["maxzoom"]),
                "propertiesSchema": {
                    "type": "object",
                    "properties": {
                        f.name: {
                            "title": layer.layer.field_title(f, language),
                            "type": JSON_TYPES[f.type],
                        }
                        for f in layer.fields
                        if f.name in entry["fields"]
                    },
                },
            }
            for entry in _vector_layers(view, info)
            for layer in [view.layer(layer_of(entry["id"]))]
        ],
    }


def _tilejson(variant: Variant, info: LayerInfo | None) -> dict[str, Any]:
    view = variant.view
    layers = _vector_layers(view, info)
    named = info.layer if info else None
    attribution = (
        named.source_texts(variant.language)
        if named
        else [variant.in_language(line) for line in view.manifest["attribution"]]
    )
    return {
        "tilejson": "3.0.0",
        "name": named.title(variant.language) if named else variant.text("ogc.title"),
        "attribution": " ".join(attribution),
        "tiles": [_template(variant, info, "/{z}/{y}/{x}")],
        "minzoom": min((layer["minzoom"] for layer in layers), default=0),
        "maxzoom": max((layer["maxzoom"] for layer in layers), default=0),
        "bounds": _bounds(view, info),
        "vector_layers": layers,
    }


def _vector_layers(view: TierView, info: LayerInfo | None) -> list[dict[str, Any]]:
    """Layers of the tiles, or the parts of one, with their fields and zooms."""
    metadata = view.release.tile_metadata(view.tier, province=view.principal.province)
    layers: list[dict[str, Any]] = metadata["vector_layers"]
    return [layer for layer in layers if info is None or layer_of(layer["id"]) == info.layer.name]


def _bounds(view: TierView, info: LayerInfo | None) -> list[float]:
    """West, south, east, north of one layer or of all."""
    infos = view.layers().values() if info is None else [info]
    boxes = [each.bbox for each in infos if each.bbox is not None]
    if not boxes:
        return [-180.0, -85.0, 180.0, 85.0]
    return [
        choose(values)
        for choose, values in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
    ]


def _template(
    variant: Variant, info: LayerInfo | None, place: str = "/{tileMatrix}/{tileRow}/{tileCol}"
) -> str:
    return url(variant, *_segments(info), TMS) + place


def _scheme(variant: Variant) -> Link:
    address = url(variant, "tileMatrixSets", TMS)
    return link(address, relation("tiling-scheme"), JSON, variant.text("ogc.tms"))


async def _tile(view: TierView, layer: str | None, place: tuple[str, str, str]) -> Response:
    """The tile at zoom, column and row; one without layers where nothing is drawn."""
    variant_of(view, forms=("mvt",))  # refuses unknown parameters
    if not all(re.fullmatch(r"\d{1,9}", number, re.ASCII) for number in place):
        raise NotFoundError
    z, x, y = map(int, place)
    if z >= _LEVELS or max(x, y) >= 1 << z:
        raise NotFoundError
    release, tier, province = view.release, view.tier, view.principal.province

    def read() -> bytes | None:
        return release.tile(tier, z, x, y, province=province, layer=layer)

    whole = layer is None and not view.principal.rights.own_province  # as it is in the file
    tile = read() if whole else await run_in_threadpool(read)
    if tile is None:
        return view.respond_bytes(b"", media_type=MVT)
    if "gzip" in view.request.headers.get("accept-encoding", ""):
        return view.respond_bytes(tile, media_type=MVT, headers={"Content-Encoding": "gzip"})
    return view.respond_bytes(gzip.decompress(tile), media_type=MVT)


def _page(
    variant: Variant, content: dict[str, Any], heading: str, listed: Sequence[Any] = ()
) -> Response:
    """JSON, or a page with the links of ``content`` and of what it lists."""
    return answer(
        variant,
        content,
        template="ogc/links.html",
        heading=variant.text(heading),
        listed=listed or [content],
    )
