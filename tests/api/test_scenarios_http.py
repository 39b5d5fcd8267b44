"""Scenarios over HTTP: evaluated, saved, shared within the tier, compared; who may ask what."""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.register import database as db
from api.state.scenario_store import ScenarioStore
from geo.errors import InputError
from geo.i18n import languages
from geo.paths import Home
from layers.plans.service import PlanService
from layers.release.model_folder import MODEL_FOLDER, write_parts
from layers.release.publish import publish
from routes.scenarios.template import template
from tests.api.conftest import Service, close_service, make_service
from tests.api.test_plans_http import assert_problem, words_of
from tests.layers.conftest import make_build

POST = {"posts": [{"terminal": "maumere", "hours_per_week": 84}]}
POVERTY = {"indicators": [{"area": "53.02", "indicator": "poverty_rate", "change": -3.0}]}
GROWTH = {"demand": [{"area": "53.04", "factor": 1.2}]}
QUICK = {"draws": 30, "corridors": 2}


@pytest.fixture(scope="module")
def police(planning: Service) -> TestClient:
    return planning.client("polisi")


@pytest.fixture(scope="module")
def ngo(planning: Service) -> TestClient:
    return planning.client("lsm")


@pytest.fixture
def saved(police: TestClient) -> Iterator[dict[str, Any]]:
    """A saved scenario of the police."""
    body = {"name": "Pos Maumere", "note": "malam", "save": True, **POST, **QUICK}
    answer = police.post("/v1/scenarios", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/scenarios/{answer.json()['id']}"
    yield answer.json()
    police.delete(f"/v1/scenarios/{answer.json()['id']}")


def test_a_scenario_tells_what_changes_where(police: TestClient) -> None:
    answer = police.post("/v1/scenarios", json={"name": "Pos", **POST, **GROWTH, **QUICK})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    document = answer.json()
    assert document["id"] is None
    assert document["scenario"] == {**POST, **GROWTH}
    moved = {row["id"]: row for row in document["terminals"]}
    assert moved["maumere"]["after"] < moved["maumere"]["before"]
    grown = {row["measure"]: row for row in document["total"]}["departures"]["change"]
    assert 0 < grown["p05"] <= grown["mean"] <= grown["p95"]
    assert len(document["corridors"]) <= 2
    assert {row["code"] for row in document["areas"]} > {"53.04"}
    assert document["assumptions"]
    assert not {"route", "path", "detection"} & words_of(document)


def test_the_file_of_the_command_line_is_a_body_too(
    police: TestClient, tmp_path: Path, petajaga: Any, built_home: Path
) -> None:
    text = 'name = "Belu"\n[[demand]]\narea = "53.04"\nfactor = 1.2\n'
    answer = police.post(
        "/v1/scenarios", content=f"draws = 30\ncorridors = 2\n{text}",
        headers={"content-type": "application/toml"},
    )  # fmt: skip
    document = answer.json()
    (tmp_path / "belu.toml").write_text(text, "utf-8")
    done = petajaga("scenario", str(tmp_path / "belu.toml"), "--draws", "30", "--corridors", "2",
                    "--json", home=built_home)  # fmt: skip
    same = json.loads(done.out)
    for part in ("total", "areas", "corridors"):
        assert [row["after"] for row in document[part]] == pytest.approx(
            [row["after"] for row in same[part]]
        )
    assert document["release"] == same["release"]


def test_fewer_sailings_than_the_lines_make_say_so(police: TestClient) -> None:
    leg = {"from": "pantoloan", "to": "tunon-taka", "mode": "passenger_ship", "change": "sailings"}
    document = police.post(
        "/v1/scenarios", json={"legs": [{**leg, "departures_per_week": 0.1}], **QUICK}
    ).json()
    assert "ships of a line" in document["notes"][0]["en"]
    assert "trayek" in document["notes"][0]["id"]
    often = police.post(
        "/v1/scenarios", json={"legs": [{**leg, "departures_per_week": 14}], **QUICK}
    ).json()
    assert often["notes"] == []


def test_saved_it_is_changes_and_no_result(
    planning: Service, police: TestClient, saved: dict[str, Any]
) -> None:
    assert saved["mine"] is True
    assert saved["shared"] is False
    assert saved["changes"] == {"posts": 1, "legs": 0, "indicators": 0, "demand": 0, "services": 0}
    assert saved["re_evaluated"] is False
    with planning.app.state.register.engine.connect() as connection:
        rows = connection.execute(sa.select(db.scenarios)).mappings().all()
    row = next(row for row in rows if row["id"] == saved["id"])
    assert json.loads(row["changes"]) == POST
    assert not {"before", "after"} & words_of(dict(row))
    again = police.get(f"/v1/scenarios/{saved['id']}").json()
    assert again["name"] == "Pos Maumere"
    assert again["note"] == "malam"
    assert again["terminals"]
    assert saved["id"] in {c["id"] for c in police.get("/v1/scenarios").json()["scenarios"]}


def test_sharing_is_the_owners_and_within_the_tier(
    planning: Service, police: TestClient, saved: dict[str, Any]
) -> None:
    path = f"/v1/scenarios/{saved['id']}"
    others = [planning.client(name) for name in ("polisi-dua", "lsm", "perencana", "lsm-bali")]
    for other in others:
        assert_problem(other.get(path), 404)
    card = police.patch(path, json={"shared": True, "name": "Pos bandara"}).json()
    assert (card["shared"], card["name"]) == (True, "Pos bandara")
    colleague, *partners = others
    found = colleague.get(path)
    assert found.status_code == 200
    assert found.json()["mine"] is False
    assert saved["id"] in {c["id"] for c in colleague.get("/v1/scenarios").json()["scenarios"]}
    # Read it they may, change it they may not.
    assert_problem(colleague.patch(path, json={"shared": False}), 404)
    assert_problem(colleague.patch(path, content=b"{"), 404)
    assert_problem(colleague.delete(path), 404)
    for other in partners:
        assert_problem(other.get(path), 404)
        assert other.get("/v1/scenarios").json()["scenarios"] == []
    police.patch(path, json={"shared": False})
    assert_problem(colleague.get(path), 404)
    for body, field in (({}, "body"), ({"owner": "x"}, "owner"), ({"name": " "}, "name"),
                        ({"name": "NIK 5302014107900001"}, "name")):  # fmt: skip
        assert_problem(police.patch(path, json=body), 400, field)


def test_partners_share_within_their_province(planning: Service, ngo: TestClient) -> None:
    made = ngo.post("/v1/scenarios", json={"name": "Belu", "save": True, **GROWTH}).json()
    path = f"/v1/scenarios/{made['id']}"
    assert made["changes"] == {"indicators": 0, "demand": 1, "services": 0}
    ngo.patch(path, json={"shared": True})
    assert planning.client("perencana").get(path).status_code == 200
    for name in ("lsm-bali", "polisi", "warga", None):
        assert_problem(planning.client(name).get(path), 404)
    assert_problem(ngo.get(f"{path}/displacement"), 404)
    assert ngo.delete(path).status_code == 204
    assert_problem(ngo.get(path), 404)


def test_a_partner_gets_shares(ngo: TestClient) -> None:
    said = {
        **POVERTY, **GROWTH,
        "services": [{"area": "53.01", "kind": "village_task_force"}],
    }  # fmt: skip
    document = ngo.post("/v1/scenarios", json=said).json()
    assert set(document) == {"id", "name", "note", "release", "scenario", "areas", "assumptions",
                         "notes"}  # fmt: skip
    shares = {row["code"]: row["change_share"] for row in document["areas"]}
    assert shares["53.04"]["mean"] == pytest.approx(0.2)
    assert shares["53.01"]["mean"] == pytest.approx(-0.1)
    assert shares["53.02"]["mean"] < 0
    # What is assumed has a width, what the partner says has none.
    assert shares["53.01"]["p05"] == pytest.approx(-0.226, abs=0.05)
    assert shares["53.01"]["p95"] == pytest.approx(-0.019, abs=0.01)
    assert shares["53.02"]["p05"] < shares["53.02"]["mean"] < shares["53.02"]["p95"] < 0
    assert shares["53.04"]["p05"] == pytest.approx(shares["53.04"]["p95"])
    assert "taken as given" in " ".join(text["en"] for text in document["assumptions"])
    assert set(shares) == {"53.01", "53.02", "53.04"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (POST, "posts"),
        ({"legs": []}, "legs"),
        ({"demand": [{"area": "51.03", "factor": 2}]}, "demand[0].area"),
        ({"services": [{"area": "5", "kind": "x"}]}, "services[0].area"),
        ({"services": [{"area": "53.04", "kind": "rumah aman"}]}, "services[0].kind"),
        ({"corridors": 3}, "corridors"),
        ({"indicators": [{"area": "65", "indicator": "poverty_rate", "change": 1}]},
         "indicators[0].area"),
        ({"demand": [{"area": "53.04", "factor": 1, "posts": 1}]}, "demand[0].posts"),
    ],
)  # fmt: skip
def test_what_a_partner_may_not_change_is_unknown(
    ngo: TestClient, body: dict[str, Any], field: str
) -> None:
    document = assert_problem(ngo.post("/v1/scenarios", json=body), 400, field)
    if field in {"posts", "legs"}:
        unknown = ngo.post("/v1/scenarios", json={"roads": []}).json()["detail"]
        assert document["detail"] == unknown.replace("roads", field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"posts": [{"terminal": "nowhere"}]}, "posts[0].terminal"),
        ({"posts": [{"terminal": "maumere"}, {"terminal": "maumere"}]}, "posts[1]"),
        ({"posts": [{"terminal": "maumere", "hours_per_week": -1}]}, "posts[0].hours_per_week"),
        ({"posts": [{"terminal": "maumere", "hours_per_week": 4, "detection": 1}]},
         "posts[0].hours_per_week"),
        ({"posts": "maumere"}, "posts"),
        ({"legs": [{"from": "tenau", "to": "nowhere", "change": "close"}]}, "legs[0].to"),
        ({"legs": [{"from": "tenau", "to": "makassar", "change": "open", "mode": "balloon",
                    "hours": 9, "departures_per_week": 1}]}, "legs[0].mode"),
        ({"indicators": [{"area": "53.02", "indicator": "joy", "change": 1}]},
         "indicators[0].indicator"),
        ({"indicators": [{"area": "99", "indicator": "poverty_rate", "change": 1}]},
         "indicators[0].area"),
        ({"demand": [{"area": "53.04", "factor": -1}]}, "demand[0].factor"),
        ({"demand": [{"area": "99", "factor": 1}]}, "demand[0].area"),
        ({"services": [{"area": "53.04", "kind": "081234567890"}]}, "services[0].kind"),
        ({"services": [{"area": "53.04", "kind": "task_force"}] * 2}, "services[1]"),
        ({"save": True, **GROWTH}, "name"),
        ({"save": True, "name": "Rumah Aman Kupang", **GROWTH}, "name"),
        ({"save": True, "name": "n" * 121, **GROWTH}, "name"),
        ({"name": 5}, "name"),
        ({"draws": 101}, "draws"),
        ({"corridors": -1}, "corridors"),
        ({"rumours": []}, "rumours"),
    ],
)  # fmt: skip
def test_wrong_scenarios_name_the_entry(
    police: TestClient, body: dict[str, Any], field: str
) -> None:
    assert_problem(police.post("/v1/scenarios", json=body), 400, field)


