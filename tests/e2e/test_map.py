"""The public page: drawn, in two languages, by mouse and keyboard, on paper, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, groupby

import pytest
from playwright.sync_api import Page, Route, expect

from layers.palette import CORRIDOR_COLOURS
from layers.release.counts import PUBLISHED_MEASURES
from layers.schema import class_text
from tests.e2e.pages import Service, Watch, go, palette, pixels, rgb, script, settled, shares, shoot

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]


COLOURS = palette()


def test_the_base_map_is_drawn(shared_page: OpenPage) -> None:
    page = shared_page("layers=")
    bare = pixels(page, COLOURS["sea"], COLOURS["land"], COLOURS["neighbour"])
    sea, land, neighbour = bare["shares"]
    assert sea > 0.15, bare
    assert land > 0.05, bare
    assert neighbour > 0.01, bare
    assert bare["distinct"] > 50, bare
    shoot(page, "base-id")
    covered = pixels(shared_page(), COLOURS["land"])
    assert covered["distinct"] > bare["distinct"]
    assert covered["shares"][0] < land, "the areas do not cover the land"
    # The coast is a line of a pixel or so, blended with what lies on both its sides.
    coast = [*rgb(COLOURS["coast"]), 60]
    assert shares(shared_page("at=-8.4,123.3,8&layers="), coast)[0] > 0.001


@pytest.mark.parametrize(
    ("place", "colour"),
    [
        ("-5.6,127.2,7", "sea"),  # Banda Sea
        ("-0.9,113.6,7", "land"),  # inner Kalimantan
        ("5.2,116.9,8", "neighbour"),  # inner Sabah
    ],
)
def test_land_sea_and_neighbours_are_where_they_belong(
    shared_page: OpenPage, place: str, colour: str
) -> None:
    centre = pixels(shared_page(f"at={place}&layers="))["centre"]
    off = sum(abs(a - b) for a, b in zip(centre, rgb(COLOURS[colour]), strict=True))
    assert off <= 12, (place, colour, centre)


JUMPS = """() => {
  const before = location.hash;
  document.getElementById('zoom-in').click();
  return location.hash !== before;
}"""
"""Whether zooming is done at once, without frames in between."""


def test_reduced_motion_jumps(shared_page: OpenPage) -> None:
    page = shared_page()
    assert page.evaluate(JUMPS), "the camera still travels"
    page.emulate_media(reduced_motion="no-preference")
    assert not page.evaluate(JUMPS), "the camera should travel"
    page.emulate_media(reduced_motion="reduce")


def test_languages_have_plurals_and_their_numbers(shared_page: OpenPage) -> None:
    page = shared_page()
    text = """async ([key, values]) => (await import('/static/i18n/i18n.js')).t(key, values)"""
    number = """async () => {
      const i18n = await import('/static/i18n/i18n.js');
      return [i18n.decimals(1234.5, 1), i18n.percent(0.25), i18n.label('kind', 'border_post')];
    }"""
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("#tab-corridors")).to_have_text("Koridor")
    assert page.evaluate(text, ["web.search_count", {"count": 1}]) == "1 tempat ditemukan."
    assert page.evaluate(number) == ["1.234,5", "25%", "pos lintas batas negara"]
    page.click("[data-lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#tab-corridors")).to_have_text("Corridors")
    expect(page.locator("#sign")).to_have_text("Sign in")
    assert "map" in (page.locator("#map canvas").get_attribute("aria-label") or "").lower()
    assert "lang=en" in page.url
    assert page.evaluate(text, ["web.search_count", {"count": 1}]) == "1 place has that name."
    assert page.evaluate(text, ["web.search_count", {"count": 2}]) == "2 places have that name."
    assert page.evaluate(number) == ["1,234.5", "25%", "land border crossing"]


def test_what_there_is_is_not_written_as_nothing(shared_page: OpenPage) -> None:
    page = shared_page()
    shares = """async () => {
      const { percent, t } = await import('/static/i18n/i18n.js');
      return [percent(0), percent(0.004), percent(0.0004, { digits: 1 }), percent(0.007),
        percent(0, { least: 0.05 }), percent(0.05, { least: 0.05 }),
        t('web.own_data', { share: 0.004 })];
    }"""
    *written, sentence = page.evaluate(shares)
    assert written == ["0%", "< 1%", "< 0,1%", "< 1%", "< 5%", "5%"]
    assert "wilayah ini sendiri: kurang dari 1% skor" in sentence


def test_a_further_language_is_one_more_button(open_page: OpenPage) -> None:
    page = open_page(with_map=False)

    def with_tetum(route: Route) -> None:
        answer = route.fetch(url=route.request.url.replace("tet.json", "en.json")).json()
        answer["languages"]["tet"] = "Tetun"
        if "tet.json" in route.request.url:
            answer["messages"]["layer.areas.title"] = "Rai"
        route.fulfill(json=answer)

    page.context.route("**/static/i18n/*.json", with_tetum)
    page.reload()
    page.click("[data-lang=tet]")
    expect(page.locator("html")).to_have_attribute("lang", "tet")
    expect(page.locator("#tab-areas")).to_have_text("Rai")
    expect(page.locator("#tab-corridors")).to_have_text("Corridors")


def test_the_address_restores_what_was_seen(open_page: OpenPage, shared_page: OpenPage) -> None:
    page = shared_page()
    page.click("[data-lang=en]")
    page.click("#tab-areas")
    page.locator("#pane-areas .item").first.click()
    settled(page)
    title = page.locator("#detail h2").inner_text()
    hash_ = "#" + page.url.split("#", 1)[1]
    again = open_page(hash_)
    expect(again.locator("html")).to_have_attribute("lang", "en")
    expect(again.locator("#detail h2")).to_have_text(title)
    assert "#" + again.url.split("#", 1)[1] == hash_


def test_nonsense_in_the_address_is_ignored(open_page: OpenPage) -> None:
    page = open_page("#at=9999,x,3&lang=xx&tab=none&layers=DROP,areas&sel=corridor:nothing&top=7")
    expect(page.locator("#detail")).to_contain_text("Tidak ada di data publik")
    page.click("#detail .back")
    expect(page.locator("#browse")).to_be_visible()


def test_keyboard_from_skip_link_to_an_open_area(open_page: OpenPage) -> None:
    page = open_page(with_map=False)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#search")).to_be_focused()
    settled(page)
    page.keyboard.press("Tab")
    expect(page.locator("#tab-corridors")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-areas")).to_be_focused()
    expect(page.locator("#pane-areas")).to_be_visible()
    page.keyboard.press("Tab")  # the choice of province
    page.keyboard.press("Tab")
    focused = page.locator("#pane-areas .item").first
    expect(focused).to_be_focused()
    outline = focused.evaluate("(item) => getComputedStyle(item).outlineStyle")
    assert outline == "solid", "the focus cannot be seen"
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#browse")).to_be_visible()
    expect(focused).to_be_focused()


def test_search_by_keyboard(shared_page: OpenPage) -> None:
    page = shared_page()
    page.focus("#search")
    settled(page)
    page.keyboard.type("labuan b")
    options = page.locator("#search-list [role=option]")
    expect(options.first).to_contain_text("Labuan Bajo")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#search")).to_have_attribute("aria-activedescendant", "hit-0")
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_contain_text("Labuan Bajo")
    page.focus("#search")
    page.fill("#search", "zzzzzz")
    expect(page.locator("#search-list")).to_contain_text("Tidak ada tempat")


def test_villages_are_found_also_by_an_old_spelling(shared_page: OpenPage) -> None:
    page = shared_page(desk="planner")
    page.focus("#search")
    settled(page)
    options = page.locator("#search-list [role=option]")
    page.fill("#search", "Koenheum")
    expect(options).to_contain_text(["Kuanheum", "Kuanheun"])
    page.fill("#search", "Oebelo")
    expect(options).to_contain_text(["Kabupaten Kupang", "Kabupaten Timor Tengah Selatan"])
    page.fill("#search", "Penfui Timur")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("Ini kelas kabupaten/kotanya")


def test_names_headings_and_contrast(shared_page: OpenPage) -> None:
    page = shared_page()
    assert page.evaluate(script("nameless")) == []
    assert page.locator("h1").count() == 1
    ids = page.locator("[id]").evaluate_all("(all) => all.map((element) => element.id)")
    assert len(ids) == len(set(ids))
    assert page.evaluate(script("contrast")) == []
    page.click("#tab-areas")
    page.locator("#pane-areas .item").first.click()
    assert page.evaluate(script("contrast")) == []


def test_small_screen_has_no_overflow(open_page: OpenPage) -> None:
    page = open_page("#tab=corridors", width=360, height=740, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility()
          && !e.closest('#map, .hidden, .skip, .progress')
          && e.getBoundingClientRect().right > 361).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    shoot(page, "small-id")
    page.locator("#pane-corridors .item").first.click()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shoot(page, "small-corridor-id")
    page.click("#detail .back")
    page.fill("#search", "Malaka")
    option = page.locator("#search-list [role=option]").first
    expect(option).to_be_visible()
    page.evaluate(
        """() => { window.clicked = []; addEventListener('click', ({ target }) =>
          clicked.push(target.closest('[role=option]') ? 'option' : target.outerHTML), true); }"""
    )
    option.tap()
    expect(page.locator("#detail h2").first).to_have_text("Kabupaten Malaka")
    page.wait_for_timeout(500)  # a click that falls through the list comes after it
    assert page.evaluate("window.clicked") == ["option"], (
        "the touch pressed what stood under the list"
    )
    go(page, "#tab=time&time=deaths_abroad.unknown.person:2019:53&from=2016")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_paper(shared_page: OpenPage) -> None:
    page = shared_page()
    page.emulate_media(media="print")
    expect(page.locator("#sign")).to_be_hidden()
    expect(page.locator("#legend-body")).to_be_visible()
    expect(page.locator("#about .release")).to_be_visible()
    edition = page.locator("#about .edition")
    expect(edition).to_contain_text(re.compile(r"^Edisi \d+, \d+ \w+ 20\d\d"))
    expect(edition).to_contain_text("Rancangan: belum disetujui untuk pihak lain")
    expect(page.locator("#about .printed")).to_contain_text("Publik")
    settled(page)
    shoot(page, "print-id")
    assert len(page.pdf(prefer_css_page_size=True, print_background=True)) > 20_000
    page.emulate_media(media="screen")


def test_a_service_that_fails_is_said_in_words(open_page: OpenPage, watch: Watch) -> None:
    page = open_page("#lang=en", with_map=False)
    page.context.route("**/v1/session", lambda route: route.abort())
    page.reload()
    banner = page.locator("#banner")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("cannot be reached")
    page.click("[data-lang=id]")
    expect(banner).to_contain_text("tidak dapat dihubungi")
    shoot(page, "unreachable-id")
    page.context.unroute("**/v1/session")
    page.click("#banner-retry")
    settled(page)
    expect(banner).to_be_hidden()
    expect(page.locator("#pane-corridors .item").first).to_be_visible()
    watch.expect_error("ERR_FAILED")


def test_a_browser_without_the_newest_signals_loads_all(open_page: OpenPage) -> None:
    missing = "AbortSignal.any = undefined; AbortSignal.timeout = undefined"
    page = open_page(script=missing, with_map=False)
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator("#pane-corridors .item").first).to_be_visible()


def test_a_fault_of_the_page_is_no_fault_of_the_network(open_page: OpenPage, watch: Watch) -> None:
    broken = "FormData = undefined"
    page = open_page("#lang=en", script=broken, with_map=False, wait=False)
    banner = page.locator("#banner")
    expect(banner).to_contain_text("Halaman ini bermasalah", use_inner_text=True)  # no texts yet
    expect(banner).not_to_contain_text("tidak dapat dihubungi", use_inner_text=True)
    watch.expect_error("instanceof")


def test_without_webgl_the_lists_still_work(open_page: OpenPage, watch: Watch) -> None:
    page = open_page(script=script("no_webgl"))
    expect(page.locator("html")).to_have_attribute("data-map", "missing")
    expect(page.locator("#no-map")).to_be_visible()
    page.locator("#pane-corridors .item").first.click()
    expect(page.locator("#detail h2")).to_be_visible()
    watch.expect_error("WebGL")


def test_the_coast_stands_before_the_map_where_the_map_will(
    open_page: OpenPage, shared_page: OpenPage
) -> None:
    page = shared_page("layers=")
    page.click("#home")
    settled(page)
    expect(page.locator(".sketch")).to_have_count(0)
    drawn = shares(page, COLOURS["land"])[0]
    mapless = open_page("#layers=", with_map=False)
    expect(mapless.locator(".sketch")).to_be_visible()
    sketched = pixels(mapless, COLOURS["land"], of=".sketch")["shares"][0]
    assert abs(sketched - drawn) < 0.02, (sketched, drawn)
    expect(mapless.locator("#no-map")).to_be_visible()
    shoot(mapless, "no-map-id")


@pytest.mark.parametrize("desk", [None, "police"])
def test_corridors_are_in_the_order_of_the_service(shared_page: OpenPage, desk: str | None) -> None:
    page = shared_page(desk=desk)
    shown = page.locator("#pane-corridors .item-name").all_inner_texts()
    served = page.evaluate(
        "(count) => fetch(`v1/corridors?limit=${count}`).then((answer) => answer.json())",
        len(shown),
    )["corridors"]
    # Where there is a class alone, all of the class of the twentieth.
    assert len(shown) == 20 if desk else len(shown) > 20
    names = [
        " – ".join(name for name, _ in groupby(point["name"] for point in row["waypoints"]))
        if desk
        else f"{row['origin_name']} → {row['destination_name']}"
        for row in served
    ]
    assert shown == names
    badges = page.locator("#pane-corridors .badge").all_inner_texts()
    assert badges == [class_text(row["class"], None, "id") for row in served]


def test_everybody_may_read_what_trafficking_is_and_whom_to_call(open_page: OpenPage) -> None:
    page = open_page("#lang=id&tab=guide", width=360, height=740)
    pane = page.locator("#pane-guide")
    expect(pane).to_contain_text("Kunjungan keluarga")
    expect(pane).to_contain_text("Pekerjaan di kebun sawit")
    expect(pane.locator("a[href='tel:129']")).to_be_visible()
    shoot(page, "guide-id-360")
    go(page, "#lang=en&tab=guide")
    expect(pane).to_contain_text("Family visit")


def test_counts_by_year_on_the_map_and_in_words(open_page: OpenPage) -> None:
    series = "interceptions.nonprocedural.person"
    page = open_page(f"#lang=id&at=-9.3,121.5,5.6&tab=time&time={series}:2018")
    pane = page.locator("#pane-time")
    expect(pane.locator("output")).to_have_text("2018")
    ntt = pane.locator(".item[data-key='53']")
    expect(ntt).to_contain_text("1.379")
    row = pane.locator("li").filter(has=page.locator(".item[data-key='53']"))
    expect(row.locator("svg")).to_have_attribute(
        "aria-label", re.compile("2016: 529.*2018: 1.379.*2020: tidak ada catatan")
    )
    numbers = row.locator("text.value").all_text_contents()
    assert {"529", "893", "1.379", "684"} <= set(numbers), "a bar beside a taller one has none"
    # Whether or not there is room above it, each bar says its number.
    assert row.locator("rect.count").count() == row.locator("rect.count title").count()
    boxes = row.locator("text.value").evaluate_all(
        """texts => texts.map((text) => {
          const { left, right, bottom } = text.getBoundingClientRect();
          return { left, right, top: bottom - 9, bottom: bottom - 2 }; // of the digits alone
        })"""
    )
    for a, b in combinations(boxes, 2):
        beside = a["right"] <= b["left"] or b["right"] <= a["left"]
        assert beside or a["bottom"] <= b["top"] or b["bottom"] <= a["top"], (a, b)
    settled(page)
    shoot(page, "time-id")
    page.focus("#time-year")
    page.keyboard.press("ArrowLeft")
    expect(pane.locator("output")).to_have_text("2017")
    expect(page.locator("#time-year")).to_be_focused()
    expect(ntt).to_contain_text("893")
    assert f"time={series}:2017" in page.url
    page.click("#tab-areas")
    expect(page.locator("#pane-areas")).to_be_visible()


def test_counts_of_a_province_as_rates(open_page: OpenPage, service: Service) -> None:
    series = "deaths_abroad.unknown.person"
    page = open_page(f"#lang=id&at=-9.3,121.5,5.6&tab=time&time={series}:2024")
    pane, legend = page.locator("#pane-time"), page.locator("#legend-body")
    page.select_option("#time-province", "53")
    expect(page.locator("#time-province")).to_be_focused()
    codes = pane.locator(".item").evaluate_all("items => items.map((item) => item.dataset.key)")
    assert "53.21" in codes
    assert all(code.startswith("53") for code in codes)
    page.select_option("#time-measure", "rate")
    assert page.url.endswith(f"time={series}:2024:53:rate")
    expect(legend).to_contain_text("per 100.000 penduduk")
    address = f"{service.url}/v1/counts?within=53.21&year=2024&measure=deaths_abroad"
    (row,) = page.request.get(address).json()["counts"]
    rate = f"{row['per_100k']['mean']:.1f}".replace(".", ",")
    malaka = pane.locator(".item[data-key='53.21']")
    expect(malaka).to_contain_text(f"{rate} per 100.000 penduduk tahun {row['population_year']}")
    expect(malaka).to_contain_text(f"({row['value']} tercatat)")
    expect(pane.locator(".item").first).to_contain_text("Malaka")
    page.reload()
    settled(page)
    expect(page.locator("#time-measure")).to_have_value("rate")
    expect(page.locator("#time-province")).to_have_value("53")
    page.fill("#time-until", "2019")  # of nine months: a number, and no rate
    page.keyboard.press("Enter")
    expect(pane.locator(".item[data-key='53.08']")).to_contain_text("bukan setahun penuh")


def test_a_part_of_a_year_is_told_from_a_whole_one(open_page: OpenPage, service: Service) -> None:
    page = open_page(with_map=False)
    rows = page.request.get(f"{service.url}/ogc/collections/counts/items?f=json&limit=10000").json()
    counts = [feature["properties"] for feature in rows["features"]]
    died = next(c for c in counts if c["id"].startswith("53.08-2019-deaths"))
    assert died["period"] == "2019-01/2019-09"
    series = ".".join(died[name] for name in ("measure", "legal_class", "unit"))
    go(page, f"#lang=id&at=-9.3,121.5,5.6&tab=time&time={series}:2019")
    row = page.locator("#pane-time li").filter(has=page.locator(".item[data-key='53.08']"))
    expect(row).to_contain_text("sebagian tahun: Jan–Sep")
    titles = row.locator("rect.part title").all_text_contents()
    assert f"2019: {died['value']} (sebagian tahun: Jan–Sep)" in titles
    expect(row.locator("svg")).to_have_attribute("aria-label", re.compile(r"2019: \d+ \(sebagian"))


def test_a_province_chosen_in_a_list_is_shown_on_the_map(open_page: OpenPage) -> None:
    page = open_page("#lang=id&at=-2,118,3.6&tab=areas")

    def centre() -> list[float]:
        return [float(n) for n in re.findall(r"at=(-?[\d.]+),(-?[\d.]+),", page.url)[0]]

    page.select_option("#area-province", "53")
    page.wait_for_function("!location.hash.includes('at=-2,118,3.6')")
    lat, lon = centre()
    assert -11.5 < lat < -7.5
    assert 118 < lon < 126


def test_years_are_added_up_and_every_series_is_a_chart(open_page: OpenPage) -> None:
    series = "interceptions.nonprocedural.person"
    page = open_page("#lang=id&at=-9.3,121.5,5.6&tab=time")
    pane, legend = page.locator("#pane-time"), page.locator("#legend-body")
    charts = pane.locator("#time-series li")
    assert charts.count() > 5
    assert charts.locator("svg").count() == charts.count()
    pane.locator(f"[data-key='{series}']").click()
    expect(charts.first).to_be_hidden()
    expect(page.locator("#time-chosen")).to_be_focused()
    page.fill("#time-from", "2017")
    page.fill("#time-until", "2018")
    page.keyboard.press("Enter")
    ntt = pane.locator(".item[data-key='53']")
    expect(ntt).to_contain_text("2.272")  # 893 and 1,379
    assert f"time={series}:2017-2018" in page.url
    expect(legend).to_contain_text("2017–2018")
    expect(legend).to_contain_text("memuat angka bagian-bagiannya")
    settled(page)
    violet = rgb(CORRIDOR_COLOURS["medium"])
    assert shares(page, [*violet, 30])[0] > 0
    page.focus("#time-year")
    page.keyboard.press("Home")
    first = int(page.input_value("#time-from"))
    assert page.input_value("#time-until") == str(first + 1), "the years move together"
    page.keyboard.press("End")
    last = int(page.get_attribute("#time-until", "max") or 0)
    expect(pane.locator("output")).to_have_text(f"{last - 1}–{last}")
    # The area opened from the list is among the counts; another place has the map of its own.
    ntt.click()
    expect(legend).to_contain_text(f"{last - 1}–{last}")
    page.fill("#search", "tenau")
    page.locator("#search-list [role=option]").first.click()
    expect(page.locator("#detail h2")).to_contain_text("Tenau")
    expect(legend).not_to_contain_text("memuat angka bagian-bagiannya")
    expect(page.locator("#search")).to_have_value("")


def test_what_is_on_record_of_some_years_stands_in_one_sentence(open_page: OpenPage) -> None:
    series = "interceptions.nonprocedural.person"
    page = open_page(f"#lang=id&tab=time&time={series}:2016-2019:53", with_map=False)
    record = page.locator("#time-record")
    expect(record).to_contain_text("Nusa Tenggara Timur, 2016–2019:")
    # Of the province's own rows: 529 + 893 + 1379 + 684, some of them of a part of the year.
    expect(record).to_contain_text("sedikitnya 3.485 orang (2016–2019)")
    # 62 + 105 + 110.
    expect(record).to_contain_text("luar negeri: sedikitnya 277 orang (2017–2019)")
    expect(record).to_contain_text("Tidak ada catatan: deportasi")
    expect(record).to_contain_text("Sumber: Jurnal HAM")
    # Cases and victims are of unlike sources: year by year as they were published, with no sum.
    expect(record).to_contain_text("Kasus TPPO: 400 (2016), 137 (2017), 25 (2018, Jan–Jul);")
    expect(record).to_contain_text("Korban TPPO: 36 (2017), 37 (2018, Jan–Jul);")
    expect(record).not_to_contain_text("562")


def test_the_series_that_is_chosen_is_always_in_the_sentence(open_page: OpenPage) -> None:
    refused = "passports_refused.nonprocedural.case"
    page = open_page(f"#lang=en&tab=time&time={refused}:2017:53", with_map=False)
    record = page.locator("#time-record p").first
    expect(record).to_contain_text("3 (Kabupaten Belu, 2017, Jan–Apr)")
    go(page, f"#lang=en&tab=time&time={refused}:2018:53")
    expect(record).to_contain_text(re.compile("No record: Passport applications refused"))


def test_a_national_figure_says_of_how_many_provinces_it_is(open_page: OpenPage) -> None:
    page = open_page("#lang=id&tab=time&time=deaths_abroad.unknown.person:2025", with_map=False)
    record = page.locator("#time-record p").first
    expect(record).to_contain_text(
        "PMI meninggal di luar negeri: sedikitnya 127 orang"
        " (2025; tercatat hanya di Nusa Tenggara Timur)"
    )
    figures = (record.text_content() or "").split("Tidak ada catatan")[0]
    # Each figure: "sedikitnya", and where.
    assert figures.count("sedikitnya") == figures.count("tercatat") == figures.count(":") - 1
    go(page, "#lang=en&tab=time&time=tppo_victims.tppo.person:2023")
    expect(record).to_contain_text(
        "Trafficking victims: at least 366 (Kepulauan Riau, 2023), 273 (Jawa Tengah, 2023)"
    )
    expect(record).to_contain_text("on record in 7 provinces")
    expect(record).to_contain_text("44 (Nusa Tenggara Timur, 2023)")  # police reports of cases
    expect(record).not_to_contain_text("1,592")  # victims of seven sources, added up


def test_what_the_page_adds_up_may_be_added_up(open_page: OpenPage, service: Service) -> None:
    page = open_page(with_map=False)
    rows = page.request.get(f"{service.url}/ogc/collections/counts/items?f=json&limit=10000").json()
    summed: dict[str, bool] = {}
    for counts in (feature["properties"] for feature in rows["features"]):
        summed[counts["measure"]] = summed.get(counts["measure"], False) or counts["total"]
    assert summed == {measure: PUBLISHED_MEASURES[measure].additive for measure in summed}


def test_years_asked_for_stay_whichever_series_is_chosen(open_page: OpenPage) -> None:
    stopped, cases, died = (
        "interceptions.nonprocedural.person",
        "tppo_cases.tppo.case",
        "deaths_abroad.unknown.person",
    )
    page = open_page(f"#lang=id&tab=time&time={stopped}:2016-2019:53", with_map=False)
    pane = page.locator("#pane-time")
    for series, without in ((cases, "2019"), (died, "2016")):
        page.click("#time-chosen")
        pane.locator(f"[data-key='{series}']").click()
        expect(page.locator("#time-chosen strong")).not_to_contain_text("penundaan")
        assert f"time={series}:2016-2019:53" in page.url
        assert page.input_value("#time-from") == "2016"
        assert page.input_value("#time-until") == "2019"
        expect(page.locator("#time-body")).to_contain_text(f"Tidak ada catatan: {without}")
        chart = pane.locator("li").filter(has=page.locator(".item[data-key='53']")).locator("svg")
        told = re.compile(f"{without}: tidak ada catatan")
        expect(chart).to_have_attribute("aria-label", told)
    page.fill("#time-until", "2018")
    page.keyboard.press("Enter")
    expect(pane.locator("output")).to_have_text("2016–2018")
    go(page, f"#lang=id&tab=time&time={cases}:2016-2018:53")
    page.fill("#time-until", "2019")  # of which there are no cases
    page.keyboard.press("Enter")
    expect(pane.locator("output")).to_have_text("2016–2019")
    expect(page.locator("#time-until")).to_have_value("2019")
    page.fill("#time-until", "2090")  # of which there is nothing
    page.keyboard.press("Enter")
    expect(page.locator("#time-refused")).to_contain_text("Tahun 2090 tidak dipakai")
    expect(page.locator("#time-until")).to_have_value("2019")
    assert f"time={cases}:2016-2019:53" in page.url
    go(page, f"#lang=en&tab=time&time={cases}:1990-2019:53")
    expect(page.locator("#time-refused")).to_contain_text("Year 1990 is not used")


def test_years_of_unlike_sources_are_not_added_up_in_the_list(open_page: OpenPage) -> None:
    page = open_page("#lang=id&at=-9.3,121.5,5.6&tab=time&time=tppo_cases.tppo.case:2016-2019:53")
    ntt = page.locator("#pane-time .item[data-key='53']")
    expect(ntt).to_contain_text("400 (2016), 137 (2017), 25 (2018, Jan–Jul)")
    expect(ntt).not_to_contain_text("562")
    expect(page.locator("#time-body")).to_contain_text("tidak dijumlahkan")
    expect(page.locator("#legend-body")).to_contain_text("2016–2019, tahun terakhir yang tercatat")
    go(page, "#lang=id&tab=time&time=tppo_victims.tppo.person:2023")
    # No province's victims are a sum of its regencies': the most are not Kabupaten Kupang's two.
    expect(page.locator("#time-body")).to_contain_text("yang tercatat: Kepulauan Riau (366)")


def test_years_that_nobody_chose_are_those_of_the_series(open_page: OpenPage) -> None:
    page = open_page("#lang=id&tab=time", with_map=False)
    page.click("[data-key='tppo_cases.tppo.case']")
    expect(page.locator("#pane-time output")).to_have_text("2018")
    assert page.url.endswith("time=tppo_cases.tppo.case")
    page.fill("#time-from", "2016")
    page.fill("#time-until", "2019")
    page.keyboard.press("Enter")
    expect(page.locator("#pane-time output")).to_have_text("2016–2019")
    page.reload()
    expect(page.locator("#pane-time output")).to_have_text("2016–2019")
    assert page.url.endswith("time=tppo_cases.tppo.case:2016-2019")


def test_rates_are_of_the_last_year_asked_for_and_the_others_stay(open_page: OpenPage) -> None:
    series = "deaths_abroad.unknown.person"
    page = open_page(f"#lang=id&tab=time&time={series}:2022-2024:53", with_map=False)
    page.select_option("#time-measure", "rate")
    expect(page.locator("#time-body")).to_contain_text("hanya untuk satu tahun: 2024")
    assert page.url.endswith(f"time={series}:2022-2024:53:rate")
    page.select_option("#time-measure", "")
    expect(page.locator("#pane-time output")).to_have_text("2022–2024")
