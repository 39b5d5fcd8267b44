"""``python -m api`` on loopback, as the operator starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.paths import Home

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def started(home: Home, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The service on a free port: its address, and the process, which is killed at last."""
    environment = {**os.environ, "PETAJAGA_HOME": str(home.root), "PETAJAGA_PORT": "0", **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "api"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Petajaga answers at http://"), line
        yield line.split()[-1], process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def serving(home: Home, **settings: str) -> Iterator[str]:
    """The service on a free port, which ends without complaint; gives its address."""
    with started(home, **settings) as (address, process):
        yield address
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert "Traceback" not in err
