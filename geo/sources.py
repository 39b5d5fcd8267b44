"""Sources of curated rows as one text: each once, and how much of an address a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["joined_sources", "publishers"]

_ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s;,?#]+)[^\s;,]*")
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
