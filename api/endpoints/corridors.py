"""``/v1/corridors``: the corridors that carry most, in the tier's detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.endpoints.place_card import corridor_rows, place_card, rows_of
from api.endpoints.query import CorridorsQuery, NoQuery
from api.http.dependencies import evaluated
from api.http.responses import TierRelease, TierView
from api.http.schemas import CorridorAnswer, CorridorsAnswer
from api.http.serializers import nest
from geo.errors import InputError
from geo.names import corridor_name
from layers.documents.argument import corridor_area
from layers.query.area_names import inside
from layers.query.corridors import MOST_PLACES, corridors_from, places_of

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
async def get_corridor(view: TierRelease, corridor_id: str, _query: NoQuery) -> Response:
    """One corridor by its id, in the tier's detail, with the card of the area it starts from.

    Where the tier sees ways and persons, also one through two to five places in their order, by
    their names with ``~`` between: ``Kupang~Labuan Bajo~Nunukan``.
    """
    places = places_of(corridor_id) if view.principal.rights.named_corridors else ()
    if not places:
        return await run_in_threadpool(_listed, view, corridor_id)
    if len(places) > MOST_PLACES or not all(places):
        raise InputError("corridor.places", most=MOST_PLACES, field="corridor_id")
    answer = await evaluated(view, "corridor", places=places)
    line = await evaluated(view, "corridor_line", waypoints=answer["waypoints"])
    return await run_in_threadpool(_named, view, {"id": corridor_id, **answer, "line": line})


def _listed(view: TierView, corridor_id: str) -> Response:
    row = view.feature("corridors", corridor_id)["properties"]
    return _respond(view, row, nest(corridors_from([row])[0], components=True))


def _named(view: TierView, corridor: Mapping[str, Any]) -> Response:
    name = corridor_name(stop["name"] for stop in corridor["waypoints"])
    points = list(_passed(view, corridor["waypoints"]).values())
    return _respond(view, corridor, {**corridor, "name": name, "points": points})


def _respond(view: TierView, row: Mapping[str, Any], corridor: Mapping[str, Any]) -> Response:
    more = {}
    if view.principal.rights.posts:
        passed = _passed(view, row.get("waypoints") or ())
        more["posts"] = [r for r in rows_of(view, "posts") if r["terminal_id"] in passed]
    card = place_card(view, "corridor", row, corridor_area(row))
    return view.respond_as_it_stands(corridor=corridor, card=card, **more)


def _passed(
    view: TierView, waypoints: Sequence[Mapping[str, str]]
) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the terminals of waypoints, by id: each waypoint is a place, an
    area or a terminal.
    """
    places = {stop["name"] for stop in waypoints if stop["kind"] == "place"}
    areas = [stop["id"] for stop in waypoints if stop["kind"] == "area"]
    ids = {stop["id"] for stop in waypoints}
    passed = {}
    for feature in view.features("terminals", limit=1_000_000).features:
        row = feature["properties"]
        within = bool(areas) and inside([row["area_code"]], *areas)[0]
        if within or row["place"] in places or row["id"] in ids:
            passed[row["id"]] = tuple(feature["geometry"]["coordinates"])
    return passed
