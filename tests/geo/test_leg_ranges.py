"""Assumed hours and frequencies have a range; a leg that contradicts itself is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.leg_ranges import leg_faults, with_ranges

LEG = {
    "id": "S900", "mode": "small_boat", "line": "", "note": "", "hours": 2.0,
    "hours_basis": "modelled", "departures_per_week": 3.0, "departures_basis": "assumed",
    "as_of": "2024-03",
}  # fmt: skip
NEWEST = {**LEG, "id": "S901", "as_of": "2026"}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset(tmp_path_factory.mktemp("nothing-imported"))


def ranged(**change: object) -> pd.DataFrame:
    return with_ranges(pd.DataFrame([{**LEG, **change}, NEWEST]))


def faults(legs: pd.DataFrame) -> list[tuple[str, str]]:
    return [(fault.code, str(fault.params["id"])) for fault in leg_faults(legs)]


def test_every_assumed_value_of_the_embedded_legs_has_a_range(dataset: Dataset) -> None:
    assert faults(dataset.legs) == []
    legs = dataset.legs.set_index("id")
    assumed = legs["departures_basis"] == "assumed"
    assert assumed.sum() > 300
    assert legs.loc[assumed, "departures_per_week_low"].notna().all()
    assert legs.loc[~assumed, "departures_per_week_low"].isna().all()
    boats = legs[(legs["mode"] == "small_boat") & assumed]
    spans = boats["departures_per_week_high"] / boats["departures_per_week_low"]
    crossings = spans.index.str.match("S20[567]")  # all day long, both ways, by two sources
    np.testing.assert_allclose(spans, np.where(crossings, 5.0, 25.0))
    roro = legs.loc["S190", ["hours_low", "hours", "hours_high"]].tolist()
    assert roro == [1.0, 1.25, 1.5], "a span that the page states is kept"
    assert np.isnan(legs.loc["S048", "hours_low"]), "three hours by a page of 2026"


def test_tolitoli_is_on_no_line(dataset: Dataset) -> None:
    """A page of 2011 carried a fifth of NTT's people; no stop on record ever named the place."""
    assert not dataset.terminals["id"].eq("tolitoli").any()
    assert not dataset.counts["terminal_id"].eq("tolitoli").any()


def test_an_old_page_makes_hours_uncertain() -> None:
    assert ranged(hours_basis="stated").loc[0, ["hours_low", "hours_high"]].isna().all()
    old = ranged(hours_basis="stated", as_of="2015")
    assert old.loc[0, ["hours_low", "hours_high"]].tolist() == [1.0, 3.0]


def test_unknown_frequency_has_the_range_of_its_mode() -> None:
    legs = ranged(departures_per_week=float("nan"))
    span = legs.loc[0, ["departures_per_week_low", "departures_per_week_high"]]
    assert span.tolist() == pytest.approx([1.4, 35.0])


def test_an_assumed_value_without_a_range_is_found() -> None:
    assert faults(ranged()) == []
    assert faults(ranged().assign(hours_low=[np.nan, 1.0])) == [("data_fault.range", "S900")]
    outside = ranged(hours_basis="stated", hours_low=3.0, hours_high=4.0)
    assert faults(outside) == [("data_fault.range", "S900")]


def test_a_stated_value_of_an_old_page_is_found() -> None:
    old = {"as_of": "2015-06", "departures_basis": "stated"}
    assert faults(ranged(**old)) == [("data_fault.old_page", "S900")]
    assert faults(ranged(**{**old, "as_of": "2016"})) == []
    unranged = ranged(as_of="2011", hours_basis="computed").assign(hours_low=[np.nan, 1.0])
    assert ("data_fault.old_page", "S900") in faults(unranged)


@pytest.mark.parametrize(
    ("line", "weekly", "found"),
    [
        ("KM Kelud; KM Tidar", 0.87, False),
        ("KM Kelud; KM Tidar; KM Umsini", 0.87, True),
        ("KM Kelud", 0.87, True),
        ("KM Kelud; KM Tidar", 1.37, True),
        ("Kijang - Priok", 0.87, False),
    ],
)
def test_a_list_of_ships_that_contradicts_its_note_is_found(
    line: str, weekly: float, found: bool
) -> None:
    legs = ranged(
        line=line, departures_per_week=weekly, note="other pages; sum of Kelud 0.5, Tidar 0.37"
    )
    assert faults(legs) == ([("data_fault.ships", "S900")] if found else [])


def test_an_import_may_state_its_own_span(petajaga: Callable[..., Any], tmp_path: Path) -> None:
    header = "from_id,to_id,mode,hours,hours_low,hours_high,departures_per_week,source\n"
    file, home = tmp_path / "own.csv", tmp_path / "home"
    file.write_text(header + "tenau,larantuka,ferry,12,11,14,,Dishub\n", "utf-8")
    assert petajaga("import", "legs", str(file), "--apply", home=home).code == 0
    legs = load_dataset(home).legs.set_index("id")
    leg = legs.loc["I-tenau-larantuka-ferry"]
    assert (leg["hours_low"], leg["hours_high"]) == (11.0, 14.0)
    assert (leg["departures_per_week_low"], leg["departures_per_week_high"]) == (1.0, 9.0)
    file.write_text(header + "tenau,larantuka,ferry,12,13,14,,Dishub\n", "utf-8")
    refused = petajaga("import", "legs", str(file), "--lang", "en", home=home)
    assert "must hold its value" in refused.out + refused.err
