"""Errors of the service, their HTTP status in one table, and the problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException

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
from geo.i18n import Message

__all__ = [
    "STATUS",
    "ConflictError",
    "KeyScopeError",
    "NotFoundError",
    "OutdatedError",
    "RefusedRequest",
    "SignInError",
    "Text",
    "TooManyRequestsError",
    "problem_document",
    "status_of",
]


Text = Message | PetajagaError


class NotFoundError(PetajagaError):
    """Nothing here, or nothing this tier may see: the client cannot tell which."""

    def __init__(self) -> None:
        super().__init__("http.not_found")


class SignInError(PetajagaError):
    """Name and password do not fit, or a sign-in is needed."""


class KeyScopeError(PetajagaError):
    """The key of a program asks for more than reading the map's data."""


class TooManyRequestsError(PetajagaError):
    """Too many failed sign-ins or plans at once; ``retry_seconds`` is how long to wait."""

    @property
    def retry_seconds(self) -> int:
        """When it may be worth trying again."""
        return int(self.params["retry_seconds"])


class ConflictError(PetajagaError):
    """Valid, but not in the current state: a plan that is not done, a list that is full."""


class OutdatedError(PetajagaError):
    """A stored scenario no longer fits the data of the release being served."""


class RefusedRequest(HTTPException):
    """A request refused by its form: method, size or media type; carries a text of the catalogue.

    A subclass of the framework's, which lets it through where it reads a body.
    """

    def __init__(
        self, status: int, code: str, *, headers: Mapping[str, str] | None = None, **params: Any
    ) -> None:
        super().__init__(status, code, dict(headers or {}))
        self.message = Message(code, params)


STATUS: Mapping[type[PetajagaError], HTTPStatus] = {
    UnknownNameError: HTTPStatus.NOT_FOUND,
    NotFoundError: HTTPStatus.NOT_FOUND,
    AmbiguousNameError: HTTPStatus.BAD_REQUEST,
    InputError: HTTPStatus.BAD_REQUEST,
    InfeasibleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ModelError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SignInError: HTTPStatus.UNAUTHORIZED,
    KeyScopeError: HTTPStatus.FORBIDDEN,
    TooManyRequestsError: HTTPStatus.TOO_MANY_REQUESTS,
    ConflictError: HTTPStatus.CONFLICT,
    OutdatedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StateError: HTTPStatus.SERVICE_UNAVAILABLE,
    EnvironmentProblem: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The table: the status is that of the nearest ancestor of an error's class in this table."""


def status_of(error: PetajagaError | type[PetajagaError]) -> HTTPStatus:
    """Return the HTTP status of an error, or of a class of errors."""
    for kind in (error if isinstance(error, type) else type(error)).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem_document(
    status: int,
    message: Text,
    *,
    language: str,
    path: str,
    errors: Sequence[tuple[str, Text]] = (),
) -> dict[str, Any]:
    """Build a problem document.

    ``message`` gives ``code``, ``params`` and, in ``language``, ``detail``; ``path`` becomes
    ``instance`` (never the query, which may hold a secret); ``errors`` are pairs of field and text.
    """
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": message.code,
        "params": _plain(message.params),
        "detail": _line(message, language),
        "instance": _plain(path),
    }
    if errors:
        document["errors"] = [
            {"field": _plain(field), "code": text.code, "message": _line(text, language)}
            for field, text in errors
        ]
    return document


def _line(text: Text, language: str) -> str:
    return str(_plain(" ".join(text.in_language(language).split())))


def _plain(value: Any) -> Any:
    """A parameter as JSON; a text inside it by its own code and parameters."""
    match value:
        case PetajagaError() | Message():
            return {"code": value.code, "params": _plain(value.params)}
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case set() | frozenset():
            return [_plain(part) for part in sorted(value)]
        case _:  # a lone surrogate cannot be encoded; it is shown as "?"
            return str(value).encode("utf-8", "replace").decode("utf-8")[:2000]
