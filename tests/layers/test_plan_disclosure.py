"""A partner's plans and scenarios do not depend on what a partner may not know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from geo.dataset import Dataset
from geo.errors import InputError
from layers.plans.requests import OutreachPlanRequest
from layers.plans.service import PlanService
from layers.schema import Tier
from layers.visibility import RIGHTS
from routes.build.model import Build

_REQUEST = OutreachPlanRequest(number=6, radius_km=15, base="Waingapu", within="53")
_CHANGES = {
    "indicators": [{"area": "53.02", "indicator": "poverty_rate", "change": -3.0}],
    "services": [{"area": "53.04", "kind": "village_task_force"}],
}


def with_other_secrets(build: Build, rng: np.random.Generator) -> Build:
    """Other landings, posts, hidden legs, utilities and sensitivities; the same places and people.

    Who sets out stays: a plan for villages cannot but depend on it.
    """
    graph: nx.DiGraph = build.graph.copy()
    kinds = dict(graph.nodes(data="kind"))
    for node, kind in kinds.items():
        if kind == "unofficial":
            graph.nodes[node]["lat"] += float(rng.uniform(-0.3, 0.3))
            graph.nodes[node]["name"] = f"Dermaga {rng.integers(1000)}"
        if kind == "destination":
            moved = float(rng.normal())
            nats = graph.nodes[node]["utilities"]
            graph.nodes[node]["utilities"] = {group: value + moved for group, value in nats.items()}
    for u, v, leg in graph.edges(data=True):
        if "unofficial" in {kinds[u], kinds[v]}:
            for part in ("hours", "time_h"):
                leg[part] *= float(rng.uniform(0.2, 3.0))
    hidden = ~build.terminals["official"].astype(bool)
    terminals = build.terminals.copy()
    terminals.loc[hidden, "lat"] += 0.2
    terminals.loc[hidden, "name"] = "Dermaga Lain"
    draws = replace(
        build.draws,
        theta=build.draws.theta * rng.uniform(0.8, 1.2, len(build.draws)),
        utility=build.draws.utility * 1.1,
    )
    posts = build.posts.sample(3, random_state=int(rng.integers(1000)))
    return build.with_parts(graph=graph, terminals=terminals, draws=draws, posts=posts)


def answers_of(service: PlanService, tier: Tier, province: str | None = None) -> tuple[str, str]:
    reader: Any = {"rights": RIGHTS[tier], "province": province}
    plan = service.outreach(_REQUEST, **reader).answer
    scenario = service.scenario_document(service.parse(_CHANGES, **reader), draws=5, **reader)
    return json.dumps(plan), json.dumps(scenario)


@pytest.fixture(scope="module")
def services(build: Build, dataset: Dataset) -> list[PlanService]:
    """On the build, and on one that differs in what partners may not know."""
    other = with_other_secrets(build, np.random.default_rng(5))
    return [PlanService.of_build(variant, dataset) for variant in (build, other)]


def test_a_partners_answers_are_the_same_byte_for_byte(services: list[PlanService]) -> None:
    first, second = (answers_of(service, "partner", "53") for service in services)
    assert first == second
    plan, scenario = (json.loads(text) for text in first)
    assert {v["regency_code"][:2] for v in plan["villages"]} == {"53"}
    assert {area["code"] for area in scenario["areas"]} == {"53.02", "53.04"}
    assert "persons" not in "".join(first)


def test_what_villages_are_told_names_terminals_that_the_reader_sees(
    services: list[PlanService], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminals = services[0].build.terminals
    landings = set(terminals.loc[~terminals["official"].astype(bool), "id"])
    named: dict[Tier, set[str]] = {}
    for tier in ("partner", "police"):

        def keep(_regencies: Any, _rights: Any, names: Any, tier: Tier = tier) -> list[Any]:
            named[tier] = set(names)
            return []

        monkeypatch.setattr("layers.plans.service.pretexts_by_regency", keep)
        services[0].outreach(_REQUEST, rights=RIGHTS[tier], province="53")
    assert landings
    assert named["police"] == set(terminals["id"])
    assert named["partner"] == named["police"] - landings


def test_the_police_see_the_difference(services: list[PlanService]) -> None:
    first, second = (answers_of(service, "police") for service in services)
    assert first[1] != second[1]


def test_a_partner_without_a_province_gets_nothing(services: list[PlanService]) -> None:
    with pytest.raises(InputError, match="province"):
        answers_of(services[0], "partner")


def test_a_partner_compares_shares(services: list[PlanService]) -> None:
    changes = [_CHANGES, {"demand": [{"area": "53.04", "factor": 1.2}]}]
    comparison = services[0].compare(changes, rights=RIGHTS["partner"], province="53", draws=2)
    assert [area["code"] for area in comparison["areas"]] == ["53.02", "53.04"]
    first = comparison["areas"][0]["values"]
    assert first[0]["change_share"]["mean"] < 0
    assert first[1]["change_share"]["mean"] == 0
    assert "persons" not in json.dumps(comparison)


def test_a_partner_changes_no_posts(services: list[PlanService]) -> None:
    with pytest.raises(InputError, match="posts"):
        services[0].parse(
            {"posts": [{"terminal": "el-tari"}]}, rights=RIGHTS["partner"], province="53"
        )
