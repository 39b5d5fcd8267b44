"""One's own account on the page: two-step verification and keys, by keyboard, in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.request import Request, urlopen

from playwright.sync_api import Page, expect

from tests.api.test_second_factor import code_of
from tests.e2e.pages import Service, Watch, settled, shoot, sign_in

OpenPage = Callable[..., Page]


def send(page: Page, field: str, text: str) -> None:
    page.fill(field, text)
    page.keyboard.press("Enter")


def test_two_step_verification_and_a_key(
    open_page: OpenPage, service: Service, watch: Watch
) -> None:
    page = open_page("#lang=en", with_map=False, width=360, height=740)
    sign_in(page, service, "planner", watch)
    page.focus("#open-account")
    page.keyboard.press("Enter")
    expect(page.locator("#account-title")).to_be_focused()
    page.click("#account section:first-of-type button")
    secret = page.locator(".qr + code").inner_text().replace(" ", "")
    assert page.locator(".qr").evaluate("(picture) => picture.naturalWidth") > 0
    send(page, "#factor-code", "000000")
    expect(page.locator("#account [role=alert]").first).to_contain_text("does not fit")
    send(page, "#factor-code", code_of(secret, time.time()))
    expect(page.locator(".codes code")).to_have_count(10)
    codes = page.locator(".codes code").all_inner_texts()
    page.fill("#key-purpose", "QGIS")
    send(page, "#key-code", codes[0])
    key = page.locator("#key-new").input_value()
    expect(page.locator("#key-new")).to_be_focused()
    address = page.locator("#key-address").input_value()
    answer = urlopen(Request(f"{address}/collections", headers={"Authorization": f"Bearer {key}"}))
    assert b'"ports"' in answer.read(), "what the public has not"
    width = "(dialog) => dialog.scrollWidth - dialog.clientWidth"
    assert page.locator("#account").evaluate(width) <= 0
    shoot(page, "account-en")
    page.keyboard.press("Escape")

    page.click("#sign")
    page.wait_for_selector("html[data-tier=public]")
    expect(page.locator("#open-account")).to_be_hidden()
    page.click("#languages [data-lang=id]")
    name, password = service.accounts["planner"]
    page.click("#sign")
    expect(page.locator("#sign-in-code")).to_be_hidden()
    page.fill("#sign-in-name", name)
    send(page, "#sign-in-password", password)
    expect(page.locator("#sign-in-code")).to_be_focused()
    expect(page.locator("#sign-in-error")).to_contain_text("dua langkah")
    send(page, "#sign-in-code", codes[0])
    expect(page.locator("#sign-in-error")).to_contain_text("sudah dipakai")
    send(page, "#sign-in-code", codes[1])
    page.wait_for_selector("html[data-tier=partner]")
    settled(page)
    watch.expect_error("400")
    watch.expect_error("401")

    page.click("#open-account")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cabut kunci untuk QGIS").click()
    expect(page.locator("#account")).to_contain_text("Belum ada kunci")
    send(page, "#factor-code", codes[2])
    expect(page.get_by_role("button", name="Siapkan")).to_be_visible()
    expect(page.locator("#key-code")).to_have_count(0)


def test_a_session_that_ends_takes_the_data_from_the_screen_and_keeps_the_form(
    open_page: OpenPage, service: Service, watch: Watch
) -> None:
    page = open_page(with_map=False)
    sign_in(page, service, "planner", watch)
    page.fill("#search", "Kupa")
    context = page.context
    context.clear_cookies()
    page.fill("#search", "Kupang")  # a request of a session that is gone
    expect(page.locator("#sign-in-ended")).to_be_visible()
    expect(page.locator("#panel")).not_to_be_visible()
    name, password = service.accounts["planner"]
    expect(page.locator("#sign-in-name")).to_have_value(name)
    page.fill("#sign-in-password", password)
    page.click("#sign-in button[type=submit]")
    expect(page.locator("#panel")).to_be_visible()
    expect(page.locator("#search")).to_have_value("Kupang")
    expect(page.locator("html")).to_have_attribute("data-tier", "partner")
    # Signed out elsewhere: what was left on the screen goes, and who gives up sees the public page.
    context.clear_cookies()
    page.fill("#search", "Kup")
    expect(page.locator("#sign-in-ended")).to_be_visible()
    shoot(page, "session-ended")
    page.click("#sign-in-cancel")
    expect(page.locator("html")).to_have_attribute("data-tier", "public")
    expect(page.locator("#panel")).to_be_visible()
    watch.expect_error("401")
