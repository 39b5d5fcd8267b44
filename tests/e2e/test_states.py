"""Every desk and state of the page: accessible, within the screen, and kept as a picture.

``pytest tests/e2e/test_states.py --pictures`` makes the pictures of ``docs/images/page`` again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from geo.checks import CHECK_FIELDS
from tests.e2e.pages import ROOT, Service, script, settled
from tests.geo.agreements import registered

pytestmark = pytest.mark.e2e

PICTURES = ROOT / "docs" / "images" / "page"
WIDE, TABLET, PHONE = (1440, 900), (768, 1024), (360, 740)
NAME = "Nusa Tenggara Timur"
NTT, NUNUKAN = "at=-9.3,122.6,6.3", "at=4.1,117.6,8"
PLAN_MS = 120_000  # on a busy machine
RATES = "time=deaths_abroad.unknown.person:2024:53:rate"


@dataclass(frozen=True)
class State:
    """What somebody at a desk looks at: address, screen, light or dark, and what is done first."""

    desk: str | None
    address: str
    screen: tuple[int, int] = WIDE
    dark: bool = False
    done: Callable[[Page], None] | None = None
    checks: bool = False
    """Whether an agreement lets the desk enter checks."""


def plan(page: Page, within: str, **fields: str) -> None:
    """Fill in the form of a plan and have it made; what stands under "more options" too."""
    page.locator("#pane-work .plan-form details").evaluate("(more) => { more.open = true }")
    place = page.locator("#pane-work .plan-form [id$=-within]")
    while (chip := page.locator(".plan-form .chips button")).count():
        chip.first.click()
    place.fill(within)
    expect(page.locator("[id$=-within-list] [role=option]").first).to_be_visible()
    place.press("Enter")
    for name, value in fields.items():
        page.fill(f"#{name.replace('_', '-', 1)}", value)
    page.locator("#pane-work .plan-form button[type=submit]").click()
    expect(page.locator("#pane-work .key-figure")).to_be_visible(timeout=PLAN_MS)
    settled(page)


def record_visit(page: Page) -> None:
    """Fill in a visit, which nobody sends."""
    page.locator(".villages .item").nth(1).tap()
    page.fill("#v-organisation", "Rumah Perempuan")
    page.fill("#v-people", "35")
    page.fill("#v-note", "penyuluhan di balai desa")
    page.locator(".villages form").evaluate("(form) => form.scrollIntoView({ block: 'center' })")


def plan_visits(page: Page) -> None:
    plan(page, "Kabupaten Malaka", o_villages="4", o_radius_km="8")
    page.locator("#pane-work .ranked").evaluate("(list) => list.scrollIntoView()")


def checks_without_finding(page: Page) -> None:
    """Fill in a month's watches at a port, which nobody sends."""
    page.fill("#c-terminal", "Larantuka")
    expect(page.locator("#c-terminal-list [role=option]").first).to_be_visible()
    page.press("#c-terminal", "Enter")
    page.fill("#c-organisation", "Polres Flores Timur")
    numbers = {"sailings": 4, "passengers_seen": 620, "checked": 180, "interviewed": 20}
    for name in CHECK_FIELDS:
        page.fill(f"#c-{name}", str(numbers.get(name, 0)))


def whom_to_call(page: Page) -> None:
    page.get_by_role("button", name="Siapa yang dihubungi").click()
    settled(page)


