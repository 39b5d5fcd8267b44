"""What the routes of plans, jobs and scenarios share: who may ask, the body, the model.

The body is read only once it is known that the caller may ask: before that there is nothing here,
whatever is sent.
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
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.auth.principal import CurrentUser, Principal, caller_of
from api.http.errors import NotFoundError, TooManyJobsError
from api.http.release_holder import Served
from api.http.responses import JSON, as_json
from geo.errors import BrokenReleaseError, InputError, StateError, UnknownNameError

if TYPE_CHECKING:
    from layers.plans.service import PlanService

__all__ = [
    "FIELDS",
    "PRIVATE",
    "Planner",
    "Police",
    "answer",
    "body_as",
    "computing",
    "evaluator_of",
    "json_body",
    "refuse_other_methods",
    "request_fields",
]

log = logging.getLogger("petajaga.api")

PRIVATE = {"Cache-Control": "private, no-store"}
TOML = frozenset({"application/toml", "text/x-toml", "text/toml"})
FIELDS: Mapping[str, str] = {
    "budget": "budget_idr",
    "number": "villages",
    "cost_per_village": "cost_per_village_idr",
    "cost_per_day": "cost_per_day_idr",
}
"""Fields of a wish under the names that a request gives them."""
_MOST_WAITING = 4
_WAIT_SECONDS = 20.0
_opening = threading.Lock()
_turns = threading.BoundedSemaphore(_MOST_WAITING)

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


async def _planner(caller: CurrentUser) -> Principal:
    if caller.name is None or caller.tier not in {"partner", "police"}:
        raise NotFoundError
    return caller


async def _police(caller: CurrentUser) -> Principal:
    if caller.name is None or caller.tier != "police":
        raise NotFoundError
    return caller


Planner = Annotated[Principal, Depends(_planner)]
"""The caller, of the partner or police tier; else there is nothing here."""
Police = Annotated[Principal, Depends(_police)]
"""The caller, of the police tier; else there is nothing here."""


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
        await self._check(await caller_of(Request(scope, receive, send)))
        raise HTTPException(405, headers={"Allow": self._allowed})


def answer(value: Any, *, status: int = 200, location: str | None = None) -> Response:
    """JSON that nobody may keep."""
    headers = dict(PRIVATE) if location is None else {**PRIVATE, "Location": location}
    return Response(as_json(value), status, headers, JSON)


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
            said: Any = tomllib.loads(raw.decode("utf-8"))
        elif kind.lower() == "application/json":
            said = orjson.loads(raw)
        else:
            takes = "application/json or application/toml" if toml else "application/json"
            raise HTTPException(415, f"Send {takes}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        form = "TOML" if kind.lower() in TOML else "JSON"
        reason = str(error).splitlines()[0][:200]
        raise InputError(f"The body is not {form}: {reason}.", field="body") from None
    except RecursionError:
        raise InputError("The body is nested too deeply.", field="body") from None
    if not isinstance(said, dict):
        raise InputError("The body must be an object with named fields.", field="body")
    return said


def body_as(model: type[Model], said: Mapping[str, Any]) -> Model:
    """The body as ``model``; :class:`InputError` names the first field at fault."""
    try:
        return model.model_validate(said, strict=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        field = field.encode("utf-8", "replace").decode("utf-8")[:100]
        raise InputError(f"{field}: {first['msg']}", field=field) from None


@contextmanager
def request_fields() -> Iterator[None]:
    """Give errors the names of the request's fields; an unknown name in a body is wrong input."""
    try:
        yield
    except UnknownNameError as error:
        raise InputError(str(error), field=error.field) from None
    except InputError as error:
        field = error.field or ""
        if field in FIELDS:
            raise InputError(str(error), field=FIELDS[field]) from None
        raise


# -- the model -------------------------------------------------------------------------------------


def evaluator_of(served: Served) -> PlanService:
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
            folder = served.release.model_folder()
            return served.once(("evaluator",), lambda: PlanService.open(folder))
        except BrokenReleaseError as error:
            log.error("no plans from this release: %s", error)  # noqa: TRY400
            raise StateError(
                "The release being served holds no whole model, so there are no plans and "
                "scenarios; run 'petajaga publish' again."
            ) from None


async def computing(work: Callable[[], T]) -> T:
    """Run what asks the model in a thread, a few at a time.

    Raises
    ------
    TooManyJobsError
        Too many are waiting already.
    """

    def in_turn() -> T:
        if not _turns.acquire(timeout=_WAIT_SECONDS):
            raise TooManyJobsError("Too much is being computed; try again.", retry_seconds=5)
        try:
            with request_fields():
                return work()
        finally:
            _turns.release()

    return await run_in_threadpool(in_turn)
