"""How an answer leaves: bytes, media type, cache headers by tier, ETag and 304."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from api.auth.principal import Principal
from api.state.release_holder import ReleaseView

__all__ = ["JSON", "as_json", "etag_matches", "respond"]

JSON = "application/json"
_PUBLIC_SECONDS = 300
_VARY = "Accept, Accept-Encoding, Accept-Language, Authorization, Cookie"


def as_json(value: Any) -> bytes:
    """JSON bytes of plain values, numpy numbers included; NaN becomes null."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def respond(
    request: Request,
    principal: Principal,
    view: ReleaseView,
    body: bytes,
    *,
    media_type: str = JSON,
    language: str | None = None,
) -> Response:
    """Answer with ``body`` from the release ``view``, or 304 when the client has it already.

    The ETag is a hash of the release as the tier sees it, the tier (with the partner's province),
    the address and the form; it is weak, since compression and the time stamp of a page of items
    do not change the content.
    """
    tier, own = principal.scope
    seed = "\n".join((view.id(tier), tier, own, str(request.url), media_type, language or ""))
    etag = f'W/"{hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:32]}"'
    public = principal.name is None
    headers = {
        "ETag": etag,
        "Cache-Control": (f"public, max-age={_PUBLIC_SECONDS}" if public else "private, no-store"),
        "Vary": _VARY,
        "Petajaga-Release": view.id(tier),
    }
    if language is not None:
        headers["Content-Language"] = language
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def etag_matches(header: str | None, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names ``etag``, by weak comparison (RFC 9110)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") == opaque for part in header.split(","))
