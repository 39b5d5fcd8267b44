"""A month of a task force, played through as the guide tells it, in both languages."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guide import Command, follow, parts

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_month_goes_as_it_is_told(built_home: Path, tmp_path: Path, language: str) -> None:
    home = shutil.copytree(built_home, tmp_path / "home")
    folder = tmp_path / "desk"
    folder.mkdir()
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PETAJAGA_HOME": str(home),
        "PETAJAGA_LANG": language,
    }  # fmt: skip

    def run(words: list[str]) -> str:
        if words[0] != "petajaga":
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
            return done.stdout
        command, _, target = shlex.join(words[1:]).partition(" '>' ")
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *shlex.split(command)],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        if target:
            (folder / target).write_text(done.stdout, "utf-8")
            return done.stderr
        return done.stdout + done.stderr

    guide = (ROOT / "docs" / f"month-guide.{language}.md").read_text("utf-8")
    assert follow(guide, folder, run) == []
    for name in ("kartu-rujukan.pdf", "rencana-kerja.xlsx", "ringkasan.pdf"):
        assert (folder / name).stat().st_size > 4_000


def test_both_languages_tell_the_same_month() -> None:
    told = [
        [part.words for part in parts((ROOT / "docs" / f"month-guide.{of}.md").read_text("utf-8"))
         if isinstance(part, Command)]
        for of in ("en", "id")
    ]  # fmt: skip
    assert told[0] == told[1]
    assert len(told[0]) > 10
