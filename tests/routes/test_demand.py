"""Departures: the facts they are scaled to, shrinkage, sums, intervals, no record used twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import DataFileError, ModelError
from routes.demand.model import (
    DemandParameters,
    DepartureTotal,
    allocate_population,
    calibrate_departures,
    expected_departures,
)
from routes.inputs.shrinkage import fit_shape

SURE = DepartureTotal(1000.0, 0.0, 0.0, 0.0)


def _origins() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "node": list("abcdef"),
            "population": [100.0, 300.0, 200.0, 200.0, 400.0, np.nan],
            "regency_code": ["53.01", "53.01", "53.02", "53.03", "35.01", "35.02"],
            "province_code": ["53", "53", "53", "53", "35", "35"],
        }
    )


def _departures(records: dict[str, float], **other: object) -> pd.Series:
    given: dict[str, object] = {
        "total": SURE, "regency_records": pd.Series(records, dtype=float),
        "province_records": pd.Series({"53": 0.0, "35": 0.0}),
    }  # fmt: skip
    index = pd.Series([4.0, 4.0, 4.0, 8.0, 4.0, 4.0])
    return expected_departures(_origins(), index, **(given | other))  # type: ignore[arg-type]


class TestCalibration:
    def test_from_the_facts_by_hand(self, dataset: Dataset) -> None:
        total = calibrate_departures(dataset.counts)
        # geometric means: sqrt(941 * 726 * 12 / 7), (443 * 662 * 1379 * 684 * 12 / 7) ** (1 / 4)
        assert total.sent == pytest.approx((941 * 726 * 12 / 7) ** 0.5)
        assert total.stopped == pytest.approx((443 * 662 * 1379 * 684 * 12 / 7) ** 0.25)
        logs = [np.log([941, 726 * 12 / 7]), np.log([443, 662, 1379, 684 * 12 / 7])]
        between = (sum(((v - v.mean()) ** 2).sum() for v in logs) / 4) ** 0.5 * 1.296
        assert total.sent_sd == pytest.approx(between / 2**0.5, rel=1e-3)
        assert total.stopped_sd == pytest.approx(between / 2, rel=1e-3)

    def test_every_fact_is_within_what_a_single_year_may_be(self, dataset: Dataset) -> None:
        total = calibrate_departures(dataset.counts)
        drawn = np.array([total.draw(np.random.default_rng(k)) for k in range(2000)])
        assert drawn.mean() == pytest.approx(total.mean, rel=0.05)
        p05, p95 = np.percentile(drawn, [5, 95])
        for women, stopped in ((941, 443), (726 * 12 / 7, 662), (726 * 12 / 7, 1379)):
            assert p05 * 0.9 < women + stopped < p95

    def test_missing_facts_are_named(self, dataset: Dataset) -> None:
        rows = dataset.counts[dataset.counts["source"] != "F005"]
        rows = rows[rows["source"] != "F006"]
        with pytest.raises(DataFileError, match="women_sent_out_illegally"):
            calibrate_departures(rows)


class TestShrinkage:
    def test_the_reference_province_has_the_total(self) -> None:
        found = _departures({"53.01": 9.0, "53.02": 1.0, "53.03": 2.0})
        assert found[:4].sum() == pytest.approx(1000.0)

    def test_by_hand(self) -> None:
        # prior 1600 : 800 : 1600, so 12 records are expected as 4.8 : 2.4 : 4.8; shape 4
        found = _departures({"53.01": 9.0, "53.02": 1.0, "53.03": 2.0})
        prior = np.array([1600.0, 800.0, 1600.0])
        factor = (4 + np.array([9.0, 1.0, 2.0])) / (4 + np.array([4.8, 2.4, 4.8]))
        shares = prior * factor / (prior * factor).sum()
        got = found.groupby(_origins()["regency_code"]).sum()[["53.01", "53.02", "53.03"]]
        assert np.allclose(got / 1000.0, shares, atol=1e-12)

    def test_without_records_the_model_stands(self) -> None:
        found = _departures({})
        assert np.allclose(found[:4] / 1000.0, [0.1, 0.3, 0.2, 0.4])

    def test_more_records_mean_more_departures(self) -> None:
        few, many = (_departures({"53.01": n, "53.02": 5.0, "53.03": 5.0}) for n in (2.0, 20.0))
        assert many[0] > few[0]
        assert many[3] < few[3]

    def test_shape_is_found_again(self) -> None:
        rng = np.random.default_rng(4)
        expected = pd.Series(rng.uniform(20, 60, 400))
        for shape in (1.5, 8.0):
            seen = pd.Series(rng.poisson(expected * rng.gamma(shape, 1 / shape, 400)))
            assert fit_shape(seen, expected, default=4.0) == pytest.approx(shape, rel=0.25)
        assert fit_shape(seen[:3], expected[:3], default=4.0) == 4.0

    @pytest.mark.slow
    def test_draws_have_the_posterior_mean(self) -> None:
        records = {"53.01": 9.0, "53.02": 1.0, "53.03": 2.0}
        rng = np.random.default_rng(1)
        province = pd.Series({"53": 50.0, "35": 5.0})
        drawn = np.array(
            [_departures(records, rng=rng, province_records=province) for _ in range(60)]
        )
        assert np.allclose(drawn[:, :4].sum(axis=1), 1000.0)
        assert drawn[:, 0].std() > 0

    def test_nobody_in_the_reference_province(self) -> None:
        with pytest.raises(ModelError, match="99"):
            _departures({}, parameters=DemandParameters(reference_province="99"))


def test_people_are_kept_exactly() -> None:
    origins = pd.DataFrame(
        {"regency_code": ["a", "a", "a", "b"], "population": [100.0, 300.0, np.nan, np.nan]}
    )
    people = allocate_population(origins, pd.Series({"a": 900.0, "b": 50.0}))
    assert people.groupby(origins["regency_code"]).sum().tolist() == pytest.approx([900.0, 50.0])
    assert people[1] == pytest.approx(3 * people[0])
