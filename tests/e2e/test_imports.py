"""An office's own files through the page: sent, understood, corrected, confirmed, undone; in both
languages, at every desk. The files are made here in the forms that offices use.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Iterator

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect

from geo.imports.store import entries, undo
from tests.e2e.pages import Service, Watch, script, shoot, take_picture
from tests.geo.agreements import registered

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
READ_MS = 90_000
CARDS = ".imports > .cards > li"
"""Imports that count; those taken back are folded away."""
REGENCIES = ("Kab. Kupang", "Kab. TTS", "Kab. TTU", "Belu", "Flores Timur", "Kota Kupang")
LANGUAGES = ("id", "en")
WORDS = {
    "id": {"stored": "tersimpan", "waits": "menunggu pembangunan ulang", "none": "Belum ada"},
    "en": {"stored": "stored", "waits": "waits for the next build", "none": "Nothing yet"},
}


def yearly_workbook() -> bytes:
    """Cases and victims by regency, a sheet a year: titles, headings of two rows, a total."""
    book = openpyxl.Workbook()
    for year in (2023, 2024):
        sheet = book.create_sheet(f"Tahun {year}")
        sheet["A1"] = "PEMERINTAH PROVINSI NUSA TENGGARA TIMUR"
        sheet["A2"] = f"REKAPITULASI KORBAN TPPO MENURUT KABUPATEN/KOTA TAHUN {year}"
        sheet.merge_cells("A1:F1")
        sheet.append([])
        sheet.append(["No", "Kabupaten/Kota", "Jumlah Kasus", "Korban", None, "Ket."])
        sheet.append([None, None, None, "L", "P", None])
        sheet.merge_cells("D4:E4")
        for at, name in enumerate(REGENCIES, start=1):
            sheet.append([at, name, at + 1, at, at + 2, None])
        sheet.append(["Jumlah", None, "=SUM(C6:C11)", "=SUM(D6:D11)", "=SUM(E6:E11)", None])
        sheet.append(["Sumber: SIMFONI-PPA"])
    del book["Sheet"]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def years_as_columns() -> bytes:
    """Prevented departures by home regency, years as columns, as a spreadsheet saves it."""
    lines = [
        "BALAI PELAYANAN PELINDUNGAN PEKERJA MIGRAN INDONESIA;;;;",
        "CPMI NON PROSEDURAL YANG DICEGAH MENURUT KABUPATEN ASAL TAHUN 2023 \u2013 2024;;;;",
        "No;Kabupaten Asal;2023;2024;%",
        *(f"{k};{name};{3 * k + 1};{k};1,50" for k, name in enumerate(REGENCIES, start=1)),
        "JUMLAH;;69;21;100,00",
        "Sumber: BP3MI (diolah);;;;",
    ]
    return "\r\n".join(lines).encode("cp1252")


def poverty() -> bytes:
    """The share of poor people as the statistics office gives it, without its source."""
    return (
        b"Kabupaten/Kota,Persentase Penduduk Miskin (Persen),\n,2023,2024\n"
        b"Kupang,22.4,21.8\nTimor Tengah Selatan,25.2,24.7\nKota Kupang,8.6,8.2\n"
    )


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE_FILES: dict[str, tuple[str, str, bytes, int]] = {
    "cases": ("counts", "simfoni-ntt.xlsx", yearly_workbook(), 36),
    "prevented": ("counts", "bp3mi-dicegah.csv", years_as_columns(), 12),
    "poverty": ("indicators", "kemiskinan-bps.csv", poverty(), 6),
}
"""Kind, name and content of each office's file, and the rows it has."""


def payload(name: str, content: bytes) -> FilePayload:
    return {
        "name": name,
        "mimeType": SHEET if name.endswith("xlsx") else "text/csv",
        "buffer": content,
    }


@pytest.fixture(scope="module")
def agreement(service: Service) -> str:
    """An agreement that allows everything, registered by the operator."""
    return registered(service.home)


@pytest.fixture
def at_imports(open_page: OpenPage, service: Service, agreement: str) -> Iterator[OpenPage]:
    """Opens the room of imports at a desk; what a test imports is undone after it."""

    def open_room(desk: str, language: str = "id", **more: object) -> Page:
        page = open_page(
            f"#tab=work&work=imports&lang={language}", desk=desk, with_map=False, **more
        )
        expect(page.locator("#i-kind")).to_be_visible(timeout=READ_MS)
        return page

    yield open_room
    for entry in entries(service.home):
        undo(service.home, entry.id, by="test")
    (service.home.imports / "columns.json").unlink(missing_ok=True)


