"""``/v1/scenarios``: what changes where if some things were different; saved, shared, compared.

The police may change everything and see flows; a partner, and the police of a province, may change
indicators, demand and services in the own province and get relative changes of departures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.endpoints.query import NoQuery, StrictQuery
from api.errors import OutdatedError
from api.http.dependencies import (
    IdempotencyKey,
    Numbers,
    Planner,
    body_as,
    documented,
    evaluated,
    json_body,
    once,
    refuse_other_methods,
)
from api.http.responses import GEOJSON, PRIVATE, TierView, private_json
from api.http.schemas import StrictBody
from api.state.scenario_store import ScenarioStore, StoredScenario
from geo.errors import InputError
from layers.plans.requests import EvaluationOptions
from layers.visibility import PROVINCE_PARTS, SCENARIO_PARTS

__all__ = ["router"]

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"])

_STORED = EvaluationOptions()
"""How stored scenarios are evaluated."""
_QUICK = EvaluationOptions(draws=0, corridors=0)
"""How it is found out whether one still fits the data."""


class ScenarioOptions(EvaluationOptions):
    """How to evaluate a scenario, and whether to store it.

    Every number of draws is a model to keep, so there is one, and none.
    """

    draws: Literal[0, 30] = Field(default=30, description="Draws behind the intervals; 0: none.")
    save: bool = False


class Patch(StrictBody):
    """New values of a stored scenario."""

    name: str | None = Field(default=None, max_length=120)
    shared: bool | None = None


class CompareQuery(StrictQuery):
    """Which scenarios to compare."""

    id: list[Annotated[str, Field(max_length=64)]] = Field(min_length=2, max_length=4)


_OBJECTS = {"type": "array", "items": {"type": "object"}}
_SCENARIO_BODY: dict[str, Any] = {
    "type": "object",
    "description": "The changes of a scenario file; a partner: indicators, demand and services.",
    "properties": {
        "name": {"type": "string", "maxLength": 120},
        "note": {"type": "string", "maxLength": 500},
        **dict.fromkeys(PROVINCE_PARTS, _OBJECTS),
        **ScenarioOptions.model_json_schema()["properties"],
    },
}


@router.post(
    "", summary="Evaluate a scenario", openapi_extra=documented(_SCENARIO_BODY, "application/toml")
)
async def evaluate_scenario(view: Planner, _query: NoQuery, key: IdempotencyKey = None) -> Response:
    """Compare with and without the changes; with ``save`` keep the changes under the name."""
    return await once(view, key, lambda: _evaluate_and_save(view))


async def _evaluate_and_save(view: TierView) -> Response:
    document = await json_body(view.request, toml=True)
    names = ("save", "draws", *(("corridors",) if view.principal.rights.numbers else ()))
    options = body_as(ScenarioOptions, {key: document[key] for key in names if key in document})
    entries = {key: value for key, value in document.items() if key not in names}
    if options.save and not str(entries.get("name") or "").strip():
        raise InputError("http.scenario_name_missing", field="name")
    document = await _evaluated(view, "scenario", entries, options)
    evaluation = _with_changes(view, document, entries)
    if not options.save:
        return private_json({"id": None, **evaluation})
    scenario = await run_in_threadpool(
        lambda: _store(view).add(
            view.principal, name=evaluation["name"], note=evaluation["note"],
            changes=evaluation["scenario"], release=view.id,
        )
    )  # fmt: skip
    body = {**_card(scenario, view), **evaluation}
    return private_json(
        body, status=201, location=f"{view.request.state.prefix}/v1/scenarios/{scenario.id}"
    )


@router.get("", summary="Saved scenarios")
async def list_scenarios(view: Planner, _query: NoQuery) -> Response:
    """The principal's own, and those shared within the tier (for partners: the province)."""
    scenarios = await run_in_threadpool(_store(view).all_for, view.principal)
    return private_json({"scenarios": [_card(scenario, view) for scenario in scenarios]})


@router.get("/options", summary="What a scenario can change")
async def scenario_options(view: Planner, _query: NoQuery) -> Response:
    """What the changes of a scenario may name."""
    options = await evaluated(view, "options")
    if "posts" not in view.principal.rights.scenario_parts:
        del options["posts"]
    return private_json({"release": view.id, **options})


