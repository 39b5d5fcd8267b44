"""Sources of curated rows as one text: each once, and how much of an address a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Citation", "citations", "joined_sources", "publishers"]

_ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s;,?#]+)[^\s;,]*")
_SITE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_FACT = re.compile(r"\bF(\d{3})\b")


_DOCUMENTS = (
    (39, "Jurnal HAM 10(2), Desember 2019"),
    (45, "Panduan pencegahan dan penanganan TPPO berbasis masyarakat dan komunitas"),
    (63, "N. Aulija dan K. Z. Aini, Universitas Maritim Raja Ali Haji"),
    (73, "artikel ilmiah tentang perdagangan orang di Batam"),
    (75, "A. Oktavian dkk., Universitas Pasundan"),
    (76, "artikel ilmiah tentang perdagangan orang di Batam"),
)
"""The document that the numbered facts of the curated tables were read in, by their last number."""


def _cited(fact: re.Match[str]) -> str:
    number = int(fact[1])
    return next((name for last, name in _DOCUMENTS if number <= last), fact[0])


def joined_sources(sources: Iterable[str]) -> str:
    """Sources of several rows as one text, each once, sorted: rows come in any order.

    A numbered fact of the curated tables is named by its document.

    Examples
    --------
    >>> joined_sources(["kompas.com; F007", "", "F008"])
    'Jurnal HAM 10(2), Desember 2019; kompas.com'
    """
    names = {name.strip() for text in sources for name in text.split(";")} - {""}
    return "; ".join(sorted({_FACT.sub(_cited, n) for n in names}))


def publishers(sources: Iterable[str]) -> list[str]:
    """Sources with each address of a page cut to its publisher.

    Examples
    --------
    >>> publishers(["https://www.kompas.com/read/a-b?page=2; F031"])
    ['Jurnal HAM 10(2), Desember 2019; kompas.com']
    """
    return [joined_sources([_ADDRESS.sub(r"\1", source)]) for source in sources]


class Citation(NamedTuple):
    """A source as a reader follows it: its site or title, and its address ('' without one)."""

    label: str
    url: str


def citations(source: str) -> list[Citation]:
    """The sources of one text, each with the address it leads to: the page, or of a publisher alone
    its site.

    Examples
    --------
    >>> citations("https://www.kompas.com/read/a-b?page=2; bps.go.id; Jurnal HAM 10(2)")
    ... # doctest: +NORMALIZE_WHITESPACE
    [Citation(label='kompas.com', url='https://www.kompas.com/read/a-b?page=2'),
     Citation(label='bps.go.id', url='https://bps.go.id'),
     Citation(label='Jurnal HAM 10(2)', url='')]
    """
    found = []
    for name in filter(None, map(str.strip, source.split(";"))):
        if _ADDRESS.fullmatch(name):
            found.append(Citation(_ADDRESS.sub(r"\1", name), name))
        else:
            found.append(Citation(name, f"https://{name}" if _SITE.fullmatch(name) else ""))
    return found
