"""Links between the OGC pages: absolute addresses on the host that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from fastapi import Request

from api.endpoints.ogc.params import Variant
from geo.i18n.catalogue import DEFAULT_LANGUAGE

__all__ = ["GEOJSON", "HTML", "JSON", "OPENAPI", "SCHEMA", "Link", "both", "link", "pair", "url"]

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"

Link = dict[str, str]


def url(request: Request, *segments: str, query: Mapping[str, str | int] | None = None) -> str:
    """Absolute address of ``/ogc/<segments>`` with ``query``."""
    base = str(request.base_url).rstrip("/")
    return f"{base}{_path(segments)}" + (f"?{urlencode(query)}" if query else "")


@lru_cache(maxsize=1024)
def _path(segments: tuple[str, ...]) -> str:
    return "".join(f"/{quote(segment, safe='')}" for segment in ("ogc", *segments))


def link(href: str, rel: str, media_type: str, title: str) -> Link:
    """One link object."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def pair(
    request: Request,
    variant: Variant,
    *segments: str,
    media_type: str,
    query: Mapping[str, str | int] | None = None,
) -> list[Link]:
    """``self`` in the form asked for, ``alternate`` in the other and in the other language."""
    forms = {"json": media_type, "html": HTML}
    links = []
    for form, media in forms.items():
        address = url(
            request, *segments, query={**(query or {}), "f": form, **language_of(variant.language)}
        )
        rel = "self" if form == variant.form else "alternate"
        links.append(link(address, rel, media, variant.text(f"ogc.this_{form}")))
    return sorted(links, key=lambda item: item["rel"] != "self")


def both(
    request: Request,
    variant: Variant,
    *segments: str,
    rel: str,
    media_type: str,
    title: str,
) -> list[Link]:
    """A link to a page in both forms."""
    return [
        link(
            url(request, *segments, query={"f": form, **language_of(variant.language)}),
            rel,
            media,
            title,
        )
        for form, media in (("json", media_type), ("html", HTML))
    ]


def language_of(language: str) -> dict[str, str]:
    """The language parameter, only where it is not the usual one."""
    return {} if language == DEFAULT_LANGUAGE else {"lang": language}
