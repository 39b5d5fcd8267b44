"""An imported road network: junctions and stretches of road, and its file format.

It has only numbers: location and OpenStreetMap id of each junction (so that the extracts of two
provinces are joined), and length and travel time of each stretch.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import DataFileError

__all__ = ["ROADS_FILE", "RoadNetwork", "merged_roads"]

ROADS_FILE = "table.npz"

_TYPES = {
    "ids": np.int64, "lat": np.float64, "lon": np.float64, "tail": np.int32, "head": np.int32,
    "km": np.float32, "hours": np.float32, "oneway": np.bool_,
}  # fmt: skip


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
    """

    ids: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    km: NDArray[np.float32]
    hours: NDArray[np.float32]
    oneway: NDArray[np.bool_]

    @classmethod
    def empty(cls) -> RoadNetwork:
        """No network imported."""
        return cls(**{name: np.empty(0, kind) for name, kind in _TYPES.items()})

    def __len__(self) -> int:
        """Stretches of road."""
        return len(self.tail)

    def to_bytes(self) -> bytes:
        """The network as an uncompressed ``.npz``: the same network gives the same bytes."""
        buffer = io.BytesIO()
        np.savez(buffer, **{f.name: getattr(self, f.name) for f in fields(self)})
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> RoadNetwork:
        """Read :meth:`to_bytes`.

        Raises
        ------
        DataFileError
            If ``content`` is no network.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                parts: dict[str, Any] = {
                    name: stored[name].astype(kind, casting="equiv")
                    for name, kind in _TYPES.items()
                }
        except (ValueError, KeyError, OSError, TypeError, zipfile.BadZipFile) as error:
            raise DataFileError("imports.roads_unreadable") from error
        return cls(**parts)


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
    )
