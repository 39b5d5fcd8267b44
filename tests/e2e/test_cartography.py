"""The map tells the truth: legend and pixels agree, arrows add up, views begin at home."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from layers.palette import AREA_COLOURS, BASE, DARK, FLOW_COLOURS
from tests.e2e.pages import Watch, go, rgb, script, settled, shares

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]


@pytest.mark.parametrize("layers", ["areas", "areas,corridors"])
def test_the_legend_has_the_colours_of_the_map(shared_page: OpenPage, layers: str) -> None:
    page = shared_page(f"at=-3,114,4.2&layers={layers}")
    swatch = page.locator("#legend-body .swatch").first
    painted = swatch.evaluate("(e) => getComputedStyle(e).backgroundColor")
    colour = [int(part) for part in re.findall(r"\d+", painted)]
    assert shares(page, [*colour, 6])[0] > 0.003, painted


def test_a_dark_map_keeps_what_it_shows(open_page: OpenPage) -> None:
    page = open_page("#at=-2,118,3.6&layers=areas")
    page.click("#theme")
    settled(page)
    sea, land = DARK["BASE"]["sea"], DARK["BASE"]["neighbour"]
    assert min(shares(page, sea, land)) > 0.01
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_partner_begins_in_the_own_province(open_page: OpenPage) -> None:
    page = open_page(desk="planner")
    page.wait_for_function("location.hash.includes('at=')")
    lat, lng, zoom = map(float, re.findall(r"at=([-\d.]+),([-\d.]+),([-\d.]+)", page.url)[0])
    assert -11 < lat < -8, page.url
    assert 119 < lng < 125, page.url
    assert zoom > 5, page.url


def test_flows_of_a_town_are_one_arrow_each_way(shared_page: OpenPage) -> None:
    drawn = shared_page().evaluate(script("arrows"))
    (back, thin, _), (there, wide, end) = drawn["far"]
    assert (back, there) == ("B>A>false", "A>B>false"), "the widest is on top"
    assert wide / thin == pytest.approx((1000 / 90) ** 0.5, rel=0.2)
    assert 118 < end < 120, "the head is at the destination"
    assert drawn["near"] == 3, "close by, each terminal has its own"
    (line, line_end), (head, tip) = drawn["air"]
    assert (line, head) == ("LineString", "Polygon")
    assert line_end < tip < 120, "what flies has a head before its end"
    assert 5.5 < drawn["sabah"] < 5.95, "from afar a port of Sabah is Sabah, at its schematic place"


def test_the_police_see_arrows_and_others_none(shared_page: OpenPage) -> None:
    flow = FLOW_COLOURS["surface"]
    seen = {
        desk: shares(shared_page("at=-2,114,4.4&layers=legs", desk=desk), flow)[0]
        for desk in (None, "police")
    }
    assert seen["police"] > 0.0005
    assert seen[None] == 0


@pytest.mark.parametrize("desk", ["planner", None])
def test_a_class_without_a_number_is_hatched_as_one_with_a_wide_interval(
    shared_page: OpenPage, desk: str | None
) -> None:
    # Sumba Timur: a class, and no number of its own.
    page = shared_page("at=-9.95,120.4,7.6&layers=areas", desk=desk)
    rows = page.request.get(
        f"{page.url.partition('#')[0]}ogc/collections/areas/items/53.11?f=json"
    ).json()["properties"]
    assert rows["class"] != "not_assessed"
    assert rows.get("departures_per_100k_mean") is None
    colour, land = rgb(AREA_COLOURS[rows["class"]]), rgb(BASE["land"])
    fill = [0.9 * a + 0.1 * b for a, b in zip(colour, land, strict=True)]
    hatch = [round(255 * 0.75 + value * 0.25) for value in fill]
    plain, hatched = shares(page, [*map(round, fill), 12], [*hatch, 12])
    assert plain > 0.05
    assert hatched > plain / 10


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_map_that_lacks_a_part_says_so_until_it_is_there(
    open_page: OpenPage, watch: Watch, by_hand: bool
) -> None:
    page = open_page("#at=-9.3,122.6,6.3&lang=id&layers=areas")
    gone = ("**/collections/areas/tiles/**", "**/health")
    for address in gone:
        page.route(address, lambda route: route.abort())
    line = page.locator("#map-trouble")
    go(page, "#at=-7.3,110,7&lang=id&layers=areas")
    expect(line).to_contain_text("gagal dimuat")
    classes = list(AREA_COLOURS.values())
    colours = [
        [round(0.9 * a + 0.1 * b) for a, b in zip(rgb(colour), rgb(BASE["land"]), strict=True)]
        for colour in classes
    ]
    assert max(shares(page, *colours)) < 0.01
    for address in gone:
        page.unroute(address)
    if by_hand:
        page.click("#map-again")
    expect(line).to_be_hidden()
    settled(page)
    assert max(shares(page, *colours)) > 0.01
    for failure in ("ERR_FAILED", "Failed to fetch"):
        watch.expect_error(failure)
