"""What several rooms' tests share: one real build and release of the embedded data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.disclosure import KEY_FILE
from geo.paths import Home
from layers.plans.service import model_writer
from layers.release.publish import publish
from routes.build.model import Build
from routes.build.run import build_model
from routes.graph.build import GraphFrames, build_frames
from tests.routes.national import read_districts, read_villages


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The embedded dataset."""
    return load_dataset()


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """A home with a build of the embedded data and its published release; treat it as read-only."""
    root = tmp_path_factory.mktemp("home")
    # One rounding secret for every run: what holds for the numbers must not hang on a draw.
    key = root / KEY_FILE
    key.write_text(hashlib.sha256(b"a home for tests").hexdigest() + "\n", encoding="ascii")
    key.chmod(0o600)
    made = build_model(dataset, root)
    publish(made, Home.resolve(root), model=model_writer(made, dataset)).close()
    return root


@pytest.fixture(scope="session")
def build(built_home: Path) -> Build:
    """The build in ``built_home``."""
    from routes.build.store import load_build

    return load_build(built_home)


@pytest.fixture(scope="session")
def village_origins(shared_file: Callable[[str], Path]) -> pd.DataFrame:
    """Every village of Indonesia as an origin; do not change it."""
    return read_villages(shared_file("data/villages_points_national.csv.gz"))


@pytest.fixture(scope="session")
def district_hubs(shared_file: Callable[[str], Path]) -> pd.DataFrame:
    """The middle of every district, where its villages' ways meet; do not change it."""
    return read_districts(shared_file("data/districts_points_national.csv.gz"))


@pytest.fixture(scope="session")
def national_frames(
    dataset: Dataset, village_origins: pd.DataFrame, district_hubs: pd.DataFrame
) -> GraphFrames:
    """The graph of the 83,403 villages, as tables; do not change them."""
    return build_frames(dataset, origins=village_origins, hubs=district_hubs)
