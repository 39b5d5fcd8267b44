"""``/ogc/collections/{id}/items``: features by box, field and page; the service's fast path."""

from __future__ import annotations

import time
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.endpoints.ogc.html_pages import answer
from api.endpoints.ogc.links import GEOJSON, HTML, JSON, Link, both, link, pair, url
from api.endpoints.ogc.openapi import operation
from api.endpoints.ogc.params import (
    Variant,
    parse_bbox,
    parse_datetime,
    parse_whole,
    variant_of,
)
from api.http.responses import TierRelease, as_json
from layers.query.tier_query import LayerInfo
from layers.release.release import Page

router = APIRouter(prefix="/ogc/collections")

DEFAULT_LIMIT, MAX_LIMIT = 10, 1000
_MAX_OFFSET = 10**9
_PAGING = ("bbox", "datetime", "limit", "offset")


@router.get(
    "/{collection_id}/items",
    summary="Features of {collection}",
    openapi_extra=operation(
        "FeatureCollection", media_type=GEOJSON, parameters=_PAGING, filters=True
    ),
)
async def ogc_items(view: TierRelease, collection_id: str) -> Response:
    """A page of features."""
    info: LayerInfo = view.release_view.once(
        ("layer", collection_id, view.tier), lambda: view.layer(collection_id)
    )
    filterable = {f.name for f in info.fields if f.queryable}.difference(_PAGING)
    variant = variant_of(view, accepted=filterable.union(_PAGING))
    filters = dict(variant.parameters)
    limit = parse_whole(
        filters.pop("limit", str(DEFAULT_LIMIT)), name="limit", least=1, most=MAX_LIMIT, clamp=True
    )
    offset = parse_whole(filters.pop("offset", "0"), name="offset", least=0, most=_MAX_OFFSET)
    bbox = parse_bbox(filters.pop("bbox")) if "bbox" in filters else None
    if "datetime" in filters:
        parse_datetime(filters.pop("datetime"))

    def find() -> Page:
        return view.features(collection_id, bbox=bbox, filters=filters, limit=limit, offset=offset)

    # A plain page costs less than changing threads; a search may have to look at every row.
    plain = bbox is None and not filters and offset < MAX_LIMIT and variant.form == "json"
    page = find() if plain else await run_in_threadpool(find)
    links = _page_links(variant, collection_id, page, limit=limit, offset=offset)
    content: dict[str, Any] = {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.texts),
        "timeStamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "links": links,
    }
    if variant.form == "json":
        head = as_json(content)[:-1].decode()
        body = f'{head},"features":[{",".join(page.texts)}]}}'.encode()
        return view.respond_bytes(body, media_type=GEOJSON, language=variant.language)
    return answer(
        variant,
        {**content, "features": page.features},
        template="ogc/items.html",
        info=info,
        pages={item["rel"]: item["href"] for item in links},
        **_titles(info, variant.language),
    )


@router.get(
    "/{collection_id}/items/{feature_id}",
    summary="One feature of {collection}",
    openapi_extra=operation("Feature", media_type=GEOJSON),
)
def ogc_item(view: TierRelease, collection_id: str, feature_id: str) -> Response:
    """One feature."""
    info = view.layer(collection_id)
    feature = view.release.feature_text(
        collection_id, view.tier, feature_id, province=view.principal.province
    )
    variant = variant_of(view)
    path = ("collections", collection_id)
    links = [
        *pair(variant, *path, "items", feature_id, media_type=GEOJSON),
        *both(variant, *path, rel="collection", media_type=JSON, title="ogc.collection"),
    ]
    raw = f'{feature[:-1]},"links":{as_json(links).decode()}}}'.encode()
    return answer(
        variant,
        {} if variant.form == "json" else orjson.loads(feature),
        template="ogc/item.html",
        media_type=GEOJSON,
        raw=raw,
        collection_id=collection_id,
        **_titles(info, variant.language),
    )


def _titles(info: LayerInfo, language: str) -> dict[str, Any]:
    titles = {f.name: info.layer.field_title(f, language) for f in info.fields}
    return {"title": info.layer.title(language), "titles": titles}


def _page_links(
    variant: Variant, collection_id: str, page: Page, *, limit: int, offset: int
) -> list[Link]:
    """Links of one page: self, alternate, next, prev, collection."""
    path = ("collections", collection_id)
    query = variant.parameters
    links = pair(variant, *path, "items", media_type=GEOJSON, query=query)

    def add(rel: str, start: int) -> None:
        page_query: dict[str, str | int] = {**query, "limit": limit, "offset": start}
        address = url(variant, *path, "items", query=page_query, form=variant.form)
        media = GEOJSON if variant.form == "json" else HTML
        links.append(link(address, rel, media, variant.text(f"ogc.{rel}")))

    if page.texts and offset + len(page.texts) < page.matched:
        add("next", offset + limit)
    if offset > 0:
        add("prev", max(0, offset - limit))
    links += both(variant, *path, rel="collection", media_type=JSON, title="ogc.collection")
    return links
