"""From ways to a small graph: cut at junctions, without dead ends of small roads, contracted.

In flat arrays, because a province has a million stretches and the reading process little memory. A
point at least every kilometre of road is kept, so that a village is joined to the road beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geo.coast import GEOD
from geo.imports.read_osm import Ways
from geo.imports.road_tags import CLASSES, MINOR
from geo.sphere import arc_km, chord, on_sphere

__all__ = ["NEAR_KM", "Edges", "contracted", "stretches", "without_stubs"]

NEAR_KM = 2.0
"""A settlement this near to a road is on it: a small road that ends there stays."""

_PIECE_KM = 1.0
_FARTHEST_KM = 50.0
"""Consecutive points of a road are nearer than this, or one of them is wrong."""
_BATCH = 500_000
_ROUNDS = 60

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Edges:
    """Stretches of road between nodes of :class:`Ways`; arrays of equal length.

    Attributes
    ----------
    tail, head : int32 arrays
        Position of the nodes; where ``oneway``, traffic goes from tail to head.
    km, hours : float64 arrays
        Geodesic length along the road, and the time that takes.
    oneway : bool array
    class_ : int8 array
        Position in ``CLASSES``; of contracted stretches that of the first.
    first, last : int32 arrays
        Positions in ``Ways.refs`` between which the stretch is drawn; of contracted stretches the
        first's.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    km: Floats
    hours: Floats
    oneway: NDArray[np.bool_]
    class_: NDArray[np.int8]
    first: NDArray[np.int32]
    last: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.tail)

    def take(self, rows: NDArray[Any]) -> Edges:
        """The stretches at ``rows`` (positions or a mask)."""
        return Edges(*(part[rows] for part in vars(self).values()))


def stretches(ways: Ways) -> tuple[Edges, int]:
    """Cut the ways at junctions, at nodes that are missing, and at least every kilometre.

    Returns
    -------
    Edges, int
        The stretches, and how many ways are cut at a node that is missing, abroad or far away.
    """
    visits = np.zeros(len(ways.ids), np.int32)
    cut = 0
    for pieces, cuts in (_pieces(ways, part) for part in _batches(ways)):
        np.add.at(visits, pieces.a, 1)
        np.add.at(visits, pieces.b, 1)
        cut += cuts
    batches = [_joined(ways, _pieces(ways, part)[0], visits) for part in _batches(ways)]
    batches = [edges for edges in batches if len(edges)] or batches[:1]
    columns = zip(*(vars(edges).values() for edges in batches), strict=True)
    return Edges(*(np.concatenate(parts) for parts in columns)), cut


