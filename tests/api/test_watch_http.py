"""Watch plans over HTTP: a roster is for two police accounts, and for nobody below them."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from geo.imports.days import today
from tests.api.conftest import Service, wait_for

IN_TWO_WEEKS = date.fromisoformat(today()) + timedelta(days=14)
MONDAY = IN_TWO_WEEKS - timedelta(days=IN_TWO_WEEKS.weekday())
START = "{}-W{:02d}".format(*MONDAY.isocalendar()[:2])
WATCH = {"hours": 40, "persons": 2, "within": "53", "weeks": 2, "draws": 2, "seed": 11,
         "start": START, "agencies": ["Polda NTT", "BP3MI NTT"]}  # fmt: skip


@pytest.fixture(scope="module")
def police(planning: Service) -> TestClient:
    return planning.client("polisi")


@pytest.fixture(scope="module")
def waiting(police: TestClient) -> dict[str, Any]:
    """A watch plan that is done and has nobody's consent."""
    answer = police.post("/v1/plans/watch", json=WATCH)
    assert answer.status_code == 202, answer.text
    job = wait_for(police, answer.json()["job"])
    assert job["state"] == "done", job
    return job


@pytest.fixture(scope="module")
def roster(planning: Service, police: TestClient, waiting: dict[str, Any]) -> dict[str, Any]:
    """The same after a second account consented."""
    second = planning.client("polisi-dua")
    (listed,) = (p for p in second.get("/v1/jobs").json()["to_consent"] if p["id"] == waiting["id"])
    assert listed["kind"] == "watch"
    assert "seed" not in listed["request"]
    assert listed["request"]["hours"] == 40
    terminals = waiting["result"]["terminals"]
    assert [place["name"] for place in listed["places"]] == [row["name"] for row in terminals]
    assert listed["persons"] == waiting["result"]["persons_per_week"]
    assert second.post(f"/v1/jobs/{waiting['id']}/consent").status_code == 204
    return dict(police.get(f"/v1/jobs/{waiting['id']}").json()["result"])


def test_before_consent_nobody_is_told_when_who_stands_where(
    police: TestClient, waiting: dict[str, Any]
) -> None:
    result = waiting["result"]
    assert "seed" not in waiting["request"]
    assert waiting["request"]["hours"] == WATCH["hours"]
    (listed,) = (j for j in police.get("/v1/jobs").json()["jobs"] if j["id"] == waiting["id"])
    assert "seed" not in listed["request"]
    assert '"seed":11' not in police.get(f"/v1/jobs/{waiting['id']}").text.replace(" ", "")
    assert result["terminals"]
    assert all(place["shifts"] for place in result["terminals"]), "hours by place of two weeks"
    assert result["persons_per_week"]["mean"] > 0
    assert result["roster"] == []
    assert result["seed"] is None, "with the seed the roster could be made again"
    for file in ("result.xlsx", "shift.pdf?shift=1"):
        refused = police.get(f"/v1/jobs/{waiting['id']}/{file}")
        assert refused.status_code == 409
        assert refused.json()["code"] == "jobs.consent_needed"


def test_a_roster_of_one_week_keeps_its_places_hours_back_too(
    planning: Service, police: TestClient
) -> None:
    body = {**WATCH, "weeks": 1, "draws": 0}
    job = wait_for(police, police.post("/v1/plans/watch", json=body).json()["job"])
    for place in job["result"]["terminals"]:
        assert [place[name] for name in ("shifts", "hours_per_week", "weeks")] == [None] * 3
    second = planning.client("polisi-dua")
    assert second.post(f"/v1/jobs/{job['id']}/consent").status_code == 204
    after = police.get(f"/v1/jobs/{job['id']}").json()
    assert after["request"]["seed"] == 11
    shifts = sum(place["shifts"] for place in after["result"]["terminals"])
    assert shifts == len(after["result"]["roster"]) > 0


def test_the_roster_holds_its_budget_and_its_rules(roster: dict[str, Any]) -> None:
    assert roster["seed"] == 11
    by_week: dict[str, int] = {}
    for shift in roster["roster"]:
        by_week[shift["week"]] = by_week.get(shift["week"], 0) + 1
        assert (shift["day"] is None) == shift["sailing"], "no day of a ship is invented"
        assert shift["hours"] * shift["persons"] == 8
    assert set(by_week) <= {(MONDAY + timedelta(weeks=k)).isoformat() for k in range(2)}
    assert 0 < roster["overlap"] <= 1
    for shift in roster["roster"]:
        numbers = [ship["per_week"] for ship in shift["services"] if ship["per_week"]]
        unknown = shift["often"]["en"] == "no timetable"
        assert unknown == (not numbers), shift
        assert "." not in shift["often"]["id"].split("(")[0], "counts, no decimals"
    assert max(by_week.values()) <= 5
    shifts = sum(place["shifts"] for place in roster["terminals"])
    assert shifts == len(roster["roster"])
    assert roster["budget"]["hours_per_week"] == shifts * 8 / 2
    parts = sum(place["persons_per_week"]["mean"] for place in roster["terminals"])
    assert parts == pytest.approx(roster["persons_per_week"]["mean"])
    assert roster["evenly"]["mean"] <= roster["persons_per_week"]["mean"]
    # Where to stand and what to watch; never how one would pass.
    assert not {"route", "path", "detection"} & set(json.dumps(roster).replace("_", " ").split('"'))


