"""Answers from the release as a principal sees it: media type, cache headers by tier, ETag, 304."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import CurrentUser, Principal, principal_of
from api.state.release_holder import CurrentRelease, ReleaseView, release_view_of
from geo.imports.days import today
from layers.query.tier_query import LayerInfo
from layers.release.release import Page, Release
from layers.schema import Tier

__all__ = [
    "GEOJSON", "JSON", "MVT", "PRIVATE", "TierRelease", "TierRoute", "TierView", "as_json",
    "cached_response", "private_json",
]  # fmt: skip

JSON = "application/json"
GEOJSON = "application/geo+json"
MVT = "application/vnd.mapbox-vector-tile"
PRIVATE = {"Cache-Control": "private, no-store"}
_PUBLIC_SECONDS = 300
_VARY = "Accept, Accept-Encoding, Accept-Language, Authorization, Cookie"


def as_json(value: Any) -> bytes:
    """JSON bytes of plain values, numpy numbers included; NaN becomes null."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def private_json(
    value: Any, *, status: int = 200, location: str | None = None, media_type: str = JSON
) -> Response:
    """JSON that no cache may keep."""
    headers = PRIVATE if location is None else {**PRIVATE, "Location": location}
    return Response(as_json(value), status, headers, media_type)


@dataclass(frozen=True)
class TierView:
    """The release as the principal of one request sees it, and the answers made from it."""

    request: Request
    principal: Principal
    release_view: ReleaseView

    @property
    def tier(self) -> Tier:
        """The principal's tier."""
        return self.principal.tier

    @property
    def release(self) -> Release:
        """The release itself, of every tier."""
        return self.release_view.release

    @property
    def id(self) -> str:
        """The release's id as the tier may know it."""
        return self.release_view.id(self.tier)

    @property
    def manifest(self) -> dict[str, Any]:
        """The release's manifest, as far as the tier may see it."""
        return self.release.manifest(self.tier, province=self.principal.province)

    @property
    def base_url(self) -> str:
        """Address of the service as the client knows it, without a slash at the end."""
        return str(self.request.base_url).rstrip("/")

    def layer(self, name: str) -> LayerInfo:
        """One layer of the tier, by name."""
        return self.release.layer(name, self.tier, province=self.principal.province)

    def layers(self) -> dict[str, LayerInfo]:
        """The layers of the tier by name."""
        return self.release.layers(self.tier, province=self.principal.province)

    def features(self, layer: str, **options: Any) -> Page:
        """Features the principal may see; options as :meth:`Release.features`."""
        return self.release.features(layer, self.tier, province=self.principal.province, **options)

    def feature(self, layer: str, feature_id: str) -> dict[str, Any]:
        """One feature the principal may see."""
        return self.release.feature(layer, self.tier, feature_id, province=self.principal.province)

    def respond(self, **body: Any) -> Response:
        """Answer with a JSON object: the release's id and ``body``."""
        return self.respond_bytes(as_json({"release": self.id, **body}))

    def respond_as_it_stands(self, **body: Any) -> Response:
        """The same of what the day and the register decide too, so that the ETag is of it all."""
        answer = as_json({"release": self.id, **body})
        return self.respond_bytes(answer, variant=hashlib.sha256(answer).hexdigest())

    def respond_bytes(
        self,
        body: bytes,
        *,
        media_type: str = JSON,
        language: str | None = None,
        variant: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer with ``body``, or 304 when the client has it already.

        The ETag is a hash of the release as the tier sees it, the tier (with the partner's
        province), the address and the form; it is weak, since compression and the time stamp of a
        page of items do not change the content. The month is in it too: with it numbers of offices
        are hidden. ``variant`` is what else decides the body; ``headers`` are further ones.
        """
        seed = "\n".join(
            (
                self.id,
                today()[:7],
                *self.principal.scope,
                str(self.request.url),
                media_type,
                language or "",
                variant,
            )
        )
        public = self.principal.name is None
        headers = {
            **(headers or {}),
            "Cache-Control": f"public, max-age={_PUBLIC_SECONDS}"
            if public
            else "private, no-store",
            "Vary": _VARY,
            "Petajaga-Release": self.id,
        }
        if language is not None:
            headers["Content-Language"] = language
        seed_bytes = seed.encode("utf-8", "replace")
        return cached_response(self.request, seed_bytes, body, media_type, headers)


async def _tier_view(request: Request, principal: CurrentUser, view: CurrentRelease) -> TierView:
    return TierView(request, principal, view)


TierRelease = Annotated[TierView, Depends(_tier_view)]
"""Declare ``view: TierRelease`` in an endpoint to answer from what the principal may see."""


class TierRoute(APIRoute):
    """A route whose endpoint takes a :class:`TierView` and the parts of the path, nothing else.

    It is called without the framework's search for dependencies, which costs a small answer more
    than the answer itself. ``APIRouter(route_class=TierRoute)`` makes all routes of a router such.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function that answers a request."""
        endpoint = self.endpoint
        at_once = iscoroutinefunction(endpoint)

        async def handle(request: Request) -> Response:
            principal, release = await principal_of(request), await release_view_of(request)
            view = await _tier_view(request, principal, release)
            if at_once:
                response: Response = await endpoint(view, **request.path_params)
                return response
            return await run_in_threadpool(endpoint, view, **request.path_params)

        return handle


def cached_response(
    request: Request, seed: bytes, body: bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Answer with ``body`` under the weak ETag of ``seed``, or 304 when the client has it."""
    etag = f'W/"{hashlib.sha256(seed).hexdigest()[:32]}"'
    headers = {"ETag": etag, **headers}
    if _etag_matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _etag_matches(header: str | None, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names ``etag``, by weak comparison (RFC 9110)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") == opaque for part in header.split(","))
