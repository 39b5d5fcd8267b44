"""Worker process of a rebuild: build from the data as they are now, and publish the build.

Seed, draws and origins are those of the current build. The process is that of
:func:`layers.plans.worker.work`; its task is ``{"home"}``, its answer ``{"build", "release",
"changed", "areas"}``, where ``areas`` are the regencies whose departures moved, most first.
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
_LEAST_SHARE = 0.01
"""Change of a regency's departures below which it is not listed."""


def main() -> int:
    """Rebuild the home that standard input names; return the exit code."""
    return work(_rebuild)


def _rebuild(task: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    home = Home.resolve(task["home"])
    progress("graph", 0, 1)
    current = open_build(home)
    before, chosen = _departures(current), current.parameters
    build, built = make_build(
        load_dataset(home.root), home, seed=chosen["seed"], draws=chosen["draws"],
        parameters=ModelParameters(origins=chosen["origins"], pilots=tuple(chosen["pilots"])),
        report=progress,
    )  # fmt: skip
    release, _, published = publish_build(home, report=progress)
    after = _departures(open_build(home)) if built else before
    areas = _moved(before, after)
    changed = built or published
    return {"answer": {"build": build, "release": release, "changed": changed, "areas": areas}}


def _departures(build: Build) -> dict[str, dict[str, Any]]:
    """Name, class and departures (persons/year) of the regencies by code."""
    areas = build.areas[build.areas["level"] == "regency"]
    columns = areas[["code", "name", "class", "departures_mean"]].to_dict("records")
    return {str(row["code"]): row for row in json_values(columns)}


def _moved(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = [
        {
            "code": code,
            "name": row["name"],
            "class": {"before": old["class"], "after": row["class"]},
            "departures": {"before": old["departures_mean"], "after": row["departures_mean"]},
        }
        for code, row in after.items()
        if (old := before.get(code))
    ]

    def change(row: dict[str, Any]) -> float:
        old, new = (row["departures"][when] or 0.0 for when in ("before", "after"))
        return abs(new - old)

    def listed(row: dict[str, Any]) -> bool:
        moved = change(row) > _LEAST_SHARE * (row["departures"]["before"] or 0.0)
        return moved or row["class"]["before"] != row["class"]["after"]

    return sorted(filter(listed, rows), key=change, reverse=True)[:_MOST_AREAS]


if __name__ == "__main__":
    sys.exit(main())
