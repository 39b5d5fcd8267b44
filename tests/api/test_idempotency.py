"""A request sent again under its ``Idempotency-Key`` is answered again and not done again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from api.state.idempotency import IdempotentAnswers
from tests.api.conftest import Service, wait_for
from tests.api.test_plans_http import assert_problem

VISITS = {"villages": 2, "within": "53.04", "radius_km": 15}
KEY = {"Idempotency-Key": "7f0c-1"}


@pytest.fixture(scope="module")
def ngo(planning: Service) -> TestClient:
    return planning.client("lsm")


@pytest.fixture(autouse=True)
def no_answers(planning: Service) -> None:
    planning.app.state.answers = IdempotentAnswers(most_of_one=3)


def test_a_plan_is_made_once(planning: Service, ngo: TestClient) -> None:
    first, again = (ngo.post("/v1/plans/outreach", json=VISITS, headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["cache-control"] == "private, no-store"
    other = ngo.post("/v1/plans/outreach", json={**VISITS, "villages": 3}, headers=KEY)
    assert assert_problem(other, 409)["code"] == "http.key_of_another_request"
    # the same words at another address are another request
    elsewhere = ngo.post("/v1/scenarios", json=VISITS, headers=KEY)
    assert assert_problem(elsewhere, 409)["code"] == "http.key_of_another_request"
    # another account's key is its own
    planner = planning.client("perencana")
    own = planner.post("/v1/plans/outreach", json=VISITS, headers=KEY).json()
    assert own["job"] != first.json()["job"]
    wait_for(planner, own["job"])
    wait_for(ngo, first.json()["job"])


def test_a_scenario_is_saved_once(ngo: TestClient) -> None:
    body = {
        "name": "Sekali",
        "save": True,
        "demand": [{"area": "53.04", "factor": 1.1}],
        "draws": 0,
    }
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: ngo.post("/v1/scenarios", json=body, headers=KEY), range(4))
        )
    answers.append(ngo.post("/v1/scenarios", json=body, headers=KEY))
    assert {answer.status_code for answer in answers} <= {201, 409}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    assert answers[-1].status_code == 201
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "http.key_in_progress"
    named = [one for one in ngo.get("/v1/scenarios").json()["scenarios"] if one["name"] == "Sekali"]
    assert [one["id"] for one in named] == list(ids)
    ngo.delete(f"/v1/scenarios/{ids.pop()}")


def test_a_failure_may_be_tried_again(ngo: TestClient) -> None:
    wrong = {"villages": 2, "within": "99"}
    details = [
        assert_problem(ngo.post("/v1/plans/outreach", json=wrong, headers=KEY), 400, "within")
        for _ in range(2)
    ]
    assert details[0] == details[1]
    assert ngo.post("/v1/plans/outreach", json=VISITS, headers=KEY).status_code == 202


def test_few_answers_are_kept(planning: Service, ngo: TestClient) -> None:
    body = {"demand": [{"area": "53.04", "factor": 1.1}], "draws": 0}
    for number in range(6):
        ngo.post("/v1/scenarios", json=body, headers={"Idempotency-Key": str(number)})
    assert [key[-1] for key in planning.app.state.answers._entries] == ["3", "4", "5"]
    planning.app.state.answers._keep_seconds = 0.0
    ngo.post("/v1/scenarios", json=body, headers={"Idempotency-Key": "6"})
    assert [key[-1] for key in planning.app.state.answers._entries] == ["6"]


def test_keys_that_cannot_be(planning: Service, ngo: TestClient) -> None:
    long = {"Idempotency-Key": "x" * 201}
    assert_problem(ngo.post("/v1/plans/outreach", json=VISITS, headers=long), 400)
    nothing = planning.client().post("/v1/plans/outreach", json=VISITS, headers=long)
    assert_problem(nothing, 404)
    document = ngo.get("/openapi.json").json()["paths"]
    for path in ("/v1/plans/outreach", "/v1/scenarios"):
        names = [one["name"] for one in document[path]["post"]["parameters"]]
        assert "Idempotency-Key" in names
    assert "Idempotency" not in json.dumps(planning.client().get("/openapi.json").json())
