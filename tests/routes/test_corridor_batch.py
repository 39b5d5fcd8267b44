"""All corridors at once give what each gives by itself, origin by origin."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from routes.corridors import terminal_walks
from routes.corridors.batch import CorridorBatch
from routes.corridors.measure import measure_corridors
from routes.corridors.risk import risk_score
from routes.corridors.terminal_walks import TerminalDraws, TerminalLayout, TerminalWalks
from routes.ensemble.summaries import DrawSummarizer
from routes.flow.model import FlowModel
from routes.flow.results import GroupFlow
from routes.flow.walks import RandomWalkSums
from routes.graph.arrays import Floats


def fitted(seed: int) -> tuple[FlowModel, np.random.Generator]:
    """Villages and a hub before a cyclic core of 14 terminals; one terminal leads nowhere.

    The people of every second seed are two groups, of which one never goes to the last destination.
    """
    rng = np.random.default_rng(seed)
    graph = nx.DiGraph()
    for end in range(3):
        graph.add_node(f"d{end}", kind="destination", utility=float(rng.normal()))
        if seed % 2:
            away = -np.inf if end == 2 else float(rng.normal())
            graph.nodes[f"d{end}"]["utilities"] = {"*": float(rng.normal()), "53": away}
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
        graph.add_node(f"v{v}", **({"group": "53"} if seed % 2 and v % 3 == 0 else {}))
        graph.add_edge(f"v{v}", "h" if v < 4 else f"t{v}", hours=float(rng.uniform(1, 4)))
    graph.add_edge("t0", "cul-de-sac", hours=1.0)
    demand = {f"v{v}": float(rng.gamma(2.0)) for v in range(8)} | {"t3": 0.7}
    return FlowModel(theta=0.2).fit(graph, demand), rng


PLACES = [{"t0", "t1"}, {"t2"}, {"t3", "t4", "t5"}, {"t6", "cul-de-sac"}]
CORRIDORS: list[list[set[str]]] = [
    [PLACES[0], {"d0"}],
    [PLACES[1], PLACES[2], {"d0"}],
    [PLACES[0], PLACES[1], PLACES[2], {"d1"}],
    [PLACES[2], PLACES[1], PLACES[2], {"d2"}],
    [PLACES[3], PLACES[0]],
    [{"t0", "t7"}, PLACES[0], {"d2"}],  # sets may overlap
    [{"cul-de-sac"}, {"d0"}],
    [{"d1"}],
    [{"d1"}, PLACES[0]],
]


class Case:
    """One fitted model with hazards, an index and three regencies."""

    def __init__(self, seed: int) -> None:
        self.model, rng = fitted(seed)
        network, size = self.model.network_, len(self.model.network_.nodes)
        self.without_papers = np.isin(np.array(network.nodes), ["d1", "d2"]).astype(float)
        self.hazard = np.where(network.destination, rng.uniform(0, 10, size), 0.0)
        self.index, self.regency = rng.uniform(0, 10, size), rng.integers(0, 3, size)
        if network.group is not None:  # a regency is of one group
            self.regency = np.where(network.group == 0, self.regency % 2, 2)
        starts = np.array([n[0] == "v" or n == "t3" for n in network.nodes])
        self.regency_of = np.where(starts, self.regency, -1)
        self.layout = TerminalLayout.of(
            network, without_papers=self.without_papers, hazard=self.hazard,
            regencies=["a", "b", "c"], regency_of=self.regency_of,
        )  # fmt: skip

    def walks(self, model: FlowModel) -> TerminalWalks:
        return TerminalWalks.of(
            self.layout, model, vulnerability=self.index, regency_of=self.regency_of
        )

    def alone(self, corridor: list[set[str]]) -> tuple[np.ndarray, float, float, float]:
        """Persons by regency, index, share without papers, hazard: one by one."""
        model = self.model
        kernel, sets = model.kernel_, [model.positions(frozenset(names)) for names in corridor]

        def passing(walks: RandomWalkSums, value: Floats | float = 1.0) -> Floats:
            ends = self.model.network_.destination * value
            return sum(
                group.start * walks.passing(sets, value=of_group(group, ends))
                for group in model.groups_
            )

        def of_group(group: GroupFlow, ends: Floats) -> Floats:
            return ends if group.value is None else ends * group.value

        persons = passing(kernel)
        by_regency = np.bincount(self.regency, persons, minlength=3)
        total = persons.sum()
        if total <= 0:
            return by_regency, 0.0, 0.0, 0.0
        hidden = passing(kernel, self.without_papers).sum() / total
        harm = passing(kernel, self.hazard).sum() / total
        return by_regency, float(persons @ self.index / total), float(hidden), float(harm)


@pytest.mark.parametrize("seed", range(12))
def test_corridors_together_equal_corridors_alone(seed: int) -> None:
    case = Case(seed)
    measure = CorridorBatch.of(case.layout, CORRIDORS).measure(case.walks(case.model))
    for k, corridor in enumerate(CORRIDORS):
        by_regency, index, hidden, harm = case.alone(corridor)
        assert measure.by_regency[k] == pytest.approx(by_regency, rel=1e-9, abs=1e-12)
        assert measure.persons[k] == pytest.approx(by_regency.sum(), rel=1e-9, abs=1e-12)
        if by_regency.sum() > 1e-9:
            assert measure.vulnerability[k] == pytest.approx(index, rel=1e-8)
            assert measure.unofficial_share[k] == pytest.approx(hidden, abs=1e-8)
            assert measure.hazard[k] == pytest.approx(harm, rel=1e-8)
    assert measure.persons[6] == measure.persons[8] == 0.0
    assert measure.persons.max() > 0


def test_nobody_passes_an_origin_or_an_unknown_node() -> None:
    case = Case(1)
    batch = CorridorBatch.of(case.layout, [[{"v0"}, {"d0"}], [{"nowhere"}]])
    assert batch.measure(case.walks(case.model)).persons.tolist() == [0.0, 0.0]
    nothing = CorridorBatch.of(case.layout, []).measure(case.walks(case.model))
    assert len(nothing.persons) == 0


def test_draws_are_summarised_from_the_same_draws_and_survive_the_disk(tmp_path: str) -> None:
    """Also with an origin that nobody leaves in one of the draws."""
    case = Case(3)
    network = case.model.network_
    demand = case.model.demand_array.copy()
    demand[network.index["v2"]] = 0.0
    second = FlowModel(theta=0.35).fit_network(network, demand)
    summarize = DrawSummarizer(
        nodes=np.arange(0), legs=np.arange(0), layout=case.layout, regency_of=case.regency_of
    )
    summaries = [summarize(k, model, case.index) for k, model in enumerate([case.model, second])]
    draws = TerminalDraws.of(case.layout, summaries)
    np.savez(f"{tmp_path}/draws.npz", **draws.as_arrays())
    with np.load(f"{tmp_path}/draws.npz") as stored:
        draws = TerminalDraws.from_arrays({name: stored[name] for name in stored.files})
    summary = measure_corridors(draws, CORRIDORS)
    batch = CorridorBatch.of(case.layout, CORRIDORS)
    measures = [batch.measure(summary.walks) for summary in summaries]
    means = {
        name: np.mean([getattr(measure, name) for measure in measures], axis=0)
        for name in ("vulnerability", "unofficial_share", "hazard")
    }
    for k, measure in enumerate(measures):
        assert summary.persons[k] == pytest.approx(measure.persons, rel=1e-6)
        score = risk_score(
            persons=measure.persons, vulnerability=means["vulnerability"], hazard=means["hazard"]
        )
        assert summary.score[k] == pytest.approx(score, rel=1e-6)
    for name, values in means.items():
        assert summary.components[name] == pytest.approx(values)
    assert summary.components["volume"] == pytest.approx(summary.persons.mean(axis=0))
    assert summary.by_regency.sum(axis=1) == pytest.approx(summary.persons.mean(axis=0))


@pytest.mark.parametrize("many", [0, 1_000])
def test_persons_of_all_draws_where_the_weights_of_two_nodes_lie_far_apart(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Solved together or each draw by itself; walks from two ports may weigh 1e20 apart."""
    monkeypatch.setattr(terminal_walks, "_MANY", many)
    rng = np.random.default_rng(8)
    graph = nx.DiGraph()
    graph.add_nodes_from(("d0", "d1"), kind="destination")
    graph.nodes["d0"]["utilities"] = {"a": 0.0, "b": -np.inf}
    graph.nodes["d1"]["utilities"] = {"a": -90.0, "b": 0.0}
    for u, v in ((0, 1), (1, 0), (1, 2), (2, 3), (3, 1), (0, 3), (3, 4), (4, 2)):
        graph.add_edge(f"t{u}", f"t{v}", hours=float(rng.uniform(1, 90)))
    graph.add_edge("t2", "d0", hours=1.0)
    graph.add_edge("t4", "d1", hours=230.0)
    for group, port in (("a", "t0"), ("b", "t1")):
        graph.add_node(f"v{group}", group=group)
        graph.add_edge(f"v{group}", port, hours=2.0)
    demand = {"va": 800.0, "vb": 500.0}
    models = [FlowModel(theta=theta).fit(graph, demand) for theta in (0.1, 0.2, 0.3)]
    network = models[0].network_
    regency_of = np.array([{"va": 0, "vb": 1}.get(str(n), -1) for n in network.nodes])
    nothing = np.zeros(len(network.nodes))
    layout = TerminalLayout.of(
        network, hazard=nothing, without_papers=nothing, regencies=["a", "b"],
        regency_of=regency_of,
    )  # fmt: skip
    summarize = DrawSummarizer(
        nodes=np.arange(0), legs=np.arange(0), layout=layout, regency_of=regency_of
    )
    summaries = [summarize(k, model, nothing) for k, model in enumerate(models)]
    draws = TerminalDraws.of(layout, summaries)
    corridors = [[{"t0", "t3"}, {"t4"}, {"d1"}], [{"t1"}, {"t2"}], [{"t4"}, {"d0"}], [{"d1"}]]
    persons = CorridorBatch.of(layout, corridors).persons(draws)
    for k, model in enumerate(models):
        for number, corridor in enumerate(corridors):
            alone = model.corridor([frozenset(names) for names in corridor])
            assert persons[k, number] == pytest.approx(alone, rel=1e-6, abs=1e-12)
