"""The order of a layer's rows, and the rows that come after one of them (paging by key).

Unknown values (NULL) come before all others, as in SQLite; in descending order after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from layers.query.tier_query import Value

__all__ = ["Term", "beyond"]


@dataclass(frozen=True)
class Term:
    """One column of an order: its SQL, the values bound in it, and its direction."""

    column: str
    values: tuple[Value, ...]
    descending: bool

    @property
    def sql(self) -> str:
        """The term of ``ORDER BY``."""
        return f"{self.column} {'DESC' if self.descending else 'ASC'}"

    def turned(self) -> Term:
        """The term in the other direction."""
        return replace(self, descending=not self.descending)


def beyond(order: Sequence[Term], place: Sequence[Any]) -> tuple[str, list[Value]]:
    """SQL of the rows that come after the one whose columns hold ``place``.

    Examples
    --------
    >>> order = [Term('"name"', (), descending=True), Term("fid", (), descending=False)]
    >>> beyond(order, ("Soe", 7))
    ('(("name" < ? OR "name" IS NULL) OR ("name" IS ? AND (fid > ?)))', ['Soe', 'Soe', 7])
    >>> beyond(order[1:], (7,))
    ('(fid > ?)', [7])
    """
    term, value = order[0], place[0]
    column, bound = term.column, list(term.values)
    values: list[Value] = [*bound, value]
    if value is None:
        sql, values = ("0", []) if term.descending else (f"{column} IS NOT NULL", bound)
    elif term.descending:
        sql, values = f"({column} < ? OR {column} IS NULL)", [*values, *bound]
    else:
        sql = f"{column} > ?"
    if len(order) == 1:
        return f"({sql})", values
    rest, rest_values = beyond(order[1:], place[1:])
    return f"({sql} OR ({column} IS ? AND {rest}))", [*values, *bound, value, *rest_values]
