"""A full or read-only disk is one line that says what to do; the release before it stays whole."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.auth.accounts import add_account
from api.register.database import open_register
from geo.dataset import Dataset
from geo.errors import EnvironmentProblem
from geo.paths import Home
from layers.release import verify as verify_module
from layers.release.publish import publish
from layers.release.release import open_release
from routes.build.model import Build
from routes.build.store import write_model
from tests.api.conftest import Service, close_service, make_service
from tests.api.test_cli_errors import assert_one_line
from tests.layers.conftest import make_build, make_home

pytestmark = [pytest.mark.mounts, pytest.mark.slow]

Run = Callable[..., Any]
_FULL = {"id": "cakram penuh; kosongkan sebagian", "en": "the disk is full; free some space"}
_READ_ONLY = {"id": "cakram hanya dapat dibaca", "en": "the disk is read-only"}
_NEVER = ("SQL", "sqlite3", "Traceback", "Error", "CREATE", "INSERT")


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


@contextlib.contextmanager
def _disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of this size at ``folder``."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path) -> Path:
    """Take the last byte of a disk."""
    file = disk / "full"
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    assert shutil.disk_usage(disk).free == 0
    return file


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with _disk(tmp_path / "disk", 8 * 1024) as disk:
        yield disk


@pytest.fixture
def home_on_disk(small_disk: Path, released_home: Home, built_home: Path) -> Home:
    """A home with a release and a build, the build elsewhere."""
    home = Home.resolve(shutil.copytree(released_home.root, small_disk / "home"))
    home.model.symlink_to(built_home / "model")
    return home


def _commands(folder: Path) -> list[tuple[str, ...]]:
    places = folder / "places.csv"
    places.write_text("code,name,lat,lon\n53.04.01.2001,Contoh,-9.1,124.9\n")
    approval = ("--office", "Bappeda", "--basis", "ND-1", "--date", "2026-11-02")
    return [
        ("build", "--force"), ("publish", "--force"), ("serve", "--port", "0"),
        ("accounts", "list"), ("accounts", "add", "x", "--desk", "police", "--tier", "police"),
        ("releases", "approve", *approval), ("backup", "-o", str(folder / "home.zip")),
        ("import", "places", str(places), "--apply"),
    ]  # fmt: skip


def _assert_refused(
    petajaga: Run, home: Home, folder: Path, reason: dict[str, str], release: str
) -> None:
    for language, words in reason.items():
        for command in _commands(folder):
            done = petajaga(*command, "--lang", language, home=home.root)
            assert_one_line(done, 1, words)
            assert not [word for word in _NEVER if word in done.err], done.err
    assert not (folder / "home.zip").exists()
    verify_module._verified.clear()
    with open_release(home) as after:
        assert after.id == release
    assert not [path for path in home.releases.iterdir() if path.name.startswith(".new")]


def test_a_full_disk(petajaga: Run, home_on_disk: Home, small_disk: Path, tmp_path: Path) -> None:
    with open_release(home_on_disk) as release:
        before = release.id
    filled = _fill(small_disk)
    _assert_refused(petajaga, home_on_disk, tmp_path, _FULL, before)
    filled.unlink()
    assert petajaga("accounts", "list", home=home_on_disk.root).code == 0


def test_a_read_only_disk(
    petajaga: Run, home_on_disk: Home, small_disk: Path, tmp_path: Path
) -> None:
    assert petajaga("accounts", "list", home=home_on_disk.root).code == 0
    with open_release(home_on_disk) as release:
        before = release.id
    _mount("-o", "remount,ro", str(small_disk))
    _assert_refused(petajaga, home_on_disk, tmp_path, _READ_ONLY, before)
    assert petajaga("releases", home=home_on_disk.root).code == 0


def test_publish_on_a_disk_that_fills_at_any_of_its_files(tmp_path: Path) -> None:
    build, next_build = make_build(tmp_path), make_build(tmp_path)
    next_build.areas.loc[1, "class"] = "low"
    template = make_home(tmp_path / "template")
    with publish(build, template) as release:
        before = release.id
    size = sum(path.stat().st_size for path in template.releases.rglob("*")) // 1024
    published = 0
    for tenth in (0, 1, 2, 4, 6, 8, 9, 10, 11, 15, 30):
        with _disk(tmp_path / "disk", 2 * size) as disk:
            home = Home.resolve(shutil.copytree(template.root, disk / "home"))
            _mount("-o", f"remount,size={_used_kilobytes(disk) + size * tenth // 10}k", str(disk))
            problem = ""
            try:
                publish(next_build, home).close()
            except EnvironmentProblem as error:
                problem = str(error)
            verify_module._verified.clear()
            with open_release(home) as release:
                assert (release.id == before) == ("the disk is full" in problem), problem
            assert not [path for path in home.releases.iterdir() if path.name.startswith(".new")]
            published += not problem
    assert 0 < published < 11


def _used_kilobytes(disk: Path) -> int:
    space = shutil.disk_usage(disk)
    return space.used // 1024 + 4


def test_a_build_on_a_disk_that_fills_keeps_the_old_model(
    small_disk: Path, build: Build, dataset: Dataset
) -> None:
    home = Home.resolve(small_disk / "home")
    home.model.mkdir(parents=True)
    (home.model / "kept").touch()
    with pytest.raises(EnvironmentProblem, match="the disk is full"):
        write_model(home, build, files={}, dataset=dataset)
    assert [path.name for path in home.root.iterdir()] == ["model"]
    assert (home.model / "kept").exists()


def test_a_service_on_a_disk_that_fills_is_not_ready(
    small_disk: Path, released_home: Home, tmp_path: Path
) -> None:
    home = Home.resolve(shutil.copytree(released_home.root, small_disk / "home"))
    service: Service = make_service(home)
    try:
        client = service.client()
        assert client.get("/ready").status_code == 200
        filled = _fill(small_disk)
        service.app.state.written_at = 0.0
        answer = client.get("/ready", headers={"Accept-Language": "id"})
        assert (answer.status_code, answer.json()["code"]) == (503, "register.unwritable")
        assert _FULL["id"] in answer.json()["detail"]
        assert client.get("/health").status_code == 200
        credentials = {"name": "lsm", "password": service.passwords["lsm"]}
        assert client.post("/v1/session", json=credentials).status_code == 503
        filled.unlink()
        assert client.get("/ready").status_code == 200
    finally:
        close_service(service)


def test_accounts_and_backups_on_a_disk_that_fills(
    petajaga: Run, small_disk: Path, released_home: Home, tmp_path: Path
) -> None:
    home = Home.resolve(shutil.copytree(released_home.root, tmp_path / "home"))
    file = tmp_path / "home.zip"
    assert petajaga("backup", "-o", str(file), home=home.root).code == 0
    with closing(open_register(f"sqlite:///{small_disk / 'register.sqlite'}")) as register:
        _fill(small_disk)
        with pytest.raises(EnvironmentProblem, match="the disk is full"):
            add_account(register, name="x", desk="police", tier="police")
    done = petajaga("backup", "-o", str(small_disk / "home.zip"), home=home.root)
    assert_one_line(done, 1, _FULL["en"])
    assert not (small_disk / "home.zip").exists()
    done = petajaga("restore", str(file), home=small_disk / "new")
    assert_one_line(done, 1, _FULL["en"])
    assert not (small_disk / "new" / "disclosure.key").exists()
