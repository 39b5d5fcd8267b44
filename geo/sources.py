"""Sources of curated rows as one text: each once, and how much of an address a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["joined_sources", "publishers"]

_ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s;,?#]+)[^\s;,]*")


def joined_sources(sources: Iterable[str]) -> str:
    """Sources of several rows as one text, each once, sorted: rows come in any order.

    Examples
    --------
    >>> joined_sources(["kompas.com; F007", "", "F007"])
    'F007; kompas.com'
    """
    return "; ".join(sorted({name.strip() for text in sources for name in text.split(";")} - {""}))


def publishers(sources: Iterable[str]) -> list[str]:
    """Sources with each address of a page cut to its publisher.

    Examples
    --------
    >>> publishers(["https://www.kompas.com/read/a-b?page=2; F031"])
    ['F031; kompas.com']
    """
    return [joined_sources([_ADDRESS.sub(r"\1", source)]) for source in sources]
