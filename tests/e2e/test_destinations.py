"""Where corridors and flows lead: named on the map or at its edge; and choosing among them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pyproj import Geod

from tests.e2e.pages import go, settled, shoot

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]

CENTRE = re.compile(r"at=([-\d.]+),([-\d.]+)")


def centre(page: Page) -> tuple[float, float]:
    found = CENTRE.search(page.url)
    assert found
    return float(found[1]), float(found[2])


def test_destinations_off_the_map_stand_at_its_edge_and_bring_it_there(open_page: OpenPage) -> None:
    page = open_page("#at=-3,118,3.8&lang=id&layers=corridors")
    chips = page.locator("#off-map button")
    saudi = chips.filter(has_text="Arab Saudi")
    expect(saudi).to_be_visible()
    assert "orang" not in saudi.inner_text(), "no numbers for the public"
    boxes = [chips.nth(i).bounding_box() for i in range(chips.count())]
    frame = page.locator(".sheet").bounding_box()
    assert frame
    for i, box in enumerate(boxes):
        assert box
        assert frame["x"] <= box["x"] < box["x"] + box["width"] <= frame["x"] + frame["width"]
        for other in boxes[:i]:
            assert other
            apart = (
                box["x"] >= other["x"] + other["width"]
                or other["x"] >= box["x"] + box["width"]
                or box["y"] >= other["y"] + other["height"]
                or other["y"] >= box["y"] + box["height"]
            )
            assert apart, "two chips overlap"
    shoot(page, "destinations-public-id")
    saudi.focus()
    page.keyboard.press("Enter")
    settled(page)
    lat, lng = centre(page)
    assert abs(lat - 24) < 6, (lat, lng)
    assert 35 < lng < 60, (lat, lng)
    expect(saudi).to_have_count(0)


def test_chips_leave_the_names_of_destinations_free(open_page: OpenPage) -> None:
    page = open_page("#at=-2,118,4&lang=id", desk="police", width=1440, height=900)
    frame = page.locator("#map").bounding_box()
    assert frame
    # Kamboja in view, by Mercator: its name is beneath its disc.
    scale = 512 * 2**4
    x = frame["x"] + frame["width"] / 2 + (104.9 - 118) / 360 * scale

    def down(lat: float) -> float:
        return math.asinh(math.tan(math.radians(lat))) / (2 * math.pi) * scale

    y = frame["y"] + frame["height"] / 2 - down(11.55) + down(-2)
    assert frame["y"] < y < frame["y"] + 200
    chips = page.locator("#off-map button")
    assert chips.count() > 3
    for box in (chips.nth(i).bounding_box() for i in range(chips.count())):
        if box is not None:
            beside = box["x"] + box["width"] < x - 30 or box["x"] > x + 30
            apart = box["y"] + box["height"] < y or box["y"] > y + 25
            assert beside or apart, box


def test_the_police_see_how_many_leave_for_each_region(shared_page: OpenPage) -> None:
    page = shared_page("at=-2,118,4.4", desk="police")
    saudi = page.locator("#off-map button").filter(has_text="Arab Saudi")
    expect(saudi).to_contain_text("orang/th")
    ends = page.evaluate(
        """async () => {
          const { loadCollection } = await import('/static/app/data.js');
          const ends = await loadCollection('destinations');
          return ends.map(({ properties: p }) => [p.id, p.flow_mean]);
        }"""
    )
    expected = dict(ends)["to-saudi"]
    shown = int(re.sub(r"\D", "", saudi.locator("small").inner_text()))
    assert shown == pytest.approx(expected, rel=0.05)
    tawau = page.locator("#pane-corridors details li").filter(has_text="Tawau")
    expect(tawau).to_have_count(1)
    listed = int(re.sub(r"\D", "", tawau.text_content().split("(")[-2].split(":")[-1]))
    assert listed == pytest.approx(dict(ends)["to-tawau"], rel=0.05)


def test_a_filter_is_in_the_address_and_back_undoes_it(
    open_page: OpenPage, shared_page: OpenPage
) -> None:
    page = open_page("#lang=id&tab=corridors&top=0", desk="police")
    items = page.locator("#pane-corridors .item")
    every = items.count()
    page.fill("#flow-filter", "Nusa Tenggara T")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(items).not_to_have_count(every)
    served = page.evaluate(
        "fetch('v1/corridors?origin=53&limit=1000').then((answer) => answer.json())"
    )["corridors"]
    settled(page)
    expect(items).to_have_count(len(served))
    first = max(served, key=lambda row: row["origin"]["persons_per_year"])
    name = " – ".join(point["name"] for point in first["waypoints"])
    expect(items.first.locator(".item-name")).to_have_text(name)
    # who boards in Nunukan need not be at home there: the part from the origin, beside all
    expect(items.first.locator(".amount")).to_have_text(
        re.compile(r"^[\d.,]+ orang/tahun dari asal ini; [\d.,]+ dari semua asal$")
    )
    assert "only=origin%3A53" in page.url
    expect(page.locator("#flow-filter")).to_be_focused()
    expect(page.locator("#legend-body")).to_contain_text("Kelas koridor")
    shoot(page, "filter-police-id")
    page.go_back()
    expect(items).to_have_count(every)
    page.fill("#flow-filter", "Nunukan")
    page.locator("#flow-filter-list [role=option]").filter(has_text="singgah").first.click()
    expect(items.first).to_contain_text("Nunukan")
    assert all("Nunukan" in name for name in items.locator(".item-name").all_inner_texts())

    # A journey passes every port that is named; what names no place is said, and changes nothing.
    page.fill("#flow-filter", "Kupang, Atlantis")
    page.keyboard.press("Enter")
    expect(page.locator("#only .error")).to_have_text("Tidak ada tempat bernama Atlantis.")
    page.fill("#flow-filter", "Labuan Bajo, Makassar")
    page.keyboard.press("Enter")
    expect(page.locator("#only .chips li")).to_have_count(3)
    ports = page.locator("#only .chips li").all_inner_texts()
    names = [port.rstrip("×").strip() for port in ports]
    through = page.evaluate(
        "fetch('ogc/collections/corridors/items?limit=1000&f=json').then((answer) => answer.json())"
    )["features"]
    passed = [
        {point["name"] for point in feature["properties"]["waypoints"] if point["kind"] == "place"}
        for feature in through
    ]
    expect(items).to_have_count(sum(set(names) <= places for places in passed))

    public = shared_page("only=destination:MY-sabah&top=0")
    names = public.locator("#pane-corridors .item-name").all_inner_texts()
    assert len(names) > 20
    assert all(name.endswith("→ Sabah") for name in names)
    public.fill("#flow-filter", "kapal cepat")
    expect(public.locator("#flow-filter-list")).to_contain_text("Tidak ada")


def test_destinations_have_their_names_in_the_language_of_the_page(shared_page: OpenPage) -> None:
    page = shared_page(desk="police")
    ends = "adonara--larantuka--nunukan--kalabakan--to-kota-kinabalu"
    go(page, f"#lang=en&tab=corridors&sel=corridor:{ends}")
    detail = page.locator("#detail")
    expect(detail.locator("h2")).to_contain_text("Western Sabah (Kota Kinabalu)")
    expect(detail.locator(".waypoints")).to_contain_text("Western Sabah (Kota Kinabalu)")
    assert "Sabah barat" not in detail.inner_text()
    go(page, "#lang=en&tab=corridors")
    page.fill("#flow-filter", "East Kalimantan")
    expect(page.locator("#flow-filter-list [role=option]").first).to_contain_text("oil palm")
    go(page, "#lang=id&tab=corridors")


def test_a_distance_is_measured_by_pointer_and_keyboard(shared_page: OpenPage) -> None:
    page = shared_page("at=-2,118,4&layers=terminals")
    ways = [((123.6, -10.2), (117.6, 4.1)), ((106.8, -6.2), (39.2, 21.5)), ((179.0, 1), (-179, 1))]
    metres = page.evaluate(
        """async (ways) => {
          const { geodesicMetres } = await import('/static/map/measure.js');
          return ways.map(([start, end]) => geodesicMetres(start, end));
        }""",
        ways,
    )
    geod = Geod(ellps="WGS84")
    assert metres == pytest.approx([geod.inv(*a, *b)[2] for a, b in ways], rel=1e-5)

    page.click("#measure")
    measured = page.locator("#measured")
    expect(measured).to_contain_text("Ketuk dua titik")
    canvas = page.locator("#map canvas")
    expect(canvas).to_be_focused()
    canvas.click(position={"x": 120, "y": 200})
    page.keyboard.press("Enter")
    expect(measured).to_have_text(re.compile(r"^[\d.]+ km \([\d.]+ mil laut\)$"))
    km, miles = (float(n.replace(".", "")) for n in re.findall(r"[\d.]+", measured.inner_text()))
    assert km / miles == pytest.approx(1.852, rel=0.005)
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(measured).to_be_hidden()
    expect(page.locator("#measure")).to_be_focused()


def test_ports_of_a_partner_have_the_size_of_their_class(shared_page: OpenPage) -> None:
    title = "makin banyak orang lewat"
    expect(shared_page(desk="planner").locator("#legend-body")).to_contain_text(title)
    expect(shared_page().locator("#legend-body")).not_to_contain_text(title)
