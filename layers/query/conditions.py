"""Conditions on a tier's own fields, compiled to SQL with bound values.

A small algebra that a filter language (CQL2, query parameters) is parsed into. Names are looked
up among the fields the tier has; a hidden field raises exactly what a missing one does. Values
are always bound, never pasted.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geo.errors import InputError, UnknownNameError
from layers.registry import Field

__all__ = ["And", "Compare", "Condition", "Like", "Or", "Scope", "Value", "compile_condition"]

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
class Like:
    """SQL LIKE with ``%`` and ``_``; case is ignored for ASCII letters."""

    field: str
    pattern: str


@dataclass(frozen=True)
class And:
    """All hold; an empty list holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Or:
    """At least one holds; an empty list does not."""

    conditions: tuple[Condition, ...]


Condition = Compare | Like | And | Or


@dataclass(frozen=True)
class Scope:
    """The fields in reach and, for each, the SQL expression that reads it (with its values)."""

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
        case Compare(name, op, value):
            if op not in _OPERATORS:
                raise InputError("query.no_operator", operator=op, field=name)
            sql, before = scope.column(name)
            return f"({sql} {op} ?)", [*before, scope.bind(name, value)]
        case Like(name, pattern):
            sql, before = scope.column(name)
            return f"({sql} LIKE ?)", [*before, pattern]
