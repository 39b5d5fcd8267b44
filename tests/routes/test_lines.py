"""Ships on which one stays aboard: walks of a small network listed one by one, and timetables."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import networkx as nx
import pandas as pd
import pytest

from geo.dataset import Dataset
from geo.errors import DataFileError
from routes.build.model import Build
from routes.corridors.search import CorridorFinder
from routes.corridors.waypoints import calls_aboard
from routes.flow.model import FlowModel, Post
from routes.graph import CostParameters
from routes.graph.costs import generalised_hours
from routes.graph.lines import aboard_nodes, line_edges, other_sailings, rides, weekly_on_lines
from tests.routes import enumeration

PORTS = ("Kupang", "Makassar", "Nunukan")
THETA = 0.02


def legs(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["id", "from_id", "to_id", "hours", "departures_per_week"])
    table = table.assign(
        mode="passenger_ship", length_km=500.0, fare_idr=100_000.0, fare_year=2025.0, assumed="no"
    )
    back = table.assign(id=table["id"] + "-r", from_id=table["to_id"], to_id=table["from_id"])
    return pd.concat([table, back], ignore_index=True)


@pytest.fixture(scope="module")
def small(dataset: Dataset) -> Dataset:
    """One ship Kupang - Makassar - Nunukan each fortnight, another on the second leg alone."""
    lines = pd.DataFrame(
        [("ship", "KM Ship", "Kupang", "S1;S2", ";40", 0.5)],
        columns=["id", "vessel", "start_id", "legs", "hours", "departures_per_week"],
    )
    ports = pd.DataFrame(
        {"id": PORTS, "lon": 120.0, "lat": [-10.0, -5.0, 4.0], "area_code": "53", "country": "ID"}
    )
    timetable = legs(("S1", *PORTS[:2], 30.0, 0.5), ("S2", *PORTS[1:], 50.0, 1.5))
    return dataclasses.replace(dataset, legs=timetable, lines=lines, terminals=ports)


@pytest.fixture(scope="module")
def network(small: Dataset) -> nx.DiGraph:
    """The way out of :func:`small`, with a village at Kupang and at Makassar; acyclic."""
    parameters, sailed = CostParameters(), rides(small)
    outward = sailed[sailed["node"].str.contains(":out:")]
    plain = other_sailings(small.legs, weekly_on_lines(small.legs, sailed))
    plain = plain[plain["from_id"].map(PORTS.index) < plain["to_id"].map(PORTS.index)]
    graph = nx.DiGraph()
    graph.add_nodes_from((port, {"kind": "seaport", "name": port, "place": port}) for port in PORTS)
    for node in aboard_nodes(outward, small.terminals).to_dict("records"):
        graph.add_node(node.pop("node"), **node)
    cost = generalised_hours(plain, parameters)
    for leg, hours in zip(plain.itertuples(), cost["hours"], strict=True):
        graph.add_edge(leg.from_id, leg.to_id, hours=hours, mode=leg.mode)
    for edge in line_edges(outward, parameters).to_dict("records"):
        graph.add_edge(edge.pop("u"), edge.pop("v"), **edge)
    graph.add_node("Tawau", kind="destination", name="Tawau", utility=0.0)
    graph.add_edge("Nunukan", "Tawau", hours=3.0, mode="fast_boat")
    for village, port in (("a", "Kupang"), ("b", "Makassar")):
        graph.add_node(village, kind="settlement", name=village)
        graph.add_edge(village, port, hours=1.0, mode="road")
    return graph


def test_staying_aboard_costs_one_boarding_and_the_time_in_port(network: nx.DiGraph) -> None:
    """27.6 h of delay and 2 h to board, 30 + 40 h of sea, 3 h in port, 0.1 h to get off, fares."""
    aboard = ["Kupang", "line:ship:out:0", "line:ship:out:1", "Nunukan"]
    time = nx.path_weight(network, aboard, "time_h")
    assert time == pytest.approx(12 + 0.1 * (168 - 12) + 2 + 30 + 3 + 40 + 0.1)
    fares = 2 * 100_000 / CostParameters().value_of_time_idr_h
    assert nx.path_weight(network, aboard, "hours") == pytest.approx(time + fares)


def test_what_a_line_sails_is_not_listed_beside_it(network: nx.DiGraph, small: Dataset) -> None:
    assert not network.has_edge("Kupang", "Makassar")  # 0.5 a week, all of it the ship's
    others = other_sailings(small.legs, weekly_on_lines(small.legs, rides(small)))
    weekly = others.set_index("id")["departures_per_week"]
    assert weekly.to_dict() == {"S2": 1.0, "S2-r": 1.0}


def test_flow_of_a_line_is_that_of_all_walks(network: nx.DiGraph) -> None:
    demand = {"a": 100.0, "b": 40.0}
    model = FlowModel(theta=THETA).fit(network, demand)
    for leg, persons in enumeration.leg_flow(network, demand, THETA).items():
        assert model.leg_flow_[leg] == pytest.approx(persons, rel=1e-10)


def test_a_waypoint_is_passed_aboard_but_a_port_is_not_loaded(network: nx.DiGraph) -> None:
    demand = {"a": 100.0}
    model = FlowModel(theta=THETA).fit(network, demand)
    calls = calls_aboard(network.nodes(data="calls_at"))
    makassar = frozenset({"Makassar", *calls["Makassar"]})
    walks = list(enumeration.shares(network, demand, THETA))
    passing = sum(persons for walk, persons in walks if makassar & set(walk))
    ashore = sum(persons for walk, persons in walks if "Makassar" in walk)
    assert passing == pytest.approx(100.0)
    assert model.corridor([{"Kupang"}, makassar, "Tawau"]) == pytest.approx(passing)
    assert model.load_["Makassar"] == pytest.approx(ashore)
    assert ashore < 60.0
    detected = model.intercept({"Makassar": Post(detection=1.0)}).persons
    assert detected == pytest.approx(ashore)  # nobody who stays aboard


def test_corridors_name_where_people_board_and_alight(network: nx.DiGraph) -> None:
    demand = {"a": 100.0}
    model = FlowModel(theta=THETA).fit(network, demand)
    listed = {c.places: c.persons for c in CorridorFinder(model, network).find(coverage=0.9999)}
    persons_by_places: dict[tuple[str, ...], float] = {}
    for walk, persons in enumeration.shares(network, demand, THETA):
        ports = tuple(node for node in walk if node in PORTS)
        persons_by_places[ports] = persons_by_places.get(ports, 0.0) + persons
    assert set(persons_by_places) == {("Kupang", "Nunukan"), PORTS}
    # Kupang - Nunukan carries those who change at Makassar as well: the list needs no other.
    assert list(listed) == [("Kupang", "Nunukan")]
    assert listed["Kupang", "Nunukan"] == pytest.approx(persons_by_places["Kupang", "Nunukan"])


def test_a_line_whose_legs_do_not_join_is_refused(small: Dataset) -> None:
    wrong = dataclasses.replace(small, lines=small.lines.assign(legs="S2;S1", hours=""))
    with pytest.raises(DataFileError, match="ship"):
        rides(wrong)


def test_every_leg_of_a_line_is_sailed_at_least_as_often_as_its_lines(dataset: Dataset) -> None:
    """Only two lines of which no page gives the cycle share a leg listed for one (S069)."""
    on_lines = weekly_on_lines(dataset.legs, rides(dataset))
    over = dataset.legs[on_lines > dataset.legs["departures_per_week"] + 0.01]
    assert set(over["id"]) <= {"S069", "S069-r"}


@pytest.mark.parametrize(
    ("line", "first", "start", "end", "hours", "tolerance"),
    [
        # "5 days 1 h", "4 days 1 h", "3 days 14 h" from Surabaya to Kupang, June 2025
        ("awu-kumai-kalabahi", 1, "tanjung-perak", "tenau", 97.0, 0.05),
        ("tidar-kijang-kupang", 2, "tanjung-perak", "tenau", 86.0, 0.15),
        ("lawit-surabaya-kupang", 0, "tanjung-perak", "tenau", 121.0, 0.15),
    ],
)
def test_staying_aboard_takes_what_the_timetable_says(
    build: Build, line: str, first: int, start: str, end: str, hours: float, tolerance: float
) -> None:
    """Surabaya to Kupang from sailing to arrival; time in port is not in the legs."""
    graph = build.graph
    node = f"line:{line}:out:{first}"
    assert graph.nodes[node]["calls_at"] == start
    total = 0.0
    while not graph.has_edge(node, end):
        after = next(v for v in graph.successors(node) if graph.nodes[v]["kind"] == "aboard")
        total += graph.edges[node, after]["time_h"]
        node = after
    total += graph.edges[node, end]["time_h"]
    assert total == pytest.approx(hours, rel=tolerance)


def test_kupang_to_nunukan_in_one_ship_beats_every_chain(build: Build) -> None:
    """KM Bukit Siguntang goes from Tenau to Nunukan; nobody who knows it changes seven times."""
    graph = build.graph
    path = nx.shortest_path(graph, "tenau", "tunon-taka", weight="hours")
    aboard = [graph.nodes[node] for node in path[1:-1]]
    assert {node.get("line") for node in aboard} == {"bukit-siguntang-kupang-nunukan"}
    calls = [node["calls_at"] for node in aboard]
    assert calls == ["tenau", "lewoleba", "maumere", "makassar", "parepare", "balikpapan"]
    at_sea = sum(graph.edges[leg]["time_h"] for leg in pairwise(path[1:]))
    assert at_sea == pytest.approx(8 + 6 + 19 + 5 + 16 + 37 + 5 * 3 + 0.1)


def test_no_table_of_terminals_lists_a_ship(build: Build) -> None:
    aboard = {node for node, kind in build.graph.nodes(data="kind") if kind == "aboard"}
    assert aboard
    assert not aboard & set(build.terminals["id"])
    assert not aboard & set(build.corridors["waypoints"].explode())
    largest = build.corridors.iloc[0]["waypoint_names"]
    assert not any("KM " in name for name in largest)
