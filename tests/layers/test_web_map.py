"""The one-file map: everything inside, nothing fetched, nothing above the tier, names harmless."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from geo.errors import EnvironmentProblem, UnknownNameError
from layers.documents.leaflet import load_leaflet
from layers.documents.web_map import write_map
from layers.release.release import Release

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


class _Fetches(HTMLParser):
    """Collects every attribute by which a page would load something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.styles: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster"):
                self.found.append(f"{tag} {name}={value}")
            if name == "style" and value:
                self.styles.append(value)

    def handle_data(self, data: str) -> None:
        if self._style:
            self.styles.append(data)
            self._style = False


@pytest.fixture(scope="module")
def pages(release: Release, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("maps")
    out = {tier: folder / f"{tier}.html" for tier in ("public", "partner", "police")}
    for tier, path in out.items():
        write_map(release, path, tier=tier, province="53")
    return out


def test_nothing_is_linked(pages: dict[str, Path]) -> None:
    library = load_leaflet().script
    for path in pages.values():
        text = path.read_text(encoding="utf-8")
        fetches = _Fetches()
        fetches.feed(text)
        assert fetches.found == []
        for style in fetches.styles:
            assert "@import" not in style
            assert all(u.startswith("data:") for u in re.findall(r"url\(['\"]?([^)]*)", style))
        own = text.replace(library, "")
        assert "http://" not in own
        assert "https://" not in own
        assert "sourceMappingURL" not in text
        assert "default-src 'none'" in text


def test_indonesian_first_with_legend_and_sources(pages: dict[str, Path], release: Release) -> None:
    text = pages["police"].read_text(encoding="utf-8")
    assert '<html lang="id">' in text
    for word in ("Kelas kerentanan", "sangat tinggi", "pelabuhan tikus", "GeoNames", "Simpul"):
        assert word in text
    assert release.tier_id("police") in text
    assert "user-scalable=no" not in text


def test_lower_tiers_show_nothing_hidden(pages: dict[str, Path]) -> None:
    police = pages["police"].read_text(encoding="utf-8")
    for word in (
        "Dermaga Rahasia",
        "Pos Terpadu",
        "orang/tahun",
        "sangat tinggi (p 0,60)",
        "20,0 %",
    ):
        assert word in police
        for tier in ("public", "partner"):
            assert word not in pages[tier].read_text(encoding="utf-8"), (tier, word)
    assert "pelabuhan tikus" not in pages["public"].read_text(encoding="utf-8")


def test_names_cannot_become_markup(pages: dict[str, Path]) -> None:
    text = pages["police"].read_text(encoding="utf-8")
    assert "Nongsa <b>" not in text
    assert "Nongsa \\u003cb" not in text
    assert re.search(r"Nongsa (&|\\u0026)lt;b", text)


def test_unknown_tier_and_bad_place(release: Release, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        write_map(release, tmp_path / "m.html", tier="admin")
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem):
        write_map(release, tmp_path / "file" / "m.html")


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.skipif(_BROWSER is None, reason="no chromium on this machine")
def test_browser_draws_it_and_asks_for_nothing(pages: dict[str, Path]) -> None:
    # In a thread of its own: another browser of this run may hold this one's event loop.
    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(_look_at, pages["police"].as_uri()).result()
    assert seen["colours"] > 20
    assert seen["headings"] == ("Kelas kerentanan", "Vulnerability class")
    assert seen["said"] == []
    asked = seen["asked"]
    assert [u for u in asked if not u.startswith(("data:", "file:"))] == []
    assert len([u for u in asked if u.startswith("file:")]) == 1


def _look_at(address: str) -> dict[str, Any]:
    """Open the file in Chromium: what it asked for and said, its colours, its panel's heading."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=_BROWSER, args=["--no-sandbox"])
        page: Any = browser.new_page(viewport={"width": 1200, "height": 700})
        page.on("request", lambda r: asked.append(r.url))
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto(address)
        page.wait_for_selector(".leaflet-control-layers-overlays input")
        page.wait_for_timeout(400)
        colours = page.evaluate(
            """() => { const c = document.querySelector('canvas'); const seen = new Set();
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            for (let i = 0; i < d.length; i += 4)
              if (d[i+3]) seen.add(d[i] + ',' + d[i+1] + ',' + d[i+2]); return seen.size; }"""
        )
        first = page.inner_text("#pj-panel b")
        page.click("#pj-language")
        second = page.inner_text("#pj-panel b")
        browser.close()
    return {"asked": asked, "said": said, "colours": colours, "headings": (first, second)}