@router.get("/compare", summary="Compare saved scenarios")
async def compare_scenarios(view: Planner, query: Annotated[CompareQuery, Query()]) -> Response:
    """Two to four saved scenarios side by side, on the release being served."""
    if len(set(query.id)) < len(query.id):
        raise InputError("http.scenario_twice", field="id")
    store = _store(view)
    scenarios = await run_in_threadpool(
        lambda: [store.get(view.principal, key) for key in query.id]
    )
    for scenario in scenarios:  # so that the one that does not fit is named
        await _stored(view, "scenario", scenario, _QUICK)
    changes = [scenario.changes for scenario in scenarios]
    comparison = await evaluated(view, "comparison", changes=changes, options=dict(_STORED))
    names = [{"id": scenario.id, "name": scenario.name} for scenario in scenarios]
    return private_json({"release": view.id, "scenarios": names, **comparison})


@router.get("/{scenario_id}", summary="One saved scenario")
async def get_scenario(view: Planner, scenario_id: str, _query: NoQuery) -> Response:
    """Its result, computed on the release being served."""
    scenario = await run_in_threadpool(_store(view).get, view.principal, scenario_id)
    document = await _stored(view, "scenario", scenario)
    evaluation = _with_changes(view, document, scenario.changes)
    return private_json({**evaluation, **_card(scenario, view)})


@router.get("/{scenario_id}/displacement", summary="Where flow moves under a scenario")
async def get_scenario_displacement(view: Numbers, scenario_id: str, _query: NoQuery) -> Response:
    """GeoJSON of the terminals whose flow changes."""
    scenario = await run_in_threadpool(_store(view).get, view.principal, scenario_id)
    layer = await _stored(view, "displacement", scenario)
    body = {**layer, "release": view.id, "scenario": scenario.id}
    return private_json(body, media_type=GEOJSON)


@router.patch(
    "/{scenario_id}",
    summary="Rename or share a scenario",
    openapi_extra=documented(Patch),
)
async def change_scenario(view: Planner, scenario_id: str, _query: NoQuery) -> Response:
    """Only its owner may."""
    # First whether there is something to change, then the body.
    store = _store(view)
    await run_in_threadpool(store.owned, view.principal, scenario_id)
    patch = body_as(Patch, await json_body(view.request))
    if patch.name is None and patch.shared is None:
        raise InputError("http.empty_patch", field="body")
    scenario = await run_in_threadpool(
        lambda: store.change(view.principal, scenario_id, name=patch.name, shared=patch.shared)
    )
    return private_json(_card(scenario, view))


@router.delete("/{scenario_id}", status_code=204, summary="Remove a scenario")
async def remove_scenario(view: Planner, scenario_id: str, _query: NoQuery) -> Response:
    """Only its owner may."""
    await run_in_threadpool(_store(view).remove, view.principal, scenario_id)
    return Response(status_code=204, headers=PRIVATE)


refuse_other_methods(router)


def _store(view: TierView) -> ScenarioStore:
    return ScenarioStore(view.request.app.state.register)


def _card(scenario: StoredScenario, view: TierView) -> dict[str, Any]:
    card = scenario.card(owned=scenario.owner == view.principal.name, release=view.id)
    for hidden in set(SCENARIO_PARTS) - set(view.principal.rights.scenario_parts):
        del card["changes"][hidden]
    return card


async def _stored(
    view: TierView, kind: str, scenario: StoredScenario, options: EvaluationOptions = _STORED
) -> dict[str, Any]:
    """Evaluate a stored scenario; one that no longer fits the data is outdated, not wrong input."""
    entries = {"name": scenario.name, "note": scenario.note, **scenario.changes}
    try:
        return await _evaluated(view, kind, entries, options)
    except InputError as error:
        raise OutdatedError(
            "http.scenario_outdated", field=error.field, name=scenario.name, reason=error
        ) from None


async def _evaluated(
    view: TierView, kind: str, entries: Mapping[str, Any], options: EvaluationOptions
) -> dict[str, Any]:
    chosen = {"draws": options.draws, "corridors": options.corridors}
    document: dict[str, Any] = await evaluated(view, kind, entries=entries, options=chosen)
    return document


def _with_changes(
    view: TierView, document: Mapping[str, Any], entries: Mapping[str, Any]
) -> dict[str, Any]:
    changes = {part: entries[part] for part in SCENARIO_PARTS if part in entries}
    return {**document, "release": view.id, "scenario": changes}
