"""Keeping a build on disk: plain Parquet, NumPy and JSON files in one folder, swapped whole."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from geo.errors import EnvironmentProblem, StateError, os_reason
from geo.paths import Home
from routes.build.model import Build
from routes.ensemble.draws import Draws
from routes.graph.storage import graph_tables, read_graph

__all__ = [
    "TABLES",
    "StoredModel",
    "load_build",
    "read_model",
    "write_model",
]

TABLES = frozenset(
    {
        *("areas", "settlements", "terminals", "legs", "destinations", "corridors"),
        *("corridor_origins", "pairs", "counts", "services", "posts", "hotspots"),
    }
)


@dataclass(frozen=True, eq=False)
class StoredModel:
    """What a model folder holds."""

    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    graph: nx.DiGraph
    draws: dict[str, Any]
    regency_cells: gpd.GeoDataFrame
    basemap: Path


def write_model(
    home: Home,
    *,
    tables: Mapping[str, pd.DataFrame],
    graph: nx.DiGraph,
    draws: Mapping[str, Any],
    about: Mapping[str, Any],
    files: Mapping[str, Path],
) -> None:
    """Write a model folder beside the current one, then put it in its place.

    Raises
    ------
    EnvironmentProblem
        If the disk is full or may not be written; the model that was there stays.
    """
    fresh = home.root / f".model-{os.getpid()}"
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for name, table in tables.items():
            table.to_parquet(fresh / f"{name}.parquet", index=False)
        for name, table in zip(("nodes", "edges"), graph_tables(graph), strict=True):
            table.to_parquet(fresh / f"{name}.parquet", index=False)
        np.savez(fresh / "draws.npz", **draws)
        for name, source in files.items():
            (fresh / f"{name}.geojson").write_bytes(gzip.decompress(source.read_bytes()))
        costs = {"value_of_time_idr_h": graph.graph["parameters"].value_of_time_idr_h}
        # Written last: a folder without it is not whole.
        (fresh / "model.json").write_text(
            json.dumps({**about, "graph": costs}, sort_keys=True, indent=1), "utf-8"
        )
        _swap(fresh, home.model)
    except OSError as error:
        raise EnvironmentProblem(
            "disk.unwritable", target=home.root, reason=os_reason(error)
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, place: Path) -> None:
    old = place.with_name(f".model-old-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def read_model(home: Home, names: Sequence[str]) -> StoredModel:
    """Read the model folder; :class:`StateError` where there is none or it is damaged."""
    folder = home.model
    if not (folder / "model.json").exists():
        raise StateError("build.missing")
    try:
        about = json.loads((folder / "model.json").read_text("utf-8"))
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
        graph = read_graph(folder, about["graph"])
        with np.load(folder / "draws.npz") as stored:
            draws = {name: stored[name] for name in stored.files}
        cells = gpd.read_file(folder / "regency_cells.geojson")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise StateError("build.damaged", folder=folder, reason=type(error).__name__) from error
    return StoredModel(about, tables, graph, draws, cells, folder / "basemap.geojson")


def load_build(home: Home | str | Path | None = None) -> Build:
    """Read the current build.

    Raises
    ------
    StateError
        If there is none or it is not whole; the message names the command.
    """
    stored = read_model(Home.resolve(home), sorted(TABLES))
    return Build(
        id=stored.about["id"],
        parameters=stored.about["parameters"],
        graph=stored.graph,
        draws=Draws(**stored.draws),
        regency_cells=stored.regency_cells,
        basemap=stored.basemap,
        **stored.tables,
    )
