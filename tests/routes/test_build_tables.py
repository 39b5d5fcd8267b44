"""Moving code changes no number: the embedded build against tables kept before the change.

``pytest tests/routes/test_build_tables.py --build-tables keep`` keeps them in pytest's cache,
``--build-tables compare`` holds the working tree against them. Without the option nothing runs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.paths import Home

TOLERANCE = 1e-12


pytestmark = pytest.mark.build_tables


@pytest.fixture(scope="module")
def kept(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.cache.mkdir("build-tables"))  # type: ignore[union-attr]


def difference(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What differs between two tables, column by column."""
    found = []
    if list(before.columns) != list(after.columns):
        found.append(f"columns {sorted(set(before.columns) ^ set(after.columns))}")
    if len(before) != len(after):
        return [*found, f"{len(before)} rows before, {len(after)} now"]
    for name in before.columns.intersection(after.columns):
        old, new = before[name], after[name]
        if pd.api.types.is_float_dtype(old):
            same = np.isclose(
                old.to_numpy(float), new.to_numpy(float), rtol=TOLERANCE, atol=TOLERANCE,
                equal_nan=True,
            )  # fmt: skip
        else:
            same = np.array([str(a) == str(b) for a, b in zip(old, new, strict=True)])
        if not same.all():
            k = int(np.flatnonzero(~same)[0])
            found.append(f"{name}: {(~same).sum()} rows, first {old.iloc[k]!r} -> {new.iloc[k]!r}")
    return found


def test_tables_of_the_embedded_build(
    request: pytest.FixtureRequest, built_home: Path, kept: Path
) -> None:
    model = Home.resolve(built_home).model
    if request.config.getoption("build_tables") == "keep":
        for path in model.glob("*.parquet"):
            (kept / path.name).write_bytes(path.read_bytes())
        return
    names = sorted(path.name for path in kept.glob("*.parquet"))
    assert names, "nothing kept yet; run with --build-tables keep first"
    differences = {
        name: difference(pd.read_parquet(kept / name), pd.read_parquet(model / name))
        for name in names
    }
    assert not {name: found for name, found in differences.items() if found}
