"""``/v1/areas``: vulnerability of areas, in the tier's detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import Current, CurrentUser, Principal
from api.endpoints.query import AreasQuery, NoQuery
from api.http.area_summary import explain_area
from api.http.release_holder import Served
from api.http.responses import as_json, respond
from api.http.schemas import AreaAnswer, AreasAnswer
from api.http.serializers import nest
from layers.query.conditions import And, Compare, Condition, Like, Or

router = APIRouter(prefix="/v1/areas", tags=["areas"])

_MANY = 1000


@router.get("", response_model=AreasAnswer, summary="Areas with their vulnerability")
def list_areas(
    request: Request, caller: CurrentUser, served: Current, query: Annotated[AreasQuery, Query()]
) -> Response:
    """Areas by code. ``within`` is an area's code; it and all below it are given."""
    conditions: list[Condition] = []
    if query.level:
        conditions.append(Compare("level", "=", query.level))
    if query.within:
        inside = Like("code", f"{query.within}.%")
        conditions.append(Or((Compare("code", "=", query.within), inside)))
    page = served.release.features(
        "areas",
        caller.tier,
        province=caller.own,
        where=And(tuple(conditions)) if conditions else None,
        limit=query.limit,
        offset=query.offset,
    )
    areas = [nest(feature["properties"]) for feature in page.features]
    body = {
        "release": served.id(caller.tier),
        "numberMatched": page.matched,
        "numberReturned": len(areas),
        "areas": areas,
    }
    return respond(request, caller, served, as_json(body))


@router.get("/{code}", response_model=AreaAnswer, summary="One area, explained")
def get_area(
    request: Request,
    caller: CurrentUser,
    served: Current,
    code: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One area with its explanation in words, the counts known there and the offices in it."""
    feature = served.release.feature("areas", caller.tier, code, province=caller.own)
    properties: Mapping[str, Any] = feature["properties"]
    counts = _there(served, caller, "counts", code)
    services = _there(served, caller, "services", code)
    caveats = served.release.manifest(caller.tier)["caveats"]
    body = {
        "release": served.id(caller.tier),
        "area": nest(properties),
        "explanation": explain_area(properties, counts, services, caveats),
        "counts": counts,
        "services": services,
    }
    return respond(request, caller, served, as_json(body))


def _there(served: Served, caller: Principal, layer: str, code: str) -> list[dict[str, Any]]:
    """Rows of ``layer`` in the area: its own code or one below it."""
    own: Condition = Compare("area_code", "=", code)
    below: Condition = Like("area_code", f"{code}.%")
    page = served.release.features(
        layer, caller.tier, province=caller.own, where=Or((own, below)), limit=_MANY
    )
    return [feature["properties"] for feature in page.features]
