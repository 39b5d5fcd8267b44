"""The texts of the page as JSON: the catalogue's keys that everyone's page uses, and a desk's.

What tells of posts goes to the police desk alone.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.http.errors import NotFoundError
from api.http.responses import JSON, as_json
from geo.i18n import language_names, languages, messages
from layers.registry import layers_for

__all__ = ["router"]

_LABELS = (
    *("class.", "component.", "confidence.", "hotspot.", "kind.", "level.", "measure.", "mode."),
    *("precision.", "service.", "tier.", "unit."),
)
_DESKS = ("web_desk.", "step.")
_POLICE = ("web_police.", "staff.", "measure.intercepted", "step.posts")

router = APIRouter(include_in_schema=False)


@cache
def _texts(language: str, tier: str, *prefixes: str) -> dict[str, Any]:
    """Texts by key, with the titles of the layers that ``tier`` has."""
    if language not in languages():
        raise NotFoundError
    titles = (f"layer.{name}.title" for name in layers_for(tier))
    texts = messages(language, *prefixes, *titles)
    if tier != "police":
        texts = {key: text for key, text in texts.items() if not key.startswith(_POLICE)}
    return texts


@router.get("/static/i18n/{language}.json")
async def page_texts(language: str, request: Request) -> Response:
    """The names of the languages, and the texts of the page in one of them, for everyone."""
    texts = _texts(language, "public", "web.", *_LABELS)
    body = as_json({"languages": language_names(), "messages": texts})
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


@router.get("/desk/{folder}/{language}.json")
async def desk_texts(folder: str, language: str, caller: CurrentUser) -> Response:
    """The texts that come with the desk of the session."""
    if caller.desk_page is None or folder != caller.desk_page:
        raise NotFoundError
    police = _POLICE if caller.tier == "police" else ()
    texts = _texts(language, caller.tier, *_DESKS, *police)
    headers = {"Cache-Control": "private, no-store"}
    return Response(as_json({"messages": texts}), media_type=JSON, headers=headers)
