"""``/ogc/collections``: which layers there are, and by which fields each can be filtered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.ogc.html_pages import answer
from api.endpoints.ogc.links import GEOJSON, JSON, SCHEMA, both, link, pair, relation, url
from api.endpoints.ogc.openapi import JSON_TYPES, operation
from api.endpoints.ogc.params import Variant, variant_of
from api.endpoints.ogc.tiles import tile_links
from api.http.responses import TierRelease, TierRoute, as_json
from layers.query.cql2 import GEOMETRY
from layers.query.crs import CRS84_URI, CRS_URIS
from layers.query.tier_query import LayerInfo
from layers.schema import Field

router = APIRouter(prefix="/ogc/collections", route_class=TierRoute)

_ANYWHERE = "http://service.invalid"
"""Stands for the address of the service in an answer that is kept."""
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


@router.get("", summary="The collections", openapi_extra=operation("Collections"))
async def ogc_collections(view: TierRelease) -> Response:
    """The layers of the tier."""
    variant = variant_of(view)
    if variant.form != "json":
        return answer(variant, _collections(variant), template="ogc/collections.html")
    return _remembered(variant, _collections)


def _remembered(variant: Variant, make: Callable[[Variant], Any], *key: str) -> Response:
    """What is the same for all readers of a tier and language, but for the service's address."""
    view = variant.view
    body = view.release_view.once(
        ("collections", *key, *view.principal.scope, variant.language),
        lambda: as_json(make(replace(variant, base_url=_ANYWHERE))),
    )
    here = as_json(variant.base_url)[1:-1]
    return view.respond_bytes(body.replace(_ANYWHERE.encode(), here), language=variant.language)


def _collections(variant: Variant) -> dict[str, Any]:
    view = variant.view
    return {
        "links": pair(variant, "collections", media_type=JSON),
        "collections": [_describe(variant, info) for info in view.layers().values()],
    }


@router.get(
    "/{collection_id}",
    summary="Collection {collection}",
    openapi_extra=operation("Collection"),
)
async def ogc_collection(view: TierRelease, collection_id: str) -> Response:
    """One layer."""
    info = view.layer(collection_id)
    variant = variant_of(view)
    if variant.form == "json":
        return _remembered(variant, partial(_collection, info=info), collection_id)
    fields = [
        {
            "name": f.name,
            "title": info.layer.field_title(f, variant.language),
            "type": f.type,
            "unit": f.unit_text(variant.language),
        }
        for f in info.fields
    ]
    content = _collection(variant, info)
    return answer(variant, content, template="ogc/collection.html", fields=fields)


def _collection(variant: Variant, info: LayerInfo) -> dict[str, Any]:
    content = _describe(variant, info)
    links = pair(variant, "collections", info.layer.name, media_type=JSON)
    return {**content, "links": [*links, *content["links"]]}


@router.get(
    "/{collection_id}/queryables",
    summary="Fields of {collection} to filter by",
    openapi_extra=operation("AnyObject", media_type=SCHEMA),
)
def ogc_queryables(view: TierRelease, collection_id: str) -> Response:
    """The fields of the tier that a filter may name, as a JSON schema."""
    variant = variant_of(view)
    info = view.layer(collection_id)
    shape = {
        "title": variant.text("ogc.geometry"),
        "format": f"geometry-{info.layer.geometry.lower()}",
        "x-ogc-role": "primary-geometry",
    }
    return _fields(variant, info, "queryables", {GEOMETRY: shape})


@router.get(
    "/{collection_id}/sortables",
    summary="Fields of {collection} to sort by",
    openapi_extra=operation("AnyObject", media_type=SCHEMA),
)
def ogc_sortables(view: TierRelease, collection_id: str) -> Response:
    """The fields of the tier that ``sortby`` may name, as a JSON schema."""
    return _fields(variant_of(view), view.layer(collection_id), "sortables", {})


@router.get(
    "/{collection_id}/schema",
    summary="Schema of the features of {collection}",
    openapi_extra=operation("AnyObject", media_type=SCHEMA),
)
def ogc_schema(view: TierRelease, collection_id: str) -> Response:
    """A JSON schema of one feature: the types of its values, also where the first ones are empty.

    GDAL and QGIS take the types of a layer from it; without it they guess from ten features, and
    a number that none of the ten has becomes text. A field ``id`` is the feature's own: named
    twice, GDAL 3.6 makes two columns of it.
    """
    variant, info = variant_of(view), view.layer(collection_id)
    properties = {
        f.name: _field(variant, info, f)
        for f in info.fields
        if f.type in JSON_TYPES and f.name != "id"
    }
    content = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"$ref": f"https://geojson.org/schema/{info.layer.geometry}.json"},
            "properties": {"type": "object", "properties": properties},
        },
    }
    return _schema(variant, info, "schema", content, properties)


def _fields(
    variant: Variant, info: LayerInfo, kind: str, more: dict[str, dict[str, str]]
) -> Response:
    """The fields that a question may name, and ``more``."""
    properties = {f.name: _field(variant, info, f) for f in info.fields if f.queryable} | more
    content = {"type": "object", "properties": properties, "additionalProperties": False}
    return _schema(variant, info, kind, content, properties)


def _field(variant: Variant, info: LayerInfo, field: Field) -> dict[str, str]:
    return {
        "title": info.layer.field_title(field, variant.language),
        "type": JSON_TYPES[field.type],
        **({"x-ogc-unit": field.unit} if field.unit else {}),
    }


def _schema(
    variant: Variant,
    info: LayerInfo,
    kind: str,
    content: dict[str, Any],
    fields: dict[str, dict[str, str]],
) -> Response:
    """A JSON schema at its own address, and its ``fields`` for a page."""
    name = info.layer.name
    head = {
        "$schema": _SCHEMA,
        "$id": url(variant, "collections", name, kind),
        "title": info.layer.title(variant.language),
    }
    return answer(
        variant,
        head | content,
        template="ogc/fields.html",
        media_type=SCHEMA,
        collection_id=name,
        heading=variant.text(f"ogc.{kind}"),
        fields=fields,
    )


def _describe(variant: Variant, info: LayerInfo) -> dict[str, Any]:
    layer = info.layer
    path = ("collections", layer.name)
    out: dict[str, Any] = {
        "id": layer.name,
        "title": layer.title(variant.language),
        "description": layer.description(variant.language),
        "itemType": "feature",
        "crs": list(CRS_URIS),
        "storageCrs": CRS84_URI,
        "attribution": " ".join(layer.source_texts(variant.language)),
        "x-resolution": layer.resolution_text(variant.view.tier, variant.language),
        "links": [
            *both(variant, *path, "items", rel="items", media_type=GEOJSON, title="ogc.items"),
            *(
                item
                for kind in ("queryables", "sortables")
                for item in both(variant, *path, kind, rel=relation(kind),
                                 media_type=SCHEMA, title=f"ogc.{kind}")
            ),
            # For programs, which take one form; the page loads this list too, on phones.
            link(url(variant, *path, "schema", form="json"), "describedby", SCHEMA,
                 variant.text("ogc.schema")),
            *tile_links(variant, *path),
        ],
    }  # fmt: skip
    extent: dict[str, Any] = {}
    if info.bbox is not None:
        extent["spatial"] = {"bbox": [list(info.bbox)], "crs": CRS84_URI}
    if info.years is not None:
        first, last = info.years
        extent["temporal"] = {
            "interval": [[f"{first:04}-01-01T00:00:00Z", f"{last:04}-12-31T23:59:59Z"]],
            "trs": _GREGORIAN,
        }
    return {**out, "extent": extent} if extent else out
