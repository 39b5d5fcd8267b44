"""The national graph: every village, exact cheapest ways, little back-tracking, conservation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.sparse import csgraph

from geo.dataset import Dataset
from geo.errors import ModelError
from geo.imports.overlay import IMPORTED
from routes.build.parameters import ModelParameters
from routes.corridors.search import CorridorFinder
from routes.flow.model import FlowModel
from routes.graph.arrays import Network
from routes.graph.build import GraphFrames, build_frames, build_graph
from routes.graph.costs import CostParameters
from routes.graph.origins import origin_points
from routes.graph.storage import without_posts
from tests.routes.national import opposing_roads

pytestmark = pytest.mark.slow

THETA = ModelParameters().theta


@pytest.fixture(scope="module")
def network(national_frames: GraphFrames) -> Network:
    return Network.from_frames(national_frames.nodes, national_frames.edges)


def villages(network: Network) -> np.ndarray:
    return np.array([str(node).startswith("v:") for node in network.nodes])


@pytest.fixture(scope="module")
def model(network: Network) -> FlowModel:
    rng = np.random.default_rng(1)
    demand = np.where(villages(network), rng.gamma(1.0, 1.0, len(network.nodes)), 0.0)
    return FlowModel(theta=THETA).fit_network(network, demand)


def least_hours(frames: GraphFrames) -> np.ndarray:
    """Least hours from every village to every destination, shape (destinations, villages)."""
    network = Network.from_frames(frames.nodes, frames.edges)
    size = len(network.nodes)
    backward = sparse.csr_array((network.hours, (network.head, network.tail)), shape=(size, size))
    reach = csgraph.dijkstra(backward, indices=np.flatnonzero(network.destination))
    return reach[:, villages(network)]


def test_every_village_is_an_origin_and_who_is_cut_off_is_named(
    national_frames: GraphFrames, network: Network, model: FlowModel
) -> None:
    frames = national_frames
    assert villages(network).sum() == 83_403
    stranded = set(model.stranded_)
    lost = set(frames.unlinked)
    behind = frames.edges.loc[frames.edges["u"].isin(stranded), ["u", "v"]]
    assert stranded - lost == set(behind["u"])
    assert set(behind["v"]) <= lost
    assert len(stranded) < 0.001 * 83_403
    assert not lost & set(frames.edges["u"])
    assert frames.unserved == ()


def test_25_links_keep_the_cheapest_way_of_nearly_every_village(
    dataset: Dataset,
    national_frames: GraphFrames,
    village_origins: pd.DataFrame,
    district_hubs: pd.DataFrame,
) -> None:
    """To all destinations at the costs they were chosen for, nearly so at others."""
    few = national_frames
    every = build_frames(dataset, origins=village_origins, hubs=district_hubs, nearest=10**6)
    assert len(every.edges) > len(few.edges)
    central = CostParameters().value_of_time_idr_h
    for value in (central, central / 1.35, central * 1.35):
        short, whole = (
            least_hours(
                replace(
                    f,
                    nodes=f.nodes.drop(columns="post"),  # links are chosen as if there were none
                    edges=f.edges.assign(hours=f.edges["time_h"] + f.edges["fare_idr"] / value),
                )
            )
            for f in (few, every)
        )
        live = np.isfinite(whole).any(axis=0)
        exact = (short <= whole + 1e-9)[:, live]
        assert exact.mean() >= 0.995, value
        assert exact.all(axis=0).mean() >= (0.995 if value == central else 0.98), value


def test_hardly_any_road_travel_runs_against_itself(
    national_frames: GraphFrames, model: FlowModel
) -> None:
    """At most 5 % of the persons on road legs, and of the person-kilometres, are cancelled."""
    persons, kilometres = opposing_roads(national_frames, model)
    print(f"opposing on roads: {persons:.2%} of persons, {kilometres:.2%} of person-kilometres")
    assert persons <= 0.05
    assert kilometres <= 0.05


def test_roads_that_lead_nearer_to_nowhere_are_no_part_of_a_cheapest_way(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left out, they change no least cost from any terminal to any destination."""

    def least() -> pd.DataFrame:
        frames = build_frames(dataset)
        # Roads are chosen by the timetable, as if there were no posts.
        network = Network.from_frames(*without_posts(frames.nodes, frames.edges))
        size = len(network.nodes)
        legs = (network.hours, (network.head, network.tail))
        backward = sparse.csr_array(legs, shape=(size, size))
        reach = csgraph.dijkstra(backward, indices=np.flatnonzero(network.destination))
        print(f"{len(network.hours):,} legs")
        return pd.DataFrame(reach, columns=network.nodes)

    few = least()
    monkeypatch.setattr("routes.graph.build.roads_ahead", lambda roads, *_: roads)
    whole = least()
    np.testing.assert_allclose(few.to_numpy(), whole[few.columns].to_numpy(), rtol=1e-12)


def test_national_flow_is_conserved(network: Network, model: FlowModel) -> None:
    flow = model.leg_flow_.values_array
    total = model.load_array[network.destination].sum()
    balance = np.where(villages(network), model.load_array, 0.0)
    np.subtract.at(balance, network.tail, flow)
    np.add.at(balance, network.head, flow)
    balance[network.destination] -= model.load_array[network.destination]
    assert np.abs(balance).max() <= 1e-12 * total
    assert np.isfinite(flow).all()
    assert (flow >= 0).all()


