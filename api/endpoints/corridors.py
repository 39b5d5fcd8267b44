"""``/v1/corridors``: the corridors that carry most, in the tier's detail."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.query import CorridorsQuery, NoQuery
from api.http.responses import TierRelease, TierView
from api.http.schemas import CorridorAnswer, CorridorsAnswer
from api.http.serializers import nest
from layers.query.corridors import corridors_from

router = APIRouter(prefix="/v1/corridors", tags=["corridors"])

_ALL = 1_000_000


@router.get("", response_model=CorridorsAnswer, summary="Corridors, those that carry most first")
def list_corridors(view: TierRelease, query: Annotated[CorridorsQuery, Query()]) -> Response:
    """Corridors from a province or regency; without ``origin`` from everywhere.

    ``destination`` is an id, a country or the code of an area, ``waypoint`` the id of a place that
    a corridor passes, where the tier sees its way.
    """
    rows = view.release_view.once(("corridors", *view.principal.scope), lambda: _rows(view))
    chosen = query.model_dump(exclude={"origin", "limit"})
    corridors = corridors_from(rows, query.origin, **chosen)
    page = [nest(corridor, components=True) for corridor in corridors[: query.limit]]
    return view.respond(numberMatched=len(corridors), numberReturned=len(page), corridors=page)


@router.get("/{corridor_id}", response_model=CorridorAnswer, summary="One corridor")
def get_corridor(view: TierRelease, corridor_id: str, _query: NoQuery) -> Response:
    """One corridor by its id, in the tier's detail."""
    row = view.feature("corridors", corridor_id)["properties"]
    return view.respond(corridor=nest(corridors_from([row])[0], components=True))


def _rows(view: TierView) -> list[dict[str, Any]]:
    """All corridors the principal may see."""
    return [feature["properties"] for feature in view.features("corridors", limit=_ALL).features]
