"""What everybody may be told: telephone lines, what recruiters say, who must be told of a suspected
case, and the papers of a lawful departure; each with its source.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from geo.paths import DATA

__all__ = [
    "DeparturePaper", "Duty", "Hotline", "Pretext", "departure_papers", "duties", "hotlines",
    "pretexts",
]  # fmt: skip

_TEXT, _CHECK = "text_", "check_"


@dataclass(frozen=True)
class Hotline:
    """One national line: the number to dial, what it is for by language, where that is stated."""

    id: str
    number: str
    purpose: dict[str, str]
    source: str
    as_of: str

    @property
    def is_further(self) -> bool:
        """Whether it is another way (WhatsApp, from abroad) to reach a line named before it."""
        return "-" in self.id


@dataclass(frozen=True)
class Pretext:
    """A pretext given at a border (``pretext``) or a way of irregular departure (``way``).

    ``text`` is by language, ``area_code`` the province of those who were stopped; ``check`` is what
    a family does before somebody leaves on such a ground, empty for a way.
    """

    id: str
    area_code: str
    kind: str
    text: dict[str, str]
    check: dict[str, str]
    source: str
    as_of: str


@dataclass(frozen=True)
class Duty:
    """One step of referral: the kinds of office that answer at it, and who must by rule.

    ``kinds`` are kinds of ``services.csv``, the first of a kind's offices to be named first; none
    where the table has no such offices. ``text`` is by language.
    """

    step: str
    kinds: tuple[str, ...]
    text: dict[str, str]
    source: str
    as_of: str


@dataclass(frozen=True)
class DeparturePaper:
    """One paper that Law 18/2017, article 13, asks of who is placed abroad; by language."""

    id: str
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
        Pretext(
            row["id"],
            row["area_code"],
            row["kind"],
            text,
            _by_language(row, _CHECK),
            row["source"],
            row["as_of"],
        )
        for row, text in _rows("pretexts.csv")
        if row["kind"] == "pretext"
    )


@cache
def duties() -> tuple[Duty, ...]:
    """The steps of ``geo/data/referral_steps.csv``, those of protection first.

    Examples
    --------
    >>> [duty.step for duty in duties()][:2]
    ['identification', 'health']
    """
    return tuple(
        Duty(row["id"], tuple(filter(None, row["kinds"].split(";"))), text, row["source"],
             row["as_of"])
        for row, text in _rows("referral_steps.csv")
    )  # fmt: skip


@cache
def departure_papers() -> tuple[DeparturePaper, ...]:
    """The papers of ``geo/data/departure_papers.csv``, in the order of the law.

    Examples
    --------
    >>> departure_papers()[-1].text["en"]
    'Contract of employment'
    """
    return tuple(
        DeparturePaper(row["id"], text, row["source"], row["as_of"])
        for row, text in _rows("departure_papers.csv")
    )


def _rows(name: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Rows of a table, each with its text by language."""
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return [(row, _by_language(row, _TEXT)) for row in csv.DictReader(stream)]


def _by_language(row: dict[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): row[key] for key in row if key.startswith(prefix)}
