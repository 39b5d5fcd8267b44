"""How long quick commands take from nothing, beside an empty program."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import ROOT

pytestmark = pytest.mark.bench

COMMANDS = {
    "corridor": ["corridor", "Kupang", "Labuan Bajo", "Nunukan"],
    "corridors": ["corridors", "--origin", "53"],
    "areas": ["areas"],
    "ports": ["ports"],
    "--help": ["--help"],
    "plan posts -k 3": ["plan", "posts", "-k", "3"],
    "doctor": ["doctor"],
}
TARGET_S = {"corridor": 1.0, "corridors": 1.0, "areas": 1.0, "ports": 1.0}


def measured(words: list[str], home: Path) -> tuple[float, float]:
    """Least wall and processor seconds of five runs."""
    walls, processor = [], []
    for _ in range(5):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            words, cwd=ROOT, env={**os.environ, "PETAJAGA_HOME": str(home)}, check=True,
            capture_output=True,
        )  # fmt: skip
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(processor)


@pytest.mark.parametrize("name", COMMANDS)
def test_cold_start(name: str, built_home: Path, ledger: Any) -> None:
    empty, _ = measured([sys.executable, "-c", "pass"], built_home)
    command = [sys.executable, "-m", "api.cli", *COMMANDS[name]]
    wall, processor = measured(command, built_home)
    note = f"{wall / empty:.0f} x an empty program; {processor:.2f} s of processor time"
    ledger.add(f"petajaga {name}", wall, "s", at_most=TARGET_S.get(name), note=note)
