"""Dependencies of the routes of plans, jobs and scenarios: roles, the body, the model.

The body is read only after the role is checked: without it there is nothing here, whatever is sent.
"""

from __future__ import annotations

import logging
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.auth.principal import CurrentUser, Principal, principal_of
from api.errors import NotFoundError, RefusedRequest, TooManyRequestsError
from api.http.responses import JSON, as_json
from api.state.release_holder import ReleaseView
from geo.errors import BrokenReleaseError, InputError, StateError, UnknownNameError
from layers.plans.requests import BODY_FIELDS

if TYPE_CHECKING:
    from layers.plans.service import PlanService

__all__ = [
    "PRIVATE",
    "Planner",
    "Police",
    "answer",
    "body_as",
    "computing",
    "documented",
    "json_body",
    "plan_service",
    "refuse_other_methods",
    "request_fields",
]

log = logging.getLogger("petajaga.api")

PRIVATE = {"Cache-Control": "private, no-store"}
TOML = frozenset({"application/toml", "text/x-toml", "text/toml"})
_MOST_WAITING = 4
_WAIT_SECONDS = 20.0
_opening = threading.Lock()
_turns = threading.BoundedSemaphore(_MOST_WAITING)

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


async def _planner(principal: CurrentUser) -> Principal:
    if not principal.rights.plans:
        raise NotFoundError
    return principal


async def _police(principal: CurrentUser) -> Principal:
    if not principal.rights.posts:
        raise NotFoundError
    return principal


Planner = Annotated[Principal, Depends(_planner)]
"""The principal, of the partner or police tier; else there is nothing here."""
Police = Annotated[Principal, Depends(_police)]
"""The principal, of the police tier; else there is nothing here."""


def refuse_other_methods(
    router: APIRouter, path: str, allowed: tuple[str, ...], *, police: bool = False
) -> None:
    """Answer 405 only to those for whom there is something at ``path``; to others 404.

    Call it after the routes of ``path``: whatever method they do not take comes here, also one
    that no standard names.
    """
    router.routes.append(
        Route(
            f"{router.prefix}{path}", _OtherMethods(allowed, police=police), include_in_schema=False
        )
    )


class _OtherMethods:
    """Answers a method that an address does not take.

    An application and no function, because a route of a function must list its methods.
    """

    def __init__(self, allowed: tuple[str, ...], *, police: bool) -> None:
        self.__name__ = "other_method"  # what the audit calls it
        self._allowed = ", ".join(allowed)
        self._check = _police if police else _planner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._check(await principal_of(Request(scope, receive, send)))
        raise RefusedRequest(
            405,
            "http.method_not_allowed",
            headers={"Allow": self._allowed},
            method=scope["method"],
            allowed=self._allowed,
        )


def answer(value: Any, *, status: int = 200, location: str | None = None) -> Response:
    """JSON that nobody may keep."""
    headers = dict(PRIVATE) if location is None else {**PRIVATE, "Location": location}
    return Response(as_json(value), status, headers, JSON)


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


def plan_service(view: ReleaseView) -> PlanService:
    """What answers on the release being served; opened when first needed.

    Raises
    ------
    StateError
        The release holds no whole model. Everything else of it goes on.
    """
    # Only here: the model's libraries take a second and much memory, the map needs none of them.
    from layers.plans.service import PlanService

    with _opening:
        try:
            folder = view.release.model_folder()
            return view.once(("service",), lambda: PlanService.open(folder))
        except BrokenReleaseError as error:
            log.error("no plans from this release: %s", error)  # noqa: TRY400
            raise StateError("http.no_model") from None


async def computing(work: Callable[[], T]) -> T:
    """Run what asks the model in a thread, a few at a time.

    Raises
    ------
    TooManyRequestsError
        Too many are waiting already.
    """

    def in_turn() -> T:
        if not _turns.acquire(timeout=_WAIT_SECONDS):
            raise TooManyRequestsError("http.busy", retry_seconds=5)
        try:
            with request_fields():
                return work()
        finally:
            _turns.release()

    return await run_in_threadpool(in_turn)
