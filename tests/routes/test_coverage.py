"""Nine in ten intervals hold what they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.model import Build
from routes.demand.streams import read_streams
from routes.inputs.protected_inputs import protected_inputs
from routes.validation.coverage import _scatter, event_coverage, simulated_coverage
from routes.validation.outcomes import outcome_gain

pytestmark = pytest.mark.slow


def test_departures_drawn_lie_in_their_intervals(dataset: Dataset) -> None:
    """Twelve rounds; a hundred are in docs/VALIDATION.md."""
    streams = read_streams(protected_inputs(dataset, bytes(32)))
    table = simulated_coverage(streams, rounds=12).set_index("of")
    assert table["intervals"].to_dict() == {
        "nation": 12, "provinces": 12 * 38, "regencies of NTT": 12 * 22,
    }  # fmt: skip
    for of in ("provinces", "regencies of NTT"):
        assert 0.85 <= table.loc[of, "inside"] <= 0.97, of
    assert (table["ratio"] > 2).all()


def test_intervals_that_are_too_narrow_are_noticed(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same check on a fit that is a third as uncertain as it should be."""
    import routes.demand.province_fit as province_fit

    streams = read_streams(protected_inputs(dataset, bytes(32)))
    honest = province_fit.laplace_draws

    def overconfident(*arguments: object) -> np.ndarray:
        draws = honest(*arguments)  # type: ignore[arg-type]
        return draws[0] + (draws - draws[0]) / 3

    monkeypatch.setattr(province_fit, "laplace_draws", overconfident)
    table = simulated_coverage(streams, rounds=4).set_index("of")
    assert table.loc["provinces", "inside"] < 0.7


def test_events_at_places_left_out_lie_in_their_intervals(build: Build, dataset: Dataset) -> None:
    table = event_coverage(build, dataset)
    watched = table[table["places"] != "all"].iloc[0]
    assert watched["number"] >= 20
    assert watched["with scatter"] >= 0.85


def test_the_scatter_between_places_comes_back() -> None:
    rng = np.random.default_rng(4)
    mean = rng.uniform(1.0, 30.0, 400)
    seen = rng.poisson(mean * np.exp(0.8 * rng.standard_normal(400)))
    assert _scatter(seen.astype(float), mean) == pytest.approx(0.8, abs=0.11)
    assert _scatter(rng.poisson(mean).astype(float), mean) <= 0.2
    assert pd.notna(_scatter(np.zeros(400), mean))


def test_deaths_and_returns_left_out_are_foretold_better_than_by_people_or_by_stops(
    dataset: Dataset,
) -> None:
    streams = read_streams(protected_inputs(dataset, bytes(32)))
    table = outcome_gain(streams, province="53").set_index("outcome")
    assert set(table.index) == {"died_abroad", "returned_by_home_regency"}
    assert (table["gain"] > 0.15).all()
    assert (table["gain"] > table["stops alone"]).all()
