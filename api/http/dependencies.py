"""Dependencies of the routes of plans, scenarios and imports: roles, the body, the model.

The body is read only after the role is checked: without the role any request is answered by 404.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.auth.principal import CurrentUser, Principal, principal_of
from api.errors import NotFoundError, RefusedRequest
from api.http.responses import JSON, TierRelease, TierView
from api.state.evaluator import Evaluator
from api.state.idempotency import IdempotentAnswers
from geo.errors import BrokenReleaseError, InputError, StateError, UnknownNameError
from layers.plans.requests import BODY_FIELDS

__all__ = [
    "Administrator",
    "IdempotencyKey",
    "Importer",
    "Numbers",
    "Planner",
    "Police",
    "body_as",
    "documented",
    "evaluated",
    "json_body",
    "once",
    "refuse_other_methods",
    "request_fields",
]

log = logging.getLogger("petajaga.api")

TOML = frozenset({"application/toml", "text/x-toml", "text/toml"})

Model = TypeVar("Model", bound=BaseModel)


class _Needs:
    """Dependency on what a principal may; without it the address does not exist."""

    def __init__(self, may: Callable[[Principal], object]) -> None:
        self._may = may

    def check(self, principal: Principal) -> None:
        """Refuse who may not, whatever the method."""
        if not self._may(principal):
            raise NotFoundError


class _Release(_Needs):
    async def __call__(self, view: TierRelease) -> TierView:
        self.check(view.principal)
        return view


class _Account(_Needs):
    async def __call__(self, principal: CurrentUser) -> Principal:
        self.check(principal)
        return principal


Planner = Annotated[TierView, Depends(_Release(lambda principal: principal.rights.plans))]
"""The release as the partner or police tier sees it; for the public the address does not exist."""
Police = Annotated[TierView, Depends(_Release(lambda principal: principal.rights.posts))]
"""The release as the police tier sees it; for the others the address does not exist."""
Numbers = Annotated[TierView, Depends(_Release(lambda principal: principal.rights.numbers))]
"""The release for who sees the flows of the whole country."""
Importer = Annotated[Principal, Depends(_Account(lambda principal: principal.import_kinds))]
"""The principal, if its desk imports; for others the address does not exist."""
Administrator = Annotated[Principal, Depends(_Account(lambda principal: principal.administers))]
"""The principal, if it manages the accounts; for others the address does not exist."""


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Within 24 hours the same key and body give the same answer, done once.",
    ),
]
"""Declare ``key: IdempotencyKey = None`` in an endpoint that answers through :func:`once`."""


async def once(
    view: TierView, key: str | None, make: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer of ``make()``, or what the account had under this key (IdempotentAnswers)."""
    answers: IdempotentAnswers = view.request.app.state.answers
    return await answers.once(view.request, view.principal, key, make)


def refuse_other_methods(router: APIRouter) -> None:
    """Answer other methods than those of the routes with 405, or 404 where the routes do.

    Call it after the last route: any method that the routes do not take comes here, also one that
    no standard names.
    """
    routes: dict[str, list[APIRoute]] = {}
    for route in router.routes:
        if isinstance(route, APIRoute):
            routes.setdefault(route.path, []).append(route)
    for path, group in routes.items():
        allowed = sorted({method for route in group for method in route.methods or ()})
        calls = (need.call for need in group[0].dependant.dependencies)
        needs = [call for call in calls if isinstance(call, (_Release, _Account))]
        app = _OtherMethods(allowed, needs)
        router.routes.append(Route(path, app, include_in_schema=False))


class _OtherMethods:
    """Answers a method that an address does not take.

    An application and no function, because a route of a function must list its methods.
    """

    def __init__(self, allowed: Sequence[str], needs: Sequence[_Needs]) -> None:
        self.__name__ = "other_method"  # what the audit calls it
        self._allowed = ", ".join(allowed)
        self._needs = needs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = await principal_of(Request(scope, receive, send))
        for need in self._needs:
            need.check(principal)
        raise RefusedRequest(
            405,
            "http.method_not_allowed",
            headers={"Allow": self._allowed},
            method=scope["method"],
            allowed=self._allowed,
        )


def documented(body: type[BaseModel] | Mapping[str, Any], *media_types: str) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads its body itself, after the role is checked."""
    whole = body if isinstance(body, Mapping) else body.model_json_schema()
    schema = {name: part for name, part in whole.items() if name != "$defs"}
    content = {kind: {"schema": schema} for kind in (JSON, *media_types)}
    return {"requestBody": {"required": True, "content": content}}


# -- the body --------------------------------------------------------------------------------------


async def json_body(request: Request, *, toml: bool = False) -> dict[str, Any]:
    """The body as an object; JSON, or where ``toml`` also TOML by its content type.

    Raises
    ------
    InputError
        It cannot be read, or is no object; ``field`` is ``body``.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    raw = await request.body()
    try:
        if toml and kind.lower() in TOML:
            document: Any = tomllib.loads(raw.decode("utf-8"))
        elif kind.lower() == "application/json":
            document = orjson.loads(raw)
        else:
            types = ["application/json", *(["application/toml"] if toml else [])]
            raise RefusedRequest(415, "http.media_type", types=types)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, orjson.JSONDecodeError):
        form = "toml" if kind.lower() in TOML else "json"
        raise InputError(f"http.body_not_{form}", field="body") from None
    except RecursionError:
        raise InputError("http.body_too_deep", field="body") from None
    if not isinstance(document, dict):
        raise InputError("http.body_not_object", field="body")
    return document


def body_as(model: type[Model], document: Mapping[str, Any]) -> Model:
    """The body as ``model``; errors as those of a body that the framework reads."""
    try:
        with request_fields():
            return model.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in errors]
        ) from None


@contextmanager
def request_fields() -> Iterator[None]:
    """Name the request's fields in errors; an unknown name in a body is wrong input, not a 404."""
    try:
        yield
    except UnknownNameError as error:
        raise InputError(error.code, field=error.field, **error.params) from None
    except InputError as error:
        error.field = BODY_FIELDS.get(error.field or "", error.field)
        raise


# -- the model -------------------------------------------------------------------------------------


async def evaluated(view: TierView, kind: str, **task: Any) -> Any:
    """What the model of the release being served answers to the reader (:class:`Evaluator`).

    Raises
    ------
    StateError
        The release holds no whole model. Everything else of it goes on.
    TooManyRequestsError
        Too much is waiting already.
    """
    evaluator: Evaluator = view.request.app.state.evaluator
    try:
        with request_fields():
            return await evaluator.ask(view.principal, view.release, kind, **task)
    except BrokenReleaseError as error:
        log.error("the model of this release: %s", error)  # noqa: TRY400
        code = "http.no_corridors" if kind == "corridor" else "http.no_model"
        raise StateError(code) from None
