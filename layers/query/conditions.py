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


def compile_condition(condition: Condition, scope: Scope) -> tuple[str, tuple[Value, ...]]:
    """Compile a condition to SQL.

    Parameters
    ----------
    condition : Condition
    scope : Scope
        The fields of the tier and how each is read.

    Returns
    -------
    sql : str
    values : tuple
        Bound in the order of the placeholders.

    Raises
    ------
    UnknownNameError
        The tier has no such field.
    InputError
        A value of another type than its field.

    Examples
    --------
    >>> from layers.query.tier_query import LayerInfo, make_tier_query
    >>> from layers.registry import LAYERS, fields_for
    >>> info = LayerInfo(LAYERS["areas"], fields_for(LAYERS["areas"], "public"), 0, None)
    >>> scope = make_tier_query(info, "public", None).scope
    >>> compile_condition(And((Compare("level", "=", "regency"), Like("name", "Kota%"))), scope)
    ('(("level" = ?) AND ("name" LIKE ?))', ('regency', 'Kota%'))
    """
    match condition:
        case And(parts) | Or(parts):
            word, empty = (" AND ", "1") if isinstance(condition, And) else (" OR ", "0")
            compiled = [compile_condition(part, scope) for part in parts]
            values = tuple(value for _, bound in compiled for value in bound)
            return f"({word.join(sql for sql, _ in compiled) or empty})", values
        case Compare(name, op, value):
            if op not in _OPERATORS:
                raise InputError("query.no_operator", operator=op, field=name)
            sql, bound = scope.column(name)
            return f"({sql} {op} ?)", (*bound, scope.bind(name, value))
        case Like(name, pattern):
            sql, bound = scope.column(name)
            return f"({sql} LIKE ?)", (*bound, pattern)
