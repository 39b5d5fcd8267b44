"""Road links along an imported network: the fastest way, on land, only where a road is near."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.imports.read_roads import read_roads
from geo.imports.reference import ReferenceData
from geo.imports.report import Report
from geo.modes import MODES
from geo.road_network import RoadNetwork, RoadShapes
from routes.graph.build import build_frames, official_frames
from routes.graph.costs import CostParameters
from routes.graph.islands import land_units
from routes.graph.road_paths import REACH_KM, SNAP_KMH, RoadPaths
from routes.vulnerability.accessibility import place_indicators
from tests.geo.synthetic_roads import tree_of_roads, write_osm

pytestmark = pytest.mark.slow

COSTS = CostParameters()
KM = 1.0 / 111.195
"""Degrees of a kilometre of great circle on the equator."""


def network(
    stretches: list[tuple[int, int, float, float, bool]], points: dict[int, tuple[float, float]]
) -> RoadNetwork:
    """From (tail, head, km, hours, oneway) and number -> (lat, lon)."""
    ids = sorted(points)
    at = {number: k for k, number in enumerate(ids)}
    tail, head, km, hours, oneway = zip(*stretches, strict=True)
    return RoadNetwork(
        ids=np.array(ids, np.int64),
        lat=np.array([points[k][0] for k in ids]),
        lon=np.array([points[k][1] for k in ids]),
        tail=np.array([at[k] for k in tail], np.int32),
        head=np.array([at[k] for k in head], np.int32),
        km=np.array(km, np.float32),
        hours=np.array(hours, np.float32),
        oneway=np.array(oneway, np.bool_),
        shapes=RoadShapes.unknown(len(stretches)),
    )


def links(*pairs: tuple[str, str], straight_km: float = 20.0) -> pd.DataFrame:
    count = len(pairs)
    length = straight_km * COSTS.road_detour
    return pd.DataFrame(
        {
            "u": [u for u, _ in pairs],
            "v": [v for _, v in pairs],
            "mode": "road",
            "hours": 1.0,
            "time_h": 1.0,
            "fare_idr": length * 800.0,
            "length_km": length,
            "official": True,
            "assumed": [True] * count,
        }
    )


def places(**where: tuple[float, float, str]) -> pd.DataFrame:
    rows = [(name, *at) for name, at in where.items()]
    return pd.DataFrame(rows, columns=["node", "lat", "lon", "island"])


# A ring 1-2-3-4 of 10 km sides on island "x": the side 1-2 is slow, 4-1 one way from 4 to 1.
POINTS = {1: (0.0, 120.0), 2: (0.0, 120.09), 3: (0.09, 120.09), 4: (0.09, 120.0)}
RING = [
    (1, 2, 10.0, 5.0, False),
    (2, 3, 10.0, 0.5, False),
    (3, 4, 11.0, 0.5, False),
    (4, 1, 12.0, 0.5, True),
]


@pytest.fixture
def ring() -> RoadPaths:
    return RoadPaths(network(RING, POINTS), pd.Series(["x"] * 4))


def test_the_fastest_way_counts_with_its_length_and_fare(ring: RoadPaths) -> None:
    ends = places(a=(0.0, 120.0, "x"), b=(0.0, 120.09, "x"))
    found = ring.along(links(("a", "b"), ("b", "a"), straight_km=10.0), ends, COSTS)
    assert found["basis"].tolist() == ["osm", "osm"]
    assert not found["assumed"].any()
    # There: only the slow side, for 4-1 is one way; back: around the ring.
    assert found["time_h"].to_numpy() == pytest.approx([5.0, 1.5])
    assert found["length_km"].to_numpy() == pytest.approx([10.0, 33.0])
    fare = found["length_km"] * MODES["road"].fare_idr_km
    assert found["fare_idr"].to_numpy() == pytest.approx(fare.to_numpy())
    cost = found["time_h"] + fare / COSTS.value_of_time_idr_h
    assert found["hours"].to_numpy() == pytest.approx(cost.to_numpy())


def test_the_way_to_the_road_is_walked(ring: RoadPaths) -> None:
    ends = places(a=(-3 * KM, 120.0, "x"), b=(0.0, 120.09, "x"))
    found = ring.along(links(("a", "b"), straight_km=10.4), ends, COSTS)
    assert found["time_h"].iloc[0] == pytest.approx(5.0 + 3.0 / SNAP_KMH, abs=1e-3)
    assert found["length_km"].iloc[0] == pytest.approx(13.0, abs=0.01)


def test_never_shorter_than_the_straight_line(ring: RoadPaths) -> None:
    ends = places(a=(0.0, 120.0, "x"), b=(0.0, 120.09, "x"))
    found = ring.along(links(("a", "b"), straight_km=10.03), ends, COSTS)
    assert found["length_km"].iloc[0] == pytest.approx(10.03)


def test_neighbours_far_from_the_road_need_none(ring: RoadPaths) -> None:
    """A village is its own district's seat: no detour to the road and back."""
    ends = places(a=(-3 * KM, 120.0, "x"), b=(-3 * KM, 120.01, "x"))
    found = ring.along(links(("a", "b"), ("a", "a"), straight_km=1.1), ends, COSTS)
    assert found["basis"].tolist() == ["modelled", "modelled"]


