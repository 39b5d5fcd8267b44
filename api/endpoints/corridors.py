"""``/v1/corridors``: the corridors that carry most, in the tier's detail."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser, Principal
from api.endpoints.query import CorridorsQuery, NoQuery
from api.http.responses import as_json, respond
from api.http.schemas import CorridorAnswer, CorridorsAnswer
from api.http.serializers import nest
from api.state.release_holder import CurrentRelease, ReleaseView
from layers.query.corridors import corridors_from

router = APIRouter(prefix="/v1/corridors", tags=["corridors"])

_ALL = 1_000_000


@router.get("", response_model=CorridorsAnswer, summary="Corridors, those that carry most first")
def list_corridors(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    query: Annotated[CorridorsQuery, Query()],
) -> Response:
    """Corridors from a province or regency; without ``origin`` from everywhere."""
    rows = view.once(("corridors", *principal.scope), lambda: _rows(view, principal))
    corridors = corridors_from(rows, query.origin)
    page = [nest(corridor, components=True) for corridor in corridors[: query.limit]]
    body = {
        "release": view.id(principal.tier),
        "numberMatched": len(corridors),
        "numberReturned": len(page),
        "corridors": page,
    }
    return respond(request, principal, view, as_json(body))


@router.get("/{corridor_id}", response_model=CorridorAnswer, summary="One corridor")
def get_corridor(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    corridor_id: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One corridor by its id, in the tier's detail."""
    feature = view.release.feature(
        "corridors", principal.tier, corridor_id, province=principal.province
    )
    body = {
        "release": view.id(principal.tier),
        "corridor": nest(corridors_from([feature["properties"]])[0], components=True),
    }
    return respond(request, principal, view, as_json(body))


def _rows(view: ReleaseView, principal: Principal) -> list[dict[str, Any]]:
    """All corridors the principal may see."""
    page = view.release.features(
        "corridors", principal.tier, province=principal.province, limit=_ALL
    )
    return [feature["properties"] for feature in page.features]
