"""Answers of the OGC routes: JSON for programs, plain HTML for browsers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from api.auth.principal import Principal
from api.endpoints.ogc.links import HTML, language_of, url
from api.endpoints.ogc.params import Variant
from api.http.responses import as_json, respond
from api.state.release_holder import ReleaseView

__all__ = ["TEMPLATES", "answer"]

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def answer(
    request: Request,
    principal: Principal,
    view: ReleaseView,
    variant: Variant,
    content: dict[str, Any],
    *,
    template: str,
    media_type: str = "application/json",
    raw: bytes | None = None,
    **more: Any,
) -> Response:
    """Answer with ``content`` as JSON (``raw`` if it is written already) or as an HTML page.

    ``more`` are further values for the template.
    """
    if variant.form == "json":
        body = as_json(content) if raw is None else raw
        return respond(
            request, principal, view, body, media_type=media_type, language=variant.language
        )
    other = "en" if variant.language == "id" else "id"
    segments = request.url.path.removeprefix("/ogc").strip("/").split("/")
    kept = {k: v for k, v in request.query_params.items() if k not in ("f", "lang")}

    def here(*, form: str, language: str) -> str:
        return url(
            request,
            *(segment for segment in segments if segment),
            query={**kept, "f": form, **language_of(language)},
        )

    def to(*segments: str) -> str:
        return url(request, *segments, query={"f": "html", **language_of(variant.language)})

    html = _environment.get_template(template).render(
        content=content,
        text=variant.text,
        language=variant.language,
        release=view.id(principal.tier),
        attribution=[
            line[variant.language] for line in view.release.manifest(principal.tier)["attribution"]
        ],
        here_other=here(form="html", language=other),
        here_json=here(form="json", language=variant.language),
        to=to,
        **more,
    )
    return respond(
        request,
        principal,
        view,
        html.encode("utf-8", "replace"),
        media_type=f"{HTML}; charset=utf-8",
        language=variant.language,
    )