def test_joint_flow_is_the_sum_of_the_destinations(network: Network, model: FlowModel) -> None:
    """Each destination solved by itself, with the people who choose it, adds up to the joint."""
    ends = np.flatnonzero(network.destination)
    people = model.demand_by_destination_
    total = np.zeros(len(network.hours))
    for k, end in enumerate(ends):
        if people[:, k].sum() == 0:
            continue
        only = network.destination.copy()
        only[np.delete(ends, k)] = False
        keep = ~np.isin(network.head, np.delete(ends, k))
        alone = replace(
            network, tail=network.tail[keep], head=network.head[keep], hours=network.hours[keep],
            destination=only, _cache={},
        )  # fmt: skip
        solved = FlowModel(theta=THETA).fit_network(alone, people[:, k])
        assert solved.load_array[end] == pytest.approx(people[:, k].sum(), rel=1e-9)
        total[keep] += solved.leg_flow_.values_array
        split = model.flow_to(network.nodes[end])
        assert np.allclose(split[keep], solved.leg_flow_.values_array, rtol=1e-7, atol=1e-9)
    scale = model.load_array.sum()
    assert np.abs(total - model.leg_flow_.values_array).max() <= 1e-10 * scale


def test_tables_and_networkx_give_the_same_network(dataset: Dataset) -> None:
    frames = build_frames(dataset)
    one = Network.from_frames(frames.nodes, frames.edges)
    two = Network.from_graph(build_graph(dataset))
    assert one.nodes == two.nodes
    for name in ("tail", "head", "hours", "outdegree", "destination", "utility", "hub"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_tables_that_cannot_be_a_graph_are_refused(dataset: Dataset) -> None:
    frames = build_frames(dataset)
    nodes, edges = frames.nodes, frames.edges
    with pytest.raises(ModelError, match="is duplicated"):
        Network.from_frames(nodes.iloc[[0, 0, *range(1, len(nodes))]], edges)
    with pytest.raises(ModelError, match="not among the nodes"):
        Network.from_frames(nodes, edges.assign(v="nowhere"))
    with pytest.raises(ModelError, match="two edges"):
        Network.from_frames(nodes, edges.iloc[[0, 0, *range(1, len(edges))]])
    with pytest.raises(ModelError, match="finite"):
        Network.from_frames(nodes, edges.assign(hours=float("nan")))
    with pytest.raises(ModelError, match="negative hours"):
        Network.from_frames(nodes, edges.assign(hours=-1.0))


def test_hubs_are_peeled_and_change_nothing() -> None:
    """The same graph with and without the hub's kind: same flow, smaller core."""
    rng = np.random.default_rng(4)
    graph = nx.DiGraph()
    graph.add_node("end", kind="destination", utility=0.3)
    graph.add_node("other", kind="destination", utility=0.0)
    for v in range(6):
        graph.add_edge(f"v{v}", f"h{v % 2}", hours=float(rng.uniform(1, 3)))
    for h in range(2):
        graph.nodes[f"h{h}"]["kind"] = "hub"
        for t in range(3):
            graph.add_edge(f"h{h}", f"t{t}", hours=float(rng.uniform(1, 9)))
    for a, b in (("t0", "t1"), ("t1", "t0"), ("t1", "t2"), ("t2", "t0")):
        graph.add_edge(a, b, hours=float(rng.uniform(1, 9)))
    graph.add_edge("t0", "end", hours=3.0)
    graph.add_edge("t2", "other", hours=2.0)
    demand = {f"v{v}": float(v + 1) for v in range(6)} | {"h1": 2.0}
    peeled = FlowModel(theta=0.3).fit(graph, demand)
    plain = graph.copy()
    for h in range(2):
        plain.nodes[f"h{h}"]["kind"] = "terminal"
    whole = FlowModel(theta=0.3).fit(plain, demand)
    assert len(peeled.network_.structure.core) == len(whole.network_.structure.core) - 2
    for leg, persons in whole.leg_flow_.items():
        assert peeled.leg_flow_[leg] == pytest.approx(persons, rel=1e-12, abs=1e-12)
    for waypoints in (["h0"], ["h0", "t2"], ["v1", "h1", "t0"], [frozenset({"h0", "t1"}), "end"]):
        assert peeled.corridor(waypoints) == pytest.approx(whole.corridor(waypoints), abs=1e-10)


def test_imported_villages_go_through_the_middle_of_their_district(
    dataset: Dataset, village_origins: pd.DataFrame, tmp_path: Path
) -> None:
    """Without points of districts one village of each district stands for its seat."""
    villages = village_origins[village_origins["province_code"] == "53"]
    columns = dict.fromkeys(dataset.settlements.columns, "")
    imported = pd.DataFrame(columns, index=villages.index).assign(
        id=villages["node"].str.removeprefix("v:"), name=villages["name"], lat=villages["lat"],
        lon=villages["lon"], population=np.nan, province_code="53", decided_by=IMPORTED,
        regency_code=villages["regency_code"], district_code=villages["district_code"],
        village_code=villages["node"].str.removeprefix("v:"),
    )  # fmt: skip
    without_points = replace(dataset, settlements=imported, folder=tmp_path)
    origins = origin_points(without_points)
    graph = build_graph(without_points, origins=origins)
    hubs = {node for node, kind in graph.nodes(data="kind") if kind == "hub"}
    assert len(hubs) == villages["district_code"].nunique()
    through = [node for node in villages["node"] if set(graph.successors(node)) <= hubs]
    assert len(through) > 0.95 * len(imported)
    model = FlowModel(theta=THETA).fit(graph, dict.fromkeys(through, 1.0))
    found = CorridorFinder(model, graph).find(coverage=0.9, limit=500)
    assert found[-1].carried_share >= 0.9
