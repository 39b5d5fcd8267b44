"""Errors over HTTP: one table from class to status, one shape (RFC 9457) for every failure.

Whatever is missing, unknown or outside one's tier gives the very same 404, so that the shape of an
answer never tells that something hidden exists. No answer carries a stack trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from geo.errors import (
    AmbiguousNameError,
    EnvironmentProblem,
    InfeasibleError,
    InputError,
    ModelError,
    PetajagaError,
    StateError,
    UnknownNameError,
)

__all__ = [
    "STATUS",
    "ConflictError",
    "NotFoundError",
    "OutdatedError",
    "SignInError",
    "TooManyAttemptsError",
    "TooManyJobsError",
    "add_error_handlers",
    "on_http",
    "on_petajaga",
    "problem",
    "problem_body",
    "status_of",
]

MEDIA_TYPE = "application/problem+json"
MISSING = "There is nothing at this address for this sign-in. Check the address, or sign in."
"""The one text of every 404: missing, unknown and hidden must read alike."""


class NotFoundError(PetajagaError):
    """Nothing here, or nothing this tier may see: the caller cannot tell which."""

    def __init__(self) -> None:
        super().__init__(MISSING)


class SignInError(PetajagaError):
    """Name and password do not fit, or a sign-in is needed."""


class TooManyAttemptsError(PetajagaError):
    """Too many failed sign-ins; ``retry_seconds`` is how long to wait."""

    def __init__(self, message: str, *, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class TooManyJobsError(PetajagaError):
    """Enough is being computed already; ``retry_seconds`` is when it may be worth asking again."""

    def __init__(self, message: str, *, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class ConflictError(PetajagaError):
    """Right in itself, but not as things stand: a plan that is not done, a list that is full."""


class OutdatedError(PetajagaError):
    """What was saved no longer fits the data of the release being served."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


STATUS: Mapping[type[PetajagaError], HTTPStatus] = {
    UnknownNameError: HTTPStatus.NOT_FOUND,
    NotFoundError: HTTPStatus.NOT_FOUND,
    AmbiguousNameError: HTTPStatus.BAD_REQUEST,
    InputError: HTTPStatus.BAD_REQUEST,
    InfeasibleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ModelError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SignInError: HTTPStatus.UNAUTHORIZED,
    TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyJobsError: HTTPStatus.TOO_MANY_REQUESTS,
    ConflictError: HTTPStatus.CONFLICT,
    OutdatedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StateError: HTTPStatus.SERVICE_UNAVAILABLE,
    EnvironmentProblem: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The table: the nearest ancestor of an error's class that stands here gives the status."""


def status_of(error: PetajagaError | type[PetajagaError]) -> HTTPStatus:
    """Return the HTTP status of an error, or of a class of errors."""
    for kind in (error if isinstance(error, type) else type(error)).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(
    status: int,
    detail: str,
    *,
    path: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build a problem document.

    Parameters
    ----------
    status, detail
        HTTP status and one line for a person.
    path
        The path asked for, given back as ``instance`` (never the query: it may hold a secret).
    errors
        What is wrong by field: ``{"field", "message"}``.
    """
    body = problem_body(status, detail, path=path, errors=errors)
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, all_headers, MEDIA_TYPE)


def problem_body(
    status: int, detail: str, *, path: str, errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The problem document itself; parameters as :func:`problem`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        # A lone surrogate in a path cannot be encoded; it is shown as "?".
        "instance": path.encode("utf-8", "replace").decode("utf-8"),
    }
    if errors:
        body["errors"] = list(errors)
    return body


async def on_petajaga(request: Request, error: Exception) -> Response:
    """Answer an error of this project's."""
    assert isinstance(error, PetajagaError)
    status = status_of(error)
    path = request.url.path
    if status == HTTPStatus.NOT_FOUND:
        return problem(status, MISSING, path=path)
    headers: dict[str, str] = {}
    if isinstance(error, (TooManyAttemptsError, TooManyJobsError)):
        headers["Retry-After"] = str(error.retry_seconds)
    if isinstance(error, SignInError):
        headers["WWW-Authenticate"] = 'Bearer realm="petajaga"'
    field = getattr(error, "field", None)
    errors = [{"field": str(field), "message": str(error)}] if field else []
    return problem(status, str(error), path=path, errors=errors, headers=headers)


async def on_http(request: Request, error: Exception) -> Response:
    """Answer an error of the framework's: no such address, a method it does not take."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = MISSING
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = headers.get("allow") or headers.get("Allow") or "GET"
        detail = f"This address does not take {request.method}; it takes {allowed}."
    else:
        detail = str(error.detail)
    return problem(error.status_code, detail, path=request.url.path, headers=headers)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = []
    for item in error.errors():
        # The offending input itself is left out: it may be a password.
        where = [str(part) for part in item["loc"]]
        field = ".".join(where[1:]) or where[0]
        errors.append({"field": _printable(field), "message": _printable(str(item["msg"]))})
    first = errors[0]
    detail = f"{first['field']}: {first['message']}"
    return problem(HTTPStatus.BAD_REQUEST, detail, path=request.url.path, errors=errors)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")[:300]


def add_error_handlers(app: FastAPI) -> None:
    """Make every foreseen failure of ``app`` answer with a problem document.

    The unforeseen ones are caught by :class:`api.http.middleware.Guard`.
    """
    app.add_exception_handler(PetajagaError, on_petajaga)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
