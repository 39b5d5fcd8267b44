"""What is said of help and of offers: telephone lines, pretexts and where they are on record, who
must be told of a suspected case, and the papers of a lawful departure; each with its source.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from geo.paths import DATA

__all__ = [
    "DeparturePaper", "Destination", "Duty", "Hotline", "Pretext", "PretextRecord",
    "departure_papers", "destinations", "duties", "hotlines", "pretext_records", "pretexts",
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
    """What hides a journey to unprotected work, with what to ask and to check; texts by language.

    ``kind`` is ``ground`` (what the journey is called), ``offer`` (the work that is promised),
    ``papers`` (that give no right to work) or ``way`` (how people leave outside the procedure).
    ``told`` is what is on record, in a sentence; ``ask`` a question of an officer, never a ground
    for refusal; ``check`` what a family does before anybody leaves.
    """

    id: str
    kind: str
    text: dict[str, str]
    told: dict[str, str]
    ask: dict[str, str]
    check: dict[str, str]
    source: str
    as_of: str


@dataclass(frozen=True)
class PretextRecord:
    """Where and when one source has a pretext on record.

    ``origins`` are codes of the areas that people came from, ``seen`` of the one where it was told,
    ``terminal_id`` its terminal; each empty where the source does not say. ``ends`` are where they
    were bound for: ids of destinations, codes of areas, ``MY-sabah`` or ``MY``.
    """

    pretext: Pretext
    origins: tuple[str, ...]
    seen: str
    terminal_id: str
    ends: tuple[str, ...]
    source: str
    as_of: str
    confidence: str


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

    Examples
    --------
    >>> pretexts()[0].text["en"], pretexts()[0].kind
    ('Hajj, umrah or pilgrimage', 'ground')
    """
    return tuple(
        Pretext(
            row["id"], row["kind"], text, _by_language(row, "told_"), _by_language(row, "ask_"),
            _by_language(row, _CHECK), row["source"], row["as_of"],
        )
        for row, text in _rows("pretexts.csv")
    )  # fmt: skip


@cache
def pretext_records() -> tuple[PretextRecord, ...]:
    """The rows of ``geo/data/pretext_records.csv``, in its order.

    Examples
    --------
    >>> {record.terminal_id for record in pretext_records() if record.pretext.id == "study"}
    {'el-tari'}
    """
    by_id = {pretext.id: pretext for pretext in pretexts()}
    return tuple(
        PretextRecord(
            by_id[row["pretext"]], _codes(row["origins"]), row["seen"], row["terminal_id"],
            _codes(row["ends"]), row["source"], row["as_of"], row["confidence"],
        )
        for row, _ in _rows("pretext_records.csv")
    )  # fmt: skip


@dataclass(frozen=True)
class Destination:
    """A destination by language, and all that it lies in: codes of areas, or of a country and its
    part (``MY-sabah``).
    """

    name: dict[str, str]
    wider: frozenset[str]


@cache
def destinations() -> dict[str, Destination]:
    """The rows of ``geo/data/destinations.csv`` by id.

    Examples
    --------
    >>> destinations()["to-tawau"].name["en"], sorted(destinations()["to-medan"].wider)
    ('Eastern Sabah (Tawau)', ['12', '12.71'])
    """
    found = {}
    for row, _ in _rows("destinations.csv"):
        abroad = row["country"] != "ID"
        fine = f"{row['country']}-{row['region']}" if abroad else row["area_code"]
        names = {"id": row["name"], "en": row["name_en"]}
        found[row["id"]] = Destination(names, frozenset({fine, fine[:2]}))
    return found


@cache
def duties() -> tuple[Duty, ...]:
    """The steps of ``geo/data/referral_steps.csv``, those of protection first.

    Examples
    --------
    >>> [duty.step for duty in duties()][:2]
    ['identification', 'health']
    """
    return tuple(
        Duty(row["id"], _codes(row["kinds"]), text, row["source"], row["as_of"])
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


def _codes(cell: str) -> tuple[str, ...]:
    """The parts of a cell with semicolons between."""
    return tuple(filter(None, cell.split(";")))


def _by_language(row: dict[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): row[key] for key in row if key.startswith(prefix)}
