"""Over HTTP the police of a province get its rows and plans; the rest is as at no address."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from tests.api.conftest import Service, wait_for
from tests.api.test_hidden_addresses import METHODS, fingerprint

LAYERS = ("terminals", "ports", "legs", "corridors", "posts")


@pytest.fixture(scope="module")
def polda(planning: Service) -> TestClient:
    """Signed in as the police of Nusa Tenggara Timur."""
    register = planning.app.state.register
    new = add_account(register, name="polda-ntt", desk="police", tier="police", province_code="53")
    planning.passwords[new.account.name] = new.password
    return planning.client(new.account.name)


def ids(client: TestClient, layer: str) -> set[str]:
    found: set[str] = set()
    path: str | None = f"/ogc/collections/{layer}/items?limit=1000"
    while path:
        page = client.get(path).json()
        found |= {feature["id"] for feature in page["features"]}
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_items_exports_and_single_features(
    layer: str, planning: Service, polda: TestClient
) -> None:
    national = ids(planning.client("polisi"), layer)
    own = ids(polda, layer)
    assert own < national
    answer = polda.get(f"/v1/exports/{layer}?format=csv")
    assert set(pd.read_csv(io.BytesIO(answer.content), dtype=str)["id"]) == own
    nothing = polda.get(f"/ogc/collections/{layer}/items/nothing")
    for key in sorted(national - own)[:5]:
        path = f"/ogc/collections/{layer}/items/{key}"
        hidden = polda.get(path)
        assert hidden.status_code == nothing.status_code == 404
        assert hidden.text.replace(key, "nothing") == nothing.text


def test_v1_answers_of_the_province(planning: Service, polda: TestClient) -> None:
    national = planning.client("polisi")
    ports = polda.get("/v1/terminals?limit=1000").json()["ports"]
    known = [port for port in ports if port.get("persons_per_year")]
    assert {port["id"] for port in known} == ids(polda, "ports")
    assert [port["rank"] for port in known] == list(range(1, len(known) + 1))
    everywhere = national.get("/v1/terminals?limit=1000").json()["ports"]
    landings = {p["id"] for p in everywhere if p["kind"] == "unofficial"}
    elsewhere = landings - ids(polda, "terminals")
    assert elsewhere
    for key in sorted(elsewhere)[:5]:
        nothing = fingerprint(polda, "GET", "/v1/terminals/nothing")
        hidden = fingerprint(polda, "GET", f"/v1/terminals/{key}")
        assert json.dumps(hidden).replace(key, "nothing") == json.dumps(nothing)
    corridors = polda.get("/v1/corridors?limit=1000").json()
    assert {row["id"] for row in corridors["corridors"]} == ids(polda, "corridors")
    current = polda.get("/v1/releases/current").json()
    assert current["layers"]["posts"]["rows"] == len(ids(polda, "posts"))
    assert not {"files", "model", "created_from"} & set(current)
    assert polda.get("/v1/session").json()["province"] == "53"


def test_areas_are_those_of_a_partner_there(planning: Service, polda: TestClient) -> None:
    partner = planning.client("perencana")
    for path in ("/v1/areas?limit=1000", "/v1/areas/53.04", "/v1/areas/65", "/v1/areas/65.03.01"):
        mine, theirs = polda.get(path), partner.get(path)
        assert mine.status_code == theirs.status_code
        keys = ("areas", "area", "counts", "services")
        assert [mine.json().get(k) for k in keys] == [theirs.json().get(k) for k in keys]


@pytest.mark.parametrize("method", METHODS)
def test_what_a_scenario_displaces_is_no_address(method: str, polda: TestClient) -> None:
    nothing = fingerprint(polda, method, "/v1/plans/nothing")
    assert fingerprint(polda, method, "/v1/scenarios/x/displacement") == nothing


def test_scenarios_are_those_of_a_partner(planning: Service, polda: TestClient) -> None:
    assert "posts" not in polda.get("/v1/scenarios/options").json()
    posts = {"name": "x", "posts": [{"terminal": "tenau", "change": "add"}]}
    demand: dict[str, Any] = {"demand": [{"area": "53.04", "factor": 2.0}], "draws": 2}
    partner = planning.client("perencana")
    for body in (posts, demand):
        mine, theirs = (c.post("/v1/scenarios", json=body) for c in (polda, partner))
        assert mine.status_code == theirs.status_code
        assert mine.json() | {"release": ""} == theirs.json() | {"release": ""}
    paths = polda.get("/openapi.json").json()["paths"]
    assert "/v1/plans/posts" in paths
    assert "/v1/scenarios/{scenario_id}/displacement" not in paths


def test_a_post_plan_names_nothing_outside_the_province(
    planning: Service, polda: TestClient
) -> None:
    there = {port["id"] for port in polda.get("/v1/terminals?limit=1000&within=53").json()["ports"]}
    for field, value in (("fixed", ["nunukan"]), ("fixed", ["nothing"]), ("within", "65")):
        answer = polda.post("/v1/plans/posts", json={"k": 1, "draws": 0, field: value})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field
    started = polda.post("/v1/plans/posts", json={"k": 2, "draws": 2})
    assert started.status_code == 202, started.text
    job = wait_for(polda, started.json()["job"])
    assert job["state"] == "done", job
    plan = job["result"]
    named = [*plan["posts"], *plan["in_force"], *plan["displacement"], *plan["blind"]["posts"]]
    named += [post for row in plan["alternatives"] for post in row["posts"]]
    assert named
    assert {row["id"] for row in named} <= there
    consent = planning.client("polisi").post(f"/v1/jobs/{job['id']}/consent")
    assert consent.status_code == 204
    moved = polda.get(f"/v1/jobs/{job['id']}/displacement").json()["features"]
    told = polda.get(f"/v1/jobs/{job['id']}").json()["result"]["displacement"]
    assert told
    assert {row["id"] for row in (*moved, *told)} <= there
