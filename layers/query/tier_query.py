"""The SQL that reads a layer for one tier: column expressions, row rule, select list."""

# ruff: noqa: S608 - names in SQL come from the registry, values are always bound

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.errors import InputError, UnknownNameError
from geo.names import nearest
from layers.schema import Field, Layer, Tier
from layers.visibility import query_limit

__all__ = [
    "NUMBER",
    "NUMBER_RULE",
    "Bbox",
    "LayerInfo",
    "Scope",
    "TierQuery",
    "Value",
    "box_condition",
    "box_shape",
    "make_tier_query",
    "quoted",
    "select_parts",
    "touching",
]

Value = str | int | float | bool | bytes
Fetch = Callable[[str, Sequence[Value]], list[tuple[Any, ...]]]
Bbox = tuple[float, float, float, float]

_TERMINALS = "SELECT {} FROM terminals WHERE province_code = ?"
_IDS = _TERMINALS.format("id")
_OWN_ROWS = {
    "province": "province_code = ?",
    "terminal": f"terminal_id IN ({_IDS})",
    "ends": f"(from_id IN ({_IDS}) OR to_id IN ({_IDS}))",
    "places": "(destination_area = ? OR EXISTS (SELECT 1 FROM json_each(listed_for) WHERE value = ?"
    ") OR EXISTS (SELECT 1 FROM json_each(waypoints) WHERE json_extract(value, '$.name') "
    f"IN ({_TERMINALS.format('place')})))",
}
"""SQL of the rows that are a province's own, by :attr:`layers.visibility.Limit.own`."""
NUMBER = ("services", "phone")
"""The field that is the number of an office: it has no value where nobody has checked the number
for twelve months (docs/decisions/0042), before any filter, so that nobody can try one either.
"""
NUMBER_RULE = "shown_phone"
"""Name in SQL of :func:`geo.contacts.shown_phone`, which goes by the day."""
_OF_NUMBER = ("phone", "phone_as_of", "phone_confidence")
_ROW_RULES = {
    "all": "",
    "own": "{}",
    "own_below_regency": "(level IN ('province', 'regency') OR {})",
    "official": "(official = 1 OR {})",
}
"""SQL of the visible rows by :attr:`layers.visibility.Limit.others`."""


def _no_rows(_sql: str, _values: Sequence[Value]) -> list[tuple[Any, ...]]:
    return []


@dataclass(frozen=True)
class LayerInfo:
    """One layer as a tier has it: its description, fields, number of rows, and extent in space
    and, where its rows have years, from the first to the last.

    ``absent`` are fields that its table lacks, since older code made it: they have no values.
    """

    layer: Layer
    fields: tuple[Field, ...]
    rows: int
    bbox: Bbox | None
    years: tuple[int, int] | None = None
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scope:
    """The fields of a tier, each with the SQL expression that reads it and its bound values."""

    layer: str
    fields: Mapping[str, Field]
    expressions: Mapping[str, tuple[str, tuple[Value, ...]]]

    def column(self, name: str) -> tuple[str, tuple[Value, ...]]:
        """SQL of a field; :class:`UnknownNameError` when this tier has none of that name."""
        field = self.fields.get(name)
        if field is None or not field.queryable:
            usable = [f.name for f in self.fields.values() if f.queryable]
            raise UnknownNameError(
                "query.unknown_field",
                layer=self.layer,
                name=name,
                choices=usable,
                matches=nearest(name, usable),
                field=name,
            )
        return self.expressions[name]

    def bind(self, name: str, value: Value) -> Value:
        """``value`` as the field's type, so that text never compares with a number."""
        kind = self.fields[name].type
        try:
            if kind in ("integer", "number"):
                return float(value)
            if kind == "boolean":
                if isinstance(value, str):
                    return {"true": 1, "1": 1, "false": 0, "0": 0}[value.lower()]
                return int(bool(value))
        except (ValueError, KeyError):
            raise InputError(
                "query.no_value", name=name, kind=kind, value=value, field=name
            ) from None
        return str(value)


@dataclass(frozen=True)
class TierQuery:
    """SQL of a layer for one tier and province: column expressions and the row rule.

    ``tier`` is the one whose file it reads.
    """

    info: LayerInfo
    scope: Scope
    tier: Tier
    visible: str
    visible_values: tuple[Value, ...]


