"""The manifest: contents of a release by hash; ids, of the whole and of each tier, are hashes too.

A tier gets only its own id. The id of the whole release depends on the police file, so it would
disclose a hidden change to others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layers.schema import TIERS, Tier
from layers.visibility import RIGHTS

__all__ = [
    "BASEMAP_FILE", "BASEMAP_TILES", "FORMAT", "MANIFEST_FILE", "dump", "file_digest",
    "release_files", "release_id", "tier_file", "tier_id", "tile_file",
]  # fmt: skip

FORMAT = 3
MANIFEST_FILE = "manifest.json"
BASEMAP_FILE = "basemap.geojson"
BASEMAP_TILES = "basemap.pmtiles"
_ID_DIGITS = 12


def tier_file(tier: Tier) -> str:
    """Name of a tier's GeoPackage in the release folder."""
    return f"{tier}.gpkg"


def tile_file(tier: Tier) -> str:
    """Name of a tier's vector tiles in the release folder."""
    return f"{tier}.pmtiles"


def release_files() -> list[str]:
    """Names of the files that every release has beside its manifest."""
    return [*map(tier_file, TIERS), *map(tile_file, TIERS), BASEMAP_FILE, BASEMAP_TILES]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def dump(value: Any) -> bytes:
    """JSON with sorted keys and a final newline: the same value, the same bytes."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def tier_id(manifest: Mapping[str, Any], tier: Tier) -> str:
    """Id of what one tier sees: its files, its part of the manifest, the attribution.

    The police see everything, so theirs is the id of the whole release. Other ids do not depend on
    what is hidden from the tier.
    """
    if RIGHTS[tier].whole_release:
        return release_id(manifest)
    names = (tier_file(tier), tile_file(tier), BASEMAP_FILE, BASEMAP_TILES)
    return _short(
        {
            "format": manifest["format"],
            "files": {name: manifest["files"][name] for name in names},
            "tier": _without_id(manifest["tiers"][tier]),
            "attribution": manifest["attribution"],
        }
    )


def release_id(manifest: Mapping[str, Any]) -> str:
    """Id of the whole release: all of its manifest, and with it the hash of every file."""
    tiers = {name: _without_id(part) for name, part in manifest["tiers"].items()}
    return _short({**_without_id(manifest), "tiers": tiers})


def _without_id(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if key != "id"}


def _short(value: Any) -> str:
    return hashlib.sha256(dump(value)).hexdigest()[:_ID_DIGITS]
