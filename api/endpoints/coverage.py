"""``/v1/coverage``: where prevention is on record, in the tier's detail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import rows_of
from api.endpoints.query import CoverageQuery
from api.http.responses import TierRelease
from api.http.schemas import CoverageAnswer
from layers.query.coverage import coverage

router = APIRouter(prefix="/v1/coverage", tags=["coverage"])


@router.get("", response_model=CoverageAnswer, summary="Where prevention is on record")
def get_coverage(view: TierRelease, query: Annotated[CoverageQuery, Query()]) -> Response:
    """Provinces with anything on record; ``within`` a province its regencies, within a regency its
    villages on record too. Those that most people are expected to leave come first.
    """
    found = coverage(rows_of(view, "coverage"), rows_of(view, "areas"), query.within)
    return view.respond(**found)
