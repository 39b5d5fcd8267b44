"""Warnings by month: those of what an account itself has imported, at every door the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from geo.imports.days import today
from geo.imports.service import import_file
from geo.interventions import Month
from geo.paths import Home
from tests.api.conftest import Service
from tests.api.test_warnings_feed import parsed, texts
from tests.geo.agreements import registered

STEADY = (11, 9, 12, 10, 8, 11, 10, 9, 12, 10, 11, 9)
RISEN = 48


def _months(count: int) -> list[str]:
    """The last whole months, the newest last."""
    running = Month.of(today()[:7]).number
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(running - count, running)]


def import_months(home: Home, folder: Path, *, by: str, under: str, place: str = "53.04") -> None:
    """Cases of a year and the month after it, which is four times as high."""
    values = (*STEADY, RISEN)
    rows = [
        f"{place},{month[:4]},{month},tppo_cases,{value}\n"
        for month, value in zip(_months(len(values)), values, strict=True)
    ]
    table = folder / f"{by}-{place}.csv"
    table.write_text("place_code,year,period,measure,value\n" + "".join(rows), "utf-8")
    report, _, applied = import_file(table, "counts", home, by=by, under=under)
    assert (applied, report.refused) == (True, 0)


@pytest.fixture
def service(fresh: Callable[..., Service], tmp_path: Path) -> Service:
    """The planner has imported months of Belu."""
    running = fresh()
    home: Home = running.app.state.home
    import_months(home, tmp_path, by="perencana", under=registered(home))
    return running


def _of_months(service: Service, name: str | None) -> Any:
    answer = service.client(name).get("/v1/warnings")
    assert answer.status_code == 200
    return answer.json()["months"]


def test_the_month_that_rose_is_told_to_who_imported_it(service: Service) -> None:
    found = _of_months(service, "perencana")
    (row,) = found["warnings"]
    assert (row["area_code"], row["area_name"]) == ("53.04", "Kabupaten Belu")
    assert (row["month"], row["count"], row["measure"]) == (_months(1)[0], RISEN, "tppo_cases")
    # by hand: weights 0.9^k over the twelve months before
    weights = [0.9**k for k in range(12)]
    level = sum(w * v for w, v in zip(weights, reversed(STEADY), strict=True)) / sum(weights)
    assert row["expected"]["mean"] == pytest.approx(level, rel=0.06)
    assert row["expected"]["p95"] < RISEN
    assert row["check"]["en"].startswith("Check first: did the source")
    assert [one["month"] for one in row["months"]] == _months(13)
    assert [one["value"] for one in row["months"]] == [*STEADY, RISEN]
    assert (found["silent"], found["watched"], found["streams"]) == ([], [], 1)


@pytest.mark.parametrize("reader", [None, "lsm", "polisi"])
def test_nobody_else_learns_of_a_month(
    service: Service, tmp_path: Path, reader: str | None
) -> None:
    """Their answers are, byte for byte, those of before the import, the police's too."""
    assert _of_months(service, reader) is None
    client = service.client(reader)
    doors = ("/v1/warnings", "/v1/warnings.atom")
    before = [client.get(door).content for door in doors]
    home: Home = service.app.state.home
    import_months(home, tmp_path, by="perencana", under=registered(home), place="53.15")
    assert [client.get(door).content for door in doors] == before
    assert len(_of_months(service, "perencana")["warnings"]) == 2


def test_who_imports_other_months_sees_those_alone(service: Service, tmp_path: Path) -> None:
    home: Home = service.app.state.home
    import_months(home, tmp_path, by="polisi", under=registered(home), place="21.71")
    for name, place in (("polisi", "21.71"), ("perencana", "53.04")):
        assert [row["area_code"] for row in _of_months(service, name)["warnings"]] == [place]


@pytest.mark.parametrize(
    "terms", [{"purpose": ["layers"]}, {"tiers": ["police"]}], ids=["purpose", "tier"]
)
def test_an_agreement_that_does_not_allow_it_gives_no_month(
    fresh: Callable[..., Service], tmp_path: Path, terms: dict[str, Any]
) -> None:
    service = fresh()
    home: Home = service.app.state.home
    under = registered(home, number="UJI/SEMPIT", **terms)
    import_months(home, tmp_path, by="perencana", under=under)
    assert _of_months(service, "perencana") is None


def test_page_feed_and_command_line_say_the_same(
    service: Service, petajaga: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = service.client("perencana")
    answer = planner.get("/v1/warnings").json()
    home: Home = service.app.state.home
    areas = pd.DataFrame({"code": ["53.04"], "name": ["Kabupaten Belu"]})
    build = SimpleNamespace(areas=areas)  # a release is all that this home has
    monkeypatch.setattr("api.cli.state.read_build", lambda *_, **__: build)
    done = petajaga("warn", "--months", "--json", home=home.root)
    assert done.code == 0, done.err
    assert json.loads(done.out) == answer["months"]

    feed = parsed(planner.get("/v1/warnings.atom?lang=en").content)
    month = _months(1)[0]
    title = f"Kabupaten Belu: trafficking cases {month}: {RISEN}, above what is expected"
    at = texts(feed, "entry/title").index(title)
    content = texts(feed, "entry/content")[at].splitlines()
    (row,) = answer["months"]["warnings"]
    assert content[1:3] == [row["why"]["en"], row["check"]["en"]]
    assert content[3].startswith("These are your office's own true counts")
    updated = date.fromisoformat(texts(feed, "entry/updated")[at][:10])
    assert f"{updated:%Y-%m}" == month
    years = len(answer["warnings"]) + len(answer["silent"])
    assert len(texts(feed, "entry/id")) == years + 1
