"""The administrator's room in a browser: accounts by keyboard, the audit filtered."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import Watch, script, shoot

OpenPage = Callable[..., Page]


def test_accounts_are_added_and_removed_by_keyboard(open_page: OpenPage, watch: Watch) -> None:
    page = open_page("#tab=work&work=admin", desk="police", with_map=False)
    pane = page.locator("#pane-work")
    expect(pane.get_by_role("rowheader", name="lsm", exact=True)).to_be_visible()
    assert [part for part in page.evaluate(script("nameless")) if "canvas" not in part] == []
    pane.get_by_text("Tambah akun").first.press("Enter")
    page.fill("#admin-name", "polda uji")
    page.select_option("#admin-desk", "police")
    page.press("#admin-province", "Enter")
    expect(page.locator("#admin-name-error")).to_contain_text("huruf")
    expect(page.locator("#admin-name")).to_be_focused()
    watch.expect_error("400")
    page.fill("#admin-name", "polda-uji")
    page.fill("#admin-province", "53")
    page.get_by_label("Administrator: memulai").check()
    page.press("#admin-province", "Enter")
    expect(page.locator("#admin-shown")).to_be_focused()
    expect(page.locator("#admin-shown code")).not_to_be_empty()
    row = pane.get_by_role("row").filter(has_text="polda-uji").first
    expect(row).to_contain_text("kepolisian · 53")
    expect(row.get_by_role("cell", name="ya", exact=True)).to_be_visible()
    row.get_by_role("button", name="Hapus polda-uji").press("Enter")
    sure = row.get_by_role("button", name="Ya, hapus polda-uji")
    expect(sure).to_be_focused()
    sure.press("Enter")
    expect(pane.get_by_role("rowheader", name="polda-uji", exact=True)).to_have_count(0)
    expect(page.locator("#admin-shown")).to_have_count(0)
    page.fill("#admin-action", "accounts.remove")
    page.press("#admin-action", "Enter")
    rows = pane.get_by_role("region", name="Catatan audit").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("polda-uji")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.click("[data-lang=en]")
    expect(pane.locator("h2")).to_have_text("Administration")
    shoot(page, "administration-en-360")


def test_what_an_office_did_is_recorded_judged_and_taken_out(
    open_page: OpenPage, watch: Watch
) -> None:
    page = open_page("#tab=work&work=evaluation", desk="police", with_map=False)
    pane = page.locator("#pane-work")
    expect(pane.locator("tbody tr")).to_have_count(4)
    pane.get_by_text("Catat yang dilakukan kantor Anda").press("Enter")
    page.fill("#iv-name", "Penyuluhan di sekolah")
    page.press("#iv-name", "Enter")
    expect(page.locator("#iv-area-error")).to_have_text(
        "Pilih sedikitnya satu wilayah dari daftar."
    )
    page.fill("#iv-area", "Sikka")
    expect(page.locator("#iv-area-list [role=option]").first).to_be_visible()
    page.press("#iv-area", "Enter")
    page.select_option("#iv-kind", "post")
    expect(page.locator("#iv-terminals")).to_be_visible()
    page.select_option("#iv-kind", "campaign")
    expect(page.locator("#iv-terminals")).to_have_count(0)
    page.fill("#iv-start", "2022-03")
    page.fill("#iv-until", "2021-12")
    page.select_option("#iv-aim", "deaths_abroad:unknown:fewer")
    page.fill("#iv-source", "Bappeda Sikka")
    watch.expect_error("400")
    page.press("#iv-source", "Enter")
    expect(page.locator("#iv-until-error")).to_contain_text("tidak sebelum mulainya")
    page.fill("#iv-until", "")
    page.press("#iv-source", "Enter")
    row = pane.locator("tbody tr", has_text="Penyuluhan di sekolah")
    expect(row).to_contain_text("tidak dapat dibedakan dari naik-turun biasa")
    row.get_by_role("button", name="Penyuluhan di sekolah", exact=True).click()
    expect(pane.locator("h3")).to_have_text("Penyuluhan di sekolah (Maret 2022)")
    row.get_by_role("button", name="Hapus Penyuluhan di sekolah").click()
    expect(row).to_have_count(0)
    expect(pane.locator("tbody tr")).to_have_count(4)
