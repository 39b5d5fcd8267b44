"""``/v1/jobs``: how far a plan is, its result, spreadsheet and map, and the way to cancel it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.auth.accounts import list_accounts
from api.auth.principal import Principal, reader_language
from api.endpoints.exports import file_heading
from api.endpoints.query import FileQuery, NoQuery, ShiftQuery
from api.errors import ConflictError, NotFoundError
from api.http.dependencies import Planner, Police, evaluated, refuse_other_methods
from api.http.responses import GEOJSON, PRIVATE, TierView, as_json, private_json
from api.state.adopted_plans import AdoptedPlans
from api.state.jobs import Job, Jobs, has_second
from geo.i18n import Message
from layers.plans.adopted import with_plans
from layers.plans.xlsx import outreach_book, posts_book, watch_book

__all__ = ["XLSX", "finished_job", "router"]

router = APIRouter(prefix="/v1/jobs", tags=["plans"])

_EVENTS = "text/event-stream"
_POLICE_BOOKS = {"posts": posts_book, "watch": watch_book}
_NAMES = {
    "posts": "rencana-pos", "outreach": "rencana-penjangkauan", "watch": "daftar-jaga",
}  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _jobs(view: TierView) -> Jobs:
    jobs: Jobs = view.request.app.state.jobs
    return jobs


@router.get("", summary="Jobs of this account")
async def list_jobs(view: Planner, _query: NoQuery) -> Response:
    """The principal's own jobs, newest first, without their results; for the police also
    ``to_consent``, plans of others that wait for a second person, and ``has_second``, whether the
    register has an account that may consent to the principal's own.
    """
    language, jobs = reader_language(view.request), _jobs(view)
    body: dict[str, Any] = {"jobs": jobs.documents(view.principal, language)}
    if view.principal.rights.posts:
        body["to_consent"] = jobs.to_consent(view.principal)
        body["has_second"] = await _has_second(view)
    return private_json(body)


@router.get("/{job_id}", summary="One job")
async def get_job(view: Planner, job_id: str, _query: NoQuery) -> Response:
    """State, progress and, once it is done, the result of one of the principal's own jobs; of one
    that needs a second person also ``has_second``, as in the list. A village to visit says in
    ``in_plans`` which open plans of action that the principal sees have it already.
    """
    language = reader_language(view.request)
    body = _jobs(view).document(view.principal, job_id, language)
    if body["kind"] == "outreach" and body["result"] is not None:
        body["result"] = await run_in_threadpool(_marked, view, job_id, body["result"])
    if body["consent"] is not None:
        body["has_second"] = await _has_second(view)
    return private_json(body)


def _marked(view: TierView, job_id: str, result: dict[str, Any]) -> dict[str, Any]:
    """An outreach plan with the villages marked that open plans of the reader have already."""
    state = view.request.app.state
    plans = AdoptedPlans(state.register, state.home)
    return with_plans(result, plans.waiting(view.principal, beside=job_id))


async def _has_second(view: TierView) -> bool:
    register = view.request.app.state.register
    accounts = await run_in_threadpool(list_accounts, register)
    return has_second(view.principal, map(Principal.of, accounts))


@router.get(
    "/{job_id}/events",
    summary="A job as it goes on",
    response_class=StreamingResponse,
    responses={200: {"content": {_EVENTS: {"schema": {"type": "string"}}}}},
)
async def follow_job(view: Planner, job_id: str, _query: NoQuery) -> Response:
    """Server-sent events: the job without its result whenever it changes, until it is over.

    An account has three such streams; another one ends the oldest.
    """
    jobs, language = _jobs(view), reader_language(view.request)
    jobs.document(view.principal, job_id, language)  # 404 before the stream begins

    async def lines() -> AsyncIterator[bytes]:
        async for document in jobs.follow(view.principal, job_id, language):
            yield b":\n\n" if document is None else b"data: " + as_json(document) + b"\n\n"

    headers = {**PRIVATE, "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), 200, headers, _EVENTS)


@router.delete("/{job_id}", summary="Cancel or forget a job")
async def cancel_job(view: Planner, job_id: str, _query: NoQuery) -> Response:
    """End a job that is not over; forget one that is."""
    language = reader_language(view.request)
    return private_json(
        await run_in_threadpool(_jobs(view).cancel, view.principal, job_id, language)
    )


@router.get("/{job_id}/result.xlsx", summary="A plan as a spreadsheet")
async def get_sheet(view: Planner, job_id: str, _query: Annotated[FileQuery, Query()]) -> Response:
    """The plan of a job that is done, with a print layout; of posts and watches after a second
    person's consent.
    """
    job, result = finished_job(view, job_id)
    language = reader_language(view.request)

    def book() -> bytes:
        heading = file_heading(view.request, view, f"plan {job.kind} {job.id}")
        heading = replace(heading, release=job.release)
        if job.kind in _POLICE_BOOKS:
            return _POLICE_BOOKS[job.kind](result, heading, language)
        marked = _marked(view, job.id, result)
        return outreach_book(marked, heading, language, area=job.area or "")

    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{_NAMES[job.kind]}.xlsx"'}
    return Response(await run_in_threadpool(book), 200, headers, XLSX)


@router.get("/{job_id}/shift.pdf", summary="The sheet of one shift as PDF", response_class=Response)
async def get_shift_sheet(
    request: Request, view: Police, job_id: str, query: Annotated[ShiftQuery, Query()]
) -> Response:
    """One page for the leader of a shift of a watch plan, after a second person's consent: ships,
    warnings, questions, whom to call, what to enter afterwards.
    """
    job, result = finished_job(view, job_id)
    if job.kind != "watch":
        raise NotFoundError
    language = reader_language(request)
    named = f"shift {query.shift} {job.id}"
    heading = await run_in_threadpool(file_heading, request, view, named)
    packed = await evaluated(
        view, "shift_sheet", plan=result, shift=query.shift, language=language,
        marking=asdict(heading), confirmed=request.app.state.contact_checks.current(),
    )  # fmt: skip
    name = f"{_NAMES['watch']}-{query.shift}"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(b64decode(packed), 200, headers, "application/pdf")


@router.post("/{job_id}/consent", status_code=204, summary="Consent to the files of a plan")
async def consent_to_job(view: Police, job_id: str, _query: NoQuery) -> Response:
    """Let another account's plan of posts or watches leave the service as a file; of the same
    jurisdiction.
    """
    _jobs(view).decide(view.principal, job_id, consents=True)
    return Response(status_code=204, headers=PRIVATE)


@router.delete("/{job_id}/consent", status_code=204, summary="Decline the files of a plan")
async def decline_job(view: Police, job_id: str, _query: NoQuery) -> Response:
    """Say that another account's plan of posts or watches must not leave the service; its maker
    sees by whom, and makes another.
    """
    _jobs(view).decide(view.principal, job_id, consents=False)
    return Response(status_code=204, headers=PRIVATE)


@router.get("/{job_id}/displacement", summary="Where flow moves under a post plan")
async def get_job_displacement(view: Police, job_id: str, _query: NoQuery) -> Response:
    """GeoJSON of the terminals whose flow changes under the plan of a job that is done, after a
    second person's consent.
    """
    job, _ = finished_job(view, job_id)
    if job.displacement is None:
        raise NotFoundError
    body = {**job.displacement, "release": job.release, "job": job.id}
    return private_json(body, media_type=GEOJSON)


refuse_other_methods(router)


def finished_job(view: TierView, job_id: str) -> tuple[Job, dict[str, Any]]:
    """A job of the principal that is done, and its result.

    Raises
    ------
    NotFoundError
        The principal has no such job, or what is asked of it.
    ConflictError
        It is not done, or waits for a second person's consent.
    """
    job = _jobs(view).outcome(view.principal, job_id)
    if job.kind != "posts" and view.request.url.path.endswith("/displacement"):
        raise NotFoundError
    if job.result is None:
        raise ConflictError("http.job_not_done", state=Message(f"job.{job.state}"))
    if not job.waits_for_nobody:
        declined = job.consent is not None and job.consent["declined_by"] is not None
        raise ConflictError(f"jobs.consent_{'declined' if declined else 'needed'}")
    return job, job.result
