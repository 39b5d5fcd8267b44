"""Filters in CQL2, text or JSON (OGC 21-065r2), as conditions on the fields of a tier.

Read are the conformance classes Basic CQL2, Advanced Comparison Operators, Case-insensitive
Comparison and Basic Spatial Functions with additional geometries. A field that the tier lacks is
unknown, whether it is hidden or does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from geo.errors import InputError
from layers.query.conditions import (
    And,
    Compare,
    Condition,
    In,
    Intersects,
    IsNull,
    Like,
    Not,
    Or,
)
from layers.query.cql2_text import (
    MOST_CHARACTERS,
    check_size,
    filter_problem,
    parse_cql2_text,
)
from layers.query.crs import CRS84, LAT_LON, in_degrees, to_crs84
from layers.query.tier_query import LayerInfo, Value, box_shape

__all__ = ["FILTER_LANGUAGES", "GEOMETRY", "FilterLanguage", "filter_condition"]

FilterLanguage = Literal["cql2-text", "cql2-json"]
FILTER_LANGUAGES: tuple[FilterLanguage, ...] = ("cql2-text", "cql2-json")
GEOMETRY = "geometry"
"""Name of a feature's shape in a filter."""
_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TYPES: Mapping[str | None, tuple[type[Any], ...]] = {
    "text": (str,), "integer": (float,), "number": (float,), "boolean": (bool,),
    None: (str, float, bool),
}  # fmt: skip
"""Of a value, by the type of its field; numbers are read as ``float``."""


def filter_condition(
    text: str, info: LayerInfo, *, language: FilterLanguage = "cql2-text", crs: str = CRS84
) -> Condition:
    """Read a filter.

    Parameters
    ----------
    text : str
        The filter.
    info : LayerInfo
        The layer as the tier has it; names in the filter are its fields, and ``geometry``.
    language : {"cql2-text", "cql2-json"}
    crs : str
        Code of the reference system of the geometries in it (:mod:`layers.query.crs`).

    Returns
    -------
    Condition

    Raises
    ------
    InputError
        It cannot be read, is too long or too deep, or compares a field with a value of another
        type. The name of an unknown field is found when the condition is compiled.

    Examples
    --------
    >>> from layers.registry import LAYERS, fields_for
    >>> areas = LayerInfo(LAYERS["areas"], fields_for(LAYERS["areas"], "public"), 0, None)
    >>> filter_condition("level = 'regency'", areas)
    Compare(field='level', op='=', value='regency', ignore_case=False)
    """
    read = parse_cql2_text if language == "cql2-text" else _parse_json
    fields = {field.name: field.type for field in info.fields if field.queryable}
    return _Reader(fields, crs).condition(read(text))


def _parse_json(text: str) -> Any:
    depth = deepest = 0
    for letter in text[:MOST_CHARACTERS]:
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    check_size(len(text), deepest // 2)  # a level is an expression and the list of its arguments
    try:
        return json.loads(text, parse_int=float, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise filter_problem(error.pos + 1) from None


def _no_number(_: str) -> float:
    raise filter_problem(1)


@dataclass(frozen=True)
class _Reader:
    """Turns CQL2 JSON into conditions on fields of these types."""

    fields: Mapping[str, str]
    crs: str

    def condition(self, node: Any) -> Condition:
        """A predicate, or several joined."""
        match node:
            case bool():
                return And(()) if node else Or(())
            case {"property": str(name)}:
                return Compare(name, "=", self._value(name, True))  # noqa: FBT003
            case {"op": "and" | "or" as op, "args": [_, _, *_] as parts}:
                joined = And if op == "and" else Or
                return joined(tuple(self.condition(part) for part in parts))
            case {"op": "not", "args": [part]}:
                return Not(self.condition(part))
            case {"op": "isNull", "args": [{"property": str(name)}]}:
                return IsNull(name)
            case {"op": "s_intersects", "args": [one, two]}:
                shape = two if _is_geometry(one) else one if _is_geometry(two) else None
                if shape is not None:
                    return Intersects(self._shape(shape))
            case {"op": str(op), "args": [left, *rest]}:
                return self._comparison(op, left, rest)
        raise filter_problem()

    def _comparison(self, op: str, left: Any, rest: Sequence[Any]) -> Condition:
        """A property, in small letters or not, compared with values."""
        if op in _TURNED and _property(left) is None and len(rest) == 1:
            op, left, rest = _TURNED[op], rest[0], [left]
        found = _property(left)
        if found is None or (found[1] and self.fields.get(found[0], "text") != "text"):
            raise InputError("query.filter_operand", field="filter", operator=op)
        name, fold = found

        def value(node: Any) -> Value:
            match node:
                case {"op": "casei", "args": [inner]} if fold:
                    return self._value(name, inner)
                case _ if fold:
                    raise InputError("query.filter_operand", field="filter", operator="casei")
            return self._value(name, node)

        match op, rest:
            case (("=" | "<>" | "<" | "<=" | ">" | ">="), [other]):
                return Compare(name, op, value(other), fold)
            case "like", [pattern]:
                found_pattern = value(pattern)
                if self.fields.get(name, "text") == "text":
                    return Like(name, str(found_pattern), fold)
            case "between", [low, high]:
                return And(
                    (Compare(name, ">=", value(low), fold), Compare(name, "<=", value(high), fold))
                )
            case "in", [[_, *_] as listed]:
                return In(name, tuple(value(item) for item in listed), fold)
        raise InputError("query.filter_operator", field="filter", operator=op)

    def _value(self, name: str, node: Any) -> Value:
        """A literal of the type of a field; of any type where the field is unknown."""
        kind = self.fields.get(name)
        if not isinstance(node, _TYPES[kind]):
            raise InputError("query.no_value", field="filter", name=name, kind=kind, value=node)
        return node  # type: ignore[no-any-return]

    def _shape(self, node: Any) -> shapely.Geometry:
        """A geometry of the filter, in degrees."""
        match node:
            case {"bbox": [_, _, _, _] as numbers} if all(isinstance(n, float) for n in numbers):
                west, south, east, north = numbers
                crs = self.crs
                if crs in LAT_LON:
                    west, south, east, north, crs = south, west, north, east, CRS84
                if south > north or (west > east and not in_degrees(crs)):
                    raise InputError("http.bbox_order", field="filter")
                shape = box_shape((west, south, east, north))
            case {"type": str()}:
                try:
                    shape, crs = shapely.from_geojson(json.dumps(node)), self.crs
                except shapely.GEOSException:
                    raise InputError("query.filter_geometry", field="filter") from None
            case _:
                raise InputError("query.filter_geometry", field="filter")
        whole = np.isfinite(shapely.get_coordinates(shape)).all()
        if not whole or shapely.is_empty(shape) or not shapely.is_valid(shape):
            raise InputError("query.filter_geometry", field="filter")
        return to_crs84(shape, crs, field="filter")


def _property(node: Any) -> tuple[str, bool] | None:
    """Name of a property, and whether its case is ignored; None where there is no property."""
    match node:
        case {"property": str(name)}:
            return name, False
        case {"op": "casei", "args": [{"property": str(name)}]}:
            return name, True
    return None


def _is_geometry(node: Any) -> bool:
    return bool(node == {"property": GEOMETRY})
