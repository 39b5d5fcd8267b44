"""Lines of corridors along the legs on record: ships go around land, not through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from geo.names import place_id
from layers.release.great_circle import arc_lines

__all__ = ["LegPaths", "joined", "way_finder"]

_LONGEST = 2.5
"""Times the arc between two waypoints: a longer way along legs is not what the corridor means."""


def joined(ways: Iterable[shapely.MultiLineString]) -> shapely.MultiLineString | None:
    """Ways one after the other: a part that begins where the last one ends continues it."""
    parts: list[list[tuple[float, ...]]] = []
    for way in ways:
        for part in shapely.get_parts(way):
            path = list(part.coords)
            if parts and parts[-1][-1] == path[0]:
                parts[-1] += path[1:]
            else:
                parts.append(path)
    return shapely.MultiLineString(parts) if parts else None


class LegPaths:
    """The quickest way along legs between the terminals of two places.

    Parameters
    ----------
    terminals : DataFrame
        ``id, place``.
    legs : DataFrame
        ``from_id, to_id, generalised_hours`` and ``geometry``, from its start to its end.
    """

    def __init__(self, terminals: pd.DataFrame, legs: pd.DataFrame) -> None:
        self._ids = pd.Index(terminals["id"])
        self._members: dict[str, list[int]] = {str(id_): [k] for k, id_ in enumerate(self._ids)}
        for k, place in enumerate(terminals["place"].fillna("")):
            if place:
                self._members.setdefault(place_id(place), []).append(k)
        legs = legs[legs["generalised_hours"].notna()]
        quickest = legs.sort_values("generalised_hours", kind="stable").drop_duplicates(
            ["from_id", "to_id"]
        )
        tail, head = (self._ids.get_indexer(quickest[side]) for side in ("from_id", "to_id"))
        shapes = quickest["geometry"]
        self._lines = dict(zip(zip(tail.tolist(), head.tolist(), strict=True), shapes, strict=True))
        hours = np.maximum(quickest["generalised_hours"].to_numpy(float), 1e-6)
        size = len(self._ids)
        self._graph = sparse.csr_array((hours, (tail, head)), shape=(size, size))

    def line(
        self, waypoints: Sequence[str], lons: Sequence[float], lats: Sequence[float]
    ) -> shapely.MultiLineString | None:
        """The way through waypoints: along legs where they join two, else the arc between them.

        Parameters
        ----------
        waypoints : sequence of str
            Ids of terminals, places and, last, the destination.
        lons, lats : sequences of float
            Their points, degrees.

        Returns
        -------
        MultiLineString or None
            None with fewer than two known points.
        """
        ways = []
        points = np.column_stack([lons, lats])
        for (a, b), arc in zip(
            pairwise(waypoints), arc_lines(points[:-1], points[1:]), strict=True
        ):
            way = self._way(a, b)
            if way is None or (arc is not None and way.length > _LONGEST * arc.length):
                way = arc
            ways.append(way)
        return joined(way for way in ways if way is not None)

    @cache  # noqa: B019 - as long as the tables of one release are made
    def _way(self, start: str, end: str) -> shapely.MultiLineString | None:
        starts, ends = self._members.get(start, []), self._members.get(end, [])
        if not starts or not ends or set(starts) & set(ends):
            return None
        hours, before, _ = csgraph.dijkstra(
            self._graph, indices=sorted(starts), min_only=True, return_predecessors=True
        )
        node = min(ends, key=lambda end: (hours[end], end))
        if not np.isfinite(hours[node]):
            return None
        parts: list[shapely.LineString] = []
        while before[node] >= 0:
            leg = self._lines[int(before[node]), node]
            parts[:0] = [] if leg is None else list(leg.geoms)
            node = int(before[node])
        return shapely.MultiLineString(parts) if parts else None


def way_finder(
    ports: Sequence[tuple[Mapping[str, Any], Any]], legs: Sequence[tuple[Mapping[str, Any], Any]]
) -> Callable[[Sequence[Mapping[str, Any]]], shapely.MultiLineString | None]:
    """What draws a corridor along legs between the terminals of its waypoints.

    Parameters
    ----------
    ports, legs : sequences of (row, geometry)
        The layers ``terminals`` and ``legs``.

    Returns
    -------
    callable
        Takes waypoints (``id, name``); gives None where fewer than two of them are places with
        terminals.
    """
    points = {row[key]: shape for row, shape in ports for key in ("place", "id")}
    paths = LegPaths(
        pd.DataFrame([row for row, _ in ports]),
        pd.DataFrame([{**row, "geometry": shape} for row, shape in legs]),
    )

    def between(waypoints: Sequence[Mapping[str, Any]]) -> shapely.MultiLineString | None:
        drawn = [
            (stop["id"], point.x, point.y)
            for stop in waypoints
            if (point := points.get(stop["id"]) or points.get(stop["name"])) is not None
        ]
        return paths.line(*zip(*drawn, strict=True)) if len(drawn) > 1 else None

    return between
