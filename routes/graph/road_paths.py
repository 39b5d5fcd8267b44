"""Road links along an imported network: fastest paths in place of assumed roads.

A place is snapped to the nearest junction on its own island, at most 5 km away, with access at
15 km/h (assumed: paths, a motorcycle taxi). Junctions count only in strongly connected components
with at least 5 km of road, so that no place is snapped to a courtyard. Between the junctions the
path of least time (Dijkstra) is taken; the fare is paid for its length. Where an end has no road
within reach, or no road joins the two, the link stays modelled from the straight line: the map may
lack a road that exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from geo.dataset import Dataset
from geo.modes import mode_of
from geo.road_network import RoadNetwork
from geo.sphere import arc_km, chord, on_sphere
from routes.graph.costs import CostParameters
from routes.graph.islands import land_units

__all__ = ["LISTED", "MODELLED", "OSM", "REACH_KM", "SNAP_KMH", "RoadPaths", "paths_of"]

LISTED, MODELLED, OSM = "listed", "modelled", "osm"
"""``basis`` of a link: listed in a table, modelled from the straight line, along imported roads."""

REACH_KM = 5.0
SNAP_KMH = 15.0
_LEAST_KM = 5.0
_LEAST_KMH, _MORE_H = 4.0, 3.0
"""A path slower than this over the straight line plus three hours counts as none: the map has a
gap, and the search may stop."""
_CELLS = 20_000_000
"""Distances in memory at once: sources times junctions."""

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Component:
    """A strongly connected component of the network, with its own numbers of junctions.

    Attributes
    ----------
    backward : csr_array, shape (n, n)
        Hours from the head of a stretch to its tail: paths are searched from their ends.
    key, km : arrays, shape (stretches,)
        ``tail * n + head`` ascending, and the length of each stretch.
    """

    backward: csr_array
    key: NDArray[np.int64]
    km: Floats


class RoadPaths:
    """Fastest paths on one network.

    Parameters
    ----------
    roads : RoadNetwork
    island : sequence of str, shape (junctions,)
        Land unit of each junction, as :func:`routes.graph.islands.land_units` names them.
    """

    def __init__(self, roads: RoadNetwork, island: pd.Series) -> None:
        count = len(roads.ids)
        back = ~roads.oneway
        self._tail = np.concatenate([roads.tail, roads.head[back]]).astype(np.int64)
        self._head = np.concatenate([roads.head, roads.tail[back]]).astype(np.int64)
        self._km = np.concatenate([roads.km, roads.km[back]]).astype(float)
        self._hours = np.concatenate([roads.hours, roads.hours[back]]).astype(float)
        links = csr_array((np.ones(len(self._tail)), (self._tail, self._head)), (count, count))
        size, component = connected_components(links, directed=True, connection="strong")
        inner = component[roads.tail] == component[roads.head]
        length = np.bincount(component[roads.tail[inner]], roads.km[inner], minlength=size)
        self._component = np.where(length[component] >= _LEAST_KM, component, -1)
        self._within = np.zeros(count, np.intp)  # number of a junction in its component
        self._components: dict[int, _Component] = {}
        usable = np.flatnonzero(self._component >= 0)
        points = on_sphere(roads.lat, roads.lon)
        units = pd.Series(usable).groupby(island.to_numpy()[usable])
        self._trees = {
            str(unit): (KDTree(points[junctions]), junctions.to_numpy())
            for unit, junctions in units
        }

    def snap(self, places: pd.DataFrame) -> tuple[Integers, Floats]:
        """Nearest junction on the same land (-1 where none is within reach) and km to it.

        Parameters
        ----------
        places : DataFrame
            ``lat, lon, island``.
        """
        node = np.full(len(places), -1, np.intp)
        access_km = np.zeros(len(places))
        points = on_sphere(places["lat"].to_numpy(float), places["lon"].to_numpy(float))
        reach = chord(REACH_KM)
        for unit, rows in places.groupby("island").indices.items():
            if str(unit) not in self._trees:
                continue
            tree, junctions = self._trees[str(unit)]
            distance, nearest = tree.query(points[rows], distance_upper_bound=reach)
            near = np.isfinite(distance)
            node[rows[near]] = junctions[nearest[near]]
            access_km[rows[near]] = arc_km(distance[near])
        return node, access_km

    def along(
        self, links: pd.DataFrame, places: pd.DataFrame, parameters: CostParameters
    ) -> pd.DataFrame:
        """Road links with time, length and cost from the network where it joins their ends.

        Parameters
        ----------
        links : DataFrame
            As of :func:`routes.graph.roads.road_edges`; other modes stay as they are.
        places : DataFrame
            ``node, lat, lon, island`` of every end.

        Returns
        -------
        DataFrame
            The same links with ``basis``; those of :data:`OSM` are no longer ``assumed``.
        """
        links = links.assign(basis=MODELLED)
        if not len(links):
            return links
        road = np.flatnonzero(links["mode"].to_numpy() == "road")
        row = pd.Index(places["node"])
        u, v = (row.get_indexer(links[end].iloc[road]) for end in ("u", "v"))
        straight = links["length_km"].to_numpy(float)[road] / parameters.road_detour
        time, km = self.between(places, places, (u, v), straight)
        joined = np.isfinite(time)
        road, time = road[joined], time[joined]
        # The great circle is up to half a percent shorter than the geodesic.
        km = np.maximum(km, straight)[joined]
        fare = km * mode_of("road").fare_idr_km
        for column, values in {
            "time_h": time,
            "fare_idr": fare,
            "hours": time + fare / parameters.value_of_time_idr_h,
            "length_km": km,
            "assumed": False,
            "basis": OSM,
        }.items():
            links.iloc[road, links.columns.get_loc(column)] = values
        return links

    def between(
        self,
        starts: pd.DataFrame,
        ends: pd.DataFrame,
        pairs: tuple[Integers, Integers],
        straight_km: Floats,
    ) -> tuple[Floats, Floats]:
        """Time and length of the fastest paths between places, with the access to the road.

        Parameters
        ----------
        starts, ends : DataFrame
            ``lat, lon, island``.
        pairs : two int arrays of one length
            Rows of ``starts`` and of ``ends``.
        straight_km : float array
            Straight-line distance of each pair, which limits the search.

        Returns
        -------
        hours, km : float arrays
            Infinite and NaN where no road joins the two, or they are nearer to each other than to
            the road.
        """
        first, first_km = self.snap(starts)
        last, last_km = (first, first_km) if ends is starts else self.snap(ends)
        u, v = pairs
        hours, km = np.full(len(u), np.inf), np.full(len(u), np.nan)
        start, end, access = first[u], last[v], first_km[u] + last_km[v]
        joined = (start >= 0) & (end >= 0) & (self._component[start] == self._component[end])
        row = np.flatnonzero(joined & (straight_km > access))
        limit = straight_km[row] / _LEAST_KMH + _MORE_H
        time, length = self._paths(start[row], end[row], limit)
        hours[row], km[row] = time + access[row] / SNAP_KMH, length + access[row]
        return hours, km

    def _paths(self, start: Integers, end: Integers, limit_h: Floats) -> tuple[Floats, Floats]:
        """Hours and km of the fastest path of each pair of junctions of one component.

        Paths longer than the limit may be left out: infinite.
        """
        hours, km = np.full(len(start), np.inf), np.full(len(start), np.nan)
        number = self._component[start]
        for name, rows in pd.Series(number).groupby(number).indices.items():
            component = self._get(int(name))
            starts = self._within[start[rows]]
            ends, end_of_pair = np.unique(self._within[end[rows]], return_inverse=True)
            step = max(1, _CELLS // component.backward.shape[0])
            for first in range(0, len(ends), step):
                block = np.flatnonzero(end_of_pair // step == first // step)
                reach, onward = dijkstra(
                    component.backward,
                    indices=ends[first : first + step],
                    return_predecessors=True,
                    limit=float(limit_h[rows[block]].max()),
                )
                source = end_of_pair[block] - first
                hours[rows[block]] = reach[source, starts[block]]
                km[rows[block]] = _length(component, onward, source, starts[block])
        return hours, km

    def _get(self, name: int) -> _Component:
        """The component of that number, made on first use."""
        if name not in self._components:
            members = np.flatnonzero(self._component == name)
            count = len(members)
            self._within[members] = np.arange(count)
            inside = (self._component[self._tail] == name) & (self._component[self._head] == name)
            tail, head = self._within[self._tail[inside]], self._within[self._head[inside]]
            hours, km = self._hours[inside], self._km[inside]
            # Of parallel stretches the fastest counts: a matrix would add them up.
            order = np.argsort(hours, kind="stable")
            key, first = np.unique((tail * count + head)[order], return_index=True)
            fastest = order[first]
            coordinates = (head[fastest], tail[fastest])
            backward = csr_array((hours[fastest], coordinates), shape=(count, count))
            self._components[name] = _Component(backward, key.astype(np.int64), km[fastest])
        return self._components[name]


def paths_of(dataset: Dataset) -> RoadPaths | None:
    """Paths on the imported network; None without one."""
    if not len(dataset.roads):
        return None
    junctions = pd.DataFrame({"lat": dataset.roads.lat, "lon": dataset.roads.lon})
    return RoadPaths(dataset.roads, land_units(dataset, [junctions])[0])


def _length(
    component: _Component, onward: NDArray[np.int32], source: Integers, start: Integers
) -> Floats:
    """Length in km of the fastest paths, traced from their starts; 0 where there is none."""
    count = component.backward.shape[0]
    km = np.zeros(len(start))
    active, tail = np.arange(len(start)), start.astype(np.int64)
    while len(active):
        head = onward[source[active], tail].astype(np.int64)
        moving = head >= 0
        active, tail, head = active[moving], tail[moving], head[moving]
        km[active] += component.km[np.searchsorted(component.key, tail * count + head)]
        tail = head
    return km
