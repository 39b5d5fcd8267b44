"""``/v1/guide``: what a family checks, and whom to call. It is the same for everybody."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.query import NoQuery
from api.http.responses import TierRelease
from api.http.schemas import GuideAnswer
from geo.guide import hotlines
from geo.imports.days import today
from layers.documents.safe_ways import line_said
from layers.query.pretexts import pretexts_told
from layers.visibility import ANONYMOUS, RIGHTS

router = APIRouter(prefix="/v1/guide", tags=["guide"])


@router.get("", response_model=GuideAnswer, summary="What a family checks, and telephone lines")
def get_guide(view: TierRelease, _query: NoQuery) -> Response:
    """What journeys were called, work that was promised and papers that give no right to work, each
    with what to check before; and national lines with their sources. Where and when which was told
    to officers is not said here.
    """
    told = pretexts_told(RIGHTS[ANONYMOUS])
    lines = [{**asdict(line), "said": line_said(line, today())} for line in hotlines()]
    return view.respond_as_it_stands(pretexts=told, hotlines=lines)
