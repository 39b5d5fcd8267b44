"""``/v1/plans``: post plans for the police, outreach plans for partners and police.

A request is checked at once, the plan is made by a job (``/v1/jobs``).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.principal import Principal
from api.endpoints.query import NoQuery
from api.http.dependencies import (
    Planner,
    Police,
    answer,
    body_as,
    computing,
    documented,
    json_body,
    plan_service,
    refuse_other_methods,
)
from api.state.jobs import Jobs
from api.state.release_holder import CurrentRelease
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest

__all__ = ["router"]

router = APIRouter(prefix="/v1/plans", tags=["plans"])


@router.post(
    "/posts",
    status_code=202,
    summary="Plan posts",
    openapi_extra=documented(PostPlanRequest),
)
async def plan_posts(
    request: Request, principal: Police, view: CurrentRelease, _query: NoQuery
) -> Response:
    """Where posts intercept most once people react: a job; its result names no route."""
    document = await json_body(request)
    plan_request = body_as(PostPlanRequest, document)
    await computing(lambda: plan_service(view).check_posts(plan_request))
    return _queued(request, principal, view, "posts", plan_request, document)


@router.post(
    "/outreach",
    status_code=202,
    summary="Plan outreach",
    openapi_extra=documented(OutreachPlanRequest),
)
async def plan_outreach(
    request: Request, principal: Planner, view: CurrentRelease, _query: NoQuery
) -> Response:
    """Which villages to visit: a job. A partner plans in the own province, and is told shares."""
    document = await json_body(request)
    plan_request = body_as(OutreachPlanRequest, document)
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
        principal, kind, plan_request.model_dump(), folder=folder, release=release, request=document
    )
    return answer(job, status=202, location=f"/v1/jobs/{job['job']}")
