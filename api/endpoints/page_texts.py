"""The texts of the page as JSON: the catalogue's keys that everyone's page uses, and a desk's.

What tells of posts goes to the police desk alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.errors import NotFoundError
from api.http.responses import JSON, as_json, cached_response, private_json
from geo.i18n import language_names, languages, messages
from layers.registry import layers_for
from layers.schema import TIERS, Tier
from layers.visibility import ANONYMOUS, RIGHTS

__all__ = ["desk_texts", "public_texts", "router"]

_LABELS = (
    *("basis.", "caveat.boundaries", "caveat.enforcement", "class.", "component.", "confidence."),
    *(f"classification.{tier}" for tier in TIERS),
    *("document.step_ask", "document.step_check", "document.step_danger", "hotspot."),
    *("kind.", "legal_class.", "level.", "measure.", "medium.", "mode.", "precision.", "referral."),
    *("region.", "safe.title", "service.", "session_purpose.", "tier.", "unit."),
)

router = APIRouter(include_in_schema=False)


@cache
def public_texts(language: str) -> dict[str, Any]:
    """Texts of the page by key, for everyone; a plural is a list of its forms.

    Raises
    ------
    NotFoundError
        No such language.
    """
    return _texts(language, ANONYMOUS, "web.", *_LABELS)


@cache
def desk_texts(language: str, tier: Tier, desk: str) -> dict[str, Any]:
    """What the page of a desk has besides: texts of all desks, of its own, titles of its layers.

    Raises
    ------
    NotFoundError
        No such language.
    """
    return _texts(language, tier, *RIGHTS[tier].desk_texts, f"web_{desk}.")


def _texts(language: str, tier: Tier, *prefixes: str) -> dict[str, Any]:
    if language not in languages():
        raise NotFoundError
    titles = (f"layer.{name}.title" for name in layers_for(tier))
    texts = messages(language, *prefixes, *titles)
    hidden = RIGHTS[tier].hidden_texts
    return {key: text for key, text in texts.items() if not key.startswith(hidden)}


@router.get("/static/i18n/{language}.json")
async def page_texts_file(language: str, request: Request) -> Response:
    """The names of the languages, and the texts of the page in one of them."""
    body = as_json({"languages": language_names(), "messages": public_texts(language)})
    return cached_response(request, body, body, JSON, {"Cache-Control": "no-cache"})


@router.get("/desk/{folder}/{language}.json")
async def desk_texts_file(folder: str, language: str, principal: CurrentUser) -> Response:
    """The texts that come with the desk of the session."""
    if principal.desk_page is None or folder != principal.desk_page:
        raise NotFoundError
    return private_json({"messages": desk_texts(language, principal.tier, folder)})
