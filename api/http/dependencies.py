"""Dependencies of the routes of plans, jobs and scenarios: roles, the body, the model.

The body is read only after the role is checked: without the role any request is answered by 404.
"""

from __future__ import annotations

import logging
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.auth.principal import principal_of
from api.errors import NotFoundError, RefusedRequest, TooManyRequestsError
from api.http.responses import JSON, TierRelease, TierView
from geo.errors import BrokenReleaseError, InputError, StateError, UnknownNameError
from layers.plans.requests import BODY_FIELDS
from layers.visibility import Rights

if TYPE_CHECKING:
    from layers.plans.service import PlanService

__all__ = [
    "Numbers",
    "Planner",
    "Police",
    "body_as",
    "computing",
    "documented",
    "json_body",
    "plan_service",
    "refuse_other_methods",
    "request_fields",
]

log = logging.getLogger("petajaga.api")

TOML = frozenset({"application/toml", "text/x-toml", "text/toml"})
_MOST_WAITING = 4
_WAIT_SECONDS = 20.0
_opening = threading.Lock()
_turns = threading.BoundedSemaphore(_MOST_WAITING)

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


class _Needs:
    """Dependency on one of the :class:`layers.visibility.Rights`."""

    def __init__(self, right: str) -> None:
        self.right = right

    async def __call__(self, view: TierRelease) -> TierView:
        self.check(view.principal.rights)
        return view

    def check(self, rights: Rights) -> None:
        """Without the right the address does not exist."""
        if not getattr(rights, self.right):
            raise NotFoundError


Planner = Annotated[TierView, Depends(_Needs("plans"))]
"""The release as the partner or police tier sees it; for the public the address does not exist."""
Police = Annotated[TierView, Depends(_Needs("posts"))]
"""The release as the police tier sees it; for the others the address does not exist."""
Numbers = Annotated[TierView, Depends(_Needs("numbers"))]
"""The release for who sees the flows of the whole country."""


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
        needs = [n.call for n in group[0].dependant.dependencies if isinstance(n.call, _Needs)]
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
        rights = (await principal_of(Request(scope, receive, send))).rights
        for need in self._needs:
            need.check(rights)
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


def plan_service(view: TierView) -> PlanService:
    """The planner of the release being served; opened when first needed.

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
            return view.release_view.once(("service",), lambda: PlanService.open(folder))
        except BrokenReleaseError as error:
            log.error("no plans from this release: %s", error)  # noqa: TRY400
            raise StateError("http.no_model") from None


async def computing(work: Callable[[], T]) -> T:
    """Evaluate the model in a thread, a few requests at a time.

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