def test_files_of_a_roster_name_no_seed_and_nobody(
    police: TestClient, waiting: dict[str, Any], roster: dict[str, Any]
) -> None:
    answer = police.get(f"/v1/jobs/{waiting['id']}/result.xlsx?lang=en")
    assert "daftar-jaga.xlsx" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["Roster"]
    titles = [row[0] for row in sheet.iter_rows(max_row=5, values_only=True) if row[0]]
    assert any(f"{MONDAY.day} {MONDAY:%B %Y}" in str(title) for title in titles)
    rows = [row for row in sheet.iter_rows(min_row=6, values_only=True) if row[0]]
    assert [row[0] for row in rows] == [shift["number"] for shift in roster["roster"]]
    assert [row[3] for row in rows] == [shift["terminal"]["name"] for shift in roster["roster"]]
    cells = [v for ws in book for row in ws.iter_rows(values_only=True) for v in row if v]
    assert not [v for v in cells if "seed" in str(v).lower()]
    pdf = police.get(f"/v1/jobs/{waiting['id']}/shift.pdf?shift=1&lang=en")
    assert pdf.status_code == 200, pdf.text
    assert pdf.content.startswith(b"%PDF")
    missing = police.get(f"/v1/jobs/{waiting['id']}/shift.pdf?shift=999")
    assert (missing.status_code, missing.json()["code"]) == (400, "cli.watch_no_shift")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"hours": 3}, 400, "hours"),
        ({"agencies": ["0812-3456-7890"]}, 400, "agencies"),
        ({"agencies": ["sdri. Fulana"]}, 400, "agencies"),
        ({"agencies": ["Bripka Yohanes Lado"]}, 400, "agencies"),
        ({"agencies": ["Yohanes Lado"]}, 400, "agencies"),
        ({"start": "2020-W10"}, 400, "start"),
        ({"start": "9999-W52"}, 400, "start"),
        ({"calls": {"S999999": [1]}}, 400, "calls"),
        ({"start": "2025-W53"}, 400, "start"),
        ({"within": "nowhere at all"}, 400, "within"),
        ({"nonsense": 1}, 400, "nonsense"),
    ],
)
def test_what_is_refused_says_which_field(
    police: TestClient, changes: dict[str, Any], status: int, field: str
) -> None:
    answer = police.post("/v1/plans/watch", json={**WATCH, **changes})
    assert answer.status_code == status, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_roster_becomes_a_plan_of_action(police: TestClient, waiting: dict[str, Any],
                                           roster: dict[str, Any]) -> None:  # fmt: skip
    body = {"job": waiting["id"], "period": str(MONDAY.year - 3)}
    answer = police.post("/v1/plans/adopted", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "watch.adopt_period")
    answer = police.post("/v1/plans/adopted", json={**body, "period": str(MONDAY.year)})
    assert answer.status_code == 201, answer.text
    within = [row for row in roster["roster"] if row["week"].startswith(str(MONDAY.year))]
    plan = answer.json()
    assert (plan["kind"], plan["planned"], plan["done"]) == ("watch", len(within), 0)
    assert {one["place"] for one in plan["steps"]} == {
        f"{row['terminal']['id']}:{row['week'][:7]}" for row in within
    }


def test_desks_below_the_police_learn_nothing_of_watches(
    planning: Service, waiting: dict[str, Any]
) -> None:
    for name in ("lsm", "warga", None):
        client = planning.client(name)
        nothing = client.get("/v1/plans/nothing")
        for path in ("/v1/plans/watch", f"/v1/jobs/{waiting['id']}/shift.pdf?shift=1"):
            assert client.get(path).status_code == nothing.status_code == 404
        assert client.post("/v1/plans/watch", json=WATCH).status_code == 404
        paths = client.get("/openapi.json").json()["paths"]
        assert not [path for path in paths if "watch" in path or "shift" in path]
        page = client.get("/static/i18n/en.json").text
        assert "watch_plan" not in page
        assert "Wrongful" not in page
    lower = planning.client("lsm")
    for desk in ("ngo", "planner"):
        texts = lower.get(f"/desk/{desk}/en.json").text
        assert "web_police" not in texts
        assert "roster" not in texts.lower()
    assert lower.get("/desk/police/watch.js").status_code == 404
    kinds = lower.get("/v1/imports/kinds").text
    assert "checks" not in json.dumps([row["kind"] for row in json.loads(kinds)["kinds"]])
