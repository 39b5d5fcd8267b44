"""``/v1/warnings``: counts above what their own past leads to expect, from what the tier sees."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.query import NoQuery
from api.http.dependencies import evaluated
from api.http.responses import TierRelease
from api.http.schemas import WarningsAnswer

router = APIRouter(prefix="/v1/warnings", tags=["warnings"])


@router.get("", response_model=WarningsAnswer, summary="Counts above what is expected")
async def list_warnings(view: TierRelease, _query: NoQuery) -> Response:
    """Latest counts above what the record before them leads to expect, each with what to check
    first, and records that ended. They say nothing of an area's guilt; interceptions follow effort.
    """
    return view.respond(**await evaluated(view, "warnings"))
