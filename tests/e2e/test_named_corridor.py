"""A corridor that the analyst names by its places: form, card, address, Back, search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.pages import Watch, settled, shoot

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
NAME = "Kupang – Labuan Bajo – Nunukan"
ANSWER_MS = 60_000


def fill(page: Page, *places: str) -> None:
    for i, place in enumerate(places):
        page.fill(f"#through-{i}", place)
        page.keyboard.press("Tab")
    page.locator("#through").get_by_role("button", name="Tampilkan koridor").click()


def test_a_corridor_is_named_in_a_form_shared_by_its_address_and_left_by_back(
    open_page: OpenPage, watch: Watch
) -> None:
    page = open_page("#lang=id&tab=corridors", desk="police")
    page.click("#through summary")
    page.fill("#through-0", "kupa")
    page.keyboard.press("Enter")
    expect(page.locator("#through-0")).to_have_value("Kupang")
    fill(page, "Kupang", "Labuan Bajo", "Nunukam")
    expect(page.locator("#through-2-error")).to_contain_text("yang terdekat", timeout=ANSWER_MS)
    expect(page.locator("#through-2")).to_be_focused()
    watch.expect_error("400")
    assert Axe().run(page).response["violations"] == []

    fill(page, "Kupang", "Labuan Bajo", "Nunukan")
    card = page.locator("#detail")
    expect(card.locator("h2")).to_have_text(NAME, timeout=ANSWER_MS)
    expect(card).to_contain_text("peluang kelas ini")
    expect(card).to_contain_text("Pelabuhan Tenau")
    card.get_by_text("Semua kabupaten/kota asal").click()
    expect(card.locator("table").first).to_contain_text("< 1%")
    assert "Labuan%20Bajo" in page.url
    said = card.locator(".headline").inner_text()
    settled(page)
    assert Axe().run(page).response["violations"] == []
    shoot(page, "named-corridor-police-id")

    shared = open_page(page.url[page.url.index("#") :], desk="police")
    expect(shared.locator("#detail h2")).to_have_text(NAME, timeout=ANSWER_MS)
    assert shared.locator("#detail .headline").inner_text() == said

    page.go_back()
    expect(card).to_be_hidden()
    expect(page.locator("#through-1")).to_have_value("Labuan Bajo")
    assert "Labuan%20Bajo" not in page.url


def test_the_search_box_leads_there_and_says_why_nobody_is_expected(open_page: OpenPage) -> None:
    page = open_page("#lang=id&tab=corridors", desk="police")
    page.fill("#search", "Kupang - Labuan Bajo - Nunukan")
    page.locator("#search-list").get_by_role("option", name=NAME).click()
    expect(page.locator("#detail h2")).to_have_text(NAME, timeout=ANSWER_MS)
    page.fill("#search", "Tawau - Kupang")
    page.locator("#search-list").get_by_role("option", name="Tawau – Kupang").click()
    expect(page.locator("#detail")).to_contain_text("Tidak ada perjalanan", timeout=ANSWER_MS)


@pytest.mark.parametrize("desk", [None, "planner"])
def test_others_have_neither_form_nor_answer(
    open_page: OpenPage, watch: Watch, desk: str | None
) -> None:
    more: dict[str, Any] = {"desk": desk} if desk else {}
    page = open_page("#lang=id&tab=corridors", **more)
    expect(page.locator("#pane-corridors .item").first).to_be_visible()
    expect(page.locator("#through")).to_have_count(0)
    page = open_page("#lang=id&sel=corridor:Kupang~Nunukan", **more)
    expect(page.locator("#detail h2")).to_have_count(0)
    expect(page.locator("#detail .card")).to_contain_text(
        "tidak ada pada rilis" if desk else "Masuk untuk membukanya"
    )
    watch.expect_error("404")
