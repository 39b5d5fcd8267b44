"""``/v1/scenarios``: what changes where if some things were different; saved, shared, compared.

The police may change everything and see flows; a partner may change indicators, demand and
services in the own province and is told by how much of themselves departures change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import Current, Principal
from api.endpoints.query import NoQuery
from api.http.dependencies import (
    PRIVATE,
    Planner,
    Police,
    answer,
    body_as,
    computing,
    evaluator_of,
    json_body,
    refuse_other_methods,
)
from api.http.errors import OutdatedError
from api.http.release_holder import Served
from api.http.responses import as_json
from api.register.scenario_store import Saved, SavedScenarios
from geo.errors import InputError
from layers.plans.serialize import partner_comparison

if TYPE_CHECKING:
    from layers.plans.service import PlanService

__all__ = ["router"]

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"])

_PARTS = ("posts", "legs", "indicators", "demand", "services")
_Query = Annotated[NoQuery, Query()]
_DRAWS, _CORRIDORS = 30, 5
T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Wanted(_Body):
    """What is to be done with a scenario, beside its changes."""

    save: bool = False
    draws: int = Field(default=_DRAWS, ge=0, le=100)
    corridors: int = Field(default=_CORRIDORS, ge=0, le=50)


class Patch(_Body):
    """What may be changed of a saved scenario."""

    name: str | None = Field(default=None, max_length=120)
    shared: bool | None = None


class CompareQuery(BaseModel):
    """Which scenarios to compare."""

    model_config = ConfigDict(extra="forbid")

    id: list[Annotated[str, Field(max_length=64)]] = Field(min_length=2, max_length=4)


_OBJECTS = {"type": "array", "items": {"type": "object"}}
_SCENARIO_BODY = {
    "type": "object",
    "description": "The changes of a scenario file; a partner: indicators, demand and services.",
    "properties": {
        "name": {"type": "string", "maxLength": 120},
        "note": {"type": "string", "maxLength": 500},
        **dict.fromkeys(("indicators", "demand", "services"), _OBJECTS),
        "save": {"type": "boolean", "default": False},
        "draws": {"type": "integer", "minimum": 0, "maximum": 100, "default": _DRAWS},
        "corridors": {"type": "integer", "minimum": 0, "maximum": 50, "default": _CORRIDORS},
    },
}
_PATCH_BODY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "shared": {"type": "boolean"}},
}


def _documented(schema: dict[str, Any], *kinds: str) -> dict[str, Any]:
    content = {kind: {"schema": schema} for kind in ("application/json", *kinds)}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "", summary="Evaluate a scenario", openapi_extra=_documented(_SCENARIO_BODY, "application/toml")
)
async def evaluate_scenario(
    request: Request, caller: Planner, served: Current, _query: _Query
) -> Response:
    """Compare with and without the changes; with ``save`` keep the changes under the name."""
    said = await json_body(request, toml=True)
    options = ("save", "draws", *(("corridors",) if caller.tier == "police" else ()))
    wanted = body_as(Wanted, {key: said[key] for key in options if key in said})
    entries = {key: value for key, value in said.items() if key not in options}
    if wanted.save and not str(entries.get("name") or "").strip():
        raise InputError("A scenario that is saved needs a name.", field="name")

    def work() -> dict[str, Any]:
        return _told(evaluator_of(served), caller, served, entries, wanted.draws, wanted.corridors)

    told = await computing(work)
    changes = told["scenario"]
    if not wanted.save:
        return answer({"id": None, **told})
    saved = await run_in_threadpool(
        lambda: _store(request).add(
            caller, name=told["name"], note=told["note"], changes=changes,
            release=served.id(caller.tier),
        )
    )  # fmt: skip
    return answer(
        {**_card(saved, caller, served), **told}, status=201, location=f"/v1/scenarios/{saved.id}"
    )


@router.get("", summary="Saved scenarios")
async def list_scenarios(
    request: Request, caller: Planner, served: Current, _query: _Query
) -> Response:
    """The caller's own, and those shared within the tier (for partners: the province)."""
    found = await run_in_threadpool(_store(request).all_for, caller)
    return answer({"scenarios": [_card(saved, caller, served) for saved in found]})


@router.get("/options", summary="What a scenario can change")
async def scenario_options(
    caller: Planner, served: Current, _query: _Query
) -> Response:  # fmt: skip
    """What the changes of a scenario may name."""
    options = await computing(lambda: evaluator_of(served).options())
    if caller.tier != "police":
        del options["posts"]
    return answer({"release": served.id(caller.tier), **options})


