"""``/v1/jobs``: how far a plan is, its result, spreadsheet and map, and the way to cancel it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import Principal, reader_language
from api.endpoints.query import NoQuery
from api.errors import ConflictError, NotFoundError
from api.http.dependencies import PRIVATE, Planner, Police, answer, refuse_other_methods
from api.http.responses import as_json
from api.state.jobs import Job, Jobs
from geo.i18n import Message
from layers.plans.xlsx import outreach_book, posts_book

__all__ = ["router"]

router = APIRouter(prefix="/v1/jobs", tags=["plans"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


@router.get("", summary="Jobs of this account")
async def list_jobs(request: Request, principal: Planner, _query: NoQuery) -> Response:
    """The principal's own jobs, newest first, without their results."""
    return answer({"jobs": _jobs(request).documents(principal, reader_language(request))})


@router.get("/{job_id}", summary="One job")
async def get_job(request: Request, principal: Planner, job_id: str, _query: NoQuery) -> Response:
    """State, progress and, once it is done, the result of one of the principal's own jobs."""
    return answer(_jobs(request).document(principal, job_id, reader_language(request)))


@router.delete("/{job_id}", summary="Cancel or forget a job")
async def cancel_job(
    request: Request, principal: Planner, job_id: str, _query: NoQuery
) -> Response:
    """End a job that is not over; forget one that is."""
    language = reader_language(request)
    return answer(await run_in_threadpool(_jobs(request).cancel, principal, job_id, language))


@router.get("/{job_id}/result.xlsx", summary="A plan as a spreadsheet")
async def get_sheet(request: Request, principal: Planner, job_id: str, _query: NoQuery) -> Response:
    """The plan of a job that is done, with a print layout."""
    job, result = _done(request, principal, job_id)

    def book() -> bytes:
        if job.kind == "posts":
            return posts_book(result, build_id=job.release)
        return outreach_book(result, area=job.area or "", build_id=job.release)

    name = "rencana-pos" if job.kind == "posts" else "rencana-penjangkauan"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(await run_in_threadpool(book), 200, headers, _XLSX)


@router.get("/{job_id}/displacement", summary="Where flow moves under a post plan")
async def get_job_displacement(
    request: Request, principal: Police, job_id: str, _query: NoQuery
) -> Response:
    """GeoJSON of the terminals whose flow changes under the plan of a job that is done."""
    job, _ = _done(request, principal, job_id)
    if job.displacement is None:
        raise NotFoundError
    body = {**job.displacement, "release": job.release, "job": job.id}
    return Response(as_json(body), 200, PRIVATE, "application/geo+json")


refuse_other_methods(router, "", ("GET",))
refuse_other_methods(router, "/{job_id}", ("GET", "DELETE"))
refuse_other_methods(router, "/{job_id}/result.xlsx", ("GET",))
refuse_other_methods(router, "/{job_id}/displacement", ("GET",), police=True)


def _done(request: Request, principal: Principal, job_id: str) -> tuple[Job, dict[str, Any]]:
    job = _jobs(request).outcome(principal, job_id)
    if job.kind == "outreach" and request.url.path.endswith("/displacement"):
        raise NotFoundError
    if job.result is None:
        raise ConflictError("http.job_not_done", state=Message(f"job.{job.state}"))
    return job, job.result
