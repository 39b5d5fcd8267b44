"""``/v1/plans``: post plans for the police, outreach plans for partners and police.

A request is checked at once, the plan is made by a job (``/v1/jobs``).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.query import NoQuery
from api.http.dependencies import (
    Planner,
    Police,
    body_as,
    computing,
    documented,
    json_body,
    plan_service,
    refuse_other_methods,
)
from api.http.responses import TierView, private_json
from api.http.schemas import Draws
from api.state.jobs import Jobs
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest

__all__ = ["router"]

router = APIRouter(prefix="/v1/plans", tags=["plans"])


class PostPlanBody(PostPlanRequest):
    """A request for a post plan within what the service computes."""

    draws: Draws = 30


@router.post(
    "/posts",
    status_code=202,
    summary="Plan posts",
    openapi_extra=documented(PostPlanBody),
)
async def plan_posts(view: Police, _query: NoQuery) -> Response:
    """Where posts intercept most once people react: a job; its result names no route. The police
    of a province plan there.
    """
    document = await json_body(view.request)
    plan_request, reader = body_as(PostPlanBody, document), view.principal.reader
    await computing(lambda: plan_service(view).check_posts(plan_request, **reader))
    return _queued(view, "posts", plan_request, document)


@router.post(
    "/outreach",
    status_code=202,
    summary="Plan outreach",
    openapi_extra=documented(OutreachPlanRequest),
)
async def plan_outreach(view: Planner, _query: NoQuery) -> Response:
    """Which villages to visit: a job. A partner plans in the own province, in shares."""
    document = await json_body(view.request)
    plan_request, reader = body_as(OutreachPlanRequest, document), view.principal.reader
    await computing(lambda: plan_service(view).check_outreach(plan_request, **reader))
    return _queued(view, "outreach", plan_request, document)


refuse_other_methods(router)


def _queued(
    view: TierView,
    kind: str,
    plan_request: PostPlanRequest | OutreachPlanRequest,
    document: dict[str, Any],
) -> Response:
    jobs: Jobs = view.request.app.state.jobs
    job = jobs.submit(
        view.principal,
        kind,
        {"folder": str(view.release.model_folder()), "request": plan_request.model_dump()},
        release=view.id,
        request=document,
    )
    return private_json(
        job, status=202, location=f"{view.request.state.prefix}/v1/jobs/{job['job']}"
    )
