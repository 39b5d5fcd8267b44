"""Each desk signs in and sees what its tier has, no more: on the map, in lists and panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import Service, Watch, script, settled, shares, shoot, sign_in

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
TIER_NAMES = {
    None: ("Publik", "Public"),
    "ngo": ("Mitra", "Partner"),
    "police": ("Kepolisian", "Police"),
}
# Nothing on a page below the police tier may speak of these.
NOT_BELOW_POLICE = (
    "tidak resmi",
    "unofficial",
    "tikus",
    "orang/tahun",
    "persons/year",
    "pos pemeriksaan",
)


def below_police(page: Page) -> list[str]:
    text = page.locator("body").inner_text().lower()
    return [word for word in NOT_BELOW_POLICE if word in text]


@pytest.mark.parametrize("desk", TIER_NAMES)
def test_desk(shared_page: OpenPage, desk: str | None) -> None:
    page = shared_page(desk=desk)
    name = desk or "public"
    expect(page.locator("#tier")).to_contain_text(TIER_NAMES[desk][0])
    expect(page.locator("#pane-corridors .item").first).to_be_visible()
    shoot(page, f"{name}-id")
    legend = page.locator("#legend-body").inner_text().lower()
    if desk == "police":
        assert "pelabuhan tikus" in legend
        assert "lebar: orang per tahun" in legend
        assert "orang/tahun" in page.locator("body").inner_text().lower()
    else:
        assert "keberangkatan nonprosedural per 100.000 penduduk per tahun" in legend
        assert below_police(page) == []

    page.click("[data-lang=en]")
    expect(page.locator("#tier")).to_contain_text(TIER_NAMES[desk][1])
    page.locator("#pane-corridors .item").first.click()
    detail = page.locator("#detail")
    expect(detail.locator("h2")).not_to_be_empty()
    expect(detail).to_contain_text("enforcement as well as flow")
    expect(detail.locator(".release code")).to_have_text(re.compile("^[0-9a-f]{12}$"))
    if desk == "police":
        expect(detail).to_contain_text("90% interval")
        expect(detail).to_contain_text("Risk score")
        assert detail.locator(".waypoints li").count() >= 2
        bars = detail.locator(".bars")
        assert bars.count() == 3, "components, probabilities of classes and origins"
        assert [bars.nth(k).locator("li").count() for k in range(2)] == [4, 5]
        expect(detail.locator(".badge")).to_have_text(
            re.compile(r"^[a-z ]+ \(chance of this class \d+%\)$")
        )
    else:
        expect(detail).to_contain_text("without a number of persons")
        assert detail.locator(".waypoints").count() == 0
        assert detail.locator(".bars").count() == 0
    settled(page)
    shoot(page, f"{name}-corridor-en")
    page.click("[data-lang=id]")
    page.click("#detail .back")

    page.click("#tab-areas")
    page.locator("#pane-areas .item").first.click()
    expect(detail.locator("h2")).not_to_be_empty()
    if desk is None:
        expect(detail).not_to_contain_text("Skor kerentanan")
    settled(page)
    shoot(page, f"{name}-area-id")


def test_partner_has_classes_and_ranks_of_the_own_province(shared_page: OpenPage) -> None:
    page = shared_page("tab=areas", desk="ngo")
    province = page.evaluate("fetch('/v1/session').then((r) => r.json()).then((s) => s.province)")
    assert province
    page.select_option("#area-province", province)
    page.locator("#pane-areas .item", has_text="Kabupaten Malaka").click()
    expect(page.locator("#detail")).to_contain_text("batas kelas sama untuk seluruh Indonesia")
    expect(page.locator("#detail")).to_contain_text("rentang 90%")
    name = page.locator("#tier").inner_text()
    assert re.search(r"Mitra · \D{3,}", name), f"the chip should name the province: {name}"
    settled(page)
    shoot(page, "partner-own-area-id")


def test_corridors_are_drawn_and_a_click_opens_one(shared_page: OpenPage) -> None:
    page = shared_page("layers=corridors", desk="police")
    spot = page.evaluate(script("corridor_spot"))
    assert spot, "no corridor is drawn"
    page.locator("#map canvas").click(position={"x": spot[0], "y": spot[1]})
    expect(page.locator("#detail .kicker")).to_have_text("Koridor")
    assert "sel=corridor:" in page.url


def test_signing_in_and_out(
    open_page: OpenPage, shared_page: OpenPage, service: Service, watch: Watch
) -> None:
    page = open_page()
    page.click("#sign")
    expect(page.locator("#sign-in-name")).to_be_focused()
    page.fill("#sign-in-name", "nobody-here")
    page.fill("#sign-in-password", "wrong")
    page.click("#sign-in button[type=submit]")
    expect(page.locator("#sign-in-error")).to_contain_text("tidak cocok")
    shoot(page, "sign-in-wrong-id")
    page.keyboard.press("Escape")
    expect(page.locator("#sign-in")).to_be_hidden()
    expect(page.locator("#tier")).to_have_text("Publik")
    watch.expect_error("401")

    sign_in(page, service, "police", watch)
    expect(page.locator("#tier")).to_have_text("Kepolisian")
    page.click("#tab-corridors")
    page.locator("#pane-corridors .item").first.click()
    selection = page.url.split("sel=", 1)[1]
    page.click("#sign")
    page.wait_for_selector("html[data-tier=public]")
    settled(page)
    assert below_police(page) == [], "signing out takes everything back"
    # A shared address of a police selection says to the public only that there is no such thing.
    public = shared_page(f"sel={selection}")
    expect(public.locator("#detail")).to_contain_text("Tidak ada di data publik")


def test_a_shared_room_asks_who_opens_it_signed_out_to_sign_in(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("#lang=id&tab=work&work=outreach")
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("#sign-in-error")).to_contain_text("Masuk untuk membukanya")


def test_settlements_come_with_zoom(shared_page: OpenPage) -> None:
    def dots(zoom: int) -> float:
        with_dots, without = (
            shares(shared_page(f"at=-9.7,124.2,{zoom}&layers={layers}"), "#54606a")[0]
            for layers in ("settlements", "")
        )
        return with_dots - without

    assert abs(dots(5)) < 5e-5
    assert dots(9) > 1e-4


@pytest.mark.parametrize("language", ["id", "en"])
def test_tabs_stand_in_one_row_and_the_legend_leaves_room(
    open_page: Callable[..., Page], language: str
) -> None:
    page = open_page(f"#lang={language}&tab=corridors", desk="police", width=1440, height=900)
    legend, drawn = (page.locator(f"#{name}").bounding_box() for name in ("legend", "map"))
    assert legend is not None
    assert drawn is not None
    assert legend["height"] <= drawn["height"] / 3 + 1
    hidden = "(legend) => legend.scrollHeight - legend.clientHeight"
    assert page.locator("#legend").evaluate(hidden) <= 0, "all of the legend is seen"
    tabs = page.locator("#browse .tabs [role=tab]")
    for width in (1440, 1279, 1040, 768):
        page.set_viewport_size({"width": width, "height": 900})
        tops = tabs.evaluate_all("(all) => all.map((tab) => tab.offsetTop)")
        assert len(tops) == 8
        assert len(set(tops)) <= (1 if width == 1440 else 2), width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_ports_are_listed_the_most_used_first_with_their_posts(
    open_page: Callable[..., Page], service: Service
) -> None:
    page = open_page(desk="police")
    tabs = page.locator("#browse .tabs [role=tab]")
    expect(tabs.first).to_have_text("Pelabuhan")
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    rows = page.locator("#pane-ports .item")

    def answer(layer: str) -> list[dict[str, Any]]:
        items = page.request.get(f"{service.url}/ogc/collections/{layer}/items?f=json&limit=1000")
        return [feature["properties"] for feature in items.json()["features"]]

    ports = sorted(answer("ports"), key=lambda port: int(port["rank"]))
    first = rows.evaluate_all("(all) => all.map((row) => row.dataset.key)")
    assert first == [port["id"] for port in ports[: len(first)]]
    loads = [port["load_mean"] for port in ports]
    assert loads == sorted(loads, reverse=True)
    posts = {post["terminal_id"]: post["name"] for post in answer("posts") if not post["until"]}
    staffed = next(port["id"] for port in ports if port["id"] in posts)
    row = page.locator(f"#pane-ports .item[data-key={staffed}]")
    expect(row).to_contain_text(posts[staffed])
    page.select_option("#port-province", "53")
    kupang = page.locator("#pane-ports .item[data-key=tenau]")
    expect(kupang).to_contain_text("24 jam")
    watched = {row["id"]: row["watched"] for row in answer("terminals") if row.get("watched")}
    larantuka = page.locator("#pane-ports .item[data-key=larantuka]")
    assert "larantuka" not in posts
    assert watched["larantuka"][0]["as_of"] == "2023-06"
    expect(larantuka).to_contain_text("Tidak ada pos tetap tercatat; pernah dijaga Juni 2023")
    for port in posts.keys() & watched.keys():
        row = page.locator(f"#pane-ports .item[data-key={port}]")
        expect(row.get_by_text("pernah dijaga")).to_have_count(0)
    kupang.click()
    expect(page.locator("#detail h2")).to_contain_text("Tenau")

    partner = open_page("#tab=ports", desk="planner")
    expect(partner.locator("#pane-ports .item").first).to_be_visible()
    assert partner.locator("#pane-ports .amount").count() == 0, "a partner has classes of loads"
    assert partner.locator("#pane-ports .item-note").count() == 0
    assert open_page().locator("#tab-ports").count() == 0


def test_where_corridors_have_a_class_alone_a_class_is_shown_whole(
    shared_page: OpenPage, service: Service
) -> None:
    page = shared_page("layers=areas,corridors")
    answer = page.request.get(f"{service.url}/ogc/collections/corridors/items?f=json&limit=1000")
    classes = [feature["properties"]["class"] for feature in answer.json()["features"]]
    high = classes.count("high")
    assert high > 20
    expect(page.locator("#pane-corridors .item")).to_have_count(high)
    chosen = page.locator("#corridor-top option:checked")
    expect(chosen).to_have_text(re.compile(rf"^{high}\b"))


@pytest.mark.parametrize(
    ("language", "word"), [("id", "pos"), ("id", "kunjungan"), ("en", "visit")]
)
def test_whose_work_plans_are_is_said_where_one_looks_without_an_account(
    open_page: Callable[..., Page], language: str, word: str
) -> None:
    page = open_page(f"#lang={language}", with_map=False)
    page.fill("#search", word)
    first = page.locator("#search-list [role=option]").first
    expect(first).to_contain_text({"id": "Gugus Tugas", "en": "task force"}[language])
    first.click()
    pane = page.locator("#pane-work")
    expect(page.locator("#tab-work")).to_have_attribute("aria-selected", "true")
    expect(pane).to_contain_text("Gugus Tugas TPPO")
    assert below_police(page) == []
    pane.locator("button").click()
    expect(page.locator("#sign-in")).to_be_visible()
    page.click("#sign-in-cancel")
    page.fill("#search", "Kabupaten Poso")
    expect(first).to_contain_text("Kabupaten Poso")


def test_partners_read_who_plans_officers_before_the_room(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("#tab=work", desk="ngo", with_map=False, width=360, height=800)
    note = page.locator("#pane-work > .hint").first
    expect(note).to_contain_text("direncanakan di meja kepolisian")
    expect(note).not_to_be_in_viewport()  # the villages come first there
    page.click("[data-room=outreach]")
    expect(note).to_be_in_viewport()
