"""An adopted plan: made, ticked, visited, closed, and what the next plan knows of it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api.auth.accounts import add_account
from api.auth.principal import Principal
from api.errors import ConflictError, NotFoundError
from api.register import database as db
from api.register.database import open_register
from api.state.adopted_plans import AdoptedPlans, recent_watches
from api.state.jobs import Job
from geo.checks import CHECK_FIELDS
from geo.errors import InputError, StateError
from geo.imports.days import today
from geo.imports.reference import read_rows
from geo.imports.service import import_file
from geo.imports.store import entries, undo
from geo.imports.visits import record_visit, recorded_visits
from geo.paths import Home
from geo.periods import period_of
from layers.plans.adopted import Step, on_record, steps_of
from tests.api.conftest import Service, close_service, make_service, wait_for
from tests.api.test_plans_http import assert_problem
from tests.geo.agreements import registered

MONTH = today()[:7]
YEAR = MONTH[:4]
ADOPTED = "/v1/plans/adopted"
OFFICE, OTHER = "Gugus Tugas TPPO NTT", "Lembaga Lain"
VILLAGES = ("53.01.22.2001", "53.01.22.2002", "53.04.01.2001")
"""By regency and name, as in files."""
PLANNED = ("53.04.01.2001", "53.01.22.2002", "53.01.22.2001")
"""In the order of their plan."""


@pytest.fixture(scope="module")
def working(released_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service on the small release: two accounts of one office, others beside them."""
    root = shutil.copytree(released_home.root, tmp_path_factory.mktemp("adopted") / "home")
    running = make_service(Home.resolve(root))
    for name, desk, tier, province, organisation in (
        ("sekretaris", "planner", "partner", "53", OFFICE),
        ("rekan", "planner", "partner", "53", OFFICE),
        ("lain", "ngo", "partner", "53", OTHER),
        ("bali", "planner", "partner", "51", OFFICE),
        ("tanpa", "planner", "partner", "53", None),
        ("polisi-dua", "police", "police", None, None),
        ("polda", "police", "police", "53", None),
        ("polda-bali", "police", "police", "51", None),
    ):
        new = add_account(
            running.app.state.register, name=name, desk=desk, tier=tier, province_code=province,
            organisation=organisation,
        )  # fmt: skip
        running.passwords[name] = new.password
    registered(running.home)
    yield running
    close_service(running)


def done_job(service: Service, name: str, kind: str, result: dict[str, Any], tier: str,
             province: str = "") -> str:  # fmt: skip
    """A job of an account as it is when its plan is made."""
    jobs = service.app.state.jobs
    job = Job(
        id=f"{kind}-{name}-{len(jobs._jobs)}", kind=kind, owner=(name, tier, province), task={},
        request={"k": 1}, release="r1", created="2026-01-01T00:00:00+00:00", state="done",
        result=result, area="Nusa Tenggara Timur" if kind == "outreach" else None,
        consent=dict.fromkeys(("by", "at", "declined_by")) if kind == "posts" else None,
        over_at=1e12,
    )  # fmt: skip
    jobs._jobs[job.id] = job
    return job.id


def visits(*codes: str) -> dict[str, Any]:
    rows = [{"id": f"v{code}", "code": code, "name": f"Desa {code[-2:]}"} for code in codes]
    return {"villages": rows}


@pytest.fixture(scope="module")
def secretary(working: Service) -> TestClient:
    return working.client("sekretaris")


@pytest.fixture
def plan(working: Service, secretary: TestClient) -> dict[str, Any]:
    """A plan for this year with three villages of two regencies."""
    job = done_job(working, "sekretaris", "outreach", visits(*PLANNED), "partner", "53")
    answer = secretary.post(ADOPTED, json={"job": job, "period": YEAR})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{ADOPTED}/{job}"
    assert answer.headers["cache-control"] == "private, no-store"
    made: dict[str, Any] = answer.json()
    return made


def step(plan: dict[str, Any], place: str) -> dict[str, Any]:
    (found,) = (step for step in plan["steps"] if step["place"] == place)
    return found


