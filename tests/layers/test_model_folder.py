"""The model in a release: checked, hidden from other tiers, mended by publishing again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from geo.errors import BrokenReleaseError, InputError
from geo.paths import Home
from layers.plans.requests import OutreachPlanRequest, PostPlanRequest
from layers.plans.service import CorridorService, PlanService
from layers.release.model_folder import MODEL_FOLDER, check_model, write_parts
from layers.release.publish import publish
from layers.release.release import Release, open_release
from routes.build.corridor_answer import describe_corridor
from routes.build.model import Build
from routes.build.store import corridor_parts, write_corridor_parts
from tests.layers.conftest import SmallBuild, make_home


@pytest.fixture(scope="module")
def released(built_home: Path) -> Release:
    return open_release(Home.resolve(built_home))


@pytest.fixture(scope="module")
def opened(released: Release) -> PlanService:
    return PlanService.open(released.model_folder())


@pytest.fixture(scope="module")
def direct(build: Build, dataset: Any) -> PlanService:
    return PlanService.of_build(build, dataset)


@pytest.fixture
def copied(released: Release, tmp_path: Path) -> Home:
    home = Home.resolve(tmp_path)
    shutil.copytree(released.folder, home.releases / released.id)
    (home.releases / "current").write_text(released.id + "\n", "utf-8")
    return home


def assert_same(one: Any, other: Any) -> None:
    """Equal but for the last digits of numbers."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-6)
    else:
        assert one == other


def test_a_release_answers_as_the_build_it_was_made_from(
    opened: PlanService, direct: PlanService
) -> None:
    posts = PostPlanRequest(k=3, draws=3, within="53")
    assert_same(opened.posts(posts).answer, direct.posts(posts).answer)
    visits = OutreachPlanRequest(number=4, within="53", base="Soe")
    assert_same(opened.outreach(visits).answer, direct.outreach(visits).answer)
    said = {
        "posts": [{"terminal": "maumere"}],
        "indicators": [{"area": "53.02", "indicator": "poverty_rate", "change": -3.0}],
    }
    told = [
        one.scenario_document(one.parse(said), draws=3, corridors=2) for one in (opened, direct)
    ]
    assert_same(*told)


def test_a_named_corridor_has_the_numbers_of_the_command(released: Release, build: Build) -> None:
    """The same function on the same arrays: every digit is the same."""
    places = ("Kupang", "Labuan Bajo", "Nunukan")
    corridors = CorridorService(released.model_folder(for_corridors=True))
    answer = corridors.answer(places)
    assert answer == describe_corridor(build, places).as_dict()
    assert answer["persons_per_year"]["mean"] > 0
    with pytest.raises(InputError, match="Kupang"):
        corridors.answer(("Kupamg", "Nunukan"))
    with pytest.raises(InputError, match="rather than provinces"):
        corridors.answer(("NTT", "Nunukan"))


def test_the_arrays_of_corridors_take_no_room_of_their_own(build: Build, tmp_path: Path) -> None:
    """Those of a build on disk get a second name, and others the same bytes."""
    linked, written = tmp_path / "linked", tmp_path / "written"
    for folder in (linked, written):
        folder.mkdir()
    write_corridor_parts(linked, corridor_parts(build))
    in_memory = {name: build.part(name) for name in corridor_parts(build.with_parts())}
    write_corridor_parts(written, in_memory)
    assert all(path.stat().st_nlink > 1 for path in linked.iterdir())
    assert {p.name: p.read_bytes() for p in linked.iterdir()} == {
        p.name: p.read_bytes() for p in written.iterdir()
    }


def test_a_release_of_an_older_version_has_plans_and_no_named_corridors(copied: Home) -> None:
    with open_release(copied) as release:
        folder = release.folder
        model = deepcopy(release.manifest("police")["model"])
    of_corridors = {"load.npy", "log_reach.npy", "names.json", "terminal_draws.npz"}
    files = {
        name: row for name, row in model["files"].items() if Path(name).name not in of_corridors
    }
    assert check_model(folder, {"model": {"files": files}}) == folder / MODEL_FOLDER
    with pytest.raises(BrokenReleaseError, match="another version"):
        check_model(folder, {"model": {"files": files}}, for_corridors=True)


def test_plans_do_not_wait_for_the_arrays_of_corridors(copied: Home) -> None:
    with open_release(copied) as release:
        (release.folder / MODEL_FOLDER / "load.npy").unlink()
        assert release.model_folder().is_dir()
        with pytest.raises(BrokenReleaseError, match="publish"):
            release.model_folder(for_corridors=True)


def test_nothing_raw_is_in_the_model(released: Release) -> None:
    """No counts, no offices, no sources and notes: only what the answers are computed from."""
    names = {path.name for path in released.model_folder().iterdir()}
    assert not names & {"counts.parquet", "services.parquet", "indicators.parquet"}
    import pandas as pd

    for path in released.model_folder().glob("*.parquet"):
        assert not {"note", "source", "value", "aliases"} & set(pd.read_parquet(path).columns)


def test_other_tiers_do_not_know_of_it(released: Release) -> None:
    for tier in ("public", "partner"):
        assert "model" not in released.manifest(tier)
        assert "parquet" not in str(released.manifest(tier))
    assert set(released.manifest("police")["model"]["files"]) == {
        f"{MODEL_FOLDER}/{path.name}" for path in released.model_folder().iterdir()
    }


@pytest.mark.parametrize("damage", ["missing file", "changed file", "missing folder"])
def test_damage_is_reported_when_plans_are_asked_for(copied: Home, damage: str) -> None:
    with open_release(copied) as release:
        folder = release.folder / MODEL_FOLDER
        if damage == "missing folder":
            shutil.rmtree(folder)
        elif damage == "missing file":
            (folder / "villages.parquet").unlink()
        else:
            with (folder / "draws.npz").open("ab") as stream:
                stream.write(b"x")
    with open_release(copied) as release:  # the rest is whole
        assert release.features("terminals", "police", limit=1).matched > 0
        with pytest.raises(BrokenReleaseError, match="publish"):
            release.model_folder()


def test_a_release_without_a_model(
    tmp_path: Path, small_build: SmallBuild, opened: PlanService
) -> None:
    with (
        publish(small_build, make_home(tmp_path / "bare")) as bare,
        publish(small_build, make_home(tmp_path / "whole"), model=writer(opened)) as whole,
    ):
        assert not bare.has_model
        with pytest.raises(BrokenReleaseError, match="holds no model"):
            bare.model_folder()
        for tier in ("public", "partner"):
            # What the other tiers get does not depend on it, their id included.
            assert bare.manifest(tier) == whole.manifest(tier)
            assert bare.file(tier).read_bytes() == whole.file(tier).read_bytes()
        assert bare.id != whole.id


def test_publishing_again_mends_a_damaged_model(
    tmp_path: Path, small_build: SmallBuild, opened: PlanService
) -> None:
    home = make_home(tmp_path)
    with publish(small_build, home, model=writer(opened)) as first:
        (first.folder / MODEL_FOLDER / "edges.parquet").unlink()
    with publish(small_build, home, model=writer(opened)) as again:
        assert again.id == first.id  # the same model gives the same bytes
        assert again.model_folder().is_dir()


def writer(evaluator: PlanService) -> Callable[[Path], None]:
    """What writes an evaluator's own model once more."""
    return lambda folder: write_parts(folder, evaluator.parts())
