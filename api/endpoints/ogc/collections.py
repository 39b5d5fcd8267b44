"""``/ogc/collections``: which layers there are, and by which fields each can be filtered."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.ogc.html_pages import answer
from api.endpoints.ogc.links import GEOJSON, JSON, SCHEMA, both, pair, url
from api.endpoints.ogc.openapi import JSON_TYPES, operation
from api.endpoints.ogc.params import Variant, variant_of
from api.http.responses import TierRelease
from layers.query.tier_query import LayerInfo

__all__ = ["router"]

router = APIRouter(prefix="/ogc/collections")

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


@router.get("", summary="The collections", openapi_extra=operation("Collections"))
def ogc_collections(view: TierRelease) -> Response:
    """The layers of the tier."""
    variant = variant_of(view)
    infos = view.release.layers(view.tier).values()
    content = {
        "links": pair(variant, "collections", media_type=JSON),
        "collections": [_describe(variant, info) for info in infos],
    }
    return answer(variant, content, template="ogc/collections.html")


@router.get(
    "/{collection_id}",
    summary="Collection {collection}",
    openapi_extra=operation("Collection"),
)
def ogc_collection(view: TierRelease, collection_id: str) -> Response:
    """One layer."""
    info = view.layer(collection_id)
    variant = variant_of(view)
    content = _describe(variant, info)
    links = pair(variant, "collections", collection_id, media_type=JSON)
    content["links"] = [*links, *content["links"]]
    fields = [
        {
            "name": f.name,
            "title": info.layer.field_title(f, variant.language),
            "type": f.type,
            "unit": f.unit_text(variant.language),
        }
        for f in info.fields
    ]
    return answer(variant, content, template="ogc/collection.html", fields=fields)


@router.get(
    "/{collection_id}/queryables",
    summary="Fields of {collection} to filter by",
    openapi_extra=operation("AnyObject", media_type=SCHEMA),
)
def ogc_queryables(view: TierRelease, collection_id: str) -> Response:
    """The fields of the tier that a filter may name, as a JSON schema."""
    info = view.layer(collection_id)
    variant = variant_of(view)
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url(variant, "collections", collection_id, "queryables"),
        "type": "object",
        "title": info.layer.title(variant.language),
        "properties": {
            f.name: {
                "title": info.layer.field_title(f, variant.language),
                "type": JSON_TYPES[f.type],
                **({"x-ogc-unit": f.unit} if f.unit else {}),
            }
            for f in info.fields
            if f.queryable
        },
        "additionalProperties": False,
    }
    template = "ogc/queryables.html"
    return answer(
        variant, content, template=template, media_type=SCHEMA, collection_id=collection_id
    )


def _describe(variant: Variant, info: LayerInfo) -> dict[str, Any]:
    layer = info.layer
    path = ("collections", layer.name)
    out: dict[str, Any] = {
        "id": layer.name,
        "title": layer.title(variant.language),
        "description": layer.description(variant.language),
        "itemType": "feature",
        "crs": [CRS84],
        "attribution": " ".join(layer.source_texts(variant.language)),
        "x-resolution": layer.resolution_text(variant.view.tier, variant.language),
        "links": [
            *both(variant, *path, "items", rel="items", media_type=GEOJSON, title="ogc.items"),
            *both(variant, *path, "queryables", rel=_QUERYABLES, media_type=SCHEMA,
                  title="ogc.queryables"),
        ],
    }  # fmt: skip
    if info.bbox is not None:
        out["extent"] = {"spatial": {"bbox": [list(info.bbox)], "crs": CRS84}}
    return out
