"""Keeping a build on disk: plain Parquet, NumPy and JSON files in one folder, swapped whole.

What a command does not use is not read: tables, draws and graph are opened on first use.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import StateError
from geo.files import (
    owner_only,
    private_folder,
    seal,
    sweep_temporary,
    temporary_path,
    translate_os_errors,
)  # fmt: skip
from geo.names import NamedThing
from geo.paths import Home
from routes.build.model import Build

if TYPE_CHECKING:
    from geo.dataset import Dataset

__all__ = [
    "TABLES", "corridor_parts", "load_build", "open_build", "read_corridor_parts",
    "write_corridor_parts", "write_model",
]  # fmt: skip

TABLES = (
    "areas", "corridor_origins", "corridors", "counts", "coverage", "destinations", "edges",
    "hotspots", "legs", "nodes", "official_edges", "pairs", "posts", "services", "settlements",
    "terminals",
)  # fmt: skip
_ABOUT = "model.json"
_MAPPED = ("load", "log_reach")
"""Large arrays of which an answer reads a few rows."""
_CORRIDOR_PARTS = ("terminal_draws", "waypoints", "regency_names")
"""Parts from which a corridor named by its places is answered."""
_CORRIDOR_FILES = (*(f"{name}.npy" for name in _MAPPED), "terminal_draws.npz", "names.json")
"""The files that hold them."""


def write_model(home: Home, build: Build, *, files: Mapping[str, Path], dataset: Dataset) -> None:
    """Write a model folder beside the current one, then put it in its place.

    Parameters
    ----------
    files : mapping
        Packed GeoJSON files to unpack beside the tables, by name.
    dataset : Dataset
        What the build was made from; a copy of its imports is kept with it, so that it is published
        with its own data whatever is imported or undone later.

    Raises
    ------
    EnvironmentProblem
        If the disk is full or may not be written; the model that was there stays.
    """
    import numpy as np

    from geo.imports.store import keep_copy

    fresh = temporary_path(home.model)
    try:
        with translate_os_errors(home.root), owner_only():
            sweep_temporary(private_folder(home.root))
            fresh.mkdir(mode=0o700)
            for name in TABLES:
                getattr(build, name).to_parquet(fresh / f"{name}.parquet", index=False)
            np.savez(fresh / "draws.npz", **asdict(build.draws))
            write_corridor_parts(fresh, corridor_parts(build))
            for name, source in files.items():
                (fresh / f"{name}.geojson").write_bytes(gzip.decompress(source.read_bytes()))
            about = {
                "id": build.id,
                "parameters": build.parameters,
                "files": {path.name: path.stat().st_size for path in sorted(fresh.iterdir())},
            }
            keep_copy(Home(fresh), dataset.imports, dataset.day, dataset.agreements)
            # Written last: a folder without it is not whole.
            (fresh / _ABOUT).write_text(json.dumps(about, sort_keys=True, indent=1), "utf-8")
            seal(fresh)
            _swap(fresh, home.model)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, place: Path) -> None:
    old = temporary_path(place)
    if place.exists():
        place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def corridor_parts(build: Build) -> Mapping[str, Any]:
    """What of a build answers a corridor named by its places, for :func:`write_corridor_parts`."""
    if isinstance(build.parts, _StoredParts):
        return build.parts
    return {name: getattr(build, name) for name in _CORRIDOR_PARTS}


def read_corridor_parts(folder: Path) -> Mapping[str, Any]:
    """The same from a folder that :func:`write_corridor_parts` wrote, each read on first use."""
    return _StoredParts(folder)


def write_corridor_parts(folder: Path, parts: Mapping[str, Any]) -> None:
    """Write them into a folder; of a build on disk as links to its own files, where the disk can:
    they are large, and a build is replaced, never changed.
    """
    import numpy as np

    if isinstance(parts, _StoredParts):
        parts.link(folder, _CORRIDOR_FILES)
        return
    walks = parts["terminal_draws"].as_arrays()
    for name in _MAPPED:
        np.save(folder / f"{name}.npy", walks.pop(name))
    np.savez(folder / "terminal_draws.npz", **walks)
    waypoints = [[w.id, w.name, w.kind, sorted(w.members), w.aliases] for w in parts["waypoints"]]
    names = {"waypoints": waypoints, "regency_names": dict(parts["regency_names"])}
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), "utf-8")


class _StoredParts(Mapping[str, Any]):
    """Parts of the build in a model folder, each read on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[str, Any] = {}
        self._readers: dict[str, Callable[[], Any]] = {
            **{name: partial(self._table, name) for name in TABLES},
            "draws": self._draws,
            "terminal_draws": self._terminal_draws,
            "regency_cells": self._regency_cells,
            "basemap": lambda: folder / "basemap.geojson",
            "basemap_layers": lambda: folder / "basemap_layers.geojson",
            "roads": self._roads,
            "waypoints": self._waypoints,
            "regency_names": lambda: self._names["regency_names"],
        }

    def __getitem__(self, name: str) -> Any:
        if name not in self._opened:
            reader = self._readers[name]
            try:
                self._opened[name] = reader()
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                raise _damaged(self._folder, type(error).__name__) from error
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)

    def link(self, folder: Path, names: Iterable[str]) -> None:
        """Give files of this folder a name in another; copies where that cannot be."""
        for name in names:
            try:
                os.link(self._folder / name, folder / name)
            except OSError:
                shutil.copyfile(self._folder / name, folder / name)

    def columns(self, name: str) -> dict[str, list[Any]]:
        """Columns of a table as lists; missing values are None."""
        from pyarrow.parquet import ParquetFile

        try:
            table = ParquetFile(self._folder / f"{name}.parquet").read()
        except (OSError, ValueError) as error:
            raise _damaged(self._folder, type(error).__name__) from error
        return {column: table.column(column).to_pylist() for column in table.column_names}

    def _table(self, name: str) -> Any:
        import pandas as pd

        return pd.read_parquet(self._folder / f"{name}.parquet")

    def _arrays(self, name: str) -> dict[str, Any]:
        import numpy as np

        with np.load(self._folder / f"{name}.npz") as stored:
            return {key: stored[key] for key in stored.files}

    def _draws(self) -> Any:
        from routes.ensemble.draws import Draws

        return Draws(**self._arrays("draws"))

    def _terminal_draws(self) -> Any:
        import numpy as np

        from routes.corridors.terminal_walks import TerminalDraws

        mapped = {n: np.load(self._folder / f"{n}.npy", mmap_mode="r") for n in _MAPPED}
        return TerminalDraws.from_arrays(self._arrays("terminal_draws") | mapped)

    def _regency_cells(self) -> Any:
        import geopandas as gpd

        return gpd.read_file(self._folder / "regency_cells.geojson")

    def _roads(self) -> Any:
        from geo.imports.store import build_day, imported_roads, verified

        kept = Home(self._folder)
        return imported_roads(verified(kept, build_day(kept) or ""))

    @property
    def _names(self) -> dict[str, Any]:
        names: dict[str, Any] = json.loads((self._folder / "names.json").read_text("utf-8"))
        return names

    def _waypoints(self) -> list[NamedThing]:
        return [
            NamedThing(id, name, kind, frozenset(members), tuple(aliases))
            for id, name, kind, members, aliases in self._names["waypoints"]  # noqa: A001
        ]


