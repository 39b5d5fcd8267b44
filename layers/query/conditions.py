"""Conditions on a tier's own fields, compiled to SQL with bound values.

A small algebra that a filter language (CQL2, query parameters) is parsed into. Names are looked
up among the fields the tier has; a hidden field raises exactly what a missing one does. Values
are always bound, never pasted.
"""

# ruff: noqa: S608 - names in SQL come from the registry, values are always bound

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from geo.errors import InputError, UnknownNameError
from layers.registry import Field

__all__ = [
    "And", "Between", "Compare", "Condition", "In", "IsNull", "JsonHas", "Like", "Not", "Or",
    "Scope", "Value", "compile_condition",
]  # fmt: skip

Value = str | int | float | bool
Operator = Literal["=", "<>", "<", "<=", ">", ">="]
_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True)
class Compare:
    """``field op value``."""

    field: str
    op: Operator
    value: Value


@dataclass(frozen=True)
class Between:
    """``low <= field <= high``."""

    field: str
    low: Value
    high: Value


@dataclass(frozen=True)
class In:
    """The field is one of the values."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Like:
    """SQL LIKE with ``%`` and ``_``; case is ignored for ASCII letters."""

    field: str
    pattern: str


@dataclass(frozen=True)
class IsNull:
    """The field is unknown."""

    field: str


@dataclass(frozen=True)
class JsonHas:
    """A JSON list of objects (``origins``) has one whose ``key`` starts with ``prefix``."""

    field: str
    key: str
    prefix: str


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True)
class And:
    """All hold; an empty list holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Or:
    """At least one holds; an empty list does not."""

    conditions: tuple[Condition, ...]


Condition = Compare | Between | In | Like | IsNull | JsonHas | Not | And | Or


@dataclass(frozen=True)
class Scope:
    """The fields in reach and, for each, the SQL expression that reads it (with its values)."""

    layer: str
    fields: Mapping[str, Field]
    expressions: Mapping[str, tuple[str, tuple[Value, ...]]]

    def column(self, name: str, *, json: bool = False) -> tuple[str, tuple[Value, ...]]:
        """SQL of a field; :class:`UnknownNameError` when this tier has none of that name."""
        field = self.fields.get(name)
        if field is None or (field.type == "json") != json:
            usable = [f.name for f in self.fields.values() if (f.type == "json") == json]
            raise UnknownNameError(
                "query.unknown_field",
                layer=self.layer,
                name=name,
                choices=usable,
                matches=difflib.get_close_matches(name, usable, n=3),
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


def compile_condition(condition: Condition, scope: Scope) -> tuple[str, list[Value]]:
    """SQL text and its bound values."""
    match condition:
        case And(parts) | Or(parts):
            word, empty = (" AND ", "1") if isinstance(condition, And) else (" OR ", "0")
            compiled = [compile_condition(part, scope) for part in parts]
            values = [value for _, some in compiled for value in some]
            return f"({word.join(sql for sql, _ in compiled) or empty})", values
        case Not(inner):
            sql, values = compile_condition(inner, scope)
            return f"(NOT {sql})", values
        case Compare(name, op, value):
            if op not in _OPERATORS:
                raise InputError("query.no_operator", operator=op, field=name)
            return _with(scope, name, f"{{}} {op} ?", [value])
        case Between(name, low, high):
            return _with(scope, name, "{} BETWEEN ? AND ?", [low, high])
        case In(name, options):
            return _with(scope, name, f"{{}} IN ({', '.join('?' * len(options))})", options)
        case Like(name, pattern):
            sql, before = scope.column(name)
            return f"({sql} LIKE ?)", [*before, pattern]
        case IsNull(name):
            sql, before = scope.column(name)
            return f"({sql} IS NULL)", list(before)
        case JsonHas(name, key, prefix):
            sql, before = scope.column(name, json=True)
            text = (
                f"EXISTS (SELECT 1 FROM json_each({sql}) AS item "
                "WHERE substr(json_extract(item.value, '$.' || ?), 1, ?) = ?)"
            )
            return text, [*before, key, len(prefix), prefix]


def _with(
    scope: Scope, name: str, template: str, values: Sequence[Value]
) -> tuple[str, list[Value]]:
    sql, before = scope.column(name)
    bound = [scope.bind(name, value) for value in values]
    return "(" + template.format(sql) + ")", [*before, *bound]
