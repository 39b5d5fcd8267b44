"""The model on the embedded data: conservation, the corridors that must be there, F032."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build import Build
from routes.corridors import describe_corridor
from routes.flow import FlowModel, Post


def test_flow_is_conserved_at_every_node(build: Build) -> None:
    model = build.flow_model()
    network = model.network_
    flow = model.leg_flow_.values_array
    balance = network.vector(model.demand_)
    np.subtract.at(balance, network.tail, flow)
    np.add.at(balance, network.head, flow)
    ends = np.flatnonzero(network.destination)
    balance[ends] -= [model.destination_flow_[network.nodes[i]] for i in ends]
    total = sum(model.demand_.values())
    assert np.abs(balance).max() <= 1e-12 * total
    assert sum(model.destination_flow_.values()) == pytest.approx(total, rel=1e-12)
    assert not model.stranded_


def test_every_indonesian_regency_is_an_origin(build: Build, dataset: Dataset) -> None:
    regencies = set(dataset.areas.loc[dataset.areas["level"] == "regency", "code"])
    assert set(build.regency_codes) == regencies


def test_no_road_crosses_water_or_a_border(build: Build) -> None:
    graph = build.graph
    for u, v, mode in graph.edges(data="mode"):
        ends = graph.nodes[u], graph.nodes[v]
        if mode == "road" and "island" in ends[0] and "island" in ends[1]:
            assert ends[0]["island"] == ends[1]["island"], (u, v)
            assert ends[0]["country"] == ends[1]["country"], (u, v)


@pytest.mark.parametrize(
    "names",
    [
        ("Kupang", "Labuan Bajo", "Nunukan"),
        ("kupang", "SURABAYA", "Batam"),
        ("Waingapu", "Denpasar"),
        ("Maumere", "Makassar", "Nunukan", "Tawau"),
        ("Kupang", "Medan"),
        ("Larantuka", "Nunukan"),
        ("Batam", "Johor"),
        ("Pantai Teluk Mata Ikan",),
        ("Kupang", "Singapura"),
    ],
)
def test_corridors_the_sources_name_carry_people(build: Build, names: tuple[str, ...]) -> None:
    answer = describe_corridor(build, build.flow_model(), names).as_dict()
    persons = answer["persons_per_year"]
    assert 0 < persons["p05"] <= persons["mean"] <= persons["p95"]
    assert 0 <= answer["score"]["p05"] <= answer["score"]["mean"] <= answer["score"]["p95"] <= 10
    assert answer["class"] in {"very low", "low", "medium", "high", "very high"}
    assert sum(origin["share"] for origin in answer["origins"]) == pytest.approx(1, abs=1e-3)


# What F032 names, by the place of the terminals a traveller meets there.
F032 = {
    "Sumba": ("Waingapu", "Tambolaka", "Waikelo"),
    "Labuan Bajo": ("Labuan Bajo",),
    "Bali": ("Denpasar", "Benoa", "Gilimanuk", "Padangbai"),
    "Surabaya": ("Surabaya",),
    "Makassar": ("Makassar",),
    "Nunukan": ("Nunukan", "Sebatik"),
    "Medan": ("Medan", "Belawan"),
}


def from_timor(build: Build) -> dict[str, float]:
    """Demand of the origins on Timor, whose people used to leave through Kupang (F031)."""
    codes = {"53.01", "53.02", "53.03", "53.04", "53.21", "53.71"}
    return {
        node: persons
        for node, persons in build.flow_model().demand_.items()
        if build.graph.nodes[node]["area_code"] in codes
    }


def test_posts_at_kupang_shift_flow_to_what_f032_names(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """Posts at El Tari and Tenau (F028, F029): flow leaves Kupang for other ways out."""
    graph: nx.DiGraph = build.graph
    model = FlowModel(theta=float(build.parameters["theta"])).fit(graph, from_timor(build))
    post = Post(deterrence_h=36.0, detection=0.3)
    answer = model.intercept({"el-tari": post, "tenau": post})
    before, after = pd.Series(model.load_), pd.Series(answer.load)
    places = pd.Series({node: place for node, place in graph.nodes(data="place") if place})
    rows = {"Kupang (El Tari, Tenau)": (before[["el-tari", "tenau"]], after[["el-tari", "tenau"]])}
    for name, members in F032.items():
        nodes = places[places.isin(members)].index
        rows[name] = (before[nodes], after[nodes])
    table = pd.DataFrame(
        {name: {"before": b.sum(), "after": a.sum()} for name, (b, a) in rows.items()}
    ).T.assign(change=lambda t: t["after"] - t["before"])
    table["change_pct"] = 100 * table["change"] / table["before"]
    with capsys.disabled():
        print(f"\nPersons a year from Timor, with and without posts at Kupang\n{table.round(2)}")
    assert table.loc["Kupang (El Tari, Tenau)", "change"] < 0
    kupang_share = -table.loc["Kupang (El Tari, Tenau)", "change_pct"]
    assert kupang_share > 5
    rising = table.drop("Kupang (El Tari, Tenau)")
    assert (rising.loc[["Sumba", "Labuan Bajo", "Makassar", "Nunukan"], "change"] > 0).all()
    assert 0 < answer.share < 1
