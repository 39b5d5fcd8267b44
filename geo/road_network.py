"""An imported road network: junctions and stretches of road, and its file format.

It has only numbers: location and OpenStreetMap id of each junction (so that the extracts of two
provinces are joined), length and travel time of each stretch, and for the map its class and bends.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import DataFileError

__all__ = ["ROADS_FILE", "RoadNetwork", "RoadShapes", "merged_roads"]

ROADS_FILE = "table.npz"

_TYPES: dict[str, type[np.generic]] = {
    "ids": np.int64, "lat": np.float64, "lon": np.float64, "tail": np.int32, "head": np.int32,
    "km": np.float32, "hours": np.float32, "oneway": np.bool_,
}  # fmt: skip
_SHAPE_TYPES: dict[str, type[np.generic]] = {
    "class_": np.int8, "first_bend": np.int64, "bends": np.int32,
}  # fmt: skip
_UNKNOWN = -1
_UNIT = 1e-7


@dataclass(frozen=True, eq=False)
class RoadShapes:
    """How the stretches of a network are drawn.

    Attributes
    ----------
    class_ : int8 array, shape (stretches,)
        Position in :data:`geo.imports.road_tags.CLASSES`, the greatest road first; -1 where class
        and bends are unknown.
    first_bend : int64 array, shape (stretches + 1,)
        Stretch k has the bends ``bends[first_bend[k]:first_bend[k + 1]]``, from tail to head.
    bends : int32 array, shape (bends, 2)
        Longitude and latitude in 1e-7 degrees, without the ends; what lies within ten metres of
        the line they make is left out.
    """

    class_: NDArray[np.int8]
    first_bend: NDArray[np.int64]
    bends: NDArray[np.int32]

    @classmethod
    def unknown(cls, stretches: int) -> Self:
        """No shape of so many stretches: a table from before shapes were kept."""
        return cls(
            np.full(stretches, _UNKNOWN, np.int8),
            np.zeros(stretches + 1, np.int64),
            np.empty((0, 2), np.int32),
        )

    def take(self, rows: NDArray[np.intp]) -> Self:
        """The shapes of the stretches at these positions."""
        count = np.diff(self.first_bend)[rows]
        first = np.concatenate([[0], np.cumsum(count)])
        within = np.arange(first[-1]) - np.repeat(first[:-1], count)
        bends = self.bends[np.repeat(self.first_bend[rows], count) + within]
        return type(self)(self.class_[rows], first, bends)

    @classmethod
    def joined(cls, parts: Sequence[RoadShapes]) -> Self:
        """The shapes of several networks, one after the other."""
        count = np.concatenate([np.diff(part.first_bend) for part in parts])
        return cls(
            np.concatenate([part.class_ for part in parts]),
            np.concatenate([[0], np.cumsum(count)]),
            np.concatenate([part.bends for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Roads as a graph; treat the arrays as read-only.

    Attributes
    ----------
    ids : int64 array, shape (nodes,)
        Numbers of the junctions in OpenStreetMap, ascending, each once.
    lat, lon : float64 arrays, shape (nodes,)
        Degrees, WGS84.
    tail, head : int32 arrays, shape (stretches,)
        Positions of the ends; a ``oneway`` stretch is driven from tail to head only.
    km, hours : float32 arrays, shape (stretches,)
        Length along the road, and the time it takes; both above zero.
    oneway : bool array, shape (stretches,)
    shapes : RoadShapes
        For the map alone; no travel time depends on it.
    """

    ids: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    km: NDArray[np.float32]
    hours: NDArray[np.float32]
    oneway: NDArray[np.bool_]
    shapes: RoadShapes

    @classmethod
    def empty(cls) -> RoadNetwork:
        """No network imported."""
        arrays: dict[str, Any] = {name: np.empty(0, kind) for name, kind in _TYPES.items()}
        return cls(**arrays, shapes=RoadShapes.unknown(0))

    def __len__(self) -> int:
        """Stretches of road."""
        return len(self.tail)

    @property
    def has_shapes(self) -> bool:
        """Whether any stretch can be drawn."""
        return bool((self.shapes.class_ != _UNKNOWN).any())

    def to_bytes(self) -> bytes:
        """The network as an uncompressed ``.npz``: the same network gives the same bytes."""
        buffer = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _TYPES}
        np.savez(buffer, **arrays, **{name: getattr(self.shapes, name) for name in _SHAPE_TYPES})
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> RoadNetwork:
        """Read :meth:`to_bytes`; a table from before shapes were kept has none.

        Raises
        ------
        DataFileError
            If ``content`` is no network.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:

                def arrays(types: dict[str, type[np.generic]]) -> dict[str, Any]:
                    return {
                        name: stored[name].astype(kind, casting="equiv")
                        for name, kind in types.items()
                    }

                parts = arrays(_TYPES)
                shapes = (
                    RoadShapes(**arrays(_SHAPE_TYPES))
                    if "bends" in stored
                    else RoadShapes.unknown(len(parts["tail"]))
                )
        except (ValueError, KeyError, OSError, TypeError, zipfile.BadZipFile) as error:
            raise DataFileError("imports.roads_unreadable") from error
        return cls(**parts, shapes=shapes)

    def lines(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """The stretches at these positions as lines (WGS84), of those whose shape is known."""
        shapes = self.shapes.take(rows)
        count = np.diff(shapes.first_bend)
        points = np.empty((len(shapes.bends) + 2 * len(rows), 2))
        first = shapes.first_bend[:-1] + 2 * np.arange(len(rows))
        last = first + count + 1
        bend = np.ones(len(points), np.bool_)
        for at, end in ((first, self.tail), (last, self.head)):
            points[at] = np.column_stack([self.lon[end[rows]], self.lat[end[rows]]])
            bend[at] = False
        points[bend] = shapes.bends * _UNIT
        line = np.repeat(np.arange(len(rows)), count + 2)
        return np.asarray(shapely.linestrings(points, indices=line))


def merged_roads(networks: Sequence[RoadNetwork]) -> RoadNetwork:
    """Merge networks: junctions by their id; of equal stretches the last is kept."""
    networks = [network for network in networks if len(network)]
    if not networks:
        return RoadNetwork.empty()
    if len(networks) == 1:
        return networks[0]
    # From the back, so that the first of equals is the newest.
    networks = networks[::-1]
    numbers = np.concatenate([network.ids for network in networks])
    ids, first = np.unique(numbers, return_index=True)
    ends = [
        np.concatenate(
            [
                np.searchsorted(ids, network.ids[getattr(network, end)]).astype(np.int32)
                for network in networks
            ]
        )
        for end in ("tail", "head")
    ]
    oneway = np.concatenate([network.oneway for network in networks])
    low, high = np.minimum(*ends), np.maximum(*ends)
    pair = np.where(oneway, ends[0], low), np.where(oneway, ends[1], high), oneway
    kept = np.sort(np.unique(np.column_stack(pair), axis=0, return_index=True)[1])
    return RoadNetwork(
        ids=ids,
        lat=np.concatenate([network.lat for network in networks])[first],
        lon=np.concatenate([network.lon for network in networks])[first],
        tail=ends[0][kept],
        head=ends[1][kept],
        km=np.concatenate([network.km for network in networks])[kept],
        hours=np.concatenate([network.hours for network in networks])[kept],
        oneway=oneway[kept],
        shapes=RoadShapes.joined([network.shapes for network in networks]).take(kept),
    )
