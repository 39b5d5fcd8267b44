"""The likelihood on the embedded network: recovery beside its bound, and the counts on record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import nbinom

from geo.dataset import Dataset
from geo.errors import InputError
from routes.build.model import Build
from routes.validation.backtest import interceptions
from routes.validation.count_fit import GRID, PRIORS, ReportedCounts, passages_by_theta, profile
from routes.validation.count_fit import reported_counts as reported
from routes.validation.posterior import ConditionalPosterior, PostCounts
from routes.validation.recovery import recover


@pytest.fixture(scope="module")
def ours(build: Build, dataset: Dataset) -> ReportedCounts:
    """Groups of people of NTT stopped, by terminal and year."""
    return reported(build, dataset, origin="53")


@pytest.mark.long
def test_theta_comes_back_within_a_quarter_from_300_interceptions(
    build: Build, dataset: Dataset
) -> None:
    """Interquartile range of 80 estimates at most 0.25 of the truth, and near what can be."""
    terminals = interceptions(dataset.counts).index.to_list()
    table = passages_by_theta(build, terminals)
    found = recover(table, 0.1, rng=np.random.default_rng(1), replications=80)
    print(
        f"interquartile range {found.range:.2f} of theta (least possible {found.bound:.2f}), "
        f"median {found.quartiles[1]:.2f}; 90 % intervals cover {100 * found.coverage:.0f} %; "
        f"without effort {found.widening:.2f} times as wide"
    )
    assert found.range <= 0.25
    assert found.range <= 1.35 * found.bound
    assert 0.85 <= found.quartiles[1] <= 1.15
    assert found.coverage >= 0.8
    assert found.widening >= 1.2


def test_counts_on_record_are_groups_with_no_effort(ours: ReportedCounts, dataset: Dataset) -> None:
    stopped = interceptions(dataset.counts, origin="53")
    assert ours.terminals == tuple(sorted(stopped.index))
    assert len(ours.counts.count) == int((stopped > 0).to_numpy().sum())
    assert ours.persons == stopped.to_numpy().sum()
    assert len(ours.counts.count) <= ours.counts.count.sum() < ours.persons / 5
    assert np.isnan(ours.counts.effort).all()
    assert ours.counts.least == 1
    assert ours.passages.shape == (len(GRID), len(ours.counts.count))


def test_the_fit_to_the_counts_on_record_says_how_little_they_say(ours: ReportedCounts) -> None:
    fit = ours.fit()
    low, high = fit.interval()
    assert low < 0.1 < high
    assert fit.level_detection < -0.5
    assert fit.product_contraction > fit.contraction["level"] + 0.1
    told = " ".join(fit.not_identified)
    assert "product" in told
    listed = len(ours.counts.count)
    assert f"effort at {listed} of {listed}" in told
    first, last = ours.with_effort(0.3).fit().interval()
    # With so few groups the interval is wide in any case: effort matters little here.
    assert np.log(high / low) > 0.97 * np.log(last / first)
    assert len(fit.post_logit) == len(ours.terminals)
    assert set(fit.mode) == {"theta", "level", "detection", "kappa", "effort"}
    # Level alone: any value is as good, as long as detection answers; with it held, not.
    free = profile(ours, fit.theta_map, "level", (-1.0, 0.0, 1.0))
    held = profile(ours, fit.theta_map, "level", (-2.0, 0.0, 2.0), hold_other=True)
    assert free.min() > -0.5
    assert held.min() < -3.0


def test_the_likelihood_of_a_listed_count_is_that_of_a_truncated_one() -> None:
    count = np.array([1.0, 3.0, 7.0])
    post, effort = np.zeros(3, np.intp), np.ones(3)
    passages = np.log(np.array([0.5, 4.0, 60.0]))
    cut, whole = (
        ConditionalPosterior(PostCounts(count, post, effort, least), PRIORS, passages)
        for least in (1, 0)
    )
    x = np.array([0.3, -0.2, 0.4, 0.1])
    kappa = PRIORS.kappa * np.exp(0.4)
    q = 1 / (1 + np.exp(-(np.log(0.25) - 0.2 * PRIORS.detection_spread + 0.1 * PRIORS.post_spread)))
    mean = np.exp(passages + 0.3 * PRIORS.level_spread) * q
    listed = 1.0 - nbinom.pmf(0, kappa, kappa / (kappa + mean))
    assert listed == pytest.approx(betainc(1, kappa, mean / (kappa + mean)))
    expected = whole.terms(x)[0] - np.log(listed).sum()
    assert cut.terms(x)[0] == pytest.approx(expected)
    with pytest.raises(InputError, match="below 2"):
        PostCounts(count, post, effort, 2)


@pytest.mark.parametrize("least", [1, 2])
def test_slopes_of_the_truncated_likelihood(ours: ReportedCounts, least: int) -> None:
    counts = replace(ours.counts, count=ours.counts.count + least, least=least)
    row = ConditionalPosterior(counts, PRIORS, np.log(np.maximum(ours.passages[8], 0.01)))
    x = np.random.default_rng(5).normal(size=row.size)
    _, gradient, blocks = row.terms(x)
    curvature = blocks.dense()
    step = 1e-5
    for i in range(0, row.size, 7):
        e = np.zeros(row.size)
        e[i] = step
        more, less = row.terms(x + e), row.terms(x - e)
        assert gradient[i] == pytest.approx((more[0] - less[0]) / (2 * step), rel=1e-3, abs=1e-3)
        slope = (less[1] - more[1]) / (2 * step)
        assert np.allclose(curvature[i], slope, rtol=1e-3, atol=1e-3)
