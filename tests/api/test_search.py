"""``/v1/search``: what a person types finds what they mean, and nothing their tier has not."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from layers.query.search import SearchIndex


def _found(client: TestClient, text: str) -> list[tuple[str, str]]:
    answer = client.get("/v1/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    return [(hit["layer"], hit["id"]) for hit in answer.json()["results"]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("NTT", ("areas", "53")),
        ("53.01", ("areas", "53.01")),
        ("nusa tenggara timur", ("areas", "53")),
        ("tenau", ("terminals", "tenau")),
        ("pelabuhan tenua", ("terminals", "tenau")),
    ],
)
def test_names_codes_abbreviations_and_slips(
    public: TestClient, text: str, first: tuple[str, str]
) -> None:
    assert _found(public, text)[0] == first


def test_each_hit_says_what_it_is(police: TestClient) -> None:
    answer = police.get("/v1/search?q=kupang&limit=50").json()
    assert len(answer["results"]) > 2
    for hit in answer["results"]:
        assert {"layer", "id", "name"} <= set(hit)
        assert {"kind", "level"} & set(hit) or hit["layer"] == "corridors"
        assert police.get(f"/ogc/collections/{hit['layer']}/items/{hit['id']}").status_code == 200


def test_a_hidden_landing_is_found_by_nobody_it_is_hidden_from(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    assert ("terminals", "rahasia") in _found(police, "rahasia")
    for client in (public, partner):
        assert _found(client, "rahasia") == []


def test_the_best_come_first() -> None:
    rows = {
        "areas": [{"key": "1", "name": "Tanah Baru", "population": 5},
                  {"key": "2", "name": "Baru", "population": 1}],
        "terminals": [{"key": "a", "name": "Pelabuhan Lama", "place": "Baru"},
                      {"key": "b", "name": "Baruna"}],
    }  # fmt: skip
    found = SearchIndex(rows).find("baru")
    assert [hit["id"] for hit in found] == ["2", "a", "b", "1"]
    assert SearchIndex(rows).find("baru", limit=1) == found[:1]
    assert SearchIndex(rows).find(" ") == []
    assert SearchIndex({}).find("baru") == []


def test_a_regency_comes_before_the_village_of_its_name() -> None:
    rows = {
        "settlements": [{"key": "53.07.01.2001", "name": "Sikka", "kind": "village"}],
        "areas": [{"key": "53.07", "name": "Kabupaten Sikka", "level": "regency"}],
    }
    assert [hit["id"] for hit in SearchIndex(rows).find("sikka")] == ["53.07", "53.07.01.2001"]


def test_places_in_a_row_are_a_corridor_of_those_that_the_tier_has(
    public: TestClient, partner: TestClient
) -> None:
    for client in (public, partner):
        known = client.get("/v1/corridors").json()["corridors"][0]
        for between in (" - Labuan Bajo - ", " - ", " "):
            ends = known["origin_name"] + between + known["destination_name"]
            found = client.get("/v1/search", params={"q": ends}).json()["results"]
            ids = [(hit["layer"], hit["id"]) for hit in found]
            assert ids[0] == ("corridors", known["id"]), ends
            assert len(ids) == len(set(ids)), "named twice"


def test_a_corridor_is_found_by_its_ends_without_what_is_between() -> None:
    rows = {
        "areas": [{"key": "53.71", "name": "Kota Kupang", "level": "regency"}],
        "corridors": [
            {"key": "c1", "name": "Kupang - Labuan Bajo - Nunukan"},
            {"key": "c2", "name": "Kupang - Medan"},
        ],
    }
    index = SearchIndex(rows)
    assert [hit["id"] for hit in index.find("kupang nunukan")] == ["c1"]
    assert [hit["id"] for hit in index.find("nunukan kupang")] == ["c1"]
    assert index.find("kupang ambon") == []
