"""The digest that names a build covers exactly the source that decides it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geo.source_digest import BUILD_SOURCES, NOT_HASHED, RELEASE_SOURCES, source_digest

ROOT = Path(__file__).resolve().parents[2]


def packages_of(*rooms: str) -> list[str]:
    """Every package folder of some rooms, as found on disk."""
    return sorted(
        path.parent.relative_to(ROOT).as_posix()
        for room in rooms
        for path in (ROOT / room).rglob("__init__.py")
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    for room in ("geo", "routes", "layers", "api"):
        ignore = shutil.ignore_patterns("data", "web", "__pycache__")
        shutil.copytree(ROOT / room, root / room, ignore=ignore)
    (root / "docs").mkdir()
    (root / "tests").mkdir()
    return root


def changes(root: Path, folder: str, which: tuple[str, ...]) -> bool:
    """Whether a new line in a module of ``folder`` changes the digest of ``which``."""
    before = source_digest.__wrapped__(which, root=root)
    module = root / folder / "zz_changed.py"
    module.write_text("X = 1\n")
    try:
        return source_digest.__wrapped__(which, root=root) != before
    finally:
        module.unlink()


def test_a_change_in_each_model_package_changes_it(copy: Path) -> None:
    packages = packages_of("geo", "routes")
    deciding = {package for package in packages if changes(copy, package, BUILD_SOURCES)}
    assert deciding == set(packages) - set(NOT_HASHED)


def test_what_decides_nothing_of_a_build_does_not_change_it(copy: Path) -> None:
    folders = ("docs", "tests", "api", "routes/validation", *packages_of("layers"))
    assert not [folder for folder in folders if changes(copy, folder, BUILD_SOURCES)]


def test_a_release_hangs_on_layers_too(copy: Path) -> None:
    packages = packages_of("layers")
    assert packages == [name for name in packages if changes(copy, name, RELEASE_SOURCES)]


def test_a_moved_module_changes_it(copy: Path) -> None:
    module, moved = copy / "geo" / "sphere.py", copy / "geo" / "imports" / "sphere.py"
    before = source_digest.__wrapped__(root=copy)
    module.rename(moved)
    try:
        assert source_digest.__wrapped__(root=copy) != before
    finally:
        moved.rename(module)
