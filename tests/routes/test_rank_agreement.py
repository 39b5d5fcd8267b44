"""Baselines beside the model, the record beside itself, and the section on the likelihood."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.model import Build
from routes.validation.backtest import interceptions, origin_demand, rank_agreement
from routes.validation.count_fit import reported_counts
from routes.validation.fit_report import chart, likelihood_section
from routes.validation.rank_agreement import (
    baseline_loads,
    held_out_baselines,
    split_half,
)


def test_the_model_ranks_terminals_better_than_the_baselines(
    build: Build, dataset: Dataset
) -> None:
    """People of NTT and of all origins: model, all or nothing, gravity, top flow.

    With 19 places where people of NTT were stopped a rank correlation has a standard error of 0.2,
    so that only a clear lag says something. Since the line by Tolitoli, which no newer page has,
    is withdrawn, its people pass Parepare, where few are stopped because few look: for NTT the
    model has 0.64 (was 0.70), gravity 0.66.
    """
    for origin in ("53", None):
        people = interceptions(dataset.counts, origin=origin).sum(axis=1)
        simple = baseline_loads(build, dataset, origin=origin)
        model = build.flow_model()
        demand = origin_demand(build, origin)
        load = type(model)(theta=model.theta).fit_network(build.network, demand).load_array
        mine = pd.Series(load, index=list(build.network.nodes)).reindex(simple.index)
        scores = {name: rank_agreement(s, people)["spearman"] for name, s in simple.items()}
        ours = rank_agreement(mine, people)["spearman"]
        print(
            f"{origin}: model {ours:.2f}, " + ", ".join(f"{k} {v:.2f}" for k, v in scores.items())
        )
        assert ours > max(scores.values()) - 0.05


def test_held_out_years_do_not_see_themselves() -> None:
    years = pd.DataFrame(
        {2020: [9.0, 5.0, 2.0, 1.0], 2021: [1.0, 2.0, 3.0, 4.0]}, index=list("abcd")
    )
    loads = pd.DataFrame({"gravity": [4.0, 3.0, 2.0, 1.0]}, index=list("abcd"))
    found = held_out_baselines(loads, years).set_index("year")
    assert found.loc[2020, "gravity"] == pytest.approx(1.0)
    assert found.loc[2021, "gravity"] == pytest.approx(-1.0)
    # 2020 is ranked by 2021, which runs the other way.
    assert found.loc[2020, "other_years"] == pytest.approx(-1.0)


def test_split_half_tells_order_from_noise() -> None:
    rng = np.random.default_rng(2)
    steady = pd.DataFrame(np.outer(np.arange(1, 13), np.ones(8)))
    noise = pd.DataFrame(rng.permuted(np.tile(np.arange(1.0, 13.0), (8, 1)), axis=1).T)
    assert split_half(steady, rng=rng, splits=40) == pytest.approx(1.0)
    assert abs(split_half(noise, rng=rng, splits=200)) < 0.4
    assert np.isnan(split_half(steady.iloc[:3], rng=rng, splits=10))


@pytest.mark.long
def test_the_section_on_the_likelihood_names_what_is_not_identified(
    build: Build, dataset: Dataset
) -> None:
    ours = reported_counts(build, dataset, origin="53")
    known = ours.with_effort(0.3)
    pair, other = (ours, ours.fit()), (known, known.fit())
    fits = {
        "all origins": pair,
        "all origins, if effort had been recorded (0.3)": other,
        "all origins, posts deter by 36 h (assumed)": pair,
        "people of NTT": pair,
        "people of NTT, if effort had been recorded (0.3)": other,
    }
    page = likelihood_section(build, fits, image="images/likelihood.svg")
    widening = float(page.partition("of theta ")[2].partition(" times")[0])
    assert widening >= 1.0
    for words in ("only their product", "stays at 0.10", "effort (mean)", "level x detection"):
        assert words in page
    # What is detected where is for the police desk.
    assert not any(f"{terminal} |" in page for terminal in ours.terminals)
    words = [element.text for element in ElementTree.fromstring(chart(fits)).findall(".//{*}text")]
    assert {"prior", "all origins", "NTT", "other free", "other held"} <= set(words)
    assert chart(fits) == chart(fits)
