"""CQL2 text (OGC 21-065r2) read into CQL2 JSON: the part of the language that filters here know.

Comparisons, ``LIKE``, ``BETWEEN``, ``IN``, ``IS NULL``, ``AND``, ``OR``, ``NOT``, ``CASEI`` and
spatial functions with geometries as WKT or ``BBOX``. Arithmetic, times and arrays are not read.
A recursive descent without going back: the time is in proportion to the length, the depth is
bounded before anything is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import shapely

from geo.errors import InputError

__all__ = ["MOST_CHARACTERS", "check_size", "filter_problem", "parse_cql2_text"]

MOST_CHARACTERS, _MOST_LEVELS = 4000, 50
"""Of a filter."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^'\\]|''|\\.)*')
    | "(?P<quoted>[^"]+)"
    | (?P<word>[^\W\d][\w.:]*)
    | (?P<sign><>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"''|\\'|(\\.)")
"""In a text: a quotation mark, or what ``LIKE`` takes for itself."""
_GEOMETRIES = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
     "GEOMETRYCOLLECTION"}
)  # fmt: skip
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_RESERVED = frozenset({"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"})


def check_size(characters: int, levels: int = 0) -> None:
    """Refuse a filter that is too long or too deep, before it is read."""
    if characters > MOST_CHARACTERS:
        raise InputError("query.filter_long", field="filter", most=MOST_CHARACTERS)
    if levels > _MOST_LEVELS:
        raise InputError("query.filter_deep", field="filter", most=_MOST_LEVELS)


def filter_problem(position: int = 1) -> InputError:
    """The error of a filter that cannot be read from a position on (1 is the first)."""
    return InputError("query.filter_syntax", field="filter", position=position)


def parse_cql2_text(text: str) -> Any:
    """Read a filter.

    Parameters
    ----------
    text : str
        At most :data:`MOST_CHARACTERS`.

    Returns
    -------
    object
        CQL2 JSON.

    Raises
    ------
    InputError
        With the position of what cannot be read.

    Examples
    --------
    >>> parse_cql2_text("level = 'regency' AND NOT population < 1e5")["args"][1]
    {'op': 'not', 'args': [{'op': '<', 'args': [{'property': 'population'}, 100000.0]}]}
    """
    check_size(len(text))
    parser = _Parser(text)
    expression = parser.disjunction()
    if parser.kind:
        raise filter_problem(parser.start + 1)
    return expression


@dataclass
class _Parser:
    """The text, and the token that is looked at."""

    text: str
    end: int = 0
    start: int = 0
    kind: str = ""
    value: str = ""
    depth: int = 0

    def __post_init__(self) -> None:
        self.advance()

    def advance(self) -> None:
        """Look at the next token; ``kind`` is empty at the end."""
        self.kind = self.value = ""
        self.start = self.end
        if not self.text[self.end :].strip():
            return
        match = _TOKEN.match(self.text, self.end)
        if match is None:
            raise filter_problem(self.end + 1)
        self.kind = match.lastgroup or ""
        self.start, self.end = match.start(self.kind), match.end()
        self.value = match[self.kind]

    def take(self, *values: str) -> str | None:
        """Pass a word or sign if it is one of ``values``."""
        found = self.value.upper()
        if self.kind in ("word", "sign") and found in values:
            self.advance()
            return found
        return None

    def need(self, value: str) -> None:
        if not self.take(value):
            raise filter_problem(self.start + 1)

    def deeper(self) -> None:
        self.depth += 1
        check_size(0, self.depth)

    # -- conditions ----------------------------------------------------------------------------

    def disjunction(self) -> Any:
        return self._chain("OR", self.conjunction)

    def conjunction(self) -> Any:
        return self._chain("AND", self.negation)

    def _chain(self, word: str, part: Callable[[], Any]) -> Any:
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else {"op": word.lower(), "args": parts}

    def negation(self) -> Any:
        if not self.take("NOT"):
            return self.predicate()
        self.deeper()
        inner = self.negation()
        self.depth -= 1
        return {"op": "not", "args": [inner]}

    def predicate(self) -> Any:
        if self.take("("):
            self.deeper()
            inner = self.disjunction()
            self.need(")")
            self.depth -= 1
            return inner
        left = self.operand()
        if self.kind == "sign" and self.value in _COMPARISONS:
            sign = self.value
            self.advance()
            return {"op": sign, "args": [left, self.operand()]}
        if self.take("IS"):
            opposite = self.take("NOT")
            self.need("NULL")
            return _opposite(opposite, {"op": "isNull", "args": [left]})
        opposite = self.take("NOT")
        word = self.take("LIKE", "BETWEEN", "IN")
        if word == "LIKE":
            made = {"op": "like", "args": [left, self.operand()]}
        elif word == "BETWEEN":
            low = self.operand()
            self.need("AND")
            made = {"op": "between", "args": [left, low, self.operand()]}
        elif word == "IN":
            self.need("(")
            made = {"op": "in", "args": [left, self.operands()]}
        elif opposite:
            raise filter_problem(self.start + 1)
        else:
            return left
        return _opposite(opposite, made)

    # -- values --------------------------------------------------------------------------------

    def operands(self) -> list[Any]:
        """Operands up to the closing bracket."""
        found = [self.operand()]
        while self.take(","):
            found.append(self.operand())
        self.need(")")
        return found

    def operand(self) -> Any:
        kind, value, start = self.kind, self.value, self.start
        word = value.upper() if kind == "word" else ""
        if word in _GEOMETRIES:
            return self.geometry()
        if word in _RESERVED - {"TRUE", "FALSE"} or kind in ("", "sign"):
            raise filter_problem(start + 1)
        self.advance()
        if kind == "number":
            return float(value)
        if kind == "text":
            return _ESCAPED.sub(lambda escaped: escaped[1] or "'", value[1:-1])
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if kind == "word" and self.take("("):
            self.deeper()
            arguments = self.operands()
            self.depth -= 1
            if word in ("BBOX", "ENVELOPE"):
                return {"bbox": arguments}
            return {"op": value.lower(), "args": arguments}
        return {"property": value}

    def geometry(self) -> Any:
        """A geometry as WKT: from its name to the bracket that closes it."""
        first, depth = self.start, 0
        for match in re.compile(r"[()]").finditer(self.text, self.end):
            depth += 1 if match[0] == "(" else -1
            check_size(0, depth)
            if depth <= 0:
                break
        else:
            raise filter_problem(len(self.text) + 1)
        self.end = match.end()
        try:
            shape = shapely.from_wkt(self.text[first : self.end])
        except shapely.GEOSException:
            raise filter_problem(first + 1) from None
        self.advance()
        return json.loads(shapely.to_geojson(shape))


def _opposite(word: str | None, made: dict[str, Any]) -> dict[str, Any]:
    return {"op": "not", "args": [made]} if word else made
