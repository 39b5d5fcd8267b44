"""Values of a build as its release publishes them, without pandas or shapely.

The command line shows these, so that it and the service give the same numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo.names import corridor_name
from layers.registry import LAYERS, fields_for
from layers.schema import Field, Tier
from layers.visibility import ALL_PROVINCES, RIGHTS
from routes.build.model import Build

__all__ = [
    "corridor_rows",
    "corridor_texts",
    "published_column",
    "published_rows",
]

Columns = Mapping[str, Sequence[Any]]


def published_column(field: Field, values: Sequence[Any]) -> list[Any]:
    """A column as published: typed, rounded, None where unknown.

    Examples
    --------
    >>> field = next(f for f in LAYERS["areas"].fields if f.name == "lon")
    >>> published_column(field, [123.456789, float("nan"), None, "?"])
    [123.45679, None, None, None]
    """
    if field.type in ("text", "json", "boolean"):
        if field.type == "boolean":
            return [None if _unknown(value) else bool(value) for value in values]
        return [None if _unknown(value) else str(value).strip() or None for value in values]
    try:
        numbers = np.asarray(values, dtype=float)
    except ValueError:  # text in a numeric column
        numbers = np.array([_number(value) for value in values])
    pairs = zip(numbers.tolist(), np.isfinite(numbers).tolist(), strict=True)
    if field.type == "integer":
        return [int(number) if known else None for number, known in pairs]
    # Python rounds by the exact value, numpy by that times a power of ten
    return [round(number, field.decimals) + 0.0 if known else None for number, known in pairs]


def _unknown(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _number(value: Any) -> float:
    try:
        return float("nan" if value is None else value)
    except ValueError:
        return math.nan


def published_rows(name: str, tier: Tier, columns: Columns) -> list[dict[str, Any]]:
    """Rows of a build's table with the values of its release: the tier's fields, rounded.

    JSON fields are parsed; columns that only the release adds are left out.
    """
    fields = [field for field in fields_for(LAYERS[name], tier) if field.name in columns]
    values = [published_column(field, columns[field.name]) for field in fields]
    return [
        {
            field.name: json.loads(value) if field.type == "json" and value else value
            for field, value in zip(fields, row, strict=True)
        }
        for row in zip(*values, strict=True)
    ]


def corridor_rows(build: Build, tier: Tier, *, province: str | None = None) -> list[dict[str, Any]]:
    """Rows of layer ``corridors`` as a release of the build has them for ``tier``, without lines.

    Parameters
    ----------
    province : str, optional
        Only the rows of this province.
    """
    if RIGHTS[tier].corridors == "path":
        corridors = build.columns("corridors")
        texts = corridor_texts(corridors, build.columns("corridor_origins"))
        return published_rows("corridors", tier, {**corridors, **texts})
    from layers.release.tier_tables import TierTables

    frame = TierTables(build).corridors(tier)
    if province not in {None, ALL_PROVINCES}:
        frame = frame[frame["province_code"] == province]
    return published_rows("corridors", tier, frame.to_dict("list"))


def corridor_texts(corridors: Columns, origins: Columns) -> dict[str, list[str]]:
    """Name, and waypoints, origins and provinces as JSON, of each corridor of a build."""
    origins_of: dict[str, list[dict[str, Any]]] = {}
    columns = ("share", "code", "name", "corridor_id")
    rows = zip(*(origins[column] for column in columns), strict=True)
    for share, code, name, corridor in sorted(rows, key=lambda row: (-row[0], row[1])):
        item = {"code": code, "name": name, "share": round(share, 6)}
        origins_of.setdefault(str(corridor), []).append(item)
    names = corridors["waypoint_names"]
    points = zip(corridors["waypoints"], names, corridors["waypoint_kinds"], strict=True)
    return {
        "name": [corridor_name(map(str, places)) for places in names],
        "waypoints": [
            _json([{"id": i, "name": n, "kind": k} for i, n, k in zip(*corridor, strict=True)])
            for corridor in points
        ],
        "origins": [_json(origins_of.get(str(key), [])) for key in corridors["id"]],
        "listed_for": [_json(list(codes)) for codes in corridors["listed_for"]],
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