def make_tier_query(
    info: LayerInfo, tier: Tier, province: str | None, fetch: Fetch = _no_rows, *,
    unchecked: bool = False,
) -> TierQuery:  # fmt: skip
    """Column expressions and row rule; values hidden in a row become NULL before any filter.

    ``fetch`` reads the tier's file: rows that are a province's own by more than one column are
    looked up once. ``unchecked`` leaves the numbers of offices that nobody has checked.
    """
    limit = query_limit(info.layer, info.fields, tier, province)
    own = "" if limit is None else _OWN_ROWS[limit.own]
    bound: tuple[Value, ...] = () if limit is None else (limit.province,) * own.count("?")
    if limit is not None and limit.own != "province":
        found = fetch(f"SELECT fid FROM {quoted(info.layer.name)} WHERE {own}", bound)
        own, bound = f"fid IN ({', '.join(str(int(fid)) for (fid,) in found)})", ()
    visible = "" if limit is None else _ROW_RULES[limit.others].format(own)
    # where no others are seen, every row has every value
    masked = frozenset() if limit is None or visible == own else limit.own_fields
    expressions: dict[str, tuple[str, tuple[Value, ...]]] = {
        f.name: (f"CASE WHEN {own} THEN {_column(info, f.name)} END", bound)
        if f.name in masked
        else (_column(info, f.name, unchecked=unchecked), ())
        for f in info.fields
    }
    scope = Scope(info.layer.name, {f.name: f for f in info.fields}, expressions)
    return TierQuery(info, scope, tier, visible, bound if visible else ())


def _column(info: LayerInfo, name: str, *, unchecked: bool = False) -> str:
    """What reads a field; a quoted name that is no column would be read as a string."""
    hidden = (info.layer.name, name) == NUMBER and not unchecked
    if not info.absent.isdisjoint(_OF_NUMBER if hidden else (name,)):
        return "NULL"
    return f"{NUMBER_RULE}({', '.join(map(quoted, _OF_NUMBER))})" if hidden else quoted(name)


def select_parts(query: TierQuery, fields: Sequence[str] | None) -> tuple[str, list[Value]]:
    """The id as JSON and the properties as one JSON object."""
    selected = query.info.fields
    if fields is not None:
        for name in set(fields) - set(query.scope.fields):
            query.scope.column(name)
        selected = tuple(f for f in selected if f.name in fields)
    parts: list[str] = []
    values: list[Value] = []
    for f in selected:
        sql, bound = query.scope.expressions[f.name]
        if f.type == "boolean":
            sql = f"json(CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"
        elif f.type == "json":
            sql = f"json({sql})"
        elif f.type == "number" and f.decimals == 0:
            sql = f"CAST({sql} AS INTEGER)"
        parts.append(f"'{f.name}', {sql}")
        values.extend(bound)
    key = quoted(query.info.layer.id_field)
    return f"json_quote({key}), json_object({', '.join(parts)})", values


def box_condition(name: str, bbox: Bbox) -> tuple[str, tuple[Value, ...]]:
    """Rows that the box touches; only shapes on its edge are looked at one by one."""
    west, south, east, north = (float(v) for v in bbox)
    if not all(np.isfinite([west, south, east, north])) or south > north:
        raise InputError("query.bbox", field="bbox")
    either = "OR" if west > east else "AND"
    shape = f"(SELECT geom FROM {quoted(name)} WHERE fid = near.id)"
    wholly = f"(minx >= ? {either} maxx <= ?) AND miny >= ? AND maxy <= ?"
    sql, edges = touching(name, (west, south, east, north), f"{wholly} OR intersects({shape}, ?)")
    wkb = shapely.to_wkb(box_shape((west, south, east, north)))
    return sql, (*edges, *edges, wkb)


def touching(name: str, bbox: Bbox, further: str = "1") -> tuple[str, tuple[Value, ...]]:
    """Rows whose extent touches the box, by the R-tree; west > east crosses 180 degrees.

    ``further`` is a condition on those, of which the index ``near`` has the extents.
    """
    west, south, east, north = bbox
    across = f"(maxx >= ? {'OR' if west > east else 'AND'} minx <= ?)"
    index = f"{quoted(f'rtree_{name}_geom')} AS near"
    sql = f"SELECT id FROM {index} WHERE {across} AND maxy >= ? AND miny <= ? AND ({further})"
    return f"fid IN ({sql})", (west, east, south, north)


def box_shape(bbox: Bbox) -> shapely.Geometry:
    """The box as a shape: a point or a line where it has no width; west > east crosses 180 degrees.

    >>> box_shape((123.0, -11.0, 123.0, -9.0)).wkt
    'LINESTRING (123 -11, 123 -9)'
    """
    west, south, east, north = bbox
    if west > east:
        parts = ((west, south, 180.0, north), (-180.0, south, east, north))
        return shapely.union_all([box_shape(part) for part in parts])
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return shapely.multipoints(corners).convex_hull


def quoted(name: str) -> str:
    """A name from the registry as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
