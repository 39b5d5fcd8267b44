"""The listed corridors carry the share of the flow they say, counted by walking the chain."""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
import numpy as np
import pytest

from geo.errors import UnknownNameError
from geo.modes import mode_of
from routes.build.corridor_answer import describe_corridor
from routes.build.model import Build
from routes.corridors.search import CorridorFinder, FoundCorridor
from routes.flow.model import FlowModel

Journey = tuple[tuple[str, ...], object]


def walked(model: FlowModel, graph: nx.DiGraph, count: int, seed: int) -> list[Journey]:
    """Random journeys of the model: places of boarding and alighting, and the end."""
    rng = np.random.default_rng(seed)
    kernel, network = model.kernel_, model.network_
    onward: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for i, j, w in zip(kernel.tail.tolist(), kernel.head.tolist(), kernel.weight, strict=True):
        onward[i].append((j, w))
    group_of = np.zeros(len(network.nodes), int)
    for k, group in enumerate(model.groups_):
        group_of[group.demand > 0] = k
    people = model.demand_array
    journeys = []
    for begin in rng.choice(len(people), count, p=people / people.sum()):
        node, places, z = int(begin), list[str](), model.groups_[group_of[begin]].z
        while not network.destination[node]:
            heads, chances = zip(*onward[node], strict=True)
            weights = np.array(chances) * z[list(heads)]
            after = int(rng.choice(heads, p=weights / weights.sum()))
            here, there = graph.nodes[network.nodes[node]], graph.nodes[network.nodes[after]]
            mode = graph.edges[network.nodes[node], network.nodes[after]].get("mode")
            at_stop = "place" in here or here["kind"] == "aboard"
            boards = at_stop and (network.destination[after] or not mode_of(mode).on_road)
            for stop in (here, there) if boards else ():
                if "place" in stop and (not places or places[-1] != stop["place"]):
                    places.append(stop["place"])
            node = after
        end = network.nodes[node]
        journeys.append((tuple(places), graph.nodes[end].get("destination", end)))
    return journeys


def carried(journeys: list[Journey], corridors: list[FoundCorridor]) -> float:
    by_end: dict[object, list[tuple[str, ...]]] = defaultdict(list)
    for corridor in corridors:
        by_end[corridor.destination].append(corridor.places)

    def inside(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
        rest = iter(long)
        return all(place in rest for place in short)

    held = [any(inside(one, places) for one in by_end[end]) for places, end in journeys]
    return float(np.mean(held))


def test_the_listed_corridors_carry_95_percent_of_the_flow(build: Build) -> None:
    """All origins: of 3,000 walks no fewer are on a listed corridor than the list says.

    It may be more: the rarest variants are not searched, and most go over a listed corridor too.
    """
    model = build.flow_model()
    found = CorridorFinder(model, build.graph).find()
    print(f"{len(found)} corridors carry {100 * found[-1].carried_share:.1f} % of the flow")
    assert found[-1].carried_share >= 0.95
    assert len(found) < 300  # the people of 38 provinces each go where theirs are known to go
    shares = [corridor.carried_share for corridor in found]
    assert (np.diff(shares) > 0).all()
    seen = carried(walked(model, build.graph, 3_000, seed=4), found)
    print(f"of 3,000 random journeys {100 * seen:.1f} % are on one of them")
    four_errors = 4 * np.sqrt(0.95 * 0.05 / 3_000)
    assert found[-1].carried_share - four_errors <= seen <= 1.0


def test_the_build_lists_them_with_persons_risk_and_intervals(build: Build) -> None:
    found = CorridorFinder(build.flow_model(), build.graph).find()
    listed = build.corridors
    have = {
        (tuple(names[:-1]), end)
        for names, end in zip(listed["waypoint_names"], listed["destination_id"], strict=True)
    }
    assert {(corridor.places, corridor.destination) for corridor in found} <= have
    for column in ("persons", "score"):
        low, high = listed[f"{column}_p05"], listed[f"{column}_p95"]
        assert (low <= listed[f"{column}_mean"] + 1e-9).all()
        assert (low < high).mean() > 0.95
    parts = listed[["volume", "vulnerability", "unofficial_share", "hazard"]]
    assert np.isfinite(parts.to_numpy(float)).all()


def test_variants_of_one_journey_are_one_corridor() -> None:
    graph = nx.DiGraph()
    graph.add_node("end", kind="destination", utility=0.0)
    for name in "abc":
        graph.add_node(name, kind="seaport", name=name, place=name)
    graph.add_edge("v", "a", hours=1.0, mode="road")
    graph.add_edge("a", "b", hours=4.0, mode="ferry")
    graph.add_edge("a", "c", hours=2.0, mode="ferry")
    graph.add_edge("c", "b", hours=3.0, mode="ferry")
    graph.add_edge("b", "end", hours=1.0, mode="ferry")
    model = FlowModel(theta=0.1).fit(graph, {"v": 10.0})
    found = CorridorFinder(model, graph).find()
    assert [corridor.places for corridor in found] == [("a", "b")]
    assert found[0].carried_share == pytest.approx(1.0)
    assert found[0].persons == pytest.approx(10.0 * np.exp(-0.4) / (np.exp(-0.4) + np.exp(-0.5)))


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("stulang-laut", "batam-centre"), "in this order"),
        (("to-johor", "Batam"), "in this order"),
        (("Kupang", "Kupang", "Nunukan"), "Kupang is named twice in a row"),
    ],
)
def test_a_corridor_nobody_takes_is_zero_with_the_reason(
    build: Build, names: tuple[str, ...], why: str
) -> None:
    answer = describe_corridor(build, names).as_dict()
    zero = {"mean": 0.0, "p05": 0.0, "p95": 0.0}
    assert answer["persons_per_year"] == answer["score"] == zero
    assert answer["class"] == "not_assessed"
    assert answer["origins"] == []
    assert set(answer["components"].values()) == {0.0}
    assert why in answer["reason"]["en"]


def test_an_unknown_waypoint_is_refused_with_its_neighbours(build: Build) -> None:
    with pytest.raises(UnknownNameError, match="nearest: "):
        describe_corridor(build, ("Kupang", "Atlantis"))


def test_an_empty_demand_has_no_corridor(build: Build) -> None:
    finder = CorridorFinder(build.flow_model(), build.graph)
    assert finder.find(demand=np.zeros(len(build.network.nodes))) == []
    assert len(finder.find(limit=7)) == 7
