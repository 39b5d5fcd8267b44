"""``/ogc/collections/{id}/items``: features by box, field and page; the service's fast path."""

from __future__ import annotations

import time
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.principal import CurrentUser
from api.endpoints.ogc.links import GEOJSON, JSON, Link, both, language_of, link, pair, url
from api.endpoints.ogc.pages import answer
from api.endpoints.ogc.params import (
    Variant,
    parse_bbox,
    parse_datetime,
    parse_whole,
    variant_of,
)
from api.http.responses import as_json, respond
from api.state.release_holder import CurrentRelease
from layers.release.release import LayerInfo, Page

router = APIRouter(prefix="/ogc/collections")

DEFAULT_LIMIT, MAX_LIMIT = 10, 1000
_MAX_OFFSET = 10**9
_PAGING = frozenset({"bbox", "datetime", "limit", "offset"})


@router.get("/{collection_id}/items")
async def ogc_items(
    request: Request, principal: CurrentUser, view: CurrentRelease, collection_id: str
) -> Response:
    """A page of features."""
    release, tier, own = view.release, principal.tier, principal.province
    info: LayerInfo = view.once(
        ("layer", collection_id, tier), lambda: release.layer(collection_id, tier)
    )
    filterable = {f.name for f in info.fields if f.queryable} - _PAGING
    variant = variant_of(request, accepted=_PAGING | filterable)
    given = dict(variant.parameters)
    limit = parse_whole(
        given.pop("limit", str(DEFAULT_LIMIT)), name="limit", least=1, most=MAX_LIMIT, clamp=True
    )
    offset = parse_whole(given.pop("offset", "0"), name="offset", least=0, most=_MAX_OFFSET)
    bbox = parse_bbox(given.pop("bbox")) if "bbox" in given else None
    if "datetime" in given:
        parse_datetime(given.pop("datetime"))

    def find() -> Page:
        return release.features(
            collection_id,
            tier,
            province=own,
            bbox=bbox,
            filters=given,
            limit=limit,
            offset=offset,
        )

    # A plain page costs less than changing threads; a search may have to look at every row.
    plain = bbox is None and not given and offset < MAX_LIMIT and variant.form == "json"
    page = find() if plain else await run_in_threadpool(find)
    links = _page_links(request, variant, collection_id, page, limit=limit, offset=offset)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    content: dict[str, Any] = {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.texts),
        "timeStamp": stamp,
        "links": links,
    }
    if variant.form == "json":
        head = as_json(content)[:-1].decode()
        body = f'{head},"features":[{",".join(page.texts)}]}}'.encode()
        return respond(
            request, principal, view, body, media_type=GEOJSON, language=variant.language
        )
    return answer(
        request,
        principal,
        view,
        variant,
        {**content, "features": page.features},
        template="ogc/items.html",
        info=info,
        titles={f.name: info.layer.field_title(f, variant.language) for f in info.fields},
        title=info.layer.title(variant.language),
        pages={item["rel"]: item["href"] for item in links},
    )


@router.get("/{collection_id}/items/{feature_id}")
def ogc_item(
    request: Request,
    principal: CurrentUser,
    view: CurrentRelease,
    collection_id: str,
    feature_id: str,
) -> Response:
    """One feature."""
    release = view.release
    info = release.layer(collection_id, principal.tier)
    feature = release.feature_text(
        collection_id, principal.tier, feature_id, province=principal.province
    )
    variant = variant_of(request)
    where = ("collections", collection_id)
    links = [
        *pair(request, variant, *where, "items", feature_id, media_type=GEOJSON),
        *both(
            request,
            variant,
            *where,
            rel="collection",
            media_type=JSON,
            title=variant.text("ogc.collection"),
        ),
    ]
    raw = f'{feature[:-1]},"links":{as_json(links).decode()}}}'.encode()
    return answer(
        request,
        principal,
        view,
        variant,
        {} if variant.form == "json" else orjson.loads(feature),
        template="ogc/item.html",
        media_type=GEOJSON,
        raw=raw,
        titles={f.name: info.layer.field_title(f, variant.language) for f in info.fields},
        title=info.layer.title(variant.language),
        collection_id=collection_id,
    )


def _page_links(
    request: Request,
    variant: Variant,
    collection_id: str,
    page: Page,
    *,
    limit: int,
    offset: int,
) -> list[Link]:
    """Links of one page: self, alternate, next, prev, collection."""
    where = ("collections", collection_id)
    media = GEOJSON if variant.form == "json" else "text/html"
    parameters = dict(variant.parameters)
    links = pair(request, variant, *where, "items", media_type=GEOJSON, query=parameters)

    def at(start: int) -> str:
        query: dict[str, str | int] = {
            **parameters,
            "limit": limit,
            "offset": start,
            "f": variant.form,
            **language_of(variant.language),
        }
        return url(request, *where, "items", query=query)

    if offset + len(page.texts) < page.matched and page.texts:
        links.append(link(at(offset + limit), "next", media, variant.text("ogc.next")))
    if offset > 0:
        links.append(link(at(max(0, offset - limit)), "prev", media, variant.text("ogc.prev")))
    links.extend(both(request, variant, *where, rel="collection", media_type=JSON,
                      title=variant.text("ogc.collection")))  # fmt: skip
    return links
