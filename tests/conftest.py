"""What several rooms' tests share: one real build and release of the embedded data."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from geo.dataset import Dataset, load_dataset
from geo.disclosure import KEY_FILE
from geo.paths import Home
from layers.plans.service import model_writer
from layers.release.publish import publish
from routes.build.model import Build
from routes.build.run import build_model


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
