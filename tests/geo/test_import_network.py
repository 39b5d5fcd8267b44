"""A road network: what is read of an OpenStreetMap file, what is kept, and what never is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geo.dataset import Dataset, load_dataset
from geo.errors import DataFileError
from geo.imports.kinds import kind_named, template
from geo.imports.read_roads import read_roads
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.imports.road_tags import SPEEDS_KMH, Refused, passage
from geo.imports.service import dry_run, import_file
from geo.imports.store import keep_copy, refuse_unpublishable, undo, undrawn_roads
from geo.paths import Home
from geo.road_network import ROADS_FILE, RoadNetwork, RoadShapes, merged_roads
from tests.geo.synthetic_roads import tree_of_roads, write_osm

pytestmark = pytest.mark.slow

ROAD = {"highway": "secondary"}
WEST_TIMOR = (123.4, -10.4, 124.6, -9.4)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.resolve(tmp_path / "home")


@pytest.fixture(scope="module")
def timor(dataset: Dataset) -> pd.DataFrame:
    """Settlements around Kupang and Soe."""
    west, south, east, north = WEST_TIMOR
    places = dataset.settlements
    inside = places["lon"].between(west, east) & places["lat"].between(south, north)
    return places[inside & (places["province_code"] == "53")]


def read(path: Path, *, applied: Sequence[tuple[str, Path]] = ()) -> tuple[Report, RoadNetwork]:
    """What the reading process does, here: the limits do not bind a process without them."""
    report = Report(kind="network", file=path.name)
    return report, read_roads(path, ReferenceData(applied), report)


def lengths(network: RoadNetwork) -> tuple[nx.Graph, np.ndarray]:
    graph = nx.Graph()
    for a, b, km in zip(network.tail.tolist(), network.head.tolist(), network.km, strict=True):
        graph.add_edge(int(network.ids[a]), int(network.ids[b]), km=float(km))
    return graph, network.ids


@pytest.mark.parametrize(
    ("tags", "kmh", "direction"),
    [
        ({"highway": "trunk"}, SPEEDS_KMH["trunk"], 0),
        ({"highway": "primary_link", "oneway": "yes"}, SPEEDS_KMH["primary"], 1),
        ({"highway": "secondary", "oneway": "-1", "maxspeed": "20"}, 20.0, -1),
        ({"highway": "primary", "maxspeed": "200"}, SPEEDS_KMH["primary"], 0),
        ({"highway": "primary", "maxspeed": "10 mph"}, 16.09344, 0),
        ({"highway": "primary", "maxspeed": "ID:urban", "surface": "mud"}, 8.0, 0),
        ({"highway": "tertiary", "junction": "roundabout"}, SPEEDS_KMH["tertiary"], 1),
        ({"highway": "motorway"}, SPEEDS_KMH["motorway"], 1),
        ({"highway": "motorway", "oneway": "no"}, SPEEDS_KMH["motorway"], 0),
        ({"highway": "track", "access": "no", "motorcycle": "yes"}, SPEEDS_KMH["track"], 0),
    ],
)
def test_tags_say_speed_and_direction(tags: dict[str, str], kmh: float, direction: int) -> None:
    way = passage(tags)
    assert way.kmh == pytest.approx(kmh)
    assert way.direction == direction


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"highway": "footway"}, "not_for_vehicles"),
        ({"highway": "proposed"}, "not_for_vehicles"),
        ({"highway": "primary", "access": "private"}, "closed"),
        ({"highway": "primary", "motor_vehicle": "no"}, "closed"),
        ({"highway": "primary", "route": "ferry"}, "ferry"),
        ({"highway": "residential", "area": "yes"}, "area"),
    ],
)
def test_what_is_no_road_for_a_vehicle(tags: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        passage(tags)


def test_greater_roads_are_never_slower() -> None:
    speeds = list(SPEEDS_KMH.values())
    assert speeds == sorted(speeds, reverse=True)


def test_an_independent_reader_counts_the_same(timor: pd.DataFrame, tmp_path: Path) -> None:
    """GDAL's own driver for OpenStreetMap on the same file: ways, and their geodesic length."""
    points, lines = tree_of_roads(timor)
    lines.append((9001, [100, 101], {"highway": "footway"}))
    path = write_osm(tmp_path / "a.osm.pbf", points, lines)
    report, _ = read(path)
    seen = pyogrio.read_dataframe(path, layer="lines", use_arrow=False)
    roads = seen[seen["highway"] == "secondary"]
    km = sum(Geod(ellps="WGS84").geometry_length(line) for line in roads.geometry) / 1000.0
    assert (report.read, report.accepted, report.refused) == (len(seen), len(roads), 1)
    assert report.figures["nodes_read"] == len(points)
    assert report.figures["km"] == pytest.approx(km, abs=0.06)
    assert report.figures["km_by_class"] == {"secondary": report.figures["km"]}
    assert report.figures["components"] == 1
    assert next(iter(report.figures["islands"])) == "Pulau Timor"
    near = report.figures["settlements"]["53"]
    assert near["near"] >= len(timor)
    assert near["all"] == 1411


