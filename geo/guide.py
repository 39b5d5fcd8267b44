"""What everybody may be told: telephone lines, and what recruiters say, each with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from geo.paths import DATA

__all__ = ["Hotline", "Pretext", "hotlines", "pretexts"]

_TEXT = "text_"


@dataclass(frozen=True)
class Hotline:
    """One national line: the number to dial, what it is for by language, where that is stated."""

    id: str
    number: str
    purpose: dict[str, str]
    source: str
    as_of: str


@dataclass(frozen=True)
class Pretext:
    """A pretext given at a border (``pretext``) or a way of irregular departure (``way``).

    ``text`` is by language, ``area_code`` the province of those who were stopped.
    """

    id: str
    area_code: str
    kind: str
    text: dict[str, str]
    source: str
    as_of: str


@cache
def hotlines() -> tuple[Hotline, ...]:
    """The lines of ``geo/data/hotlines.csv``, in its order.

    Examples
    --------
    >>> [line.number for line in hotlines()][:2]
    ['110', '129']
    """
    return tuple(
        Hotline(row["id"], row["number"], text, row["source"], row["as_of"])
        for row, text in _rows("hotlines.csv")
    )


@cache
def pretexts() -> tuple[Pretext, ...]:
    """The pretexts of ``geo/data/pretexts.csv``, in its order.

    Its ways of irregular departure are told nobody: they warn of nothing, and show a way.

    Examples
    --------
    >>> {row.kind for row in pretexts()}
    {'pretext'}
    >>> pretexts()[0].text["en"]
    'Hajj, umrah or pilgrimage'
    """
    return tuple(
        Pretext(row["id"], row["area_code"], row["kind"], text, row["source"], row["as_of"])
        for row, text in _rows("pretexts.csv")
        if row["kind"] == "pretext"
    )


def _rows(name: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Rows of a table, each with its text by language."""
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return [
            (row, {key.removeprefix(_TEXT): row[key] for key in row if key.startswith(_TEXT)})
            for row in csv.DictReader(stream)
        ]
