"""What is no data: the map application's files, the base map, the interface documentation.

Everything comes from this machine; no page loads anything from elsewhere.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from api.endpoints.ogc.html_pages import TEMPLATES
from api.endpoints.openapi import document_for
from api.errors import NotFoundError
from api.http.responses import (
    GEOJSON,
    JSON,
    MVT,
    TierRelease,
    as_json,
    cached_response,
    private_json,
)
from api.state.release_holder import CurrentRelease
from geo.classes import CLASSES, RATE_CUTS, UNSURE_BELOW
from layers import palette
from layers.visibility import ANONYMOUS, RIGHTS

__all__ = ["WEB", "add_site", "constants_module", "router"]

WEB = Path(__file__).resolve().parents[1] / "web"
_STATIC = ("app", "data", "i18n", "map", "panel", "ui", "vendor")
"""Folders of :data:`WEB` that everyone may read; ``desks`` is not among them."""
_REVALIDATE = {"Cache-Control": "no-cache"}
_DAY = {"Cache-Control": "public, max-age=86400"}
_SWAGGER = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}

_DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Petajaga API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="static/favicon.svg">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_DOCS_START = """"use strict";
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
"""

_PALETTE = (
    "AREA_COLOURS", "BASE", "CHANGE_COLOURS", "CHANGE_CUTS", "CORRIDOR_COLOURS", "DARK",
    "FLOW_COLOURS", "HOTSPOT_SIGNS", "LEG_COLOURS", "MAIN_ROADS", "PLACE_SIGN", "SERVICE_SIGN",
    "SIGNS",
)  # fmt: skip
"""What the page reads of :mod:`layers.palette`; hidden signs are with the files of a desk."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def map_application() -> Response:
    """The map."""
    if not (WEB / "index.html").is_file():
        raise NotFoundError
    return FileResponse(WEB / "index.html", headers=_REVALIDATE)


@router.get("/service-worker.js")
async def service_worker() -> Response:
    """Opens the page without a network; at the root, since it may answer only for what is below."""
    return FileResponse(WEB / "service-worker.js", headers=_REVALIDATE)


@router.get("/static/basemap.geojson")
async def basemap(request: Request, view: CurrentRelease) -> Response:
    """The base map of the release; the same for every tier."""
    data = view.once(("basemap",), view.release.basemap.read_bytes)
    headers = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
    seed = f"{view.id(ANONYMOUS)}-basemap".encode()
    return cached_response(request, seed, data, GEOJSON, headers)


@router.get("/static/basemap.json")
async def basemap_layers(request: Request, view: CurrentRelease) -> Response:
    """Layers of the base map's tiles with their zooms, and who has to be named."""
    body = as_json(view.release.basemap_tiles.metadata)
    return cached_response(request, body, body, JSON, _REVALIDATE)


@router.get("/static/basemap/{z}/{x}/{y}")
async def basemap_tile(request: Request, view: CurrentRelease, z: int, x: int, y: int) -> Response:
    """One tile of the base map (MVT); 204 where it has none."""
    packed = view.release.basemap_tiles.tile(z, x, y)
    headers = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
    if packed is None:
        return Response(status_code=204, headers=headers)
    seed = f"{view.id(ANONYMOUS)}-basemap-{z}-{x}-{y}".encode()
    return cached_response(request, seed, gzip.decompress(packed), MVT, headers)


@router.get("/static/map/palette.js")
async def map_palette(request: Request) -> Response:
    """Colours and signs of the map (:mod:`layers.palette`) as a module of the page."""
    module = _palette_module()
    return cached_response(request, module, module, "text/javascript; charset=utf-8", _REVALIDATE)


@cache
def _palette_module() -> bytes:
    values = {name: getattr(palette, name) for name in _PALETTE}
    hidden = RIGHTS[ANONYMOUS].hidden_signs
    signs = {kind: sign for kind, sign in palette.SIGNS.items() if kind not in hidden}
    classes = {"CLASSES": CLASSES, "RATE_CUTS": RATE_CUTS, "UNSURE_BELOW": UNSURE_BELOW}
    return constants_module({**classes, **values, "SIGNS": signs})


def constants_module(values: Mapping[str, Any]) -> bytes:
    """A module of the page that exports these values."""
    lines = (
        f"export const {name} = {json.dumps(value, default=_plain)};\n"
        for name, value in values.items()
    )
    return "".join(lines).encode()


def _plain(value: Any) -> dict[str, Any]:
    """A mapping, or a sign without its empty attributes, as JSON has it."""
    items = value if isinstance(value, Mapping) else asdict(value)
    return {key: item for key, item in items.items() if item}


@router.get("/ogc-pages.css")
async def ogc_style() -> Response:
    """The style of the data pages."""
    return FileResponse(TEMPLATES / "ogc" / "pages.css", media_type="text/css", headers=_REVALIDATE)


@router.get("/openapi.json")
def openapi(view: TierRelease) -> Response:
    """The whole interface, as far as the tier may see it, for the documentation page."""
    return private_json(document_for(view))


@router.get("/docs")
async def docs() -> Response:
    """The interface documentation (Swagger UI)."""
    return Response(_DOCS_PAGE, media_type="text/html; charset=utf-8", headers=_REVALIDATE)


@router.get("/docs/start.js")
async def docs_start() -> Response:
    """Starts the documentation page; a file of its own, since inline scripts are forbidden."""
    return Response(_DOCS_START, media_type="text/javascript; charset=utf-8", headers=_REVALIDATE)


@router.get("/docs/{name}")
def docs_file(name: str) -> Response:
    """Swagger UI's script and style, from the installed package."""
    if name not in _SWAGGER:
        raise NotFoundError
    folder = resources.files("fastapi_standalone_docs").joinpath("static/swagger")
    return Response(
        folder.joinpath(name).read_bytes(),
        media_type=f"{_SWAGGER[name]}; charset=utf-8",
        headers=_DAY,
    )


class _Files(StaticFiles):
    """Static files that a browser keeps but asks about each time (ETag, 304)."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def add_site(app: FastAPI) -> None:
    """Add the pages, then the folders of static files: before all other routes, since each of a
    page's many files is compared with every route that stands before it.
    """
    app.include_router(router)
    for folder in _STATIC:
        app.mount(f"/static/{folder}", _Files(directory=WEB / folder), name=f"static-{folder}")


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    """A style sheet or picture of the page."""
    path = WEB / name
    if path.suffix not in {".css", ".svg"} or path.parent != WEB or not path.is_file():
        raise NotFoundError
    return FileResponse(path, headers=_REVALIDATE)