def test_side_by_side(police: TestClient, ngo: TestClient, saved: dict[str, Any]) -> None:
    other = police.post(
        "/v1/scenarios", json={"name": "Belu", "save": True, **GROWTH, **QUICK}
    ).json()
    ids = [saved["id"], other["id"]]
    document = police.get("/v1/scenarios/compare", params={"id": ids}).json()
    assert [one["name"] for one in document["scenarios"]] == ["Pos Maumere", "Belu"]
    total = {row["measure"]: row for row in document["total"]}
    post, growth = total["departures"]["values"]
    assert post["after"] == pytest.approx(total["departures"]["base"])
    assert growth["change"]["mean"] > 0
    assert growth["change"]["p05"] <= growth["change"]["mean"] <= growth["change"]["p95"]
    tari = next(row for row in document["terminals"] if row["id"] == "maumere")
    assert tari["values"][0]["after"] < tari["base"]
    assert all(len(row["values"]) == 2 for part in ("areas", "terminals", "corridors")
               for row in document[part])  # fmt: skip
    assert document["corridors"]
    for query in (
        f"id={ids[0]}",
        f"id={ids[0]}&id={ids[0]}",
        "id=a&id=b&id=c&id=d&id=e",
        f"id={ids[0]}&id={ids[1]}&by=name",
    ):
        assert_problem(police.get(f"/v1/scenarios/compare?{query}"), 400)
    assert_problem(police.get("/v1/scenarios/compare", params={"id": [ids[0], "none"]}), 404)
    assert_problem(ngo.get("/v1/scenarios/compare", params={"id": ids}), 404)
    layer = police.get(f"/v1/scenarios/{saved['id']}/displacement")
    assert layer.headers["content-type"] == "application/geo+json"
    moved = {f["id"]: f["properties"] for f in layer.json()["features"]}
    assert moved["maumere"]["change"] < 0
    assert moved["maumere"]["change_p05"] <= moved["maumere"]["change_p95"]
    assert layer.json()["scenario"] == saved["id"]
    police.delete(f"/v1/scenarios/{other['id']}")


