"""``/v1/search``: places and corridors by name, code or abbreviation, in the tier's own rows."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.endpoints.query import SearchQuery
from api.http.responses import TierRelease, TierView
from api.http.schemas import SearchAnswer
from layers.query.corridors import corridor_of, places_typed
from layers.query.search import SEARCHED, SearchIndex

router = APIRouter(prefix="/v1/search", tags=["search"])

_ALL = 1_000_000


@router.get("", response_model=SearchAnswer, summary="Find a place or a corridor")
def search(view: TierRelease, query: Annotated[SearchQuery, Query()]) -> Response:
    """Areas, ports, corridors, settlements and offices, the best hits first. Of places in a row
    ("Kupang - Nunukan", "Kupang Nunukan") the corridor that the tier has; ``passed`` are those
    between its ends that the tier's corridors do not tell apart.
    """
    index = view.release_view.once(("search", *view.principal.scope), lambda: _index(view))
    results, passed = index.find(query.q, limit=query.limit), list[str]()
    if places := places_typed(query.q) or index.places_in(query.q):
        if view.principal.rights.named_corridors:
            identity = dict(zip(("id", "name"), corridor_of(places), strict=True))
            results = [*results[: query.limit - 1], {"layer": "corridors", **identity}]
        else:
            between = index.between(places[0], places[-1])
            others = [hit for hit in results if hit not in between]
            results = [*between, *others][: query.limit]
            passed = list(places[1:-1]) if between else []
    return view.respond(results=results, passed=passed)


def _index(view: TierView) -> SearchIndex:
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, wanted in SEARCHED.items():
        if name not in view.layers():
            continue
        known = {field.name for field in view.layer(name).fields}
        fields = [field for field in wanted if field in known]
        page = view.features(name, fields=fields, limit=_ALL)
        rows[name] = [{"key": feature["id"], **feature["properties"]} for feature in page.features]
    return SearchIndex(rows)
