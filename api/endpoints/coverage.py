"""``/v1/coverage``: where prevention is on record, in the tier's detail."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import MOST_ROWS, rows_of
from api.endpoints.query import CoverageQuery
from api.http.responses import TierRelease, TierView
from api.http.schemas import CoverageAnswer
from api.state.planned_coverage import PlannedCoverage
from geo.codes import CODE_LENGTHS
from geo.errors import InputError
from geo.periods import Period, period_of
from layers.query.conditions import Compare
from layers.query.coverage import coverage

__all__ = ["planned_coverage", "router"]

router = APIRouter(prefix="/v1/coverage", tags=["coverage"])


@router.get("", response_model=CoverageAnswer, summary="Where prevention is on record")
def get_coverage(view: TierRelease, query: Annotated[CoverageQuery, Query()]) -> Response:
    """Provinces with anything on record; ``within`` a province its regencies, within a regency its
    villages on record too, and those without anything on record, farthest from an office first.
    The areas that most people are expected to leave come first.

    With a ``period`` also ``planned``: the villages that adopted plans of the reader's office name
    for it, those visited, and how many were visited outside the plans; null for who does not plan
    there.
    """
    period = None if query.period is None else period_of(query.period)
    rows, areas = rows_of(view, "coverage"), rows_of(view, "areas")
    found = coverage(rows, areas, query.within, _villages(view, query.within))
    if period is None:
        return view.respond(**found)
    if query.within is None:
        raise InputError("coverage.period_needs_area", field="within")
    planned = planned_coverage(view, query.within, period, rows, areas)
    return view.respond_as_it_stands(**found, planned=planned)


def _villages(view: TierView, within: str | None) -> list[dict[str, Any]]:
    """The villages of a regency, for who has a list of them."""
    if len(within or "") < CODE_LENGTHS["regency"] or "outreach" not in view.layers():
        return []
    regency = Compare("regency_code", "=", str(within)[: CODE_LENGTHS["regency"]])
    return rows_of(view, "outreach", where=regency, shapes=False)


def planned_coverage(
    view: TierView, area: str, period: Period, rows: list[dict[str, Any]],
    areas: list[dict[str, Any]],
) -> dict[str, Any] | None:  # fmt: skip
    """Planned against done in an area, as far as the principal may know; else None.

    ``rows, areas`` are those of the layers ``coverage`` and ``areas``.
    """
    state = view.request.app.state
    planned = PlannedCoverage(state.register, state.home, view.principal)
    if not planned.may_know(area):
        return None
    return planned.of_area(area, period, rows, areas, _places(view, area[:2]))


def _places(view: TierView, province: str) -> dict[str, dict[str, Any]]:
    """Names and points of the villages of a province, by code; read once a release."""

    def read() -> dict[str, dict[str, Any]]:
        where = Compare("province_code", "=", province)
        page = view.features("outreach", fields=("code", "name"), where=where, limit=MOST_ROWS)
        return {
            feature["properties"]["code"]: {
                "name": feature["properties"]["name"],
                **dict(zip(("lon", "lat"), feature["geometry"]["coordinates"], strict=True)),
            }
            for feature in page.features
        }

    return view.release_view.once(("villages", province, *view.principal.scope), read)
