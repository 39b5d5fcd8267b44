"""Kills ``publish`` at many moments, each in a forked child: a script for ``test_kills``.

The threads of the libraries that write do not survive a fork, so nothing is published in the
process that forks. A child stops itself before the n-th change of a file; n runs over all of them
by even steps. Others are killed from outside at any time, also within GDAL, SQLite and freestiler.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.files import exposed_files
from geo.paths import Home
from layers.release.editions import editions
from layers.release.publish import publish
from layers.release.release import open_release
from layers.release.verify import current_folder
from tests.layers.conftest import make_build, make_home

_CHANGES = ("rename", "replace", "fsync", "mkdir", "unlink", "open", "chmod", "rmdir")
"""Functions of ``os`` that change files, or open them to be changed."""


def _publish(build: Any, home: Home, *, at: int | None = None) -> int:
    """Publish, counting changes of files; the process is killed before number ``at``."""
    count = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **options: Any) -> Any:
            nonlocal count
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return function(*words, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in _CHANGES:
            patch.setattr(os, name, counted(getattr(os, name)))
        publish(build, home).close()
    return count


def _in_child(action: Callable[[], object], *, after_seconds: float | None = None) -> int:
    """Status of a child that runs ``action``: 0, 1 for an exception, -9 where it was killed."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:  # noqa: BLE001 - a forked child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if after_seconds is not None:
        time.sleep(after_seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _check(home: Home, allowed: set[str], next_build: Any) -> None:
    """Whatever the kill left: a whole release, no number lost, and the next publish succeeds."""
    with open_release(home) as release:
        assert release.id in allowed
        assert release.edition is not None
        assert release.features("areas", "public").matched > 0
    kept = editions(home.releases)
    assert [edition.number for edition in kept] == list(range(1, len(kept) + 1))
    with publish(next_build, home) as after:
        assert after.edition is not None
        assert after.edition.number == len(kept) + 1
    now = editions(home.releases)
    assert now[:-1] == kept
    inside = {path.name for path in home.releases.iterdir()}
    # a folder that had its name and not yet its number is there, and has it when published again
    assert {*(edition.release for edition in now), ".lock", "current", "editions.json"} <= inside
    assert not [name for name in inside if name.startswith(".") and name != ".lock"]
    assert exposed_files(home.releases) == []


def main(folder: Path, points: int, times: int) -> None:
    """Kill at ``points`` changes of files and at ``times`` moments; print what happened."""
    first, build = make_build(folder), make_build(folder)
    build.areas.loc[1, "class"] = "low"
    last = make_build(folder)
    last.areas.loc[1, "class"] = "medium"
    template, whole = make_home(folder / "template"), make_home(folder / "whole")
    counts = folder / "count"

    def measure() -> None:  # in a child of its own: a second publish finds more in memory
        started = time.monotonic()
        total = _publish(build, whole)
        counts.write_text(f"{total} {time.monotonic() - started}")

    assert _in_child(lambda: publish(first, template).close()) == 0
    assert _in_child(lambda: publish(first, whole).close()) == 0
    assert _in_child(measure) == 0
    total, seconds = (float(word) for word in counts.read_text().split())
    allowed = {current_folder(home).name for home in (template, whole)}
    old = current_folder(template).name
    generator, left_old, killed = random.Random(points), 0, 0
    for number in range(points + times):
        home = Home.resolve(shutil.copytree(template.root, folder / f"home-{number}"))
        if number < points:
            at = round(number * (total - 1) / (points - 1))
            status = _in_child(lambda home=home, at=at: _publish(build, home, at=at))  # type: ignore[misc]
            assert status == -signal.SIGKILL, status
        else:
            moment = generator.uniform(0, seconds)
            status = _in_child(lambda home=home: _publish(build, home), after_seconds=moment)  # type: ignore[misc]
            assert status in (0, -signal.SIGKILL), status
        killed += status == -signal.SIGKILL
        left_old += current_folder(home).name == old
        assert _in_child(lambda home=home: _check(home, allowed, last)) == 0, number  # type: ignore[misc]
        shutil.rmtree(home.root)
    print(killed, left_old, int(total))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
