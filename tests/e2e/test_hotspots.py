"""Hot spots: partner the class of the own districts, police the statistic, the public nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import settled, shares, shoot

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
HOT, COLD = "#9b1c1c", "#23639b"


def test_police_sees_the_statistic(shared_page: OpenPage) -> None:
    page = shared_page("at=-8.7,122.5,6.6&layers=", desk="police")
    before = shares(page, HOT, COLD)
    page.click("#tab-hotspots")
    expect(page.locator("#pane-hotspots .group").first).to_contain_text("per 100.000")
    settled(page)
    after = shares(page, HOT, COLD)
    assert after[0] > before[0] + 1e-4, "hot spots are drawn"
    assert after[1] > before[1] + 1e-4, "cold spots are drawn"
    legend = page.locator("#legend-body").inner_text()
    for title in ("Wilayah prioritas pencegahan", "rendah bersama tetangganya", "tidak menonjol"):
        assert title in legend
    shoot(page, "hotspots-police-id")
    page.locator("#pane-hotspots .item").first.click()
    detail = page.locator("#detail")
    expect(detail.locator("h2")).to_be_focused()
    for words in ("Gi*", "Nilai q", "per 100.000 penduduk", "bukan batasnya", "tidak berarti aman"):
        expect(detail).to_contain_text(words)
    assert "sel=hotspot:" in page.url
    settled(page)
    shoot(page, "hotspot-police-id")
    page.click("[data-lang=en]")
    expect(detail).to_contain_text("share flagged in error")
    page.click("#detail .back")
    page.click("#tab-areas")
    expect(page.locator("#legend-body")).not_to_contain_text("high together")


def test_partner_sees_the_class_of_the_own_province(shared_page: OpenPage) -> None:
    page = shared_page(desk="ngo")
    page.focus("#tab-ports")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-hotspots")).to_be_focused()
    items = page.locator("#pane-hotspots .item")
    groups = page.locator("#pane-hotspots .group")
    expect(groups.first).to_contain_text("per 100.000")
    text = page.locator("#pane-hotspots").inner_text()
    assert "Gi* " not in text.replace("Getis-Ord Gi*", "")
    assert "Berbeda dari tab Wilayah" in text
    high = re.search(r"Dari (\d+) kecamatan ini dan tetangganya", text)
    assert high
    assert items.count() == int(high[1]), "places that are not high are not listed"
    counted = [int(n) for n in re.findall(r"(\d+) kecamatan\n", text)]
    assert sum(counted) == items.count(), "each regency says how many of it"
    amounts = groups.locator("> .hint").all_inner_texts()
    unsure = [amount for amount in amounts if amount == "angka terlalu tidak pasti"]
    rates = [
        tuple(int(n.replace(".", "")) for n in re.findall(r"[\d.]+", rate)[:3])
        for rate in amounts[: len(amounts) - len(unsure)]
    ]
    assert all(low < mean < top for mean, low, top in rates), "each with its interval"
    means = [mean for mean, _low, _top in rates]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) > 1
    assert unsure, "high, with a number that is not stated"
    assert groups.count() == len(amounts), "a regency without a number says so"
    keys = items.evaluate_all("(all) => all.map((item) => item.dataset.key)")
    assert all(key.startswith("53.") for key in keys)
    items.first.click()
    expect(page.locator("#detail")).to_contain_text(
        "bedanya terlalu besar untuk sekadar naik turun catatan"
    )
    expect(page.locator("#detail table")).to_have_count(0)
    settled(page)
    shoot(page, "hotspot-partner-id")


def test_public_has_no_such_thing(shared_page: OpenPage) -> None:
    page = shared_page("tab=hotspots&layers=areas,hotspots&sel=hotspot:53.06.07")
    expect(page.locator("#detail")).to_contain_text("Tidak ada di data publik")
    page.click("#detail .back")
    expect(page.locator("#tab-hotspots")).to_have_count(0)
    expect(page.locator("#pane-corridors")).to_be_visible()
    assert "prioritas" not in page.locator("body").inner_text().lower()