def test_partners_compare_shares(ngo: TestClient) -> None:
    ids = [
        ngo.post("/v1/scenarios", json={"name": name, "save": True, **said}).json()["id"]
        for name, said in (("Belu", GROWTH), ("TTS", POVERTY))
    ]
    document = ngo.get("/v1/scenarios/compare", params={"id": ids}).json()
    assert set(document) == {"release", "scenarios", "areas"}
    rows = {
        row["code"]: [v["change_share"]["mean"] for v in row["values"]] for row in document["areas"]
    }
    assert rows["53.04"] == [pytest.approx(0.2), 0.0]
    assert rows["53.02"][0] == 0.0 > rows["53.02"][1]
    for one in ids:
        ngo.delete(f"/v1/scenarios/{one}")


def test_options_for_a_form(police: TestClient, ngo: TestClient) -> None:
    document = police.get("/v1/scenarios/options").json()
    titles = {indicator["id"]: indicator["title"] for indicator in document["indicators"]}
    assert titles["poverty_rate"].keys() == set(languages())
    assert titles["poverty_rate"]["id"] != titles["poverty_rate"]["en"]
    assert "village_task_force" in document["service_kinds"]
    assert {"el-tari"} <= {post["terminal"] for post in document["posts"]}
    assert "posts" not in ngo.get("/v1/scenarios/options").json()
    for client, there in ((police, True), (ngo, False)):
        asked = client.get("/openapi.json").json()["paths"]
        body = asked["/v1/scenarios"]["post"]["requestBody"]["content"]["application/json"]
        assert ("corridors" in body["schema"]["properties"]) is there
        assert "posts" not in asked["/v1/scenarios/options"]["get"]["description"]