STATES = {
    "public-downloads-en": State(None, "lang=en&tab=layers"),
    "public": State(None, "lang=id&tab=areas"),
    "public-area-en": State(None, f"{NTT}&lang=en&tab=areas&sel=area:53.06"),
    "public-phone": State(None, "lang=id&tab=guide", PHONE),
    "public-search-phone-en": State(None, "lang=en&tab=areas&sel=area:53.07", PHONE),
    "planner": State("planner", "lang=id&tab=areas"),
    "planner-area": State("planner", f"{NTT}&lang=id&tab=areas&sel=area:53.21"),
    "planner-compare-en": State(
        "planner", f"{NTT}&lang=en&tab=areas&sel=area:53.02&with=area:53.21"
    ),
    "planner-years": State(
        "planner", "lang=id&tab=time&time=interceptions.nonprocedural.person:2016-2019"
    ),
    "planner-rates": State("planner", f"{NTT}&lang=id&tab=time&{RATES}"),
    "planner-scenario-tablet": State("planner", "lang=id&tab=work", TABLET),
    "planner-coverage": State("planner", "lang=id&tab=work&work=coverage"),
    "planner-warnings": State("planner", "lang=id&tab=work&work=warnings"),
    "planner-evaluation": State("planner", "lang=id&tab=work&work=evaluation"),
    "police": State("police", "lang=id"),
    "police-dark-en": State("police", "lang=en&tab=corridors", dark=True),
    "police-port": State("police", f"{NUNUKAN}&lang=id&sel=terminal:tunon-taka", dark=True),
    "police-priority": State("police", "lang=id&tab=hotspots"),
    "police-administration": State("police", "lang=id&tab=work&work=admin"),
    "police-posts": State(
        "police", "lang=id&tab=work&work=posts", done=lambda page: plan(page, NAME, p_k="3")
    ),
    "police-watch": State(
        "police", "lang=id&tab=work&work=watch", done=lambda page: plan(page, NAME, w_seed="7")
    ),
    "police-checks": State(
        "police", "lang=id&tab=work&work=checks", done=checks_without_finding, checks=True
    ),
    "police-warnings": State("police", "lang=id&tab=work&work=warnings"),
    "police-phone": State("police", "lang=id&sel=terminal:tunon-taka", PHONE),
    "ngo-phone": State("ngo", "lang=id", PHONE),
    "ngo-visit-phone": State("ngo", "lang=id", PHONE, done=record_visit),
    "ngo-plan-phone": State("ngo", "lang=id&tab=work&work=outreach", PHONE, done=plan_visits),
    "ngo-help-phone": State("ngo", "lang=id&tab=areas&sel=area:53.21", PHONE, done=whom_to_call),
    "ngo-outreach-tablet-en": State("ngo", "lang=en&tab=work&work=outreach", TABLET),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state(
    open_page: Callable[..., Page], service: Service, pytestconfig: pytest.Config, name: str
) -> None:
    state = STATES[name]
    if state.checks:
        registered(
            service.home,
            number="UJI/8/2026",
            kinds=["checks"],
            tiers=["police"],
            purpose=["layers"],
        )
    width, height = state.screen
    page = open_page(
        f"#{state.address}", desk=state.desk, width=width, height=height,
        color_scheme="dark" if state.dark else "light", has_touch=state.screen == PHONE,
    )  # fmt: skip
    if state.done:
        state.done(page)
    if pytestconfig.getoption("pictures"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(1500)  # what fades in
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.save(PICTURES / f"{name}.webp", quality=72, method=6)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate(script("contrast")) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_pictures_in_documents_are_of_states() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")]
    named = {name for text in texts for name in re.findall(r"images/page/([\w.-]+)\)", text)}
    assert len(named) > 15
    assert named <= {f"{name}.webp" for name in STATES}
    assert [name for name in sorted(named) if not (PICTURES / name).is_file()] == []


def test_a_layer_is_downloaded_in_the_language_of_the_page(open_page: Callable[..., Page]) -> None:
    page = open_page("#lang=en&tab=layers", desk="ngo")
    page.click("#downloads summary")
    page.select_option("#download-layer", label="Areas")
    page.select_option("#download-format", "csv")
    expect(page.locator("#downloads")).to_contain_text("carry a mark")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="What each column means").click()
    expect(opened.value.locator("tr", has_text="class_in_province")).to_contain_text("Class by")
    opened.value.close()
    with page.expect_download() as download:
        page.click("#downloads a.button")
    assert download.value.suggested_filename == "petajaga-areas.csv"
    text = download.value.path().read_text("utf-8-sig")
    assert "Kabupaten Timor Tengah Selatan" in text
    assert "RESTRICTED" in text
    tiles = page.input_value("#address-tiles")
    assert tiles.endswith("/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}")
    assert page.input_value("#address-features") == tiles.partition("/tiles")[0]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#downloads .copied button").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#address-features")
    expect(page.locator("#downloads .steps-to li")).to_have_count(5)
