"""The catalogues are whole: every language has the same keys and placeholders, none to spare."""

from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path

import pytest

from geo.i18n.catalogue import CATALOGUES, languages, messages

_LANGUAGES = languages()
_MSGID = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


def _keys(language: str) -> list[str]:
    return _MSGID.findall((CATALOGUES / f"{language}.po").read_text(encoding="utf-8"))


def _forms(language: str) -> dict[str, tuple[str, ...]]:
    return {
        key: (forms,) if isinstance(forms, str) else tuple(forms)
        for key, forms in messages(language, "").items()
    }


def _placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("language", _LANGUAGES)
def test_keys_are_sorted_named_once_and_those_of_english(language: str) -> None:
    keys = _keys(language)

    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert keys == sorted(keys)
    assert set(keys) == set(_keys("en"))


@pytest.mark.parametrize("language", _LANGUAGES)
def test_texts_say_something_with_the_placeholders_of_english(language: str) -> None:
    english = _forms("en")
    for key, forms in _forms(language).items():
        assert all(form.strip() == form != "" for form in forms), key
        expected = set().union(*map(_placeholders, english[key]))
        # a form for one thing need not repeat the number
        assert set().union(*map(_placeholders, forms)) == expected, key


def test_a_family_says_nothing_twice() -> None:
    texts = zip(_keys("en"), *(_forms(language).values() for language in _LANGUAGES), strict=True)
    shared: dict[tuple[object, ...], list[str]] = {}
    for key, *forms in texts:
        shared.setdefault((key.partition(".")[0], *forms), []).append(key)

    assert [keys for keys in shared.values() if len(keys) > 1] == []


def test_files_of_the_catalogue_are_of_languages_babel_knows() -> None:
    assert {path.stem for path in Path(CATALOGUES).glob("*.po")} == set(_LANGUAGES)
