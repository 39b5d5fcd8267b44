"""What a partner is told of plans and scenarios does not depend on what a partner may not know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from geo.dataset import Dataset
from layers.plans.requests import OutreachPlanRequest
from layers.plans.service import PlanService
from routes.build.model import Build

_WISH = OutreachPlanRequest(number=6, radius_km=15, base="Waingapu", within="53")
_SAID = {
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
            graph.nodes[node]["utility"] += float(rng.normal())
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


def told(evaluator: PlanService, province: str | None) -> tuple[str, str]:
    plan: Any = evaluator.outreach(_WISH, province=province).answer
    said = evaluator.parse(_SAID, province=province)
    scenario = evaluator.scenario_document(said, province=province, draws=5)
    return json.dumps(plan), json.dumps(scenario)


@pytest.fixture(scope="module")
def both(build: Build, dataset: Dataset) -> list[PlanService]:
    """On the build, and on one that differs in what partners may not know."""
    other = with_other_secrets(build, np.random.default_rng(5))
    return [PlanService.of_build(one, dataset) for one in (build, other)]


def test_a_partners_answers_are_the_same_byte_for_byte(both: list[PlanService]) -> None:
    first, second = (told(one, "53") for one in both)
    assert first == second
    plan, scenario = (json.loads(text) for text in first)
    assert {v["regency_code"][:2] for v in plan["villages"]} == {"53"}
    assert {area["code"] for area in scenario["areas"]} == {"53.02", "53.04"}
    assert "persons" not in "".join(first)


def test_the_police_see_the_difference(both: list[PlanService]) -> None:
    assert told(both[0], None)[1] != told(both[1], None)[1]
