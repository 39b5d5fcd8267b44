"""``/metrics`` for Prometheus; for everyone who may not read it the address does not exist."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.errors import NotFoundError
from api.http.responses import PRIVATE
from api.settings import Settings

__all__ = ["router"]

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


class _Metrics:
    """An application and no function, because a route of a function says which methods it takes."""

    __name__ = "metrics"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if scope["method"] != "GET" or not _may_read(request):
            raise NotFoundError
        state = request.app.state
        body = state.metrics.exposition(state.jobs.unfinished())
        await Response(body, headers=PRIVATE, media_type=CONTENT_TYPE_LATEST)(scope, receive, send)


def _may_read(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    forwarded = any(name in request.headers for name in _FORWARDED)
    # nginx without settings sends none of these, but asks in HTTP/1.0
    if address.is_loopback and (forwarded or request.scope["http_version"] == "1.0"):
        return False  # somebody behind a proxy on this machine
    return any(address in network for network in settings.metrics_networks)


router = APIRouter()
router.routes.append(Route("/metrics", _Metrics(), include_in_schema=False))
