"""Random rounding: unbiased, repeatable, additive; the secret is made once."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import EnvironmentProblem, InputError, StateError
from geo.paths import Home
from layers.counts import protected_counts
from layers.protect import BASE, KEY_FILE, protect_cells, protect_count, release_secret

KEY = bytes(range(32))


@given(st.integers(0, 10**6), st.text(max_size=8), st.integers(1990, 2050), st.binary(min_size=32))
def test_rounds_to_a_neighbouring_multiple_and_always_the_same(
    value: int, place: str, year: int, secret: bytes
) -> None:
    first = protect_count(value, place=place, year=year, measure="cases", secret=secret)
    assert first % BASE == 0
    assert abs(first - value) < BASE
    assert first == protect_count(value, place=place, year=year, measure="cases", secret=secret)
    if value % BASE == 0:
        assert first == value


@pytest.mark.parametrize("value", [1, 2, 3, 4, 13, 41])
def test_unbiased_over_cells(value: int) -> None:
    places = 20_000
    rounded = [
        protect_count(value, place=f"p{n}", year=2018, measure="cases", secret=KEY)
        for n in range(places)
    ]
    share = (value % BASE) / BASE
    error = BASE * np.sqrt(share * (1 - share) / places)
    assert abs(np.mean(rounded) - value) < 4 * error


def test_a_growing_count_never_falls() -> None:
    for place in map(str, range(50)):
        rounded = [
            protect_count(v, place=place, year=2018, measure="cases", secret=KEY) for v in range(40)
        ]
        assert rounded == sorted(rounded)


def test_place_year_and_measure_all_matter() -> None:
    draws = {
        (place, year, measure): protect_count(
            2, place=place, year=year, measure=measure, secret=KEY
        )
        for place in "abcdefgh"
        for year in range(2000, 2010)
        for measure in ("cases", "deaths")
    }
    assert protect_cells(dict.fromkeys(draws, 2), secret=KEY) == draws
    assert set(draws.values()) == {0, 5}


def test_negative_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        protect_count(-1, place="a", year=2018, measure="cases", secret=KEY)


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    first = release_secret(home)
    path = home.root / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) == 32
    assert release_secret(home) == first
    assert list(home.root.iterdir()) == [path]
    assert release_secret(Home.resolve(tmp_path / "other")) != first


def test_damaged_or_shared_secret_is_refused_not_replaced(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    release_secret(home)
    path = home.root / KEY_FILE
    path.chmod(0o644)
    with pytest.raises(EnvironmentProblem, match="chmod 600"):
        release_secret(home)
    path.chmod(0o600)
    path.write_text("")
    with pytest.raises(StateError, match="backup"):
        release_secret(home)
    assert path.read_text() == ""


def _counts(rows: list[tuple[str, int, str, str, float]]) -> pd.DataFrame:
    columns = ["place_code", "year", "measure", "kind", "value"]
    return pd.DataFrame(rows, columns=columns).assign(unit="persons", terminal_id="t")


def _areas() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"code": c, "name": f"n{c}", "lat": -9.0, "lon": 124.0} for c in ("53", "53.01", "53.04")
    ]
    return pd.DataFrame(rows)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 500)), min_size=1, max_size=12))
def test_totals_are_sums_of_rounded_cells(parts: list[tuple[int, int]]) -> None:
    raw = _counts([(f"53.0{n}", 2018, "cases", "event", v) for n, v in parts])
    out = protected_counts(raw, _areas(), secret=KEY)
    regencies = out[out["level"] == "regency"]
    (total,) = out.loc[out["level"] == "province", "value"]
    assert total == regencies["value"].sum()
    assert set(regencies["area_code"]) == {f"53.0{n}" for n, _ in parts}


def test_an_overlapping_total_is_used_only_without_parts() -> None:
    raw = _counts(
        [
            ("53.01", 2018, "interceptions", "event", 10),
            ("53", 2018, "interceptions", "total", 1379),
            ("53", 2017, "interceptions", "total", 660),
            ("53.04", 2016, "interceptions", "total", 20),
            ("53", 2016, "interceptions", "total", 443),
            ("", 2016, "interceptions", "total", 9999),
            ("53.01", 2018, "never decided", "event", 5),
            ("53.01.07.2001", 2015, "cases", "event", 5),
        ]
    )
    out = protected_counts(raw, _areas(), secret=KEY).set_index(["area_code", "year"])["value"]
    assert out.to_dict() == {
        ("53.01", 2018): 10, ("53", 2018): 10, ("53", 2017): 660, ("53.04", 2016): 20,
        ("53", 2016): 20, ("53.01", 2015): 5, ("53", 2015): 5,
    }  # fmt: skip
