"""Hostile OpenStreetMap files, built byte by byte."""

from __future__ import annotations

import itertools
import struct
import zlib
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

from tests.geo.synthetic_roads import write_osm

ROAD = {"highway": "primary"}
HERE = [(1, 123.6, -10.2), (2, 123.7, -10.1), (3, 123.8, -10.0)]


def number(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(tag: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return number(tag << 3) + number(content)
    return number(tag << 3 | 2) + number(len(content)) + content


def block(kind: bytes, content: bytes, *, raw_size: int | None = None) -> bytes:
    size = len(content) if raw_size is None else raw_size
    blob = field(2, size) + field(3, zlib.compress(content))
    header = field(1, kind) + field(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def pbf(*blocks: bytes) -> bytes:
    head = field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes")
    return block(b"OSMHeader", head) + b"".join(blocks)


def nodes(count: int) -> bytes:
    """A block of so many nodes, one after another by a step of one unit."""
    steps = number(2) * count
    dense = field(1, steps) + field(8, steps) + field(9, steps)
    return field(1, field(1, b"")) + field(2, field(2, dense))


def roads(count: int) -> bytes:
    """A block of so many ways of two nodes without places."""
    strings = field(1, b"") + field(1, b"highway") + field(1, b"primary")
    way = field(2, number(1)) + field(3, number(2)) + field(8, number(2) + number(2))
    ways = b"".join(field(3, field(1, k) + way) for k in range(1, count + 1))
    return field(1, strings) + field(2, ways)


def honest(folder: Path) -> bytes:
    path = folder / "honest.osm.pbf"
    write_osm(path, HERE, [(1, [1, 2, 3], ROAD)])
    return path.read_bytes()


def history(folder: Path) -> bytes:
    """The same numbers over and over."""
    path = folder / "twice.osm.pbf"
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for _ in range(3):
            for k, lon, lat in HERE:
                writer.add_node(Node(id=k, location=(lon, lat)))
        for _ in range(3):
            writer.add_way(Way(id=1, nodes=[1, 2, 3], tags=ROAD))
    return path.read_bytes()


XML = (
    '<?xml version="1.0"?>\n{}<osm version="0.6">{}'
    '<way id="1"><nd ref="1"/><nd ref="2"/>{}</way></osm>'
)
TAG = '<tag k="highway" v="primary"/>'


def xml(lat: str, *, before: str = "", id_: str = "1") -> bytes:
    two = f'<node id="{id_}" lat="{lat}" lon="123"/><node id="2" lat="-9" lon="123.1"/>'
    return XML.format(before, two, TAG).encode()


LAUGHS = (
    '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in itertools.pairwise("abcdefghi"))
    + "]>"
)


def unpacked(content: bytes) -> list[bytes]:
    """What the data blocks of a file hold, without their packing."""
    found = []
    for at in range(len(content)):
        try:
            inside = zlib.decompressobj().decompress(content[at:])
        except zlib.error:
            continue
        if len(inside) > 20:
            found.append(inside)
    return found[-2:]  # nodes, ways; the first is the header
