"""Derive the embedded geography snapshots from pinned packages (never run time).

Run ``python -m geo.rebuild all``; each snapshot has one module with a ``build`` function. The same
packages give the same bytes: rows are sorted, floats have fixed decimals, gzip carries no time.
"""

from __future__ import annotations

from geo.rebuild.runner import SNAPSHOTS, rebuild

__all__ = ["SNAPSHOTS", "rebuild"]
