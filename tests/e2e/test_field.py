"""The village worker's phone: list first, visits without a network, a pack; help on a phone."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, expect

from api.auth.accounts import create_demo_accounts
from api.register.opening import register_of
from api.settings import Settings
from geo.imports.store import entries, undo
from geo.paths import Home
from tests.e2e.pages import Service, Watch, settled, shoot, sign_in
from tests.e2e.test_states import plan
from tests.geo.agreements import registered
from tests.serving import started

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
PHONE: dict[str, Any] = {"width": 360, "height": 740, "has_touch": True}
MOST_BYTES = 300_000
SEND_MS = 60_000
SMALL = """() => [...document.querySelectorAll('button, select, summary, a.button, input')]
  .filter((e) => e.checkVisibility() && !e.closest('.hidden') && e.type !== 'checkbox'
    && e.getBoundingClientRect().height < 43.5)
  .map((e) => e.outerHTML.slice(0, 90))"""


def list_on_phone(open_page: OpenPage, language: str = "id", **more: Any) -> Page:
    page = open_page(f"#lang={language}", desk="ngo", **PHONE, **more)
    expect(page.locator(".villages .item").first).to_be_visible()
    return page


def test_a_regency_has_one_class_in_every_list(open_page: OpenPage) -> None:
    page = list_on_phone(open_page)
    chosen = page.locator("#v-regency option").all_inner_texts()
    page.goto(page.url.split("#")[0] + "#lang=id&tab=areas")
    items = page.locator("#pane-areas .item").filter(has_text="Kab")
    expect(items.first).to_be_visible()
    listed = [
        f"{name.replace('Kabupaten', 'Kab.')} · {badge}"
        for name, badge in zip(
            page.locator("#pane-areas .item .item-name").all_inner_texts(),
            page.locator("#pane-areas .item .badge").all_inner_texts(),
            strict=True,
        )
    ]
    assert len(chosen) > 20
    assert set(chosen) <= set(listed)


def test_a_village_worker_has_the_list_first_and_the_map_at_a_tap(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page("#lang=id", desk="ngo", wait=False, **PHONE)
    page.goto("about:blank")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    taken: list[float] = []
    session.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
    page.goto(f"{service.url}/#lang=id")
    item = page.locator(".villages .item").first
    expect(item).to_be_visible()
    before_list = sum(taken)
    print(f"{before_list:,.0f} bytes before the list (target {MOST_BYTES:,})")
    assert 20_000 < before_list <= MOST_BYTES
    settled(page)
    assert page.evaluate("() => window.maplibregl === undefined"), "nobody opened the map"
    expect(page.locator("#stage")).to_be_hidden()
    box = item.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"], "the first village is on the first screen"
    assert re.search(r"53\.\d\d\.\d\d\.[12]\d{3}", item.inner_text())
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert page.evaluate(SMALL) == []
    assert Axe().run(page).response["violations"] == []
    shoot(page, "field-list-id-360")

    page.click("#map-toggle")
    settled(page)
    assert page.evaluate("() => document.documentElement.dataset.map") == "ready"
    page.mouse.wheel(0, 1500)
    expect(page.locator("#map canvas")).to_be_in_viewport()
    shoot(page, "field-map-id-360")
    page.evaluate("scrollTo(0, 0)")

    def height(part: str) -> float:
        return float(page.locator(part).evaluate("(e) => e.getBoundingClientRect().height"))

    assert height("header") <= 90
    drawn = height("#map")
    page.click("#legend summary")
    assert height("#map") == drawn >= 0.4 * PHONE["height"]
    assert height("#stage") <= 0.72 * PHONE["height"]
    shoot(page, "field-legend-id-360")
    page.click("#map-toggle")
    expect(page.locator("#stage")).to_be_hidden()


def test_a_long_list_of_villages_is_folded_by_district(open_page: OpenPage) -> None:
    page = open_page("#lang=id", desk="ngo", with_map=False, **PHONE)
    districts = page.locator(".villages details")
    expect(districts.first.locator(".item").first).to_be_visible()
    assert districts.count() > 5
    assert page.locator(".villages details[open]").count() == 1
    districts.nth(2).locator("summary").click()
    village = districts.nth(2).locator(".item .item-name").first
    expect(village).to_be_visible()
    name = village.inner_text()
    page.fill("#v-find", name)
    expect(page.locator(".villages details:not([open])")).to_have_count(0)
    expect(page.locator(".villages .item-name").first).to_be_visible()
    page.fill("#v-find", "")
    expect(page.locator(".villages details[open]")).to_have_count(2)


@pytest.fixture
def agreement(service: Service) -> Iterator[str]:
    """An agreement for visits; what a test sends is undone after it."""
    yield registered(service.home)
    for entry in entries(service.home):
        undo(service.home, entry.id, by="test")


def sent(service: Service) -> list[list[str]]:
    """Rows of the visits that the service has."""
    return [
        line.split(",")
        for entry in entries(service.home)
        if entry.kind == "outreach"
        for line in entry.path(service.home).read_text("utf-8").splitlines()[1:]
    ]


def record(page: Page, at: int, note: str, *, number: str = "") -> str:
    """Record a visit to one of the villages on the list, first with a person's number; its code."""
    item = page.locator(".villages .item").nth(at)
    code = item.get_attribute("data-key")
    item.click()
    page.fill("#v-organisation", "Rumah Perempuan")
    page.select_option("#v-month", index=1)
    page.fill("#v-people", "1.200")
    page.fill("#v-note", note)
    expect(page.locator("#map-toggle")).to_be_hidden()
    page.click(".villages form [type=submit]")
    expect(page.locator("#v-people-error")).to_be_visible()
    page.fill("#v-people", "35")
    if number:
        page.fill("#v-note", f"penyuluhan, {number}")
        page.click(".villages form [type=submit]")
        expect(page.locator("#v-note-error")).to_be_visible()
        page.fill("#v-note", note)
    page.click(".villages form [type=submit]")
    expect(page.locator("#v-note")).to_have_count(0)
    assert code
    return code