@pytest.mark.parametrize(
    "end",
    [
        (-(REACH_KM + 0.1) * KM, 120.0, "x"),  # too far from the road
        (0.0, 120.0, "y"),  # beside the road, but over the water
        (1.0, 121.0, "z"),  # on another land, with a road of its own
    ],
)
def test_where_no_road_joins_them_the_link_stays_as_it_was(
    end: tuple[float, float, str],
) -> None:
    two = network([*RING, (8, 9, 20.0, 1.0, False)], {**POINTS, 8: (1.0, 121.0), 9: (1.0, 121.2)})
    paths = RoadPaths(two, pd.Series(["x"] * 4 + ["z"] * 2))
    before = links(("a", "b"), ("b", "b"))
    found = paths.along(before, places(a=end, b=(0.0, 120.09, "x")), COSTS)
    assert found["basis"].tolist() == ["modelled", "osm"]
    pd.testing.assert_frame_equal(
        found.drop(columns="basis").iloc[:1], before.iloc[:1], check_dtype=False
    )


def test_a_courtyard_is_no_network(ring: RoadPaths) -> None:
    """The nearest junction belongs to 200 m of road that lead nowhere: the next one counts."""
    yard = {8: (-1.0 * KM, 120.0), 9: (-1.2 * KM, 120.0)}
    paths = RoadPaths(
        network([*RING, (8, 9, 0.2, 0.1, False)], {**POINTS, **yard}), pd.Series(["x"] * 6)
    )
    ends = places(a=(-1.0 * KM, 120.0, "x"), b=(0.0, 120.09, "x"))
    found = paths.along(links(("a", "b"), straight_km=10.0), ends, COSTS)
    assert found["basis"].iloc[0] == "osm"
    assert found["length_km"].iloc[0] == pytest.approx(11.0, abs=0.01)


def test_other_modes_stay(ring: RoadPaths) -> None:
    ends = places(a=(0.0, 120.0, "x"), b=(0.0, 120.09, "x"))
    boat = links(("a", "b")).assign(mode="small_boat")
    assert ring.along(boat, ends, COSTS)["basis"].tolist() == ["modelled"]
    assert not len(ring.along(boat.iloc[:0], ends, COSTS))