def _damaged(folder: Path, reason: str) -> StateError:
    return StateError("build.damaged", folder=folder, reason=reason)


def load_build(home: Home | str | Path | None = None) -> Build:
    """Open the current build for analysis: tables with places are GeoDataFrames.

    Tables and model are read when they are first used.

    Raises
    ------
    StateError
        If there is none or it is not whole; the message names the command.

    Examples
    --------
    >>> build = load_build("/no/such/home")
    Traceback (most recent call last):
    geo.errors.StateError: no build yet; run: petajaga build
    """
    build = open_build(home)
    return Build(build.id, build.parameters, build.parts, geographic=True)


def open_build(home: Home | str | Path | None = None) -> Build:
    """Open the current build with plain tables, which are quicker; errors as
    :func:`load_build`.

    Examples
    --------
    >>> open_build("/no/such/home")
    Traceback (most recent call last):
    geo.errors.StateError: no build yet; run: petajaga build
    """
    folder = Home.resolve(home).model
    if not (folder / _ABOUT).exists():
        raise StateError("build.missing")
    try:
        about = json.loads((folder / _ABOUT).read_text("utf-8"))
        for name, size in about["files"].items():
            if (folder / name).stat().st_size != size:
                raise _damaged(folder, name)
        return Build(about["id"], about["parameters"], _StoredParts(folder))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise _damaged(folder, type(error).__name__) from error
