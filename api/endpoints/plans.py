"""``/v1/plans``: post plans for the police, outreach plans for partners and police.

A request is checked at once, the plan is made by a job (``/v1/jobs``).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth.principal import Principal
from api.endpoints.query import NoQuery
from api.http.dependencies import (
    Planner,
    Police,
    answer,
    body_as,
    computing,
    json_body,
    plan_service,
    refuse_other_methods,
)
from api.state.jobs import Jobs
from api.state.release_holder import CurrentRelease
from geo.errors import InputError
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest

__all__ = ["router"]

router = APIRouter(prefix="/v1/plans", tags=["plans"])

_MOST_NAMES = 2000
Name = Annotated[str, Field(min_length=1, max_length=100)]
Money = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class PostsBody(_Body):
    """Body of a request for a post plan."""

    k: int | None = Field(default=None, ge=1, le=10_000, description="How many posts.")
    budget_idr: Money | None = Field(default=None, description="Rupiah; needs costs.")
    fixed: list[Name] = Field(default=[], max_length=_MOST_NAMES)
    forbidden: list[Name] = Field(default=[], max_length=_MOST_NAMES)
    costs: dict[Name, Money] | None = Field(default=None, description="Rupiah by terminal.")
    within: Name | None = Field(default=None, description="An area, by code or name.")
    hours_per_week: float = Field(default=168.0, ge=0, le=168, description="Staffed hours.")
    draws: int = Field(default=30, ge=0, le=100)
    cvar: float = Field(default=0.9, ge=0, lt=1)


class OutreachBody(_Body):
    """Body of a request for an outreach plan."""

    villages: int | None = Field(default=None, ge=1, le=100_000)
    budget_idr: Money | None = None
    days: float | None = Field(default=None, ge=0, le=1e6, allow_inf_nan=False)
    within: Name | None = Field(default=None, description="An area, by code or name.")
    radius_km: float | None = Field(default=None, ge=0, le=1000, allow_inf_nan=False)
    radius_hours: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    floor: float = Field(default=0.0, ge=0, le=1)
    must: list[Name] = Field(default=[], max_length=_MOST_NAMES)
    forbidden: list[Name] = Field(default=[], max_length=_MOST_NAMES)
    cost_per_village_idr: Money | None = None
    cost_per_day_idr: Money = 0.0
    base: Name | None = Field(default=None, description="A place to set out from.")


def _documented(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post("/posts", status_code=202, summary="Plan posts", openapi_extra=_documented(PostsBody))
async def plan_posts(
    request: Request, principal: Police, view: CurrentRelease, _query: Annotated[NoQuery, Query()]
) -> Response:
    """Where posts intercept most once people react: a job; its result names no route."""
    document = await json_body(request)
    body = body_as(PostsBody, document)
    if body.k is None and body.budget_idr is None:
        raise InputError("http.posts_limit_missing", field="k")
    plan_request = PostPlanRequest(
        k=body.k, budget=body.budget_idr, fixed=tuple(body.fixed), forbidden=tuple(body.forbidden),
        costs=body.costs, within=body.within,
        hours_per_week=body.hours_per_week, draws=body.draws, cvar=body.cvar,
    )  # fmt: skip
    await computing(lambda: plan_service(view).check_posts(plan_request))
    return _queued(request, principal, view, "posts", plan_request, document)


@router.post(
    "/outreach", status_code=202, summary="Plan outreach", openapi_extra=_documented(OutreachBody)
)
async def plan_outreach(
    request: Request, principal: Planner, view: CurrentRelease, _query: Annotated[NoQuery, Query()]
) -> Response:
    """Which villages to visit: a job. A partner plans in the own province, and is told shares."""
    document = await json_body(request)
    body = body_as(OutreachBody, document)
    limits = [n for n in ("villages", "budget_idr", "days") if getattr(body, n) is not None]
    if len(limits) != 1:
        raise InputError("http.outreach_limit_missing", field=(*limits, "villages")[0])
    if body.radius_km is not None and body.radius_hours is not None:
        raise InputError("http.two_radii", field="radius_hours")
    priced = body.cost_per_village_idr is not None or body.cost_per_day_idr > 0
    if body.budget_idr is not None and not priced:
        raise InputError("http.budget_without_cost", field="cost_per_village_idr")
    plan_request = OutreachPlanRequest(
        villages=body.villages, budget=body.budget_idr, days=body.days, within=body.within,
        radius_km=body.radius_km, radius_hours=body.radius_hours, floor=body.floor,
        must=tuple(body.must), forbidden=tuple(body.forbidden),
        cost_per_village=body.cost_per_village_idr, cost_per_day=body.cost_per_day_idr,
        base=body.base,
    )  # fmt: skip
    await computing(
        lambda: plan_service(view).check_outreach(plan_request, province=principal.province)
    )
    return _queued(request, principal, view, "outreach", plan_request, document)


refuse_other_methods(router, "/posts", ("POST",), police=True)
refuse_other_methods(router, "/outreach", ("POST",))


def _queued(
    request: Request,
    principal: Principal,
    view: CurrentRelease,
    kind: str,
    plan_request: PostPlanRequest | OutreachPlanRequest,
    document: dict[str, Any],
) -> Response:
    jobs: Jobs = request.app.state.jobs
    folder, release = view.release.model_folder(), view.id(principal.tier)
    job = jobs.submit(
        principal, kind, asdict(plan_request), folder=folder, release=release, request=document
    )
    return answer(job, status=202, location=f"/v1/jobs/{job['job']}")
