"""``publish`` killed at any moment: the release before it is served, and the next one is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _kill(folder: Path, points: int, times: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.layers.kills", str(folder), str(points), str(times)],
        capture_output=True, text=True, cwd=ROOT, timeout=1800,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    killed, left_old, changes = map(int, done.stdout.split())
    assert killed >= points
    assert 0 < left_old < points + times  # before the pointer is replaced, and after
    assert changes > points


@pytest.mark.slow
def test_ten_kills_leave_a_whole_release_each(tmp_path: Path) -> None:
    _kill(tmp_path, points=7, times=3)


@pytest.mark.long
def test_ninety_kills_leave_a_whole_release_each(tmp_path: Path) -> None:
    _kill(tmp_path, points=45, times=45)
