"""The model on the embedded data: conservation, the corridors that must be there, F032."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.corridor_answer import describe_corridor
from routes.build.model import Build
from routes.flow.model import FlowModel, Post
from routes.flow.walks import RandomWalkSums


def test_flow_is_conserved_at_every_node(build: Build) -> None:
    model = build.flow_model()
    network = model.network_
    flow = model.leg_flow_.values_array
    balance = network.vector(model.demand_) - network.vector(model.stranded_)
    np.subtract.at(balance, network.tail, flow)
    np.add.at(balance, network.head, flow)
    ends = np.flatnonzero(network.destination)
    balance[ends] -= [model.destination_flow_[network.nodes[i]] for i in ends]
    total = sum(model.demand_.values()) - sum(model.stranded_.values())
    assert np.abs(balance).max() <= 1e-12 * total
    assert sum(model.destination_flow_.values()) == pytest.approx(total, rel=1e-12)


def test_hardly_anyone_is_stranded_and_they_are_reported(build: Build) -> None:
    model = build.flow_model()
    assert sum(model.stranded_.values()) <= 1e-3 * sum(model.demand_.values())
    for node in model.stranded_:
        assert build.graph.out_degree(node) == 0


def test_every_indonesian_regency_is_an_origin(build: Build, dataset: Dataset) -> None:
    regencies = set(dataset.areas.loc[dataset.areas["level"] == "regency", "code"])
    assert set(build.regency_codes) == regencies


def test_no_road_crosses_water_or_a_border(build: Build) -> None:
    graph = build.graph
    for u, v, leg in graph.edges(data=True):
        ends = graph.nodes[u], graph.nodes[v]
        made_by_us = leg["mode"] == "road" and not isinstance(leg.get("leg_id"), str)
        if made_by_us and "island" in ends[0] and "island" in ends[1]:
            assert ends[0]["island"] == ends[1]["island"], (u, v)
            assert ends[0]["country"] == ends[1]["country"], (u, v)


def test_no_coach_carries_people_inland_from_a_land_border(build: Build) -> None:
    """The coach Kupang - Motaain runs both ways; who is about to leave takes it one way."""
    graph = build.graph
    listed = nx.get_edge_attributes(graph, "leg_id")
    legs = {leg for leg in listed.values() if isinstance(leg, str)}
    assert {"L001", "L006", "L024"} <= legs, "to Motaain and Entikong, and on to Dili"
    assert not {"L001-r", "L005-r", "L006-r", "L010-r"} & legs
    for (start, end), leg in listed.items():
        if isinstance(leg, str) and graph.nodes[start]["kind"] == "border_post":
            assert graph.nodes[end]["country"] != "ID", leg
    assert graph.has_edge("motaain", "to-dili:P")
    assert graph.has_edge("atambua", "el-tari"), "who flies from Kupang goes there from Atambua"


@pytest.mark.parametrize(
    "names",
    [
        ("Kupang", "Labuan Bajo", "Nunukan"),
        ("kupang", "SURABAYA", "Batam"),
        ("Waingapu", "Denpasar"),
        ("Maumere", "Makassar", "Nunukan", "Tawau"),
        ("Kupang", "Medan"),
        ("Larantuka", "Nunukan"),
        ("Batam", "to-johor"),
        ("Teluk Mata Ikan", "to-johor"),
        ("Kupang", "Singapura"),
    ],
)
def test_corridors_the_sources_name_carry_people(build: Build, names: tuple[str, ...]) -> None:
    answer = describe_corridor(build, names).as_dict()
    persons = answer["persons_per_year"]
    assert 0 < persons["p05"] <= persons["mean"] <= persons["p95"]
    assert 0 <= answer["score"]["p05"] <= answer["score"]["mean"] <= answer["score"]["p95"] <= 10
    assert answer["class"] in {"very_low", "low", "medium", "high", "very_high"}
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


def avoiding(model: FlowModel, posts: dict[str, Post], through: list[str]) -> float:
    """Persons a year who pass one of ``through`` without ever leaving a posted terminal."""
    network = model.network_
    extra, survive = np.zeros(len(network.nodes)), np.ones(len(network.nodes))
    for node, post in posts.items():
        extra[network.position(node)] = post.deterrence_h
        survive[network.position(node)] = 0.0
    kernel = RandomWalkSums(network, model.theta, extra_hours=extra)
    (ours,) = model.groups_
    z = kernel.reach(ours.value)
    sets = [model.positions(frozenset(through))]
    weight = kernel.thinned(survive).passing(sets, value=ours.value)
    start = np.divide(ours.demand, z, out=np.zeros_like(z), where=ours.demand > 0)
    return float(start @ weight)


def test_posts_at_kupang_shift_flow_to_what_f032_names(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """Posts at El Tari and Tenau (F028, F029): flow leaves Kupang for other ways out.

    Part of what passes Surabaya, Bali and Medan today has come through El Tari, so their total
    falls with it; what F032 reports is the other part, the ways *instead of* Kupang. The table
    shows both, the test asks for a rise of those who reach each place around the posts. The same
    holds of Nunukan since a ship sails there from Tenau without a change.
    """
    graph: nx.DiGraph = build.graph
    model = FlowModel(theta=float(build.parameters["theta"])).fit(graph, from_timor(build))
    posts = dict.fromkeys(("el-tari", "tenau"), Post(deterrence_h=36.0, detection=0.3))
    free = dict.fromkeys(posts, Post())
    answer = model.intercept(posts)
    before, after = pd.Series(model.load_), pd.Series(answer.load)
    places = pd.Series({node: place for node, place in graph.nodes(data="place") if place})
    kupang = [before[list(posts)].sum(), after[list(posts)].sum()]
    rows = {"Kupang: El Tari and Tenau": [*kupang, np.nan, np.nan]}
    for name, members in F032.items():
        nodes = places[places.isin(members)].index.to_list()
        rows[name] = [
            before[nodes].sum(), after[nodes].sum(),
            avoiding(model, free, nodes), avoiding(model, posts, nodes),
        ]  # fmt: skip
    columns = ["before", "after", "around before", "around after"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    with capsys.disabled():
        print("\nPersons a year from Timor, without and with posts at El Tari and Tenau;")
        print(f"'around': without leaving either of the two\n{table.round(2).to_string()}")
    assert kupang[1] < 0.8 * kupang[0]
    others = table.drop("Kupang: El Tari and Tenau")
    assert (others["around after"] > 1.5 * others["around before"]).all()
    # Where people change on the way to Malaysia without Tenau (Labuan Bajo, Makassar) gains in all.
    assert (others["after"] > others["before"])[["Labuan Bajo", "Makassar"]].all()
    assert 0 < answer.share < 1