def test_distances_survive_the_contraction(timor: pd.DataFrame, tmp_path: Path) -> None:
    points, lines = tree_of_roads(timor)
    _, network = read(write_osm(tmp_path / "a.osm.pbf", points, lines))
    kept, ids = lengths(network)
    place = {number: (lon, lat) for number, lon, lat in points}
    whole = nx.Graph()
    geod = Geod(ellps="WGS84")
    for _, nodes, _ in lines:
        for a, b in itertools.pairwise(nodes):
            whole.add_edge(a, b, km=geod.inv(*place[a], *place[b])[2] / 1000.0)
    assert len(ids) < 0.7 * len(points)
    start = int(ids[0])
    true = nx.single_source_dijkstra_path_length(whole, start, weight="km")
    ours = nx.single_source_dijkstra_path_length(kept, start, weight="km")
    assert len(ours) == len(ids)
    assert max(abs(ours[node] - true[node]) for node in ours) < 1e-3
    # No point of a road is farther than a kilometre from a junction that was kept.
    assert network.km.max() <= 1.6


def test_small_roads_stay_only_where_they_lead_somewhere(
    timor: pd.DataFrame, tmp_path: Path
) -> None:
    village = timor.iloc[0]
    lon, lat = float(village["lon"]), float(village["lat"])
    lane = {"highway": "residential"}
    points = [
        (1, lon + 0.30, lat),
        (2, lon + 0.31, lat),
        (3, lon, lat),
        (4, lon + 0.30, lat + 0.2),
        (5, lon + 0.301, lat + 0.2),
        (6, lon + 0.31, lat + 0.01),
    ]
    lines = [
        (1, [1, 2], ROAD),
        (2, [1, 3], lane),  # ends at the village
        (3, [1, 4], lane),  # ends nowhere
        (4, [4, 5], lane),
        (5, [1, 6, 2], lane),  # a loop
    ]
    path = write_osm(tmp_path / "a.osm.pbf", points, lines)
    kept = set(read(path)[1].ids.tolist())
    assert {1, 2, 3} <= kept
    assert not kept & {4, 5}


def test_one_way_roads_are_driven_one_way(tmp_path: Path) -> None:
    points = [(k, 123.6 + 0.01 * k, -10.2) for k in range(1, 5)]
    lines = [
        (1, [1, 2, 3, 4], {**ROAD, "oneway": "yes"}),
        (2, [1, 4], {**ROAD, "oneway": "-1", "surface": "mud"}),
    ]
    _, roads = read(write_osm(tmp_path / "a.osm.pbf", points, lines))
    count = len(roads.ids)
    tail = np.concatenate([roads.tail, roads.head[~roads.oneway]])
    head = np.concatenate([roads.head, roads.tail[~roads.oneway]])
    hours = np.concatenate([roads.hours, roads.hours[~roads.oneway]])
    matrix = coo_array((hours, (tail, head)), shape=(count, count)).tocsr()
    first, last = np.searchsorted(roads.ids, [1, 4])
    there, back = dijkstra(matrix, indices=[first, last])
    km = Geod(ellps="WGS84").inv(123.61, -10.2, 123.64, -10.2)[2] / 1000.0
    assert there[last] == pytest.approx(km / 30.0, rel=1e-4)
    assert back[first] == pytest.approx(km / 8.0, rel=1e-4)


def test_mappers_and_names_are_never_kept(home: Home, tmp_path: Path) -> None:
    """Who mapped a road and what is written on it is personal data or none of our business."""
    points = [(1, 123.6, -10.2), (2, 123.7, -10.1), (3, 123.8, -10.0)]
    path = write_osm(
        tmp_path / "a.osm.pbf",
        points,
        [(1, [1, 2, 3], ROAD)],
        about={
            "user": "Petugas_Survei",
            "uid": 20391847,
            "changeset": 87654321,
            "version": 7,
            "timestamp": "2021-03-04T05:06:07Z",
        },
        tags={"operator": "Yohanes Rahasia", "phone": "081234567890", "note": "5302014107900001"},
    )
    report, entry, _ = import_file(path, "network", home, by="tester")
    secrets = ("Petugas", "Yohanes", "081234567890", "5302014107900001", "20391847", "87654321")
    held = b"".join(p.read_bytes() for p in home.root.rglob("*") if p.is_file())
    texts = held + repr(report).encode()
    for secret in secrets:
        assert secret.encode() not in texts
        if secret.isdigit() and int(secret) < 2**63:  # nor as a number
            assert int(secret).to_bytes(8, "little") not in held
            assert np.float64(secret).tobytes() not in held
    with np.load(entry.path(home), allow_pickle=False) as stored:
        assert sorted(stored.files) == sorted(
            [
                "ids",
                "lat",
                "lon",
                "tail",
                "head",
                "km",
                "hours",
                "oneway",
                "class_",
                "first_bend",
                "bends",
            ]
        )


