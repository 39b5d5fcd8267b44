"""OGC API - Features Part 1 (OGC 17-069r4) and queryables of Part 3 over a release's layers."""

from __future__ import annotations

from fastapi import APIRouter

from api.endpoints.ogc import collections, items, landing

router = APIRouter(include_in_schema=False)
for module in (items, landing, collections):  # in the order they are tried: items are hot
    router.include_router(module.router)

__all__ = ["router"]
