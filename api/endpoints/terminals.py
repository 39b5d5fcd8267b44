"""``/v1/terminals/{id}``: one terminal and the legs that leave it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.endpoints.query import NoQuery
from api.http.responses import as_json, respond
from api.http.schemas import TerminalAnswer
from api.http.serializers import nest
from api.state.release_holder import CurrentRelease

router = APIRouter(prefix="/v1/terminals", tags=["terminals"])


@router.get("/{terminal_id}", response_model=TerminalAnswer, summary="One terminal")
def get_terminal(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    terminal_id: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One terminal by its id, with the legs from there that the tier may see."""
    release, tier = view.release, principal.tier
    feature = release.feature("terminals", tier, terminal_id, province=principal.province)
    legs = release.features(
        "legs", tier, province=principal.province, filters={"from_id": terminal_id}, limit=1000
    )
    lon, lat = feature["geometry"]["coordinates"]
    body = {
        "release": view.id(tier),
        "terminal": {**nest(feature["properties"]), "lon": lon, "lat": lat},
        "legs": [nest(leg["properties"]) for leg in legs.features],
    }
    return respond(request, principal, view, as_json(body))
