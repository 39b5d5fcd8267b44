"""``/v1/terminals``: the ports in their order; one terminal and the legs that leave it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.query import NoQuery, PortsQuery
from api.http.responses import TierRelease
from api.http.schemas import PortsAnswer, TerminalAnswer
from api.http.serializers import nest
from layers.query.ports import ports

router = APIRouter(prefix="/v1/terminals", tags=["terminals"])


_ALL = 1_000_000


@router.get("", response_model=PortsAnswer, summary="Ports, those that most persons pass first")
def list_ports(view: TierRelease, query: Annotated[PortsQuery, Query()]) -> Response:
    """Terminals in Indonesia, or ``within`` a province or regency, in the tier's detail."""
    rows = [feature["properties"] for feature in view.features("terminals", limit=_ALL).features]
    listed = ports(rows, query.within, kind=query.kind, class_name=query.class_name)
    page = listed[: query.limit]
    return view.respond(numberMatched=len(listed), numberReturned=len(page), ports=page)


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