def test_a_visit_ticks_and_a_tick_is_a_visit(
    working: Service, secretary: TestClient, plan: dict[str, Any]
) -> None:
    assert (plan["planned"], plan["done"], plan["state"]) == (3, 0, "open")
    assert (plan["owner"], plan["organisation"]) == ("sekretaris", OFFICE)
    assert [row["area_name"] for row in plan["steps"]] == [
        "Kabupaten Belu", "Kabupaten Kupang", "Kabupaten Kupang",
    ]  # fmt: skip
    assert [row["place"] for row in plan["steps"]] == list(PLANNED)
    assert all(MONTH <= row["planned"] <= f"{YEAR}-12" for row in plan["steps"])
    address = f"{ADOPTED}/{plan['id']}"
    # A tick is an import of visits of the organisation, and no second record of the fact.
    ticked = secretary.put(f"{address}/steps/{VILLAGES[0]}", json={"month": MONTH}).json()
    assert step(ticked, VILLAGES[0])["done"] == MONTH
    (entry,) = entries(working.home)
    assert (entry.kind, entry.by, entry.rows) == ("outreach", "sekretaris", 1)
    assert f"{VILLAGES[0]},{OFFICE},{YEAR},{MONTH}" in entry.path(working.home).read_text("utf-8")
    assert secretary.put(f"{address}/steps/{VILLAGES[0]}", json={"month": MONTH}).json() == ticked
    assert entries(working.home) == [entry]
    # A visit that another organisation's phone sends later, from the field, ticks the step too.
    ngo = working.client("lain")
    csv = f"area_code,organisation,year,month\n{VILLAGES[1]},{OTHER},{YEAR},{MONTH}\n"
    files = {"file": ("visit.csv", csv, "text/csv")}
    report = ngo.post("/v1/imports", data={"kind": "outreach"}, files=files).json()
    confirmed = ngo.post(f"/v1/imports/{report['id']}/confirm?under=UJI/1/2026")
    assert confirmed.status_code == 200, confirmed.text
    assert step(secretary.get(address).json(), VILLAGES[1])["done"] == MONTH
    # It is theirs to take back; the own one is unticked by undoing its import.
    theirs = secretary.put(f"{address}/steps/{VILLAGES[1]}", json={"month": None})
    assert assert_problem(theirs, 409)["code"] == "adopted.visit_of_others"
    assert ngo.delete(f"/v1/imports/{report['id']}").status_code == 200
    emptied = secretary.put(f"{address}/steps/{VILLAGES[0]}", json={"month": None}).json()
    assert emptied["done"] == 0
    assert entries(working.home) == []


def test_the_next_plan_is_told_of_every_visit(
    working: Service, secretary: TestClient, plan: dict[str, Any]
) -> None:
    address = f"{ADOPTED}/{plan['id']}/steps/{VILLAGES[2]}"
    secretary.put(address, json={"month": MONTH})
    for name in ("sekretaris", "lain"):
        plans = AdoptedPlans(working.app.state.register, working.home)
        principal = Principal("partner", name, "planner", "53")
        assert plans.done(principal, "outreach") == [VILLAGES[2]]
        assert plans.done(principal, "posts") == []
    secretary.put(address, json={"month": None})


@pytest.mark.parametrize(("name", "sees"), [
    ("rekan", True), ("lain", False), ("lsm", False), ("bali", False), ("polda", False),
])  # fmt: skip
def test_only_the_own_organisation_has_a_plan(
    working: Service, secretary: TestClient, plan: dict[str, Any], name: str, sees: bool
) -> None:
    client, address = working.client(name), f"{ADOPTED}/{plan['id']}"
    assert sees == (plan["id"] in {row["id"] for row in client.get(ADOPTED).json()["plans"]})
    body = {"month": MONTH}
    for answer in (
        client.get(address), client.get(f"{address}/table.xlsx"),
        client.put(f"{address}/steps/{VILLAGES[0]}", json=body),
        client.put(f"{address}/steps/{VILLAGES[0]}", json={**body, "month": None}),
        client.patch(address, json={"state": "closed"}),
    ):  # fmt: skip
        assert answer.status_code == (200 if sees else 404), answer.text
    if not sees:
        nothing = client.get(f"{ADOPTED}/none").json()
        hidden = client.get(address).json()
        assert {**hidden, "instance": ""} == {**nothing, "instance": ""}


def test_what_is_refused(working: Service, secretary: TestClient, plan: dict[str, Any]) -> None:
    address = f"{ADOPTED}/{plan['id']}"
    steps = f"{address}/steps/{VILLAGES[0]}"
    for month in ("1999-01", "2099-01", f"{int(YEAR) - 1}-12"):
        assert_problem(secretary.put(steps, json={"month": month}), 400, "month")
    for body in ({}, {"month": "2026"}, {"month": MONTH, "note": "Ibu Fulana"}):
        assert_problem(secretary.put(steps, json=body), 400)
    assert_problem(secretary.put(steps, json={"month": MONTH, "under": "none"}), 400, "under")
    assert_problem(secretary.put(f"{address}/steps/53.01", json={"month": MONTH}), 404)
    without = working.client("tanpa")
    job = done_job(working, "tanpa", "outreach", visits(*VILLAGES), "partner", "53")
    theirs = without.post(ADOPTED, json={"job": job, "period": YEAR}).json()
    tick = without.put(f"{ADOPTED}/{theirs['id']}/steps/{VILLAGES[0]}", json={"month": MONTH})
    assert assert_problem(tick, 409)["code"] == "adopted.no_organisation"
    for period in ("2026-Q5", "2026-H3", "kapan"):
        body = {"job": plan["id"], "period": period}
        assert_problem(secretary.post(ADOPTED, json=body), 400, "period")
    again = secretary.post(ADOPTED, json={"job": plan["id"], "period": YEAR})
    assert assert_problem(again, 409)["code"] == "adopted.already"
    assert_problem(secretary.post(ADOPTED, json={"job": "none", "period": YEAR}), 404)
    assert_problem(secretary.patch(address, json={"state": "open"}), 400)
    assert secretary.patch(address, json={"state": "closed"}).json()["state"] == "closed"
    assert assert_problem(secretary.put(steps, json={"month": MONTH}), 409)["code"] == (
        "adopted.closed"
    )


