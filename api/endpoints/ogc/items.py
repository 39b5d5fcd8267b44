"""``/ogc/collections/{id}/items``: features by box, field, filter and page; the hottest path."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
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
    parse_flag,
    parse_names,
    parse_sort,
    parse_whole,
    variant_of,
    within_box,
    within_years,
    wrong_input,
)
from api.http.responses import TierRelease, TierRoute, as_json
from geo.errors import InputError
from layers.query.conditions import And, Condition
from layers.query.cql2 import FILTER_LANGUAGES, filter_condition
from layers.query.crs import CRS84, CRS84_URI, code_of, in_degrees
from layers.query.tier_query import LayerInfo
from layers.release.release import Page

router = APIRouter(prefix="/ogc/collections", route_class=TierRoute)

DEFAULT_LIMIT, MAX_LIMIT = 10, 1000
_MAX_OFFSET = 10**9
_PARAMETERS = (
    "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-crs", "filter-lang", "limit",
    "properties", "skipGeometry", "sortby", "after", "before", "offset",
)  # fmt: skip
_SEARCHES = frozenset({"bbox", "filters", "sort", "where"})
"""Options with which rows are looked at that are not returned."""


@router.get(
    "/{collection_id}/items",
    summary="Features of {collection}",
    openapi_extra=operation(
        "FeatureCollection", media_type=GEOJSON, parameters=_PARAMETERS, filters=True
    ),
)
async def ogc_items(view: TierRelease, collection_id: str) -> Response:
    """A page of features."""
    info: LayerInfo = view.release_view.once(
        ("layer", collection_id, *view.principal.scope), lambda: view.layer(collection_id)
    )
    filterable = {f.name for f in info.fields if f.queryable}.difference(_PARAMETERS)
    variant = variant_of(view, accepted=filterable.union(_PARAMETERS))
    options = _read(variant.parameters, info)

    def find() -> Page:
        with wrong_input():
            return view.features(collection_id, **options)

    # A plain page costs less than changing threads; a search may have to look at every row.
    plain = (
        not _SEARCHES.intersection(options)
        and options["crs"] == CRS84
        and options["offset"] < MAX_LIMIT
    )
    page = find() if plain and variant.form == "json" else await run_in_threadpool(find)
    links = _page_links(variant, collection_id, page)
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
        return view.respond_bytes(
            body,
            media_type=GEOJSON,
            language=variant.language,
            headers=_content_crs(variant.parameters),
        )
    return answer(
        variant,
        {**content, "features": page.features},
        template="ogc/items.html",
        info=info,
        pages={item["rel"]: item["href"] for item in links},
        **_titles(info, variant.language, options.get("fields")),
    )


@router.get(
    "/{collection_id}/items/{feature_id}",
    summary="One feature of {collection}",
    openapi_extra=operation("Feature", media_type=GEOJSON, parameters=("crs",)),
)
async def ogc_item(view: TierRelease, collection_id: str, feature_id: str) -> Response:
    """One feature."""
    info = view.layer(collection_id)
    variant = variant_of(view, accepted=("crs",))
    crs = code_of(variant.parameters.get("crs", CRS84_URI), field="crs")

    def find() -> str:
        return view.release.feature_text(
            collection_id, view.tier, feature_id, province=view.principal.province, crs=crs
        )

    # As for a page: changing threads costs more, unless coordinates are to be computed.
    feature = find() if crs == CRS84 else await run_in_threadpool(find)
    path = ("collections", collection_id)
    links = [
        *pair(variant, *path, "items", feature_id, media_type=GEOJSON, query=variant.parameters),
        *both(variant, *path, rel="collection", media_type=JSON, title="ogc.collection"),
    ]
    raw = f'{feature[:-1]},"links":{as_json(links).decode()}}}'.encode()
    return answer(
        variant,
        {} if variant.form == "json" else orjson.loads(feature),
        template="ogc/item.html",
        media_type=GEOJSON,
        raw=raw,
        headers=_content_crs(variant.parameters),
        collection_id=collection_id,
        **_titles(info, variant.language),
    )


def _titles(
    info: LayerInfo, language: str, fields: Collection[str] | None = None
) -> dict[str, Any]:
    titles = {
        f.name: info.layer.field_title(f, language)
        for f in info.fields
        if fields is None or f.name in fields
    }
    return {"title": info.layer.title(language), "titles": titles}


def _page_links(variant: Variant, collection_id: str, page: Page) -> list[Link]:
    """Links of one page: self, alternate, next, prev, collection."""
    path = ("collections", collection_id)
    links = pair(variant, *path, "items", media_type=GEOJSON, query=variant.parameters)
    rest = {k: v for k, v in variant.parameters.items() if k not in ("after", "before", "offset")}
    media = GEOJSON if variant.form == "json" else HTML
    for rel, name, key in (("next", "after", page.last), ("prev", "before", page.first)):
        if key is not None:
            address = url(variant, *path, "items", query={**rest, name: key}, form=variant.form)
            links.append(link(address, rel, media, variant.text(f"ogc.{rel}")))
    links += both(variant, *path, rel="collection", media_type=JSON, title="ogc.collection")
    return links


def _read(parameters: Mapping[str, str], info: LayerInfo) -> dict[str, Any]:
    """What the parameters ask for, as options of :meth:`layers.release.release.Release.features`.

    ``where``, ``filters``, ``sort`` and ``bbox`` are there only if they are asked for.
    """
    given = dict(parameters)
    options: dict[str, Any] = {
        "limit": parse_whole(
            given.pop("limit", str(DEFAULT_LIMIT)),
            name="limit",
            least=1,
            most=MAX_LIMIT,
            clamp=True,
        ),
        "offset": parse_whole(given.pop("offset", "0"), name="offset", least=0, most=_MAX_OFFSET),
        "after": given.pop("after", None),
        "before": given.pop("before", None),
        "crs": code_of(given.pop("crs", CRS84_URI), field="crs"),
    }
    if "skipGeometry" in given:
        options["shapes"] = not parse_flag(given.pop("skipGeometry"), name="skipGeometry")
    if "properties" in given:
        options["fields"] = parse_names(given.pop("properties"))
    if "sortby" in given:
        options["sort"] = parse_sort(given.pop("sortby"))
    where: list[Condition] = []
    box_crs = code_of(given.pop("bbox-crs", CRS84_URI), field="bbox-crs")
    if "bbox" in given:
        box = parse_bbox(given.pop("bbox"), box_crs)
        if in_degrees(box_crs):
            options["bbox"] = box
        else:
            where.append(within_box(box, box_crs))
    if "datetime" in given:
        where.append(within_years(info.layer, parse_datetime(given.pop("datetime"))))
    filter_crs = code_of(given.pop("filter-crs", CRS84_URI), field="filter-crs")
    language = given.pop("filter-lang", FILTER_LANGUAGES[0])
    if language not in FILTER_LANGUAGES:
        name = "filter-lang"
        raise InputError("http.not_one_of", field=name, name=name, allowed=FILTER_LANGUAGES)
    if "filter" in given:
        text = given.pop("filter")
        where.append(filter_condition(text, info, language=language, crs=filter_crs))
    if where:
        options["where"] = And(tuple(where))
    if given:
        options["filters"] = given
    return options


def _content_crs(parameters: Mapping[str, str]) -> dict[str, str]:
    return {"Content-Crs": f"<{parameters.get('crs', CRS84_URI)}>"}