def test_the_import_counts_is_reversible_and_makes_a_new_dataset(
    timor: pd.DataFrame, home: Home, tmp_path: Path, dataset: Dataset
) -> None:
    path = write_osm(tmp_path / "a.osm.pbf", *tree_of_roads(timor.head(40)))
    _, entry, changed = import_file(path, "network", home, by="tester")
    again = import_file(path, "network", home, by="tester")
    assert (changed, again[2]) == (True, False)
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    loaded = load_dataset(home)
    assert len(loaded.roads) > 0
    assert loaded.roads.has_shapes
    keep_copy(home.build_inputs, loaded.imports, loaded.day)
    refuse_unpublishable(home)  # which roads are not
    assert undrawn_roads(home) == []
    assert loaded.digest != dataset.digest
    assert len(dataset.roads) == 0
    undo(home, entry.id, by="tester")
    assert load_dataset(home).digest == dataset.digest


def test_two_extracts_meet_at_their_border(tmp_path: Path) -> None:
    points = [(10 + k, 123.6 + 0.05 * k, -10.2) for k in range(6)]
    line = [(1, [10, 11, 12, 13], ROAD)]
    _, west = read(write_osm(tmp_path / "west.osm.pbf", points[:4], line))
    table = tmp_path / "a1b2" / ROADS_FILE
    table.parent.mkdir()
    table.write_bytes(west.to_bytes())
    line = [(2, [13, 14, 15], ROAD)]
    path = write_osm(tmp_path / "east.osm.pbf", points[3:], line)
    report, east = read(path, applied=[("network", table)])
    assert "1 of its junctions are in the import a1b2 already" in " ".join(map(str, report.notes))
    graph, _ = lengths(merged_roads([west, east]))
    assert nx.is_connected(graph)
    assert {10, 15} <= set(graph)


def test_networks_merge_without_doubling() -> None:
    def one(hours: float, ids: tuple[int, int] = (1, 2)) -> RoadNetwork:
        return RoadNetwork(
            np.array(ids, np.int64), np.zeros(2), np.array([100.0, 100.1]),
            np.array([0], np.int32), np.array([1], np.int32), np.array([1.0], np.float32),
            np.array([hours], np.float32), np.array([False]), RoadShapes.unknown(1),
        )  # fmt: skip

    merged = merged_roads([one(1.0), one(2.0), one(3.0, (2, 3)), RoadNetwork.empty()])
    assert merged.ids.tolist() == [1, 2, 3]
    assert sorted(merged.hours.tolist()) == [2.0, 3.0]  # the newer of two equal stretches
    assert len(merged_roads([])) == 0
    copy = RoadNetwork.from_bytes(merged.to_bytes())
    assert copy.to_bytes() == merged.to_bytes()
    with pytest.raises(DataFileError, match="import it again"):
        RoadNetwork.from_bytes(b"nothing")


def test_plain_xml_says_the_same(timor: pd.DataFrame, tmp_path: Path) -> None:
    points, lines = tree_of_roads(timor.head(30))
    packed, _ = read(write_osm(tmp_path / "a.osm.pbf", points, lines))
    plain, _ = read(write_osm(tmp_path / "a.osm", points, lines))
    assert plain.figures == packed.figures


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_template_names_the_source(language: str) -> None:
    text = template(kind_named("network"), language)
    for word in ("geofabrik", "ODbL", "© OpenStreetMap contributors", "--apply", "tags-filter"):
        assert word in text


def test_an_extract_of_another_kind_says_which(home: Home, tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm.pbf", [(1, 123.6, -10.2)], [])
    with pytest.raises(DataFileError, match="kind network"):
        dry_run(path, "places", home)
    (tmp_path / "a.csv").write_text("code,name\n")
    with pytest.raises(DataFileError, match=r"\.osm\.pbf"):
        dry_run(tmp_path / "a.csv", "network", home)


def test_a_history_file_is_refused(tmp_path: Path) -> None:
    points = [(1, 123.6, -10.2), (2, 123.7, -10.1)]
    path = write_osm(tmp_path / "a.osh.pbf", points, [(1, [1, 2], ROAD)], about={"version": 1})
    with pytest.raises(DataFileError, match=r"history file .* time-filter"):
        read(path)


def test_a_network_is_known_by_its_content(tmp_path: Path) -> None:
    points = [(1, 123.6, -10.2), (2, 123.7, -10.1)]
    for end, form in ((".osm.pbf", "OpenStreetMap PBF"), (".osm", "OpenStreetMap XML")):
        path = write_osm(tmp_path / f"a{end}", points, [(1, [1, 2], ROAD)])
        report, _ = read(path.rename(tmp_path / "file"))
        assert (report.format, report.accepted) == (form, 1)
