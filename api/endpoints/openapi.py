"""The OpenAPI document of all routes: ``/v1`` from the code, ``/ogc`` from the registry."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI

from api.auth.principal import Principal
from api.endpoints.ogc.document import openapi_document
from api.http.schemas import Problem
from api.state.release_holder import ReleaseView
from layers.visibility import path_exists

__all__ = ["document_for"]


def _without_corridors(method: dict[str, Any]) -> None:
    """Take from a scenario's body what only the police may ask."""
    for content in method["requestBody"]["content"].values():
        content["schema"]["properties"].pop("corridors", None)


def document_for(
    app: FastAPI, principal: Principal, view: ReleaseView, *, server: str
) -> dict[str, Any]:
    """The document for the tier of ``principal``."""
    document: dict[str, Any] = copy.deepcopy(app.openapi())
    ogc = openapi_document(view, principal, server=server)
    tier = principal.tier
    paths = {path: item for path, item in document["paths"].items() if path_exists(tier, path)}
    if not principal.rights.numbers and "/v1/scenarios" in paths:
        _without_corridors(paths["/v1/scenarios"]["post"])
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for part, entries in ogc["components"].items():
        document["components"][part] = entries | document["components"].get(part, {})
    return {**document, "paths": paths | ogc["paths"], "servers": ogc["servers"]}
