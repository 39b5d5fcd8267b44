"""Nothing that was said to be kept is lost when a process or the database is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import DATABASES

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATABASES)
def test_twenty_kills_lose_nothing_and_leave_the_chain_whole(kind: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.api.register_kills", kind, str(tmp_path / "home"), "20"],
        capture_output=True, text=True, cwd=ROOT, timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows, tokens = map(int, done.stdout.split())
    assert rows > 200
    assert tokens > 20
