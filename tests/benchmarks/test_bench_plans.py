"""Plans against their targets: posts on the national graph, villages of the whole country."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.dataset import Dataset
from routes.build.model import Build
from routes.build.parameters import ModelParameters
from routes.flow.model import FlowModel
from routes.graph.arrays import Network
from routes.graph.build import build_frames
from routes.outreach.plan import plan_outreach
from routes.posts.plan import plan_posts
from routes.scenarios.drivers import load_drivers
from routes.scenarios.model import ScenarioModel
from routes.scenarios.request import Scenario

pytestmark = pytest.mark.bench


def test_ten_posts_of_seven_hundred(
    with_ports: Dataset, village_origins: pd.DataFrame, district_hubs: pd.DataFrame, ledger: Any
) -> None:
    tables = build_frames(with_ports, origins=village_origins, hubs=district_hubs)
    network = Network.from_frames(tables.nodes, tables.edges)
    rng = np.random.default_rng(6)
    villages = np.array([str(node).startswith("v:") for node in network.nodes])
    demand = np.where(villages, rng.gamma(1.0, 1.0, len(villages)), 0.0)
    model = FlowModel(theta=ModelParameters().theta).fit_network(network, demand)
    inland = with_ports.terminals[with_ports.terminals["country"] == "ID"]["id"]
    known = set(network.nodes)
    places = [node for node in inland if node in known]
    load = model.load_
    places = sorted(places, key=lambda node: -load[node])[:700]
    start = time.perf_counter()
    plan = plan_posts(model, 10, places, rng=np.random.default_rng(0))
    took = time.perf_counter() - start
    note = f"{plan.scans} scans of {len(places)} terminals, {int(villages.sum()):,} villages"
    ledger.add("post plan k = 10 of 700", took, "s", at_most=20, note=note)
    assert len(plan.posts) == 10


@pytest.mark.parametrize("floor", [0.02, 0.05])
@pytest.mark.parametrize("radius_km", [10.0, 20.0])
@pytest.mark.parametrize(("area", "number"), [("", 600), ("53", 60)], ids=["nation", "ntt"])
def test_outreach(
    area: str, number: int, radius_km: float, floor: float, village_origins: pd.DataFrame,
    ledger: Any,
) -> None:  # fmt: skip
    """The table of docs/VALIDATION.md: every reachable regency has its floor."""
    origins = village_origins[village_origins["regency_code"].str.startswith(area)]
    rng = np.random.default_rng(7)
    villages = pd.DataFrame(
        {
            "id": origins["node"],
            "name": origins["name"] if "name" in origins else origins["node"],
            "regency_code": origins["regency_code"],
            "lat": origins["lat"],
            "lon": origins["lon"],
            "persons": rng.gamma(1.0, 1.0, len(origins)),
        }
    )
    chosen = rng.choice(len(villages), min(3000, len(villages)), replace=False)
    # Processor time of the one thread: what the plan takes on a machine that does nothing else.
    start = time.process_time()
    plan = plan_outreach(
        villages, number=number, radius_km=radius_km, floor=floor,
        candidates=villages["id"].iloc[chosen].tolist(),
    )  # fmt: skip
    took = time.process_time() - start
    table = plan.regencies[plan.regencies["coverable"] > 0]
    met = table["covered"] >= floor * table["coverable"] * (1 - 1e-9)
    assert met.all()
    assert plan.gap <= 0.01
    what = f"outreach, {area or 'nation'}, {radius_km:g} km, floor {floor:.0%}"
    note = (
        f"{len(villages):,} x {len(chosen):,}, {number} visits, floors met {met.sum()} of "
        f"{len(table)}, gap {plan.gap:.2%}, {plan.method}"
    )
    ledger.add(what, took, "s", at_most=15, note=note)


def test_scenarios(build: Build, dataset: Dataset, ledger: Any) -> None:
    model = ScenarioModel(
        build, drivers=lambda: load_drivers(dataset, build.official_frames), draws=20
    )
    said = {
        "post changes": ({"posts": [{"terminal": "maumere"}, {"terminal": "larantuka"}]}, 0.1),
        "a changed indicator": (
            {"indicators": [{"area": "53.02", "indicator": "poverty_rate", "change": -3.0}]}, 1.0
        ),
    }  # fmt: skip
    for what, (entries, target) in said.items():
        scenario = Scenario.of(**entries)
        model.evaluate(scenario)
        start = time.perf_counter()
        model.evaluate(scenario)
        took = time.perf_counter() - start
        ledger.add(f"scenario, {what}", took, "s", at_most=target, note="20 draws")
