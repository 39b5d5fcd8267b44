"""What changed from one release to another, and what it was made from differently."""

# ruff: noqa: S608 - names in SQL come from the registry

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo.errors import BrokenReleaseError
from layers.registry import layers_for
from layers.release.manifest import tier_file
from layers.release.model_folder import MODEL_FOLDER
from layers.release.verify import verify
from layers.schema import Tier
from layers.visibility import OPERATOR

__all__ = ["compare_releases"]

Rows = Mapping[str, tuple[Any, ...]]


def compare_releases(before: Path, after: Path, tier: Tier = OPERATOR) -> dict[str, Any]:
    """Compare two release folders as one tier sees them.

    Returns
    -------
    dict
        ``parameters``: those of the model that differ (``dataset`` is the digest of the data), with
        ``before`` and ``after``; ``layers``: rows ``added``, ``removed`` and ``changed`` of each
        layer that is not the same; ``areas``: ``code``, ``name`` and the class before and after of
        those whose class differs.

    Raises
    ------
    BrokenReleaseError
        One of them is not whole.
    """
    old, new = (verify(folder, layers_of_this_version=False) for folder in (before, after))
    shared = old["tiers"][tier]["layers"].keys() & new["tiers"][tier]["layers"].keys()
    shared &= layers_for(tier).keys()
    layers = {}
    for name in sorted(shared):
        key = layers_for(tier)[name].id_field
        one, two = (_rows(folder / tier_file(tier), name, key) for folder in (before, after))
        counts = {
            "added": len(two.keys() - one.keys()),
            "removed": len(one.keys() - two.keys()),
            "changed": sum(one[key] != two[key] for key in one.keys() & two.keys()),
        }
        if any(counts.values()):
            layers[name] = counts
    return {
        "parameters": _differences(_parameters(before), _parameters(after)),
        "layers": layers,
        "areas": _classes(before / tier_file(tier), after / tier_file(tier)),
    }


def _query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            return db.execute(sql).fetchall()
    except sqlite3.Error as error:
        raise BrokenReleaseError("release.file_unreadable", path=path, reason=error) from error


def _rows(path: Path, layer: str, key: str) -> Rows:
    names = [str(column[1]) for column in _query(path, f'PRAGMA table_info("{layer}")')]
    columns = sorted({*names} - {"fid", key})
    listed = ", ".join(f'"{name}"' for name in (key, *columns))
    # a row is compared by column: columns that only one release has are a change of every row
    return {row[0]: (*zip(columns, row[1:], strict=True),)
            for row in _query(path, f'SELECT {listed} FROM "{layer}"')}  # fmt: skip


def _classes(before: Path, after: Path) -> list[dict[str, str]]:
    sql = 'SELECT code, name, "class" FROM areas ORDER BY code'
    old = {code: name for code, _, name in _query(before, sql)}
    return [
        {"code": code, "name": name, "before": old[code], "after": slug}
        for code, name, slug in _query(after, sql)
        if code in old and old[code] != slug
    ]


def _parameters(folder: Path) -> dict[str, Any]:
    """Parameters of the release's model by dotted name; none without a model."""
    try:
        about = json.loads((folder / MODEL_FOLDER / "model.json").read_bytes())
    except (OSError, ValueError):
        return {}
    flat: dict[str, Any] = {}
    waiting = list(about.get("parameters", {}).items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{inner}", part) for inner, part in value.items()]
        else:
            flat[name] = value
    return flat


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
