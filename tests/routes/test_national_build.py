"""A whole build with every village of the nation as an origin: minutes, so by `make test-long`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.build.run import build_model
from routes.build.store import load_build
from routes.outreach.candidates import every_village


@pytest.mark.long
def test_villages_of_the_whole_nation_as_origins(
    tmp_path: Path, dataset: Dataset, built_home: Path
) -> None:
    """A regency sends as many whether its people start from its seat or from its villages."""
    areas = dataset.areas
    everywhere = tuple(sorted(areas.loc[areas["level"] == "province", "code"]))
    parameters = ModelParameters(pilots=everywhere)
    national = build_model(dataset, tmp_path / "home", parameters=parameters, workers=None)
    kinds = national.settlements["kind"].value_counts()
    assert kinds["village"] > 83_000

    def departures(build: Build) -> pd.Series:
        rows = build.areas[build.areas["level"] == "regency"].set_index("code")
        return rows["departures_mean"].astype(float)

    assert len(every_village(national, dataset)) > 83_000
    ratio = departures(national) / departures(load_build(built_home))
    assert ratio.dropna().between(0.98, 1.02).all()
