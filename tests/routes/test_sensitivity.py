"""Sobol indices: where the answer is known, and on small tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.errors import InputError
from routes.vulnerability.framework import Framework, Indicator
from routes.vulnerability.sensitivity import GROUPS, draw_chart, sobol_indices


def _indicator(slug: str, **other: object) -> Indicator:
    values: dict[str, object] = {
        "slug": slug, "direction": "up", "category": "c", "dimension": "coping", "weight": 1.0,
        "unit": "u", "range": (0.0, 100.0),
    }  # fmt: skip
    return Indicator(**(values | other))  # type: ignore[arg-type]


def _table(size: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        rng.uniform(5, 95, (size, 3)), index=[f"53.{n:02d}" for n in range(1, size + 1)],
        columns=["a", "b", "c"],
    )  # fmt: skip


def test_the_only_uncertainty_gets_it_all() -> None:
    """Weights are certain and values exact: only scaling and averaging are left."""
    sure = Framework(indicators=tuple(_indicator(s, error=0.0) for s in "abc"), alpha=1e7)
    found = sobol_indices(sure, _table(), samples=64).table
    assert found.loc[["weights", "errors", "imputation"], "total"].max() < 0.02
    assert found.loc[["scaling", "averaging"], "total"].sum() > 0.6


def test_large_errors_dominate() -> None:
    rough = Framework(indicators=tuple(_indicator(s, error=30.0) for s in "abc"), alpha=1e7)
    found = sobol_indices(rough, _table(), samples=64).table
    assert found["total"].idxmax() == "errors"
    assert tuple(found.index) == GROUPS


def test_same_seed_same_answer_and_a_chart(tmp_path: Path) -> None:
    framework = Framework(indicators=tuple(_indicator(s, error=3.0) for s in "abc"))
    one, two = (sobol_indices(framework, _table(), samples=32) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.runs == 32 * (len(GROUPS) + 2)
    for name in ("chart.svg", "chart.png"):
        draw_chart(one, tmp_path / name, lang="en")
        assert (tmp_path / name).stat().st_size > 2000
    assert "Which assumption matters" not in (tmp_path / "chart.png").read_bytes().decode("latin1")


def test_bad_questions() -> None:
    framework = Framework(indicators=(_indicator("a"),))
    with pytest.raises(InputError, match="power of two"):
        sobol_indices(framework, _table(), samples=100)
    with pytest.raises(InputError, match="fewer than three"):
        sobol_indices(framework, _table(), within="35", samples=32)
