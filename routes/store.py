"""Keeping a build on disk: plain Parquet, NumPy and JSON files in one folder, swapped whole."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from geo.errors import EnvironmentProblem, StateError
from geo.paths import Home
from routes.costs import CostParameters

__all__ = ["StoredModel", "graph_of", "graph_tables", "read_model", "write_model"]


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
            f"cannot write the model to {home.root}: {error.strerror or error}; free space or set "
            "PETAJAGA_HOME to a folder that can be written"
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
        raise StateError("no build yet; run: petajaga build")
    try:
        about = json.loads((folder / "model.json").read_text("utf-8"))
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
        graph = _read_graph(folder, about["graph"])
        with np.load(folder / "draws.npz") as stored:
            draws = {name: stored[name] for name in stored.files}
        cells = gpd.read_file(folder / "regency_cells.geojson")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise StateError(
            f"the build in {folder} is damaged ({type(error).__name__}); "
            "run: petajaga build --force"
        ) from error
    return StoredModel(about, tables, graph, draws, cells, folder / "basemap.geojson")


def _read_graph(folder: Path, about: Mapping[str, Any]) -> nx.DiGraph:
    nodes, edges = (pd.read_parquet(folder / f"{name}.parquet") for name in ("nodes", "edges"))
    return graph_of(nodes, edges, CostParameters(**about))


def graph_tables(graph: nx.DiGraph) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes (``node`` and its attributes) and edges (``u, v`` and theirs) of a graph, in order."""
    nodes = pd.DataFrame.from_records([{"node": n, **a} for n, a in graph.nodes(data=True)])
    edges = [{"u": u, "v": v, **a} for u, v, a in graph.edges(data=True)]
    return nodes, pd.DataFrame.from_records(edges)


def graph_of(nodes: pd.DataFrame, edges: pd.DataFrame, parameters: CostParameters) -> nx.DiGraph:
    """The graph that :func:`graph_tables` took apart; a missing value is a missing attribute."""
    graph = nx.DiGraph(parameters=parameters)
    names = nodes["node"].tolist()
    graph.add_nodes_from(zip(names, _attributes(nodes.drop(columns="node")), strict=True))
    ends = (edges["u"].tolist(), edges["v"].tolist())
    graph.add_edges_from(zip(*ends, _attributes(edges.drop(columns=["u", "v"])), strict=True))
    return graph


def _attributes(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The values that each row has, by column; column by column, as a nation has 200,000 rows."""
    columns = [str(column) for column in table.columns]
    values = zip(*(table[column].tolist() for column in table.columns), strict=True)
    known = zip(*(table[column].notna().tolist() for column in table.columns), strict=True)
    for row, there in zip(values, known, strict=True):
        yield {name: v for name, v, k in zip(columns, row, there, strict=True) if k}
