"""``/v1/counts``: what is on record by place and year, from what the tier sees."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import rows_of
from api.endpoints.query import CountsQuery
from api.http.responses import TierRelease
from api.http.schemas import CountsAnswer
from layers.query.counts import counts_on_record
from layers.release.counts import published_measure

router = APIRouter(prefix="/v1/counts", tags=["counts"])


@router.get("", response_model=CountsAnswer, summary="Counts on record by place and year")
def get_counts(view: TierRelease, query: Annotated[CountsQuery, Query()]) -> Response:
    """Counts of the provinces, or of the area ``within`` and its regencies, with rates per 100,000
    inhabitants where they are of residents. What is not on record is not zero.
    """
    measure = published_measure(query.measure)
    found = counts_on_record(
        rows_of(view, "counts"), rows_of(view, "areas"),
        within=query.within, measure=measure, year=query.year,
    )  # fmt: skip
    return view.respond(**found)