def test_posts_by_two_persons_and_for_the_police_alone(working: Service) -> None:
    police, second = working.client("polisi"), working.client("polisi-dua")
    result = {"posts": [{"id": "tenau", "name": "Pelabuhan Tenau"}], "displacement": []}
    job = done_job(working, "polisi", "posts", result, "police")
    body = {"job": job, "period": YEAR}
    assert assert_problem(police.post(ADOPTED, json=body), 409)["code"] == "jobs.consent_needed"
    assert second.post(f"/v1/jobs/{job}/consent").status_code == 204
    plan = police.post(ADOPTED, json=body).json()
    assert [(row["place"], row["area_name"]) for row in plan["steps"]] == [("tenau", "Kota Kupang")]
    address = f"{ADOPTED}/{job}"
    ticked = second.put(f"{address}/steps/tenau", json={"month": MONTH}).json()
    assert (ticked["done"], ticked["steps"][0]["done"]) == (1, MONTH)
    assert entries(working.home) == []
    plans = AdoptedPlans(working.app.state.register, working.home)
    assert plans.done(Principal("police", "polisi", "police"), "posts") == ["tenau"]
    for name in ("sekretaris", "lain", "polda", "polda-bali"):
        client = working.client(name)
        assert client.get(ADOPTED).json()["plans"] == [] or name == "sekretaris"
        assert job not in client.get(ADOPTED).text
        assert_problem(client.get(address), 404)


def test_the_table_of_the_meeting(
    working: Service, secretary: TestClient, plan: dict[str, Any]
) -> None:
    secretary.put(f"{ADOPTED}/{plan['id']}/steps/{VILLAGES[0]}", json={"month": f"{YEAR}-01"})
    for language, name, state, month in (
        ("id", "Rencana kerja", "belum dapat dinilai", f"Januari {YEAR}"),
        ("en", "Plan of action", "cannot be judged yet", f"January {YEAR}"),
    ):
        answer = secretary.get(f"{ADOPTED}/{plan['id']}/table.xlsx?lang={language}")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content))[name]
        rows = list(sheet.iter_rows(min_row=5, values_only=True))
        assert [row[2] for row in rows[1:]] == list(VILLAGES)
        assert rows[1][4] == month
        assert rows[2][4] is None
        assert rows[1][5] == state
        assert "1" in str(sheet["A2"].value)
    secretary.put(f"{ADOPTED}/{plan['id']}/steps/{VILLAGES[0]}", json={"month": None})


def test_effect_is_what_is_on_record_on_both_sides_alone() -> None:
    row = {"area_code": "53.04", "measure": "intercepted", "unit": "person", "period": None}
    rows = [{**row, "year": year, "value": year - 2000} for year in (2022, 2023, 2025)]
    rows += [{**row, "year": 2024, "value": 1, "period": "2024-01/2024-06"}]
    after = {"year": 2025, "value": 25}
    assert on_record(rows, "53.04", period_of("2024-H2")) == [
        {"measure": "intercepted", "before": {"year": 2023, "value": 23}, "after": after}
    ]
    assert on_record(rows, "53.04", period_of("2025-Q4")) == []
    assert on_record(rows, "53.01", period_of("2024-H2")) == []
    # A series is never compared with another one.
    other = [{**row, "year": 2023, "value": 9, "unit": "case"}, {**row, "year": 2025, "value": 2}]
    assert on_record(other, "53.04", period_of("2024")) == []


def test_steps_are_dealt_out_in_the_order_of_the_plan() -> None:
    answer = visits(*PLANNED)
    for day, months in (
        ("2026-09-30", ["2026-10", "2026-11", "2026-12"]),
        ("2026-11-30", ["2026-11", "2026-11", "2026-12"]),
        ("2027-01-01", ["2026-10", "2026-11", "2026-12"]),
    ):
        steps = steps_of(answer, period_of("2026-Q4"), {}, day=day)
        assert [one.place for one in steps] == list(PLANNED)
        assert [one.planned for one in steps] == months
    assert steps_of({"villages": []}, period_of("2026"), {}, day="2026-01-01") == []


@pytest.mark.parametrize("limits", [
    {"purpose": ["model"]}, {"tiers": ["police"]}, {"finest_level": "district"},
    {"retain_until": "2026-01-03"},
])  # fmt: skip
def test_a_visit_counts_as_far_as_its_agreement_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any]
) -> None:
    home = Home.resolve(tmp_path / "home")
    number = registered(home, **limits)
    if "retain_until" in limits:
        monkeypatch.setattr("geo.imports.store.today", lambda: "2026-01-02")
    record_visit(home, VILLAGES[0], "2026-01", organisation=OFFICE, by="x", under=number)
    assert recorded_visits(home) == []


