"""Conditions on a tier's own fields, compiled to SQL with bound values.

Names are looked up among the fields the tier has (:class:`layers.query.tier_query.Scope`); values
are always bound, never pasted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.errors import InputError
from layers.query.tier_query import Scope, Value

__all__ = ["And", "Compare", "Condition", "Like", "Or", "compile_condition"]

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
