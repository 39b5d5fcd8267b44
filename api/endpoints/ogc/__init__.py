"""OGC API over a release's layers: Features (parts 1, 2 and 3), Tiles and Styles."""

from __future__ import annotations

from api.endpoints.ogc import collections, items, landing, tiles

ROUTERS = (items.router, collections.router, tiles.router, landing.router)
"""In the order they are tried: items are hot. The framework looks for a route anew in each router
of a router, so they stand beside each other."""

__all__ = ["ROUTERS"]
