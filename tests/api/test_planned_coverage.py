"""Planned against done over HTTP and at the command line: who is told of which visit."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from api.auth.accounts import add_account
from api.auth.principal import Principal
from api.state.adopted_plans import AdoptedPlans
from geo.imports.days import today
from geo.imports.visits import record_visit
from geo.paths import Home
from geo.periods import period_of
from layers.plans.adopted import Step
from tests.api.conftest import Service, close_service, make_service
from tests.api.test_plans_http import assert_problem
from tests.geo.agreements import registered

MONTH = today()[:7]
YEAR = MONTH[:4]
COVERAGE = "/v1/coverage"
OFFICE, OTHER = "Gugus Tugas TPPO NTT", "Lembaga Lain"
PLANNED, OPEN = "53.01.22.2001", "53.01.22.2002"
OWN, THEIRS = "53.01.08.2009", "53.01.22.2005"


@pytest.fixture(scope="module")
def working(released_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An office with a plan of two villages; it visited a third one, and another office a fourth
    and one of the plan.
    """
    root = shutil.copytree(released_home.root, tmp_path_factory.mktemp("planned") / "home")
    running = make_service(Home.resolve(root))
    register, home = running.app.state.register, running.home
    for name, desk, tier, province, organisation in (
        ("sekretaris", "planner", "partner", "53", OFFICE),
        ("rekan", "planner", "partner", "53", OFFICE),
        ("lain", "ngo", "partner", "53", OTHER),
        ("bali", "planner", "partner", "51", OFFICE),
        ("tanpa", "planner", "partner", "53", None),
        ("polda", "police", "police", "53", None),
    ):
        new = add_account(
            register, name=name, desk=desk, tier=tier, province_code=province,
            organisation=organisation,
        )  # fmt: skip
        running.passwords[name] = new.password
    under = registered(home)
    for code, by, office in (
        (OWN, "rekan", OFFICE), (PLANNED, "lain", OTHER), (THEIRS, "lain", OTHER),
    ):  # fmt: skip
        record_visit(home, code, MONTH, organisation=office, by=by, under=under)
    steps = [Step(code, f"Desa {code[-1]}", "53.01", MONTH) for code in (PLANNED, OPEN)]
    AdoptedPlans(register, home).add(
        Principal("partner", "sekretaris", "planner", "53"), "p", kind="outreach", area="",
        period=period_of(YEAR), release="r", steps=steps,
    )  # fmt: skip
    yield running
    close_service(running)


def planned(service: Service, name: str | None, area: str = "53.01") -> Any:
    answer = service.client(name).get(f"{COVERAGE}?within={area}&period={YEAR}")
    assert answer.status_code == 200, answer.text
    return answer.json()["planned"]


def states(answer: dict[str, Any]) -> dict[str, str]:
    return {row["code"]: row["state"] for row in answer["villages"]}


@pytest.mark.parametrize("name", ["sekretaris", "rekan"])
def test_an_office_has_its_plan_and_its_own_visits_by_name(working: Service, name: str) -> None:
    answer = planned(working, name)
    assert {key: answer["total"][key] for key in ("planned", "done", "open", "unplanned")} == {
        "planned": 2, "done": 1, "open": 1, "unplanned": 2,
    }  # fmt: skip
    assert answer["total"]["visited"] == 3
    assert states(answer) == {OPEN: "open", PLANNED: "done", OWN: "unplanned"}
    own = next(row for row in answer["villages"] if row["code"] == OWN)
    assert (own["name"], own["lon"], own["lat"]) == ("Oelpuah", 123.7, -10.1)


def test_another_office_has_no_plan_of_it_and_no_village_of_its_visits(working: Service) -> None:
    theirs = planned(working, "lain")
    assert (theirs["total"]["planned"], theirs["total"]["unplanned"]) == (0, 3)
    assert states(theirs) == {PLANNED: "unplanned", THEIRS: "unplanned"}
    for name in ("tanpa", "polda", "lsm"):
        other = planned(working, name)
        assert (other["total"]["planned"], other["total"]["unplanned"]) == (0, 3), name
        assert other["villages"] == [], name


def test_who_does_not_plan_there_is_told_nothing(working: Service) -> None:
    assert planned(working, None) is None
    assert planned(working, "bali") is None
    assert planned(working, "sekretaris", "51") is None
    assert planned(working, "bali", "53") is None


def test_an_answer_is_not_kept_once_another_visit_is_on_record(working: Service) -> None:
    client, address = working.client("sekretaris"), f"{COVERAGE}?within=53&period={YEAR}"
    first = client.get(address)
    again = {"If-None-Match": first.headers["etag"]}
    assert client.get(address, headers=again).status_code == 304
    record_visit(
        working.home, "53.04.01.2001", MONTH, organisation=OTHER, by="lain", under="UJI/1/2026"
    )
    later = client.get(address, headers=again)
    assert later.status_code == 200
    before, after = (answer.json()["planned"]["total"]["visited"] for answer in (first, later))
    assert (before, after) == (3, 4)
    assert {row["area"] for row in later.json()["planned"]["villages"]} == {"53.01"}


def test_what_is_refused(working: Service) -> None:
    client = working.client("sekretaris")
    for query, field in (
        (f"period={YEAR}", "within"), ("within=53.01&period=2026-Q5", "period"),
        (f"within=53.01.22&period={YEAR}", "within"), (f"within={THEIRS}&period={YEAR}", "within"),
    ):  # fmt: skip
        assert_problem(client.get(f"{COVERAGE}?{query}"), 400, field)


def test_the_brief_of_the_plan_is_for_its_own_office(working: Service) -> None:
    address = "/v1/plans/adopted/p/brief.pdf"
    answer = working.client("sekretaris").get(f"{address}?lang=id")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    (page,) = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    assert "1 dari 2" in page.extract_text()
    for name in ("lain", "bali", "tanpa", "polda", None):
        assert_problem(working.client(name).get(address), 404)


def test_the_command_line_says_it_by_regency(
    petajaga: Callable[..., Any], built_home: Path
) -> None:
    done = petajaga("coverage", "53", "--period", YEAR, "--lang", "en", home=built_home)
    assert done.code == 0, done.err
    assert "Not yet" in done.out
    assert "No adopted plan of visits names a village in Nusa Tenggara Timur" in done.err
    wrong = petajaga("coverage", "--period", YEAR, home=built_home)
    assert wrong.code == 2
