"""OGC API over a release's layers: Features (parts 1, 2 and 3), Tiles and Styles."""

from __future__ import annotations

from fastapi import APIRouter

from api.endpoints.ogc import collections, items, landing, tiles

router = APIRouter(include_in_schema=False)
for module in (items, tiles, landing, collections):  # in the order they are tried: items are hot
    router.include_router(module.router)

__all__ = ["router"]
