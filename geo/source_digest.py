"""One digest of the source files that decide a result, over any number of packages, recursively.

A build is decided by the model packages, a release by ``layers`` too. Packages that only report on
a build (``routes/validation``) or that make the embedded data (``geo/rebuild``, whose results are
in the dataset's own digest) change neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

__all__ = ["BUILD_SOURCES", "NOT_HASHED", "RELEASE_SOURCES", "source_digest"]

BUILD_SOURCES = ("geo", "routes")
"""Packages whose source decides what a build holds."""
RELEASE_SOURCES = (*BUILD_SOURCES, "layers")
"""Packages whose source decides what a release holds."""
NOT_HASHED = ("geo/data", "geo/rebuild", "routes/validation")
"""Folders below them that decide nothing of a build."""
_SUFFIXES = frozenset({".py", ".toml", ".po"})


@cache
def source_digest(packages: Sequence[str] = BUILD_SOURCES, *, root: Path | None = None) -> str:
    """SHA-256, in hex, over path and content of every source file of ``packages``.

    Parameters
    ----------
    packages : tuple of str
        :data:`BUILD_SOURCES` or :data:`RELEASE_SOURCES`.
    root : Path
        Folder that holds the packages; default: this checkout.

    Examples
    --------
    >>> len(source_digest())
    64
    """
    root = root or Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted((root / package).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix in _SUFFIXES and not name.startswith(tuple(f"{d}/" for d in NOT_HASHED)):
                digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