def waiting(page: Page) -> int:
    return page.locator(".visits .cards > li").count()


def kept(page: Page) -> list[str]:
    """Addresses that the browser keeps for a desk, without those of the page itself."""
    addresses: list[str] = page.evaluate(
        """async () => {
          const names = (await caches.keys()).filter((name) => name.startsWith('petajaga-desk'));
          const keys = async (name) => (await caches.open(name)).keys();
          const all = await Promise.all(names.map(keys));
          return all.flat().map(({ url }) => new URL(url).pathname);
        }"""
    )
    return addresses


def offline_ready(page: Page) -> None:
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    for _ in range(100):
        if "/ogc/collections/outreach/items" in kept(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing is kept: {kept(page)}")


def test_a_visit_is_recorded_without_a_network_and_sent_later(
    open_page: OpenPage, service: Service, watch: Watch, agreement: str
) -> None:
    page = list_on_phone(open_page, service_workers="allow")
    offline_ready(page)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".villages .item").first).to_be_visible()
    expect(page.locator(".visits")).to_contain_text("Tanpa jaringan")
    good = record(page, 1, 'penyuluhan "di balai desa", 35 orang')
    record(page, 2, "bertemu sdri. Fulana, fulana@example.org", number="NIK 5302 0141 0790 0001")
    expect(page.locator(".visits summary")).to_have_text("2 kunjungan belum dikirim")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate(SMALL) == []
    shoot(page, "field-waiting-id-360")
    page.reload()
    expect(page.locator(".visits summary")).to_have_text("2 kunjungan belum dikirim")
    assert sent(service) == []

    page.context.set_offline(False)
    expect(page.locator(".visits .error")).to_contain_text("nama, nomor", timeout=SEND_MS)
    assert waiting(page) == 1
    rows = sent(service)
    assert [row[0] for row in rows] == [good]
    assert "balai desa" in ",".join(rows[0])
    last_month = datetime.now(UTC).astimezone().date().replace(day=1) - timedelta(days=1)
    assert rows[0][2:5] == [f"{last_month:%Y}", f"{last_month:%Y-%m}", "35"]
    shoot(page, "field-refused-id-360")
    contents = b"".join(p.read_bytes() for p in service.home.imports.rglob("*") if p.is_file())
    assert b"fulana@example.org" not in contents

    page.click(".visits .cards button >> nth=0")
    page.fill("#v-note", "penyuluhan, 12 orang")
    page.click(".villages form [type=submit]")
    expect(page.locator(".visits .cards")).to_have_count(0, timeout=SEND_MS)
    expect(page.locator(".visits")).to_contain_text("1 kunjungan terkirim")
    assert len(sent(service)) == 2
    watch.expect_error("ERR_INTERNET_DISCONNECTED")
    watch.expect_error("400")


