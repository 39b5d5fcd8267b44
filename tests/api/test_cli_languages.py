"""Every command answers wholly in the reader's language: tables, help and errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from api.cli.application import COMMANDS, application
from geo.dataset import load_dataset
from geo.i18n import has, languages

Run = Callable[..., Any]
ENGLISH = re.compile(
    r"\b(the|of|and|from|is|are|with|for|not|in|by|persons|unknown|share|year|kind|seaport|ferry|"
    r"airport|deaths|abroad|interceptions|departures|intercepted|medium|low|very)\b"
)
INDONESIAN = re.compile(
    r"\b(dan|dari|yang|tidak|untuk|dengan|orang|tahun|belum|oleh|adalah|atau|pada|rendah|sedang|"
    r"tinggi|simpul|pelabuhan|berangkat|tercegat|wilayah)\b"
)
OF_OTHERS = {"id": ENGLISH, "en": INDONESIAN}
"""Words that tell the other language; none of them is in a place's name in these answers."""


def commands_of(group: click.Group) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands by the words that name them."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (name,), command
        if isinstance(command, click.Group):
            for words, inner in commands_of(command):
                yield (name, *words), inner


def foreign_words(text: str, language: str) -> list[str]:
    """Words of the other language, apart from names of options and of their values."""
    data = load_dataset()
    # proper names, in Indonesian everywhere
    for name in (*data.destinations["name"], *data.services["name"]):
        text = text.replace(name, " ")
    plain = re.sub(r"'[^']*'|\[[^\]]*\]|--[\w-]+|\S*[./]\S*\w", " ", text)
    return sorted(set(OF_OTHERS[language].findall(plain)))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "skenario.toml").write_text('[[demand]]\narea = "53.04"\nfactor = 1.2\n', "utf-8")
    return folder


ANSWERS: tuple[tuple[str, ...], ...] = (
    ("areas", "--within", "53", "--top", "5"),
    ("areas", "53.04"),
    ("corridors", "--origin", "53", "--top", "5"),
    ("ports", "--within", "53", "--top", "5"),
    ("coverage", "53"),
    ("warn", "--past"),
    ("corridor", "Kupang", "Nunukan"),
    ("plan", "posts", "-k", "2", "--draws", "0"),
    ("plan", "outreach", "--villages", "3", "--within", "53"),
    ("scenario", "FILES/skenario.toml", "--draws", "0", "--corridors", "2"),
    ("scenario", "--list"),
    ("doctor",),
    ("doctor", "--data"),
    ("export", "services", "-o", "FILES/layanan.csv"),
    ("accounts", "list"),
    ("import", "--list"),
)


@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_answers_have_no_word_of_the_other_language(
    words: tuple[str, ...], petajaga: Run, built_home: Path, files: Path
) -> None:
    typed = [word.replace("FILES", str(files)) for word in words]
    for language in ("id", "en"):
        done = petajaga(*typed, "--lang", language, home=built_home)
        assert done.code == 0, done.err
        assert foreign_words(done.out + done.err, language) == []


@pytest.mark.parametrize("language", languages())
def test_help_has_no_word_of_the_other_language(language: str, petajaga: Run) -> None:
    for words, _ in [((), application), *commands_of(application)]:
        done = petajaga("--lang", language, *words, "--help")
        assert done.code == 0, done.err
        assert foreign_words(done.out, language) == [], words


def test_commands_of_one_name_in_two_groups_have_a_help_each(petajaga: Run) -> None:
    for group, words in (("accounts", "accounts"), ("releases", "releases")):
        assert f"List the {words}" in petajaga("--lang", "en", group, "list", "--help").out
        assert f"List the {words}." in petajaga("--lang", "en", group, "--help").out


def test_every_option_and_command_has_its_help() -> None:
    for words, command in commands_of(application):
        assert has(f"cli.help.{command.name}"), words
        assert has(f"cli.short.{command.name}"), words
        for option in command.params:
            if isinstance(option, click.Option):
                slug = max(option.opts, key=len).lstrip("-").replace("-", "_")
                keys = (f"cli.help.{command.name}.{slug}", f"cli.help.{slug}")
                assert any(map(has, keys)), (words, slug)


@pytest.mark.parametrize(
    "words",
    [
        ("nosuch",),
        ("--nosuch",),
        ("areas", "--level", "planet"),
        ("areas", "--top", "x"),
        ("areas", "a", "b"),
        ("areas", "--json", "--csv"),
        ("plan",),
        ("plan", "posts", "--budget", "x"),
        ("export", "terminals"),
        ("accounts", "add", "x"),
        ("accounts", "remove", "x"),
        ("scenario", "--save"),
        ("serve", "--port", "70000"),
        ("build", "--draws", "1"),
        ("corridors",),
        ("areas", "--lang", "fr"),
    ],
    ids=" ".join,
)
def test_errors_have_no_word_of_the_other_language(
    words: tuple[str, ...], petajaga: Run, tmp_path: Path
) -> None:
    for language in ("id", "en"):
        done = petajaga("--lang", language, *words, home=tmp_path)
        assert done.code in {1, 2}
        assert done.err.startswith("petajaga: ")
        if words[-1] != "fr":  # the last --lang counts: this error is in the default language
            assert foreign_words(done.err, language) == []


def test_the_language_of_the_environment(
    petajaga: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETAJAGA_LANG", "id")
    assert "Akun" in petajaga("accounts", "list", home=tmp_path).out
    assert "Account" in petajaga("accounts", "list", "--lang=en", home=tmp_path).out
    monkeypatch.delenv("PETAJAGA_LANG")
    assert "Akun" in petajaga("accounts", "list", home=tmp_path).out
    assert json.loads(petajaga("accounts", "list", "--json", home=tmp_path).out) == []
    assert set(COMMANDS) == set(application.list_commands(click.Context(application)))