def test_an_area_beyond_the_province_is_refused_in_one_wording(ngo: TestClient) -> None:
    visits = {"villages": 3, "within": "52"}
    plan = assert_problem(ngo.post("/v1/plans/outreach", json=visits), 400, "within")
    said = {"demand": [{"area": "52", "factor": 2}]}
    scenario = assert_problem(ngo.post("/v1/scenarios", json=said), 400, "demand[0].area")
    assert plan["detail"] == "within '52' is not an area of your province"
    assert scenario["detail"] == "demand[0].area '52' is not an area of your province"


def test_no_text_of_the_changes_holds_a_person_or_a_shelter(planning: Service) -> None:
    store = ScenarioStore(planning.app.state.register)
    for kind in ("rumah aman", "081234567890", "5302014107900001"):
        changes = {"services": [{"area": "53.04", "kind": kind}]}
        with pytest.raises(InputError) as error:
            store.add(None, name="Belu", note="", changes=changes, release="")
        assert error.value.field == "services[0].kind"


def test_the_template_is_a_scenario(petajaga: Any, built_home: Path, tmp_path: Path) -> None:
    printed = petajaga("scenario", "--template", home=tmp_path)
    said = tomllib.loads(printed.out)
    assert set(said) == {"name", "note", "posts", "legs", "indicators", "demand", "services"}
    (tmp_path / "awal.toml").write_text(printed.out, "utf-8")
    done = petajaga("scenario", str(tmp_path / "awal.toml"), "--draws", "2", "--corridors", "1",
                    "--json", home=built_home)  # fmt: skip
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert {"53.04", "53.02"} <= {row["code"] for row in document["areas"]}
    assert "--template" in petajaga("scenario", "--help").out