def test_a_lost_answer_and_two_tabs_send_a_visit_once(
    open_page: OpenPage, service: Service, watch: Watch, agreement: str
) -> None:
    page = list_on_phone(open_page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".villages .item").first).to_be_visible()
    # The service has done it, and the answer is lost.
    confirms: list[int] = []

    def lose_first(route: Any) -> None:
        answer = route.fetch()
        confirms.append(answer.status)
        if len(confirms) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.context.route("**/confirm?*", lose_first)
    code = record(page, 0, "penyuluhan")
    expect(page.locator("#v-send")).to_be_enabled()
    while not confirms:
        page.wait_for_timeout(100)
    expect(page.locator("#v-send")).to_be_enabled()
    assert len(sent(service)) == len(confirms) == 1
    for tab in (page, other):
        tab.evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_function("() => !document.querySelector('.visits .cards')", timeout=SEND_MS)
    other.wait_for_function("() => !document.querySelector('#v-send')", timeout=SEND_MS)
    assert [row[0] for row in sent(service)] == [code]
    assert confirms == [200, 200], "one tab sent it again, the other left it alone"
    watch.expect_error("ERR_FAILED")


def test_a_service_that_starts_again_gets_each_visit_once(
    browser: Browser, built_home: Home, tmp_path: Path
) -> None:
    """Where its sessions are gone too, the page asks for a sign-in, and keeps the visits."""
    left = shutil.ignore_patterns("audit.key", "register.sqlite*")
    home = Home.resolve(shutil.copytree(built_home, tmp_path / "home", ignore=left))
    register = register_of(Settings(home=home.root))
    made = {new.account.desk: new for new in create_demo_accounts(register)}
    register.close()
    registered(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    service = Service(f"http://127.0.0.1:{port}", {}, home)
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="id-ID", service_workers="allow"
    )
    page = context.new_page()
    page.clock.install()

    def sign_in() -> None:
        page.fill("#sign-in-name", made["ngo"].account.name)
        page.fill("#sign-in-password", made["ngo"].password)
        page.click("#sign-in button[type=submit]")

    def minute_later() -> None:
        page.clock.fast_forward(61_000)

    said = page.locator(".visits")
    codes = []
    with started(home, PETAJAGA_PORT=port):
        page.goto(f"{service.url}/#lang=id")
        page.click("#sign")
        sign_in()
        expect(page.locator(".villages .item").first).to_be_visible()
    codes.append(record(page, 0, "penyuluhan"))
    expect(page.locator("#map-toggle")).to_be_visible()
    expect(said).to_contain_text("Tanpa jaringan")
    minute_later()
    expect(page.locator("#v-send")).to_be_enabled()
    assert waiting(page) == 1

    with started(home, PETAJAGA_PORT=port):
        minute_later()
        expect(said).to_contain_text("1 kunjungan terkirim", timeout=SEND_MS)
        assert [row[0] for row in sent(service)] == codes
    codes.append(record(page, 1, "penyuluhan"))
    expect(said).to_contain_text("Tanpa jaringan")

    with started(home, PETAJAGA_PORT=port, PETAJAGA_SECRET="a" * 64):
        minute_later()
        expect(page.locator("#sign-in-ended")).to_be_visible()
        assert len(sent(service)) == waiting(page) == 1
        sign_in()
        expect(said).to_contain_text("1 kunjungan terkirim", timeout=SEND_MS)
        assert sorted(row[0] for row in sent(service)) == sorted(codes)
    codes.append(record(page, 2, "penyuluhan"))
    expect(said).to_contain_text("Tanpa jaringan")

    with started(home, PETAJAGA_PORT=port, PETAJAGA_SECRET="b" * 64):
        page.reload()
        expect(page.locator("#sign-in-error")).to_contain_text("1 kunjungan di perangkat ini")
        shoot(page, "field-sign-in-id-360")
        sign_in()
        expect(said).to_contain_text("1 kunjungan terkirim", timeout=SEND_MS)
        assert sorted(row[0] for row in sent(service)) == sorted(codes)
        page.reload()
        expect(page.locator(".villages .item").first).to_be_visible()
        assert waiting(page) == 0
    context.close()