def send(page: Page, kind: str, name: str, content: bytes) -> None:
    page.select_option("#i-kind", kind)
    page.set_input_files("#i-file", payload(name, content))
    page.click("#i-read")


def understood(page: Page) -> None:
    expect(page.locator("#i-confirm")).to_be_visible(timeout=READ_MS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("office", OFFICE_FILES)
def test_an_office_file_goes_in_with_at_most_one_correction(
    at_imports: OpenPage, service: Service, watch: Watch, pytestconfig: pytest.Config,
    agreement: str, office: str, language: str,
) -> None:  # fmt: skip
    pictures = pytestconfig.getoption("pictures") and office == "cases"
    kind, name, content, rows = OFFICE_FILES[office]
    page = at_imports("planner", language)
    room, words = page.locator(".imports"), WORDS[language]
    expect(room).to_contain_text(words["none"])
    if pictures:
        page.select_option("#i-kind", kind)
        take_picture(room, f"import-choose-{language}")
    send(page, kind, name, content)
    if office == "poverty":
        missing = page.locator("#i-missing-source")
        expect(missing).to_be_visible(timeout=READ_MS)
        watch.expect_error("400")
        shoot(page, f"import-missing-{language}")
        missing.fill("BPS Provinsi NTT, Susenas")
        page.click("#i-read")
    understood(page)
    expect(room.locator(".key-figure")).to_have_text(re.compile(rf"^{rows} "))
    assert "--" not in room.inner_text(), "the page names no option of the command line"
    shoot(page, f"import-{office}-{language}")
    if office == "cases":
        meaning = page.get_by_label(re.compile("Korban P"))
        expect(meaning).to_have_value("victims_female")
        assert room.locator("table").count() == 3, "columns, rows left out, first rows"
    nameless = page.evaluate(script("nameless"))
    assert [tag for tag in nameless if not tag.startswith("<canvas")] == []
    assert page.evaluate(script("contrast")) == []
    if pictures:
        take_picture(room, f"import-report-{language}")

    page.click("#i-confirm")
    expect(room.locator(".key-figure")).to_contain_text(words["stored"], timeout=READ_MS)
    card = page.locator(CARDS).first
    expect(card).to_contain_text(name)
    expect(card).to_contain_text("perencana")
    expect(card).to_contain_text(words["waits"])
    if kind == "counts":
        expect(card).to_contain_text(agreement)
    (entry,) = entries(service.home)
    assert (entry.by, entry.rows, entry.file) == ("perencana", rows, name)
    if pictures:
        take_picture(room, f"import-stored-{language}")

    card.get_by_role("button").click()
    expect(card.locator("[data-key^=yes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(room).to_contain_text(words["none"])
    assert entries(service.home) == []


def test_a_meaning_is_corrected_and_kept_for_the_next_file(
    at_imports: OpenPage, service: Service, watch: Watch
) -> None:
    page = at_imports("planner")
    head = "Kabupaten;Tahun;Dilayani\n"
    send(page, "counts", "layanan-2023.csv", f"{head}Belu;2023;12\nAlor;2023;7\n".encode())
    unknown = page.get_by_label("Arti kolom Dilayani")
    expect(unknown).to_be_visible(timeout=READ_MS)
    watch.expect_error("400")
    unknown.select_option("cases_handled")
    page.click("#i-read")
    understood(page)
    page.click("#i-confirm")
    expect(page.locator(CARDS)).to_have_count(1, timeout=READ_MS)
    page.get_by_role("button", name="Berkas lain").click()
    send(page, "counts", "layanan-2024.csv", f"{head}Belu;2024;9\nAlor;2024;8\n".encode())
    understood(page)
    expect(page.get_by_label("Arti kolom Dilayani")).to_have_value("cases_handled")
    # Corrected again in the report, it is read again before it can be confirmed.
    page.get_by_label("Arti kolom Dilayani").select_option("tppo_cases")
    expect(page.locator("#i-confirm")).to_have_count(0)
    page.click("#i-again")
    understood(page)
    page.click("#i-confirm")
    expect(page.locator(CARDS)).to_have_count(2, timeout=READ_MS)
    assert "tppo_cases" in entries(service.home)[-1].path(service.home).read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_with_persons_is_refused_with_its_reason_and_nothing_is_kept(
    at_imports: OpenPage, service: Service, watch: Watch, pytestconfig: pytest.Config, language: str
) -> None:
    page = at_imports("ngo", language)
    kept = sorted(service.home.imports.rglob("*"))
    text = "kode,lembaga,tahun,catatan\n53.02.01.1001,Rumah Perempuan,2024,NIK 5302014107900001\n"
    send(page, "outreach", "kunjungan.csv", text.encode())
    problem = page.locator(".problem")
    expect(problem).to_be_visible(timeout=READ_MS)
    watch.expect_error("400")
    expect(problem).to_contain_text("4")
    assert "5302014107900001" not in page.content()
    if pytestconfig.getoption("pictures"):
        take_picture(page.locator(".imports"), f"import-refused-{language}")
    contents = b"".join(p.read_bytes() for p in service.home.imports.rglob("*") if p.is_file())
    assert b"5302014107900001" not in contents
    assert [p for p in sorted(service.home.imports.rglob("*")) if p.is_file()] == [
        p for p in kept if p.is_file()
    ]


def test_an_ngo_drops_its_visits_on_a_phone(at_imports: OpenPage, service: Service) -> None:
    page = at_imports("ngo", width=360, height=740)
    assert page.locator("#i-kind option").evaluate_all("all => all.map((o) => o.value)") == [
        "places", "outreach",
    ]  # fmt: skip
    page.select_option("#i-kind", "outreach")
    text = "kode,lembaga,tahun\n53.02.01.1001,Rumah Perempuan,2024\n73.12.01.1001,Lain,2024\n"
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "kunjungan.csv", { type: "text/csv" }));
          document.querySelector(".drop").dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    expect(page.locator("#i-chosen")).to_have_text("kunjungan.csv")
    expect(page.locator("#i-read")).to_be_focused()
    page.keyboard.press("Enter")
    understood(page)
    expect(page.locator(".key-figure")).to_have_text(re.compile("^1 dari 2 "))
    shoot(page, "import-ngo-phone-id")
    small = page.locator(".imports").evaluate(
        """(room) => [...room.querySelectorAll("button, select, summary, label.button")]
             .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44)
             .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#i-confirm")
    expect(page.locator(CARDS)).to_have_count(1, timeout=READ_MS)
    assert [entry.by for entry in entries(service.home)] == ["lsm"]


def test_the_police_desk_chooses_a_sheet_and_starts_and_cancels_a_rebuild(
    at_imports: OpenPage, service: Service, watch: Watch, pytestconfig: pytest.Config
) -> None:
    pictures = pytestconfig.getoption("pictures")
    book = openpyxl.Workbook()
    for title, value in (("Januari", 24.0), ("Juli", 25.0)):
        sheet = book.create_sheet(title)
        sheet.append(["area_code", "indicator", "year", "value", "unit", "source"])
        sheet.append(["53.02", "poverty_rate", 2024, value, "percent", "BPS"])
    del book["Sheet"]
    content = io.BytesIO()
    book.save(content)
    page = at_imports("police")
    send(page, "indicators", "kemiskinan.xlsx", content.getvalue())
    expect(page.locator("#i-sheet")).to_be_visible(timeout=READ_MS)
    watch.expect_error("400")
    page.select_option("#i-sheet", "Juli")
    page.click("#i-read")
    understood(page)
    # What was read is kept for an hour: later it is read again, and confirmed then.
    shutil.rmtree(service.home.imports / "pending")
    with page.expect_response(lambda answer: answer.url.endswith("/confirm")) as answer:
        page.click("#i-confirm")
    assert answer.value.status == 404
    expect(page.locator(".running")).to_have_count(0, timeout=READ_MS)
    understood(page)
    expect(page.locator("#announce")).to_contain_text("dapat disimpan")
    watch.expect_error("404")
    assert entries(service.home) == []
    page.click("#i-confirm")
    expect(page.locator("#i-rebuild")).to_be_visible(timeout=READ_MS)
    expect(page.locator(".imports")).to_contain_text("1 muatan menunggu pembangunan ulang")
    if pictures:
        for language in LANGUAGES:
            page.click(f"[data-lang={language}]")
            expect(page.locator("#i-rebuild")).to_be_visible()
            take_picture(page.locator(".imports"), f"import-rebuild-{language}")
        page.click("[data-lang=id]")
    page.click("#i-rebuild")
    expect(page.locator(".running progress")).to_be_visible()
    expect(page.locator(".running [role=status]")).not_to_be_empty()
    shoot(page, "import-rebuild-police-id")
    # It goes on without the page; another desk sees it and cannot end it.
    other = at_imports("planner")
    expect(other.locator(".running progress")).to_be_visible()
    expect(other.locator(".running button")).to_have_count(0)
    page.reload()
    page.locator(".running button").click()
    expect(page.locator(".imports")).to_contain_text("dibatalkan; peta tetap")
    expect(page.locator("#i-rebuild")).to_be_visible()