@pytest.fixture(scope="module")
def with_roads(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The embedded data with a synthetic network between all villages of West Timor."""
    settled = dataset.villages[dataset.villages["regency_code"].str.startswith("53.")]
    island = land_units(dataset, [settled])[0]
    kupang = island[settled.index[settled["name"] == "Penfui Timur"][0]]
    path: Path = tmp_path_factory.mktemp("roads") / "timor.osm.pbf"
    write_osm(path, *tree_of_roads(settled[island == kupang], step_km=2.0))
    report = Report(kind="network", file=path.name)
    return replace(dataset, roads=read_roads(path, ReferenceData(), report))


def test_the_graph_takes_road_hours_from_the_network(dataset: Dataset, with_roads: Dataset) -> None:
    before, after = build_frames(dataset).edges, build_frames(with_roads).edges
    assert set(before["basis"]) == {"listed", "modelled"}
    listed = before["leg_id"].notna() | before["v"].str.startswith(("line:", "to-"))
    # Landings of a coast cross to every shore of it, also where no leg of their own is listed.
    along = before["u"].str.startswith("coast:") | before["mode"].eq("small_boat")
    assert before["basis"].eq("listed")[~along].equals(listed[~along])
    both = before.merge(after, on=["u", "v"], suffixes=("", "_osm"))
    # Which way a road between terminals leads on can change with its hours.
    assert len(before) - 5 < len(both) <= len(before)
    osm = both["basis_osm"] == "osm"
    assert osm.sum() > 1_000
    assert (both.loc[osm, "mode"] == "road").all()
    assert not both.loc[osm, "assumed_osm"].any()
    straight = both.loc[osm, "length_km"] / COSTS.road_detour
    assert (both.loc[osm, "length_km_osm"] >= straight * (1 - 1e-9)).all()
    # What is not on the network is as it was, unless a listed leg is now the cheaper.
    same = ~osm & (both["basis_osm"] == both["basis"])
    assert np.allclose(both.loc[same, "hours"], both.loc[same, "hours_osm"])


def test_travel_times_of_the_index_follow_the_network(
    dataset: Dataset, with_roads: Dataset
) -> None:
    before, after = (
        place_indicators(data, official_frames(data))["hours_to_town"]
        for data in (dataset, with_roads)
    )
    changed = ~np.isclose(before, after, equal_nan=True)
    assert changed.sum() > 100
    assert after.notna().equals(before.notna())


def test_no_road_link_leaves_its_land(with_roads: Dataset) -> None:
    frames = build_frames(with_roads)
    nodes = frames.nodes.set_index("node")
    osm = frames.edges[frames.edges["basis"] == "osm"]
    ends = [nodes.loc[osm[end], ["lat", "lon"]].reset_index(drop=True) for end in ("u", "v")]
    here, there = land_units(with_roads, ends)
    assert (here == there).all()


def test_hours_are_those_of_an_independent_search(with_roads: Dataset) -> None:
    """networkx on the same network, from the same junctions."""
    roads = with_roads.roads
    junctions = pd.DataFrame({"lat": roads.lat, "lon": roads.lon})
    paths = RoadPaths(roads, land_units(with_roads, [junctions])[0])
    frames = build_frames(with_roads)
    osm = frames.edges[frames.edges["basis"] == "osm"].sample(200, random_state=1)
    nodes = frames.nodes.set_index("node")
    graph = nx.DiGraph()
    for a, b, km, hours, oneway in zip(
        *(part.tolist() for part in (roads.tail, roads.head, roads.km, roads.hours, roads.oneway)),
        strict=True,
    ):
        for u, v in ((a, b),) if oneway else ((a, b), (b, a)):
            if not graph.has_edge(u, v) or graph[u][v]["hours"] > hours:
                graph.add_edge(u, v, hours=hours, km=km)
    island = land_units(with_roads, [nodes[["lat", "lon"]]])[0]
    located = nodes[["lat", "lon"]].assign(island=island)
    start, walk = paths.snap(located.loc[osm["u"]])
    end, ride = paths.snap(located.loc[osm["v"]])
    for row, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        hours = nx.dijkstra_path_length(graph, a, b, weight="hours")
        expected = hours + (walk[row] + ride[row]) / SNAP_KMH
        assert osm["time_h"].iloc[row] == pytest.approx(expected, rel=1e-6)
