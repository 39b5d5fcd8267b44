"""Links between the OGC pages: absolute addresses on the host of the request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from api.endpoints.ogc.params import Variant
from api.http.responses import GEOJSON, JSON
from geo.i18n.catalogue import DEFAULT_LANGUAGE

__all__ = [
    "GEOJSON", "HTML", "JSON", "MVT", "OPENAPI", "SCHEMA", "TILEJSON", "Link", "both", "link",
    "pair", "relation", "url",
]  # fmt: skip

HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
MVT = "application/vnd.mapbox-vector-tile"
TILEJSON = "application/json"

Link = dict[str, str]


def url(
    variant: Variant,
    *segments: str,
    query: Mapping[str, str | int] | None = None,
    form: str | None = None,
    language: str | None = None,
) -> str:
    """Absolute address of ``/ogc/<segments>`` with ``query``; with ``form`` that form of it."""
    parameters = dict(query or {})
    if form is not None:
        parameters["f"] = form
        language = language or variant.language
        if language != DEFAULT_LANGUAGE:
            parameters["lang"] = language
    address = f"{variant.base_url}{_path(segments)}"
    return f"{address}?{urlencode(parameters)}" if parameters else address


@lru_cache(maxsize=1024)
def _path(segments: tuple[str, ...]) -> str:
    return "".join(f"/{quote(segment, safe='')}" for segment in ("ogc", *segments))


def link(href: str, rel: str, media_type: str, title: str) -> Link:
    """One link object."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def relation(name: str) -> str:
    """A link relation of OGC's own."""
    return f"http://www.opengis.net/def/rel/ogc/1.0/{name}"


def pair(
    variant: Variant,
    *segments: str,
    media_type: str,
    query: Mapping[str, str | int] | None = None,
) -> list[Link]:
    """``self`` in the requested form, then ``alternate`` in the other."""
    forms = {"json": media_type, "html": HTML}
    return [
        link(
            url(variant, *segments, query=query, form=form),
            "self" if form == variant.form else "alternate",
            forms[form],
            variant.text(f"ogc.this_{form}"),
        )
        for form in sorted(forms, key=lambda form: form != variant.form)
    ]


def both(variant: Variant, *segments: str, rel: str, media_type: str, title: str) -> list[Link]:
    """Links to a page in both forms; ``title`` is a key of the catalogue."""
    return [
        link(url(variant, *segments, form=form), rel, media, variant.text(title))
        for form, media in (("json", media_type), ("html", HTML))
    ]
