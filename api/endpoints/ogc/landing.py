"""``/ogc``: landing page, conformance, interface definition."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.ogc.html_pages import answer
from api.endpoints.ogc.links import HTML, JSON, OPENAPI, both, link, pair, relation, url
from api.endpoints.ogc.openapi import openapi_document, operation
from api.endpoints.ogc.params import variant_of
from api.endpoints.ogc.tiles import tile_links
from api.http.responses import TierRelease, TierRoute, as_json

router = APIRouter(prefix="/ogc", route_class=TierRoute)

_FEATURES, _CQL2 = "ogcapi-features-{}/1.0/conf", "cql2/1.0/conf"
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/{standard}/{name}"
    for standard, names in (
        (_FEATURES.format(1), ("core", "oas30", "html", "geojson")),
        (_FEATURES.format(2), ("crs",)),
        (_FEATURES.format(3), ("queryables", "queryables-query-parameters", "filter",
                               "features-filter")),
        ("ogcapi-tiles-1/1.0/conf", ("core", "tileset", "tilesets-list", "dataset-tilesets",
                                     "geodata-tilesets", "mvt", "oas30")),
        (_CQL2, ("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
                 "case-insensitive-comparison", "basic-spatial-functions",
                 "basic-spatial-functions-plus")),
    )
    for name in names
)  # fmt: skip
"""Conformance classes; `tests/api/test_ogc_conformance.py` asks each for its requirements."""


@router.get("/", include_in_schema=False)  # as clients write it that join paths to an address
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
            *tile_links(variant),
            *both(variant, "tileMatrixSets", rel=relation("tiling-schemes"), media_type=JSON,
                  title="ogc.tms"),
            *both(variant, "styles", rel=relation("styles"), media_type=JSON, title="ogc.styles"),
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
