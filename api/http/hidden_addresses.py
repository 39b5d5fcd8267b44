"""What is at no address reads as what is hidden: a bad token is refused before a 404 or 405.

Hidden addresses ask who calls before they answer that nothing is there. Where no route is, nobody
asks, so it is done here: else a bad token would tell the two apart.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.auth.principal import caller_of
from api.http.errors import SignInError, on_http, on_petajaga

__all__ = ["check_tokens_of_unknown_addresses"]

_ASKING = ("/v1/", "/ogc/")


def check_tokens_of_unknown_addresses(app: FastAPI) -> None:
    """Have ``app`` ask who calls, too, where it knows no address or not the method."""
    for status in (404, 405):
        app.add_exception_handler(status, _unknown)


async def _unknown(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(_ASKING):
        try:
            await caller_of(request)
        except SignInError as refused:
            return await on_petajaga(request, refused)
    return await on_http(request, error)