def test_a_desk_keeps_nothing_once_its_session_is_over(
    open_page: OpenPage, service: Service, watch: Watch
) -> None:
    page = open_page("#lang=id", service_workers="allow", **PHONE)
    name, password = service.accounts["ngo"]
    page.click("#sign")
    page.fill("#sign-in-name", name)
    page.fill("#sign-in-password", password)
    page.click("#sign-in button[type=submit]")
    expect(page.locator(".villages .item").first).to_be_visible()
    offline_ready(page)
    assert "/v1/session" in kept(page)
    page.context.set_offline(True)
    record(page, 0, "penyuluhan")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.click("#sign")
    while not asked:
        page.wait_for_timeout(50)
    expect(page.locator("#sign")).to_have_text("Keluar")
    assert "1 kunjungan belum dikirim" in asked[0]
    page.click(".visits summary")
    page.once("dialog", lambda question: question.accept())
    page.click(".visits .cards button >> nth=1")
    expect(page.locator(".visits .cards")).to_have_count(0)
    page.context.set_offline(False)
    page.click("#sign")
    expect(page.locator("#sign")).to_have_text("Masuk")
    page.wait_for_function(
        "async () => (await caches.keys()).every((n) => n.startsWith('petajaga-shell'))"
    )
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#banner")).to_be_visible()
    assert page.locator(".villages").count() == 0
    watch.expect_error("ERR_INTERNET_DISCONNECTED")
    watch.expect_error("ERR_FAILED")


def test_what_is_kept_ends_with_the_session_without_a_network_too(
    open_page: OpenPage, watch: Watch
) -> None:
    page = list_on_phone(open_page, service_workers="allow")
    offline_ready(page)
    page.evaluate(
        """async () => {
          const name = (await caches.keys()).find((one) => one.startsWith('petajaga-desk'));
          const [kind, path, , account] = name.split(' ');
          const past = [kind, path, '2026-01-01T00:00:00+00:00', account];
          const over = await caches.open(past.join(' '));
          const from = await caches.open(name);
          for (const one of await from.keys()) await over.put(one, await from.match(one));
          await caches.delete(name);
        }"""
    )
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#banner")).to_be_visible()
    assert kept(page) == []
    watch.expect_error("ERR_INTERNET_DISCONNECTED")
    watch.expect_error("ERR_FAILED")


def test_what_cannot_be_sent_or_shown_is_said_before_one_writes(
    open_page: OpenPage, watch: Watch
) -> None:
    page = list_on_phone(open_page)
    none = '{"agreements": []}'
    page.route(
        "**/v1/imports/agreements",
        lambda route: route.fulfill(body=none, content_type="application/json"),
    )
    page.reload()
    expect(page.locator(".visits")).to_contain_text("Belum ada perjanjian data")

    page = list_on_phone(open_page, service_workers="allow")
    offline_ready(page)
    page.fill("#v-find", "desa yang tidak ada")
    page.context.set_offline(True)
    page.select_option("#v-regency", index=4)
    expect(page.locator(".villages")).to_contain_text("belum ada di perangkat ini")
    expect(page.locator("#v-find")).to_have_value("")
    assert page.locator(".problem").count() == 0
    page.select_option("#v-regency", index=0)
    expect(page.locator(".villages .item").first).to_be_visible()
    watch.expect_error("ERR_INTERNET_DISCONNECTED")
    watch.expect_error("ERR_FAILED")


