"""Cards of areas, ports and corridors: their numbers, what a tier lacks, comparison, history."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.cli.output import persons
from geo.i18n import text
from tests.e2e.pages import Watch, go, script, settled, shoot

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]


def ask(page: Page, path: str) -> Any:
    return page.evaluate("(path) => fetch(path).then((answer) => answer.json())", path)


def headline(page: Page, card: int = 0) -> str:
    return page.locator("#detail .headline strong").nth(card).inner_text()


def test_numbers_on_the_cards_are_those_of_service_and_command_line(shared_page: OpenPage) -> None:
    """Fifty areas, ports and corridors; tests/api/test_one_answer.py holds the two together."""
    page = shared_page(desk="police")
    areas = ask(page, "/v1/areas?level=regency&limit=1000")["areas"]
    ports = ask(page, "/v1/terminals?limit=1000")["ports"]
    corridors = ask(page, "/v1/corridors?limit=1000")["corridors"]
    chosen = [
        *(("area", row["code"], row["departures"]) for row in areas),
        *(("terminal", row["id"], row["persons_per_year"]) for row in ports),
        *(("corridor", row["id"], row["persons_per_year"]) for row in corridors),
    ]
    known = [item for item in chosen if item[2]]
    assert len(known) > 800
    for kind, id_, expected in random.Random(2007).sample(known, 50):
        # without a view in the address the map would travel to each
        go(page, f"#lang=id&at=-2,118,3.6&layers=&tab=areas&sel={kind}:{quote(id_)}")
        said = {end: persons(expected[end], lang="id") for end in ("mean", "p05", "p95")}
        assert headline(page) == said.pop("mean"), id_
        ends = page.locator("#detail .headline + .scaled + .hint").inner_text()
        assert ends.startswith(text("web.interval_from_to", "id", **said)), (id_, ends)


def test_a_port_says_who_stays_aboard_beyond_its_load(shared_page: OpenPage) -> None:
    """What its load and those who stay aboard are together is enough for the legs that leave it."""
    page = shared_page(desk="police")
    go(page, "#lang=id&at=-2,118,3.6&layers=&tab=areas&sel=terminal:lewoleba")
    said = page.locator("#detail").get_by_text("tetap di kapal")
    expect(said).to_be_visible()
    aboard = int(re.sub(r"\D", "", said.inner_text()))
    answer = ask(page, "/v1/terminals/lewoleba")
    load = answer["terminal"]["load_per_year"]["mean"]
    for way in ("legs", "arrivals"):
        carried = sum(leg["flow_per_year"]["mean"] for leg in answer[way])
        assert carried <= (load + aboard) * 1.05
    for gate, name in (("badau", "Badau"), ("motamasin", "Motamasin"), ("juanda", "Juanda")):
        go(page, f"#lang=id&at=-2,118,3.6&layers=&tab=areas&sel=terminal:{gate}")
        expect(page.locator("#detail h2")).to_contain_text(name)
        expect(page.locator("#detail .headline")).to_be_visible()
        expect(said).to_have_count(0)


def test_numbers_that_are_not_a_places_own_say_whose_they_are(shared_page: OpenPage) -> None:
    page = shared_page(desk="police")
    detail = page.locator("#detail")

    def card(selection: str) -> None:
        go(page, f"#lang=id&at=-2,118,3.6&layers=&tab=areas&sel={selection}")
        expect(detail.locator("h2")).to_be_visible()

    ports = ask(page, "/ogc/collections/ports/items?limit=1000")["features"]
    sharing = {p["properties"]["id"]: p["properties"]["coast_landings"] for p in ports}
    assert sharing["nongsa"] > 10
    assert sharing["tenau"] is None
    card("terminal:nongsa")
    expect(detail).to_contain_text(f"antara {sharing['nongsa']} tempat pendaratan")
    for gate in ("tenau", "el-tari"):
        card(f"terminal:{gate}")
        expect(detail).to_contain_text("Angka untuk seluruh Kota Kupang")
        expect(detail.get_by_text("dibagi rata")).to_have_count(0)
    # a leg to a landing has all who go to its coast, and no ship calls there with people aboard
    card("terminal:bambangan")
    expect(detail).to_contain_text("semua yang menuju pesisir ini")
    expect(detail.get_by_text("tetap di kapal")).to_have_count(0)
    card("terminal:tunon-taka")
    row = detail.locator("tr").filter(has_text="Bambangan")
    expect(row).to_contain_text("ke seluruh pesisir di sana")
    card("terminal:long-midang")
    expect(detail).to_contain_text("Koridor dihitung untuk seluruh Krayan")
    card("area:61.01")
    expect(detail).to_contain_text("Kelasnya bertumpu pada angka seluruh provinsi")
    go(page, "#lang=id&at=-2,118,3.6&layers=&tab=ports")
    page.select_option("#port-province", "21")
    row = page.locator("#pane-ports .item[data-key=nongsa]")
    while row.count() == 0:
        page.locator("#pane-ports .more").click()
    expect(row).to_contain_text("dibagi rata")


def test_an_area_says_why_and_who_helps(shared_page: OpenPage) -> None:
    page = shared_page("tab=areas&sel=area:53.21", desk="planner")
    detail = page.locator("#detail")
    for words in (
        "Mengapa?",
        "Keberangkatan diperkirakan dari jumlah penduduk",
        "110 orang dari sini meninggal di luar negeri (2017–2024",
        "daripada wilayah lain di Nusa Tenggara Timur: balita pendek (stunting) lebih banyak",
        "BP3MI",
        "bukan perkiraan jumlah korban",
    ):
        expect(detail).to_contain_text(words)
    bars = detail.locator("h3:has-text('Mengapa?') ~ table.estimates").first.locator("th")
    said = detail.inner_text().lower()
    places = [said.index(name.lower() + " (") for name in bars.all_inner_texts()]
    assert len(places) > 2
    assert places == sorted(places), "the bars are the reasons of the sentence, in its order"
    expect(detail.locator("a[href='tel:129']")).to_be_visible()
    years = detail.locator(".years svg").first
    expect(years).to_have_attribute("aria-label", re.compile(r"2020: tidak ada catatan"))
    assert page.evaluate(script("contrast")) == []
    assert Axe().run(page, context="#detail").response["violations"] == []
    detail.locator(".links a").first.click()
    expect(detail.locator("h2")).not_to_have_text("Kabupaten Malaka")
    page.go_back()
    expect(detail.locator("h2")).to_have_text("Kabupaten Malaka")


def test_a_chart_numbers_the_bars_that_have_room_for_it(shared_page: OpenPage) -> None:
    """What people ask of Kupang, 2016 to 2019, is read off the chart; no number lies on another."""
    page = shared_page("sel=area:53.71", desk="police")
    charts = page.locator("#detail .years svg")
    expect(charts.first).to_be_visible()
    numbers = charts.first.locator(".value").all_text_contents()
    assert {"529", "838", "938", "75"} <= set(numbers)
    drawn = charts.evaluate_all(
        """(all) => all.map((chart) => [...chart.querySelectorAll('.value')].map((text) => {
          const { left, right, top, bottom } = text.getBoundingClientRect();
          return [left, right, top, bottom];
        }))"""
    )
    assert max(map(len, drawn)) > 5
    for boxes in drawn:
        for one, other in itertools.combinations(boxes, 2):
            beside = one[1] <= other[0] or other[1] <= one[0]
            assert beside or one[3] <= other[2] or other[3] <= one[2], (one, other)


def test_areas_in_the_order_of_persons_a_year(shared_page: OpenPage) -> None:
    page = shared_page("tab=areas", desk="police")

    def amounts() -> list[int]:
        texts = page.locator("#pane-areas .item .amount").all_inner_texts()
        return [
            int(text.split(" ")[0].replace(".", ""))
            for text in texts
            if "," not in text.split(" ")[0]
        ]

    page.select_option("#area-order", "persons")
    expect(page.locator("#area-order")).to_be_focused()
    expect(page.locator("#pane-areas .item .amount").first).to_contain_text("orang per tahun")
    assert amounts() == sorted(amounts(), reverse=True)
    assert len(amounts()) > 10
    page.select_option("#area-order", "rate")
    expect(page.locator("#pane-areas .item .amount").first).to_contain_text("per 100.000")
    expect(shared_page("tab=areas").locator("#area-order")).to_have_count(0)


def test_a_tier_has_no_heading_over_nothing(shared_page: OpenPage) -> None:
    for desk, has_number in ((None, False), ("police", True)):
        page = shared_page("sel=terminal:tunon-taka", desk=desk)
        detail = page.locator("#detail")
        expect(detail).to_contain_text(re.compile("Datang dari|Terhubung dengan"))
        assert (detail.locator(".headline").count() == 1) is has_number
        assert ("Pos yang berjaga" in detail.inner_text()) is has_number
        assert ("Peringkat" in detail.inner_text()) is has_number
        empty = page.evaluate(
            """() => [...document.querySelectorAll('#detail h3')].filter((title) =>
              !title.nextElementSibling || title.nextElementSibling.matches('h3'))
              .map((title) => title.textContent)"""
        )
        assert empty == []


def test_a_card_says_what_it_lacks_and_asks_again(open_page: OpenPage, watch: Watch) -> None:
    page = open_page("#lang=id&tab=areas", desk=None)
    page.route("**/v1/areas/53.04*", lambda route: route.abort())
    go(page, "#lang=id&tab=areas&sel=area:53.04")
    lacks = page.locator("#detail .card .problem")
    expect(lacks).to_contain_text("gagal dimuat")
    expect(page.locator("#detail")).to_contain_text("Belu")
    shoot(page, "card-lacks-id")
    page.unroute("**/v1/areas/53.04*")
    lacks.get_by_role("button", name="Coba lagi").click()
    expect(page.locator("#detail")).to_contain_text("Mengapa?")
    expect(lacks).to_have_count(0)
    watch.expect_error("ERR_FAILED")


def test_two_cards_by_a_link_and_back_undoes_each_step(
    open_page: OpenPage, shared_page: OpenPage
) -> None:
    page = open_page("#lang=id&tab=areas", desk="planner")
    items = page.locator("#pane-areas .item")
    items.nth(0).click()
    first = page.locator("#detail h2").inner_text()
    page.click("#detail .compare")
    expect(page.locator("#pinned")).to_contain_text(first)
    items.nth(1).click()
    expect(page.locator("#detail .card")).to_have_count(2)
    expect(page.locator("#detail")).to_contain_text("Perbandingan")
    page.wait_for_function(
        """() => [...document.querySelectorAll('#detail .card')].every((card) =>
          card.querySelector('tr .interval .worse, tr .interval .better'))"""
    )
    settled(page)
    address = "#" + page.url.split("#", 1)[1]
    scales = page.evaluate(
        """() => [...document.querySelectorAll('#detail .card tr .interval')].flatMap((drawing) => {
          const bar = drawing.querySelector('.worse, .better');
          const said = drawing.closest('tr').cells[2].textContent;
          const effect = Number(said.replace('%', '').replace('−', '-').replace(',', '.'));
          if (!bar || !said.endsWith('%')) return [];
          return [parseFloat(bar.getAttribute('width')) / Math.abs(effect)];
        })"""
    )
    assert len(scales) > 3
    assert max(scales) == pytest.approx(min(scales), rel=0.05), "reasons on two scales"
    names = page.locator("#detail .card h2").all_inner_texts()
    assert names[0] == first != names[1]
    shoot(page, "compare-areas-id")

    again = open_page(address, desk="planner", width=360, height=740, has_touch=True)
    expect(again.locator("#detail .card h2")).to_have_text(names)
    assert "#" + again.url.split("#", 1)[1] == address
    assert again.evaluate("document.documentElement.scrollWidth") <= 360
    ends = again.locator("#detail .card .scaled span:last-child").all_inner_texts()
    assert len(ends) == 2
    assert ends[0] == ends[1], "two axes"
    shoot(again, "compare-areas-id-360")

    page.go_back()
    expect(page.locator("#pinned")).to_be_visible()
    page.go_back()
    expect(page.locator("#detail h2")).to_have_text(first)
    page.go_back()
    expect(page.locator("#detail")).to_be_hidden()
    page.go_forward()
    expect(page.locator("#detail h2")).to_have_text(first)


@pytest.mark.parametrize(
    ("desk", "address"), [("planner", r"^https?://[^/]+/.+"), (None, r"^https://[^/]+/?$")]
)
def test_a_count_leads_to_its_source(open_page: OpenPage, desk: str | None, address: str) -> None:
    """A desk has the page; the public the site alone, for news may name a person."""
    page = open_page("#lang=id&sel=area:53", desk=desk, with_map=False)
    detail = page.locator("#detail")
    expect(detail.locator("h2").first).to_have_text("Nusa Tenggara Timur")
    sources = detail.locator("td a[target=_blank]")
    expect(sources.first).to_be_attached()
    for link in sources.all():
        assert re.match(address, str(link.get_attribute("href")))
        assert link.get_attribute("rel") == "noopener noreferrer"
        assert "/" not in link.inner_text()


def test_a_public_card_says_the_class_and_why_before_three_numbers(open_page: OpenPage) -> None:
    page = open_page("#lang=id&sel=area:53.07", with_map=False)
    detail = page.locator("#detail")
    expect(detail.locator("h2").first).to_have_text("Kabupaten Sikka")
    numbers = detail.locator("a[href^='tel:']:visible")
    expect(numbers).to_have_count(3)
    assert {"129", "08001000"} <= set(numbers.all_inner_texts())
    said = detail.inner_text()
    order = [
        "Kabupaten Sikka",
        "Mungkin tinggi",
        "Mengapa?",
        "Catatan menurut asal dari wilayah ini belum cukup",
        "Siapa yang dihubungi",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    detail.get_by_text("Nomor dan kantor lainnya").click()
    for number in ("110", "148", "08111129129"):
        expect(detail.locator(f"a[href='tel:{number}']")).to_be_visible()
    expect(numbers).to_have_count(9)


def test_ranks_and_priority_areas_name_their_province(open_page: OpenPage) -> None:
    page = open_page("#lang=id&sel=area:53.06", desk="planner", with_map=False)
    expect(page.locator("#detail")).to_contain_text(
        re.compile(r"ke-1 sampai ke-\d+ dari \d+ kabupaten dan kota di Nusa Tenggara Timur")
    )
    expect(page.locator("#detail")).to_contain_text("di antara kabupaten/kota di Nusa Tenggara")
    go(page, "#lang=id&tab=hotspots")
    expect(page.locator("#pane-hotspots h2").first).to_contain_text("Nusa Tenggara Timur · ")