@router.get("/compare", summary="Compare saved scenarios")
async def compare_scenarios(
    request: Request, caller: Planner, served: Current, query: Annotated[CompareQuery, Query()]
) -> Response:
    """Two to four saved scenarios side by side, on the release being served."""
    if len(set(query.id)) < len(query.id):
        raise InputError("Name each scenario once.", field="id")
    store = _store(request)
    saved = await run_in_threadpool(lambda: [store.get(caller, one) for one in query.id])

    def work() -> dict[str, Any]:
        evaluator = evaluator_of(served)
        if caller.own is not None:
            told = [_again(evaluator, caller, served, one) for one in saved]
            return partner_comparison(told)

        def check(changes: Mapping[str, Any]) -> None:
            evaluator.scenario(evaluator.parse(changes), draws=0)

        for one in saved:  # so that the one that does not fit is named
            _fitting(one, partial(check, one.changes))
        changes = [one.changes for one in saved]
        return evaluator.compare(changes, draws=_DRAWS, corridors=_CORRIDORS)

    told = await computing(work)
    named = [{"id": one.id, "name": one.name} for one in saved]
    return answer({"release": served.id(caller.tier), "scenarios": named, **told})


@router.get("/{scenario_id}", summary="One saved scenario")
async def get_scenario(
    request: Request, caller: Planner, served: Current, scenario_id: str, _query: _Query
) -> Response:
    """Its result, computed on the release being served."""
    saved = await run_in_threadpool(_store(request).get, caller, scenario_id)
    told = await computing(lambda: _again(evaluator_of(served), caller, served, saved))
    return answer({**told, **_card(saved, caller, served)})


@router.get("/{scenario_id}/displacement", summary="Where flow moves under a scenario")
async def get_scenario_displacement(
    request: Request, caller: Police, served: Current, scenario_id: str, _query: _Query
) -> Response:
    """GeoJSON of the terminals whose flow changes."""
    saved = await run_in_threadpool(_store(request).get, caller, scenario_id)

    def work() -> dict[str, Any]:
        evaluator = evaluator_of(served)
        return _fitting(
            saved,
            lambda: evaluator.scenario_map(
                evaluator.scenario(evaluator.parse(_entries(saved)), draws=_DRAWS)
            ),
        )

    body = {**await computing(work), "release": served.id(caller.tier), "scenario": saved.id}
    return Response(as_json(body), 200, PRIVATE, "application/geo+json")


@router.patch(
    "/{scenario_id}", summary="Rename or share a scenario", openapi_extra=_documented(_PATCH_BODY)
)
async def change_scenario(
    request: Request, caller: Planner, served: Current, scenario_id: str, _query: _Query
) -> Response:
    """Only its owner may."""
    # First whether there is something to change, then what is said of it.
    store = _store(request)
    await run_in_threadpool(store.own, caller, scenario_id)
    patch = body_as(Patch, await json_body(request))
    if patch.name is None and patch.shared is None:
        raise InputError("Give a name, or shared.", field="body")
    saved = await run_in_threadpool(
        lambda: store.change(caller, scenario_id, name=patch.name, shared=patch.shared)
    )
    return answer(_card(saved, caller, served))


@router.delete("/{scenario_id}", status_code=204, summary="Remove a scenario")
async def remove_scenario(
    request: Request, caller: Planner, scenario_id: str, _query: _Query
) -> Response:
    """Only its owner may."""
    await run_in_threadpool(_store(request).remove, caller, scenario_id)
    return Response(status_code=204, headers=PRIVATE)


refuse_other_methods(router, "", ("GET", "POST"))
refuse_other_methods(router, "/options", ("GET",))
refuse_other_methods(router, "/compare", ("GET",))
refuse_other_methods(router, "/{scenario_id}", ("GET", "PATCH", "DELETE"))
refuse_other_methods(router, "/{scenario_id}/displacement", ("GET",), police=True)


def _store(request: Request) -> SavedScenarios:
    return SavedScenarios(request.app.state.register)


def _card(saved: Saved, caller: Principal, served: Served) -> dict[str, Any]:
    card = saved.card(mine=saved.owner == caller.name, release=served.id(caller.tier))
    if caller.tier != "police":
        for hidden in ("posts", "legs"):
            del card["changes"][hidden]
    return card


def _entries(saved: Saved) -> dict[str, Any]:
    return {"name": saved.name, "note": saved.note, **saved.changes}


def _told(
    evaluator: PlanService,
    caller: Principal,
    served: Served,
    entries: Mapping[str, Any],
    draws: int,
    corridors: int,
) -> dict[str, Any]:
    scenario = evaluator.parse(entries, province=caller.own)
    told = evaluator.scenario_told(scenario, province=caller.own, draws=draws, corridors=corridors)
    changes = {part: entries[part] for part in _PARTS if part in entries}
    return {**told, "release": served.id(caller.tier), "scenario": changes}


def _again(
    evaluator: PlanService, caller: Principal, served: Served, saved: Saved
) -> dict[str, Any]:
    def work() -> dict[str, Any]:
        return _told(evaluator, caller, served, _entries(saved), _DRAWS, _CORRIDORS)

    return _fitting(saved, work)


def _fitting(saved: Saved, work: Callable[[], T]) -> T:
    """Evaluate what was saved on other data: what no longer fits is no fault of the request."""
    try:
        return work()
    except InputError as error:
        raise OutdatedError(
            f"The saved scenario {saved.name!r} no longer fits the data: {error}",
            field=error.field,
        ) from None
