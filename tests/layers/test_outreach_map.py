"""The outreach plan's one-file map: numbered in the plan's order, both languages, nothing asked."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from geo.errors import EnvironmentProblem, InputError
from layers.documents.leaflet import load_leaflet
from layers.documents.outreach_map import write_outreach_map
from routes.outreach.plan import OutreachPlan, plan_outreach

pytestmark = pytest.mark.slow

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
_ROWS = [
    ("a", "53.04.01.2001", "Haliwen", "53.04", "Kabupaten Belu", -9.10, 124.90, 120.0, 0.4),
    ("b", "", "Laku <b>Rai", "53.04", "Kabupaten Belu", -9.40, 124.80, 60.0, 1.5),
    ("c", "", "Oesao", "53.01", "Kabupaten Kupang", -10.10, 123.80, 90.0, float("nan")),
]
_NAMES = ["id", "code", "name", "regency_code", "regency", "lat", "lon", "persons", "travel_hours"]
_BASES = {"Atambua": (-9.106, 124.892), "Nowhere used": (0.0, 100.0)}


@pytest.fixture(scope="module")
def plan() -> OutreachPlan:
    table = pd.DataFrame(_ROWS, columns=_NAMES).assign(base=["Atambua", "Atambua", ""])
    table["class"] = "high"
    return plan_outreach(table, number=3, radius_km=10.0)


@pytest.fixture(scope="module")
def page(plan: OutreachPlan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outreach")
    land = folder / "land.geojson"
    boxes = gpd.GeoSeries([box(123.0, -10.5, 126.0, -8.9), box(95.0, 1.0, 96.0, 5.0)])
    land.write_text(boxes.to_json(), encoding="utf-8")
    cells = gpd.GeoDataFrame(
        {"code": ["53.04", "65.04"], "approximate": [True, True]},
        geometry=[box(124.5, -9.6, 125.2, -8.9), box(116.0, 3.0, 118.0, 5.0)],
    )
    path = folder / "peta.html"
    write_outreach_map(
        path, plan, area="Nusa Tenggara Timur", build_id="abc123abc123", basemap=land,
        bases=_BASES, outlines=cells,
    )  # fmt: skip
    return path


def test_villages_in_order_with_reasons_in_both_languages(page: Path, plan: OutreachPlan) -> None:
    text = page.read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r"onclick=\"pjOpen\((\d+)\)\"", text)]
    assert numbers == [1, 2, 3]
    places = [text.index(f"<span>{name}") for name in ("Haliwen", "Oesao", "Laku &lt;b&gt;Rai")]
    assert places == sorted(places)
    for row in plan.villages.to_dict("records"):
        assert row["reason_id"] in text
        assert row["reason_en"] in text
    for said in ("53.04.01.2001", "tidak diseberangi", "bukan batas resmi", "abc123abc123"):
        assert said in text


def test_it_asks_for_nothing_and_names_are_no_markup(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace(load_leaflet().script, "")
    assert not re.findall(r"https?://", text)
    assert "default-src 'none'" in text
    assert "<b>Rai" not in text
    assert "\\u003cb>Rai" not in text
    assert "{{" not in text


def test_only_what_belongs_to_the_plan_is_inside(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "Nowhere used" not in text
    drawn = re.findall(r'"geometry": (\{"coordinates": [^}]*\})', text)
    west = [json.loads(shape)["coordinates"] for shape in drawn]
    flat = json.dumps(west)
    assert "124.5" in flat
    assert "116.0" not in flat, "a regency of no village"
    assert "95.0" not in flat, "land far away"


def test_refusals(plan: OutreachPlan, page: Path, tmp_path: Path) -> None:
    land = page.with_name("land.geojson")
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem):
        write_outreach_map(
            tmp_path / "file" / "m.html", plan, area="x", build_id="y", basemap=land, bases={}
        )
    empty = OutreachPlan(**{**plan.__dict__, "villages": plan.villages.iloc[:0]})
    with pytest.raises(InputError, match="no village"):
        write_outreach_map(
            tmp_path / "m.html", empty, area="x", build_id="y", basemap=land, bases={}
        )


def test_the_command_writes_it(
    petajaga: Callable[..., Any], built_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "peta.html"
    words = ("plan", "outreach", "--villages", "3", "--within", "53", "-o", str(file))
    done = petajaga(*words, home=built_home)
    assert done.code == 0, done.err
    text = file.read_text(encoding="utf-8")
    assert "Rencana penjangkauan" in text
    assert "Nusa Tenggara Timur" in text
    assert len(text) < 1_000_000


@pytest.mark.e2e
@pytest.mark.skipif(_BROWSER is None, reason="no chromium on this machine")
@pytest.mark.parametrize("width", [1200, 380])
def test_browser_opens_a_village_from_the_list(page: Path, width: int) -> None:
    # In a thread of its own: another browser of this run may hold this one's event loop.
    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(_look_at, page.as_uri(), width).result()
    assert seen["said"] == []
    assert [u for u in seen["asked"] if not u.startswith(("data:", "file:"))] == []
    assert seen["stops"] == ["1", "2", "3"]
    assert seen["inside"], "a village lies outside the first view"
    assert seen["popup"].startswith("2. Oesao")
    assert "Alasan" in seen["popup"]
    assert seen["heading"] == "Outreach plan: Nusa Tenggara Timur"


def _look_at(address: str, width: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=_BROWSER, args=["--no-sandbox"])
        page: Any = browser.new_page(viewport={"width": width, "height": 700})
        page.on("request", lambda r: asked.append(r.url))
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto(address)
        page.wait_for_selector(".pj-stop")
        stops = sorted(page.locator(".pj-stop").all_inner_texts())
        inside = page.evaluate(
            """() => { const m = document.querySelector('.folium-map').getBoundingClientRect();
            return [...document.querySelectorAll('.pj-stop')].every((stop) => {
              const s = stop.getBoundingClientRect();
              return s.left >= m.left && s.right <= m.right && s.top >= m.top
                && s.bottom <= m.bottom; }); }"""
        )
        page.click("#pj-stops button >> nth=1")
        page.wait_for_selector(".leaflet-popup-content")
        popup = page.inner_text(".leaflet-popup-content")
        page.click("#pj-language")
        heading = page.inner_text("#pj-panel h1")
        browser.close()
    return {"asked": asked, "said": said, "stops": stops, "inside": inside, "popup": popup,
            "heading": heading}  # fmt: skip
