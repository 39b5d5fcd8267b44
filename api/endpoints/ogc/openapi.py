"""The OpenAPI 3.0 document of the OGC routes, made from the routes and the registry for one tier.

Each route says with :func:`operation` what it answers. Collections, fields and their types come
from what the tier sees; a hidden layer leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts

from api.http.responses import JSON, TierView
from geo.i18n import languages
from geo.i18n.catalogue import DEFAULT_LANGUAGE, FALLBACK_LANGUAGE
from layers.query.cql2 import FILTER_LANGUAGES
from layers.query.cql2_text import MOST_CHARACTERS
from layers.query.crs import CRS84_URI, CRS_URIS
from layers.query.tier_query import LayerInfo
from layers.schema import Field, Layer

__all__ = ["JSON_TYPES", "OGC_ROOT", "openapi_document", "operation"]

OGC_ROOT = "/ogc"

JSON_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


def operation(
    schema: str,
    *,
    media_type: str = JSON,
    html: bool = True,
    parameters: Sequence[str] = (),
    filters: bool = False,
    forms: Sequence[str] = (),
) -> dict[str, Any]:
    """``openapi_extra`` of a route: what it answers and takes, for :func:`openapi_document`.

    Parameters
    ----------
    schema : str
        Name of the answer's schema.
    media_type : str
        Of the answer that is not HTML.
    html : bool
        Whether there is an HTML page too.
    parameters : sequence of str
        Query parameters beside ``f`` and ``lang``.
    filters : bool
        Whether the collection's queryable fields are parameters too.
    forms : sequence of str
        Forms of the answer beside JSON and HTML.
    """
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    if html:
        content["text/html"] = {"schema": _TEXT}
    references = [{"$ref": f"#/components/parameters/{name}"} for name in ("lang", *parameters)]
    references.append(_form(forms) if forms else {"$ref": "#/components/parameters/f"})
    return {"content": content, "parameters": references, "filters": filters}


def openapi_document(view: TierView) -> dict[str, Any]:
    """The document for the tier of ``view``: the ``/ogc`` routes of the application.

    Paths begin at the landing page, as the standard's own and as clients look them up. One with
    ``collection_id`` stands once for each collection, with its title in the summary.
    """
    paths: dict[str, Any] = {}
    for context in iter_route_contexts(view.request.app.routes):
        route = context.original_route
        if not (isinstance(route, APIRoute) and route.openapi_extra):
            continue
        if not f"{route.path}/".startswith(f"{OGC_ROOT}/"):
            continue
        path = _written(route.path).removeprefix(OGC_ROOT)
        if "{collection_id}" not in path:
            paths[path or "/"] = _get(route)
            continue
        for name, info in view.layers().items():
            paths[path.replace("{collection_id}", name)] = _get(route, info)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Petajaga: OGC API - Features",
            "version": "1.0.0",
            "description": "Layers of the current release, as far as this sign-in may see them.",
        },
        "servers": [{"url": f"{view.base_url}{OGC_ROOT}"}],
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


_IN_PATH = {"feature_id": "featureId", "tile_matrix": "tileMatrix", "tile_row": "tileRow",
            "tile_col": "tileCol"}  # fmt: skip
"""Variables in paths, as the code and as the standards call them."""


def _written(path: str) -> str:
    for given, written in _IN_PATH.items():
        path = path.replace(given, written)
    return path


def _get(route: APIRoute, info: LayerInfo | None = None) -> dict[str, Any]:
    assert route.openapi_extra is not None
    extra = route.openapi_extra
    name = route.name.removeprefix("ogc_")
    title = info.layer.title(FALLBACK_LANGUAGE) if info else ""
    summary = str(route.summary).format(collection=title)
    parameters = list(extra["parameters"])
    for given, written in _IN_PATH.items():
        if given in route.path:
            schema = {"type": "string"} if written == "featureId" else {"type": "integer"}
            parameters.append({"name": written, "in": "path", "required": True, "schema": schema})
    if info and extra["filters"]:
        parameters += [_filter(info.layer, field) for field in info.fields if field.queryable]
    problem = {"$ref": "#/components/responses/Problem"}
    responses: dict[str, Any] = {"200": {"description": summary, "content": extra["content"]}}
    responses |= dict.fromkeys(("400", "401", "404", "500"), problem)
    return {
        "get": {
            "operationId": f"ogc.{info.layer.name}.{name}" if info else f"ogc.{name}",
            "summary": summary,
            "tags": ["ogc"],
            "parameters": parameters,
            "responses": responses,
        }
    }


def _filter(layer: Layer, field: Field) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    title = layer.field_title(field, FALLBACK_LANGUAGE)
    return _query(field.name, {"type": JSON_TYPES[field.type]}, title + unit)


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


def _form(further: Sequence[str]) -> dict[str, Any]:
    return _query("f", {"type": "string", "enum": ["json", "html", *further]}, "Form of the answer")


_NUMBERS = {"type": "array", "items": {"type": "number"}}
_NAMES = {"type": "array", "items": {"type": "string"}}
_CRS = {"type": "string", "format": "uri", "enum": list(CRS_URIS), "default": CRS84_URI}
_PARAMETERS: dict[str, Any] = {
    "f": _form(()),
    "lang": _query(
        "lang",
        {"type": "string", "enum": list(languages()), "default": DEFAULT_LANGUAGE},
        "Language",
    ),
    "bbox": _query(
        "bbox",
        {"oneOf": [{**_NUMBERS, "minItems": n, "maxItems": n} for n in (4, 6)]},
        "West, south, east, north in degrees (six numbers with heights)",
    ),
    "bbox-crs": _query("bbox-crs", _CRS, "Reference system of bbox"),
    "crs": _query("crs", _CRS, "Reference system of the answer"),
    "filter": _query("filter", {"type": "string", "maxLength": MOST_CHARACTERS}, "Filter in CQL2"),
    "filter-lang": _query(
        "filter-lang",
        {"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]},
        "Language of the filter",
    ),
    "filter-crs": _query("filter-crs", _CRS, "Reference system of geometries in the filter"),
    "properties": _query("properties", _NAMES, "Only these fields"),
    "skipGeometry": _query(
        "skipGeometry",
        {"type": "boolean", "default": False},
        "Features without their shapes, with the boxes around them",
    ),
    "sortby": _query("sortby", _NAMES, "Fields to sort by; - before a name for descending"),
    "after": _query("after", {"type": "string"}, "Only features after the one of this id"),
    "before": _query("before", {"type": "string"}, "The last features before the one of this id"),
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
_ANY = {"type": "object"}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_SCHEMAS: dict[str, Any] = {
    "AnyObject": {"type": "object"},
    "Tile": {"type": "string", "format": "binary"},
    "TileSets": _object("tilesets", tilesets={"type": "array", "items": _ANY}, links=_LINKS),
    "TileSet": {"anyOf": [
        _object(
            "dataType", "crs", "links", title=_TEXT, dataType=_TEXT, crs=_TEXT,
            tileMatrixSetURI=_TEXT, links=_LINKS, layers={"type": "array", "items": _ANY},
        ),
        _object(  # f=tilejson
            "tilejson", "tiles", "vector_layers", tilejson=_TEXT, name=_TEXT,
            tiles={"type": "array", "items": _TEXT},
            vector_layers={"type": "array", "items": _ANY},
        ),
    ]},
    "Link": _object("href", href=_TEXT, rel=_TEXT, type=_TEXT, title=_TEXT),
    "LandingPage": _object("links", title=_TEXT, description=_TEXT, links=_LINKS),
    "Conformance": _object("conformsTo", conformsTo={"type": "array", "items": _TEXT}),
    "Collection": _object(
        "id", "links", id=_TEXT, title=_TEXT, description=_TEXT, links=_LINKS,
        itemType=_TEXT, extent={"type": "object"}, crs={"type": "array", "items": _TEXT},
        storageCrs=_TEXT,
    ),
    "Collections": _object(
        "links", "collections", links=_LINKS,
        collections={"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
    ),
    "Feature": _object(
        "type", "geometry", "properties",
        type={"type": "string", "enum": ["Feature"]}, id=_TEXT,
        geometry={"anyOf": [{"type": "object"}, {"enum": [None]}]}, properties={"type": "object"},
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
