"""Conditions on a tier's own fields, compiled to SQL with bound values.

Names are looked up among the fields the tier has (:class:`layers.query.tier_query.Scope`); values
are always bound, never pasted. As in SQL, a comparison with what is unknown (NULL) is unknown, and
so is its opposite: neither chooses the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import shapely

from geo.errors import InputError
from layers.query.tier_query import Scope, Value, touching

__all__ = [
    "And", "Compare", "Condition", "In", "Intersects", "IsNull", "Like", "Not", "Or",
    "compile_condition",
]  # fmt: skip

Operator = Literal["=", "<>", "<", "<=", ">", ">="]
_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True)
class Compare:
    """``field op value``; texts in the order of their code points."""

    field: str
    op: Operator
    value: Value
    ignore_case: bool = False


@dataclass(frozen=True)
class Like:
    r"""A text with ``%`` for any letters and ``_`` for one; ``\`` before them means themselves."""

    field: str
    pattern: str
    ignore_case: bool = False


@dataclass(frozen=True)
class In:
    """One of ``values``; an empty list holds for none."""

    field: str
    values: tuple[Value, ...]
    ignore_case: bool = False


@dataclass(frozen=True)
class IsNull:
    """The value is unknown."""

    field: str


@dataclass(frozen=True)
class Intersects:
    """The feature's shape touches or crosses ``shape``, in degrees (longitude, latitude)."""

    shape: Any


@dataclass(frozen=True)
class Not:
    """The opposite."""

    condition: Condition


@dataclass(frozen=True)
class And:
    """All hold; an empty list holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Or:
    """At least one holds; an empty list does not."""

    conditions: tuple[Condition, ...]


Condition = Compare | Like | In | IsNull | Intersects | Not | And | Or


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
    ('(("level" = ?) AND ("name" GLOB ?))', ('regency', 'Kota*'))
    """
    match condition:
        case And(parts) | Or(parts):
            word, empty = (" AND ", "1") if isinstance(condition, And) else (" OR ", "0")
            compiled = [compile_condition(part, scope) for part in parts]
            values = tuple(value for _, bound in compiled for value in bound)
            return f"({word.join(sql for sql, _ in compiled) or empty})", values
        case Not(part):
            sql, bound = compile_condition(part, scope)
            return f"(NOT {sql})", bound
        case Intersects(shape):
            near, box = touching(scope.layer, shape.bounds)
            near = f"WHEN {near} THEN intersects(geom, ?) ELSE 0"
            return f"(CASE WHEN geom IS NULL THEN NULL {near} END)", (*box, shapely.to_wkb(shape))
        case IsNull(name):
            sql, bound = scope.column(name)
            return f"({sql} IS NULL)", bound
        case Compare(name, op, value, fold):
            if op not in _OPERATORS:
                raise InputError("query.no_operator", operator=op, field=name)
            return _folded(f"{{}} {op} {{}}", name, (value,), scope, fold=fold)
        case In(name, listed, fold):
            marks = ", ".join(["{}"] * len(listed))
            return _folded(f"{{}} IN ({marks})", name, listed, scope, fold=fold)
        case Like(name, pattern, fold):
            return _folded("{} GLOB {}", name, (_glob(pattern),), scope, fold=fold)


def _folded(
    form: str, name: str, values: tuple[Value, ...], scope: Scope, *, fold: bool
) -> tuple[str, tuple[Value, ...]]:
    """A comparison of a column with ``values``, all in small letters where case is ignored."""
    column, bound = scope.column(name)
    one = "casefold({})" if fold else "{}"
    sql = form.format(one.format(column), *[one.format("?")] * len(values))
    return f"({sql})", (*bound, *(scope.bind(name, value) for value in values))


def _glob(pattern: str) -> str:
    r"""The pattern of SQLite's GLOB, which heeds case.

    >>> _glob(r"a%b_c\%*")
    'a*b?c%[*]'
    """
    parts: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter in "%_":
            parts.append("*" if letter == "%" else "?")
        else:
            itself = next(letters, letter) if letter == "\\" else letter
            parts.append(f"[{itself}]" if itself in "*?[" else itself)
    return "".join(parts)