def test_a_plan_outlives_its_account(tmp_path: Path) -> None:
    with closing(open_register(f"sqlite:///{tmp_path}/r.sqlite")) as register:
        principals = [
            Principal.of(add_account(
                register, name=name, desk="planner", tier="partner", province_code="53",
                organisation=OFFICE,
            ).account)
            for name in ("satu", "dua")
        ]  # fmt: skip
        plans = AdoptedPlans(register, Home.resolve(tmp_path / "home"))
        steps = [Step("v1", "Tanpa kode", "53.01", f"{YEAR}-01")]
        given = {"kind": "outreach", "area": "", "period": period_of(YEAR), "release": "r"}
        plans.add(principals[0], "p", steps=steps, **given)
        with pytest.raises(ConflictError):
            plans.add(principals[0], "p", steps=steps, **given)
        with register.begin() as connection:
            connection.execute(db.accounts.delete().where(db.accounts.c.name == "satu"))
        (left,) = plans.all_for(principals[1])
        assert (left.owner, left.steps) == ("", tuple(steps))
        # A place without a code is in no import of visits; its month stands with the step.
        assert plans.tick(principals[1], "p", "v1", MONTH).steps[0].done == MONTH
        assert plans.done(None, "outreach") == []
        with pytest.raises(InputError):
            plans.tick(principals[1], "p", "v1", "2000-01")
        with pytest.raises(NotFoundError):
            plans.tick(principals[1], "p", "v2", MONTH)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[AdoptedPlans, Home]]:
    """Plans of a register of their own, and a home with an agreement for visits."""
    home = Home.resolve(tmp_path / "home")
    registered(home)
    with closing(open_register(f"sqlite:///{tmp_path}/r.sqlite")) as register:
        add_account(
            register, name="satu", desk="planner", tier="partner", province_code="53",
            organisation=OFFICE,
        )  # fmt: skip
        yield AdoptedPlans(register, home), home


SATU = Principal("partner", "satu", "planner", "53")
LAST_YEAR = period_of(str(int(YEAR) - 1))
GIVEN: dict[str, Any] = {"kind": "outreach", "area": "", "period": LAST_YEAR, "release": "r"}
STEP = Step(VILLAGES[0], "Soliu", "53.01", f"{LAST_YEAR.code}-01")
UNDER = "UJI/1/2026"


def send_visit(home: Home, folder: Path, month: str, *, by: str = "satu", people: int = 40) -> str:
    """A visit as a phone sends it; its import."""
    file = folder / "visit.csv"
    file.write_text(
        f"area_code,organisation,year,month,people\n{VILLAGES[0]},{OFFICE},{month[:4]},{month},{people}\n"
    )
    return import_file(file, "outreach", home, by=by, under=UNDER)[1].id


def test_a_tick_takes_back_no_visit_that_it_did_not_record(
    own: tuple[AdoptedPlans, Home], tmp_path: Path
) -> None:
    plans, home = own
    february, june, march = (f"{LAST_YEAR.code}-{k}" for k in ("02", "06", "03"))
    plans.add(SATU, "p", steps=[STEP], **GIVEN)
    for month, people in ((february, 40), (june, 75)):
        send_visit(home, tmp_path, month, people=people)
    sent = entries(home)
    assert plans.tick(SATU, "p", STEP.place, june).steps[0].done == february
    with pytest.raises(ConflictError, match="not as a tick"):
        plans.tick(SATU, "p", STEP.place, None)
    assert entries(home) == sent
    # What the tick itself recorded is moved and taken back.
    plans.tick(SATU, "p", STEP.place, march, under=UNDER)
    assert [entry.file for entry in entries(home)] == ["visit.csv", "visit.csv", "tick.csv"]
    plans.tick(SATU, "p", STEP.place, june)
    assert entries(home) == sent


def test_what_is_done_is_frozen_at_closing(own: tuple[AdoptedPlans, Home], tmp_path: Path) -> None:
    plans, home = own
    other = Step(VILLAGES[1], "Saukibe", "53.01", STEP.planned)
    plans.add(SATU, "p", steps=[STEP, other], **GIVEN)
    month = f"{LAST_YEAR.code}-05"
    name = send_visit(home, tmp_path, month)
    closed = plans.close(SATU, "p")
    undo(home, name, by="satu")
    record_visit(home, other.place, month, organisation=OFFICE, by="satu", under=UNDER)
    assert plans.get(SATU, "p") == closed
    assert [step.done for step in closed.steps] == [month, None]


def test_a_step_is_done_in_a_month_of_the_period_that_has_come(
    own: tuple[AdoptedPlans, Home],
) -> None:
    plans, home = own
    post = Step("tenau", "Tenau", "53.71", STEP.planned)
    plans.add(None, "p", steps=[post], **{**GIVEN, "kind": "posts"})
    year = LAST_YEAR.code
    for wrong in (f"{year}-10-05", f"{year}-1", f"{year}-09 Ibu Siti", year, "", f"{YEAR}-01"):
        with pytest.raises(InputError, match="not yet to come"):
            plans.tick(None, "p", "tenau", wrong)
    plans.add(None, "next", steps=[post], **{**GIVEN, "period": period_of(str(int(YEAR) + 1))})
    with pytest.raises(InputError, match="begins only"):
        plans.tick(None, "next", "tenau", f"{int(YEAR) + 1}-01")
    assert plans.tick(None, "p", "tenau", f"{year}-12").steps[0].done == f"{year}-12"
    assert entries(home) == []


