"""Checking a release folder against its manifest before anything is read from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geo.errors import BrokenReleaseError, StateError, os_reason
from geo.paths import Home
from layers.registry import layers_for
from layers.release.manifest import (
    FORMAT,
    MANIFEST_FILE,
    file_digest,
    release_files,
    release_id,
    tier_id,
)
from layers.schema import TIERS

__all__ = ["POINTER", "check_file", "current_folder", "verify"]

POINTER = "current"
"""Name of the file that holds the current release's id."""
_verified: dict[Path, tuple[int, int, int, str]] = {}


def current_folder(home: Home) -> Path:
    """Folder of the current release.

    Raises
    ------
    StateError
        Nothing has been published yet.
    BrokenReleaseError
        The pointer cannot be read or names no release.
    """
    pointer = home.releases / POINTER
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise StateError("release.none", folder=home.releases) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenReleaseError("release.file_unreadable", path=pointer, reason=error) from error
    if not name or "/" in name or name.startswith("."):
        raise BrokenReleaseError("release.bad_pointer", path=pointer)
    return home.releases / name


def verify(folder: Path, *, layers_of_this_version: bool = True) -> dict[str, Any]:
    """Read the manifest and check every file against it; an unchanged file is not read again.

    A release with other layers than this version has is refused, unless it is only compared.
    """
    path = folder / MANIFEST_FILE
    damaged = BrokenReleaseError("release.manifest_damaged", path=path)
    try:
        manifest = json.loads(path.read_bytes())
        version = manifest["format"]
    except OSError as error:
        raise BrokenReleaseError(
            "release.no_manifest", folder=folder, file=MANIFEST_FILE, reason=os_reason(error)
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged from error
    if version != FORMAT:
        raise BrokenReleaseError(
            "release.other_format", release=folder.name, version=version, readable=FORMAT
        )
    try:
        whole = release_id(manifest)
        ids = {tier: tier_id(manifest, tier) == manifest["tiers"][tier]["id"] for tier in TIERS}
        if manifest["id"] != whole or folder.name != whole or not all(ids.values()):
            raise damaged
        for name in release_files():
            check_file(folder / name, str(manifest["files"][name]["sha256"]))
        layers = {tier: set(manifest["tiers"][tier]["layers"]) for tier in TIERS}
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged from error
    if layers_of_this_version and any(layers[tier] != set(layers_for(tier)) for tier in TIERS):
        raise BrokenReleaseError("release.other_version", release=folder.name)
    return manifest  # type: ignore[no-any-return]


def check_file(path: Path, digest: str) -> None:
    """Check one file's SHA-256; :class:`BrokenReleaseError` if it differs or cannot be read."""
    try:
        state = path.stat()
        signature = (state.st_size, state.st_mtime_ns, state.st_ino, digest)
        if _verified.get(path) == signature:
            return
        actual = file_digest(path)
    except OSError as error:
        raise BrokenReleaseError(
            "release.file_unreadable", path=path, reason=os_reason(error)
        ) from error
    if actual != digest:
        raise BrokenReleaseError("release.file_changed", path=path)
    _verified[path] = signature
