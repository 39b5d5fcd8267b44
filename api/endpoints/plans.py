"""``/v1/plans``: post and watch plans for the police, outreach plans for partners and police.

A request is checked at once, the plan is made by a job (``/v1/jobs``).
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.endpoints.adopted_plans import adopted_plans
from api.endpoints.query import NoQuery
from api.http.dependencies import (
    IdempotencyKey,
    Planner,
    Police,
    body_as,
    documented,
    evaluated,
    json_body,
    once,
    refuse_other_methods,
)
from api.http.responses import TierView, private_json
from api.http.schemas import Draws
from api.state.jobs import Jobs
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest, WatchPlanRequest

__all__ = ["router"]

router = APIRouter(prefix="/v1/plans", tags=["plans"])


class PostPlanBody(PostPlanRequest):
    """A request for a post plan within what the service computes."""

    draws: Draws = 30


class WatchPlanBody(WatchPlanRequest):
    """A request for a watch plan within what the service computes."""

    draws: Draws = 30


@router.post(
    "/posts",
    status_code=202,
    summary="Plan posts",
    openapi_extra=documented(PostPlanBody),
)
async def plan_posts(view: Police, _query: NoQuery, key: IdempotencyKey = None) -> Response:
    """Where posts intercept most once people react: a job; its result names no route. The police
    of a province plan there.
    """
    return await once(view, key, lambda: _queued(view, "posts", PostPlanBody))


@router.post(
    "/outreach",
    status_code=202,
    summary="Plan outreach",
    openapi_extra=documented(OutreachPlanRequest),
)
async def plan_outreach(view: Planner, _query: NoQuery, key: IdempotencyKey = None) -> Response:
    """Which villages to visit: a job. A partner plans in the own province, in shares."""
    return await once(view, key, lambda: _queued(view, "outreach", OutreachPlanRequest))


@router.post(
    "/watch",
    status_code=202,
    summary="Plan watches",
    openapi_extra=documented(WatchPlanBody),
)
async def plan_watch(view: Police, _query: NoQuery, key: IdempotencyKey = None) -> Response:
    """Spread the hours an office has over terminals, sailings and weeks: a job. Its roster, and the
    files of it, are shown once a second account has consented.
    """
    return await once(view, key, lambda: _queued(view, "watch", WatchPlanBody))


refuse_other_methods(router)


async def _queued(
    view: TierView, kind: str, body: type[PostPlanRequest | OutreachPlanRequest | WatchPlanRequest]
) -> Response:
    document = await json_body(view.request)
    plan_request = body_as(body, document).model_dump()
    done = await run_in_threadpool(adopted_plans(view).done, view.principal, kind)
    await evaluated(view, f"check_{kind}", request=plan_request, done=done)
    jobs: Jobs = view.request.app.state.jobs
    prefix: str = view.request.state.prefix
    job = jobs.submit(
        view.principal,
        kind,
        {"folder": str(view.release.model_folder()), "request": plan_request, "done": done},
        release=view.id,
        request=document,
        prefix=prefix,
    )
    return private_json(job, status=202, location=f"{prefix}/v1/jobs/{job['job']}")