@pytest.mark.parametrize("language", languages())
def test_the_template_can_be_saved(planning: Service, language: str) -> None:
    changes = tomllib.loads(template(language))
    texts = {field: changes.pop(field) for field in ("name", "note")}
    store = ScenarioStore(planning.app.state.register)
    saved = store.add(None, **texts, changes=changes, release="")
    assert (saved.name, saved.note) == (texts["name"], texts["note"])


def test_a_new_release_evaluates_again_and_says_so(built_home: Path, tmp_path: Path) -> None:
    home, source = Home.resolve(tmp_path), Home.resolve(built_home).releases
    first = (source / "current").read_text().strip()
    home.releases.mkdir()
    (home.releases / first).symlink_to(source / first)
    (home.releases / "current").write_text(first, "utf-8")
    service = make_service(home, release_check_seconds=0)
    try:
        client = service.client("polisi")
        saved = client.post("/v1/scenarios", json={"name": "Belu", "save": True, **GROWTH}).json()
        evaluator = PlanService.open(source / first / MODEL_FOLDER)
        model = partial(write_parts, parts=evaluator.parts())
        with publish(make_build(tmp_path), home, model=model) as release:
            second = release.id
        until = time.monotonic() + 30
        while client.get("/v1/releases/current").json()["release"] != second:
            assert time.monotonic() < until
            time.sleep(0.05)
        document = client.get(f"/v1/scenarios/{saved['id']}").json()
        assert (document["saved_release"], document["release"]) == (first, second)
        assert document["re_evaluated"] is True
        assert [area["after"] for area in document["areas"]] == pytest.approx(
            [area["after"] for area in saved["areas"]]
        )
    finally:
        close_service(service)


def test_what_no_longer_fits_the_data_says_so(planning: Service, police: TestClient) -> None:
    store = ScenarioStore(planning.app.state.register)
    gone = {"posts": [{"terminal": "pelabuhan-lama"}]}
    one = store.add(None, name="Lama", note="", changes=gone, release="x", shared=True)
    document = assert_problem(police.get(f"/v1/scenarios/{one.id}"), 422, "posts[0].terminal")
    assert "no longer fits" in document["detail"]
    store.remove(None, one.id)


def test_a_process_that_dies_is_started_again(planning: Service, police: TestClient) -> None:
    body = {"draws": 0, **GROWTH}
    assert police.post("/v1/scenarios", json=body).status_code == 200
    process = planning.app.state.evaluator._process
    process.kill()
    process.wait()
    assert police.post("/v1/scenarios", json=body).status_code == 200
    assert planning.app.state.evaluator._process.pid != process.pid


def test_what_takes_too_long_is_ended(planning: Service, police: TestClient) -> None:
    evaluator = planning.app.state.evaluator
    evaluator._run_seconds = 0.0
    try:
        answer = police.post("/v1/scenarios", json={"draws": 0, **GROWTH})
    finally:
        evaluator._run_seconds = 120.0
    assert assert_problem(answer, 500)["code"] == "http.not_evaluated"
    assert police.post("/v1/scenarios", json={"draws": 0, **GROWTH}).status_code == 200


@pytest.mark.parametrize("draws", [1, 4, 29, 31, 100])
def test_there_is_one_number_of_draws(police: TestClient, draws: int) -> None:
    """Each number is a model to keep: a client that may choose it chooses the memory."""
    assert_problem(police.post("/v1/scenarios", json={**GROWTH, "draws": draws}), 400, "draws")


def test_deep_bodies_are_refused(police: TestClient) -> None:
    deep = b'{"demand": ' + b"[" * 900 + b"]" * 900 + b"}"
    headers = {"content-type": "application/json"}
    assert_problem(police.post("/v1/scenarios", content=deep, headers=headers), 400)
    big = b"[[demand]]\narea = '53.04'\nfactor = 1" + b"0" * 40
    headers = {"content-type": "application/toml"}
    assert_problem(police.post("/v1/scenarios", content=big, headers=headers), 400)
