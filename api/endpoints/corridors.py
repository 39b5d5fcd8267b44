"""``/v1/corridors``: the corridors that carry most, in the tier's detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import Current, CurrentUser, Principal
from api.endpoints.query import CorridorsQuery, NoQuery
from api.http.release_holder import Served
from api.http.responses import as_json, respond
from api.http.schemas import CorridorAnswer, CorridorsAnswer
from api.http.serializers import nest
from layers.registry import CLASS_RANK

router = APIRouter(prefix="/v1/corridors", tags=["corridors"])

_ALL = 1_000_000


@router.get("", response_model=CorridorsAnswer, summary="Corridors, those that carry most first")
def list_corridors(
    request: Request,
    caller: CurrentUser,
    served: Current,
    query: Annotated[CorridorsQuery, Query()],
) -> Response:
    """Corridors from a province or regency; without ``origin`` from everywhere."""
    known = served.once(("corridors", *caller.scope), lambda: _ordered(served, caller))
    found = [
        corridor for corridor in known if query.origin is None or _starts(corridor, query.origin)
    ]
    chosen = found[: query.limit]
    body = {
        "release": served.id(caller.tier),
        "numberMatched": len(found),
        "numberReturned": len(chosen),
        "corridors": chosen,
    }
    return respond(request, caller, served, as_json(body))


@router.get("/{corridor_id}", response_model=CorridorAnswer, summary="One corridor")
def get_corridor(
    request: Request,
    caller: CurrentUser,
    served: Current,
    corridor_id: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One corridor by its id, in the tier's detail."""
    feature = served.release.feature("corridors", caller.tier, corridor_id, province=caller.own)
    body = {
        "release": served.id(caller.tier),
        "corridor": nest(feature["properties"], components=True),
    }
    return respond(request, caller, served, as_json(body))


def _ordered(served: Served, caller: Principal) -> Sequence[dict[str, Any]]:
    """All corridors the caller may see; by persons where the tier knows them, else by class."""
    page = served.release.features("corridors", caller.tier, province=caller.own, limit=_ALL)
    rows = [nest(feature["properties"], components=True) for feature in page.features]
    return sorted(rows, key=_weight)


def _weight(corridor: Mapping[str, Any]) -> tuple[float, int, str]:
    persons = (corridor.get("persons_per_year") or {}).get("mean") or 0.0
    return -persons, -CLASS_RANK.get(str(corridor["class"]), -1), str(corridor["id"])


def _starts(corridor: Mapping[str, Any], origin: str) -> bool:
    codes = [str(item["code"]) for item in corridor.get("origins") or ()]
    if (code := corridor.get("origin_code")) is not None:
        codes.append(str(code))
    return any(code == origin or code.startswith(f"{origin}.") for code in codes)
