"""All corridors at once give what each gives by itself, origin by origin."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from geo.errors import InputError
from routes.corridors.batch import CorridorBatch
from routes.corridors.measure import CorridorMeter
from routes.flow.model import FlowModel


def fitted(seed: int) -> tuple[FlowModel, np.random.Generator]:
    """Villages and a hub before a cyclic core of 14 terminals; one terminal leads nowhere."""
    rng = np.random.default_rng(seed)
    graph = nx.DiGraph()
    for end in range(3):
        graph.add_node(f"d{end}", kind="destination", utility=float(rng.normal()))
    core = nx.gnp_random_graph(14, 0.25, seed=seed, directed=True)
    nx.add_cycle(core, range(14))
    for u, v in core.edges:
        graph.add_edge(f"t{u}", f"t{v}", hours=float(rng.uniform(0.5, 9)))
    for end in range(3):
        for u in rng.choice(14, 3, replace=False):
            graph.add_edge(f"t{u}", f"d{end}", hours=float(rng.uniform(1, 5)))
    graph.add_node("h", kind="hub")
    for u in rng.choice(14, 4, replace=False):
        graph.add_edge("h", f"t{u}", hours=float(rng.uniform(1, 9)))
    for v in range(8):
        graph.add_edge(f"v{v}", "h" if v < 4 else f"t{v}", hours=float(rng.uniform(1, 4)))
    graph.add_edge("t0", "cul-de-sac", hours=1.0)
    demand = {f"v{v}": float(rng.gamma(2.0)) for v in range(8)} | {"t3": 0.7}
    return FlowModel(theta=0.2).fit(graph, demand), rng


@pytest.mark.parametrize("seed", range(12))
def test_corridors_together_equal_corridors_alone(seed: int) -> None:
    model, rng = fitted(seed)
    network, size = model.network_, len(model.network_.nodes)
    unofficial = np.isin(np.array(network.nodes), ["t2", "t5", "t9"])
    hazard = np.where(network.destination, rng.uniform(0, 10, size), 0.0)
    index, regency = rng.uniform(0, 10, size), rng.integers(0, 3, size)

    def group(*names: str) -> np.ndarray:
        return np.array([network.index[name] for name in names], np.intp)

    places = [group("t0", "t1"), group("t2"), group("t3", "t4", "t5"), group("t6", "cul-de-sac")]
    ends = [group("d0"), group("d1"), group("d2")]
    corridors = [
        [places[0], ends[0]],
        [places[1], places[2], ends[0]],
        [places[0], places[1], places[2], ends[1]],
        [places[2], places[1], places[2], ends[2]],
        [places[3], places[0]],
        [group("t0", "t7"), places[0], ends[2]],  # sets may overlap
        [group("cul-de-sac"), ends[0]],
        [ends[1]],
        [ends[1], places[0]],
    ]
    chains = CorridorBatch.of(network.structure, corridors)
    found = chains.measure(
        model, vulnerability=index, unofficial=unofficial, hazard=hazard, groups=regency
    )
    # Passing a group's dead members is nothing: the single measure is given the others.
    alive = network.structure.alive
    single = [[members[alive[members]] for members in corridor] for corridor in corridors]
    for k, one in enumerate(CorridorMeter(unofficial, hazard).measure(model, single, index)):
        assert found.persons[k] == pytest.approx(one.persons, rel=1e-9, abs=1e-12)
        split = np.bincount(regency, one.by_origin, minlength=3)
        assert found.by_group[k] == pytest.approx(split, rel=1e-9, abs=1e-12)
        if one.persons > 1e-9:
            assert found.vulnerability[k] == pytest.approx(one.vulnerability, rel=1e-8)
            assert found.unofficial_share[k] == pytest.approx(one.unofficial_share, abs=1e-8)
            assert found.hazard[k] == pytest.approx(one.hazard, rel=1e-8)
    assert found.persons[6] == found.persons[8] == 0.0
    assert found.persons.max() > 0


def test_origins_are_no_waypoints() -> None:
    model, _ = fitted(1)
    village = np.array([model.network_.index["v0"]], np.intp)
    with pytest.raises(InputError, match="must be a terminal"):
        CorridorBatch.of(model.network_.structure, [[village]])
    none = CorridorBatch.of(model.network_.structure, [])
    zero = np.zeros(len(model.network_.nodes))
    measured = none.measure(model, vulnerability=zero, unofficial=zero > 0, hazard=zero)
    assert len(measured.persons) == 0
