"""The checks against reported events: what they promise, and that they do not peek."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.model import Build
from routes.validation.backtest import (
    SHIFTS,
    Candidate,
    candidate_loads,
    interceptions,
    leave_one_out,
    named_before_others,
    rank_agreement,
    shift_table,
    yearly_totals,
)


@pytest.fixture(scope="module")
def loads(build: Build) -> pd.DataFrame:
    some = [Candidate(0.1, papers, 0.0) for papers in (0.0, 10.0, 20.0)]
    return candidate_loads(build, origin="53", candidates=some)


def test_a_place_left_out_still_ranks_high(loads: pd.DataFrame, dataset: Dataset) -> None:
    places = leave_one_out(loads, interceptions(dataset.counts, origin="53"), by="place")
    assert places["percentile"].mean() > 0.75


def test_what_is_left_out_is_not_used(loads: pd.DataFrame, dataset: Dataset) -> None:
    stopped = interceptions(dataset.counts, origin="53")
    year = stopped.columns[-4]
    other = stopped.copy()
    other[year] = np.random.default_rng(1).permutation(other[year].to_numpy()) * 7
    first = leave_one_out(loads, stopped, by="year").set_index("year").loc[year, "candidate"]
    second = leave_one_out(loads, other, by="year").set_index("year").loc[year, "candidate"]
    assert first == second


def test_agreement_of_a_known_order() -> None:
    load = pd.Series([5.0, 4.0, 3.0, 2.0, 1.0], index=list("abcde"))
    perfect = rank_agreement(load, pd.Series({"a": 30.0, "b": 20.0, "c": 10.0}))
    assert perfect == {"spearman": pytest.approx(1.0), "top_fifth": 0.5, "terminals": 3.0}
    assert rank_agreement(load, pd.Series({"a": 1.0, "b": 2.0, "c": 3.0}))["spearman"] == -1.0


@pytest.mark.parametrize("shift", SHIFTS, ids=lambda shift: shift.name)
def test_flow_goes_around_posts_to_the_places_named(build: Build, shift: object) -> None:
    table = shift_table(build, shift)  # type: ignore[arg-type]
    assert table["named"].any()
    assert (table.loc[table["named"], "around"] >= 0).all()
    assert named_before_others(table)["around"] > 0.65


def test_yearly_totals_hold_each_year_out(dataset: Dataset) -> None:
    totals = yearly_totals(dataset.counts, area="53", measure="prevented").set_index("year")
    rest = [443, 662, 684]
    assert totals.loc[2018, "reported"] == 1379
    assert totals.loc[2018, "expected"] == pytest.approx(np.mean(rest))
    assert totals.loc[2018, "p05"] < np.mean(rest) < totals.loc[2018, "p95"]
