"""``/v1/corridors``: the corridors that carry most, in the tier's detail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import corridor_rows, place_card, rows_of
from api.endpoints.query import CorridorsQuery, NoQuery
from api.http.responses import TierRelease
from api.http.schemas import CorridorAnswer, CorridorsAnswer
from api.http.serializers import nest
from layers.documents.argument import corridor_area
from layers.query.corridors import corridors_from

router = APIRouter(prefix="/v1/corridors", tags=["corridors"])


@router.get("", response_model=CorridorsAnswer, summary="Corridors, those that carry most first")
def list_corridors(view: TierRelease, query: Annotated[CorridorsQuery, Query()]) -> Response:
    """Corridors from a province or regency; without ``origin`` from everywhere.

    ``destination`` is an id, a country or the code of an area, ``waypoint`` the id of a place that
    a corridor passes, where the tier sees its way.
    """
    chosen = query.model_dump(exclude={"origin", "limit"})
    corridors = corridors_from(corridor_rows(view), query.origin, **chosen)
    page = [nest(corridor, components=True) for corridor in corridors[: query.limit]]
    return view.respond(numberMatched=len(corridors), numberReturned=len(page), corridors=page)


@router.get("/{corridor_id}", response_model=CorridorAnswer, summary="One corridor")
def get_corridor(view: TierRelease, corridor_id: str, _query: NoQuery) -> Response:
    """One corridor by its id, in the tier's detail, with the card of the area it starts from."""
    row = view.feature("corridors", corridor_id)["properties"]
    more = {}
    if view.principal.rights.posts:
        places = {stop["name"] for stop in row.get("waypoints") or ()}
        passed = {t["id"] for t in rows_of(view, "terminals") if t["place"] in places}
        more["posts"] = [r for r in rows_of(view, "posts") if r["terminal_id"] in passed]
    return view.respond(
        corridor=nest(corridors_from([row])[0], components=True),
        card=place_card(view, "corridor", row, corridor_area(row)),
        **more,
    )
