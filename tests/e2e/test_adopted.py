"""A plan is adopted, ticked without a network and sent later, and is there after a reload."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from geo.imports.store import entries, undo
from tests.e2e.pages import Service, Watch, shoot
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
