"""How imported roads are drawn: as the file has them to ten metres, and without a change of what
travel times are made from."""

from __future__ import annotations

import hashlib
import io
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from geo.i18n import languages
from geo.imports.read_roads import read_roads
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.road_tags import CLASSES
from geo.imports.service import import_file
from geo.imports.store import keep_copy, undrawn_roads
from geo.paths import Home
from geo.road_network import RoadNetwork, RoadShapes, merged_roads
from tests.geo.synthetic_roads import write_osm

METRES = Transformer.from_crs(4326, 32751, always_xy=True).transform
TOLERANCE_M = 12.0


def read(path: Path) -> RoadNetwork:
    return read_roads(path, ReferenceData([]), Report(kind="network", file=path.name))


def winding(path: Path, seed: int, *, classes: tuple[str, ...] = ("secondary",)) -> list[object]:
    """Twelve winding roads between nine places, in ways cut anywhere, some drawn backwards or for
    one direction; the file, and the roads in metres."""
    rng = np.random.default_rng(seed)
    places = rng.uniform((123.6, -10.3), (123.8, -10.1), (9, 2))
    points = {k: tuple(place) for k, place in enumerate(places, 1)}
    lines, drawn = [], []
    for _ in range(12):
        a, b = rng.choice(9, 2, replace=False)
        steps = int(rng.integers(3, 60))
        share = np.linspace(0, 1, steps)[:, None]
        course = places[a] * (1 - share) + places[b] * share
        course[1:-1] += rng.normal(0, 0.0008, (steps - 2, 2)).cumsum(axis=0) / 3
        inner = [len(points) + 1 + k for k in range(steps - 2)]
        points |= {n: tuple(at) for n, at in zip(inner, course[1:-1], strict=True)}
        nodes = [int(a) + 1, *inner, int(b) + 1]
        kind = str(rng.choice(classes))
        cuts = sorted({0, steps - 1, *rng.integers(1, steps - 1, 2).tolist()})
        for first, last in itertools.pairwise(cuts):
            part = nodes[first : last + 1][:: int(rng.choice([-1, 1]))]
            way = str(rng.choice(["yes", "-1", "no", "no", "no"]))
            lines.append((len(lines) + 1, part, {"highway": kind, "oneway": way}))
        drawn.append(shapely.LineString(np.column_stack(METRES(*course.T))))
    write_osm(path, [(n, *at) for n, at in points.items()], lines)
    return drawn


def in_metres(network: RoadNetwork) -> np.ndarray:
    lines = network.lines(np.arange(len(network)))
    return shapely.transform(lines, lambda xy: np.column_stack(METRES(*xy.T)))


@pytest.mark.parametrize("seed", range(6))
def test_roads_are_drawn_where_they_are(seed: int, tmp_path: Path) -> None:
    roads = shapely.union_all(winding(tmp_path / "a.osm.pbf", seed))
    network = read(tmp_path / "a.osm.pbf")
    ours = in_metres(network)
    drawn = shapely.union_all(ours)
    assert shapely.hausdorff_distance(roads, drawn, densify=0.02) < TOLERANCE_M
    assert roads.difference(drawn.buffer(TOLERANCE_M)).length == 0
    # each by itself has about its length, so each bend belongs to its own stretch in its order
    geod = Geod(ellps="WGS84")
    lines = network.lines(np.arange(len(network)))
    km = np.array([geod.geometry_length(line) for line in lines]) / 1000
    assert (km <= network.km + 2e-3).all()
    assert km.sum() > 0.97 * network.km.sum()
    ends = np.column_stack([network.lon[network.tail], network.lat[network.tail]])
    assert np.allclose(shapely.get_coordinates(shapely.get_point(lines, 0)), ends, atol=1e-7)
    assert len(network.shapes.bends) < sum(len(road.coords) for road in roads.geoms)


def test_each_class_of_road_is_kept(tmp_path: Path) -> None:
    winding(tmp_path / "a.osm.pbf", 1, classes=("trunk", "tertiary"))
    found = {CLASSES[k] for k in read(tmp_path / "a.osm.pbf").shapes.class_}
    assert found == {"trunk", "tertiary"}


def test_a_table_from_before_shapes_were_kept_is_read(tmp_path: Path) -> None:
    winding(tmp_path / "a.osm.pbf", 2)
    network = read(tmp_path / "a.osm.pbf")
    with np.load(io.BytesIO(network.to_bytes())) as stored:
        old = {name: stored[name] for name in stored.files}
    for name in ("class_", "first_bend", "bends"):
        del old[name]
    buffer = io.BytesIO()
    np.savez(buffer, **old)
    before = RoadNetwork.from_bytes(buffer.getvalue())
    assert network.has_shapes
    assert not before.has_shapes
    for name, values in old.items():
        assert np.array_equal(getattr(before, name), values), name
    # of the same stretches the newer are drawn
    assert not merged_roads([network, before]).has_shapes
    both = merged_roads([before, network])
    assert np.array_equal(np.sort(both.km), np.sort(network.km))
    same = shapely.union_all(in_metres(both)), shapely.union_all(in_metres(network))
    assert shapely.equals(*same)


def test_shapes_follow_their_stretches_when_networks_merge() -> None:
    def one(*ids: int, bend: int) -> RoadNetwork:
        return RoadNetwork(
            np.array(ids, np.int64), np.zeros(2), np.array([100.0, 100.1]),
            np.array([0], np.int32), np.array([1], np.int32), np.array([1.0], np.float32),
            np.array([1.0], np.float32), np.array([False]),
            RoadShapes(
                np.array([bend], np.int8), np.array([0, bend]),
                np.array([[1_000_500_000, 1000 * bend + k] for k in range(bend)], np.int32),
            ),
        )  # fmt: skip

    merged = merged_roads([one(1, 2, bend=1), one(2, 3, bend=2), one(1, 2, bend=3)])
    assert merged.shapes.class_.tolist() == [3, 2]
    assert merged.shapes.first_bend.tolist() == [0, 3, 5]
    assert merged.shapes.bends[:, 1].tolist() == [3000, 3001, 3002, 2000, 2001]
    assert [len(line.coords) for line in merged.lines(np.array([1, 0]))] == [4, 5]


def test_it_is_said_which_imports_no_map_draws(tmp_path: Path) -> None:
    winding(tmp_path / "jalan.osm.pbf", 3)
    home = Home.resolve(tmp_path / "home")
    _, entry, _ = import_file(tmp_path / "jalan.osm.pbf", "network", home, by="tester")
    drawn = entry.path(home).read_bytes()
    network = RoadNetwork.from_bytes(drawn)
    old = replace(network, shapes=RoadShapes.unknown(len(network))).to_bytes()
    for table, named in ((drawn, []), (old, ["jalan.osm.pbf"])):
        digest = hashlib.sha256(table).hexdigest()
        keep_copy(home.build_inputs, [(replace(entry, table_sha256=digest), table)], "2026-11-28")
        said = undrawn_roads(home)
        assert [message.params["files"] for message in said] == ([named] if named else [])
        for message in said:
            assert all("jalan.osm.pbf" in message.in_language(lang) for lang in languages())
