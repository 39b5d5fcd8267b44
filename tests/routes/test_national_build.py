"""A whole build with every village of the nation as an origin: minutes, so by `make test-long`."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.paths import Home
from layers.plans.service import model_writer
from layers.release.publish import publish
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
        return rows["demand_mean"].astype(float)

    assert len(every_village(national, dataset)) > 83_000
    ratio = (departures(national) / departures(load_build(built_home))).dropna()
    assert len(ratio) == 514
    assert ratio.between(0.98, 1.02).all()

    home, started = Home.resolve(tmp_path / "home"), time.monotonic()
    with publish(national, home, model=model_writer(national, dataset)) as release:
        assert time.monotonic() - started < 180
        model = release.model_folder()
    # what plans are computed from, and no draw of each village; the rest are files of the build
    own = [stat.st_size for path in model.iterdir() if (stat := path.stat()).st_nlink == 1]
    assert sum(own) < 60e6
