"""Information gain: known values, what it punishes, and the model against simpler rankings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build import load_build
from routes.observation.record import terminal_places
from routes.validation.information_gain import gain_table, information_gain
from routes.validation.stops import loads_below_stops, stops_and_loads

YEARS = np.array([2015.0, 2016, 2017, 2018, 2022, 2023, 2024, 2025])


def test_a_sharp_true_ranking_gains_nearly_the_logarithm_of_the_places() -> None:
    values = np.zeros(50)
    values[7] = 100.0
    gain = information_gain(values, np.full(8, 7), YEARS)
    assert np.log(50) - 0.1 < gain["in sample"] < np.log(50)
    assert np.log(50) - 0.1 < gain["forward"] < np.log(50)


def test_a_ranking_that_knows_nothing_gains_nothing() -> None:
    rng = np.random.default_rng(2)
    events = rng.integers(0, 100, 200)
    years = rng.integers(2010, 2026, 200).astype(float)
    gain = information_gain(rng.gamma(0.5, 1.0, 100), events, years)
    assert gain["by place"] < 0.1
    assert gain["forward"] < 0.1


def test_places_are_no_wider_than_they_may_be(dataset: Dataset) -> None:
    terminals = dataset.terminals[dataset.terminals["country"] == "ID"]
    places = terminal_places(terminals)
    assert places["tenau"] == places["el-tari"]
    assert places["batam-centre"] != places["sri-bintan-pura"]
    spread = terminals.set_index("id")[["lat", "lon"]].groupby(places).agg(np.ptp)
    assert spread.max().max() < 35.0 / 110.0


@pytest.mark.slow
def test_the_model_says_more_than_connections_and_gravity(
    built_home: Path, dataset: Dataset
) -> None:
    table = gain_table(load_build(built_home), dataset).set_index(["people", "ranked by"])
    for people in ("NTT", "all"):
        for simpler in ("connections", "gravity", "departures"):
            for way in ("by place", "forward"):
                model = table.loc[(people, "model, observed, refitted"), way]
                assert model > table.loc[(people, simpler), way], (people, simpler, way)


@pytest.mark.slow
def test_nobody_is_stopped_where_nobody_passes(built_home: Path, dataset: Dataset) -> None:
    """The upper bound of the load is at least the stops, at each terminal and in each year."""
    build = load_build(built_home)
    table = stops_and_loads(build, dataset.counts)
    assert len(table) > 100
    assert loads_below_stops(build, dataset.counts).empty
    impossible = pd.DataFrame(
        {"terminal_id": ["tenau"], "year": [2018.0], "measure": ["prevented"], "value": [1e9]}
    )
    assert len(loads_below_stops(build, impossible)) == 1


@pytest.mark.slow
def test_rates_of_interception_hold_where_they_were_not_fitted(
    built_home: Path, dataset: Dataset
) -> None:
    """They add to what the persons who pass say, also without the places and years tested."""
    table = gain_table(load_build(built_home), dataset).set_index(["people", "ranked by"])
    for people in ("NTT", "all"):
        persons, refitted, connections = (
            table.loc[(people, name)]
            for name in ("model, persons", "model, observed, refitted", "connections")
        )
        assert refitted["by place"] > max(persons["by place"], connections["by place"])
        assert refitted["forward"] > connections["forward"]
