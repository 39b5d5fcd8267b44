"""The routes, one file per resource."""

from __future__ import annotations
