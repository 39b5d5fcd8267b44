"""Road links along an imported network: the fastest way between two places instead of a guess.

A place is snapped to the nearest junction on its own island, at most 5 km away, over which one
walks or rides at 15 km/h (assumed: paths, a motorcycle taxi). Junctions count only in parts of the
network that hang together in both directions and have at least 5 km of road, so that nobody is
snapped to a courtyard. Between the junctions the way is that of least time (Dijkstra), its length
is what the fare is paid for. Where an end has no road within reach, or no road joins the two, the
link stays modelled from the straight line: the map may lack a road that is there.
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
"""``basis`` of a link: curated or imported in a table; guessed; along the imported roads."""

REACH_KM = 5.0
SNAP_KMH = 15.0
_LEAST_KM = 5.0
_LEAST_KMH, _MORE_H = 4.0, 3.0
"""A way slower than this over the straight line, and three hours more, is taken for none: the map
has a gap there, and the search may stop."""
_CELLS = 20_000_000
"""Distances held at once: sources times junctions."""

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Part:
    """One part of the network, strongly connected; junctions numbered within it.

    Attributes
    ----------
    backward : csr_array, shape (n, n)
        Hours from the head of a stretch to its tail: paths are searched from where they end.
    key, km : arrays, shape (stretches,)
        ``tail * n + head`` ascending, and the length of that stretch.
    """

    backward: csr_array
    key: NDArray[np.int64]
    km: Floats


class RoadPaths:
    """Shortest ways on one network.

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
        parts, part = connected_components(links, directed=True, connection="strong")
        inner = part[roads.tail] == part[roads.head]
        length = np.bincount(part[roads.tail[inner]], roads.km[inner], minlength=parts)
        self._part = np.where(length[part] >= _LEAST_KM, part, -1)
        self._within = np.zeros(count, np.intp)  # number of a junction in its part
        self._parts: dict[int, _Part] = {}
        usable = np.flatnonzero(self._part >= 0)
        points = on_sphere(roads.lat, roads.lon)
        names = pd.Series(island.to_numpy()[usable], index=usable)
        self._trees = {
            str(unit): (KDTree(points[mine.index]), mine.index.to_numpy())
            for unit, mine in names.groupby(names)
        }

    def snap(self, places: pd.DataFrame) -> tuple[Integers, Floats]:
        """Nearest junction on the same land, and how far it is.

        Parameters
        ----------
        places : DataFrame
            ``lat, lon, island``.

        Returns
        -------
        int array, shape (n,)
            Position of the junction; -1 where none is within reach.
        float array, shape (n,)
            Kilometres to it, great circle.
        """
        node = np.full(len(places), -1, np.intp)
        away = np.zeros(len(places))
        points = on_sphere(places["lat"].to_numpy(float), places["lon"].to_numpy(float))
        reach = chord(REACH_KM)
        for unit, rows in places.groupby("island").indices.items():
            tree, junctions = self._trees.get(str(unit), (None, None))
            if tree is None or junctions is None:
                continue
            far, found = tree.query(points[rows], distance_upper_bound=reach)
            near = np.isfinite(far)
            node[rows[near]] = junctions[found[near]]
            away[rows[near]] = arc_km(far[near])
        return node, away

    def along(
        self, links: pd.DataFrame, places: pd.DataFrame, parameters: CostParameters
    ) -> pd.DataFrame:
        """Road links with the time, length and cost of the network, where it joins their ends.

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
        found = np.isfinite(time)
        road, time = road[found], time[found]
        # The great circle is up to half a percent shorter than the geodesic it stands for.
        km = np.maximum(km, straight)[found]
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
        here: pd.DataFrame,
        there: pd.DataFrame,
        pairs: tuple[Integers, Integers],
        straight_km: Floats,
    ) -> tuple[Floats, Floats]:
        """Time and length of the fastest ways between places, with the way to the road.

        Parameters
        ----------
        here, there : DataFrame
            ``lat, lon, island``.
        pairs : two int arrays of one length
            Rows of ``here`` and of ``there``.
        straight_km : float array
            How far the two of each pair are apart: how long to search, and whether at all.

        Returns
        -------
        hours, km : float arrays
            Infinite and NaN where no road joins the two, or they are nearer to each other than to
            the road.
        """
        start, walk = self.snap(here)
        end, ride = (start, walk) if there is here else self.snap(there)
        u, v = pairs
        hours, km = np.full(len(u), np.inf), np.full(len(u), np.nan)
        a, b = start[u], end[v]
        joined = (a >= 0) & (b >= 0) & (self._part[a] == self._part[b])
        row = np.flatnonzero(joined & (straight_km > walk[u] + ride[v]))
        access = walk[u[row]] + ride[v[row]]
        time, length = self._paths(a[row], b[row], straight_km[row] / _LEAST_KMH + _MORE_H)
        hours[row], km[row] = time + access / SNAP_KMH, length + access
        return hours, km

    def _paths(self, start: Integers, end: Integers, most: Floats) -> tuple[Floats, Floats]:
        """Hours and kilometres of the fastest way of each pair of junctions of one part.

        Ways of more than ``most`` hours need not be found: infinite.
        """
        hours, km = np.full(len(start), np.inf), np.full(len(start), np.nan)
        for name, rows in pd.Series(self._part[start]).groupby(self._part[start]).indices.items():
            part = self._get(int(name))
            a, b = self._within[start[rows]], self._within[end[rows]]
            ends, which = np.unique(b, return_inverse=True)
            step = max(1, _CELLS // part.backward.shape[0])
            for first in range(0, len(ends), step):
                mine = np.flatnonzero((which >= first) & (which < first + step))
                reach, onward = dijkstra(
                    part.backward,
                    indices=ends[first : first + step],
                    return_predecessors=True,
                    limit=float(most[rows[mine]].max()),
                )
                source = which[mine] - first
                hours[rows[mine]] = reach[source, a[mine]]
                km[rows[mine]] = _length(part, onward, source, a[mine])
        return hours, km

    def _get(self, name: int) -> _Part:
        """The part of that name, built on first use."""
        if name not in self._parts:
            members = np.flatnonzero(self._part == name)
            count = len(members)
            self._within[members] = np.arange(count)
            inside = (self._part[self._tail] == name) & (self._part[self._head] == name)
            tail, head = self._within[self._tail[inside]], self._within[self._head[inside]]
            hours, km = self._hours[inside], self._km[inside]
            # Of parallel stretches the fastest counts: a matrix would add them up.
            order = np.lexsort((hours, tail * count + head))
            key = (tail * count + head)[order].astype(np.int64)
            first = np.ones(len(key), np.bool_)
            first[1:] = key[1:] != key[:-1]
            one = order[first]
            backward = csr_array((hours[one], (head[one], tail[one])), shape=(count, count))
            self._parts[name] = _Part(backward, key[first], km[one])
        return self._parts[name]


def paths_of(dataset: Dataset) -> RoadPaths | None:
    """The ways on the network that was imported; None without one."""
    if not len(dataset.roads):
        return None
    junctions = pd.DataFrame({"lat": dataset.roads.lat, "lon": dataset.roads.lon})
    return RoadPaths(dataset.roads, land_units(dataset, [junctions])[0])


def _length(part: _Part, onward: NDArray[np.int32], source: Integers, start: Integers) -> Floats:
    """Kilometres along the fastest ways, walked from the start; NaN where there is none."""
    count = part.backward.shape[0]
    total = np.zeros(len(start))
    walking, here = np.arange(len(start)), start.astype(np.int64)
    while len(walking):
        there = onward[source[walking], here]
        on = there >= 0
        walking, here, there = walking[on], here[on], there[on]
        total[walking] += part.km[np.searchsorted(part.key, here * count + there)]
        here = there.astype(np.int64)
    return total
