"""Early warnings as an Atom feed (RFC 4287), of what its reader sees."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from geo.i18n import Message

__all__ = ["ATOM", "FeedSource", "warnings_feed"]

ATOM = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_TAGGED = 2026
"""Year in which the host of a tag is taken to be the service's (RFC 4151)."""
_BLANKS = str.maketrans(dict.fromkeys("/#?: ", "-"))


@dataclass(frozen=True, kw_only=True)
class FeedSource:
    """Where a feed is from and whose it is.

    Attributes
    ----------
    address : str
        Of the feed itself.
    page : str
        Of the page on which the warnings stand.
    host : str
        Name that ids are made of, by the operator's choice and no visitor's: they stay while it
        stays.
    scope : tuple of str
        Tier of the reader, and the province where it is limited to one.
    updated : str
        When the release was published, RFC 3339.
    language : str
        Of the texts, and a part of the ids: an entry in another language is another entry.
    """

    address: str
    page: str
    host: str
    scope: tuple[str, ...]
    updated: str
    language: str

    def tag(self, *parts: object) -> str:
        """A ``tag:`` URI that names the same thing in every edition."""
        named = (*self.scope, self.language, *parts)
        path = "/".join(str(part).translate(_BLANKS) for part in named if part)
        return f"tag:{self.host},{_TAGGED}:warnings/{path}"

    def updated_of(self, period: int | str) -> str:
        """When an entry of a year or month was last made: at its end, in every later edition; while
        the year runs, with each edition. A month is judged when it is over, whatever the edition.
        """
        if isinstance(period, str):
            year, month = map(int, period.split("-"))
            return f"{period}-{monthrange(year, month)[1]}T00:00:00+09:00"
        end = f"{period}-12-31T00:00:00+09:00"
        return min(end, self.updated, key=lambda at: at[: len("2026-12-31")])


def warnings_feed(answer: Mapping[str, Any], source: FeedSource) -> bytes:
    """The feed of an answer of ``/v1/warnings``.

    Parameters
    ----------
    answer : mapping
        ``warnings`` and ``silent``, as :func:`~layers.plans.early_warning.early_warnings` has them;
        ``months`` of an account that has imported any, as
        :func:`~layers.plans.monthly_warning.monthly_warnings`.
    source : FeedSource

    Returns
    -------
    bytes
        XML in UTF-8: an entry for each count above what is expected, and for each record that
        ended.

    Examples
    --------
    >>> source = FeedSource(
    ...     address="https://peta.example/v1/warnings.atom",
    ...     host="peta.example",
    ...     page="https://peta.example/",
    ...     scope=("public",),
    ...     updated="2026-11-30T00:00:00+09:00",
    ...     language="en",
    ... )
    >>> feed = warnings_feed({"warnings": [], "silent": []}, source)
    >>> b"<id>tag:peta.example,2026:warnings/public/en</id>" in feed
    True
    """
    language = source.language
    ElementTree.register_namespace("", _NAMESPACE)
    feed = ElementTree.Element(_name("feed"), {"xml:lang": language})
    _add(feed, "id", source.tag())
    _add(feed, "title", _text("warning.feed_title", language))
    _add(feed, "subtitle", _text("warning.feed_subtitle", language))
    _add(feed, "updated", source.updated)
    _add(_add(feed, "author"), "name", "Petajaga")
    _add(feed, "link", rel="self", type=ATOM, href=source.address)
    _add(feed, "link", rel="alternate", type="text/html", href=source.page)
    _entries(feed, source, answer, "year")
    if months := answer.get("months"):
        _entries(feed, source, months, "month", _text("warning.months_own", language))
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entries(
    feed: ElementTree.Element, source: FeedSource, found: Mapping[str, Any], period: str,
    *further: str,
) -> None:  # fmt: skip
    """One for each count above what is expected, then for each record that ended."""
    language = source.language
    for row in found["warnings"]:
        when = row[period]
        title = _text("warning.feed_entry", language, **_named(row, language), year=when,
                      count=row["count"])  # fmt: skip
        lines = [f"{title}.", row["why"][language], row["check"][language], *further]
        _entry(feed, source, (*_stream(row), when), title, row, lines, when)
    for row in found["silent"]:
        title = _text("warning.feed_silent", language, **_named(row, language), last=row["last"])
        lines = [f"{title}.", _text("warning.check_silent", language), *further]
        parts = (*_stream(row), "silent", row["last"])
        _entry(feed, source, parts, title, row, lines, row["last"])


def _entry(
    feed: ElementTree.Element, source: FeedSource, parts: Iterable[object], title: str,
    row: Mapping[str, Any], lines: Iterable[str], period: int | str,
) -> None:  # fmt: skip
    entry = _add(feed, "entry")
    _add(entry, "id", source.tag(*parts))
    _add(entry, "title", title)
    _add(entry, "updated", source.updated_of(period))
    _add(entry, "link", rel="alternate", type="text/html", href=source.page)
    _add(entry, "category", term=row["measure"])
    _add(entry, "category", term=row["area_code"], label=row["area_name"])
    last = _text("warning.no_guilt", source.language)
    _add(entry, "content", "\n".join((*lines, last)), type="text")


def _stream(row: Mapping[str, Any]) -> tuple[str, ...]:
    stream = row["area_code"], row["measure"], row["legal_class"], row["unit"]
    return (*stream, row["terminal_id"]) if row.get("terminal_id") else stream


def _named(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    measure = _text(f"measure.{row['measure']}", language)
    if row["legal_class"] != "unknown":
        legal_class = _text(f"legal_class.{row['legal_class']}", language)
        measure = f"{measure} ({legal_class})"
    terminal = row.get("terminal_id")
    area = f"{row['area_name']} ({terminal})" if terminal else row["area_name"]
    return {"area": area, "measure": measure}


def _text(code: str, language: str, **params: Any) -> str:
    return Message(code, params).in_language(language)


def _name(tag: str) -> str:
    return f"{{{_NAMESPACE}}}{tag}"


def _add(
    parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _name(tag), attributes)
    element.text = text
    return element
