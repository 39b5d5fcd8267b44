"""``/v1/terminals/{id}``: one terminal and the legs that leave it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.endpoints.query import NoQuery
from api.http.responses import TierRelease
from api.http.schemas import TerminalAnswer
from api.http.serializers import nest

router = APIRouter(prefix="/v1/terminals", tags=["terminals"])


@router.get("/{terminal_id}", response_model=TerminalAnswer, summary="One terminal")
def get_terminal(view: TierRelease, terminal_id: str, _query: NoQuery) -> Response:
    """One terminal by its id, with the legs from there that the tier may see."""
    feature = view.feature("terminals", terminal_id)
    lon, lat = feature["geometry"]["coordinates"]
    legs = view.features("legs", filters={"from_id": terminal_id}, limit=1000).features
    return view.respond(
        terminal={**nest(feature["properties"]), "lon": lon, "lat": lat},
        legs=[nest(leg["properties"]) for leg in legs],
    )
