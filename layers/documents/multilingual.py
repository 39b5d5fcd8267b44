"""One-file pages that hold every language of the catalogue and show one at a time.

``<html lang>`` is the visible one: the first language, then the next at each press of the button.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

from geo.i18n import Message, label, languages
from geo.i18n.catalogue import FALLBACK_LANGUAGE, language_names

__all__ = [
    "html_label", "html_of", "html_text", "language_button", "language_style", "per_language",
]  # fmt: skip


def html_text(code: str, **params: Any) -> str:
    """HTML of one text of the catalogue."""
    return html_of(Message(code, params).as_dict())


def html_label(family: str, value: str) -> str:
    """HTML of the name of a value (:func:`geo.i18n.label`)."""
    return html_of({language: label(family, value, language) for language in languages()})


def html_of(texts: Mapping[str, str]) -> str:
    """HTML of one text given by language; a language it lacks shows the English."""
    return "".join(
        f'<span class="t" lang="{language}">{html.escape(text)}</span>'
        for language, text in zip(languages(), _ordered(texts), strict=True)
    )


def per_language(texts: Mapping[str, str]) -> str | list[str]:
    """Escaped text for a popup: one if all languages agree, else in the order of languages."""
    escaped = [html.escape(text) for text in _ordered(texts)]
    return escaped[0] if len(set(escaped)) == 1 else escaped


def _ordered(texts: Mapping[str, str]) -> list[str]:
    return [texts.get(language, texts[FALLBACK_LANGUAGE]) for language in languages()]


def language_style() -> str:
    """CSS that hides every language but the page's."""
    hidden = ", ".join(f'html:not([lang="{code}"]) .t[lang="{code}"]' for code in languages())
    return f"{hidden} {{ display: none; }}"


def language_button() -> str:
    """A button, labelled with the next language, that switches the page to it."""
    codes, names = languages(), language_names()
    following = dict(zip(codes, codes[1:] + codes[:1], strict=True))
    titles = "".join(
        f'<span class="t" lang="{code}"><span lang="{target}">{html.escape(names[target])}</span>'
        "</span>"
        for code, target in following.items()
    )
    step = html.escape(f"document.documentElement.lang = {json.dumps(following)}"
                       "[document.documentElement.lang];")  # fmt: skip
    return f'<button id="language" type="button" onclick="{step}">{titles}</button>'
