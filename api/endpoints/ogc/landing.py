"""``/ogc``: landing page, conformance, interface definition."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.ogc.html_pages import answer
from api.endpoints.ogc.links import HTML, JSON, OPENAPI, both, link, pair, url
from api.endpoints.ogc.openapi import openapi_document, operation
from api.endpoints.ogc.params import variant_of
from api.http.responses import TierRelease, as_json

router = APIRouter(prefix="/ogc")

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)


@router.get("", summary="Landing page", openapi_extra=operation("LandingPage"))
def ogc_landing(view: TierRelease) -> Response:
    """Links to everything else."""
    variant = variant_of(view)
    content: dict[str, Any] = {
        "title": variant.text("ogc.title"),
        "description": variant.text("ogc.description"),
        "attribution": " ".join(
            variant.in_language(line) for line in view.manifest["attribution"]
        ),
        "links": [
            *pair(variant, media_type=JSON),
            link(url(variant, "api"), "service-desc", OPENAPI, variant.text("ogc.definition")),
            link(f"{view.base_url}/docs", "service-doc", HTML, variant.text("ogc.documentation")),
            *both(variant, "conformance", rel="conformance", media_type=JSON,
                  title="ogc.conformance"),
            *both(variant, "collections", rel="data", media_type=JSON, title="ogc.collections"),
        ],
    }  # fmt: skip
    return answer(variant, content, template="ogc/landing.html")


@router.get("/conformance", summary="Conformance classes", openapi_extra=operation("Conformance"))
def ogc_conformance(view: TierRelease) -> Response:
    """The conformance classes of the service."""
    variant = variant_of(view)
    links = pair(variant, "conformance", media_type=JSON)
    content = {"conformsTo": list(CONFORMANCE), "links": links}
    return answer(variant, content, template="ogc/conformance.html")


@router.get(
    "/api",
    summary="This document",
    openapi_extra=operation("AnyObject", media_type=OPENAPI, html=False),
)
def ogc_api(view: TierRelease) -> Response:
    """The interface as an OpenAPI 3.0 document; only what the tier may see is in it."""
    variant_of(view)  # refuses unknown parameters
    return view.respond_bytes(as_json(openapi_document(view)), media_type=OPENAPI)
