"""The national plan of action stands above the provinces in the room of reports."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from geo.imports.service import import_file
from geo.imports.store import entries, undo
from tests.e2e.pages import Service, shoot
from tests.geo.agreements import registered

pytestmark = pytest.mark.e2e

HEAD = (
    "Versi;Tahun Awal;Tahun Akhir;Kode Wilayah;Sub Gugus Tugas;Kode Indikator;Indikator;Satuan;"
    "Tahun;Target;Instansi;Ukuran"
)
YEAR = str(datetime.now(UTC).year)
ABOUT = f"Pencegahan;1.1;Desa dikunjungi;desa;{YEAR}"
PLANS = (
    f"RAN Contoh;{YEAR};{YEAR};ID;{ABOUT};5000;Kemen PPPA;villages_visited",
    f"RAD Contoh;{YEAR};{YEAR};53;{ABOUT};40;DP3A;villages_visited",
)
VISITED = ("53.04.01.2001", "53.04.01.2002", "51.01.01.2001")


@pytest.fixture
def plans(service: Service, tmp_path: Path) -> Iterator[None]:
    """An example of a national plan and of one of NTT, and visits to two villages there and one of
    Bali.
    """
    under = registered(service.home)
    file = tmp_path / "rencana.csv"
    file.write_text("\n".join([HEAD, *PLANS, ""]), "utf-8")
    import_file(file, "action_plan", service.home, by="test")
    visits = tmp_path / "kunjungan.csv"
    rows = [f"{code},Lembaga,{YEAR},{YEAR}-01" for code in VISITED]
    visits.write_text("\n".join(["area_code,organisation,year,month", *rows, ""]), "utf-8")
    import_file(visits, "outreach", service.home, by="test", under=under)
    yield
    for entry in entries(service.home):
        undo(service.home, entry.id, by="test")


@pytest.mark.usefixtures("plans")
def test_the_national_plan_stands_above_the_provinces(open_page: Callable[..., Page]) -> None:
    page = open_page("#tab=work&work=report", desk="police", with_map=False)
    pane = page.locator("#pane-work")
    page.select_option("#report-area", label="Indonesia")
    page.select_option("#report-period", YEAR)
    page.click("#pane-work form button[type=submit]")
    expect(pane).to_contain_text("Rencana aksi nasional: RAN Contoh")
    national = pane.get_by_role("region", name="Pencegahan", exact=True).locator("tbody tr")
    expect(national).to_have_count(1)
    expect(national).to_contain_text("Kemen PPPA")
    assert national.locator("td").all_inner_texts()[-4:-2] == ["5.000", "3"]
    provinces = pane.get_by_role("region", name="Semua provinsi", exact=True).locator("tbody tr")
    expect(provinces).to_have_count(38)
    expect(provinces.filter(has_text="Nusa Tenggara Timur")).to_contain_text("RAD Contoh")
    expect(provinces.filter(has_text="Bali")).to_contain_text("belum punya rencana sendiri")
    expect(pane).to_contain_text("1 dari 38 provinsi punya rencana aksi")
    own, beside = (pane.get_by_text(words, exact=False).first.bounding_box()
                   for words in ("RAN Contoh", "1 dari 38"))  # fmt: skip
    assert own is not None
    assert beside is not None
    assert own["y"] < beside["y"]
    assert Axe().run(page).response["violations"] == []
    provinces.first.scroll_into_view_if_needed()
    shoot(page, "report-national-police-id")
    with page.expect_download() as download:
        pane.get_by_role("link", name="XLSX").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames[0] == "Rencana nasional"
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.click("[data-lang=en]")
    expect(pane).to_contain_text("no plan of its own")
