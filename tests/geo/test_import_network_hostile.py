"""Hostile OpenStreetMap files: refused or repaired with one line, soon, and nothing remains."""

from __future__ import annotations

import os
import resource
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataFileError
from geo.imports import read_osm
from geo.imports.limits import MOST_ROAD_BYTES
from geo.imports.read_roads import read_roads
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.service import dry_run
from geo.paths import Home
from tests.geo.hostile_roads import (
    HERE,
    LAUGHS,
    ROAD,
    block,
    history,
    honest,
    nodes,
    pbf,
    roads,
    unpacked,
    xml,
)
from tests.geo.synthetic_roads import write_osm

MADE = b"OSMData"

HOSTILE: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "empty": ("a.osm.pbf", lambda _: b"", "no OpenStreetMap PBF"),
    "nothing but a header": ("a.osm.pbf", lambda _: pbf(), "no road for vehicles"),
    "cut short": ("a.osm.pbf", lambda f: honest(f)[:-20], "damaged"),
    "cut in the header": ("a.pbf", lambda f: honest(f)[:40], "damaged"),
    "a table": ("a.pbf", lambda _: b"code,name\n1,2\n", "no OpenStreetMap PBF"),
    "anything": ("a.osm.pbf", lambda _: os.urandom(2000), "no OpenStreetMap PBF"),
    "header of 2 GB": (
        "a.osm.pbf",
        lambda _: struct.pack(">I", 2**31) + b"OSMHeader" * 9,
        "damaged",
    ),
    "declares a terabyte": (
        "a.osm.pbf",
        lambda _: pbf(block(MADE, nodes(9), raw_size=2**40)),
        "damaged",
    ),
    "declares too much": (
        "a.osm.pbf",
        lambda _: pbf(block(MADE, nodes(9), raw_size=2**24)),
        "damaged",
    ),
    "a bomb": ("a.osm.pbf", lambda _: pbf(block(MADE, bytes(100_000_000))), "damaged"),
    "a small bomb": ("a.osm.pbf", lambda _: pbf(block(MADE, bytes(31 * 2**20))), "damaged"),
    "ten million nodes, no road": (
        "a.osm.pbf",
        lambda _: pbf(*[block(MADE, nodes(8000))] * 1250),
        "no road for vehicles",
    ),
    "ten million nodes and a road": (
        "a.osm.pbf",
        lambda _: pbf(*[block(MADE, nodes(8000))] * 1250, block(MADE, roads(3))),
        "far longer",
    ),
    "ten million nodes in one block": (
        "a.osm.pbf",
        lambda _: pbf(block(MADE, nodes(10_000_000)), block(MADE, roads(3))),
        "memory|far longer|damaged|breaks",
    ),
    "roads without points": ("a.osm.pbf", lambda _: pbf(block(MADE, roads(3))), "not the nodes"),
    "no number": ("a.osm", lambda _: xml("NaN"), "damaged"),
    "beyond the pole": ("a.osm", lambda _: xml("-95"), "two known points"),
    "beyond double precision": ("a.osm", lambda _: xml("1e309"), "damaged|two known points"),
    "a number of thirty digits": ("a.osm", lambda _: xml("-9", id_="9" * 30), "damaged"),
    "entities": ("a.osm", lambda _: xml("-9", before=LAUGHS), "damaged"),
    "deep": ("a.osm", lambda _: b"<osm>" + b"<a>" * 100_000, "damaged"),
    "cut XML": ("a.osm", lambda _: xml("-9")[:-30], "damaged"),
    "no XML": ("a.osm", lambda _: b"{}", "no OpenStreetMap XML"),
}


APART = (
    *("header of 2 GB", "declares a terabyte", "a bomb", "ten million nodes and a road"),
    *("ten million nodes in one block", "no number"),
)
"""Those that might end a process, and one of each sort: in the process with limits."""


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - set(APART)))
def test_damaged_extracts_are_refused_with_a_line(name: str, tmp_path: Path) -> None:
    file, make, words = HOSTILE[name]
    path = tmp_path / file
    path.write_bytes(make(tmp_path))
    with pytest.raises(DataFileError, match=words) as refused:
        read_roads(path, ReferenceData(), Report(kind="network", file=file))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", APART)
def test_hostile_extracts_are_refused_soon(name: str, tmp_path: Path) -> None:
    file, make, words = HOSTILE[name]
    path = tmp_path / file
    path.write_bytes(make(tmp_path))
    home = Home.resolve(tmp_path / "home")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(DataFileError, match=words) as refused:
        dry_run(path, "network", home)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Time of the processor, which a busy machine does not lengthen.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5.0
    assert "\n" not in str(refused.value)
    assert not home.imports.exists()


def test_an_honest_extract_beside_them_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(honest(tmp_path))
    assert dry_run(path, "network", Home.resolve(tmp_path / "home")).accepted == 1


def test_missing_and_doubled_numbers_are_repaired(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(history(tmp_path))
    report = Report(kind="network", file=path.name)
    read_roads(path, ReferenceData(), report)
    assert (report.read, report.accepted, report.refused) == (3, 1, 2)
    assert report.figures["nodes_twice"] == 6
    far = [*HERE, (4, 10.0, 50.0), (5, 124.9, -9.9)]
    lines = [(1, [1, 2, 99, 3, 1], ROAD), (2, [50, 51], ROAD), (3, [2, 4], ROAD), (4, [1, 5], ROAD)]
    write_osm(path, far, lines)
    report = Report(kind="network", file=path.name)
    read_roads(path, ReferenceData(), report)
    figures = report.figures
    assert (figures["nodes_missing"], figures["nodes_abroad"]) == (3, 1)
    assert report.repaired == 4  # 1 at 99, 2 and 3 whole, 4 leaps over 140 km
    assert figures["km"] == pytest.approx(46.7, abs=0.1)


def test_too_many_points_and_too_large_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(honest(tmp_path))
    monkeypatch.setattr(read_osm, "MOST_ROAD_NODES", 2)
    with pytest.raises(DataFileError, match="divide the file"):
        read_osm.read_ways(path, form="pbf")
    with path.open("r+b") as stream:
        stream.truncate(MOST_ROAD_BYTES + 1)  # a hole: takes no room
    with pytest.raises(DataFileError, match="tags-filter"):
        read_roads(path, ReferenceData(), Report(kind="network", file=path.name))


def test_changed_bytes_give_a_report_or_a_line(tmp_path: Path) -> None:
    """Blocks with changed bytes, packed again so that they reach what reads them."""
    path = tmp_path / "a.osm.pbf"
    blocks = unpacked(honest(tmp_path))
    known = ReferenceData()
    outcomes: Counter[str] = Counter()
    place = st.tuples(st.integers(0, 71), st.integers(0, 255))

    @settings(max_examples=80, deadline=None, database=None)
    @given(which=st.integers(0, 1), changes=st.lists(place, max_size=3))
    def change(which: int, changes: list[tuple[int, int]]) -> None:
        hurt = [bytearray(content) for content in blocks]
        for at, value in changes:
            hurt[which][at % len(hurt[which])] = value
        path.write_bytes(pbf(*(block(MADE, bytes(content)) for content in hurt)))
        try:
            read_roads(path, known, Report(kind="network", file=path.name))
            outcomes["read"] += 1
        except DataFileError as error:
            outcomes["of several lines"] += "\n" in str(error)
            outcomes["refused"] += 1

    change()
    assert outcomes["of several lines"] == 0
    assert outcomes["read"] > 0  # the honest file is among them
    assert outcomes["refused"] > 0
