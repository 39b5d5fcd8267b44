"""The table of modes is complete: what the tables of legs use, and what people read."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from geo.dataset import length_method
from geo.errors import InputError
from geo.i18n import languages, messages
from geo.imports.kinds import kind_named
from geo.modes import MODES, mode_of, mode_values
from geo.paths import DATA
from layers.palette import LEG_COLOURS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("table", ["legs_sea.csv", "legs_air_land.csv", "destination_access.csv"])
def test_every_leg_goes_by_a_mode_of_the_table(table: str) -> None:
    with (DATA / table).open(encoding="utf-8", newline="") as stream:
        modes = {row["mode"] for row in csv.DictReader(stream)}
    assert modes <= set(MODES)


def test_every_mode_has_a_title_in_every_language() -> None:
    for language in languages():
        titles = {key.removeprefix("mode.") for key in messages(language, "mode.")}
        assert titles == set(MODES), language


def test_every_medium_has_a_line_on_the_map() -> None:
    assert set(LEG_COLOURS) == {mode.medium for mode in MODES.values()}


def test_imports_offer_every_mode() -> None:
    assert kind_named("legs").column("mode").choices == tuple(MODES)


def test_no_other_file_lists_modes_or_their_numbers() -> None:
    listing = re.compile(r"\bpassenger_ship\W+(\d|Mode|ferry|fast_boat|small_boat)")
    sources = [
        path
        for room in ("geo", "routes", "layers", "api")
        for suffix in ("py", "js")
        for path in (ROOT / room).rglob(f"*.{suffix}")
        if "vendor" not in path.parts
    ]
    copies = {str(path.relative_to(ROOT)) for path in sources if listing.search(path.read_text())}
    assert copies == {"geo/modes.py"}


@pytest.mark.parametrize("slug", list(MODES))
def test_the_numbers_of_a_mode_are_possible(slug: str) -> None:
    mode = MODES[slug]
    assert 0 < mode.speed_kmh <= mode.fastest_kmh
    assert mode.detour >= 1
    assert mode.departures_per_week > 0
    assert min(mode.boarding_h, mode.fare_idr_km, mode.papers_h, mode.border_h) >= 0
    assert length_method(slug) in {"water", "geodesic", "road"}


def test_an_unknown_mode_is_named_with_the_modes_there_are() -> None:
    with pytest.raises(InputError, match=r"balloon.*passenger_ship") as refused:
        mode_values(["ferry", "balloon"], "speed_kmh")
    assert (refused.value.code, refused.value.field) == ("modes.unknown_mode", "mode")
    with pytest.raises(InputError, match="balloon"):
        mode_of("balloon")


def test_no_legs_have_no_values() -> None:
    assert np.array_equal(mode_values([], "speed_kmh"), np.empty(0))
