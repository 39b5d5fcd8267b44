"""What a file that travels says of itself, and that its mark leads back to who took it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from geo.errors import InputError
from geo.paths import Home
from layers.exports.export import EXPORT_EXTENSIONS
from layers.release.marking import VALID_DAYS, Marking, marking, marks_in
from layers.release.release import Release
from tests.layers.conftest import LANDING_WORD

Run = Callable[..., Any]


@pytest.fixture
def travelling_home(released_home: Home, tmp_path: Path) -> Path:
    """A home of its own with the small release, for commands that write its audit."""
    return shutil.copytree(released_home.root, tmp_path / "home")


def test_the_mark_is_of_release_tier_account_and_day(release: Release, released_home: Home) -> None:
    taken = [
        marking(release, tier, home=released_home, account=account).code
        for tier in ("partner", "police")
        for account in ("operator", "polisi")
    ]
    assert len(set(taken)) == len(taken)
    assert all(re.fullmatch("pjm-[a-z2-7]{12}", code) for code in taken)
    assert marking(release, "police", home=released_home, account="polisi").code == taken[-1]


def test_another_key_makes_another_mark(
    release: Release, released_home: Home, tmp_path: Path
) -> None:
    here, elsewhere = (
        marking(release, "police", home=home, account="polisi").code
        for home in (released_home, Home(tmp_path))
    )
    assert here != elsewhere


def test_a_public_file_is_the_same_for_all_and_asks_for_no_key(
    release: Release, tmp_path: Path
) -> None:
    heading = marking(release, "public", home=Home(tmp_path / "none"), account="polisi")
    assert heading == replace(Marking.of(release, "public"), day=heading.day)
    assert heading.code == ""
    assert list(tmp_path.glob("posts*")) == []


@pytest.mark.parametrize(
    "words",
    [*((("export", "areas"), end) for end in EXPORT_EXTENSIONS), (("map",), ".html")],
    ids=lambda word: word if isinstance(word, str) else word[0],
)
def test_a_restricted_file_leads_back_to_its_request(
    words: tuple[tuple[str, ...], str], petajaga: Run, travelling_home: Path, tmp_path: Path
) -> None:
    command, ending = words
    file = tmp_path / f"taken{ending}"
    done = petajaga(*command, "-o", str(file), "--tier", "police", home=travelling_home)
    assert done.code == 0, done.err
    done = petajaga("audit", "mark", str(file), "--json", home=travelling_home)
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)
    assert row["account"] == "operator"
    assert row["request"] == f"police {' '.join(command)} {file.name}"


def test_a_partners_province_is_a_code_or_a_name_of_one(
    petajaga: Run, travelling_home: Path, tmp_path: Path
) -> None:
    written = []
    for province in ("53", "NTT"):
        file = tmp_path / f"{province}.geojson"
        words = ("--tier", "partner", "--province", province)
        done = petajaga("export", "settlements", "-o", str(file), *words, home=travelling_home)
        assert done.code == 0, done.err
        rows = json.loads(file.read_text("utf-8"))["features"]
        written.append({row["properties"]["province_code"] for row in rows})
    assert written == [{"53"}, {"53"}]
    for province in ("abc", "53.01", ""):
        words = ("--tier", "partner", "--province", province)
        target = "postgresql://gis@127.0.0.1:1/peta"
        done = petajaga("export", "all", "-o", target, *words, home=travelling_home)
        assert (done.code, done.err.count("\n")) == (2, 1), done.err
        assert "give a code such as 53, or a name" in done.err


@pytest.mark.parametrize("command", [("export", "areas"), ("map",)])
def test_files_are_public_unless_a_tier_is_chosen(
    command: tuple[str, ...], petajaga: Run, travelling_home: Path, tmp_path: Path
) -> None:
    ending = ".html" if command == ("map",) else ".geojson"
    file = tmp_path / f"file{ending}"
    assert petajaga(*command, "-o", str(file), home=travelling_home).code == 0
    text = file.read_text("utf-8")
    assert "PUBLIK" in text
    assert "TERBATAS" not in text
    assert LANDING_WORD not in text
    done = petajaga("audit", "mark", str(file), home=travelling_home)
    assert done.code == 2
    assert "no mark" in done.err


def test_a_mark_of_another_installation_is_not_resolved(
    petajaga: Run, travelling_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "note.txt"
    file.write_text("found beside a copy: pjm-aaaabbbbcccc")
    done = petajaga("audit", "mark", str(file), home=travelling_home)
    assert done.code == 2
    assert "pjm-aaaabbbbcccc" in done.err
    assert "\n" not in done.err.strip()


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "half.xlsx"
    broken.write_bytes(b"PK\x05\x06" + bytes(18))
    assert marks_in(broken) == []
    with pytest.raises(InputError, match=r"none\.xlsx"):
        marks_in(tmp_path / "none.xlsx")


def test_without_an_audit_nothing_is_written(
    petajaga: Run, travelling_home: Path, tmp_path: Path
) -> None:
    (travelling_home / "register.sqlite").mkdir()
    file = tmp_path / "areas.geojson"
    done = petajaga("export", "areas", "-o", str(file), "--tier", "police", home=travelling_home)
    assert done.code == 1
    assert "\n" not in done.err.strip()
    assert not file.exists()
    assert petajaga("export", "areas", "-o", str(file), home=travelling_home).code == 0


def test_an_encrypted_file_opens_with_its_key_alone_and_says_until_when(
    petajaga: Run, travelling_home: Path, tmp_path: Path
) -> None:
    mine, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    file = tmp_path / "posts.geojson"
    words = ("export", "posts", "--tier", "police", "-o", str(file))
    done = petajaga(*words, "--encrypt-to", str(mine.to_public()), home=travelling_home)
    assert done.code == 0, done.err
    (sealed,) = tmp_path.glob("posts*")
    assert sealed.name == "posts.geojson.age"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.read_bytes(), [other])
    opened = json.loads(pyrage.decrypt(sealed.read_bytes(), [mine]))
    made, until = (date.fromisoformat(opened[name]) for name in ("date", "valid_until"))
    assert until - made == timedelta(days=VALID_DAYS)
    assert Marking(tier="police", release="x", day=str(made)).text("en").endswith(str(until))
    assert "until" not in Marking(tier="public", release="x", day=str(made)).text("en")
    sealed.unlink()
    for key in ("age1nothing", "AGE-SECRET-KEY-1"):
        done = petajaga(*words, "--encrypt-to", key, home=travelling_home)
        assert done.code == 2
        assert "age1" in done.err
    assert list(tmp_path.glob("posts*")) == []
