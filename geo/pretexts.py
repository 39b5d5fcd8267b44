"""What recruiters say, and ways in which people are taken away, as sources report them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from geo.paths import DATA

__all__ = ["Pretext", "pretexts"]


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
def pretexts() -> tuple[Pretext, ...]:
    """The rows of ``geo/data/pretexts.csv``, in its order.

    Examples
    --------
    >>> pretexts()[0].text["en"]
    'Hajj, umrah or pilgrimage'
    """
    with (DATA / "pretexts.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Pretext(
                row["id"], row["area_code"], row["kind"],
                {key.removeprefix("text_"): row[key] for key in row if key.startswith("text_")},
                row["source"], row["as_of"],
            )
            for row in csv.DictReader(stream)
        )  # fmt: skip
