"""Each desk signs in and sees what its tier has, no more: on the map, in lists and panel."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PIXELS, Service, rgb, script, settled, shoot, sign_in

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
TIERS = ("public", "partner", "police")
NAMES = {
    "public": ("Publik", "Public"),
    "partner": ("Mitra", "Partner"),
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


def at_desk(open_page: OpenPage, service: Service, tier: str) -> Page:
    page = open_page()
    if tier != "public":
        sign_in(page, service, tier)
    return page


def legend(page: Page) -> str:
    return page.locator("#legend-body").inner_text().lower()


@pytest.mark.parametrize("tier", TIERS)
def test_desk(open_page: OpenPage, service: Service, tier: str) -> None:
    page = at_desk(open_page, service, tier)
    expect(page.locator("#tier")).to_contain_text(NAMES[tier][0])
    expect(page.locator("#pane-corridors .item").first).to_be_visible()
    shoot(page, f"{tier}-id")

    text = page.locator("body").inner_text().lower()
    if tier == "police":
        assert "pelabuhan tikus" in legend(page)
        assert "lebar: orang per tahun" in legend(page)
        assert "orang/tahun" in text
    else:
        assert "kerentanan wilayah" in legend(page)
        assert [word for word in NOT_BELOW_POLICE if word in text] == []

    page.click("[data-lang=en]")
    expect(page.locator("#tier")).to_contain_text(NAMES[tier][1])
    page.wait_for_timeout(500)
    shoot(page, f"{tier}-en")

    page.locator("#pane-corridors .item").first.click()
    page.wait_for_timeout(1500)
    detail = page.locator("#detail")
    expect(detail.locator("h2")).not_to_be_empty()
    expect(detail).to_contain_text("enforcement as well as flow")
    expect(detail.locator(".release code")).to_have_text(re.compile("^[0-9a-f]{12}$"))
    if tier == "police":
        expect(detail).to_contain_text("90% interval")
        expect(detail).to_contain_text("Risk score")
        assert detail.locator(".waypoints li").count() >= 2
        assert detail.locator(".bars").count() == 2, "components and origins"
        assert detail.locator(".bars").first.locator("li").count() == 4
    else:
        expect(detail).to_contain_text("without numbers or route")
        assert detail.locator(".waypoints").count() == 0
        assert detail.locator(".bars").count() == 0
    shoot(page, f"{tier}-corridor-en")
    page.click("[data-lang=id]")
    page.wait_for_timeout(300)
    shoot(page, f"{tier}-corridor-id")
    page.click("#detail .back")

    page.click("#tab-areas")
    page.wait_for_timeout(200)
    page.locator("#pane-areas .item").first.click()
    page.wait_for_timeout(1500)
    expect(detail.locator("h2")).not_to_be_empty()
    if tier == "public":
        expect(detail).not_to_contain_text("Skor kerentanan")
    shoot(page, f"{tier}-area-id")


def test_partner_has_scores_of_the_own_province(open_page: OpenPage, service: Service) -> None:
    page = at_desk(open_page, service, "partner")
    province = page.evaluate("fetch('/v1/session').then((r) => r.json()).then((s) => s.province)")
    assert province
    page.click("#tab-areas")
    page.select_option("#area-province", province)
    page.locator("#pane-areas .item").first.click()
    expect(page.locator("#detail")).to_contain_text("Skor kerentanan")
    expect(page.locator("#detail")).to_contain_text("rentang 90%")
    name = page.locator("#tier").inner_text()
    assert re.search(r"Mitra · \D{3,}", name), f"the chip should name the province: {name}"
    page.wait_for_timeout(1200)
    shoot(page, "partner-own-area-id")


def test_corridors_are_drawn_and_a_click_opens_one(open_page: OpenPage, service: Service) -> None:
    page = at_desk(open_page, service, "police")
    page.goto(page.url.split("#")[0] + "#layers=corridors&top=20")
    page.reload()
    settled(page)
    spot = page.evaluate(script("corridor_spot"))
    assert spot, "no corridor is drawn"
    page.locator("#map canvas").click(position={"x": spot[0], "y": spot[1]})
    expect(page.locator("#detail .kicker")).to_have_text("Koridor")
    assert "sel=corridor:" in page.url


def test_signing_out_takes_everything_back(open_page: OpenPage, service: Service) -> None:
    page = at_desk(open_page, service, "police")
    page.locator("#pane-corridors .item").first.click()
    address = page.url
    page.click("#sign")
    page.wait_for_selector("html[data-tier=public]")
    settled(page)
    text = page.locator("body").inner_text().lower()
    assert [word for word in NOT_BELOW_POLICE if word in text] == []
    # A shared address of a police selection says to the public only that there is no such thing.
    public = open_page("#" + address.split("#", 1)[1])
    expect(public.locator("#detail")).to_contain_text("tidak ada pada rilis")


def test_a_wrong_password_is_said_and_opens_nothing(
    open_page: OpenPage, service: Service, watch: object
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
    # The browser reports the 401 we asked for.
    errors = watch.errors  # type: ignore[attr-defined]
    errors[:] = [error for error in errors if "401" not in error]


def test_settlements_come_with_zoom(open_page: OpenPage) -> None:
    page = open_page("#at=-9.7,124.2,5&layers=")

    def dots(hash_: str) -> float:
        page.evaluate("(hash) => { location.hash = hash; }", hash_)
        page.wait_for_timeout(3500)
        share: float = page.evaluate(PIXELS, [rgb("#54606a")])["shares"][0]
        return share

    far = dots("#at=-9.7,124.2,5&layers=settlements") - dots("#at=-9.7,124.2,5&layers=")
    close = dots("#at=-9.7,124.2,9&layers=settlements") - dots("#at=-9.7,124.2,9&layers=")
    assert abs(far) < 5e-5
    assert close > 1e-4
