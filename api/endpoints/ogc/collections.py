"""``/ogc/collections``: which layers there are, and by which fields each can be filtered."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.endpoints.ogc.links import GEOJSON, JSON, SCHEMA, both, pair, url
from api.endpoints.ogc.pages import answer
from api.endpoints.ogc.params import Variant, variant_of
from api.state.release_holder import CurrentRelease
from layers.release.release import LayerInfo

__all__ = ["router"]

router = APIRouter(prefix="/ogc/collections")

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_SCHEMA_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


@router.get("")
def ogc_collections(request: Request, principal: CurrentUser, view: CurrentRelease) -> Response:
    """The layers of the tier."""
    variant = variant_of(request)
    infos = view.release.layers(principal.tier).values()
    content = {
        "links": pair(request, variant, "collections", media_type=JSON),
        "collections": [_describe(request, variant, info) for info in infos],
    }
    return answer(request, principal, view, variant, content, template="ogc/collections.html")


@router.get("/{collection_id}")
def ogc_collection(
    request: Request, principal: CurrentUser, view: CurrentRelease, collection_id: str
) -> Response:
    """One layer."""
    info = view.release.layer(collection_id, principal.tier)
    variant = variant_of(request)
    content = _describe(request, variant, info)
    content["links"] = [
        *pair(request, variant, "collections", collection_id, media_type=JSON),
        *content["links"],
    ]
    fields = [
        {
            "name": f.name,
            "title": info.layer.field_title(f, variant.language),
            "type": f.type,
            "unit": f.unit_text(variant.language),
        }
        for f in info.fields
    ]
    return answer(
        request,
        principal,
        view,
        variant,
        content,
        template="ogc/collection.html",
        fields=fields,
    )


@router.get("/{collection_id}/queryables")
def ogc_queryables(
    request: Request, principal: CurrentUser, view: CurrentRelease, collection_id: str
) -> Response:
    """The fields of the tier that a filter may name, as a JSON schema."""
    info = view.release.layer(collection_id, principal.tier)
    variant = variant_of(request)
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url(request, "collections", collection_id, "queryables"),
        "type": "object",
        "title": info.layer.title(variant.language),
        "properties": {
            f.name: {
                "title": info.layer.field_title(f, variant.language),
                "type": _SCHEMA_TYPES[f.type],
                **({"x-ogc-unit": f.unit} if f.unit else {}),
            }
            for f in info.fields
            if f.queryable
        },
        "additionalProperties": False,
    }
    return answer(
        request,
        principal,
        view,
        variant,
        content,
        template="ogc/queryables.html",
        media_type=SCHEMA,
        collection_id=collection_id,
    )


def _describe(request: Request, variant: Variant, info: LayerInfo) -> dict[str, Any]:
    layer = info.layer
    where = ("collections", layer.name)
    out: dict[str, Any] = {
        "id": layer.name,
        "title": layer.title(variant.language),
        "description": layer.description(variant.language),
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            *both(request, variant, *where, "items", rel="items", media_type=GEOJSON,
                  title=variant.text("ogc.items")),
            *both(request, variant, *where, "queryables", rel=_QUERYABLES, media_type=SCHEMA,
                  title=variant.text("ogc.queryables")),
        ],
    }  # fmt: skip
    if info.bbox is not None:
        out["extent"] = {"spatial": {"bbox": [list(info.bbox)], "crs": CRS84}}
    return out
