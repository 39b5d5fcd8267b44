"""Reading vector tiles: PMTiles archives kept open, and what a partner may see of a tile.

A tier has one archive. Layers whose rows or fields are a province's own stand in it once a
province, as ``<layer>@<province code>``; :func:`cut` leaves a reader those of the own province and
takes the code from their names. It walks over whole layers of a tile and reads no feature.
"""

from __future__ import annotations

import gzip
import json
import mmap
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pmtiles.tile import (
    MagicNumberNotFound,
    SpecVersionUnsupported,
    deserialize_directory,
    deserialize_header,
    zxy_to_tileid,
)

from geo.errors import BrokenReleaseError

__all__ = ["OWN", "OWN_PART", "TileArchive", "cut", "layer_of", "renamed_layers"]

OWN = "@"
"""Between the name of a layer and the province whose own it is."""
OWN_PART = "_own"
"""After the name of a layer of which everyone sees a part: the rows that are a province's own."""
_LAYER, _NAME = b"\x1a", 0x0A  # keys of a tile's layer and of a layer's name


class TileArchive:
    """One PMTiles archive: its directories are read once, tiles then by bisection, in microseconds.

    Safe to share between threads; closed with :meth:`close`.

    Parameters
    ----------
    path : Path

    Raises
    ------
    BrokenReleaseError
        The file is missing or no PMTiles archive of version 3.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as stream:
                self._data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self.header = deserialize_header(self._data)
        except (OSError, ValueError, IndexError) as error:
            raise BrokenReleaseError("release.file_unreadable", path=path, reason=error) from error
        except (MagicNumberNotFound, SpecVersionUnsupported) as error:
            raise BrokenReleaseError("release.file_changed", path=path) from error
        self._first: list[int] = []
        self._entries: list[tuple[int, int, int]] = []
        self._read_directory(self.header["root_offset"], self.header["root_length"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Unmap the file."""
        self._data.close()

    def __len__(self) -> int:
        """Number of tiles."""
        return sum(run for run, _, _ in self._entries)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The archive's metadata: ``vector_layers`` with their fields and zooms."""
        start = self.header["metadata_offset"]
        raw = self._data[start : start + self.header["metadata_length"]]
        return json.loads(gzip.decompress(raw))  # type: ignore[no-any-return]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The tile as stored (MVT, gzip), or None where the archive has none.

        ``x`` counts from 180 degrees west, ``y`` from the north (WebMercatorQuad).
        """
        if not (0 <= z < 32 and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        tile_id = zxy_to_tileid(z, x, y)
        place = bisect_right(self._first, tile_id) - 1
        if place < 0:
            return None
        run, start, length = self._entries[place]
        if tile_id >= self._first[place] + run:
            return None
        return self._data[start : start + length]

    def _read_directory(self, start: int, length: int) -> None:
        tiles, leaves = self.header["tile_data_offset"], self.header["leaf_directory_offset"]
        for entry in deserialize_directory(self._data[start : start + length]):
            if entry.run_length == 0:
                self._read_directory(leaves + entry.offset, entry.length)
            else:
                self._first.append(entry.tile_id)
                self._entries.append((entry.run_length, tiles + entry.offset, entry.length))


def cut(tile: bytes, province: str) -> bytes:
    r"""A partner's tile: what every partner sees and the own of ``province``.

    Parameters
    ----------
    tile : bytes
        MVT, not compressed.
    province : str
        Code of the account's province.

    Examples
    --------
    >>> layers = [b"\x1a\x09\x0a\x07ports@" + code for code in (b"5", b"6")]
    >>> cut(b"".join(layers), "6")
    b'\x1a\x07\n\x05ports'
    """

    def visible(name: str) -> str | None:
        layer, _, owner = name.partition(OWN)
        return layer if owner in ("", province) else None

    return renamed_layers(tile, visible)


def layer_of(name: str) -> str:
    """The layer of the registry that a layer of a tile belongs to.

    >>> layer_of("areas_own"), layer_of("areas")
    ('areas', 'areas')
    """
    return name.removesuffix(OWN_PART)


def renamed_layers(tile: bytes, name_of: Callable[[str], str | None]) -> bytes:
    r"""A tile with other names of its layers; a layer for which ``name_of`` gives None is left out.

    Examples
    --------
    >>> renamed_layers(b"\x1a\x04\x0a\x02ab", str.upper)
    b'\x1a\x04\n\x02AB'
    """
    parts: list[bytes] = []
    for layer in _messages(tile):
        start, end, name = _name(layer)
        new = name_of(name)
        if new is not None:
            text = new.encode()
            body = layer[:start] + _varint(len(text)) + text + layer[end:]
            parts += [_LAYER, _varint(len(body)), body]
    return b"".join(parts)


def _messages(tile: bytes) -> Iterator[bytes]:
    """The layers of a tile; it has no other content."""
    position = 0
    while position < len(tile):
        length, start = _read_varint(tile, position + 1)
        position = start + length
        yield tile[start:position]


def _name(layer: bytes) -> tuple[int, int, str]:
    """Where the length of a layer's name begins, where the name ends, and the name."""
    position = 0
    while position < len(layer):
        key, position = layer[position], position + 1
        value, after = _read_varint(layer, position)
        if key == _NAME:
            return position, after + value, layer[after : after + value].decode()
        position = after + value if key & 7 == 2 else after
    raise ValueError("a layer without a name")


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
