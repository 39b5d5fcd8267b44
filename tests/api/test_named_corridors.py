"""A corridor that the police name by its places: the command's numbers, refusals, who may ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from api.auth.audit import entries
from tests.api.conftest import Service

Run = Callable[..., Any]
PLACES = ("Kupang", "Labuan Bajo", "Nunukan")
ADDRESS = "/v1/corridors/Kupang~Labuan%20Bajo~Nunukan"


@pytest.fixture(scope="module")
def national(planning: Service) -> TestClient:
    return planning.client("polisi")


def test_the_service_gives_the_numbers_of_the_command(
    ask: Run, national: TestClient, planning: Service
) -> None:
    printed, answer = ask("corridor", *PLACES), national.get(ADDRESS)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["release"] == printed.pop("release")
    assert {name: body["corridor"][name] for name in printed} == printed
    assert printed["persons_per_year"]["mean"] > 0
    assert body["corridor"]["id"] == "~".join(PLACES)
    assert len(body["corridor"]["points"]) > 2
    assert "Pelabuhan Tenau" in {post["terminal_name"] for post in body["posts"]}
    assert body["card"]["counts"]["series"]
    assert answer.headers["cache-control"] == "private, no-store"
    same = national.get(ADDRESS, headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    (row, *_) = entries(planning.app.state.register, account="polisi", limit=1)
    assert "Kupang~Labuan" in str(dict(row))


def test_where_nobody_is_expected_it_says_why(national: TestClient) -> None:
    corridor = national.get("/v1/corridors/Nunukan~nunukan").json()["corridor"]
    assert (corridor["class"], corridor["p_class"], corridor["origins"]) == (
        "not_assessed", None, [],
    )  # fmt: skip
    assert corridor["reason"]["en"].startswith("Nunukan is named twice")


@pytest.mark.parametrize(
    ("places", "code", "says"),
    [
        ("Kupamg~Nunukan", "names.unknown_place", "Kota Kupang"),
        ("Kupang~Johor", "names.region_or_terminal", "to-johor"),
        ("NTT~Nunukan", "corridor.too_wide", "provinsi"),
        ("Kupang~", "corridor.places", "5"),
        ("a~b~c~d~e~f", "corridor.places", "5"),
    ],
)
def test_names_that_are_of_no_corridor(
    national: TestClient, places: str, code: str, says: str
) -> None:
    answer = national.get(f"/v1/corridors/{places}", headers={"Accept-Language": "id"})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, code)
    assert says in body["detail"]


def test_a_release_without_its_model_says_to_publish_again(police: TestClient) -> None:
    answer = police.get(ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (503, "http.no_corridors")
    assert "petajaga publish" in answer.json()["detail"]
    assert police.get("/v1/corridors").status_code == 200


@pytest.mark.parametrize("account", [None, "lsm", "polda"])
def test_for_others_it_is_a_corridor_that_does_not_exist(
    planning: Service, account: str | None
) -> None:
    """Those who do not see ways and persons of the whole country, whatever the names."""
    if account == "polda":
        register = planning.app.state.register
        new = add_account(register, name=account, desk="police", tier="police", province_code="53")
        planning.passwords[account] = new.password
    client = planning.client(account)
    missing = client.get("/v1/corridors/xyz")
    assert missing.status_code == 404
    for places in ("Kupang~Nunukan", "Kupamg~Nunukan", "a~b~c~d~e~f", "Kupang~"):
        hidden = client.get(f"/v1/corridors/{places}")
        assert hidden.status_code == 404
        assert hidden.content.replace(places.encode(), b"xyz") == missing.content
        assert dict(hidden.headers) | {"content-length": ""} == dict(missing.headers) | {
            "content-length": ""
        }
    hits = client.get("/v1/search?q=Kupang - Labuan Bajo - Nunukan").json()["results"]
    assert not [hit for hit in hits if "~" in hit["id"]]


@pytest.mark.parametrize("typed", ["Kupang - Labuan Bajo - Nunukan", "kupang → nunukan"])
def test_the_search_leads_there(national: TestClient, typed: str) -> None:
    hits = national.get("/v1/search", params={"q": typed, "limit": 3}).json()["results"]
    assert len(hits) <= 3
    (hit,) = [hit for hit in hits if "~" in hit["id"]]
    assert hit["layer"] == "corridors"
    assert national.get(f"/v1/corridors/{hit['id']}").status_code == 200
    one = national.get("/v1/search?q=Labuan Bajo").json()["results"]
    assert not [hit for hit in one if "~" in hit["id"]]
