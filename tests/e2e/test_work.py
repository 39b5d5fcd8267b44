"""The desks at work: plans with progress, scenarios kept, compared and shared; by keyboard too."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from layers.palette import CHANGE_COLOURS
from tests.e2e.pages import Service, Watch, script, settled, shares, shoot, sign_in

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
MORE, LESS = CHANGE_COLOURS["strong_more"], CHANGE_COLOURS["strong_less"]
STOP, POST = "#0b4f5c", "#16262c"
PLAN_MS = 90_000  # on a busy machine; an idle one needs a few seconds


def at_work(open_page: OpenPage, desk: str) -> Page:
    page = open_page("#tab=work", desk=desk)
    expect(page.locator("#pane-work h2")).to_be_visible()
    return page


def choose(page: Page, field: str, text: str) -> None:
    """Choose a place in a field as one types it."""
    page.fill(field, text)
    expect(page.locator(f"{field}-list [role=option]").first).to_be_visible()
    page.press(field, "ArrowDown")
    page.press(field, "Enter")


def submit(page: Page) -> None:
    page.click("#pane-work .plan-form button[type=submit]")


def test_post_plan_refused_cancelled_made(
    open_page: OpenPage, watch: Watch, tmp_path: Path
) -> None:
    page = at_work(open_page, "police")
    assert page.evaluate(script("nameless")) == []
    page.fill("#p-k", "")
    submit(page)
    expect(page.locator("#p-k")).to_be_focused()
    expect(page.locator("#p-k-error")).to_contain_text("angka lebih dari nol")
    page.fill("#p-k", "9999")
    submit(page)
    expect(page.locator("#p-k-error")).to_contain_text("terlalu banyak")
    watch.expect_error("400")
    shoot(page, "plan-refused-police-id")

    page.fill("#p-k", "10")
    page.press("#p-k", "Enter")
    expect(page.locator(".running button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pane-work .problem")).to_contain_text("dibatalkan")
    expect(page.locator("#announce")).to_contain_text("dibatalkan")
    expect(page.locator("#p-k")).to_have_value("10")

    page.fill("#p-k", "3")
    choose(page, "#p-fixed", "lorens say")
    choose(page, "#p-forbidden", "tunon taka")
    choose(page, "#p-forbidden", "belawan")
    expect(page.locator("#p-fixed")).to_have_value("")
    shoot(page, "plan-form-police-id")
    submit(page)
    expect(page.locator(".running progress")).to_be_visible()
    expect(page.locator(".running [role=status]")).not_to_be_empty()
    shoot(page, "plan-running-police-id")
    pane = page.locator("#pane-work")
    expect(pane.locator(".ranked")).to_be_visible(timeout=PLAN_MS)
    expect(pane.locator("h2")).to_be_focused()
    names = pane.locator(".ranked .item-name").all_inner_texts()
    assert len(names) == 3
    assert any("Lorens Say" in name for name in names)
    assert not any("Tunon Taka" in name for name in names)
    # The running total of the last is what the plan intercepts.
    figure = re.search(r"Tercegat ([\d.]+)", pane.locator(".key-figure").inner_text())
    assert figure
    expect(pane.locator(".ranked .item-facts").last).to_have_text(
        re.compile(f"orang/tahun, menjadi {re.escape(figure[1])}$")
    )
    for words in (
        "rentang 90%",
        "menambah",
        "Petugas:",
        "perkiraan awal",
        "hasil setelah",
        "Pilihan lain",
    ):
        expect(pane).to_contain_text(words)
    # A second person's consent before the displacement is drawn and the plan a file.
    expect(pane).to_contain_text("Menunggu persetujuan")
    expect(pane.locator("a.button")).to_have_count(0)
    expect(pane.locator(".adoption")).to_have_count(0)
    second = open_page("#tab=work&work=consents", desk="second", with_map=False)
    card = second.locator("#pane-work .card")
    expect(card).to_contain_text("Lorens Say")
    shoot(second, "consents-police-id")
    expect(card.get_by_role("button", name="Tolak")).to_be_visible()
    card.get_by_role("button", name="Setujui").click()
    expect(card).to_have_count(0)
    expect(second.locator("#announce")).to_contain_text("disetujui")
    pane.get_by_role("button", name="Periksa lagi").click()
    expect(pane).to_contain_text("Disetujui oleh polisi-dua")
    expect(pane.locator(".adoption")).to_contain_text("Tetapkan sebagai rencana kerja")
    plan_on_small_maps(page)
    legend = page.locator("#legend-body")
    expect(legend).to_contain_text("bertambah")
    expect(legend).to_contain_text("pos, menurut urutan")
    settled(page)
    shoot(page, "plan-police-id")
    colours = shares(page, MORE, LESS, POST)
    # Where most is lost a post stands, whose sign covers it.
    assert min(colours) > 5e-6, f"more, less and posts are drawn: {colours}"
    assert page.evaluate(script("contrast")) == []

    with page.expect_download() as waiting:
        page.click("#pane-work a.button")
    sheet = tmp_path / "plan.xlsx"
    waiting.value.save_as(sheet)
    assert openpyxl.load_workbook(sheet).sheetnames

    page.locator("#pane-work .segments").scroll_into_view_if_needed()
    page.click(".segments [data-value=after]")
    expect(legend).to_contain_text("Sesudah")
    settled(page)
    shoot(page, "plan-after-police-id")
    page.click(".segments [data-value=none]")
    expect(legend).not_to_contain_text("Perubahan arus")
    # The address opens the same plan for whoever made it.
    address = "#" + page.url.split("#", 1)[1]
    assert "work=plan:" in address
    page.reload()
    expect(pane.locator(".ranked")).to_be_visible(timeout=PLAN_MS)
    # Without the address the maker finds it where consents are given.
    page.click("[data-room=consents]")
    own = pane.locator(".card").filter(has_text="Disetujui oleh polisi-dua").first  # the newest
    shoot(page, "consents-own-police-id")
    own.get_by_role("button", name="Buka rencana").click()
    expect(pane.locator(".ranked")).to_be_visible(timeout=PLAN_MS)
    assert "#" + page.url.split("#", 1)[1] == address
    page.click("[data-lang=en]")
    expect(pane).to_contain_text("Expected and after displacement")
    settled(page)
    shoot(page, "plan-police-en")
    # Nothing printed helps anyone around a post.
    text = pane.inner_text().lower()
    assert [word for word in ("route", "rute", "hindari", "detection", "peluang tertangkap")
            if word in text] == []  # fmt: skip

    page.get_by_role("button", name="Take into a scenario").click()
    expect(page.locator(".changes li")).to_have_count(3, timeout=PLAN_MS)
    expect(page.locator("#pane-work")).to_contain_text("Total", timeout=PLAN_MS)


def plan_on_small_maps(page: Page) -> None:
    """What stands, the plan and its alternatives, each as the service has it; one on the map."""
    (job,) = re.findall(r"work=plan:([\w-]+)", page.url)
    plan = page.evaluate("(path) => fetch(path).then((answer) => answer.json())", f"v1/jobs/{job}")
    plan = plan["result"]
    maps = page.locator("#pane-work .small-maps button")
    expect(maps).to_have_count(2 + len(plan["alternatives"]))
    assert maps.nth(0).locator(".standing").count() == len(plan["in_force"])
    assert maps.nth(1).locator(".numbered").all_text_contents() == ["1", "2", "3"]
    numbers = {post["id"]: str(i + 1) for i, post in enumerate(plan["posts"])}
    for i, alternative in enumerate(plan["alternatives"]):
        for post in alternative["posts"]:
            numbers.setdefault(post["id"], str(len(numbers) + 1))
        expected = [numbers[post["id"]] for post in alternative["posts"]]
        assert maps.nth(2 + i).locator(".numbered").all_text_contents() == expected
        fewer = plan["interception"]["persons"]["mean"] - alternative["persons"]
        assert ("−" in maps.nth(2 + i).inner_text()) == (fewer > 0.05)
    expect(maps.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(maps.nth(0).locator(".land")).to_have_attribute("d", re.compile("^M"))
    maps.last.click()
    expect(maps.last).to_have_attribute("aria-pressed", "true")
    expect(maps.last).to_be_focused()
    settled(page)
    shoot(page, "plan-alternative-police-id")
    assert shares(page, POST)[0] > 5e-6
    maps.nth(1).click()


def test_a_partner_plans_outreach_and_scenarios_in_shares(open_page: OpenPage) -> None:
    page = at_work(open_page, "ngo")
    pane = page.locator("#pane-work")
    expect(pane.locator("[data-room]")).to_have_count(6)
    page.click("[data-room=outreach]")
    expect(pane).to_contain_text("Nusa Tenggara Timur")
    page.click("#pane-work .more-options summary")
    page.fill("#o-villages", "2")
    page.fill("#o-floor", "90")
    submit(page)
    # Half a minute alone: the least number of villages is branch and bound.
    expect(pane.locator(".problem")).to_contain_text("turunkan bagian", timeout=3 * PLAN_MS)
    shoot(page, "outreach-refused-partner-id")
    page.fill("#o-villages", "6")
    page.fill("#o-floor", "0")
    choose(page, "#o-within", "Kabupaten Belu")
    choose(page, "#o-within", "Kabupaten Malaka")
    expect(pane.locator(".chips").first.locator("li")).to_have_count(2)
    submit(page)
    expect(page.locator("#o-per_regency-error")).to_contain_text("naikkan batas itu menjadi 3")
    choose(page, "#o-within", "Nusa Tenggara Timur")
    expect(pane.locator(".chips").first.locator("li")).to_have_count(1)
    submit(page)
    expect(pane.locator(".ranked > li")).to_have_count(6, timeout=PLAN_MS)
    expect(pane).to_contain_text("dari keberangkatan berisiko")
    expect(pane).to_contain_text("Paling banyak 1 desa per kabupaten.")
    expect(pane.locator(".ranked .item-name small").first).to_have_text(
        re.compile(r" · 53\.\d\d\.\d\d\.\d{4}$")
    )
    assert "orang/tahun" not in pane.inner_text()
    settled(page)
    assert shares(page, STOP)[0] > 1e-4, "villages are drawn"
    shoot(page, "outreach-partner-id")
    page.click("[data-lang=en]")
    expect(pane.locator(".ranked small").nth(1)).to_contain_text("Its regency: ")
    expect(page.locator("#legend-body")).to_contain_text("village, in order")
    shoot(page, "outreach-partner-en")
    page.click("#pane-work .change-input > summary")
    page.select_option("#o-limit", "days")
    expect(page.locator("#o-days")).to_be_visible()
    page.select_option("#o-limit", "villages")
    expect(page.locator("#o-villages")).to_have_value("6")
    with page.expect_download() as waiting:
        page.click("#pane-work a.button")
    assert waiting.value.suggested_filename.endswith(".xlsx")
    page.click("[data-lang=id]")

    page.click("[data-room=scenario]")
    expect(page.locator("#s-what option")).to_have_count(3)
    choose(page, "#s-area", "Kabupaten Belu")
    expect(page.locator("#s-indicator option").first).to_be_attached()
    submit(page)
    expect(pane.locator("table")).to_contain_text("Kabupaten Belu", timeout=PLAN_MS)
    expect(pane.locator("table")).to_contain_text("%")
    text = pane.inner_text().lower()
    assert [w for w in ("orang/tahun", "tercegat", "simpul", "pos ") if w in text] == []
    shoot(page, "scenario-partner-id")
    assert page.evaluate(script("contrast")) == []
    assert page.evaluate(script("nameless")) == []

    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#pane-work h2").scroll_into_view_if_needed()
    shoot(page, "work-small-id")
    page.click("[data-room=outreach]")
    village = pane.locator(".ranked .item").first
    name = village.locator(".item-name").inner_text().split(" Kabupaten ")[0]
    village.click()
    expect(page.locator("#detail h2")).to_have_text(name)
    shoot(page, "outreach-card-id-360")
    page.locator("#detail").get_by_role("button", name="Kembali").click()
    expect(village).to_be_focused()
    page.set_viewport_size({"width": 1040, "height": 740})
    page.click("[data-room=scenario]")
    page.emulate_media(media="print")
    expect(page.locator("#pane-work form").first).to_be_hidden()
    expect(pane.locator("table")).to_be_visible()


def test_a_village_on_both_lists_is_named(open_page: OpenPage) -> None:
    page = at_work(open_page, "ngo")
    page.click("[data-room=outreach]")
    page.click("#pane-work .more-options summary")
    for field in ("#o-must", "#o-forbidden"):
        choose(page, field, "Kabuna")
    submit(page)
    problem = page.locator("#o-forbidden-error")
    expect(problem).to_have_text(re.compile("^Kabuna ada di daftar wajib sekaligus"))


def test_a_planner_begins_with_scenarios(open_page: OpenPage) -> None:
    page = at_work(open_page, "planner")
    pane = page.locator("#pane-work")
    expect(pane.locator("[data-room]")).to_have_count(8)
    expect(pane.locator("[data-room=scenario]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#tier")).to_contain_text("Mitra · Nusa Tenggara Timur")
    shoot(page, "planner-scenario-form-id")
    page.select_option("#s-what", "service")
    choose(page, "#s-area", "Kabupaten Malaka")
    submit(page)
    expect(pane.locator("table")).to_contain_text("Kabupaten Malaka", timeout=PLAN_MS)
    assert "orang/tahun" not in pane.inner_text()
    signed = "async (v) => (await import('/static/ui/tables.js')).signed(v)"
    assert page.evaluate(signed, -0.04) == "kurang dari 0,1 lebih sedikit"
    assert page.evaluate(signed, -12) == "−12"
    settled(page)
    shoot(page, "planner-scenario-id")
    page.click("[data-lang=en]")
    expect(pane).to_contain_text("Scenario")
    shoot(page, "planner-scenario-en")
    page.click("[data-room=outreach]")
    expect(page.locator("#o-villages")).to_be_visible()
    shoot(page, "planner-outreach-en")
    page.click("[data-room=coverage]")
    expect(pane).to_contain_text("No plan of action that you may see")
    rows = pane.get_by_role("region", name="Coverage", exact=True).locator("tbody tr")
    expect(rows).to_have_count(22)
    expect(rows.filter(has_text="Timor Tengah Selatan")).to_contain_text("3 of 278")
    expect(pane).to_contain_text("Nusa Tenggara Timur: 54 of 3,442 villages are on record")
    assert "work=coverage" in page.url
    first = rows.first.inner_text()
    assert "Flores Timur" in first, "where most people leave from first"
    rows.filter(has_text="Timor Tengah Selatan").get_by_role("button").click()
    expect(pane).to_contain_text("Bokong 53.02.16.2005")
    expect(pane).to_contain_text("Villages without anything on record in")
    page.click("[data-room=warnings]")
    feed = pane.get_by_role("link", name="Atom feed of these warnings")
    expect(feed).to_have_attribute("href", re.compile(r"/v1/warnings\.atom\?lang=en$"))
    expect(pane).to_contain_text("series are judged by year")
    page.click("[data-room=evaluation]")
    expect(pane.locator("tbody tr")).to_have_count(3)
    expect(pane).not_to_contain_text("Bambangan")
    moratorium = pane.locator("tbody tr", has_text="the NTT moratorium")
    expect(moratorium).to_contain_text("deaths abroad, more: 1.6 times")
    expect(moratorium).to_contain_text("no evidence that what was done is the cause")
    pane.get_by_role("button", name="the NTT moratorium").click()
    expect(pane.locator("h3")).to_contain_text("November 2018")
    expect(pane).to_contain_text("this cannot be told from noise")
    expect(pane).to_contain_text("What to ask next")
    page.click("[data-room=report]")
    expect(page.locator("#report-area option").first).to_have_text("Nusa Tenggara Timur")
    page.select_option("#report-period", str(datetime.now(UTC).year))
    submit(page)
    expect(pane).to_contain_text("No plan of action for")
    report = pane.get_by_role("link", name="Download for Word (DOCX)")
    with page.expect_download() as download:
        report.click()
    assert download.value.suggested_filename.endswith(".docx")
    page.fill("#proposal-cost", "2500000")
    pane.get_by_role("button", name="Look at the proposal").click()
    expect(pane).to_contain_text("No adopted plan has a village for")
    pane.get_by_role("button", name="Import a file").click()
    expect(page.locator("[data-room=imports]")).to_have_attribute("aria-pressed", "true")


def test_police_scenario_undone_kept_compared_and_shared(
    open_page: OpenPage, service: Service, watch: Watch
) -> None:
    page = at_work(open_page, "police")
    page.click("[data-room=scenario]")
    pane = page.locator("#pane-work")
    expect(page.locator("#s-terminal")).to_be_visible()
    submit(page)
    expect(page.locator("#s-terminal-error")).to_contain_text("Pilih satu")
    choose(page, "#s-terminal", "lorens say")
    submit(page)
    total = pane.locator("table").first
    expect(total).to_contain_text("Tercegat", timeout=PLAN_MS)
    expect(pane.locator("#s-name")).to_be_visible()
    first = pane.locator("table").all_text_contents()
    settled(page)
    colours = shares(page, MORE, LESS)
    assert min(colours) > 2e-5, f"the change is drawn: {colours}"
    shoot(page, "scenario-police-id")
    save(page, "Pos Maumere")

    page.click("#pane-work .plan-form summary")
    page.select_option("#s-what", "demand")
    choose(page, "#s-area", "Kabupaten Belu")
    page.fill("#s-percent", "20")
    submit(page)
    expect(pane.locator(".changes li")).to_have_count(2)
    expect(pane).to_contain_text("Berangkat", timeout=PLAN_MS)
    assert pane.locator("table").all_text_contents() != first
    page.click("#s-undo")
    expect(pane.locator(".changes li")).to_have_count(1)
    expect(pane).not_to_contain_text("Sedang dihitung")
    assert pane.locator("table").all_text_contents() == first, "undone is as it was"

    page.click("#pane-work .plan-form summary")
    page.select_option("#s-what", "leg")
    choose(page, "#s-leg", "tenau")
    submit(page)
    expect(pane.locator(".changes li")).to_have_count(2)
    expect(pane.locator("#s-name")).to_be_visible(timeout=PLAN_MS)
    save(page, "Pos dan ruas ditutup")
    cards = pane.locator(".cards li")
    expect(cards).to_have_count(2)
    page.click("#s-undo")
    expect(pane.locator(".changes li")).to_have_count(1)
    expect(pane).not_to_contain_text("Sedang dihitung")
    for box in cards.locator("input").all():
        box.check()
    page.click("#s-compare")
    expect(pane.locator("h2")).to_have_text("Perbandingan skenario")
    expect(pane.locator("table").first).to_contain_text("Pos Maumere")
    assert "work=compare:" in page.url
    shoot(page, "compare-police-id")
    settled(page)
    # The edges of the map's own arrows are near the colour of less: a few dots of it.
    left = [now / drawn for now, drawn in zip(shares(page, MORE, LESS), colours, strict=True)]
    assert max(left) < 0.05, f"of several scenarios none is drawn: {left}"
    page.go_back()
    expect(pane.locator("h2")).not_to_have_text("Perbandingan skenario")
    settled(page)
    assert pane.locator("table").all_text_contents() == first, "Back restores the table"
    assert min(shares(page, MORE, LESS)) > 2e-5, "and the map"
    page.go_forward()
    expect(pane.locator("h2")).to_have_text("Perbandingan skenario")
    pane.locator(".actions button").first.click()

    card = cards.filter(has_text="Pos Maumere")
    card.get_by_role("button", name=re.compile("^Bagikan")).click()
    expect(card).to_contain_text("dibagikan")
    key = card.get_attribute("data-key")
    # Shared within the tier: another desk is told that there is no such thing.
    other = open_page(f"#tab=work&work=scenario:{key}", with_map=False)
    expect(other.locator("#pane-work .changes")).to_have_count(0)
    expect(other.locator("#sign-in-error")).to_contain_text("Masuk untuk membuka")
    sign_in(other, service, "police", watch)
    expect(other.locator(".changes li")).to_contain_text("Lorens Say", timeout=PLAN_MS)
    for name in ("Pos Maumere", "Pos dan ruas ditutup"):
        cards.filter(has_text=name).get_by_role("button", name=re.compile("^Hapus")).click()
        expect(cards.filter(has_text=name)).to_have_count(0)


def save(page: Page, name: str) -> None:
    page.fill("#s-name", name)
    page.click("#s-save")
    expect(page.locator(".cards li").filter(has_text=name)).to_be_visible(timeout=PLAN_MS)
    expect(page.locator("#s-name")).to_be_visible(timeout=PLAN_MS)
    assert "work=scenario:" in page.url


def test_a_desk_of_another_tier_does_not_exist(service: Service) -> None:
    def ask(path: str, desk: str | None = None) -> tuple[int, dict[str, Any] | str]:
        request = urllib.request.Request(service.url + path)
        if desk:
            name, password = service.accounts[desk]
            account = {"name": name, "password": password, "purpose": "training"}
            body = json.dumps(account).encode()
            sign = urllib.request.Request(
                f"{service.url}/v1/session", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(sign) as answer:
                token = json.loads(answer.read())["token"]
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read())
            problem.pop("instance")
            return error.code, problem

    nothing = ask("/desk/police/nothing.js")
    assert nothing[0] == 404
    hidden = [
        ("/desk/police/desk.js", None), ("/desk/police/posts.js", "ngo"),
        ("/desk/planner/desk.js", None), ("/desk/common/../police/posts.js", "ngo"),
        ("/desk/common/..%2Fpolice%2Fposts.js", "ngo"),
        ("/static/../desks/police/posts.js", None),
        ("/static/%2e%2e/desks/police/posts.js", None), ("/desk/police/desk.js.map", "police"),
        ("/desk/police/id.json", "ngo"), ("/desk/planner/id.json", None),
        ("/desk/common/id.json", "ngo"), ("/desk/police/xx.json", "police"),
    ]  # fmt: skip
    for path, desk in hidden:
        assert ask(path, desk) == nothing, path
    status, text = ask("/desk/police/posts.js", "police")
    assert status == 200
    assert "createPosts" in text
    assert ask("/desk/common/scenario.js", "ngo")[0] == 200
    assert "web_police." in ask("/desk/police/id.json", "police")[1]
    status, text = ask("/desk/ngo/id.json", "ngo")
    assert (status, "web_police." in text) == (200, False)


def test_a_watch_plan_is_shown_and_its_roster_fits(open_page: OpenPage) -> None:
    page = open_page("#tab=work&work=watch", desk="police", width=1366, height=768)
    page.fill("#w-hours", "40")
    choose(page, "#w-within", "Nusa Tenggara Timur")
    submit(page)
    pane = page.locator("#pane-work")
    expect(pane.locator(".key-figure")).to_contain_text("orang berisiko", timeout=PLAN_MS)
    expect(pane.locator("[role=status]").first).to_contain_text("Menunggu persetujuan")
    job = page.url.partition("work=watch:")[2].partition("&")[0]
    other = open_page(desk="second", with_map=False)
    assert other.request.post(f"{page.url.partition('#')[0]}v1/jobs/{job}/consent").ok
    page.get_by_role("button", name="Periksa lagi").click()
    roster = pane.get_by_role("region", name="Daftar jaga")
    expect(roster.locator("tbody tr").first).to_be_visible()
    assert roster.evaluate("(wide) => wide.scrollWidth <= wide.clientWidth")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
