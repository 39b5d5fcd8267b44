"""The catalogues are whole: every language has the same keys and placeholders, none to spare."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path

import pytest

from geo import errors
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


_NOT_SAID = re.compile(
    r"\b(undian|daya temu|laju temuan|dijanjikan dan diberikan)\b"
    r"|\b(tanpa prosedur|(orang|keberangkatan|berangkat|menyeberang) tanpa dokumen)\b"
    r"|\b(irregular (departures|migrants)|nonprocedural departures?|undocumented)\b"
    r"|\b(zona merah|desa rawan|cekal|(pmi|tki|migran) ilegal)\b"
    r"|\b(false.discovery|red zone|illegal migrants?)\b",
    re.IGNORECASE,
)
"""Dialect of statistics, and words that brand; docs/GLOSSARY.md has better ones."""


@pytest.mark.parametrize("language", _LANGUAGES)
def test_texts_use_the_words_of_the_glossary(language: str) -> None:
    said = {
        key: [hit[0] for hit in _NOT_SAID.finditer(" ".join(forms))]
        for key, forms in _forms(language).items()
    }

    assert {key: words for key, words in said.items() if words} == {}


# -- where the keys are used -----------------------------------------------------------------------

_ROOT = Path(__file__).parents[2]
_SOURCES = [
    path
    for room in ("geo", "routes", "layers", "api")
    for path in sorted((_ROOT / room).rglob("*"))
    if path.suffix in {".py", ".js", ".html"} and "vendor" not in path.parts
]
_KEY = re.compile(r"""["'`]([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)["'`]""")
_PREFIX = re.compile(r"""(?:\bf["']|`)([a-z][a-z0-9_]*\.[a-z0-9_.]*)\$?\{""")
_FAMILY = re.compile(r"""\b(?:_?labels?|title|html_label)(?:\(|=)["']([a-z_]+)["']""")
_IN_PAGE = re.compile(r"""\bt\(\s*"([^"]+)\"""")
_TAKE_A_KEY = {*errors.__all__, "Message", "text", "html_text"}


def _key_of(call: ast.Call) -> str | None:
    """The key that a call of an error, a message or a text names as its first argument."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name not in _TAKE_A_KEY or not call.args:
        return None
    first = call.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    # the fields of a layer are made by a function called text too
    return None if name == "text" and "." not in first.value else first.value


def test_no_key_is_to_spare() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in _SOURCES)
    named = set(_KEY.findall(source)) | {"language.name"}
    prefixes = (*_PREFIX.findall(source), *(f"{family}." for family in _FAMILY.findall(source)))

    assert [k for k in _keys("en") if k not in named and not k.startswith(prefixes)] == []


def test_every_key_named_in_the_source_has_a_text() -> None:
    keys = set(_keys("en"))
    unknown = []
    for path in _SOURCES:
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
            named = [key for key in map(_key_of, calls) if key is not None]
        else:
            named = _IN_PAGE.findall(source)
        unknown += [f"{path.relative_to(_ROOT)}: {key}" for key in named if key not in keys]

    assert unknown == []
