"""The OpenAPI document of all routes: ``/v1`` from the code, ``/ogc`` from the registry."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI

from api.auth.principal import Principal
from api.endpoints.ogc.document import openapi_document
from api.http.schemas import Problem
from api.state.release_holder import ReleaseView
from layers.visibility import PLANNING_PATHS, path_exists

__all__ = ["document_for"]

_REF = "#/components/schemas/Problem"
_PROBLEM = {
    "description": "A problem document (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": _REF}}},
}


def _without_corridors(method: dict[str, Any]) -> None:
    """Take from a scenario's body what only the police may ask."""
    for content in method["requestBody"]["content"].values():
        content["schema"]["properties"].pop("corridors", None)


def document_for(
    app: FastAPI, principal: Principal, view: ReleaseView, *, server: str
) -> dict[str, Any]:
    """The document for the tier of ``principal``."""
    own: dict[str, Any] = copy.deepcopy(app.openapi())
    ogc = openapi_document(view, principal, server=server)
    own["paths"] = {p: m for p, m in own["paths"].items() if path_exists(principal.tier, p)}
    if not principal.rights.numbers and "/v1/scenarios" in own["paths"]:
        _without_corridors(own["paths"]["/v1/scenarios"]["post"])
    for path, methods in own["paths"].items():
        for method in methods.values():
            # Wrong input answers 400 with a problem document, not the framework's 422.
            method["responses"].pop("422", None)
            codes = ["400", "401"] + (["404"] if "{" in path else [])
            codes += ["403", "413", "429"] if "requestBody" in method else []
            codes += ["422", "503"] if path.startswith(PLANNING_PATHS) else []
            for code in codes:
                method["responses"].setdefault(code, _PROBLEM)
    schemas = own.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    own["paths"] |= ogc["paths"]
    for part, entries in ogc["components"].items():
        known = own["components"].setdefault(part, {})
        for name, entry in entries.items():
            known.setdefault(name, entry)
    own["servers"] = ogc["servers"]
    return own
