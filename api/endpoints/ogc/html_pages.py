"""Answers of the OGC routes: JSON for programs, plain HTML for browsers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from api.endpoints.ogc.links import HTML, JSON, url
from api.endpoints.ogc.params import Variant
from api.http.public_address import local_path
from api.http.responses import as_json
from geo.i18n.catalogue import language_names

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
    variant: Variant,
    content: dict[str, Any],
    *,
    template: str,
    media_type: str = JSON,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """Answer with ``content`` as JSON (``raw`` where it is serialised already) or as an HTML page.

    ``headers`` are further ones of the JSON, ``values`` further values for the template.
    """
    view, language = variant.view, variant.language
    if variant.form == "json":
        body = as_json(content) if raw is None else raw
        return view.respond_bytes(body, media_type=media_type, language=language, headers=headers)
    segments = local_path(view.request.scope).removeprefix("/ogc").strip("/").split("/")
    path = [segment for segment in segments if segment]
    query = {k: v for k, v in view.request.query_params.items() if k not in ("f", "lang")}
    html = _environment.get_template(template).render(
        content=content,
        text=variant.text,
        language=language,
        base=view.base_url,
        release=view.id,
        attribution=[variant.in_language(line) for line in view.manifest["attribution"]],
        other_languages=[
            (code, name, url(variant, *path, query=query, form="html", language=code))
            for code, name in language_names().items()
            if code != language
        ],
        here_json=url(variant, *path, query=query, form="json"),
        to=lambda *segments: url(variant, *segments, form="html"),
        **values,
    )
    page = html.encode("utf-8", "replace")
    return view.respond_bytes(page, media_type=f"{HTML}; charset=utf-8", language=language)
