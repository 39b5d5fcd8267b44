"""The OpenAPI 3.0 document of the OGC routes, written from the registry for one tier.

Collections, fields and their types come from what the tier sees; a hidden layer leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.endpoints.ogc.links import GEOJSON, OPENAPI, SCHEMA
from api.http.responses import TierView
from layers.query.tier_query import LayerInfo

__all__ = ["JSON_TYPES", "openapi_document"]

JSON_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


def openapi_document(view: TierView) -> dict[str, Any]:
    """The document for the tier of ``view``."""
    infos = view.release.layers(view.tier)
    paths: dict[str, Any] = {
        "/ogc": _get("landing", "Landing page", "LandingPage"),
        "/ogc/conformance": _get("conformance", "Conformance classes", "Conformance"),
        "/ogc/api": _get("definition", "This document", "AnyObject", media=OPENAPI, html=False),
        "/ogc/collections": _get("collections", "The collections", "Collections"),
    }
    for name, info in infos.items():
        paths.update(_collection_paths(name, info))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Petajaga: OGC API - Features",
            "version": "1.0.0",
            "description": "Layers of the current release, as far as this sign-in may see them.",
        },
        "servers": [{"url": view.base_url}],
        "paths": paths,
        "components": {
            "parameters": _PARAMETERS,
            "schemas": _SCHEMAS,
            "responses": {
                "Problem": {
                    "description": "A problem document (RFC 9457)",
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    },
                }
            },
        },
    }


def _collection_paths(name: str, info: LayerInfo) -> dict[str, Any]:
    base = f"/ogc/collections/{name}"
    title = info.layer.title("en")
    filters = [
        _query(
            field.name,
            {"type": JSON_TYPES[field.type]},
            info.layer.field_title(field, "en") + (f" ({field.unit})" if field.unit else ""),
        )
        for field in info.fields
        if field.queryable
    ]
    feature_id = {"name": "featureId", "in": "path", "required": True, "schema": _TEXT}
    return {
        base: _get(f"{name}.collection", f"Collection {title}", "Collection"),
        f"{base}/queryables": _get(
            f"{name}.queryables", f"Fields of {title} to filter by", "AnyObject",
            media=SCHEMA,
        ),
        f"{base}/items": _get(
            f"{name}.items", f"Features of {title}", "FeatureCollection",
            media=GEOJSON, parameters=[*map(_parameter, _PAGING), *filters],
        ),
        f"{base}/items/{{featureId}}": _get(
            f"{name}.item", f"One feature of {title}", "Feature",
            media=GEOJSON, parameters=[feature_id],
        ),
    }  # fmt: skip


def _parameter(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


def _get(
    operation: str,
    summary: str,
    schema: str,
    *,
    media: str = "application/json",
    parameters: Sequence[dict[str, Any]] = (),
    html: bool = True,
) -> dict[str, Any]:
    content: dict[str, Any] = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    if html:
        content["text/html"] = {"schema": _TEXT}
    problem = {"$ref": "#/components/responses/Problem"}
    responses: dict[str, Any] = {"200": {"description": summary, "content": content}}
    responses |= dict.fromkeys(("400", "401", "404", "500"), problem)
    return {
        "get": {
            "operationId": f"ogc.{operation}",
            "summary": summary,
            "tags": ["ogc"],
            "parameters": [*map(_parameter, ("f", "lang")), *parameters],
            "responses": responses,
        }
    }


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


_PAGING = ("bbox", "datetime", "limit", "offset")
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_PARAMETERS: dict[str, Any] = {
    "f": _query("f", {"type": "string", "enum": ["json", "html"]}, "Form of the answer"),
    "lang": _query("lang", {"type": "string", "enum": ["id", "en"], "default": "id"}, "Language"),
    "bbox": _query(
        "bbox",
        {"oneOf": [{**_NUMBERS, "minItems": n, "maxItems": n} for n in (4, 6)]},
        "West, south, east, north in degrees (six numbers with heights)",
    ),
    "datetime": _query("datetime", {"type": "string"}, "RFC 3339 moment or interval"),
    "limit": _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10},
        "Features a page",
    ),
    "offset": _query(
        "offset",
        {"type": "integer", "minimum": 0, "maximum": 10**9, "default": 0},
        "Features to leave out before the first",
    ),
}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_TEXT: dict[str, Any] = {"type": "string"}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_SCHEMAS: dict[str, Any] = {
    "AnyObject": {"type": "object"},
    "Link": _object("href", href=_TEXT, rel=_TEXT, type=_TEXT, title=_TEXT),
    "LandingPage": _object("links", title=_TEXT, description=_TEXT, links=_LINKS),
    "Conformance": _object("conformsTo", conformsTo={"type": "array", "items": _TEXT}),
    "Collection": _object(
        "id", "links", id=_TEXT, title=_TEXT, description=_TEXT, links=_LINKS,
        itemType=_TEXT, extent={"type": "object"}, crs={"type": "array", "items": _TEXT},
    ),
    "Collections": _object(
        "links", "collections", links=_LINKS,
        collections={"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
    ),
    "Feature": _object(
        "type", "geometry", "properties",
        type={"type": "string", "enum": ["Feature"]}, id=_TEXT,
        geometry={"type": "object", "nullable": True}, properties={"type": "object"},
        links=_LINKS,
    ),
    "FeatureCollection": _object(
        "type", "features",
        type={"type": "string", "enum": ["FeatureCollection"]},
        features={"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
        links=_LINKS, timeStamp={"type": "string", "format": "date-time"},
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
    ),
    "Problem": _object(
        "type", "title", "status", "detail", "instance",
        type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT, instance=_TEXT,
        errors={"type": "array", "items": {"type": "object"}},
    ),
}  # fmt: skip
