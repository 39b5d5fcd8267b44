"""``/v1/packs``: the offline pack of an area as the reader's tier has it, with classification."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.endpoints.exports import file_heading
from api.endpoints.query import Code, NoQuery
from api.http.dependencies import evaluated
from api.http.responses import TierRelease

__all__ = ["router"]

router = APIRouter(prefix="/v1/packs", tags=["packs"])


class _Html(Response):
    media_type = "text/html"


@router.get("/{code}", summary="An area as a page for a phone offline", response_class=_Html)
async def get_pack(request: Request, view: TierRelease, code: Code, _query: NoQuery) -> Response:
    """One HTML file that asks for nothing: map, offices, whom to call, what to do and the villages
    by name, in every language. Above the public tier it carries a mark of the account that took
    it.
    """
    await run_in_threadpool(view.feature, "areas", code)
    heading = await run_in_threadpool(file_heading, request, view, f"pack {code}")
    confirmed = request.app.state.contact_checks.current()
    page = await evaluated(view, "pack", subject=code, marking=asdict(heading), confirmed=confirmed)
    variant = f"{heading.text('en')} {sha256(page.encode()).hexdigest()}"
    answer = view.respond_bytes(
        page.encode(), media_type="text/html; charset=utf-8", variant=variant
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="petajaga-{code}.html"'
    return answer
