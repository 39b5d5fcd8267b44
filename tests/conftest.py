"""What several rooms' tests share: one real build and release of the embedded data."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from geo.dataset import Dataset, load_dataset
from geo.disclosure import KEY_FILE
from geo.paths import Home
from geo.source_digest import RELEASE_SOURCES, source_digest
from layers.plans.service import model_writer
from layers.release.publish import publish
from routes.build.model import Build
from routes.build.run import build_model
from routes.graph.build import GraphFrames, build_frames
from tests.layers.conftest import make_build, make_home
from tests.postgres import Postgres, running_postgres
from tests.routes.national import read_districts, read_villages


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The embedded dataset."""
    return load_dataset()


def _publish_embedded(dataset: Dataset, root: Path) -> None:
    # One rounding secret for every run: what holds for the numbers must not hang on a draw.
    key = root / KEY_FILE
    key.write_text(hashlib.sha256(b"a home for tests").hexdigest() + "\n", encoding="ascii")
    key.chmod(0o600)
    build = build_model(dataset, root, draws=100)
    publish(build, Home.resolve(root), model=model_writer(build, dataset)).close()


@pytest.fixture(scope="session")
def built_home(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, dataset: Dataset
) -> Path:
    """A home with a build of the embedded data and its published release.

    Made once for the source, data and packages as they stand, and kept in pytest's cache, which
    runs beside each other share; each run gets a copy of it.
    """
    decides = dataset.digest + source_digest(RELEASE_SOURCES)
    packages = (pytestconfig.rootpath / "requirements.lock").read_bytes()
    key = hashlib.sha256(decides.encode() + packages).hexdigest()[:12]
    cache = pytestconfig.rootpath / ".pytest_cache" / "d" / "built-home"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (cache / key).is_dir():
            for outdated in cache.glob("*/"):
                shutil.rmtree(outdated)
            made = Path(tempfile.mkdtemp(dir=cache))
            _publish_embedded(dataset, made)
            made.rename(cache / key)
        return shutil.copytree(cache / key, tmp_path_factory.mktemp("built") / "home")


@pytest.fixture(scope="session")
def build(built_home: Path) -> Build:
    """The build in ``built_home``."""
    from routes.build.store import open_build

    return open_build(built_home)


@pytest.fixture(scope="session")
def released_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a release of the small build; nobody changes it."""
    folder = tmp_path_factory.mktemp("release")
    home = make_home(folder / "home")
    publish(make_build(folder), home).close()
    return home


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A quick server for every test that takes a database of its own in it."""
    with running_postgres() as server:
        yield server
