"""Problem documents (RFC 9457): every failure has this one shape, in the reader's language.

Whatever is missing, unknown or outside one's tier gives the very same 404, so that the shape of an
answer never tells that something hidden exists. No answer carries a stack trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth.principal import principal_of, reader_language
from api.errors import (
    KeyScopeError,
    NotFoundError,
    RefusedRequest,
    SignInError,
    Text,
    TooManyRequestsError,
    problem_document,
    status_of,
)
from api.http.public_address import local_path
from api.http.responses import as_json
from geo.errors import PetajagaError
from geo.i18n import Message
from geo.requests import field_of, reason_of

__all__ = ["add_error_handlers", "problem_response"]

MEDIA_TYPE = "application/problem+json"
_CHECKED = ("/v1/", "/ogc/")


def problem_response(
    request: Request,
    status: int,
    message: Text,
    *,
    errors: Sequence[tuple[str, Text]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer ``request`` with a problem document; parameters as :func:`problem_document`."""
    language = reader_language(request)
    document = problem_document(
        status, message, language=language, path=request.url.path, errors=errors
    )
    headers = {"Cache-Control": "no-store", "Content-Language": language, **(headers or {})}
    return Response(as_json(document), status, headers, MEDIA_TYPE)


async def _on_petajaga(request: Request, error: Exception) -> Response:
    assert isinstance(error, PetajagaError)
    status = status_of(error)
    if status == HTTPStatus.NOT_FOUND:
        return problem_response(request, status, NotFoundError())
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_seconds)
    if isinstance(error, SignInError):
        headers["WWW-Authenticate"] = 'Bearer realm="petajaga"'
    errors = [(error.field, error)] if error.field else []
    return problem_response(request, status, error, errors=errors, headers=headers)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, headers = error.status_code, dict(error.headers or {})
    if status in {404, 405} and local_path(request.scope).startswith(_CHECKED):
        # A hidden address checks the token before it answers that nothing is there; where no route
        # is, or none for the method, it is checked here, else a bad token would tell the two apart.
        try:
            await principal_of(request)
        except (SignInError, KeyScopeError) as refused:
            return await _on_petajaga(request, refused)
    if status == HTTPStatus.NOT_FOUND:
        return problem_response(request, status, NotFoundError(), headers=headers)
    if isinstance(error, RefusedRequest):
        message = error.message
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        message = Message(
            "http.method_not_allowed",
            {"method": request.method, "allowed": headers.get("Allow", "GET")},
        )
    else:
        message = Message("http.unreadable_body" if status == 400 else "http.refused")
    return problem_response(request, status, message, headers=headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [(field_of(item), reason_of(item)) for item in error.errors()]
    field, reason = errors[0]
    message = Message("validation.field", {"name": field, "reason": reason})
    return problem_response(request, HTTPStatus.BAD_REQUEST, message, errors=errors)


def add_error_handlers(app: FastAPI) -> None:
    """Make every foreseen failure of ``app`` answer with a problem document.

    The unforeseen ones are caught by :class:`api.http.middleware.Guard`.
    """
    app.add_exception_handler(PetajagaError, _on_petajaga)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
