"""``/v1/pretexts``: pretexts on record near a place, what to ask and what a family checks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import near_pretexts, pretext_place
from api.endpoints.query import PretextsQuery
from api.http.responses import TierRelease, TierView
from api.http.schemas import PretextsAnswer
from geo.errors import InputError
from layers.documents.argument import corridor_area
from layers.query.pretexts import PretextPlace, place_of_office, pretexts_told

__all__ = ["router"]

router = APIRouter(prefix="/v1/pretexts", tags=["pretexts"])


@router.get("", response_model=PretextsAnswer, summary="Pretexts on record near a place")
def get_pretexts(view: TierRelease, query: Annotated[PretextsQuery, Query()]) -> Response:
    """Of an ``area`` by its code, a ``terminal``, a ``corridor`` or an ``office`` by its id (of a
    consulate those towards its places); without any, every pretext with what a family checks.
    """
    asked = query.model_dump(exclude_none=True)
    if len(asked) > 1:
        raise InputError("pretext.one_place", field=list(asked)[1])
    for kind, key in asked.items():
        row, place = _PLACES[kind](view, key)
        named = {"id": key, "name": str(row["name"])}
        return view.respond_as_it_stands(place=named, **near_pretexts(view, place))
    told = pretexts_told(view.principal.rights)
    return view.respond_as_it_stands(place={}, pretexts=told, none_near=None, said=[], sources=[])


Place = tuple[dict[str, Any], PretextPlace]


def _area(view: TierView, code: str) -> Place:
    row = view.feature("areas", code)["properties"]
    return row, pretext_place(view, "area", row, code)


def _terminal(view: TierView, id: str) -> Place:  # noqa: A002
    row = view.feature("terminals", id)["properties"]
    return row, pretext_place(view, "port", row, str(row["area_code"] or ""))


def _corridor(view: TierView, id: str) -> Place:  # noqa: A002
    row = view.feature("corridors", id)["properties"]
    return row, pretext_place(view, "corridor", row, corridor_area(row))


def _office(view: TierView, id: str) -> Place:  # noqa: A002
    row = view.feature("services", id)["properties"]
    return row, place_of_office(row)


_PLACES = {"area": _area, "terminal": _terminal, "corridor": _corridor, "office": _office}
