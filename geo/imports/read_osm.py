"""Read the roads of an OpenStreetMap file (PBF, or plain XML) in two passes, in little memory.

First the ways that are roads, then the locations of their nodes: a province has tens of millions of
nodes, nearly all of buildings and fields. Of a way only class, speed and direction are kept, of a
node its id and location: names, notes, mappers and dates are never read.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.limits import MOST_ROAD_NODES
from geo.imports.road_tags import Refused, passage
from geo.imports.shapes import HOME

__all__ = ["Ways", "read_ways"]

# Nodes are looked up in a table of this many cells (a prime), then exactly.
_CELLS = 33_554_393
_BATCH = 250_000
_NOWHERE = np.int32(2**31 - 1)
_UNIT = 1e-7
"""Degrees of one unit of an OSM coordinate."""


@dataclass(frozen=True, eq=False)
class Ways:
    """The roads of a file.

    Attributes
    ----------
    first : int array, shape (ways + 1,)
        Way k has the nodes ``refs[first[k]:first[k + 1]]``.
    refs : int32 array
        Position in ``ids`` of each node along each way; -1 where the file lacks it.
    class_ : int8 array, shape (ways,)
        Position in :data:`geo.imports.road_tags.CLASSES`.
    kmh : float32 array, shape (ways,)
    direction : int8 array, shape (ways,)
        0 both ways, 1 as drawn, -1 against it.
    ids : int64 array, shape (nodes,)
        Numbers of the nodes, ascending.
    x, y : int32 arrays, shape (nodes,)
        Longitude and latitude in 1e-7 degrees.
    ways_read, nodes_read : int
        Ways with ``highway``, and nodes, in the whole file.
    refused : Counter
        Number of ways left out, by reason (a key of the catalogue).
    abroad, missing, twice : int
        Nodes of roads that lie outside Indonesia's window, that the file lacks, and that it has
        twice (the last counts).
    """

    first: NDArray[np.int64]
    refs: NDArray[np.int32]
    class_: NDArray[np.int8]
    kmh: NDArray[np.float32]
    direction: NDArray[np.int8]
    ids: NDArray[np.int64]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    ways_read: int
    nodes_read: int
    refused: Counter[str]
    abroad: int
    missing: int
    twice: int

    def degrees(self, nodes: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of the nodes at these positions."""
        return self.x[nodes] * _UNIT, self.y[nodes] * _UNIT


def read_ways(path: Path, *, form: str) -> Ways:
    """Read the roads of a file.

    Parameters
    ----------
    form : str
        ``pbf`` or ``osm`` (XML).

    Raises
    ------
    DataFileError
        If it is damaged, is no such file, or has no road.
    """
    with _file_errors(form):
        _refuse_history(path, form)
        first, refs, about, ways_read, refused = _read_roads(path, form)
    if not len(refs):
        if refused:
            reason = Message(refused.most_common(1)[0][0])
            raise DataFileError("imports.no_road_because", reason=reason)
        raise DataFileError("imports.no_road")
    wanted = np.sort(refs)
    wanted = wanted[np.append(np.diff(wanted) > 0, [True])]
    position = np.empty(len(refs), np.int32)  # half the memory from here on
    for at in range(0, len(refs), _BATCH):
        position[at : at + _BATCH] = np.searchsorted(wanted, refs[at : at + _BATCH])
    del refs
    with _file_errors(form):
        x, y, nodes_read, twice = _read_places(path, form, wanted)
    located = x != _NOWHERE
    west, south, east, north = (round(edge / _UNIT) for edge in HOME)
    inside = located & (x >= west) & (x <= east) & (y >= south) & (y <= north)
    abroad, missing = int((located & ~inside).sum()), int((~located).sum())
    if not inside.any():
        raise DataFileError("imports.roads_abroad" if abroad else "imports.roads_without_nodes")
    place = np.where(inside, np.cumsum(inside, dtype=np.int32) - 1, -1).astype(np.int32)
    np.take(place, position, out=position)
    return Ways(
        first=first,
        refs=position,
        class_=np.array(about[0], np.int8),
        kmh=np.array(about[1], np.float32),
        direction=np.array(about[2], np.int8),
        ids=wanted[inside],
        x=x[inside],
        y=y[inside],
        ways_read=ways_read,
        nodes_read=nodes_read,
        refused=refused,
        abroad=abroad,
        missing=missing,
        twice=twice,
    )


