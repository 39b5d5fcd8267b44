"""What is where: places, codes, boundaries, coast, transport legs, indicators, counts, provenance.

The first room of the house: it knows nothing of models, tiers or HTTP. Start with
:func:`geo.dataset.load_dataset`; errors are in :mod:`geo.errors`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.coast import load_coast
    from geo.dataset import Dataset, load_dataset
    from geo.errors import PetajagaError
    from geo.names import Gazetteer
    from geo.paths import Home

__all__ = ["Dataset", "Gazetteer", "Home", "PetajagaError", "load_coast", "load_dataset"]

_HOMES = {
    "Dataset": "geo.dataset",
    "Gazetteer": "geo.names",
    "Home": "geo.paths",
    "PetajagaError": "geo.errors",
    "load_coast": "geo.coast",
    "load_dataset": "geo.dataset",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the command line must not wait for pandas to print its help."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'geo' has no attribute {name!r}")
