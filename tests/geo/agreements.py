"""Agreements for tests that import data which count persons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geo.imports.agreements import PURPOSES, read_agreement
from geo.imports.store import register
from geo.paths import Home
from geo.tiers import TIERS

OPEN: dict[str, Any] = {
    "owner": "Dinas P3A Provinsi Contoh",
    "legal_basis": "UU 21/2007",
    "number": "UJI/1/2026",
    "date": "2026-01-02",
    "purpose": list(PURPOSES),
    "tiers": list(TIERS),
    "finest_level": "village",
    "retain_until": "2099-12-31",
    "contact": "Bidang Data Dinas P3A, Kupang",
    "kinds": ["counts", "indicators", "outreach"],
    "places": ["ID"],
}
"""Terms that allow everything everywhere."""


def agreement_file(folder: Path, **changes: Any) -> Path:
    """The file of an agreement with :data:`OPEN` terms but for ``changes``; None leaves out."""
    terms = {name: value for name, value in (OPEN | changes).items() if value is not None}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "agreement.toml"
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in terms.items())
    path.write_text("".join(lines), "utf-8")
    return path


def registered(home: Home, **changes: Any) -> str:
    """Register an agreement in a home; its number."""
    path = agreement_file(home.root.parent / "agreements", **changes)
    agreement, _ = register(home, read_agreement(path), path.read_bytes(), by="test")
    return agreement.number
