"""A release that is published while somebody reads the page."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from layers.release.publish import publish
from tests.e2e.pages import settled, shoot
from tests.layers.conftest import make_build, make_home
from tests.serving import started

pytestmark = pytest.mark.e2e


def test_a_release_published_under_the_page_is_offered_and_loaded(
    browser: Browser, tmp_path: Path
) -> None:
    build, home = make_build(tmp_path), make_home(tmp_path / "home")
    publish(build, home).close()
    with started(home) as (address, _):
        page = browser.new_page(locale="id-ID", service_workers="block")
        page.goto(f"{address}/#lang=id&tab=areas")
        settled(page)
        served = f"{address}/v1/releases/current"
        old = page.request.get(served).json()["id"]
        build.areas["population"] += 1
        publish(build, home).close()
        deadline = time.monotonic() + 60
        while (new := page.request.get(served).json()["id"]) == old:
            assert time.monotonic() < deadline, "the new release is not served"
            time.sleep(0.5)
        expect(page.locator("#banner")).to_be_hidden()
        far = re.search(r"at=[^&]+", page.url)
        assert far
        page.locator("#pane-areas .item").first.click()
        expect(page.locator("#banner-text")).to_contain_text("Data baru telah terbit")
        expect(page.locator("#banner-retry")).to_be_hidden()
        shoot(page, "new-release-id")
        expect(page).not_to_have_url(re.compile(re.escape(far[0])))  # the map has flown there
        shown = page.url
        page.click("#banner-reload")
        settled(page)
        expect(page.locator("#banner")).to_be_hidden()
        expect(page.locator("#detail .release code")).to_have_text(re.compile(f"^{new}$"))
        assert page.url == shown, "where one was"
        page.close()
