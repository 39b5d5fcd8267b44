"""For every test: nothing passes unseen in CI, and the command line as a fixture.

With ``CI=true`` a skipped test, or a run of no test, fails the run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "push", max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
"""What `make test` draws: the same examples each time. ``--hypothesis-profile long``: many new."""
settings.register_profile("long", settings.get_profile("push"), max_examples=500, derandomize=False)
settings.load_profile("push")

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--build-tables``: keep the tables of the embedded build, or compare with those kept.

    ``--pictures``: make the pictures of the guides again (``docs/images``).
    """
    parser.addoption(
        "--build-tables", choices=("keep", "compare"), default=None,
        help="keep every table of the embedded build in the cache, or compare with those kept",
    )  # fmt: skip
    parser.addoption("--pictures", action="store_true", help="make the pictures of the guides")


SHARED = Path(
    os.environ.get("PETAJAGA_SHARED") or Path(__file__).resolve().parent.parent / "shared"
)
"""Real data beside the checkout that some tests hold the product against; never needed by it."""


def _can_mount() -> bool:
    """Whether this process may mount a file system."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False
        )
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return tried.returncode == 0


def _has_ipv6() -> bool:
    """Whether this machine has the address ::1."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


QGIS = Path("/usr/lib/python3/dist-packages/qgis")
"""QGIS for the system's Python, where it is installed."""
POSTGIS = Path("/usr/share/postgresql/15/extension/postgis.control")
"""A PostgreSQL 15 with PostGIS of Debian's, where it is installed."""

OIDC = Path(__file__).resolve().parent / "tests" / "data" / "oidc" / "node_modules"
"""A sign-in service of npm, where it is installed: ``npm ci --ignore-scripts`` in its folder."""


IMPLIED = {
    "shared_file": "shared",
    "built_home": "slow",
    "national_frames": "slow",
    "chromium": "slow",
    "rebuilt": "long",
}
"""Marks that a fixture brings to the tests that take it, by themselves or through another."""

AT_LENGTH = [
    re.compile(line)
    for line in (Path(__file__).parent / "tests" / "at_length.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
"""Names of tests that are ``long``."""


@pytest.fixture(scope="session")
def shared_file() -> Callable[[str], Path]:
    """Path of one of the real files: ``shared_file("data/villages_points_national.csv.gz")``."""

    def path_of(name: str) -> Path:
        path = SHARED / name
        assert path.exists(), f"{name} is missing; PETAJAGA_SHARED names its folder"
        return path

    return path_of


def _mark(item: pytest.Item) -> None:
    for name in IMPLIED.keys() & getattr(item, "fixturenames", ()):
        item.add_marker(IMPLIED[name])
    if any(pattern.search(item.nodeid) for pattern in AT_LENGTH):
        item.add_marker("long")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the implied marks; deselect, never skip, what needs something that is missing here."""
    missing = set()
    if not SHARED.is_dir():
        missing.add("shared")
    if not QGIS.is_dir():
        missing.add("qgis")
    if not POSTGIS.is_file() or os.geteuid() != 0:
        missing.add("postgis")
    if not _has_ipv6():
        missing.add("ipv6")
    if not all(map(shutil.which, ("nginx", "caddy", "openssl"))):
        missing.add("proxy")
    if shutil.which("ogrinfo") is None:
        missing.add("gdal")
    if "PETAJAGA_PEERS" not in os.environ or shutil.which("wrk") is None:
        missing.add("peers")
    if shutil.which("node") is None or not OIDC.is_dir():
        missing.add("oidc")
    if any(item.get_closest_marker("mounts") for item in items) and not _can_mount():
        missing.add("mounts")
    if config.getoption("build_tables") is None:
        missing.add("build_tables")
    for item in items:
        _mark(item)
    left_out = [item for item in items if missing & {mark.name for mark in item.iter_markers()}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _skipped(config: pytest.Config) -> list[Any]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get("skipped", ())) if reporter is not None else []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a green run with skips, or with nothing run, into a failed one (CI only)."""
    if not IN_CI or exitstatus != pytest.ExitCode.OK or session.config.option.collectonly:
        return
    if _skipped(session.config) or session.testscollected == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Say why a run without failures failed."""
    del exitstatus
    skipped = len(_skipped(config))
    if IN_CI and skipped:
        terminalreporter.write_line(
            f"CI: {skipped} skipped; nothing may skip here (reasons above)", red=True
        )


@dataclass(frozen=True)
class Ran:
    """What one run of the command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def petajaga(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """Run ``petajaga WORDS`` here, in English: ``petajaga("areas", "--json", home=path)``."""
    from api.cli import main

    for name in [key for key in os.environ if key.startswith("PETAJAGA_")]:
        if name not in {"PETAJAGA_CHROMIUM", "PETAJAGA_SHARED"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("PETAJAGA_LANG", "en")

    def run(*words: str, home: Path | None = None) -> Ran:
        capsys.readouterr()
        extra = () if home is None else ("--home", str(home))
        code = main([*words, *extra])
        return Ran(code, *capsys.readouterr())

    return run
