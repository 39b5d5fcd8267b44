"""On paper: the first sheet is a map that can stand alone, then the card; and the brief."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from unicodedata import normalize

import numpy as np
import pypdf
import pytest
from playwright.sync_api import Page, expect

from geo.i18n import text as said_in
from layers.palette import BASE
from tests.e2e.pages import Service, rgb, settled

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]


def printed(page: Page, **paper: Any) -> bytes:
    """What the browser prints after the button of the page."""
    page.evaluate("window.print = () => document.documentElement.setAttribute('data-asked', '')")
    page.keyboard.press("Control+p")
    page.wait_for_selector("html[data-asked]", timeout=60_000)
    return page.pdf(**{"format": "A4", "print_background": True, **paper})


def texts(content: bytes) -> list[str]:
    """Text of each sheet, blanks as single blanks, without ligatures."""
    sheets = pypdf.PdfReader(io.BytesIO(content)).pages
    return [" ".join(normalize("NFKC", sheet.extract_text()).split()) for sheet in sheets]


def picture_of_the_map(content: bytes) -> Any:
    """Pixels of the largest picture on the first sheet."""
    pictures = [found.image for found in pypdf.PdfReader(io.BytesIO(content)).pages[0].images]
    largest = max(pictures, key=lambda image: image.width * image.height)
    return np.asarray(largest.convert("RGB"), int)


def near(pixels: Any, colour: Any) -> float:
    """Share of the pixels that have this colour."""
    return float((abs(pixels - colour).sum(axis=2) < 12).mean())


def light(content: bytes) -> float:
    """Share of the map's picture on the first sheet that has the colour of the sea on paper."""
    return near(picture_of_the_map(content), rgb(BASE["sea"]))


def release_of(page: Page, service: Service) -> str:
    return str(page.request.get(f"{service.url}/v1/releases/current").json()["release"])


@pytest.mark.parametrize(
    ("desk", "language", "marking"),
    [
        (None, "id", "PUBLIK - terbuka untuk umum"),
        ("planner", "id", "TERBATAS - Mitra"),
        ("police", "en", "RESTRICTED - Police"),
    ],
)
def test_the_first_sheet_is_a_whole_map(
    open_page: OpenPage, service: Service, desk: str | None, language: str, marking: str
) -> None:
    page = open_page(f"#lang={language}&sel=area:53.04", desk=desk, color_scheme="dark")
    expect(page.locator("#detail h2")).to_have_text("Kabupaten Belu")
    heading = page.locator("#legend-body h3").first.inner_text()
    before = page.url
    content = printed(page)
    first, *rest = texts(content)
    assert light(content) > 0.3, "paper is light"
    release = release_of(page, service)
    scale = page.evaluate("document.documentElement.dataset.theme")
    word = "rilis" if language == "id" else "release"
    credit = "Petajaga, edisi" if language == "id" else "Petajaga, edition"
    for text in (
        marking, "Kabupaten Belu", heading, f"{word} {release}", " km", "Mercator", credit, "ODbL",
    ):  # fmt: skip
        assert text in first, (text, first)
    assert len(rest) == 1, "the card is one sheet after the map"
    assert marking in rest[0], "every sheet has the classification"
    about = "Tentang data ini" if language == "id" else "About these data"
    for text in ("Kabupaten Belu", "129", about):
        assert text in rest[0], text
    # On the screen everything is as it was.
    settled(page)
    assert scale == "dark"
    assert page.url == before
    expect(page.locator(".paper-head")).to_have_count(0)


