"""A guide read as what it is: files to write, and commands with what they print.

A file is a fenced block after a line that ends in its name, as in ``Save as `angka.csv`:``. A block
``console`` holds commands after ``$``, each with lines of its output, in their order; ``...``
stands for lines left out, ``[...]`` for a part of a line that differs each day. A refusal
(``petajaga: ...``) is one that the guide shows. Ids that are drawn anew are taken over into the
later commands.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Command", "follow", "parts", "runner"]

ROOT = Path(__file__).resolve().parents[1]

_BLOCK = re.compile(
    r"(?P<before>[^\n]*)\n+```(?P<kind>\w+)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE
)
_REFUSED, _PART = "petajaga: ", "[...]"
_FILE = re.compile(r"`([\w.-]+)`:$")
_DRAWN = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{16}(?![\w-])")
_HASH = re.compile(r"\b[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Command:
    """A command, and lines of what it prints."""

    words: list[str]
    lines: list[str]


def parts(text: str) -> Iterator[tuple[str, str] | Command]:
    """Files, as name and content, and commands, in the order of the guide."""
    for block in _BLOCK.finditer(text):
        name = _FILE.search(block["before"].strip())
        if block["kind"] != "console":
            if name:
                yield name[1], block["body"]
            continue
        for command in block["body"].split("$ ")[1:]:
            line, *said = command.rstrip("\n").split("\n")
            yield Command(shlex.split(line), [line for line in said if line.strip()])


def runner(folder: Path, home: Path, language: str) -> Callable[[list[str]], str]:
    """Run commands in ``folder``, with this home where the words name none; after ``>`` stands the
    file that has what is printed.
    """
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PETAJAGA_HOME": str(home),
        "PETAJAGA_LANG": language,
    }  # fmt: skip

    def run(words: list[str]) -> str:
        *words, target = (*words[:-2], words[-1]) if ">" in words else (*words, "")
        own = words[0] == "petajaga"
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *words[1:]] if own else words,
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        # The doctor also minds what is no business of a guide, such as a taken port.
        allowed = done.stderr.startswith(_REFUSED) or words[1] == "doctor"
        assert done.returncode == 0 or allowed, f"{words}\n{done.stdout}{done.stderr}"
        if not target:
            return done.stdout + done.stderr
        (folder / target).write_text(done.stdout, "utf-8")
        return done.stderr

    return run


def follow(text: str, folder: Path, run: Callable[[list[str]], str]) -> list[str]:
    """Do what a guide says in ``folder``; what it shows and ``run`` did not print, in words."""
    wrong: list[str] = []
    drawn: dict[str, str] = {}
    for part in parts(text):
        if not isinstance(part, Command):
            (folder / part[0]).write_text(part[1], "utf-8")
            continue
        words = [drawn.get(word, word) for word in part.words]
        printed = run(words).split("\n")
        there = [_plain(line) for line in printed]
        refused = [line for line in printed if line.startswith(_REFUSED)]
        if refused and not any(line.startswith(_REFUSED) for line in part.lines):
            wrong.append(f"$ {shlex.join(words)}: refused: {refused[0]}")
        at = 0
        for line in part.lines:
            if line == "...":
                continue
            found = next((n for n in range(at, len(there)) if _is_like(line, there[n])), None)
            if found is None:
                wrong.append(f"$ {shlex.join(words)}: not printed: {line}\n" + "\n".join(printed))
                break
            at = found + 1
            if _PART not in line:
                pairs = zip(_DRAWN.findall(line), _DRAWN.findall(printed[at - 1]), strict=True)
                drawn |= dict(pairs)
    return wrong


def _is_like(shown: str, printed: str) -> bool:
    return re.fullmatch(".+".join(map(re.escape, _plain(shown).split(_PART))), printed) is not None


def _plain(line: str) -> str:
    """A line without what differs each time: ids, hashes, and how wide columns are."""
    return " ".join(_HASH.sub("#", _DRAWN.sub("#", line)).split())
