"""OGC API - Features Part 1 (OGC 17-069r4) and queryables of Part 3 over a release's layers."""

from __future__ import annotations

from fastapi import APIRouter

from api.endpoints.ogc import collections, items, landing

router = APIRouter(include_in_schema=False)
router.include_router(items.router)  # first: routes are tried in order, and these are hot
router.include_router(landing.router)
router.include_router(collections.router)

__all__ = ["router"]
