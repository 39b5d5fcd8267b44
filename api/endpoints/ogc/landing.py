"""``/ogc``: landing page, conformance, interface definition."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.endpoints.ogc.document import openapi_document
from api.endpoints.ogc.links import HTML, JSON, OPENAPI, both, link, pair, url
from api.endpoints.ogc.pages import answer
from api.endpoints.ogc.params import variant_of
from api.http.responses import as_json, respond
from api.state.release_holder import CurrentRelease

router = APIRouter(prefix="/ogc")

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)


@router.get("")
def ogc_landing(request: Request, principal: CurrentUser, view: CurrentRelease) -> Response:
    """The way to everything else."""
    variant = variant_of(request)
    base = str(request.base_url).rstrip("/")
    content: dict[str, Any] = {
        "title": variant.text("ogc.title"),
        "description": variant.text("ogc.description"),
        "attribution": " ".join(
            line[variant.language] for line in view.release.manifest(principal.tier)["attribution"]
        ),
        "links": [
            *pair(request, variant, media_type=JSON),
            link(url(request, "api"), "service-desc", OPENAPI, variant.text("ogc.definition")),
            link(f"{base}/docs", "service-doc", HTML, variant.text("ogc.documentation")),
            *both(request, variant, "conformance", rel="conformance", media_type=JSON,
                  title=variant.text("ogc.conformance")),
            *both(request, variant, "collections", rel="data", media_type=JSON,
                  title=variant.text("ogc.collections")),
        ],
    }  # fmt: skip
    return answer(request, principal, view, variant, content, template="ogc/landing.html")


@router.get("/conformance")
def ogc_conformance(request: Request, principal: CurrentUser, view: CurrentRelease) -> Response:
    """The conformance classes that are kept."""
    variant = variant_of(request)
    links = pair(request, variant, "conformance", media_type=JSON)
    content = {"conformsTo": list(CONFORMANCE), "links": links}
    return answer(request, principal, view, variant, content, template="ogc/conformance.html")


@router.get("/api")
def ogc_api(request: Request, principal: CurrentUser, view: CurrentRelease) -> Response:
    """The interface as an OpenAPI 3.0 document; only what the tier may see is in it."""
    variant_of(request)
    base = str(request.base_url).rstrip("/")
    body = as_json(openapi_document(view, principal, server=base))
    return respond(request, principal, view, body, media_type=OPENAPI)