def _refuse_history(path: Path, form: str) -> None:
    """Refuse a file whose header says that it has every version of a road, also deleted ones."""
    from osmium.io import File, Reader

    with Reader(File(str(path), form)) as reader:
        if reader.header().has_multiple_object_versions:
            raise DataFileError("imports.osm_history")


@contextmanager
def _file_errors(form: str) -> Iterator[None]:
    """Turn errors of the reader into :class:`DataFileError`."""
    import osmium

    wrong = (osmium.InvalidLocationError, RuntimeError, ValueError, OverflowError)
    try:
        yield
    except MemoryError:
        raise
    except wrong as error:
        if "memory" in str(error) or "bad_alloc" in str(error):
            raise MemoryError from None
        # The reader's own message may quote the file.
        format_name = "PBF" if form == "pbf" else "OSM XML"
        raise DataFileError("imports.roads_damaged", format=format_name) from None


def _read_roads(
    path: Path, form: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[array[Any], ...], int, Counter[str]]:
    import osmium
    from osmium.filter import KeyFilter
    from osmium.io import File, ThreadPool

    refs, first = array("q"), array("q", [0])
    class_: array[Any] = array("b")
    kmh: array[Any] = array("f")
    direction: array[Any] = array("b")
    refused: Counter[str] = Counter()
    ways_read = 0
    numbers: set[int] = set()
    file = File(str(path), form)
    ways = osmium.FileProcessor(file, osmium.osm.WAY, thread_pool=ThreadPool(1, 4))
    for way in cast("Iterable[osmium.osm.Way]", ways.with_filter(KeyFilter("highway"))):
        ways_read += 1
        try:
            how = passage(way.tags)
            if way.id in numbers:
                raise Refused("way.duplicate")
            if len(way.nodes) < 2:
                raise Refused("way.too_short")
        except Refused as refusal:
            refused[str(refusal)] += 1
            continue
        numbers.add(way.id)
        refs.extend([node.ref for node in way.nodes])
        if len(refs) > MOST_ROAD_NODES:
            raise DataFileError("imports.too_many_road_points", most=MOST_ROAD_NODES)
        first.append(len(refs))
        class_.append(how.class_)
        kmh.append(how.kmh)
        direction.append(how.direction)
    return (
        np.frombuffer(first, np.int64),
        np.frombuffer(refs, np.int64) if refs else np.empty(0, np.int64),
        (class_, kmh, direction),
        ways_read,
        refused,
    )


def _read_places(
    path: Path, form: str, wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], int, int]:
    """Locations of the wanted nodes (``_NOWHERE`` where missing), nodes read, nodes given twice."""
    import osmium
    from osmium.io import File, ThreadPool

    table = np.zeros(_CELLS, np.bool_)
    table[wanted % _CELLS] = True
    maybe, read, hits = table.tobytes(), 0, 0
    del table
    x, y = np.full(len(wanted), _NOWHERE), np.zeros(len(wanted), np.int32)
    batch: tuple[array[int], array[int], array[int]] = array("q"), array("i"), array("i")
    ids, xs, ys = batch

    def put() -> int:
        number = np.array(ids, np.int64)
        at = np.searchsorted(wanted, number)
        at[at == len(wanted)] = 0
        same = wanted[at] == number
        # Of a number given twice the last counts.
        x[at[same]] = np.array(xs, np.int32)[same]
        y[at[same]] = np.array(ys, np.int32)[same]
        for part in batch:
            del part[:]
        return int(same.sum())

    nodes = osmium.FileProcessor(
        File(str(path), form), osmium.osm.NODE, thread_pool=ThreadPool(1, 4)
    )
    for node in cast("Iterable[osmium.osm.Node]", nodes):
        read += 1
        if maybe[node.id % _CELLS]:
            place = node.location
            ids.append(node.id)
            xs.append(place.x)
            ys.append(place.y)
            if len(ids) >= _BATCH:
                hits += put()
    hits += put()
    return x, y, read, hits - int((x != _NOWHERE).sum())
