"""Reasons of a scenario's largest changes: the part that stands out, and nothing that is not so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.model import Build
from routes.scenarios.drivers import load_drivers
from routes.scenarios.model import ScenarioModel
from routes.scenarios.reasons import EXPLAINED, reasons_of
from routes.scenarios.request import Scenario

_PARTS = {"scenario.why_people", "scenario.why_low", "scenario.why_step"}


@pytest.mark.parametrize("seed", range(20))
def test_the_reason_is_what_makes_the_change_larger_than_usual(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = [f"53.{number:02}" for number in range(1, 13)]
    before = rng.uniform(0.2, 8.0, len(codes))
    # a step of the logarithm of the index, which is 1 + 0.9 score
    step = rng.uniform(0.02, 0.2, len(codes))
    after = ((1 + 0.9 * before) * np.exp(step) - 1) / 0.9
    people = rng.lognormal(4.0, 1.0, len(codes))
    size = pd.Series(people * (after / before - 1), codes)
    scores = pd.DataFrame({"before": before, "after": after}, codes)
    found = reasons_of(size, scores=scores, departures=pd.Series(people, codes))

    assert list(found) == list(size.sort_values(ascending=False).index[:EXPLAINED])
    for code, messages in found.items():
        at = codes.index(code)
        times = {
            "scenario.why_people": people[at] / np.median(people),
            "scenario.why_step": step[at] / np.median(step),
            "scenario.why_low": (np.log(after / before) / step)[at]
            / np.median(np.log(after / before) / step),
        }
        first, *rest = messages
        assert first.params["share"] == pytest.approx(after[at] / before[at] - 1)
        best = max(times, key=times.__getitem__)
        if times[best] < 1.2:
            assert not rest
        else:
            assert [message.code for message in rest] == [best]
            assert rest[0].params["times"] == pytest.approx(times[best])


def test_two_areas_are_not_compared_and_what_does_not_change_is_not_explained() -> None:
    size = pd.Series({"53.01": 0.2, "53.02": 0.2, "53.03": 0.0})
    stated = pd.Series({"53.01": 0.2, "53.02": 0.2})
    found = reasons_of(size, stated=stated)
    assert {code: [m.code for m in messages] for code, messages in found.items()} == {
        "53.01": ["scenario.why_stated"], "53.02": ["scenario.why_stated"],
    }  # fmt: skip
    assert reasons_of(size) == {}


def test_the_build_explains_the_regencies_it_lists_first(build: Build, dataset: Dataset) -> None:
    drivers = load_drivers(dataset, build.official_frames)
    model = ScenarioModel(build, drivers=lambda: drivers, draws=0)
    entry = {"area": "53", "indicator": "mean_years_school", "change": 1.0}
    scenario = Scenario.of(indicators=[entry])
    shares, persons = model.departures(scenario), model.evaluate(scenario).areas
    for areas, size in ((shares, "share_mean"), (persons, "change_mean")):
        found = model.reasons(scenario, areas)
        largest = areas.set_index("code")[size].abs().nlargest(EXPLAINED)
        assert list(found) == list(largest.index)
        for code, messages in found.items():
            # departures follow the index with the elasticity of the build
            share = shares.set_index("code").at[code, "share_mean"]
            index = 1.0 + messages[0].params["share"]
            assert index ** build.parameters["demand"]["elasticity"] - 1 == pytest.approx(share)
            assert {message.code for message in messages[1:]} <= _PARTS
    assert "scenario.why_people" not in {
        message.code
        for messages in model.reasons(scenario, shares).values()
        for message in messages
    }
    assert model.reasons(Scenario.of(posts=[{"terminal": "maumere"}]), persons) == {}
