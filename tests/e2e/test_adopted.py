"""A plan is adopted, ticked without a network and sent later, and is there after a reload; checks
tick the shifts of a roster."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from geo.checks import CHECK_FIELDS
from geo.imports.service import import_file
from geo.imports.store import entries, undo
from tests.e2e.pages import Service, Watch, settled, shoot
from tests.geo.agreements import registered

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
PLAN_MS = 90_000


@pytest.fixture
def agreement(service: Service) -> Iterator[str]:
    """An agreement for visits; what a test sends is undone after it."""
    yield registered(service.home)
    for entry in entries(service.home):
        undo(service.home, entry.id, by="test")


def test_a_plan_is_adopted_and_a_tick_outlives_the_network(
    open_page: OpenPage, service: Service, watch: Watch, agreement: str
) -> None:
    page = open_page("#tab=work&work=outreach", desk="planner")
    pane = page.locator("#pane-work")
    page.fill("#o-villages", "4")
    page.fill("#o-within", "Kabupaten Belu")
    expect(page.locator("#o-within-list [role=option]").first).to_be_visible()
    page.press("#o-within", "ArrowDown")
    page.press("#o-within", "Enter")
    page.fill("#o-per_regency", "4")
    page.click("#pane-work .plan-form button[type=submit]")
    expect(pane.locator(".ranked > li")).to_have_count(4, timeout=PLAN_MS)
    planned = pane.locator(".ranked .item").evaluate_all("(all) => all.map((e) => e.dataset.key)")
    year = datetime.now(UTC).year
    page.select_option("#adopt-period", str(year))
    page.click(".adoption button[type=submit]")
    rows = pane.locator("tbody tr")
    expect(rows).to_have_count(4)
    codes = rows.locator("select").evaluate_all("(all) => all.map((e) => e.dataset.key)")
    names = dict(zip(codes, rows.locator("th").all_inner_texts(), strict=True))
    assert [f"v{code}" for code in codes] == planned, "the order of the plan"
    expect(pane.locator(".key-figure")).to_have_text("Terlaksana 0 dari 4 langkah")
    expect(rows.first).to_contain_text("belum dapat dinilai")
    assert "work=adopted" in page.url
    expect(pane.locator("h2")).to_be_in_viewport()
    assert pane.locator("table").evaluate("(e) => e.scrollWidth <= e.parentElement.clientWidth")

    # The next plan of the same villages says that they wait in this one; it leaves none out.
    page.click("[data-room=outreach]")
    page.get_by_role("button", name="Rencana baru").click()
    page.click("#pane-work .plan-form button[type=submit]")
    waits = pane.locator(".ranked > li", has_text="Sudah ada dalam rencana kerja Kabupaten Belu")
    expect(waits).to_have_count(4, timeout=PLAN_MS)
    expect(waits.first).to_contain_text("belum terlaksana")
    expect(pane).to_contain_text("masih terbuka dan belum dikunjungi: 4")
    waits.first.scroll_into_view_if_needed()
    shoot(page, "outreach-in-plans-planner-id")
    page.click("[data-room=adopted]")
    pane.locator(".list .item").first.click()
    expect(rows).to_have_count(4)
    settled(page)

    page.context.set_offline(True)
    first = rows.first.locator("select")
    first.select_option(f"{year}-01")
    expect(rows.first).to_contain_text("belum terkirim")
    expect(pane).to_contain_text("1 centang tersimpan di perangkat ini")
    assert entries(service.home) == []
    shoot(page, "adopted-waiting-planner-id")
    page.context.set_offline(False)
    expect(pane.locator(".key-figure")).to_have_text("Terlaksana 1 dari 4 langkah", timeout=PLAN_MS)
    (entry,) = entries(service.home)
    assert (entry.kind, entry.rows) == ("outreach", 1)
    watch.expect_error("ERR_INTERNET_DISCONNECTED")

    page.reload()
    expect(pane.locator(".key-figure")).to_have_text("Terlaksana 1 dari 4 langkah")
    expect(rows.first.locator("select")).to_have_value(f"{year}-01")
    assert Axe().run(page).response["violations"] == []
    shoot(page, "adopted-planner-id")
    with page.expect_download() as download:
        pane.get_by_role("link", name="XLSX").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    filed = {row[2]: row[4] for row in book["Rencana kerja"].iter_rows(min_row=6, values_only=True)}
    assert list(filed)[:4] == sorted(codes, key=lambda code: names[code]), "by name, never by rank"
    assert filed[codes[0]] == f"Januari {year}"
    page.set_viewport_size({"width": 360, "height": 740})
    expect(rows.first.locator("select")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    rows.first.scroll_into_view_if_needed()
    shoot(page, "adopted-planner-id-360")
    page.click("[data-lang=en]")
    expect(pane.locator(".key-figure")).to_have_text("1 of 4 steps done")
    rows.first.locator("select").select_option("")
    expect(pane.locator(".key-figure")).to_have_text("0 of 4 steps done", timeout=PLAN_MS)
    assert entries(service.home) == []


def test_checks_on_record_tick_the_shifts_of_a_roster(
    open_page: OpenPage, service: Service, agreement: str, tmp_path: Path
) -> None:
    page = open_page("", desk="police", with_map=False)

    def asked(path: str, **body: Any) -> Any:
        answer = page.request.post(f"{service.url}/v1/{path}", data=body)
        assert answer.ok, answer.text()
        return answer.json()

    year, week, weekday = datetime.now(UTC).isocalendar()
    monday = datetime.now(UTC) - timedelta(days=weekday - 1)
    few = {"hours": 40, "weeks": 1, "draws": 0, "within": "Kota Kupang", "seed": 7}
    job = asked("plans/watch", start=f"{year}-W{week:02d}", **few)["job"]
    while page.request.get(f"{service.url}/v1/jobs/{job}").json()["state"] != "done":
        page.wait_for_timeout(200)
    second = open_page("", desk="second", with_map=False)
    assert second.request.post(f"{service.url}/v1/jobs/{job}/consent").ok
    plan = asked("plans/adopted", job=job, period=str(monday.year))
    first, shifts = plan["steps"][0], plan["planned"]
    terminal, month = first["place"].split(":")
    assert month == monday.strftime("%Y-%m")

    page.goto(f"{service.url}/#tab=work&work=adopted:{job}")
    page.reload()
    pane = page.locator("#pane-work")
    expect(pane.locator(".key-figure")).to_have_text(f"Tercatat dijaga 0 dari {shifts} giliran")
    row = pane.locator("tbody tr", has_text=first["name"]).first
    expect(row).to_contain_text("jaga belum tercatat")
    expect(row.locator("select")).to_have_count(0)  # nothing is ticked by hand

    number = registered(
        service.home, number="UJI/9/2026", kinds=["checks"], tiers=["police"], purpose=["layers"]
    )
    file = tmp_path / "checks.csv"
    head = ",".join(["terminal_id", "month", "organisation", *CHECK_FIELDS])
    file.write_text(
        f"{head}\n{terminal},{month},Polres Contoh,1,400,200,40,20,10,5,0\n", "utf-8"
    )  # fmt: skip
    import_file(file, "checks", service.home, by="test", under=number)
    page.reload()
    expect(pane.locator(".key-figure")).to_have_text(f"Tercatat dijaga 1 dari {shifts} giliran")
    expect(row).to_contain_text(f"1 dari {first['shifts']}")
    numbers = row.locator("li").evaluate_all("(all) => all.map((e) => e.textContent)")
    assert [one.rpartition(" ")[2] for one in numbers] == ["400", "200", "40", "20", "10", "5", "0"]
    assert Axe().run(page).response["violations"] == []
    with page.expect_download() as download:
        pane.get_by_role("link", name="XLSX").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    rows = book["Rencana kerja"].iter_rows(min_row=6, values_only=True)
    filed = next(one for one in rows if one[2] == first["name"])
    assert filed[3:7] == (first["shifts"], 1, 400, 200)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    row.scroll_into_view_if_needed()
    shoot(page, "adopted-watch-police-id-360")
    page.click("[data-lang=en]")
    expect(row).to_contain_text(f"1 of {first['shifts']}")