class _Pieces(NamedTuple):
    """Roads from one node, ``Ways.refs[at]``, to the next; those of one ``group`` follow one
    another unbroken.
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    at: Integers
    way: Integers
    group: Integers
    km: Floats


def _batches(ways: Ways) -> Iterator[slice]:
    """Slices of the ways, so that intermediate arrays stay small."""
    count, first = len(ways.class_), 0
    while first < count:
        last = int(np.searchsorted(ways.first, ways.first[first] + _BATCH))
        last = min(max(last, first + 1), count)
        yield slice(first, last)
        first = last


def _pieces(ways: Ways, part: slice) -> tuple[_Pieces, int]:
    """The pieces of some ways, and how many of these ways are cut."""
    first = ways.first[part.start : part.stop + 1]
    refs = ways.refs[first[0] : first[-1]]
    way = np.repeat(np.arange(part.start, part.stop), np.diff(first))
    inner = way[:-1] == way[1:]
    a, b, way = refs[:-1][inner], refs[1:][inner], way[:-1][inner]
    at = first[0] + np.flatnonzero(inner)
    metres = GEOD.inv(*ways.degrees(a), *ways.degrees(b))[2]
    km = np.asarray(metres, dtype=float) / 1000.0
    broken = (a < 0) | (b < 0) | (km > _FARTHEST_KM)
    gap = np.ones(len(a), np.bool_)  # the piece before it is of another way, or broken
    gap[1:] = (way[1:] != way[:-1]) | broken[:-1]
    kept = ~broken & (a != b)
    group = np.cumsum(gap)
    pieces = _Pieces(a[kept], b[kept], at[kept], way[kept], group[kept], km[kept])
    return pieces, len(np.unique(way[broken]))


def _joined(ways: Ways, pieces: _Pieces, visits: NDArray[np.int32]) -> Edges:
    """Pieces joined up to the next junction or kilometre."""
    a, b, place, way, group, km = pieces
    starts = np.ones(len(a), np.bool_)
    starts[1:] = (group[1:] != group[:-1]) | (visits[a[1:]] != 2)
    run = np.flatnonzero(starts)
    along = np.cumsum(km)
    before = np.repeat(along[run] - km[run], np.diff(np.append(run, len(a))))
    kilometre = ((along - before - km / 2.0) / _PIECE_KM).astype(np.int32)
    starts[1:] |= kilometre[1:] != kilometre[:-1]
    at = np.flatnonzero(starts)
    last = (np.append(at[1:], len(a)) - 1)[: len(at)]
    length = np.add.reduceat(km, at) if len(at) else km
    owner = way[at]
    against = ways.direction[owner] < 0
    edges = Edges(
        tail=np.where(against, b[last], a[at]).astype(np.int32),
        head=np.where(against, a[at], b[last]).astype(np.int32),
        km=length,
        hours=length / ways.kmh[owner],
        oneway=ways.direction[owner] != 0,
        class_=ways.class_[owner],
        first=place[at].astype(np.int32),
        last=(place[last] + 1).astype(np.int32),
    )
    return edges.take(edges.tail != edges.head)


def without_stubs(
    edges: Edges, ways: Ways, places: Floats
) -> tuple[Edges, NDArray[np.bool_], Floats]:
    """Drop dead ends of small roads without a settlement.

    Parameters
    ----------
    places : array, shape (n, 3)
        Settlements, as of :func:`geo.sphere.on_sphere`.

    Returns
    -------
    Edges
    bool array, shape (nodes,)
        Anchors: nodes that are nearest to a settlement.
    float array, shape (n,)
        Distance of each settlement from the nearest node of a road, km (infinite beyond 2 km).
    """
    used = np.unique(np.concatenate([edges.tail, edges.head]))
    anchors = np.zeros(len(ways.ids), np.bool_)
    if not len(used):
        return edges, anchors, np.full(len(places), np.inf)
    lon, lat = ways.degrees(used)
    tree = KDTree(on_sphere(lat, lon))
    far, nearest = tree.query(places, distance_upper_bound=chord(NEAR_KM))
    near = np.isfinite(far)
    anchors[used[nearest[near]]] = True
    away = np.where(near, arc_km(np.where(near, far, 0.0)), np.inf)
    small = np.isin(edges.class_, [k for k, name in enumerate(CLASSES) if name in MINOR])
    while True:  # each round takes the last stretch of every stub
        ends = np.bincount(edges.tail, minlength=len(anchors))
        ends += np.bincount(edges.head, minlength=len(anchors))
        loose = (ends == 1) & ~anchors
        gone = small & (loose[edges.tail] | loose[edges.head])
        if not gone.any():
            return edges, anchors, away
        edges, small = edges.take(~gone), small[~gone]


def contracted(edges: Edges, kept: NDArray[np.bool_]) -> tuple[Edges, NDArray[np.int32]]:
    """Join the two stretches at nodes where only they meet, up to a kilometre together.

    Parameters
    ----------
    kept : bool array, shape (nodes,)
        Nodes that stay.

    Returns
    -------
    Edges
    int32 array, shape (stretches given,)
        Position of the stretch that each became a part of; -1 of those in a loop without a
        junction.

    Notes
    -----
    Joints are taken in rounds; in each those of which no neighbour is taken, chosen by a fixed
    random order, so that a chain of n joints is done in about log n rounds. One-way stretches stay
    as they are.
    """
    order = np.random.default_rng(0).permutation(len(kept)).astype(np.int64)
    whole = np.arange(len(edges), dtype=np.int32)
    number = whole.copy()
    for _ in range(_ROUNDS):
        m = len(edges)
        ends = np.concatenate([edges.tail, edges.head])
        meet = np.bincount(ends, minlength=len(kept))
        joint = (meet == 2) & ~kept
        at = np.flatnonzero(joint[ends])
        at = at[np.argsort(ends[at], kind="stable")]
        node, first, second = ends[at[::2]], at[::2] % m, at[1::2] % m
        fits = (first != second) & ~edges.oneway[first] & ~edges.oneway[second]
        fits &= edges.km[first] + edges.km[second] <= _PIECE_KM
        node, first, second = node[fits], first[fits], second[fits]
        if not len(node):
            break
        claim = np.full(m, np.iinfo(np.int64).max)
        np.minimum.at(claim, first, order[node])
        np.minimum.at(claim, second, order[node])
        chosen = (claim[first] == order[node]) & (claim[second] == order[node])
        node, first, second = node[chosen], first[chosen], second[chosen]
        tail, head = edges.tail.copy(), edges.head.copy()
        km, hours = edges.km.copy(), edges.hours.copy()
        tail[first] = np.where(edges.tail[first] == node, edges.head[first], edges.tail[first])
        head[first] = np.where(edges.tail[second] == node, edges.head[second], edges.tail[second])
        km[first] += edges.km[second]
        hours[first] += edges.hours[second]
        left = tail != head
        left[second] = False
        whole[number[second]] = number[first]
        number = number[left]
        edges = replace(edges, tail=tail, head=head, km=km, hours=hours).take(left)
    while not np.array_equal(further := whole[whole], whole):
        whole = further
    place = np.full(len(whole), -1, np.int32)
    place[number] = np.arange(len(number))
    return edges, place[whole]
