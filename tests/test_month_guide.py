"""A month of a task force, played through as the guide tells it, in both languages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.guide import ROOT, Command, follow, parts, runner

pytestmark = pytest.mark.long


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_month_goes_as_it_is_told(built_home: Path, tmp_path: Path, language: str) -> None:
    home = shutil.copytree(built_home, tmp_path / "home")
    folder = tmp_path / "desk"
    folder.mkdir()
    guide = (ROOT / "docs" / f"month-guide.{language}.md").read_text("utf-8")
    assert follow(guide, folder, runner(folder, home, language)) == []
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
