"""``/v1/areas``: vulnerability of areas, in the tier's detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser, Principal
from api.endpoints.query import AreasQuery, NoQuery
from api.http.responses import as_json, respond
from api.http.schemas import AreaAnswer, AreasAnswer
from api.http.serializers import nest
from api.state.release_holder import CurrentRelease, ReleaseView
from layers.documents.area_summary import area_summary
from layers.query.conditions import And, Compare, Condition, Like, Or

router = APIRouter(prefix="/v1/areas", tags=["areas"])

_MANY = 1000


@router.get("", response_model=AreasAnswer, summary="Areas with their vulnerability")
def list_areas(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    query: Annotated[AreasQuery, Query()],
) -> Response:
    """Areas by code. ``within`` is an area's code; it and all below it are given."""
    conditions: list[Condition] = []
    if query.level:
        conditions.append(Compare("level", "=", query.level))
    if query.within:
        inside = Like("code", f"{query.within}.%")
        conditions.append(Or((Compare("code", "=", query.within), inside)))
    page = view.release.features(
        "areas",
        principal.tier,
        province=principal.province,
        where=And(tuple(conditions)) if conditions else None,
        limit=query.limit,
        offset=query.offset,
    )
    areas = [nest(feature["properties"]) for feature in page.features]
    body = {
        "release": view.id(principal.tier),
        "numberMatched": page.matched,
        "numberReturned": len(areas),
        "areas": areas,
    }
    return respond(request, principal, view, as_json(body))


@router.get("/{code}", response_model=AreaAnswer, summary="One area, explained")
def get_area(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    code: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One area with its explanation in words, the counts known there and the offices in it."""
    feature = view.release.feature("areas", principal.tier, code, province=principal.province)
    properties: Mapping[str, Any] = feature["properties"]
    counts = _rows_within(view, principal, "counts", code)
    services = _rows_within(view, principal, "services", code)
    caveats = view.release.manifest(principal.tier)["caveats"]
    body = {
        "release": view.id(principal.tier),
        "area": nest(properties),
        "explanation": area_summary(properties, counts, services, caveats),
        "counts": counts,
        "services": services,
    }
    return respond(request, principal, view, as_json(body))


def _rows_within(
    view: ReleaseView, principal: Principal, layer: str, code: str
) -> list[dict[str, Any]]:
    """Rows of ``layer`` in the area: its own code or one below it."""
    own: Condition = Compare("area_code", "=", code)
    below: Condition = Like("area_code", f"{code}.%")
    page = view.release.features(
        layer, principal.tier, province=principal.province, where=Or((own, below)), limit=_MANY
    )
    return [feature["properties"] for feature in page.features]
