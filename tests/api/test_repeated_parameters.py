"""A query parameter given twice is refused, unless it is a list; a hidden address stays hidden."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/pretexts?area=53&area=51", "area"),
        ("/v1/pretexts?area=53&area=53", "area"),
        ("/v1/areas?level=regency&limit=2&limit=3", "limit"),
        ("/v1/corridors?class=high&class=low", "class"),
        ("/v1/warnings.atom?lang=id&lang=en", "lang"),
    ],
)
def test_the_last_of_two_does_not_win(public: TestClient, path: str, name: str) -> None:
    said = {
        "en": f"Query parameter {name} is given twice.",
        "id": f"Parameter kueri {name} diberikan dua kali.",
    }
    for language, words in said.items():
        answer = public.get(path, headers={"Accept-Language": language})
        problem = answer.json()
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["code"] == "http.repeated_parameter"
        if "lang=" not in path:
            assert problem["detail"] == words
        assert [error["field"] for error in problem["errors"]] == [name]
    once = path.rpartition("&")[0]
    assert public.get(once).status_code == 200, "and the next request is not held to the last"


def test_a_list_is_given_by_repeating_its_name(partner: TestClient) -> None:
    answer = partner.get("/v1/scenarios/compare?id=a&id=b")
    assert answer.status_code == 404, "two names that are not there, and no repeated parameter"
    assert partner.get("/v1/scenarios/compare?id=a").json()["code"] != "http.repeated_parameter"


def test_an_address_that_is_hidden_answers_as_one_that_is_not_there(
    public: TestClient, partner: TestClient
) -> None:
    twice = "?period=2026&period=2025"
    hidden, absent = (public.get(f"/v1/{path}{twice}") for path in ("reports/53", "nothing/53"))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["code"] == absent.json()["code"]
    assert partner.get(f"/v1/reports/53{twice}").json()["code"] == "http.repeated_parameter"