def test_nothing_of_the_police_is_kept(open_page: OpenPage) -> None:
    page = open_page("#tab=work", desk="police", service_workers="allow", with_map=False)
    settled(page)
    page.wait_for_timeout(500)
    assert page.evaluate("() => caches.keys()") == []
    workers = page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length")
    assert workers == 0


def test_the_pack_of_a_regency_at_a_button(open_page: OpenPage) -> None:
    page = list_on_phone(open_page)
    with page.expect_download() as waited:
        page.locator("#pane-work a[href*='v1/packs/']").click()
    text = waited.value.path().read_text("utf-8")
    assert re.fullmatch(r"petajaga-53\.\d\d\.html", waited.value.suggested_filename)
    assert "TERBATAS" in text
    assert len(text.encode()) <= 1_000_000


def test_a_plan_within_a_district_needs_no_map(open_page: OpenPage) -> None:
    page = list_on_phone(open_page)
    page.click("[data-room=outreach]")
    page.fill("#o-within", "Amarasi Barat")
    option = page.locator("#o-within-list [role=option]").first
    expect(option).to_contain_text("Kabupaten Kupang")
    option.click()
    expect(page.locator(".places .chips").first).to_contain_text("Amarasi Barat")
    assert page.evaluate("() => window.maplibregl === undefined")
    assert page.evaluate(SMALL) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    shoot(page, "field-outreach-id-360")


def test_what_a_desk_plans_goes_with_the_sign_out(
    open_page: OpenPage, service: Service, watch: Watch
) -> None:
    # A sign-in of its own: signing out ends that of every page that shares it.
    page = open_page("#lang=id", **PHONE)
    sign_in(page, service, "ngo", watch)
    expect(page.locator(".villages .item").first).to_be_visible()
    page.click("#sign")
    expect(page.locator("#sign")).to_have_text("Masuk")
    expect(page.locator(".villages")).to_have_count(0)
    page.click("#tab-work")
    expect(page.locator("#planning-sign")).to_be_visible()


def test_help_in_sikka_at_two_taps_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("#lang=id", **PHONE)
    expect(page.locator("#pane-guide a[href='tel:129']")).to_be_in_viewport()
    expect(page.locator("#tab-guide")).to_have_attribute("aria-selected", "true")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate(SMALL) == []
    shoot(page, "field-public-id-360")
    page.fill("#search", "sikka")
    page.locator("#search-list [role=option]", has_text="Kabupaten Sikka").click()
    expect(page.locator("#detail h2")).to_have_text("Kabupaten Sikka")
    expect(page.locator("#detail a[href='tel:129']")).to_be_in_viewport()
    assert Axe().run(page).response["violations"] == []
    shoot(page, "field-help-id-360")


def test_a_plan_made_with_the_map_closed_is_where_the_map_opens(open_page: OpenPage) -> None:
    page = open_page("#lang=id&tab=work&work=outreach", desk="ngo", **PHONE)
    plan(page, "Kabupaten Malaka", o_villages="3", o_radius_km="8")
    page.evaluate("scrollTo(0, 0)")
    page.click("#map-toggle")
    settled(page)
    found = re.search(r"at=([-\d.]+),([-\d.]+),([\d.]+)", page.url)
    assert found
    lat, lng, zoom = map(float, found.groups())
    assert abs(lat + 9.55) < 0.4, page.url
    assert abs(lng - 124.9) < 0.4, page.url
    assert zoom > 6.5, page.url
