"""``/v1/terminals/{id}``: one terminal and the legs that leave it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import Current, CurrentUser
from api.endpoints.query import NoQuery
from api.http.responses import as_json, respond
from api.http.schemas import TerminalAnswer
from api.http.serializers import nest

router = APIRouter(prefix="/v1/terminals", tags=["terminals"])


@router.get("/{terminal_id}", response_model=TerminalAnswer, summary="One terminal")
def get_terminal(
    request: Request,
    caller: CurrentUser,
    served: Current,
    terminal_id: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One terminal by its id, with the legs from there that the tier may see."""
    release, tier = served.release, caller.tier
    feature = release.feature("terminals", tier, terminal_id, province=caller.own)
    legs = release.features(
        "legs", tier, province=caller.own, filters={"from_id": terminal_id}, limit=1000
    )
    lon, lat = feature["geometry"]["coordinates"]
    body = {
        "release": served.id(tier),
        "terminal": {**nest(feature["properties"]), "lon": lon, "lat": lat},
        "legs": [nest(leg["properties"]) for leg in legs.features],
    }
    return respond(request, caller, served, as_json(body))