def test_a_plan_is_added_whole_and_once(
    own: tuple[AdoptedPlans, Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    plans, _ = own
    with pytest.raises(InputError, match="twice"):
        plans.add(SATU, "p", steps=[STEP, STEP], **GIVEN)
    assert plans.all_for(None) == []
    assert plans.add(SATU, "empty", steps=[], **GIVEN).steps == ()
    monkeypatch.setattr(sa.engine.Connection, "scalar", lambda *_: None)  # a double press
    with pytest.raises(ConflictError, match="already"):
        plans.add(SATU, "empty", steps=[STEP], **GIVEN)
    monkeypatch.undo()
    # What a removed account left open is not the operator's.
    monkeypatch.setattr("api.state.adopted_plans.MOST_STORED", 1)
    with plans._register.begin() as connection:
        connection.execute(db.accounts.delete().where(db.accounts.c.name == "satu"))
    assert plans.add(None, "of the operator", steps=[STEP], **GIVEN).owner == "operator"
    with pytest.raises(ConflictError, match="open plans"):
        plans.add(None, "one more", steps=[STEP], **GIVEN)


def test_an_import_undone_while_it_is_read_is_no_damage(
    own: tuple[AdoptedPlans, Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, home = own
    name = send_visit(home, tmp_path, STEP.planned)
    (entry,) = entries(home)

    def undone(path: Path) -> list[dict[str, str]]:
        undo(home, name, by="satu")
        return read_rows(path)

    monkeypatch.setattr("geo.imports.store.read_rows", undone)
    assert recorded_visits(home) == []
    monkeypatch.undo()
    send_visit(home, tmp_path, STEP.planned)
    entry.path(home).unlink()
    with pytest.raises(StateError, match="damaged"):
        recorded_visits(home)


def test_the_next_plan_leaves_out_what_was_done(planning: Service) -> None:
    registered(planning.home)
    with planning.app.state.register.begin() as connection:
        one = db.accounts.c.name == "lsm"
        connection.execute(db.accounts.update().where(one).values(organisation=OTHER))
    ngo = planning.client("lsm")
    request = {"villages": 3, "within": "53.04", "radius_km": 15}
    job = wait_for(ngo, ngo.post("/v1/plans/outreach", json=request).json()["job"])
    plan = ngo.post(ADOPTED, json={"job": job["id"], "period": YEAR}).json()
    assert plan["area"] == "Kabupaten Belu"
    assert len(plan["steps"]) == 3
    village = plan["steps"][0]["place"]
    assert ngo.put(f"{ADOPTED}/{plan['id']}/steps/{village}", json={"month": MONTH}).json()["done"]
    again = wait_for(ngo, ngo.post("/v1/plans/outreach", json=request).json()["job"])["result"]
    assert village not in {row["code"] for row in again["villages"]}
    assert again["excluded_served"] == job["result"]["excluded_served"] + 1
    assert ngo.put(f"{ADOPTED}/{plan['id']}/steps/{village}", json={"month": None}).json()


def marks(client: TestClient, job: str) -> dict[str, list[str]]:
    """By village of a plan, the months in which open plans of action have it."""
    rows = client.get(f"/v1/jobs/{job}").json()["result"]["villages"]
    return {row["code"]: [one["month"] for one in row["in_plans"]] for row in rows}


def full_visits(*codes: str) -> dict[str, Any]:
    """A plan of visits with what its spreadsheet shows."""
    rows = [
        {"id": f"v{code}", "code": code, "name": f"Desa {code[-2:]}", "regency": "Kabupaten Kupang",
         "district": "Takari", "uncertain": False, "places_covered": 1}
        for code in codes
    ]  # fmt: skip
    return {
        "villages": rows, "share": None, "gap": 0.0, "radius_km": 5.0, "travel_days": 2.0,
        "excluded_served": 0, "assumption": {"id": "a", "en": "a"}, "notes": [],
        "regencies": [{"code": "53.01", "name": "Kabupaten Kupang", "uncertain": False,
                       "villages": 3}],
    }  # fmt: skip


def test_a_village_that_waits_in_an_open_plan_is_marked_for_those_who_may_see_it(
    working: Service, secretary: TestClient, plan: dict[str, Any]
) -> None:
    for older in secretary.get(ADOPTED).json()["plans"]:
        if older["id"] != plan["id"]:
            secretary.patch(f"{ADOPTED}/{older['id']}", json={"state": "closed"})
    asked = ("53.01.22.2001", "53.01.22.2003")
    beside = {"sekretaris": ("partner", "53"), "rekan": ("partner", "53"),
              "lain": ("partner", "53"), "bali": ("partner", "51"),
              "polda": ("police", "53")}  # fmt: skip
    jobs = {
        name: done_job(working, name, "outreach", full_visits(*asked), *reader)
        for name, reader in beside.items()
    }
    found = {name: marks(working.client(name), job) for name, job in jobs.items()}
    planned = {asked[0]: [step(plan, asked[0])["planned"]], asked[1]: list[str]()}
    assert [found[name] for name in ("sekretaris", "rekan")] == [planned] * 2, "of one office"
    nobody = {code: list[str]() for code in asked}
    assert [found[name] for name in ("lain", "bali", "polda")] == [nobody] * 3
    # What others see is byte for byte what it is without the plan.
    other = working.client("lain").get(f"/v1/jobs/{jobs['lain']}").json()["result"]
    assert other["notes"] == []
    own = secretary.get(f"/v1/jobs/{jobs['sekretaris']}").json()["result"]
    assert own["notes"][-1]["en"].startswith("Villages that stand in an open plan of action")
    assert ": 1." in own["notes"][-1]["id"]
    said = next(row["in_plans_said"] for row in own["villages"] if row["code"] == asked[0])
    for language, words in (("id", "belum terlaksana"), ("en", "not yet done")):
        assert words in said[language]
        sheet = f"/v1/jobs/{jobs['sekretaris']}/result.xlsx?lang={language}"
        book = openpyxl.load_workbook(io.BytesIO(secretary.get(sheet).content))
        rows = list(book.worksheets[0].iter_rows(min_row=5, values_only=True))
        at = rows[0].index({"id": "Sudah direncanakan", "en": "Already planned"}[language])
        assert [row[at] for row in rows[1:]] == [said[language], None]
    blank = working.client("lain").get(f"/v1/jobs/{jobs['lain']}/result.xlsx?lang=en")
    heads = openpyxl.load_workbook(io.BytesIO(blank.content)).worksheets[0][5]
    assert "Already planned" not in [cell.value for cell in heads]
    # A plan is no news to itself; once it is done or closed there is nothing to wait for.
    assert plan["id"] not in {
        one["plan"] for row in secretary.get(f"/v1/jobs/{plan['id']}").json()["result"]["villages"]
        for one in row["in_plans"]
    }  # fmt: skip
    secretary.patch(f"{ADOPTED}/{plan['id']}", json={"state": "closed"})
    assert marks(secretary, jobs["sekretaris"]) == nobody


def test_a_visit_or_a_closed_plan_takes_the_mark_away(
    own: tuple[AdoptedPlans, Home],
) -> None:
    plans, _ = own
    steps = [Step(place, "Desa", place[:5], f"{int(YEAR) - 1}-03") for place in VILLAGES[:2]]
    for name in ("p", "q"):
        plans.add(SATU, name, steps=steps, **GIVEN)
    assert [sorted(waiting) for waiting in plans.waiting(SATU)] == [list(VILLAGES[:2])] * 2
    assert [len(waiting) for waiting in plans.waiting(SATU, beside="p")] == [2]
    assert plans.waiting(SATU)[0][VILLAGES[0]]["month"] == f"{int(YEAR) - 1}-03"
    plans.tick(SATU, "p", VILLAGES[0], f"{int(YEAR) - 1}-05", under=UNDER)
    assert [sorted(waiting) for waiting in plans.waiting(SATU)] == [[VILLAGES[1]]] * 2
    plans.close(SATU, "q")
    assert [sorted(waiting) for waiting in plans.waiting(SATU)] == [[VILLAGES[1]]]
    assert plans.waiting(Principal("partner", "lain", "planner", "53")) == []
    assert plans.waiting(Principal("police", "polda", "police", "53")) == []


def test_a_plan_of_action_at_the_command_line(
    petajaga: Callable[..., Any], tmp_path: Path, released_home: Home
) -> None:
    home = Home.resolve(shutil.copytree(released_home.root, tmp_path / "home"))
    file = tmp_path / "plan.json"
    rows = [
        {"id": f"v{code}", "code": code, "name": name, "regency": "Kabupaten Kupang"}
        for code, name in ((VILLAGES[0], "Soliu"), (VILLAGES[1], "Saukibe"))
    ]
    file.write_text(json.dumps({"release": "r1", "villages": rows}), "utf-8")

    def run(*words: str, code: int = 0, lang: str = "en") -> Any:
        done = petajaga("plan", *words, "--lang", lang, home=home.root)
        assert done.code == code, done.err
        return done

    made = json.loads(run("adopt", str(file), "--period", YEAR, "--json").out)
    assert (made["area"], made["planned"], made["done"]) == ("Kabupaten Kupang", 2, 0)
    refused = run("tick", made["id"], VILLAGES[0], MONTH, code=2)
    assert "agreement" in refused.err
    number = registered(home)
    ticked = run("tick", made["id"], VILLAGES[0], MONTH, "--under", number)
    assert "1 of 2 steps done" in ticked.out
    if f"{YEAR}-01" < MONTH:  # an earlier visit of somebody else
        record_visit(
            home, VILLAGES[0], f"{YEAR}-01", organisation=OTHER, by="lain", under=number
        )  # fmt: skip
        later = run("tick", made["id"], VILLAGES[0], MONTH, "--under", number)
        assert f"a visit in January {YEAR} is on record already" in later.err
        undo(home, entries(home)[-1].id, by="lain")
    assert [visit.code for visit in recorded_visits(home)] == [VILLAGES[0]]
    shown = run("adopted", made["id"], "-o", str(tmp_path / "t.xlsx"), lang="id")
    assert "Terlaksana 1 dari 2 langkah" in shown.out
    assert "belum dapat dinilai" in shown.out
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Rencana kerja"]
    assert str(sheet["A1"].value).startswith("Petajaga - rencana kerja penjangkauan")
    run("adopted", made["id"], "--brief", str(tmp_path / "b.pdf"))
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    assert made["id"] in run("adopted").out
    assert json.loads(run("tick", made["id"], VILLAGES[0], "--json").out)["done"] == 0
    assert json.loads(run("adopted", made["id"], "--close", "--json").out)["state"] == "closed"
    for words, says in (
        (("tick", made["id"], VILLAGES[0], MONTH), "closed"),
        (("adopted", "none"), "no plan of action"),
        (("tick", made["id"], "53.01"), "closed"),
        (("adopt", str(file), "--period", "2026-Q9"), "is no period"),
        (("adopted", "--close"), "goes with"),
        (("adopted", "--brief", "a.pdf"), "goes with"),
        (("adopted", made["id"], "--brief", "a.docx"), "pdf"),
    ):
        assert says in petajaga("plan", *words, "--lang", "en", home=home.root).err
    for row, says in (
        ({"id": "tanpa", "name": "Ibu Siti 081234567890"}, "name"),
        ({"id": "tanpa"}, "is no plan"),
    ):
        file.write_text(json.dumps({"villages": [row]}), "utf-8")
        assert says in run("adopt", str(file), "--period", YEAR, code=2).err
    file.write_text(json.dumps({"posts": [{"id": "tenau", "name": "Ibu Siti 0812"}]}), "utf-8")
    named = json.loads(run("adopt", str(file), "--period", YEAR, "--json").out)
    assert "Tenau" in named["steps"][0]["name"]
    file.write_text(json.dumps({"villages": [{"id": "tanpa", "name": "Tanpa kode"}]}), "utf-8")
    named = json.loads(run("adopt", str(file), "--period", YEAR, "--json").out)
    assert [row["place"] for row in named["steps"]] == ["tanpa"]
    file.write_text(json.dumps(ROSTER), "utf-8")
    roster = json.loads(run("adopt", str(file), "--period", f"{YEAR}-Q1", "--json").out)
    assert [row["shifts"] for row in roster["steps"]] == [1, 3, 1]
    shown = run("adopted", roster["id"], lang="id").out
    assert "Tercatat dijaga 0 dari 5 giliran" in shown
    assert "checks" in run("tick", roster["id"], f"tenau:{YEAR}-01", f"{YEAR}-01", code=1).err
    file.write_text(json.dumps({"roster": [shift("nowhere", "x", f"{YEAR}-01-05")]}), "utf-8")
    assert "nowhere" in run("adopt", str(file), "--period", YEAR, code=2).err
    file.write_text("{}", "utf-8")
    assert "is no plan" in run("adopt", str(file), "--period", YEAR, code=2).err


def shift(terminal: str, name: str, week: str) -> dict[str, Any]:
    return {"week": week, "terminal": {"id": terminal, "name": name}}


ROSTER = {"terminals": [], "roster": [
    shift("tenau", "Pelabuhan Tenau", f"{YEAR}-01-05"),
    shift("tenau", "Pelabuhan Tenau", f"{YEAR}-01-12"),
    shift("tenau", "Pelabuhan Tenau", f"{YEAR}-01-12"),
    shift("el-tari", "Bandara El Tari", f"{YEAR}-01-12"),
    shift("tenau", "Pelabuhan Tenau", f"{YEAR}-02-02"),
    shift("tenau", "Pelabuhan Tenau", f"{int(YEAR) + 1}-01-04"),
]}  # fmt: skip
"""Five shifts of this year and one of the next."""


def send_checks(home: Home, folder: Path, *rows: str) -> str:
    """Checks of offices, under an agreement; the import."""
    number = registered(home, number="UJI/9/2026", kinds=["checks"], tiers=["police"],
                        purpose=["layers"])  # fmt: skip
    path = folder / "checks.csv"
    head = ["terminal_id", "month", "organisation", *CHECK_FIELDS]
    path.write_text("".join(f"{row}\n" for row in (",".join(head), *rows)), "utf-8")
    return import_file(path, "checks", home, by="polisi", under=number)[1].id


def test_shifts_stand_by_terminal_and_month_and_outside_the_period_not_at_all() -> None:
    areas = {"tenau": "53.71.01", "el-tari": "53.71"}
    steps = steps_of(ROSTER, period_of(f"{YEAR}-Q1"), areas, day=f"{YEAR}-01-01")
    assert [(one.place, one.area, one.planned, one.shifts) for one in steps] == [
        ("el-tari:" + f"{YEAR}-01", "53.71", f"{YEAR}-01", 1),
        ("tenau:" + f"{YEAR}-01", "53.71", f"{YEAR}-01", 3),
        ("tenau:" + f"{YEAR}-02", "53.71", f"{YEAR}-02", 1),
    ]
    with pytest.raises(InputError) as error:
        steps_of(ROSTER, period_of("2020-Q1"), areas, day="2020-01-01")
    assert error.value.params == {"first": f"{YEAR}-01", "last": f"{int(YEAR) + 1}-01"}


def test_checks_tick_the_shifts_of_a_roster(working: Service, tmp_path: Path) -> None:
    police, second = working.client("polisi"), working.client("polisi-dua")
    job = done_job(working, "polisi", "watch", ROSTER, "police")
    working.app.state.jobs._jobs[job].consent = dict.fromkeys(("by", "at", "declined_by"))
    body = {"job": job, "period": f"{YEAR}-Q1"}
    assert assert_problem(police.post(ADOPTED, json=body), 409)["code"] == "jobs.consent_needed"
    assert second.post(f"/v1/jobs/{job}/consent").status_code == 204
    plan = police.post(ADOPTED, json=body).json()
    assert (plan["kind"], plan["planned"], plan["done"]) == ("watch", 5, 0)
    tenau = f"tenau:{YEAR}-01"
    assert (step(plan, tenau)["kept"], step(plan, tenau)["checks"]) == (None, None)
    address = f"{ADOPTED}/{job}"
    ticked = police.put(f"{address}/steps/{tenau}", json={"month": f"{YEAR}-01"})
    assert assert_problem(ticked, 409)["code"] == "watch.by_checks"
    # Two offices of three planned shifts; four watches at another terminal of one planned.
    sent = send_checks(
        working.home, tmp_path,
        f"tenau,{YEAR}-01,Polres Kupang Kota,1,400,200,40,20,10,5,0",
        f"tenau,{YEAR}-01,Imigrasi Kupang,1,100,100,10,0,0,0,0",
        f"el-tari,{YEAR}-01,Polres Kupang Kota,4,900,310,45,0,0,0,0",
    )  # fmt: skip
    plan = police.get(address).json()
    assert (plan["planned"], plan["done"]) == (5, 3), "2 of 3 at Tenau, 1 of 1 at El Tari"
    assert (step(plan, tenau)["kept"], step(plan, tenau)["done"]) == (2, None)
    found = step(plan, tenau)["checks"]
    for name, true in (("passengers_seen", 500), ("interviewed", 50), ("deferred", 20)):
        assert found[name] == true, "a multiple of five stays itself"
    assert step(plan, f"el-tari:{YEAR}-01")["done"] == f"{YEAR}-01"
    assert (step(plan, f"el-tari:{YEAR}-01")["kept"], step(plan, f"tenau:{YEAR}-02")["kept"]) == (
        4, None,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(police.get(f"{address}/table.xlsx?lang=id").content))
    rows = list(sheet["Rencana kerja"].iter_rows(min_row=5, values_only=True))
    (row,) = (one for one in rows if one[0] == f"Januari {YEAR}" and one[2] == "Pelabuhan Tenau")
    assert row[1:12] == ("Kota Kupang", "Pelabuhan Tenau", 3, 2, 500, 300, 50, 20, 10, 5, 0)
    assert police.get(f"{address}/brief.pdf").content.startswith(b"%PDF")
    # What is done stays when it is closed, whatever becomes of the imports.
    assert police.patch(address, json={"state": "closed"}).json()["done"] == 3
    undo(working.home, sent, by="polisi")
    closed = police.get(address).json()
    assert (closed["done"], step(closed, tenau)["kept"], step(closed, tenau)["checks"]) == (
        3, 2, None,
    )  # fmt: skip
    for name in ("sekretaris", "lain", "polda"):
        client = working.client(name)
        assert job not in client.get(ADOPTED).text
        assert_problem(client.get(address), 404)


def test_persons_of_a_month_are_rounded(own: tuple[AdoptedPlans, Home], tmp_path: Path) -> None:
    plans, home = own
    steps = [Step("tenau:2026-01", "Tenau", "53.71", "2026-01", shifts=2)]
    given = {"kind": "watch", "area": "", "period": period_of("2026-Q1"), "release": "r"}
    plans.add(None, "p", steps=steps, **given)
    send_checks(home, tmp_path, "tenau,2026-01,Polres Kupang Kota,2,403,201,43,21,11,6,1")
    (only,) = plans.get(None, "p").steps
    assert only.checks is not None
    assert (only.kept, only.done, only.checks["sailings"]) == (2, "2026-01", 2)
    for name, true in (("passengers_seen", 403), ("checked", 201), ("deferred", 21)):
        assert only.checks[name] % 5 == 0
        assert abs(only.checks[name] - true) < 5


def test_the_next_roster_looks_back_on_three_months(tmp_path: Path) -> None:
    home = Home.resolve(tmp_path / "home")
    this, months = today(), []
    year, month = int(this[:4]), int(this[5:7])
    for back in range(4):
        k = 12 * year + month - 1 - back
        months.append(f"{k // 12}-{k % 12 + 1:02d}")
    send_checks(
        home, tmp_path,
        *(f"tenau,{when},Polres Kupang Kota,{back + 1},0,0,0,0,0,0,0"
          for back, when in enumerate(months)),
    )  # fmt: skip
    assert recent_watches(home) == ["tenau"] * (1 + 2 + 3), "not the four of the month before"
