"""``/v1/interventions``: one answer at every door, by tier; an office adds its own."""

from __future__ import annotations

from collections.abc import Callable

from starlette.testclient import TestClient

from api.auth.accounts import set_administrator
from geo.interventions import embedded_interventions
from geo.json_values import json_values
from layers.plans.evaluation import interventions_answer
from layers.visibility import RIGHTS
from tests.api.conftest import Service

POSTS = "posts-sebatik-2022"
OWN = {
    "id": "kampanye-sikka", "name": "kampanye sekolah", "kind": "campaign", "area_codes": "53",
    "start": "2024-03", "aim": "interceptions:nonprocedural:more", "source": "Bappeda",
}  # fmt: skip


def test_the_answer_is_that_of_the_function_on_the_rows_that_one_sees(
    public: TestClient, police: TestClient
) -> None:
    every = embedded_interventions().values()
    for client, tier in ((public, "public"), (police, "police")):
        features = client.get("/ogc/collections/counts/items?limit=1000").json()["features"]
        rows = [feature["properties"] for feature in features]
        for path, one in (("", None), ("/drive-2023", "drive-2023")):
            expected = json_values(interventions_answer(rows, every, one, rights=RIGHTS[tier]))
            answer = client.get(f"/v1/interventions{path}").json()
            assert {name: answer[name] for name in expected} == expected


def test_what_is_of_posts_is_not_there_below_the_police(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    for client in (public, partner):
        hidden = client.get(f"/v1/interventions/{POSTS}")
        nothing = client.get("/v1/interventions/nothing")
        assert hidden.status_code == nothing.status_code == 404
        assert hidden.json() | {"instance": ""} == nothing.json() | {"instance": ""}
        assert POSTS not in client.get("/v1/interventions").text
    told = police.get(f"/v1/interventions/{POSTS}")
    assert told.status_code == 200
    assert told.headers["cache-control"] == "private, no-store"
    assert {row["terminal_id"] for row in told.json()["effort"]} == {"bambangan", "sei-pancang"}


def test_an_office_adds_its_own_for_desks_that_plan_there(
    fresh: Callable[..., Service],
) -> None:
    service = fresh()
    set_administrator(service.app.state.register, "polisi", administrator=True)
    police, partner, public = (service.client(name) for name in ("polisi", "lsm", None))
    assert partner.post("/v1/interventions", json=OWN).status_code == 404
    assert police.post("/v1/interventions", json={**OWN, "start": "2024-03-05"}).status_code == 400
    person = {**OWN, "name": "korban sdri. Fulana"}
    assert police.post("/v1/interventions", json=person).status_code == 400
    for field, text in (("effort", "korban sdri. Fulana"), ("id", "korban-081234567890")):
        assert police.post("/v1/interventions", json={**OWN, field: text}).status_code == 400
    assert police.post("/v1/interventions", json={**OWN, "id": POSTS}).status_code == 409
    added = police.post("/v1/interventions", json=OWN)
    assert added.status_code == 201, added.text
    assert police.post("/v1/interventions", json=OWN).status_code == 409
    for client, sees in ((police, True), (partner, True), (public, False)):
        listed = [one["id"] for one in client.get("/v1/interventions").json()["interventions"]]
        assert (OWN["id"] in listed) is sees
        assert client.get(f"/v1/interventions/{OWN['id']}").status_code == (200 if sees else 404)
    # what is of another province or of posts leaves no trace in what a partner gets
    tag = partner.get("/v1/interventions").headers["etag"]
    elsewhere = {**OWN, "id": "di-tempat-lain", "area_codes": "21.71"}
    posts = {**OWN, "id": "jaga", "kind": "post", "terminal_ids": "tenau"}
    for hidden in (elsewhere, posts):
        assert police.post("/v1/interventions", json=hidden).status_code == 201
    assert partner.get("/v1/interventions").headers["etag"] == tag
    address = f"/v1/interventions/{OWN['id']}"
    assert partner.delete(address).status_code == 404
    assert [police.delete(address).status_code for _ in range(2)] == [204, 404]
    assert partner.get(address).status_code == 404
