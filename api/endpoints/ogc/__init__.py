"""OGC API - Features over a release's layers: Part 1, reference systems (2), filters (3)."""

from __future__ import annotations

from fastapi import APIRouter

from api.endpoints.ogc import collections, items, landing

router = APIRouter(include_in_schema=False)
for module in (items, landing, collections):  # in the order they are tried: items are hot
    router.include_router(module.router)

__all__ = ["router"]
