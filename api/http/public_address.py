"""The address that a client used, where a proxy stands in front: host, scheme, prefix, client.

The layers behind this one (links, cookies, the check of Origin, limits by address) read a request
as the client sent it.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.settings import PREFIX, Settings

__all__ = ["PublicAddress", "local_path"]


def local_path(scope: Scope) -> str:
    """The path of a request without the prefix of the service.

    Examples
    --------
    >>> local_path({"path": "/petajaga/v1/areas", "state": {"prefix": "/petajaga"}})
    '/v1/areas'
    """
    path: str = scope["path"]
    return path.removeprefix(scope["state"]["prefix"])


class PublicAddress:
    """Puts host, scheme, path prefix and client of a request right.

    Host and scheme are those of ``public_url`` where that is set, else ``Host`` and, from a trusted
    proxy, ``X-Forwarded-Proto``. The prefix is that of the settings, else ``X-Forwarded-Prefix``
    of a trusted proxy; the proxy may have taken it off the path or not. Host names in other headers
    are never believed.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._public = settings.public_address
        self._prefix = settings.prefix
        self._proxies = ProxyHeadersMiddleware(
            self._addressed,  # type: ignore[arg-type]  # its types are uvicorn's own
            settings.trusted_proxies,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        prefix = self._prefix
        client = scope.get("client")
        if not prefix and client and client[0] in self._proxies.trusted_hosts:
            forwarded = Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
            prefix = forwarded if re.fullmatch(PREFIX, forwarded) else ""
        state = {**scope.get("state", {}), "prefix": prefix}
        await self._proxies({**scope, "state": state}, receive, send)  # type: ignore[arg-type]

    async def _addressed(self, scope: Scope, receive: Receive, send: Send) -> None:
        if prefix := scope["state"]["prefix"]:
            scope["root_path"] = prefix
            if not f"{scope['path']}/".startswith(f"{prefix}/"):
                scope["path"] = prefix + scope["path"]
        if self._public:
            scope["scheme"], host = self._public
            scope["headers"] = [
                (name, host.encode() if name == b"host" else value)
                for name, value in scope["headers"]
            ]
        await self.app(scope, receive, send)
