"""Plans over HTTP: jobs, their results, who may see what, and what is refused."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from api.auth.audit import entries
from api.auth.principal import Principal
from api.state.jobs import has_second
from geo.paths import Home
from layers.release.model_folder import MODEL_FOLDER
from tests.api.conftest import Service, close_service, make_service, wait_for

POSTS = {"k": 3, "draws": 3, "fixed": ["maumere"], "within": "53"}
VISITS = {"villages": 5, "within": "53", "radius_km": 15}


@pytest.fixture(scope="module")
def police(planning: Service) -> TestClient:
    return planning.client("polisi")


@pytest.fixture(scope="module")
def ngo(planning: Service) -> TestClient:
    return planning.client("lsm")


@pytest.fixture(scope="module")
def post_job(police: TestClient) -> dict[str, Any]:
    """A post plan that is done."""
    answer = police.post("/v1/plans/posts", json=POSTS)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['job']}"
    assert answer.json()["state"] in {"queued", "running"}
    return wait_for(police, answer.json()["job"])


def words_of(value: Any) -> set[str]:
    return set(json.dumps(value).replace("_", " ").split('"'))


def assert_problem(answer: Any, status: int, field: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert "\n" not in body["detail"]
    if field is not None:
        assert [error["field"] for error in body["errors"]] == [field], body
    return body


# -- post plans ---------------------------------------------------------------------------------


def test_a_post_plan_from_request_to_result(post_job: dict[str, Any], planning: Service) -> None:
    assert post_job["state"] == "done", post_job
    assert post_job["problem"] is None
    assert post_job["request"] == POSTS
    plan = post_job["result"]
    assert plan["release"] == planning.app.state.keeper.current().id("police")
    assert len(plan["posts"]) == 3
    assert "maumere" in {post["id"] for post in plan["posts"]}
    assert {
        "id",
        "name",
        "kind",
        "lon",
        "lat",
        "marginal_persons",
        "added_persons",
        "staffed_by",
        "watched",
    } == set(plan["posts"][0])
    persons = plan["interception"]["persons"]
    # What is listed adds up to what is said in all.
    assert sum(post["added_persons"] for post in plan["posts"]) == pytest.approx(persons["mean"])
    assert 0 < persons["p05"] <= persons["mean"] <= persons["p95"]
    assert plan["blind"]["promised_share"] > plan["blind"]["delivered_share"]
    assert {"el-tari", "tenau"} <= {post["id"] for post in plan["in_force"]}
    assert [at["deterrence_h"] for at in plan["regret"]] == [6, 12, 18, 36, 72]
    # Where to stand, and where flow moves; never how one would pass.
    assert not {"route", "path", "via"} & words_of(plan)


@pytest.fixture(scope="module")
def consented(
    planning: Service, police: TestClient, ngo: TestClient, post_job: dict[str, Any]
) -> dict[str, Any]:
    """The post plan, with the consent of a second police account."""
    files = [f"/v1/jobs/{post_job['id']}{path}" for path in ("/result.xlsx", "/displacement")]
    path = f"/v1/jobs/{post_job['id']}/consent"
    assert post_job["consent"] == {"by": None, "at": None, "declined_by": None}
    assert post_job["result"]["displacement"] == [], "where flow moves is for two persons"
    second = planning.client("polisi-dua")
    plans = second.get("/v1/jobs").json()["to_consent"]
    (waiting,) = (plan for plan in plans if plan["id"] == post_job["id"])
    assert waiting["by"] == "polisi"
    result = post_job["result"]
    assert waiting["places"] == [
        {"name": post["name"], "persons": post["added_persons"]} for post in result["posts"]
    ]
    assert waiting["persons"] == result["interception"]["persons"]
    assert police.get("/v1/jobs").json()["to_consent"] == []
    assert "to_consent" not in ngo.get("/v1/jobs").json()
    for file in files:
        assert assert_problem(police.get(file), 409)["code"] == "jobs.consent_needed"
    assert assert_problem(police.post(path), 409)["code"] == "jobs.consent_own"
    for name in ("lsm", "warga", None):
        assert_problem(planning.client(name).post(path), 404)
    assert_problem(second.post("/v1/jobs/none/consent"), 404)
    assert second.post(path).status_code == 204
    assert assert_problem(second.post(path), 409)["code"] == "jobs.consent_given"
    assert_problem(second.get(files[0]), 404)  # the files are its maker's
    rows = entries(planning.app.state.register, account="polisi-dua", action="consent_to_job")
    assert path in [row["target"] for row in rows if row["status"] == 204]
    document: dict[str, Any] = police.get(f"/v1/jobs/{post_job['id']}").json()
    assert document["consent"]["by"] == "polisi-dua"
    assert {"before", "after"} <= set(document["result"]["displacement"][0])
    return document


def test_another_province_does_not_consent_and_the_nation_does(
    planning: Service, post_job: dict[str, Any]
) -> None:
    register = planning.app.state.register
    for name, province in (("polda-53", "53"), ("polda-53-dua", "53"), ("polda-21", "21")):
        new = add_account(register, name=name, desk="police", tier="police", province_code=province)
        planning.passwords[name] = new.password
    asker, same, other, nation = map(
        planning.client, ("polda-53", "polda-53-dua", "polda-21", "polisi-dua")
    )
    job = wait_for(asker, asker.post("/v1/plans/posts", json={"k": 1, "draws": 0}).json()["job"])
    assert job["state"] == "done", job
    path = f"/v1/jobs/{job['id']}/consent"
    assert job["has_second"] is other.get("/v1/jobs").json()["has_second"] is True
    for client, sees in ((same, True), (other, False), (nation, True), (asker, False)):
        assert sees == (job["id"] in {p["id"] for p in client.get("/v1/jobs").json()["to_consent"]})
    assert_problem(other.post(path), 404)
    assert_problem(same.post(f"/v1/jobs/{post_job['id']}/consent"), 404)  # the nation's
    again = wait_for(asker, asker.post("/v1/plans/posts", json={"k": 2, "draws": 0}).json()["job"])
    other_path = f"/v1/jobs/{again['id']}/consent"
    assert_problem(other.delete(other_path), 404)
    assert assert_problem(asker.delete(other_path), 409)["code"] == "jobs.consent_own"
    assert same.delete(other_path).status_code == 204
    for decide in (same.delete, nation.post):
        assert assert_problem(decide(other_path), 409)["code"] == "jobs.consent_declined"
    assert again["id"] not in {p["id"] for p in nation.get("/v1/jobs").json()["to_consent"]}
    declined = asker.get(f"/v1/jobs/{again['id']}").json()
    assert declined["consent"]["declined_by"] == "polda-53-dua"
    assert declined["result"]["displacement"] == []
    file = asker.get(f"/v1/jobs/{again['id']}/result.xlsx")
    assert assert_problem(file, 409)["code"] == "jobs.consent_declined"
    assert nation.post(path).status_code == 204
    assert asker.get(f"/v1/jobs/{job['id']}/result.xlsx").status_code == 200


def test_displacement_is_a_map(police: TestClient, consented: dict[str, Any]) -> None:
    post_job = consented
    answer = police.get(f"/v1/jobs/{post_job['id']}/displacement")
    assert answer.headers["content-type"] == "application/geo+json"
    layer = answer.json()
    assert layer["job"] == post_job["id"]
    assert layer["release"] == post_job["release"]
    moved = {feature["id"]: feature["properties"] for feature in layer["features"]}
    assert moved["maumere"]["change"] < 0 < max(row["change"] for row in moved.values())
    for row in moved.values():
        assert row["change"] == pytest.approx(row["after"] - row["before"])
    assert all(f["geometry"]["type"] == "Point" for f in layer["features"])
    assert layer["features"][0]["geometry"]["coordinates"][0] > 90


def test_the_plan_as_a_spreadsheet(police: TestClient, consented: dict[str, Any]) -> None:
    post_job = consented
    answer = police.get(f"/v1/jobs/{post_job['id']}/result.xlsx?lang=id")
    assert answer.status_code == 200
    assert "rencana-pos.xlsx" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert str(book["Pos"]["A3"].value).startswith("TERBATAS - Kepolisian")
    names = [book["Pos"].cell(row, 2).value for row in range(6, 9)]
    assert names == [post["name"] for post in post_job["result"]["posts"]]
    said = {p.name: str(p.value) for p in book.custom_doc_props.props}
    assert said["classification"].startswith("TERBATAS - Kepolisian")
    assert said["classification"] == book["Pos"]["A3"].value
    assert re.fullmatch("pjm-[a-z2-7]{12}", said["mark"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "k"),
        ({"k": 0}, "k"),
        ({"k": 9999}, "k"),
        ({"k": "three"}, "k"),
        ({"k": 2, "fixed": ["nowhere"]}, "fixed"),
        ({"k": 2, "forbidden": ["nowhere"]}, "forbidden"),
        ({"k": 2, "fixed": ["larantuka", "larantuka"]}, "fixed"),
        ({"k": 2, "fixed": ["larantuka"], "forbidden": ["larantuka"]}, "forbidden"),
        ({"k": 1, "fixed": ["larantuka", "maumere"]}, "k"),
        ({"budget_idr": -1, "costs": {}}, "budget_idr"),
        ({"budget_idr": 5}, "costs"),
        ({"k": 2, "costs": {"nowhere": 3}}, "costs"),
        ({"k": 2, "costs": {"larantuka": -3}}, "costs.larantuka"),
        ({"k": 2, "within": "99"}, "within"),
        ({"k": 300, "within": "53"}, "k"),
        ({"k": 2, "hours_per_week": 169}, "hours_per_week"),
        ({"k": 2, "cvar": 1}, "cvar"),
        ({"k": 2, "draws": 101}, "draws"),
        ({"k": 2, "route": True}, "route"),
    ],
)
def test_wrong_post_requests_name_the_field(
    police: TestClient, body: dict[str, Any], field: str
) -> None:
    assert_problem(police.post("/v1/plans/posts", json=body), 400, field)


def test_bodies_that_cannot_be_read(police: TestClient) -> None:
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"k": NaN}', "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"k = 1", "text/plain", 415),
        (b" " * 70_000, "application/json", 413),
    ):
        answer = police.post("/v1/plans/posts", content=content, headers={"content-type": kind})
        assert_problem(answer, status)


def test_fixed_posts_beyond_the_budget_are_infeasible(police: TestClient) -> None:
    terminals = police.get("/ogc/collections/terminals/items?limit=500").json()["features"]
    costs = {t["id"]: 10.0 for t in terminals if t["properties"]["country"] == "ID"}
    body = {"budget_idr": 15, "costs": costs, "fixed": ["larantuka", "maumere"]}
    document = assert_problem(police.post("/v1/plans/posts", json=body), 422)
    assert "raise the budget to 20" in document["detail"]


def test_who_may_consent_is_of_the_same_or_a_wider_jurisdiction() -> None:
    nation, province = Principal("police", "a", "police"), Principal("police", "b", "police", "53")
    other = Principal("police", "c", "police", "21")
    planner = Principal("partner", "d", "planner", "53")
    assert not has_second(nation, [nation, province, other, planner])
    assert has_second(nation, [province, Principal("police", "e", "police")])
    assert not has_second(province, [province, other, planner])
    assert has_second(province, [other, nation])
    assert has_second(province, [Principal("police", "f", "police", "53")])


# -- outreach -----------------------------------------------------------------------------------


def test_an_outreach_plan_of_the_police_tells_persons(police: TestClient) -> None:
    made = police.post("/v1/plans/outreach", json=VISITS)
    job = wait_for(police, made.json()["job"])
    plan = job["result"]
    assert len(plan["villages"]) == 5
    persons = plan["persons_covered"]
    assert 0 < persons["p05"] < persons["mean"] < persons["p95"]
    assert plan["villages"][0]["persons_covered"] > 0
    # of a village whose regency has no number there is no share either
    told = sum(v["share_covered"] or 0.0 for v in plan["villages"])
    assert 0 < told <= plan["share"] * (1 + 1e-9)
    assert {v["uncertain"] for v in plan["villages"] if v["share_covered"] is None} <= {True}
    assert_problem(police.get(f"/v1/jobs/{job['id']}/displacement"), 404)


def test_a_partner_gets_shares_of_the_own_province(ngo: TestClient) -> None:
    made = ngo.post("/v1/plans/outreach", json={"villages": 5, "radius_km": 15})
    assert made.status_code == 202, made.text
    job = wait_for(ngo, made.json()["job"])
    plan = job["result"]
    assert len(plan["villages"]) == 5
    assert 0 < plan["share"] < 1
    assert {v["regency_code"][:2] for v in plan["villages"]} == {"53"}
    assert {r["code"][:2] for r in plan["regencies"]} == {"53"}
    assert "persons" not in json.dumps(plan)
    assert "orang berisiko" not in json.dumps(plan)
    assert all(v["reason"] and v["reason_en"] for v in plan["villages"])
    answer = ngo.get(f"/v1/jobs/{job['id']}/result.xlsx?lang=id")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert "mitra" in str(book["Rencana"]["A3"].value).lower()
    heads = [str(cell.value) for cell in book["Rencana"][5]]
    assert heads[:4] == ["Kabupaten/kota", "Kecamatan", "Desa/tempat", "Kode"]
    assert not [head for head in heads if "Orang" in head]
    assert book["Rencana"].page_setup.orientation == "landscape"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "villages"),
        ({"villages": 0}, "villages"),
        ({"villages": 2, "days": 3}, "villages"),
        ({"villages": 2, "within": "99"}, "within"),
        ({"villages": 2, "within": "Bali"}, "within"),
        ({"villages": 2, "within": "53", "must": ["x"]}, "must"),
        ({"villages": 2, "must": ["gn1626703", "gn1626703"]}, "must"),
        ({"villages": 2, "must": ["gn1626703"], "forbidden": ["gn1626703"]}, "must"),
        ({"budget_idr": -1, "cost_per_day_idr": 1}, "budget_idr"),
        ({"budget_idr": 5}, "cost_per_village_idr"),
        ({"villages": 2, "floor": 1.5}, "floor"),
        ({"villages": 2, "within": ["53.01", "99"]}, "within"),
        ({"villages": 2, "per_regency": 0}, "per_regency"),
        ({"villages": 2, "radius_km": 5, "radius_hours": 1}, "radius_hours"),
        ({"villages": 2, "base": "Atlantis"}, "base"),
        ({"villages": 2, "days_per_week": 2}, "days_per_week"),
    ],
)
def test_wrong_outreach_requests_name_the_field(
    ngo: TestClient, body: dict[str, Any], field: str
) -> None:
    assert_problem(ngo.post("/v1/plans/outreach", json=body), 400, field)


def test_a_plan_is_spread_over_the_regencies_of_several_areas(ngo: TestClient) -> None:
    body = {"villages": 4, "within": ["53.04", "Kabupaten Malaka"], "per_regency": 2}
    plan = wait_for(ngo, ngo.post("/v1/plans/outreach", json=body).json()["job"])["result"]
    assert Counter(v["regency_code"] for v in plan["villages"]) == {"53.04": 2, "53.21": 2}
    assert plan["per_regency"] == 2
    assert plan["notes"][1]["id"] == "Paling banyak 2 desa per kabupaten."
    made = ngo.post("/v1/plans/outreach", json={**body, "villages": 7}).json()["job"]
    problem = wait_for(ngo, made)["problem"]
    assert "only 4 of 7 can be chosen: raise that to 4, or ask for 4" in problem["detail"]
    assert problem["errors"][0]["field"] == "per_regency"


def test_another_province_reads_like_one_that_does_not_exist(ngo: TestClient) -> None:
    details = [
        ngo.post("/v1/plans/outreach", json={"villages": 2, "within": code}).json()["detail"]
        for code in ("51.03", "99.03")
    ]
    assert details[0].replace("51.03", "X") == details[1].replace("99.03", "X")
    # A landing place that is no port is no base a partner could name.
    answer = ngo.post("/v1/plans/outreach", json={"villages": 2, "base": "Bagan Asahan"})
    assert_problem(answer, 400, "base")


def test_an_infeasible_request_says_what_to_relax(ngo: TestClient) -> None:
    made = ngo.post("/v1/plans/outreach", json={"villages": 1, "floor": 0.9, "within": "53.02"})
    job = wait_for(ngo, made.json()["job"])
    assert job["state"] == "failed"
    assert job["result"] is None
    assert job["problem"]["status"] == 422
    assert "lower the least share to" in job["problem"]["detail"]
    headers = {"Accept-Language": "id"}
    job = ngo.get(f"/v1/jobs/{job['id']}", headers=headers).json()
    assert "tidak tercapai dengan 1 desa" in job["problem"]["detail"]
    assert_problem(ngo.get(f"/v1/jobs/{job['id']}/result.xlsx"), 409)


# -- jobs ---------------------------------------------------------------------------------------


def test_to_cancel_ends_the_process(police: TestClient, planning: Service) -> None:
    first = police.post("/v1/plans/posts", json={"k": 12, "draws": 100}).json()["job"]
    second = police.post("/v1/plans/posts", json=POSTS).json()["job"]
    jobs = planning.app.state.jobs
    until = time.monotonic() + 30
    while police.get(f"/v1/jobs/{first}").json()["progress"] is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert police.get(f"/v1/jobs/{second}").json()["state"] == "queued"
    pid = jobs._jobs[first].process.pid
    os.kill(pid, 0)  # it is there
    document = police.delete(f"/v1/jobs/{second}").json()
    assert document["state"] == "cancelled"
    document = police.delete(f"/v1/jobs/{first}").json()
    assert document["state"] == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert police.get(f"/v1/jobs/{first}").json()["state"] == "cancelled"
    assert police.delete(f"/v1/jobs/{first}").status_code == 200  # forgotten now
    assert_problem(police.get(f"/v1/jobs/{first}"), 404)


def test_a_job_is_its_makers_alone(
    planning: Service, police: TestClient, ngo: TestClient, post_job: dict[str, Any]
) -> None:
    missing = police.get("/v1/jobs/none").json()["detail"]
    for name in ("polisi-dua", "lsm", "warga", None):
        other = planning.client(name)
        for method, path in (
            ("GET", ""), ("DELETE", ""), ("GET", "/result.xlsx"), ("GET", "/displacement"),
        ):  # fmt: skip
            answer = other.request(method, f"/v1/jobs/{post_job['id']}{path}")
            assert assert_problem(answer, 404)["detail"] == missing
    listed = police.get("/v1/jobs").json()["jobs"]
    assert post_job["id"] in {job["id"] for job in listed}
    assert all(job["result"] is None for job in listed)
    assert planning.client("polisi-dua").get("/v1/jobs").json()["jobs"] == []
    assert police.get(f"/v1/jobs/{post_job['id']}").json()["state"] == "done"


def test_plans_are_not_there_for_others(planning: Service) -> None:
    """Whatever is sent, by whatever method: as an address that does not exist."""
    for name in (None, "warga"):
        client = planning.client(name)
        for path in ("/v1/plans/posts", "/v1/plans/outreach", "/v1/jobs", "/v1/jobs/x",
                     "/v1/scenarios", "/v1/scenarios/x", "/v1/scenarios/options",
                     "/v1/scenarios/compare", "/v1/scenarios/x/displacement"):  # fmt: skip
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                answer = client.request(method, path, content=b"{")
                plain = client.request(method, "/v1/nothing", content=b"{")
                assert answer.status_code == plain.status_code == 404, (path, method)
                assert answer.json()["detail"] == plain.json()["detail"]
    partner = planning.client("lsm")
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert_problem(partner.request(method, "/v1/plans/posts", content=b"{"), 404)
    assert_problem(planning.client("polisi").get("/v1/plans/posts"), 405)


def test_the_document_tells_each_tier_its_own_routes(planning: Service) -> None:
    def paths(name: str | None) -> set[str]:
        return set(planning.client(name).get("/openapi.json").json()["paths"])

    planned = ("/v1/plans", "/v1/jobs", "/v1/scenarios")
    assert not [path for path in paths(None) if path.startswith(planned)]
    assert "/v1/plans/outreach" in paths("lsm")
    assert "/v1/plans/posts" not in paths("lsm")
    assert "/v1/plans/posts" in paths("polisi")
    assert "posts" not in json.dumps(planning.client(None).get("/openapi.json").json()).lower()


def test_jobs_are_bounded(planning: Service) -> None:
    client = planning.client("polisi-dua")
    made = [client.post("/v1/plans/posts", json={"k": 8, "draws": 60}) for _ in range(4)]
    assert [answer.status_code for answer in made] == [202, 202, 202, 429]
    assert int(made[3].headers["retry-after"]) > 0
    for answer in made[:3]:
        client.delete(answer.headers["location"])


def test_shutting_down_ends_what_runs(built_home: Path, tmp_path: Path) -> None:
    home = Home.resolve(tmp_path)
    home.releases.symlink_to(Home.resolve(built_home).releases)
    service = make_service(home)
    client = service.client("polisi")
    job = client.post("/v1/plans/posts", json={"k": 10, "draws": 100}).json()["job"]
    jobs = service.app.state.jobs
    until = time.monotonic() + 30
    while jobs._jobs[job].process is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    process = jobs._jobs[job].process
    close_service(service)
    assert process.poll() is not None


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_without_a_whole_model_the_rest_goes_on(
    built_home: Path, tmp_path: Path, damage: str
) -> None:
    home, source = Home.resolve(tmp_path), Home.resolve(built_home).releases
    name = (source / "current").read_text().strip()
    shutil.copytree(source / name, home.releases / name)
    shutil.copy(source / "current", home.releases / "current")
    broken = home.releases / name / MODEL_FOLDER / "villages.parquet"
    broken.unlink() if damage == "missing" else broken.write_bytes(b"PAR1")
    service = make_service(home)
    try:
        client = service.client("polisi")
        for path, body in (("plans/posts", POSTS), ("plans/outreach", VISITS), ("scenarios", {})):
            document = assert_problem(client.post(f"/v1/{path}", json=body), 503)
            assert "petajaga publish" in document["detail"]
            assert str(home.root) not in document["detail"]
        assert client.get("/v1/areas?limit=1").status_code == 200
        assert client.get("/health").json()["status"] == "ok"
    finally:
        close_service(service)


def test_a_job_is_followed_as_it_goes_on(
    planning: Service, police: TestClient, ngo: TestClient
) -> None:
    job = police.post("/v1/plans/posts", json=POSTS).json()["job"]
    assert_problem(ngo.get(f"/v1/jobs/{job}/events"), 404)
    assert_problem(planning.client().get(f"/v1/jobs/{job}/events"), 404)
    with police.stream("GET", f"/v1/jobs/{job}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "private, no-store"
        lines = [line for line in stream.iter_lines() if line]
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data")]
    assert {one["id"] for one in told} == {job}
    states = [one["state"] for one in told]
    assert states == sorted(states, key=["queued", "running", "done"].index)
    assert states[-1] == "done"
    assert all(one["result"] is None for one in told)
    assert [one for one in told if one["progress"]]
    # of one that is over, its end
    again = police.get(f"/v1/jobs/{job}/events").text
    assert again == f"data: {json.dumps(told[-1], separators=(',', ':'), ensure_ascii=False)}\n\n"


def test_an_account_follows_few_jobs_at_a_time(planning: Service) -> None:
    """Each stream holds a connection: another one ends the oldest."""
    jobs, who = planning.app.state.jobs, Principal(tier="police", name="polisi-dua")
    made = jobs.submit(who, "posts", {"folder": "nowhere"}, release="r", request={})

    async def follow() -> list[bool]:
        streams = [jobs.follow(who, made["job"], "en") for _ in range(4)]
        for stream in streams:
            await anext(stream)
        ended = [await anext(stream, "end") == "end" for stream in streams[:1]]
        jobs.cancel(who, made["job"], "en")
        return ended

    assert asyncio.run(follow()) == [True]
