"""``/v1/corridors``: the corridors that carry most, in the tier's detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.auth.principal import CurrentUser, Principal
from api.endpoints.query import CorridorsQuery, NoQuery
from api.http.responses import as_json, respond
from api.http.schemas import CorridorAnswer, CorridorsAnswer
from api.http.serializers import nest
from api.state.release_holder import CurrentRelease, ReleaseView
from layers.registry import CLASS_RANK

router = APIRouter(prefix="/v1/corridors", tags=["corridors"])

_ALL = 1_000_000


@router.get("", response_model=CorridorsAnswer, summary="Corridors, those that carry most first")
def list_corridors(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    query: Annotated[CorridorsQuery, Query()],
) -> Response:
    """Corridors from a province or regency; without ``origin`` from everywhere."""
    known = view.once(("corridors", *principal.scope), lambda: _ordered(view, principal))
    found = [
        corridor for corridor in known if query.origin is None or _starts(corridor, query.origin)
    ]
    chosen = found[: query.limit]
    body = {
        "release": view.id(principal.tier),
        "numberMatched": len(found),
        "numberReturned": len(chosen),
        "corridors": chosen,
    }
    return respond(request, principal, view, as_json(body))


@router.get("/{corridor_id}", response_model=CorridorAnswer, summary="One corridor")
def get_corridor(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    corridor_id: str,
    _query: Annotated[NoQuery, Query()],
) -> Response:
    """One corridor by its id, in the tier's detail."""
    feature = view.release.feature(
        "corridors", principal.tier, corridor_id, province=principal.province
    )
    body = {
        "release": view.id(principal.tier),
        "corridor": nest(feature["properties"], components=True),
    }
    return respond(request, principal, view, as_json(body))


def _ordered(view: ReleaseView, principal: Principal) -> Sequence[dict[str, Any]]:
    """All corridors the principal may see; by persons where the tier knows them, else by class."""
    page = view.release.features(
        "corridors", principal.tier, province=principal.province, limit=_ALL
    )
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
