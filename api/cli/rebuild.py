"""Worker process of a rebuild: build from the data as they are now, and publish the build.

Seed, draws and origins are those of the current build. The process is that of
:func:`layers.plans.worker.work`; its task is ``{"home"}``, its answer ``{"build", "release",
"changed", "areas"}``, where ``areas`` are the regencies that moved, most first.
"""

from __future__ import annotations

import sys
from typing import Any

from api.cli.build import make_build, publish_build
from api.cli.state import open_build
from geo.dataset import load_dataset
from geo.json_values import json_values
from geo.paths import Home
from geo.progress import ProgressCallback
from layers.plans.worker import work
from routes.build.model import Build
from routes.build.parameters import ModelParameters

__all__ = ["main"]

_MOST_AREAS = 20
_MOST_SCORE = 10.0
_LEAST_CHANGE = 0.01
"""Share of the departures, or of the range of the score, below which a change is not listed."""


def main() -> int:
    """Rebuild the home that standard input names; return the exit code."""
    return work(_rebuild)


def _rebuild(task: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    home = Home.resolve(task["home"])
    progress("graph", 0, 1)
    current = open_build(home)
    before, chosen = _regencies(current), current.parameters
    build, built = make_build(
        load_dataset(home.root), home, seed=chosen["seed"], draws=chosen["draws"],
        parameters=ModelParameters(origins=chosen["origins"], pilots=tuple(chosen["pilots"])),
        report=progress,
    )  # fmt: skip
    release, _, published = publish_build(home, report=progress)
    after = _regencies(open_build(home)) if built else before
    areas = _moved(before, after)
    changed = built or published
    return {"answer": {"build": build, "release": release, "changed": changed, "areas": areas}}


def _regencies(build: Build) -> dict[str, dict[str, Any]]:
    """Name, class, departures (persons/year) and score (0-10) of the regencies by code."""
    areas = build.areas[build.areas["level"] == "regency"]
    columns = {"departures_mean": "departures", "score_mean": "score"}
    rows = areas[["code", "name", "class", *columns]].rename(columns=columns).to_dict("records")
    return {str(row["code"]): row for row in json_values(rows)}


def _moved(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Regencies whose departures, score or class moved, those that moved most first."""

    def share(old: float | None, new: float | None, whole: float) -> float:
        return abs((new or 0.0) - (old or 0.0)) / (whole or 1.0)

    moved = []
    for code, row in after.items():
        if (old := before.get(code)) is None:
            continue
        change = max(
            share(old["departures"], row["departures"], old["departures"] or 0.0),
            share(old["score"], row["score"], _MOST_SCORE),
        )
        if change >= _LEAST_CHANGE or old["class"] != row["class"]:
            pairs = {
                name: {"before": old[name], "after": row[name]}
                for name in ("class", "departures", "score")
            }
            moved.append((change, {"code": code, "name": row["name"], **pairs}))
    moved.sort(key=lambda item: item[0], reverse=True)
    return [row for _, row in moved[:_MOST_AREAS]]


if __name__ == "__main__":
    sys.exit(main())