def test_a_dark_screen_printed_from_the_menu_of_the_browser_is_a_light_sheet(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page("#lang=id&sel=area:53.04", desk="planner", color_scheme="dark")
    content = page.pdf(format="A4", print_background=True)
    first = texts(content)[0]
    release = release_of(page, service)
    for text in ("TERBATAS - Mitra", "Kabupaten Belu", f"rilis {release}", " km", "Mercator"):
        assert text in first, (text, first)
    pixels = picture_of_the_map(content)
    assert np.median(pixels) > 200
    assert (pixels.sum(axis=2) < 150).mean() < 0.05, "dark are lines and letters alone"
    # What stands for a class beside the map is what is drawn on it.
    swatches = [
        np.asarray(found.image.convert("RGB"), int)[found.image.height // 2, found.image.width // 2]
        for found in pypdf.PdfReader(io.BytesIO(content)).pages[0].images
        if found.image.width < 120
    ]
    assert max(near(pixels, swatch) for swatch in swatches) > 0.01
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(page.locator(".paper-head, .paper-map")).to_have_count(0)


@pytest.mark.parametrize(("paper", "width"), [("A4", 297), ("A3", 420)])
def test_the_sheet_is_as_wide_as_the_paper_chosen(
    open_page: OpenPage, paper: str, width: float
) -> None:
    page = open_page()
    content = printed(page, format=paper)
    sheets = pypdf.PdfReader(io.BytesIO(content)).pages
    box = sheets[0].mediabox
    assert float(box.width) * 25.4 / 72 == pytest.approx(width, abs=1)
    assert box.width > box.height
    assert "Koridor" in sheets[0].extract_text()


@pytest.mark.parametrize(
    ("desk", "selection", "word"),
    [
        (None, "area:53.04", "PUBLIC - open to everyone"),
        ("planner", "area:53.04", "RESTRICTED - Partners"),
        ("police", "terminal:tenau", "RESTRICTED - Police"),
    ],
)
def test_a_card_gives_its_brief_in_the_language_of_the_page(
    open_page: OpenPage, desk: str | None, selection: str, word: str, tmp_path: Any
) -> None:
    page = open_page(f"#lang=en&sel={selection}", desk=desk, with_map=False)
    with page.expect_download(timeout=90_000) as waiting:
        page.locator("#detail").get_by_role("link", name="Two-page brief").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == f"petajaga-{selection.partition(':')[2]}.pdf"
    sheets = texts(path.read_bytes())
    assert len(sheets) == 2
    assert sheets[0].startswith(word)


def test_a_planner_is_offered_the_brief_to_hand_on_and_told_that_it_is_a_draft(
    open_page: OpenPage, tmp_path: Any
) -> None:
    page = open_page("#lang=id&sel=area:53.06", desk="planner", with_map=False)
    detail = page.locator("#detail")
    expect(detail).to_contain_text("mencatat persetujuan instansi Anda")
    with page.expect_download(timeout=90_000) as waiting:
        detail.get_by_role("link", name="Ringkasan untuk dibagikan").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == "petajaga-53.06-publik.pdf"
    sheets = texts(path.read_bytes())
    assert len(sheets) == 2
    for sheet in sheets:
        assert sheet.startswith("PUBLIK - terbuka untuk umum | edisi 1 (belum disetujui), rilis ")
        assert "Kabupaten Flores Timur" in sheet
    public = open_page("#lang=id&sel=area:53.06", with_map=False)
    expect(public.locator("#detail h2").first).to_have_text("Kabupaten Flores Timur")
    expect(public.locator("#detail")).not_to_contain_text("mintalah pengelola")


def test_a_printed_border_post_is_said_to_be_no_post_abroad(open_page: OpenPage) -> None:
    note = " ".join(said_in("web.at_border", "id").split())
    page = open_page("#lang=id&at=-9.2,124.9,9&layers=areas,terminals&tab=areas")
    settled(page)
    first, *_ = texts(printed(page))
    assert f"Pos lintas batas negara: {note}" in first
    page = open_page("#lang=id&at=-8.5,119.9,9&layers=areas,terminals&tab=areas")
    settled(page)
    first, *_ = texts(printed(page))
    assert "Mercator" in first
    assert note not in first, "no border is in view"
