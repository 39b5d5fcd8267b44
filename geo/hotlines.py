"""National telephone lines for whoever needs help: public numbers, each with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from geo.paths import DATA

__all__ = ["Hotline", "hotlines"]


@dataclass(frozen=True)
class Hotline:
    """One line: the number to dial, what it is for by language, and where that is stated."""

    id: str
    number: str
    purpose: dict[str, str]
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
    with (DATA / "hotlines.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Hotline(
                row["id"], row["number"],
                {key.removeprefix("text_"): row[key] for key in row if key.startswith("text_")},
                row["source"], row["as_of"],
            )
            for row in csv.DictReader(stream)
        )  # fmt: skip
