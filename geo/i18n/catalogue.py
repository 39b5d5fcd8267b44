"""Reading the catalogues: one PO file a language, whose ``msgid`` is the key of a text.

Placeholders are those of :meth:`str.format` (``{name}``, ``{share:.1%}``); numbers with a format
are written with the language's own separators, and a share below the last digit of its format as
``less than 1%``. A text with a plural has ``msgid_plural`` and is
chosen by the parameter ``count``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.messages.pofile import read_po

__all__ = [
    "CATALOGUES",
    "DEFAULT_LANGUAGE",
    "FALLBACK_LANGUAGE",
    "has",
    "label",
    "language_names",
    "languages",
    "localised",
    "messages",
    "text",
]

CATALOGUES = Path(__file__).resolve().parent
"""Folder of the PO files: ``id.po``, ``en.po``, and one for any further language."""
DEFAULT_LANGUAGE = "id"
"""Language of a reader who chose none."""
FALLBACK_LANGUAGE = "en"
"""Where a further language lacks a text."""


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages there are: Bahasa Indonesia, English, then any other by its code.

    Examples
    --------
    >>> languages()[:2]
    ('id', 'en')
    """
    first = (DEFAULT_LANGUAGE, FALLBACK_LANGUAGE)
    others = {path.stem for path in CATALOGUES.glob("*.po")} - set(first)
    return (*first, *sorted(others))


def language_names() -> dict[str, str]:
    """Each language's own name for itself, for a choice of languages.

    Examples
    --------
    >>> language_names()["id"]
    'Bahasa Indonesia'
    """
    return {code: _texts(code).get("language.name", (code,))[0] for code in languages()}


def has(key: str) -> bool:
    """Whether the catalogue holds this key.

    Examples
    --------
    >>> has("class.very_low")
    True
    """
    return key in _texts(FALLBACK_LANGUAGE)


def text(key: str, language: str = FALLBACK_LANGUAGE, /, **params: Any) -> str:
    """Return one text with its parameters filled in.

    Parameters
    ----------
    key : str
        For example ``outreach.floor_unreachable``.
    language : str
        One of :func:`languages`; a text it lacks is taken from English.
    **params
        Values of the placeholders: text, numbers, a :class:`~geo.i18n.Message` (formatted in the
        same language), or a sequence of these (joined by commas, or by the format: ``{parts:; }``).

    Raises
    ------
    KeyError
        No catalogue has the key, or a placeholder has no value.

    Examples
    --------
    >>> text("class.very_low", "id")
    'sangat rendah'
    >>> [text("document.origin_share", "id", name="Sikka", share=s) for s in (0, 0.004, 0.12)]
    ['Sikka (0%)', 'Sikka (kurang dari 1%)', 'Sikka (12%)']
    """
    forms = _texts(language).get(key) or _texts(FALLBACK_LANGUAGE).get(key)
    if forms is None:
        raise KeyError(f"no text {key!r} in the catalogue")
    form = forms[_plural(language, params["count"]) if len(forms) > 1 else 0]
    return _Formatter(language).vformat(form, (), params) if params or "{" in form else form


def label(family: str, value: str, language: str = FALLBACK_LANGUAGE) -> str:
    """Name of a value of the data, ``<family>.<value>``, or the value where no text is there.

    Examples
    --------
    >>> label("class", "very_low", "id"), label("unit", "persons/year", "id")
    ('sangat rendah', 'orang/tahun')
    """
    key = f"{family}.{re.sub(r'[^a-z0-9]+', '_', value.lower()).strip('_')}"
    return text(key, language) if has(key) else value


def messages(language: str, *prefixes: str) -> dict[str, str | list[str]]:
    """Texts whose key begins with one of ``prefixes``, for the page; plurals as a list of forms.

    Examples
    --------
    >>> messages("en", "class.very_l")
    {'class.very_low': 'very low'}
    """
    texts = {**_texts(FALLBACK_LANGUAGE), **_texts(language)}
    return {
        key: forms[0] if len(forms) == 1 else list(forms)
        for key, forms in texts.items()
        if key.startswith(prefixes)
    }


@cache
def _texts(language: str) -> Mapping[str, tuple[str, ...]]:
    path = CATALOGUES / f"{language}.po"
    if language not in languages():
        raise KeyError(f"no catalogue {path.name}; there are {', '.join(languages())}")
    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=language, abort_invalid=True)
    texts: dict[str, tuple[str, ...]] = {}
    for entry in catalogue:
        if entry.id:
            key = entry.id if isinstance(entry.id, str) else entry.id[0]
            forms = entry.string or ""
            texts[key] = (forms,) if isinstance(forms, str) else tuple(forms)
    return texts


@cache
def _locale(language: str) -> Locale:
    """Numbers and plurals of a language; those of English where Babel does not know it."""
    try:
        return Locale.parse(language)
    except UnknownLocaleError:
        return Locale.parse(FALLBACK_LANGUAGE)


def _plural(language: str, count: float) -> int:
    forms = sorted(_locale(language).plural_form.tags | {"other"}, key=_PLURAL_ORDER.index)
    return forms.index(_locale(language).plural_form(count))


_PLURAL_ORDER = ("zero", "one", "two", "few", "many", "other")


@cache
def separators(language: str) -> tuple[str, str]:
    """Decimal and thousands separator of a language."""
    symbols = _locale(language).number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


def localised(formatted: str, language: str) -> str:
    """A number as Python formats it, with the separators of the language.

    Examples
    --------
    >>> localised("1,234.5", "id")
    '1.234,5'
    """
    decimal, group = separators(language)
    return formatted.translate({ord("."): decimal, ord(","): group})


class _Formatter(string.Formatter):
    """Formats placeholders in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if hasattr(value, "in_language"):
            return str(value.in_language(self._language))
        if isinstance(value, str):
            return format(value, format_spec)
        if isinstance(value, (int, float)) and format_spec.endswith("%"):
            least = 10.0 ** -(2 + int((re.search(r"\.(\d+)%", format_spec) or "00")[1]))
            if 0 < abs(value) < least:  # not nothing, and said as such
                bound = self.format_field(least, format_spec.replace("+", ""))
                return text("unit.less_than", self._language, value=bound)
        if isinstance(value, float) or (isinstance(value, int) and format_spec):
            return localised(format(value, format_spec or "g"), self._language)
        if isinstance(value, (list, tuple, set, frozenset)):
            parts = sorted(value) if isinstance(value, (set, frozenset)) else value
            return (format_spec or ", ").join(self.format_field(part, "") for part in parts)
        return format(value, format_spec)
