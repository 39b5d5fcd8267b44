"""What-ifs on the map: the change in its colours, equal to the table and the service; undone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from layers.palette import CHANGE_COLOURS, CHANGE_CUTS, DARK
from tests.e2e.pages import Service, settled, shares, shoot

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
SCHOOL = {"area": "53", "indicator": "mean_years_school", "change": 1.0}
COMPUTED_MS = 90_000  # on a busy machine


def evaluated(page: Page, service: Service, body: dict[str, Any]) -> dict[str, Any]:
    """The service's answer to the account of the page."""
    answer = page.request.post(
        f"{service.url}/v1/scenarios", data=body, headers={"Origin": service.url}
    )
    assert answer.ok, answer.text()
    document: dict[str, Any] = answer.json()
    return document


def add_school(page: Page) -> None:
    page.fill("#s-area", "nusa tenggara timur")
    expect(page.locator("#s-area-list [role=option]").first).to_be_visible()
    page.press("#s-area", "ArrowDown")
    page.press("#s-area", "Enter")
    page.select_option("#s-indicator", SCHOOL["indicator"])
    page.fill("#s-change", "1")
    page.click("#pane-work .plan-form button[type=submit]")
    expect(page.locator("#pane-work .reasons")).to_be_visible(timeout=COMPUTED_MS)
    settled(page)


def expected_class(share: dict[str, float]) -> str:
    size = sum(round(abs(share["mean"]), 2) >= cut for cut in CHANGE_CUTS)
    if size == 0 or share["p05"] <= 0 <= share["p95"]:
        return "none"
    return ["slight_", "", "strong_"][size - 1] + ("more" if share["mean"] > 0 else "less")


def test_a_planner_sees_where_school_changes_most_and_why(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page("#tab=work", desk="planner")
    before = shares(page, CHANGE_COLOURS["strong_less"], CHANGE_COLOURS["less"])
    add_school(page)
    answer = evaluated(page, service, {"indicators": [SCHOOL]})
    rows = sorted(answer["areas"], key=lambda row: -abs(row["change_share"]["mean"]))
    assert len(rows) == 22

    # The table has the order and the numbers of the service, the map its classes.
    table = page.locator("#pane-work table tbody tr")
    assert table.locator("th").all_inner_texts() == [r["name"] for r in rows[:8]]
    mean = f"{abs(rows[0]['change_share']['mean']):.0%}"
    expect(table.first.locator("td")).to_contain_text(f"−{mean}")
    colours = {expected_class(row["change_share"]) for row in rows}
    present = [name for name in colours if shares(page, CHANGE_COLOURS[name])[0] > 1e-4]
    assert set(present) == colours
    assert max(shares(page, CHANGE_COLOURS[expected_class(rows[0]["change_share"])])) > max(before)

    # Why, in the words of the service.
    reasons = page.locator("#pane-work .reasons")
    explained = [row for row in rows if "why" in row]
    assert reasons.locator("dt").all_inner_texts() == [row["name"] for row in explained]
    said = [text["id"] for row in explained for text in row["why"]]
    assert reasons.locator("dd").all_inner_texts() == said

    # Neutral is said, and what stands before and after has the classes of areas.
    legend = page.locator("#legend-body")
    expect(legend).to_contain_text("tidak berubah atau tidak jelas")
    expect(page.locator("#pane-work")).to_contain_text("rentangnya memuat nol")
    expect(legend).to_contain_text("% dari sebelumnya")
    shoot(page, "what-if-map-planner-id")
    page.click(".segments [data-value=after]")
    expect(legend).to_contain_text("per 100.000 penduduk per tahun: Sesudah")
    settled(page)
    assert shares(page, CHANGE_COLOURS["strong_less"])[0] < 1e-4
    page.click(".segments [data-value=change]")
    page.click("[data-lang=en]")
    expect(reasons.locator("dd").first).to_have_text(explained[0]["why"][0]["en"])
    expect(legend).to_contain_text("no change, or not clear")
    page.click("#theme")
    settled(page)
    shoot(page, "what-if-map-planner-dark-en")
    dark = DARK["CHANGE_COLOURS"][expected_class(rows[0]["change_share"])]
    assert shares(page, dark)[0] > 1e-4
    page.click("#theme")

    # An area opens its card and keeps the change; another tab, and Back, give the map as it was.
    address = page.url
    page.click("#tab-areas")
    settled(page)
    assert max(shares(page, CHANGE_COLOURS["less"], CHANGE_COLOURS["strong_less"])) <= max(before)
    page.go_back()
    settled(page)
    assert page.url.partition("#")[2] == address.partition("#")[2]
    expect(reasons).to_be_visible()
    assert shares(page, CHANGE_COLOURS[expected_class(rows[0]["change_share"])])[0] > 1e-4
    page.go_back()
    settled(page)
    expect(reasons).to_have_count(0)
    assert "work=" not in page.url
    expect(legend).not_to_contain_text("not clear")


def test_the_police_see_areas_and_ports_of_a_change(open_page: OpenPage, service: Service) -> None:
    page = open_page("#tab=work&work=scenario", desk="police")
    page.select_option("#s-what", "indicator")
    add_school(page)
    answer = evaluated(page, service, {"indicators": [SCHOOL]})
    legend = page.locator("#legend-body")
    for words in ("% dari sebelumnya", "Perubahan arus", "lingkaran terbesar"):
        expect(legend).to_contain_text(words)
    first = max(answer["areas"], key=lambda row: abs(row["change"]["mean"]))
    share = {end: value / first["before"] for end, value in first["change"].items()}
    areas = page.locator("#pane-work table").filter(has_text=first["name"]).first
    row = areas.locator("tbody tr").first
    expect(row.locator("th")).to_have_text(first["name"])
    expect(row.locator("td").last).to_contain_text(f"−{abs(share['mean']):.0%}")
    tip = page.evaluate(
        """async ([answer, code]) => {
          const { areaChanges, fetchRegencies } = await import('/desk/common/scenario-map.js');
          const areas = areaChanges(answer, await fetchRegencies({ province: null }));
          const area = areas.find((one) => one.code === code);
          const persons = (rate) => (rate * area.population) / 1e5;
          return { name: area.class, before: persons(area.before), after: persons(area.after) };
        }""",
        [answer, first["code"]],
    )
    assert tip["name"] == expected_class(share)
    assert tip["before"] == pytest.approx(first["before"])
    assert tip["after"] == pytest.approx(first["after"])
    assert re.search("kali|menjadi", json.dumps(first["why"]))
    shoot(page, "what-if-map-police-id")
