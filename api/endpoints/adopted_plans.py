"""``/v1/plans/adopted``: plans that a desk has adopted, their steps and what came of them.

Made from a plan that is done (``/v1/jobs``), one of posts or watches after a second person's
consent. A partner has those of the own account or organisation, the police those of their
jurisdiction.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import reader_language
from api.endpoints.exports import file_heading
from api.endpoints.imports import agreement_for
from api.endpoints.jobs import XLSX, finished_job
from api.endpoints.place_card import area_names, rows_of
from api.endpoints.query import FileQuery, NoQuery
from api.http.dependencies import (
    IdempotencyKey,
    Planner,
    body_as,
    documented,
    evaluated,
    json_body,
    once,
    refuse_other_methods,
    request_fields,
)
from api.http.responses import PRIVATE, TierView, private_json
from api.http.schemas import StrictBody
from api.state.adopted_plans import AdoptedPlan, AdoptedPlans
from geo.imports.days import today
from geo.periods import period_of
from layers.plans.adopted import steps_of
from layers.plans.xlsx import adopted_book

__all__ = ["adopted_plans", "router"]

router = APIRouter(prefix="/v1/plans/adopted", tags=["plans"])


class AdoptBody(StrictBody):
    """Which plan is adopted, and for when."""

    job: str = Field(max_length=64, description="A job that is done.")
    period: str = Field(max_length=8, examples=["2026-Q4", "2026-H2", "2026"])


class StepBody(StrictBody):
    """In which month a step was done; null: that it was not."""

    month: str | None = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2026-11"])
    under: str = Field(
        default="", max_length=300,
        description="Number of the agreement for a visit, where the account has several.",
    )  # fmt: skip


class StateBody(StrictBody):
    """That a plan is closed."""

    state: Literal["closed"]


@router.post(
    "", status_code=201, summary="Adopt a plan", openapi_extra=documented(AdoptBody)
)  # fmt: skip
async def adopt_plan(view: Planner, _query: NoQuery, key: IdempotencyKey = None) -> Response:
    """Make a plan that is done the desk's own for a period; its steps are dealt out by month."""
    return await once(view, key, lambda: _adopt(view))


async def _adopt(view: TierView) -> Response:
    body = body_as(AdoptBody, await json_body(view.request))
    period = period_of(body.period)
    job, result = finished_job(view, body.job)

    def work() -> AdoptedPlan:
        areas = {}
        if job.kind in {"posts", "watch"}:
            rows = rows_of(view, "terminals", fields=("id", "area_code"))
            areas = {row["id"]: row["area_code"] or "" for row in rows}
        return adopted_plans(view).add(
            view.principal, job.id, kind=job.kind, area=job.area or "", period=period,
            release=job.release, steps=steps_of(result, period, areas, day=today()),
        )  # fmt: skip

    plan = await run_in_threadpool(work)
    location = f"{view.request.state.prefix}/v1/plans/adopted/{plan.id}"
    return private_json(_document(view, plan), status=201, location=location)


@router.get("", summary="Adopted plans")
async def list_adopted_plans(view: Planner, _query: NoQuery) -> Response:
    """The adopted plans, newest first, with their steps."""

    def work() -> list[dict[str, Any]]:
        plans = adopted_plans(view).all_for(view.principal)
        return [_document(view, plan) for plan in plans]

    return private_json({"plans": await run_in_threadpool(work)})


@router.get("/{plan_id}", summary="One adopted plan")
async def get_adopted_plan(view: Planner, plan_id: str, _query: NoQuery) -> Response:
    """Planned, done, and the counts on record before and after the period, step by step."""
    plan = await run_in_threadpool(adopted_plans(view).get, view.principal, plan_id)
    return private_json(await run_in_threadpool(_document, view, plan))


@router.patch(
    "/{plan_id}", summary="Close an adopted plan", openapi_extra=documented(StateBody)
)  # fmt: skip
async def close_adopted_plan(view: Planner, plan_id: str, _query: NoQuery) -> Response:
    """What is done stays; nothing is ticked any more."""
    plans = adopted_plans(view)
    await run_in_threadpool(plans.get, view.principal, plan_id)
    body_as(StateBody, await json_body(view.request))
    plan = await run_in_threadpool(plans.close, view.principal, plan_id)
    return private_json(await run_in_threadpool(_document, view, plan))


@router.put(
    "/{plan_id}/steps/{place}", summary="Tick a step", openapi_extra=documented(StepBody)
)  # fmt: skip
async def tick_step(view: Planner, plan_id: str, place: str, _query: NoQuery) -> Response:
    """The month in which a step was done. A visit to a village is recorded as an import of visits;
    one that is on record has ticked its step already.
    """
    plans, principal = adopted_plans(view), view.principal
    await run_in_threadpool(plans.get, principal, plan_id)
    body = body_as(StepBody, await json_body(view.request))

    def work() -> dict[str, Any]:
        with request_fields():
            under = agreement_for(view.request.app.state.home, principal, body.under)
        return _document(view, plans.tick(principal, plan_id, place, body.month, under=under))

    return private_json(await run_in_threadpool(work))


@router.get("/{plan_id}/table.xlsx", summary="An adopted plan as a spreadsheet")
async def get_adopted_table(
    view: Planner, plan_id: str, _query: Annotated[FileQuery, Query()]
) -> Response:
    """Planned, done and on record in one table, for the meeting."""
    plan = await run_in_threadpool(adopted_plans(view).get, view.principal, plan_id)
    language = reader_language(view.request)

    def book() -> bytes:
        heading = file_heading(view.request, view, f"adopted plan {plan.id}")
        return adopted_book(_document(view, plan), heading, language)

    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="rencana-kerja.xlsx"'}
    return Response(await run_in_threadpool(book), 200, headers, XLSX)


@router.get(
    "/{plan_id}/brief.pdf", summary="The brief of an adopted plan as PDF", response_class=Response
)
async def get_adopted_brief(
    view: Planner, plan_id: str, _query: Annotated[FileQuery, Query()]
) -> Response:
    """One or two pages: planned, done, late and next, and what is on record, by regency."""
    plan = await run_in_threadpool(adopted_plans(view).get, view.principal, plan_id)
    document = await run_in_threadpool(_document, view, plan)
    heading = await run_in_threadpool(
        file_heading, view.request, view, f"brief of adopted plan {plan.id}"
    )
    language = reader_language(view.request)
    packed = await evaluated(
        view, "adopted_brief", plan=document, language=language, marking=asdict(heading)
    )
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="rencana-kerja.pdf"'}
    return Response(b64decode(packed), 200, headers, "application/pdf")


refuse_other_methods(router)


def adopted_plans(view: TierView) -> AdoptedPlans:
    """The adopted plans of the service."""
    state = view.request.app.state
    return AdoptedPlans(state.register, state.home)


def _document(view: TierView, plan: AdoptedPlan) -> dict[str, Any]:
    counts = view.release_view.once(
        ("counts of regencies", *view.principal.scope),
        lambda: rows_of(view, "counts", filters={"level": "regency"}, shapes=False),
    )
    return plan.document(counts, area_names(view))
