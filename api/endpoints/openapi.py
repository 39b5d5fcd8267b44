"""The OpenAPI document of all routes: ``/v1`` from the code, ``/ogc`` from the registry."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from api.endpoints.ogc.openapi import OGC_ROOT, openapi_document
from api.http.responses import TierView
from api.http.schemas import Problem
from layers.visibility import path_exists

__all__ = ["document_for"]


def _without_corridors(method: dict[str, Any]) -> None:
    """Remove from a scenario's body what only the police may request."""
    for content in method["requestBody"]["content"].values():
        content["schema"]["properties"].pop("corridors", None)


def _known_kinds(method: dict[str, Any], kinds: frozenset[str]) -> None:
    """List the kinds of import that exist for a tier."""
    schema = method["requestBody"]["content"]["multipart/form-data"]["schema"]
    schema["properties"]["kind"]["enum"] = sorted(kinds)


def _without_posts(schemas: dict[str, Any]) -> None:
    """Remove from the answers about one place what only the police are told."""
    for answer in ("CorridorAnswer", "TerminalAnswer"):
        schemas[answer]["properties"].pop("posts", None)


def document_for(view: TierView) -> dict[str, Any]:
    """The document for the tier of ``view``."""
    document: dict[str, Any] = copy.deepcopy(view.request.app.openapi())
    ogc = openapi_document(view)
    rights = view.principal.rights
    paths = {path: item for path, item in document["paths"].items() if path_exists(rights, path)}
    if not rights.numbers and "/v1/scenarios" in paths:
        _without_corridors(paths["/v1/scenarios"]["post"])
    if "/v1/imports" in paths:
        _known_kinds(paths["/v1/imports"]["post"], rights.known_kinds)
    components = document["components"]
    if not rights.posts:
        _without_posts(components["schemas"])
    components["schemas"]["Problem"] = Problem.model_json_schema()
    for part, entries in ogc["components"].items():
        components[part] = entries | components.get(part, {})
    paths |= {f"{OGC_ROOT}{path.rstrip('/')}": item for path, item in ogc["paths"].items()}
    components["schemas"] = _referenced(components["schemas"], paths, ogc["components"])
    return {**document, "paths": paths, "servers": [{"url": view.base_url}]}


def _referenced(schemas: Mapping[str, Any], *users: Any) -> dict[str, Any]:
    """The schemas that the rest of the document uses: those of hidden addresses tell of them."""
    used: set[str] = set()
    new = _names(users)
    while new:
        used |= new
        new = _names([schemas[name] for name in new if name in schemas]) - used
    return {name: schema for name, schema in schemas.items() if name in used}


def _names(part: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(part)))
