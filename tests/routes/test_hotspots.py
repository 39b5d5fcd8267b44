"""Gi* against esda, the two tests together, and what is not tested."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from geo.errors import InputError
from routes.vulnerability.hotspots import find_hotspots, getis_ord, nearest_weights


def _places(size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-11, -8, size), rng.uniform(119, 125, size), rng.gamma(2.0, 20.0, size)


@pytest.mark.parametrize("neighbours", [3, 8])
def test_agrees_with_esda(neighbours: int) -> None:
    """Binary weights: esda's variance takes ``sum w**2`` for ``sum w``, which holds for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        esda = pytest.importorskip("esda")
        libpysal = pytest.importorskip("libpysal")
    lat, lon, values = _places(80)
    weights = nearest_weights(lat, lon, neighbours=neighbours)
    dense = weights.toarray()
    near = {i: [int(j) for j in np.flatnonzero(row) if j != i] for i, row in enumerate(dense)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = esda.G_Local(
            values, libpysal.weights.W(near, silence_warnings=True), transform="B",
            star=True, permutations=0,
        )  # fmt: skip
    assert np.abs(getis_ord(values, weights) - theirs.Zs).max() < 1e-12


def test_many_sets_at_once_are_the_same_as_one_by_one() -> None:
    lat, lon, values = _places(40)
    weights = nearest_weights(lat, lon, neighbours=5)
    several = np.array([values, values[::-1], np.sqrt(values)])
    alone = np.array([getis_ord(row, weights) for row in several])
    assert np.allclose(getis_ord(several, weights), alone, atol=1e-13)


def test_equal_rates_have_no_statistic_and_units_do_not_matter() -> None:
    lat, lon, values = _places(30)
    weights = nearest_weights(lat, lon, neighbours=4)
    assert np.isnan(getis_ord(np.full(30, 7.0), weights)).all()
    assert np.allclose(getis_ord(values, weights), getis_ord(3.5 * values + 9.0, weights))


def test_too_few_places() -> None:
    with pytest.raises(InputError, match="too few"):
        nearest_weights(np.zeros(4), np.zeros(4), neighbours=8)


def _districts(records: np.ndarray, *, province: str = "53") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten regencies in a row of ten districts each, 10,000 people a district."""
    rows = [
        {
            "code": f"{province}.{r + 1:02d}.{d + 1:02d}", "name": f"K{r}{d}",
            "lat": -9.0 + 0.05 * (d % 5), "lon": 120.0 + 0.3 * r + 0.05 * (d // 5),
            "persons": 1.0 + float(seen), "people": 1e4,
        }
        for r, seen in enumerate(records)
        for d in range(10)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    codes = [f"{province}.{r + 1:02d}" for r in range(len(records))]
    deaths = pd.DataFrame({"persons": records.astype(float), "variance": 0.0}, index=codes)
    return frame, deaths


def test_a_true_cluster_is_found_and_the_rest_is_not() -> None:
    records = np.array([3, 2, 4, 3, 40, 38, 3, 2, 4, 3])
    found = find_hotspots(*_districts(records), rng=np.random.default_rng(1))
    hot = found[found["class"] == "hot"]
    assert set(hot["regency_code"]) == {"53.05", "53.06"}
    assert len(hot) >= 16
    assert (hot["q_value"] <= 0.05).all()
    assert (hot["gi_star"] > 0).all()


def test_chance_alone_is_seldom_taken_for_a_cluster() -> None:
    rng = np.random.default_rng(2)
    false = 0
    for _ in range(20):
        frame, records = _districts(rng.poisson(5.0, 10))
        found = find_hotspots(frame, records, rng=rng, simulations=199)
        false += int(found["class"].isin(["hot", "cold"]).any())
    assert false <= 4  # one in twenty is allowed for


def test_a_province_without_records_is_unknown() -> None:
    frame, records = _districts(np.array([3, 2, 40, 38, 3, 2, 4, 3, 3, 3]))
    found = find_hotspots(frame, records.iloc[:4], rng=np.random.default_rng(1))
    assert (found["class"] == "not_assessed").all()
    assert found[["gi_star", "p_value", "q_value"]].isna().all(axis=None)


def test_same_seed_same_answer() -> None:
    frame, records = _districts(np.arange(10))
    one, two = (find_hotspots(frame, records, rng=np.random.default_rng(5)) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
