"""Hostile OpenStreetMap files: refused or repaired with one line, soon, and nothing remains."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

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

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 2 * settings.default.max_examples
MADE = b"OSMData"

HOSTILE: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "empty": ("a.osm.pbf", lambda _: b"", "not (an )?OpenStreetMap PBF"),
    "nothing but a header": ("a.osm.pbf", lambda _: pbf(), "no road for vehicles"),
    "cut short": ("a.osm.pbf", lambda f: honest(f)[:-20], "damaged"),
    "cut in the header": ("a.pbf", lambda f: honest(f)[:40], "damaged"),
    "a table": ("a.pbf", lambda _: b"code,name\n1,2\n", "not (an )?OpenStreetMap PBF"),
    "anything": ("a.osm.pbf", lambda _: os.urandom(2000), "not (an )?OpenStreetMap PBF"),
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
    "no XML": ("a.osm", lambda _: b"{}", "not (an )?OpenStreetMap XML"),
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


_READ = """
import sys
from pathlib import Path
from geo.errors import DataFileError
from geo.imports.read_roads import read_roads
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
for name in sys.argv[1:]:
    try:
        read_roads(Path(name), ReferenceData(), Report(kind="network", file="a.osm.pbf"))
        print("read", flush=True)
    except DataFileError as error:
        print("refused" if "\\n" not in str(error) else "several lines", flush=True)
"""


def test_changed_bytes_give_a_report_or_a_line(tmp_path: Path) -> None:
    """Blocks with changed bytes, packed again so that they reach what reads them.

    The library that reads them may crash on some; that is why the product reads them apart.
    """
    rng = np.random.default_rng(1)
    blocks = unpacked(honest(tmp_path))
    paths = []
    for number in range(EXAMPLES):
        hurt = bytearray(blocks[which := number % 2])
        for at in rng.integers(0, 72, number % 4):
            hurt[at % len(hurt)] = int(rng.integers(256))
        paths.append(tmp_path / f"{number}.osm.pbf")
        contents = (bytes(hurt) if k == which else block_ for k, block_ in enumerate(blocks))
        paths[-1].write_bytes(pbf(*(block(MADE, content) for content in contents)))
    outcomes: list[str] = []
    while len(outcomes) < len(paths):
        command = [sys.executable, "-c", _READ, *map(str, paths[len(outcomes) :])]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120)
        outcomes += done.stdout.split("\n")[:-1]
        if done.returncode < 0:
            outcomes.append("crash")
    assert set(outcomes) <= {"read", "refused", "crash"}
    assert outcomes[0] == "read"  # nothing changed
    assert "refused" in outcomes
    if "crash" in outcomes:
        with pytest.raises(DataFileError, match="breaks its reader"):
            dry_run(paths[outcomes.index("crash")], "network", Home.resolve(tmp_path / "home"))
