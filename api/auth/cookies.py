"""Names and paths of the cookies.

Over https a name begins with ``__Host-`` or ``__Secure-``: browsers take such a cookie from no
other host of the domain and from no connection without TLS.
"""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request

__all__ = ["Cookie", "device_cookie", "flow_cookie", "session_cookie"]


class Cookie(NamedTuple):
    """Name, path and whether it goes over https alone."""

    name: str
    path: str
    secure: bool


def session_cookie(request: Request) -> Cookie:
    """The cookie with the token of a sign-in."""
    return _cookie(request, "petajaga_session", "/")


def device_cookie(request: Request) -> Cookie:
    """The cookie with the token of a device, sent at sign-in alone."""
    return _cookie(request, "petajaga_device", "/v1/session")


def flow_cookie(request: Request) -> Cookie:
    """The cookie of a sign-in by the agency's own service, while it lasts."""
    return _cookie(request, "petajaga_flow", "/v1/session/oidc")


def _cookie(request: Request, name: str, path: str) -> Cookie:
    path = f"{request.state.prefix}{path}"
    if request.url.scheme != "https":
        return Cookie(name, path, secure=False)
    # browsers allow __Host- at the path / alone
    return Cookie(f"{'__Host-' if path == '/' else '__Secure-'}{name}", path, secure=True)
