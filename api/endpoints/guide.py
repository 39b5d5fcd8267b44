"""``/v1/guide``: what recruiters say, and whom to call. It is the same for everybody."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.place_card import area_names
from api.endpoints.query import NoQuery
from api.http.responses import TierRelease
from api.http.schemas import GuideAnswer
from geo.guide import hotlines, pretexts

router = APIRouter(prefix="/v1/guide", tags=["guide"])


@router.get("", response_model=GuideAnswer, summary="Pretexts of recruiters, and telephone lines")
def get_guide(view: TierRelease, _query: NoQuery) -> Response:
    """Pretexts by the province where they were given, and national lines, each with its source."""
    names = area_names(view)
    told = [{**asdict(row), "area_name": names.get(row.area_code)} for row in pretexts()]
    return view.respond(pretexts=told, hotlines=[asdict(line) for line in hotlines()])
