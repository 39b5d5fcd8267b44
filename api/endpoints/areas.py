"""``/v1/areas``: departures and vulnerability of areas, in the tier's detail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import place_card, referral_answer
from api.endpoints.query import AreasQuery, NoQuery
from api.http.responses import TierRelease
from api.http.schemas import AreaAnswer, AreasAnswer, ReferralAnswer
from api.http.serializers import nest
from layers.documents.area_summary import area_summary
from layers.query.areas import in_scope
from layers.query.conditions import And, Compare, Condition, Like, Or

router = APIRouter(prefix="/v1/areas", tags=["areas"])

_MANY = 1000


@router.get("", response_model=AreasAnswer, summary="Areas with their departures and vulnerability")
def list_areas(view: TierRelease, query: Annotated[AreasQuery, Query()]) -> Response:
    """Areas by code. ``within`` is an area's code; it and all below it are given, with
    class and rank among the areas of the province instead of the nation.
    """
    conditions: list[Condition] = []
    if query.level:
        conditions.append(Compare("level", "=", query.level))
    if query.within:
        conditions.append(_within("code", query.within))
    where = And(tuple(conditions)) if conditions else None
    page = view.features("areas", where=where, limit=query.limit, offset=query.offset)
    areas = [in_scope(nest(feature["properties"]), query.within) for feature in page.features]
    return view.respond(numberMatched=page.matched, numberReturned=len(areas), areas=areas)


@router.get("/{code}", response_model=AreaAnswer, summary="One area, explained")
def get_area(view: TierRelease, code: str, _query: NoQuery) -> Response:
    """One area with its explanation in words, the counts known there, the offices in it, and its
    card: why, counts by year, who covers it, the offices that serve it and whom to call.
    """
    area = view.feature("areas", code)["properties"]
    counts, services = (
        [
            feature["properties"]
            for feature in view.features(
                layer, where=_within("area_code", code), limit=_MANY
            ).features
        ]
        for layer in ("counts", "services")
    )
    summary = area_summary(area, counts, services, view.manifest["caveats"])
    row = nest(area)
    in_province = {name: row[name] for name in row if name.endswith("_in_province")}
    return view.respond_as_it_stands(
        area={**in_scope(row, None), **in_province}, explanation=summary, counts=counts,
        services=services, card=place_card(view, "area", area, code),
    )  # fmt: skip


@router.get("/{code}/referral", response_model=ReferralAnswer, summary="Who must be told")
def get_area_referral(view: TierRelease, code: str, _query: NoQuery) -> Response:
    """The offices that answer at each step of referral in an area, and where none is known."""
    area = view.feature("areas", code)["properties"]
    place = {"code": code, "name": area["name"]}
    return view.respond_as_it_stands(**referral_answer(view, place, code))


def _within(field: str, code: str) -> Condition:
    """The area's own code or one below it."""
    return Or((Compare(field, "=", code), Like(field, f"{code}.%")))
