"""Lines of corridors below the police tier: the cheapest official way from a seat to its end.

Only what everyone may know is read: the official network with its times and fares (no post, landing
or hidden leg). A line tells how one gets there, and nothing of how many go that way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from layers.release.great_circle import arc_lines
from layers.release.leg_paths import joined

__all__ = ["OfficialWays"]

Point = tuple[float, float]
_TOLERANCE_DEG = 0.005
"""Half a kilometre: no line of a pair of areas is to be read closer."""
_STARTS = ("seat", "hub")
"""Kinds of nodes from which the people of a regency set out."""


class OfficialWays:
    """Ways of least generalised cost over official roads and legs.

    Parameters
    ----------
    nodes : DataFrame
        ``node, kind, lon, lat, area_code, calls_at, destination`` of the graph.
    edges : DataFrame
        ``u, v, hours`` of the official network (:attr:`routes.build.model.Build.official_edges`).
    legs : DataFrame
        Official ones: ``from_id, to_id, hours`` and ``geometry``.
    """

    def __init__(self, nodes: pd.DataFrame, edges: pd.DataFrame, legs: pd.DataFrame) -> None:
        nodes = nodes[nodes["kind"] != "village"].reset_index(drop=True)
        names = pd.Index(nodes["node"])
        edges = edges[edges["u"].isin(names) & edges["v"].isin(names)]
        edges = edges.sort_values("hours", kind="stable").drop_duplicates(["u", "v"])
        ends = (names.get_indexer(edges["u"]), names.get_indexer(edges["v"]))
        hours = np.maximum(edges["hours"].to_numpy(float), 1e-6)
        self._graph = sparse.csr_array((hours, ends), shape=(len(names), len(names)))
        stops = nodes["calls_at"].where(nodes["kind"] == "aboard").fillna(nodes["node"])
        self._stops = stops.tolist()
        self._points = nodes.set_index("node").loc[stops, ["lon", "lat"]].to_numpy(float)
        self._ends: dict[str, list[int]] = nodes.groupby("destination").indices
        starts = nodes[nodes["kind"].isin(_STARTS)]
        self._starts = starts.index.to_numpy()
        self._regencies = starts["area_code"].str[:5].to_numpy()
        legs = legs.sort_values("hours", kind="stable").drop_duplicates(["from_id", "to_id"])
        lines = shapely.simplify(legs["geometry"].to_numpy(object), _TOLERANCE_DEG)
        keys = zip(legs["from_id"], legs["to_id"], strict=True)
        self._lines: Mapping[tuple[str, str], Any] = dict(zip(keys, lines, strict=True))

    def lines(self, ends: Sequence[tuple[Point, Sequence[str], Point]]) -> list[Any]:
        """Ways, each from a seat to the nearest of some destinations.

        Parameters
        ----------
        ends : sequence of tuples
            Longitude and latitude of the seat, degrees; ids of the destinations; a point in their
            place where no official way leads to them.

        Returns
        -------
        list of MultiLineString or None
            The arc where no way is known; None where an end has no point or both are the same.
        """
        paths = [self._path(*end) for end in ends]
        steps = [list(pairwise(path)) for path in paths]
        unknown = sorted({
            (a[1], b[1])
            for path in steps
            for a, b in path
            if (a[0], b[0]) not in self._lines
        })  # fmt: skip
        tails, heads = ([pair[side] for pair in unknown] for side in (0, 1))
        arcs = dict(zip(unknown, arc_lines(tails, heads), strict=True))
        ways = [
            [self._lines.get((a[0], b[0]), arcs.get((a[1], b[1]))) for a, b in path]
            for path in steps
        ]
        return [joined(part for part in way if part is not None) for way in ways]

    def _path(
        self, start: Point, destinations: Sequence[str], end: Point
    ) -> list[tuple[str, Point]]:
        """Terminals passed, with their points, from a seat to a destination."""
        if not np.isfinite([*start, *end]).all():
            return []
        hours, before = self._ways(start)
        ends = [node for name in destinations for node in self._ends.get(name, ())]
        node = min(ends, key=lambda end: (hours[end], end), default=-1)
        if node < 0 or not np.isfinite(hours[node]):
            return [("", start), ("", end)]
        nodes = [int(node)]
        while before[nodes[-1]] >= 0:
            nodes.append(int(before[nodes[-1]]))
        # where its people start, the first node: the seat stands for it
        passed = [(self._stops[k], (*self._points[k].tolist(),)) for k in reversed(nodes[:-1])]
        path = [("", start), *passed]
        return [stop for k, stop in enumerate(path) if not k or stop[0] != path[k - 1][0]]

    @cache  # noqa: B019 - as long as the tables of one release are made
    def _ways(self, seat: Point) -> tuple[Any, Any]:
        """Hours from the regency of a seat to every node, and the node before each."""
        away = ((self._points[self._starts] - seat) ** 2).sum(axis=1)
        own = self._starts[self._regencies == self._regencies[int(away.argmin())]]
        hours, before, _ = csgraph.dijkstra(
            self._graph, indices=own, min_only=True, return_predecessors=True
        )
        return hours, before
