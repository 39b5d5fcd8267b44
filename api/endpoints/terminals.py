"""``/v1/terminals``: the ports in their order; one terminal and the legs that leave it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.place_card import corridor_rows, place_card, referral_answer, rows_of
from api.endpoints.query import NoQuery, PortsQuery
from api.http.responses import TierRelease
from api.http.schemas import PortsAnswer, ReferralAnswer, TerminalAnswer
from api.http.serializers import nest
from layers.documents.argument import corridors_through
from layers.query.ports import ports

router = APIRouter(prefix="/v1/terminals", tags=["terminals"])

_CORRIDORS = 6
"""Corridors through a terminal that its card names."""


@router.get("", response_model=PortsAnswer, summary="Ports, those that most persons pass first")
def list_ports(view: TierRelease, query: Annotated[PortsQuery, Query()]) -> Response:
    """Terminals in Indonesia, or ``within`` a province or regency, in the tier's detail."""
    listed = ports(
        rows_of(view, "terminals"), query.within, kind=query.kind, class_name=query.class_name
    )
    page = listed[: query.limit]
    return view.respond(numberMatched=len(listed), numberReturned=len(page), ports=page)


@router.get("/{terminal_id}", response_model=TerminalAnswer, summary="One terminal")
def get_terminal(view: TierRelease, terminal_id: str, _query: NoQuery) -> Response:
    """One terminal by its id: the legs from and to it that the tier may see, its rank, the largest
    corridors through it, and its card.
    """
    feature = view.feature("terminals", terminal_id)
    lon, lat = feature["geometry"]["coordinates"]
    row = feature["properties"]
    ranked = [port for port in ports(rows_of(view, "terminals")) if "rank" in port]
    place: dict[str, Any] = {}
    for port in ranked:
        if port["id"] == terminal_id:
            place = {"rank": port["rank"], "ports": len(ranked), "class": port["class"]}
    if "ports" in view.layers():
        for port in rows_of(view, "ports", filters={"id": terminal_id}):
            place["load_class"] = port["load_class"]
    through = corridors_through(corridor_rows(view), row["place"])[:_CORRIDORS]
    more = {}
    if view.principal.rights.posts:
        more["posts"] = rows_of(view, "posts", filters={"terminal_id": terminal_id})
    legs = {
        name: [nest(leg) for leg in rows_of(view, "legs", filters={end: terminal_id})]
        for name, end in (("legs", "from_id"), ("arrivals", "to_id"))
    }
    return view.respond_as_it_stands(
        terminal={**nest(row), **place, "lon": lon, "lat": lat},
        corridors=[
            {"id": c["id"], "name": c["name"], "class": c["class"],
             "persons_per_year": nest(c)["persons_per_year"]}
            for c in through
        ],
        card=place_card(view, "port", row, str(row["area_code"] or ""), through),
        **legs,
        **more,
    )  # fmt: skip


@router.get(
    "/{terminal_id}/referral", response_model=ReferralAnswer, summary="Who must be told at a port"
)
def get_terminal_referral(view: TierRelease, terminal_id: str, _query: NoQuery) -> Response:
    """The offices that answer at each step of referral for the regency of a terminal."""
    row = view.feature("terminals", terminal_id)["properties"]
    place = {"id": terminal_id, "name": row["name"]}
    return view.respond_as_it_stands(**referral_answer(view, place, str(row["area_code"] or "")))
