"""``/v1``: what each tier gets of areas, corridors, terminals and the release."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from api.http.serializers import nest
from geo.guide import duties, pretexts
from layers.plans.early_warning import early_warnings
from layers.release.editions import Approval, approve
from layers.release.publish import publish
from tests.api.conftest import Service
from tests.layers.conftest import LANDING_WORD, POST_WORD, make_build


def _areas(client: TestClient, query: str = "") -> dict[str, dict[str, Any]]:
    body = client.get(f"/v1/areas?{query}").json()
    assert body["numberReturned"] == len(body["areas"])
    return {area["code"]: area for area in body["areas"]}


def test_health_names_the_public_release(public: TestClient) -> None:
    body = public.get("/health").json()
    release = public.get("/v1/areas").json()["release"]
    edition = public.get("/v1/releases/current").json()["edition"]
    assert body == {
        "status": "ok", "release": release, "edition": 1, "date": edition["date"],
        "approval": None, "approved": False,
    }  # fmt: skip


def test_ready_says_whether_the_release_is_read_and_the_register_written(
    fresh: Callable[..., Service],
) -> None:
    service = fresh()
    client = service.client()
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.headers["cache-control"] == "no-store"
    service.app.state.written_at = 0.0
    with closing(sqlite3.connect(service.home.register)) as register:
        register.execute("DROP TABLE alembic_version")
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "register.unwritable")
    assert client.get("/health").status_code == 200
    release = service.app.state.keeper.current().release
    (release.folder / "public.gpkg").write_bytes(bytes(100_000))
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "release.not_whole")
    assert str(service.home.root) not in answer.text


def test_editions_by_tier(fresh: Callable[..., Service], tmp_path: Path) -> None:
    service = fresh(release_check_seconds=3600)
    build = make_build(tmp_path)
    build.areas.loc[1, "class"] = "low"
    publish(build, service.home).close()
    approval = {"office": "Bappeda", "basis": "ND-1", "date": "2026-11-02", "embargo": ""}
    client, police = service.client(), service.client("polisi")
    assert [row["number"] for row in client.get("/v1/releases").json()["releases"]] == [1]
    rows = police.get("/v1/releases").json()["releases"]
    assert [(row["number"], row["current"], row["approval"]) for row in rows] == [
        (2, False, None), (1, True, None),
    ]  # fmt: skip
    assert "release" in rows[0]
    etag = client.get("/v1/releases").headers["etag"]
    approve(service.home, "2", Approval(**approval))
    answer = client.get("/v1/releases", headers={"If-None-Match": etag})
    (second, first) = answer.json()["releases"]
    assert first == {"number": 1, "date": first["date"], "approval": None, "current": True}
    assert (second["approval"], second["current"]) == (approval, False)
    assert set(second) == set(first)


def test_public_areas_have_a_class_and_no_score(public: TestClient) -> None:
    areas = _areas(public)
    assert areas["53.04"]["class"] == "very_high"
    for area in areas.values():
        assert not {"score", "rank", "p_top_decile", "departures"} & set(area)
        assert "unofficial_landings_class" not in area


def test_partner_has_scores_of_the_own_province_only(partner: TestClient) -> None:
    areas = _areas(partner)
    assert areas["53.04"]["score"] == {"mean": 8.1, "p05": 5.7, "p95": 11.3}
    assert areas["53.04"]["rank"] == {"p05": 1, "p95": 5}
    assert areas["21.71"]["class"] == "low"
    for code, area in areas.items():
        if not code.startswith("53"):
            assert area["score"] is None, code
            assert area["rank"] is None, code
            assert area["unofficial_landings_class"] is None, code
            assert area["departures"] is None, code
    assert areas["53.01"]["departures"]["mean"] > 0


def test_police_see_everything_and_unknown_stays_unknown(police: TestClient) -> None:
    areas = _areas(police)
    assert areas["21.71"]["score"]["mean"] == 4.0
    assert areas["53.01"]["departures"]["mean"] > 0
    assert areas["65.04"]["score"] is None
    assert areas["65.04"]["class"] == "not_assessed"


def test_areas_are_chosen_by_level_and_place(public: TestClient) -> None:
    assert set(_areas(public, "level=province")) == {"21", "53", "65"}
    assert set(_areas(public, "within=53")) == {"53", "53.01", "53.04", "53.15", "53.71"}
    assert set(_areas(public, "within=53&level=regency&limit=2&offset=3")) == {"53.71"}
    assert _areas(public, "within=99") == {}
    page = public.get("/v1/areas?within=53&limit=1").json()
    assert (page["numberMatched"], page["numberReturned"]) == (5, 1)


def test_one_area_is_explained_in_both_languages(public: TestClient, police: TestClient) -> None:
    body = public.get("/v1/areas/53.04").json()
    assert body["area"]["name"] == "Kabupaten Belu"
    assert any("sangat tinggi" in line for line in body["explanation"]["id"])
    assert any("very high" in line for line in body["explanation"]["en"])
    assert len(body["explanation"]["id"]) == len(body["explanation"]["en"])
    assert all(count["value"] % 5 == 0 for count in body["counts"])
    full = police.get("/v1/areas/53.04").json()
    assert any("8,1 dari 10" in line for line in full["explanation"]["id"])
    unknown = public.get("/v1/areas/65.04").json()
    assert "belum dinilai" in unknown["explanation"]["id"][0]


def test_the_card_of_an_area_by_tier(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    for client, reasons in ((public, "open to the province"), (partner, "Kabupaten Belu (en).")):
        card = client.get("/v1/areas/53.04").json()["card"]
        assert [reasons in text["en"] for text in card["why"]].count(True) == 1
        assert [office["id"] for office in card["offices"]] == ["uptd-ppa-ntt"]
        assert card["names"]["53"] == "Nusa Tenggara Timur"
        assert card["covered"]["en"].startswith("Kabupaten Belu: 0 of 100") or client is public
        told = card["pretexts"]["pretexts"]
        assert told
        assert {"ask" in row for row in told} == {client is partner}, "a question is for desks"
        assert {"records" in row for row in told} == {client is partner}
        lines = {line["number"]: line for line in card["hotlines"]}
        assert lines["129"]["as_of"] == "2026-01-28"
        assert lines["148"]["said"]["en"] == "not checked since March 2020"
    body = police.get("/v1/areas/53.04").json()
    counted = body["card"]["counts"]
    rows = [row for row in body["counts"] if row["area_code"] == counted["area_code"] == "53.04"]
    assert rows
    for series in counted["series"]:
        assert {(y["year"], y["value"]) for y in series["years"]} == {
            (row["year"], row["value"]) for row in rows
            if (row["measure"], row["legal_class"]) == (series["measure"], series["legal_class"])
            and row["value"] is not None
        }  # fmt: skip


def test_the_card_has_victims_by_attribute_of_the_smallest_area_with_any(
    public: TestClient, partner: TestClient
) -> None:
    for client in (public, partner):
        items = client.get("/ogc/collections/victims/items?area_code=53.15").json()["features"]
        rows = [item["properties"] for item in items]
        assert len(rows) == 2
        own = client.get("/v1/areas/53.15").json()["card"]["victims"]
        assert own == {"area_code": "53.15", "rows": [{
            "attribute": "sex", "year_from": 2022, "year_to": 2024,
            "persons": {row["measure"]: row["value"] for row in rows},
        }]}  # fmt: skip
        assert client.get("/v1/areas/53.04").json()["card"]["victims"]["area_code"] == "53"
        none = client.get("/v1/areas/21.71").json()["card"]["victims"]
        assert none == {"area_code": "21.71", "rows": []}, "not reported is not zero"


def test_corridors_by_tier(public: TestClient, partner: TestClient, police: TestClient) -> None:
    open_ = public.get("/v1/corridors").json()["corridors"]
    assert open_
    for corridor in open_:
        assert corridor["class"] in ("low", "medium", "high", "not_assessed")
        police_keys = {
            "score", "p_class", "persons_per_year", "waypoints", "origins", "components"
        }  # fmt: skip
        assert not police_keys & set(corridor)
    own = partner.get("/v1/corridors").json()["corridors"]
    assert own
    assert {corridor["province_code"] for corridor in own} == {"53"}
    full = police.get("/v1/corridors").json()["corridors"]
    persons = [corridor["persons_per_year"]["mean"] for corridor in full]
    assert persons == sorted(persons, reverse=True)
    assert set(full[0]["components"]) == {"volume", "vulnerability", "unofficial_share", "hazard"}
    assert set(full[0]["score"]) == {"mean", "p05", "p95"}
    assert {"id", "name", "kind"} == set(full[0]["waypoints"][0])


def test_corridors_by_origin_and_number(public: TestClient, police: TestClient) -> None:
    everything = police.get("/v1/corridors").json()
    some = police.get("/v1/corridors?origin=53&limit=1").json()
    assert some["numberReturned"] == 1
    assert 1 <= some["numberMatched"] <= everything["numberMatched"]
    assert any(item["code"].startswith("53") for item in some["corridors"][0]["origins"])
    assert police.get("/v1/corridors?origin=99").json()["corridors"] == []
    for corridor in public.get("/v1/corridors?origin=53").json()["corridors"]:
        assert corridor["origin_code"] == "53"


def test_corridors_by_destination_place_and_class(public: TestClient, police: TestClient) -> None:
    for client in (public, police):
        everything = client.get("/v1/corridors?limit=1000").json()["corridors"]
        for name in {corridor["class"] for corridor in everything}:
            chosen = client.get(f"/v1/corridors?limit=1000&class={name}").json()["corridors"]
            assert chosen == [row for row in everything if row["class"] == name]
    first = everything[0]
    for point in first["waypoints"]:
        chosen = police.get(f"/v1/corridors?waypoint={point['id']}").json()["corridors"]
        assert first in chosen
        assert all(point in row["waypoints"] for row in chosen)
    same = police.get(f"/v1/corridors?destination={first['destination']['id']}").json()
    assert first in same["corridors"]
    assert {row["destination"]["id"] for row in same["corridors"]} == {first["destination"]["id"]}
    assert public.get(f"/v1/corridors?waypoint={point['id']}").json()["numberMatched"] == 0
    assert police.get("/v1/corridors?destination=XX").json()["numberMatched"] == 0


def test_one_corridor(police: TestClient, public: TestClient) -> None:
    first = police.get("/v1/corridors").json()["corridors"][0]
    assert police.get(f"/v1/corridors/{first['id']}").json()["corridor"] == first
    assert public.get(f"/v1/corridors/{first['id']}").status_code == 404


def test_ports_by_tier(public: TestClient, partner: TestClient, police: TestClient) -> None:
    for client in (public, partner):
        listed = client.get("/v1/terminals").json()["ports"]
        assert [port["id"] for port in listed] == sorted(port["id"] for port in listed)
        assert all(set(port) == {"id", "name", "kind"} for port in listed)
        assert "unofficial" not in {port["kind"] for port in listed}
    answer = police.get("/v1/terminals?within=53&limit=1").json()
    assert answer["numberMatched"] > answer["numberReturned"] == 1
    assert set(answer["ports"][0]) == {"id", "name", "kind", "persons_per_year", "rank", "class"}
    assert answer["ports"][0]["persons_per_year"]["mean"] == 120.0
    everything = police.get("/v1/terminals").json()["ports"]
    for name in ("kind", "class"):
        value = everything[0][name]
        chosen = police.get(f"/v1/terminals?{name}={value}").json()["ports"]
        assert chosen == [port for port in everything if port.get(name) == value]
    assert "rahasia" in {port["id"] for port in police.get("/v1/terminals").json()["ports"]}


def test_terminal_with_its_legs(public: TestClient, police: TestClient) -> None:
    body = public.get("/v1/terminals/tenau").json()
    assert body["terminal"]["name"] == "Pelabuhan Tenau"
    assert [leg["to_id"] for leg in body["legs"]] == ["labuan-bajo"]
    assert "load_per_year" not in body["terminal"]
    assert police.get("/v1/terminals/tenau").json()["terminal"]["load_per_year"]["mean"] == 120.0
    assert public.get("/v1/terminals/rahasia").status_code == 404
    assert police.get("/v1/terminals/rahasia").json()["terminal"]["name"] == LANDING_WORD


def test_the_card_of_a_terminal_by_tier(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    shown = {"release", "terminal", "legs", "arrivals", "corridors", "card"}
    for client in (public, partner):
        body = client.get("/v1/terminals/tenau").json()
        assert set(body) == shown
        assert body["corridors"] == []
        assert not {"rank", "ports"} & set(body["terminal"])
    assert "load_class" in body["terminal"]
    body = police.get("/v1/terminals/tenau").json()
    assert set(body) == {*shown, "posts"}
    listed = police.get("/v1/terminals?limit=1000").json()["ports"]
    (place,) = [port["rank"] for port in listed if port["id"] == "tenau"]
    assert (body["terminal"]["rank"], body["terminal"]["ports"]) == (place, len(listed))
    assert {leg["to_id"] for leg in body["arrivals"]} == {"tenau"}
    whole = {row["id"]: row for row in police.get("/v1/corridors").json()["corridors"]}
    # of the place: the airport of the same town has part in them
    assert [row["id"] for row in body["corridors"]] == ["c1", "c2"]
    assert body["corridors"][0]["persons_per_year"] == whole["c1"]["persons_per_year"]
    assert body["posts"] == []
    (post,) = police.get("/v1/terminals/el-tari").json()["posts"]
    assert (post["name"], post["since"]) == (POST_WORD, "2018")


def test_the_card_of_a_corridor_by_tier(public: TestClient, police: TestClient) -> None:
    pair = public.get("/v1/corridors?origin=53").json()["corridors"][0]
    body = public.get(f"/v1/corridors/{pair['id']}").json()
    assert set(body) == {"release", "corridor", "card"}
    assert body["card"]["why"] == []
    body = police.get("/v1/corridors/c2").json()
    assert [post["terminal_id"] for post in body["posts"]] == ["el-tari"]
    assert body["card"]["why"][0]["en"] == "Main origins: Kota Kupang (100%)."


def test_answers_about_one_place_are_documented_by_tier(
    public: TestClient, police: TestClient
) -> None:
    for client, told in ((public, False), (police, True)):
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
        assert "card" in schemas["AreaAnswer"]["properties"]
        for answer in ("TerminalAnswer", "CorridorAnswer"):
            assert ("posts" in schemas[answer]["properties"]) is told


def test_release_shows_only_the_own_tier(public: TestClient, police: TestClient) -> None:
    mine = public.get("/v1/releases/current").json()
    assert "posts" not in mine["layers"]
    assert "posts" in police.get("/v1/releases/current").json()["layers"]
    assert "police" not in json.dumps(mine)
    assert mine["release"] != police.get("/v1/releases/current").json()["release"]


def test_the_public_gets_no_hint_of_posts_or_landings(public: TestClient) -> None:
    addresses = [
        "/v1/areas", "/v1/corridors", "/v1/terminals", "/v1/terminals/tenau", "/v1/areas/53.71",
        "/v1/releases/current", "/ogc", "/ogc/api", "/openapi.json", "/ogc/collections",
        *(f"/ogc/collections/{name}/items?limit=1000&f={form}"
          for name in ("areas", "terminals", "legs", "corridors", "services", "counts")
          for form in ("json", "html")),
    ]  # fmt: skip
    for address in addresses:
        answer = public.get(address)
        assert answer.status_code == 200, address
        for word in (POST_WORD, LANDING_WORD, "rahasia", "detection"):
            assert word not in answer.text, (address, word)
        # "posts" as a word of the interface; a border post is another thing
        assert '"posts' not in answer.text, address
        assert "/posts" not in answer.text, address


def test_intervals_are_nested_and_unknown_ones_are_null() -> None:
    row = {"id": "a", "persons_mean": 1.0, "persons_p05": 0.5, "persons_p95": 2.0,
           "score_mean": None, "score_p05": None, "score_p95": None, "hazard": 3.0,
           "p_high": 0.7, "p_value": 0.1}  # fmt: skip
    assert nest(row, components=True) == {
        "id": "a",
        "persons_per_year": {"mean": 1.0, "p05": 0.5, "p95": 2.0},
        "score": None,
        "p_class": {"high": 0.7},
        "p_value": 0.1,
        "components": {"hazard": 3.0},
    }


def test_the_guide_is_the_same_for_all_and_says_what_to_check(
    public: TestClient, police: TestClient
) -> None:
    told = public.get("/v1/guide").json()
    assert {"110", "129"} <= {line["number"] for line in told["hotlines"]}
    assert {row["id"] for row in told["pretexts"]} == {
        row.id for row in pretexts() if row.kind != "way"
    }
    for row in told["pretexts"]:
        parts = ("text", "told", "check")
        assert set(row) == {"id", "kind", *parts}, "neither where nor when it was given"
        assert all(set(row[part]) == {"id", "en"} and all(row[part].values()) for part in parts)
    same = police.get("/v1/guide").json()
    assert [told[name] for name in ("pretexts", "hotlines")] == [
        same[name] for name in ("pretexts", "hotlines")
    ]


def test_pretexts_of_a_place_by_tier(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    open_ = public.get("/v1/pretexts", params={"area": "53.04"}).json()
    assert open_["place"] == {"id": "53.04", "name": "Kabupaten Belu"}
    assert "ask" not in str(open_["pretexts"][0].keys())
    assert open_["sources"]
    assert open_["pretexts"] == public.get("/v1/areas/53.04").json()["card"]["pretexts"]["pretexts"]
    for client in (partner, police):
        desk = client.get("/v1/pretexts", params={"area": "53.04"}).json()
        assert [row["near"] for row in desk["pretexts"][:2]] == ["here", "here"]
        assert desk["pretexts"][0]["ask"]["en"].endswith("?")
        card = client.get("/v1/areas/53.04").json()["card"]["pretexts"]
        assert card["pretexts"] == desk["pretexts"][:8]
    assert not {"way"} & {row["kind"] for row in partner.get("/v1/pretexts").json()["pretexts"]}
    assert {"way"} <= {row["kind"] for row in police.get("/v1/pretexts").json()["pretexts"]}


def test_pretexts_are_of_one_place_that_is_there(public: TestClient) -> None:
    two = public.get("/v1/pretexts", params={"area": "53", "terminal": "tenau"})
    assert (two.status_code, two.json()["code"]) == (400, "pretext.one_place")
    for params in ({"area": "99"}, {"terminal": "x"}, {"corridor": "x"}, {"office": "x"}):
        assert public.get("/v1/pretexts", params=params).status_code == 404
    served = public.get("/v1/pretexts", params={"office": "uptd-ppa-ntt"})
    assert served.json()["place"]["id"] == "uptd-ppa-ntt"


def test_who_must_be_told_is_one_answer_by_area_and_port(
    public: TestClient, police: TestClient
) -> None:
    answer = public.get("/v1/areas/53.04/referral").json()
    assert answer["place"] == {"code": "53.04", "name": "Kabupaten Belu"}
    assert [step["step"] for step in answer["steps"]] == [duty.step for duty in duties()]
    card = public.get("/v1/areas/53.04").json()["card"]
    assert card["referral"] == answer["steps"]
    health = next(step for step in answer["steps"] if step["step"] == "health")
    assert health["offices"] == []
    assert health["gap"]["id"] != health["gap"]["en"]
    assert len(answer["departure_papers"]) == 8
    assert police.get("/v1/areas/53.04/referral").json()["steps"] == answer["steps"]
    port = public.get("/v1/terminals/tenau/referral").json()
    assert port["place"]["id"] == "tenau"
    assert public.get("/v1/areas/53.99/referral").status_code == 404


def test_coverage_is_one_answer_and_no_tier_sees_more_than_its_rows(
    public: TestClient, partner: TestClient, police: TestClient
) -> None:
    everywhere = public.get("/v1/coverage").json()
    assert {area["level"] for area in everywhere["areas"]} <= {"province"}
    assert everywhere["villages"] == []
    there = police.get("/v1/coverage?within=53").json()
    rows = police.get("/ogc/collections/coverage/items?limit=1000").json()["features"]
    regencies = {
        row["properties"]["code"] for row in rows
        if row["properties"]["level"] == "regency" and row["properties"]["province_code"] == "53"
    }  # fmt: skip
    assert {area["code"] for area in there["areas"]} == regencies
    own = partner.get("/v1/coverage?within=53").json()
    assert {area["code"] for area in own["areas"]} == regencies
    assert public.get("/v1/coverage?within=53").json()["areas"] == []
    assert public.get("/v1/coverage?withn=53").status_code == 400


def test_counts_on_record_are_the_rows_of_the_layer_that_one_sees(
    public: TestClient, police: TestClient
) -> None:
    for client in (public, police):
        rows = client.get("/ogc/collections/counts/items?limit=1000").json()["features"]
        layer = [row["properties"] for row in rows]
        found = client.get("/v1/counts?within=53").json()
        assert len(found["counts"]) == sum(row["area_code"][:2] == "53" for row in layer) > 0
        assert all(count["value"] is not None for count in found["counts"])
        nation = client.get("/v1/counts").json()["counts"]
        provinces = {count["code"] for count in nation if count["level"] == "province"}
        assert "53" in provinces
        refused = client.get("/v1/counts?measure=no_such")
        assert (refused.status_code, refused.json()["code"]) == (400, "counts.measure")
    assert public.get("/v1/counts?place=53").status_code == 400


def test_warnings_are_what_the_function_says_of_the_rows_that_one_sees(
    public: TestClient, police: TestClient
) -> None:
    for client in (public, police):
        rows = client.get("/ogc/collections/counts/items?limit=1000").json()["features"]
        expected = early_warnings([row["properties"] for row in rows])
        answer = client.get("/v1/warnings").json()
        assert {name: answer[name] for name in expected} == expected
