"""A build keeps the imports it was made from; what is imported or undone later is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from geo.dataset import load_dataset
from geo.imports.service import import_file, propose
from geo.imports.store import changed_since_build, keep_copy, undo
from geo.paths import Home

INDICATORS = "area_code,indicator,year,value,unit,source\n53.02,poverty_rate,2024,{value},percent,x"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


def _apply(home: Home, value: float, *, end: str = "") -> str:
    file = home.root.parent / f"poverty-{value}.csv"
    file.write_text(INDICATORS.format(value=value) + end, "utf-8")
    return import_file(file, "indicators", home, by="me")[1].id


def _value(home: Home) -> float:
    rows = load_dataset(home).indicators
    return float(rows[rows["held"]]["value"].item())


def test_what_was_imported_or_undone_since_the_build_is_named(home: Home) -> None:
    first = _apply(home, 24.5)
    assert changed_since_build(home).as_dict() == {"waiting": [first], "undone": []}
    built = load_dataset(home)
    keep_copy(home.build_inputs, built.imports, built.day)
    assert changed_since_build(home).messages == []
    second = _apply(home, 25.5)
    undo(home, first, by="me")
    changes = changed_since_build(home)
    assert changes.as_dict() == {"waiting": [second], "undone": [first]}
    assert [message.in_language("en") for message in changes.messages] == [
        "1 import waits for the next build: poverty-25.5.csv",
        "1 undone import is still in the build: poverty-24.5.csv",
    ]
    assert load_dataset(home.build_inputs).digest == built.digest
    assert (_value(home.build_inputs), _value(home)) == (24.5, 25.5)


def test_an_import_of_equal_content_does_not_wait(home: Home) -> None:
    first = _apply(home, 24.5)
    keep_copy(home.build_inputs, load_dataset(home).imports, "2026-11-27")
    undo(home, first, by="me")
    assert _apply(home, 24.5, end="\n") != first
    assert changed_since_build(home).messages == []


def test_imports_are_readable_by_their_owner_alone(home: Home) -> None:
    _apply(home, 24.5)
    file = home.root.parent / "other.csv"
    file.write_text(INDICATORS.format(value=3), "utf-8")
    propose(file, "indicators", home, file="other.csv", by="ani")
    keep_copy(home.build_inputs, load_dataset(home).imports, "2026-11-27")
    kept = [path for root in (home, home.build_inputs) for path in root.imports.rglob("*")]
    assert len(kept) > 8
    for path in (home.imports, home.build_inputs.imports, *kept):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
