"""Departures: gradients, what the counts say, coverage of the intervals, the record of NTT."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import ModelError
from routes.demand.departures import regency_departures
from routes.demand.likelihoods import dirichlet_multinomial, laplace_draws, negative_binomial
from routes.demand.province_fit import (
    LandingSplit,
    LandingTotal,
    ProvinceFit,
    ProvincePosterior,
    SentOut,
)
from routes.demand.regency_fit import HomeCounts, RegencyFit
from routes.demand.streams import Streams, months, read_streams
from routes.graph.origins import allocate_population
from routes.inputs.protected_inputs import protected_inputs

POPULATION = pd.Series({"53": 5.6e6, "73": 9.4e6, "52": 5.6e6, "35": 41.0e6})
PRIOR = pd.DataFrame(
    {
        "sabah": [0.3, 0.6, 0.1, 0.02],
        "peninsular_malaysia": [0.4, 0.1, 0.7, 0.5],
        "home": [0.3, 0.3, 0.2, 0.48],
    },
    index=POPULATION.index,
)
TOTALS = (LandingTotal("sabah", 2500.0), LandingTotal("peninsular_malaysia", 8000.0, 6.0))
SPLITS = (
    LandingSplit("sabah", {"53": 659.0, "73": 2348.0, "52,35": 190.0}),
    LandingSplit("peninsular_malaysia", {"35": 542.0, "52": 259.0, "53": 54.0}),
)


@pytest.fixture(scope="module")
def streams(dataset: Dataset) -> Streams:
    return read_streams(protected_inputs(dataset, bytes(32)))


@pytest.fixture(scope="module")
def departures(streams: Streams) -> pd.DataFrame:
    return regency_departures(streams, draws=600, seed=1).by_regency


class TestGradients:
    def test_of_the_provinces(self) -> None:
        placements = pd.Series({"53": 1e-3, "73": 1e-3, "52": 1e-2, "35": 2e-3})
        posterior = ProvincePosterior(
            POPULATION, PRIOR, TOTALS, SPLITS, (SentOut("53", 941.0),), placements
        )
        x = np.random.default_rng(3).normal(size=posterior.layout.size) * 0.5
        step = 1e-5 * np.eye(len(x))
        numeric = [(posterior.loss(x + s)[0] - posterior.loss(x - s)[0]) / 2e-5 for s in step]
        assert np.allclose(posterior.loss(x)[1], numeric, atol=1e-4)

    def test_of_the_likelihoods(self) -> None:
        above, below = (negative_binomial(30.0, 20.0 * np.exp(h), 5.0)[0] for h in (1e-6, -1e-6))
        assert negative_binomial(30.0, 20.0, 5.0)[1] == pytest.approx((above - below) / 2e-6)
        counts, shares = np.array([3.0, 0.0, 9.0]), np.array([0.3, 0.3, 0.4])
        slope = dirichlet_multinomial(counts, shares, 20.0)[1]
        for i, step in enumerate(1e-6 * np.eye(3)):
            change = (
                dirichlet_multinomial(counts, shares + step, 20.0)[0]
                - dirichlet_multinomial(counts, shares - step, 20.0)[0]
            )
            assert slope[i] == pytest.approx(change / 2e-6, rel=1e-4)

    def test_without_a_mode(self) -> None:
        with pytest.raises(ModelError, match="converge"):
            laplace_draws(lambda x: (float("nan"), x), 2, 5, np.random.default_rng(0))


class TestProvinces:
    def test_landings_move_the_level_and_the_mix(self) -> None:
        fit = ProvinceFit(draws=400).fit(POPULATION, PRIOR, totals=TOTALS, splits=SPLITS)
        twice = [LandingTotal(t.region, 2 * t.persons, t.kappa) for t in TOTALS]
        more = ProvinceFit(draws=400).fit(POPULATION, PRIOR, totals=twice, splits=SPLITS)
        level, raised = (f.departures_.sum(axis=1).median() for f in (fit, more))
        assert 1.3 < raised / level < 2.2
        other = LandingSplit("sabah", {"53": 2348.0, "73": 659.0, "52,35": 190.0})
        swapped = ProvinceFit(draws=400).fit(
            POPULATION, PRIOR, totals=TOTALS, splits=(other, SPLITS[1])
        )
        assert swapped.departures_["53"].median() > 1.5 * fit.departures_["53"].median()

    def test_a_table_counts_as_two_hundred_persons_at_most(self) -> None:
        persons = {"53": 100.0, "73": 100.0}
        exact = ProvinceFit(draws=50).fit(
            POPULATION, PRIOR, totals=TOTALS, splits=(LandingSplit("sabah", persons),)
        )
        tenfold = {code: 10 * n for code, n in persons.items()}
        capped = ProvinceFit(draws=50).fit(
            POPULATION, PRIOR, totals=TOTALS, splits=(LandingSplit("sabah", tenfold),)
        )
        assert np.allclose(exact.departures_, capped.departures_)

    def test_unknown_places_are_named(self) -> None:
        with pytest.raises(ModelError, match="narnia"):
            ProvinceFit().fit(POPULATION, PRIOR, totals=[LandingTotal("narnia", 10.0)])
        with pytest.raises(ModelError, match="99"):
            ProvinceFit().fit(POPULATION, PRIOR, splits=[LandingSplit("sabah", {"99": 1.0})])
        with pytest.raises(ModelError, match="population"):
            ProvinceFit().fit(POPULATION, PRIOR.drop(index="52"))

    @pytest.mark.slow
    def test_intervals_cover_the_truth_of_simulated_records(self) -> None:
        """90 % intervals of the departures cover 84 to 96 % of true values drawn from the prior."""
        rng = np.random.default_rng(11)
        inside = []
        for _ in range(60):
            spread = 0.8 * np.exp(0.15 * rng.normal())
            people = (
                POPULATION.to_numpy() * 4e-4 * np.exp(rng.normal() + spread * rng.normal(size=4))
            )
            share = PRIOR.to_numpy() * np.exp(0.6 * rng.normal(size=PRIOR.shape))
            share /= share.sum(axis=1, keepdims=True)
            flow = people[:, None] * share
            common = rng.normal()
            totals, splits = [], []
            for column, kappa in (("sabah", 18.0), ("peninsular_malaysia", 6.0)):
                part = flow[:, list(PRIOR.columns).index(column)]
                back = 0.15 * np.exp(0.5 * common + 0.35 * rng.normal())
                mean = back * part.sum()
                totals.append(
                    LandingTotal(column, float(rng.poisson(rng.gamma(kappa, mean / kappa))))
                )
                drawn = rng.multinomial(200, rng.dirichlet(100.0 * part / part.sum() + 1e-6))
                splits.append(
                    LandingSplit(
                        column, dict(zip(POPULATION.index, map(float, drawn), strict=True))
                    )
                )
            totals[1] = LandingTotal(totals[1].region, totals[1].persons, 6.0)
            fit = ProvinceFit(draws=300, seed=2).fit(
                POPULATION, PRIOR, totals=totals, splits=splits
            )
            low, high = np.percentile(fit.departures_, [5, 95], axis=0)
            inside.append((low < people) & (people < high))
        assert 0.84 <= np.mean(inside) <= 0.96


class TestRegencies:
    PEOPLE = pd.Series({"53.01": 4e5, "53.02": 4e5, "53.03": 2e5})

    def test_without_counts_the_population_stands(self) -> None:
        shares = RegencyFit(draws=2000).fit(self.PEOPLE).shares_
        assert np.allclose(shares.sum(axis=1), 1.0)
        assert np.allclose(shares.median(), [0.4, 0.4, 0.2], atol=0.06)

    def test_an_unlisted_regency_is_no_zero(self) -> None:
        listed = HomeCounts(pd.Series({"53.01": 40.0, "53.02": 40.0}))
        zero = HomeCounts(pd.Series({"53.01": 40.0, "53.02": 40.0, "53.03": 0.0}))
        open_, closed = (
            RegencyFit(draws=1000).fit(self.PEOPLE, [t]).shares_ for t in (listed, zero)
        )
        assert open_["53.03"].median() > 2 * closed["53.03"].median()

    def test_a_stock_says_less_than_a_flow(self) -> None:
        counts = pd.Series({"53.01": 90.0, "53.02": 10.0, "53.03": 10.0})
        flow, stock = (
            RegencyFit(draws=1000).fit(self.PEOPLE, [HomeCounts(counts, stock=s)]).shares_["53.01"]
            for s in (False, True)
        )
        assert flow.median() > stock.median() > 0.4
        assert np.ptp(np.percentile(stock, [5, 95])) > np.ptp(np.percentile(flow, [5, 95]))

    def test_noise_of_protection_widens(self) -> None:
        counts = pd.Series({"53.01": 20.0, "53.02": 5.0, "53.03": 5.0})
        noise = pd.Series(200.0, index=counts.index)
        exact, noisy = (
            RegencyFit(draws=1000).fit(self.PEOPLE, [HomeCounts(counts, variance=v)]).shares_
            for v in (None, noise)
        )
        assert noisy["53.01"].std() > exact["53.01"].std()


class TestRecord:
    """Orders of magnitude that people who know the provinces would recognise."""

    def test_the_nation(self, departures: pd.DataFrame) -> None:
        # below: 15,000 deported from Malaysia a year; above: 4.3 million irregular in ten years
        low, high = np.percentile(departures.sum(axis=1), [5, 95])
        assert low > 30_000
        assert high < 1_000_000
        assert low < 180_000 < high

    def test_ntt(self, departures: pd.DataFrame) -> None:
        ntt = departures.loc[:, departures.columns.str.startswith("53")]
        low, high = np.percentile(ntt.sum(axis=1), [5, 95])
        assert low > 1379, "more leave than one task force stopped in 2018"
        assert low < 9_600 < high
        first = ntt.median().nlargest(7).index
        assert {"53.06", "53.02", "53.21", "53.01"} <= set(first), (
            "Flores Timur, TTS, Malaka, Kupang"
        )
        per_head = ntt.median()["53.71"] / ntt.sum(axis=1).median()
        assert per_head < 0.06, "the city of Kupang, 7 % of the people, sends few of its own"

    def test_nobody_is_lost(self, streams: Streams, departures: pd.DataFrame) -> None:
        assert departures.shape[1] == streams.population.size == 514
        assert np.isfinite(departures.to_numpy()).all()
        assert (departures > 0).all(axis=None)


def test_hardly_anybody_leaves_unseen_where_hardly_anybody_is_placed(
    streams: Streams, departures: pd.DataFrame
) -> None:
    """Of two provinces that no stream names, the one with a hundredth of the placements a head has
    a tenth of the departures (an elasticity of a half); where landings say who comes back, they
    decide. Papua's highlands do not leave as the nation does.
    """
    people = pd.Series({"91": 1e6, "92": 1e6})
    prior = pd.DataFrame({"sabah": [1.0, 1.0]}, index=people.index)
    placements = pd.Series({"91": 1e-5, "92": 1e-3})
    target = ProvincePosterior(people, prior, (), (), (), placements)
    at_mode = target.log_flow(np.zeros(target.layout.size))
    assert np.exp(at_mode[1, 0] - at_mode[0, 0]) == pytest.approx(10.0)
    seen = (LandingSplit("sabah", {"91": 100.0, "92": 100.0}),)
    fit = ProvinceFit(draws=400).fit(people, prior, splits=seen, placements=placements)
    half = (fit.departures_["91"] / fit.departures_.sum(axis=1)).mean()
    assert half == pytest.approx(0.5, abs=0.12)
    province = departures.columns.str[:2]
    people = streams.population.groupby(streams.population.index.str[:2]).sum()
    rate = departures.T.groupby(province).sum().T.median() / people
    of_ntt = rate["53"]
    assert (rate[["91", "93", "94", "95"]] < 0.25 * of_ntt).all()
    assert rate["52"] > 0.5 * of_ntt


def test_months() -> None:
    assert months("2016") == 12.0
    assert months("2016-01/2016-07") == 7.0
    assert months("2023-06-01/2023-06-30") == 1.0
    assert months("2023-06-01") < 0.1


def test_people_are_kept_exactly() -> None:
    origins = pd.DataFrame(
        {"regency_code": ["a", "a", "a", "b"], "population": [100.0, 300.0, np.nan, np.nan]}
    )
    people = allocate_population(origins, pd.Series({"a": 900.0, "b": 50.0}))
    assert people.groupby(origins["regency_code"]).sum().tolist() == pytest.approx([900.0, 50.0])
    assert people[1] == pytest.approx(3 * people[0])


@pytest.mark.parametrize("place", ["65.03", "21.71", "21.72", "61.03", "61.01"])
def test_who_is_counted_in_a_place_of_transit_is_not_at_home_there(
    dataset: Dataset, streams: Streams, place: str
) -> None:
    """Stopped or refused at Nunukan, Batam, Entikong without a stated origin: no home is known;
    deportees without one count for the region they come from and for no province."""

    def counting(**row: object) -> Streams:
        usual = dataset.counts.iloc[0].to_dict() | {
            "id": "x", "place_code": place, "terminal_id": "", "origin_code": "", "contains": "",
            "may_contain": "", "year": 2023, "period": "2023", "value": 5000, "unit": "person",
        }  # fmt: skip
        more = pd.concat([dataset.counts, pd.DataFrame([usual | row])], ignore_index=True)
        return read_streams(protected_inputs(replace(dataset, counts=more), bytes(32)))

    def homes(found: Streams) -> list[tuple[str, str, dict[str, float]]]:
        return [
            (province, table.name, table.persons.to_dict())
            for province, tables in found.homes.items()
            for table in tables
        ]

    for measure, kind in (("persons_stopped", "interception"), ("prevented", "total"),
                          ("passports_refused", "passport_refusals"),
                          ("deported", "deportation")):  # fmt: skip
        found = counting(measure=measure, kind=kind)
        assert homes(found) == homes(streams)
        assert found.splits == streams.splits
        assert found.sent == streams.sent
        if measure != "deported":
            assert found.totals == streams.totals


class TestLandings:
    def test_nobody_is_in_a_sample_and_in_the_year_that_contains_it(self, streams: Streams) -> None:
        """Dumai 2025: 624 of North Sumatra came home, 57 of them off five counted landings."""
        dumai = [t.persons for t in streams.splits if {"12", "35", "52", "53"} <= set(t.persons)]
        year, sample = sorted(
            (persons for persons in dumai if persons["12"] in (567.0, 57.0)), key=len
        )
        assert year == {"12": 567.0, "35": 482.0, "52": 242.0, "53": 46.0}
        assert sample["12"] == 57.0
        assert {"11", "32", "33"} <= set(sample)

    def test_pooled_landings_of_a_place_are_one_table(self, dataset: Dataset) -> None:
        """A pooled count has the last of its years, which differs from origin to origin."""
        held = replace(dataset, counts=dataset.counts.assign(held=True))
        splits = read_streams(protected_inputs(held, bytes(32))).splits
        sabah = [table.persons for table in splits if table.region == "sabah"]
        assert len(sabah) == 2  # whole years, and counted landings
        assert all(set(table) >= {"52", "53", "73"} for table in sabah)
