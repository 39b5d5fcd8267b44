"""The command line ``petajaga``.

This module needs nothing but the standard library: it checks that the environment is there and
fits the lock before it imports the rest, so that a missing or old one is one line and no traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from api.bootstrap import NO_WINDOWS, OLDEST_PYTHON, ROOT, environment_state

__all__ = ["main"]


def _environment_trouble() -> str:
    if sys.version_info[:2] < OLDEST_PYTHON:
        return f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; run: make setup"
    if environment_state(Path(sys.prefix)) == "old":
        return "the environment is older than requirements.lock; run: make setup"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 could not, 2 wrong use.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``petajaga``; those of the process when not given.
    """
    # The model solves small systems many times, for which threads wait longer than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The doctor tells about an old environment itself, and more.
    words = list(sys.argv[1:] if arguments is None else arguments)
    if sys.platform == "win32":
        trouble = NO_WINDOWS
    else:
        trouble = "" if words[:1] == ["doctor"] else _environment_trouble()
    if not trouble:
        try:
            from api.cli.runner import run
        except ModuleNotFoundError as error:
            packages = {path.name for path in ROOT.iterdir() if path.is_dir()}
            if (error.name or "").partition(".")[0] in packages:
                raise  # a broken checkout, not a missing package
            trouble = f"the package {error.name} is missing from the environment; run: make setup"
        else:
            return run(words)
    sys.stderr.write(f"petajaga: {trouble}\n")
    return 1
