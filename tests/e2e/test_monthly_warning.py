"""The room of warnings shows a month to the account that imported it, and to no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.auth.accounts import create_demo_accounts
from api.register.database import open_register
from layers.release.publish import publish
from tests.api.test_monthly_warnings import RISEN, import_months
from tests.e2e.pages import go, script, settled, shoot
from tests.geo.agreements import registered
from tests.layers.conftest import make_build, make_home
from tests.serving import started

pytestmark = pytest.mark.e2e


def test_a_month_is_shown_with_what_was_expected_what_to_check_and_the_months_before(
    browser: Browser, tmp_path: Path
) -> None:
    home = make_home(tmp_path / "home")
    publish(make_build(tmp_path), home).close()
    import_months(home, tmp_path, by="perencana", under=registered(home))
    url = f"sqlite:///{tmp_path / 'register.sqlite'}"
    register = open_register(url)
    made = {new.account.desk: new for new in create_demo_accounts(register)}
    register.close()
    with started(home, PETAJAGA_DATABASE_URL=url) as (address, _):
        for desk in ("planner", "ngo"):
            context = browser.new_context(locale="id-ID", service_workers="block")
            name, password = made[desk].account.name, made[desk].password
            signed = {"name": name, "password": password, "purpose": "training"}
            assert context.request.post(f"{address}/v1/session", data=signed).ok
            context.route("**/maplibre-gl.js", lambda route: route.fulfill(body="", status=200))
            page = context.new_page()
            page.goto(f"{address}/#lang=id&tab=work&work=warnings")
            settled(page)
            pane = page.locator("#pane-work")
            expect(pane.get_by_role("link", name="Atom")).to_be_visible(timeout=60_000)
            heading = pane.get_by_role("heading", name="Per bulan: angka Anda sendiri")
            if desk == "ngo":
                assert heading.count() == 0
                context.close()
                continue
            expect(heading).to_be_visible()
            card = pane.locator("li", has=page.locator(".month-bars"))
            expect(card).to_contain_text("Kabupaten Belu")
            expect(card).to_contain_text(f"{RISEN} tercatat")
            expect(card).to_contain_text("Periksa dulu")
            assert card.locator(".month-bars > span").count() == 13
            assert card.locator(".month-bars > .marked").count() == 1
            card.locator("summary").click()
            assert card.locator("tbody tr").count() == 13
            expect(card.locator("tbody tr").first).to_contain_text(str(RISEN))
            assert page.evaluate(script("contrast")) == []
            heading.scroll_into_view_if_needed()
            shoot(page, "warnings-months-id")
            go(page, "#lang=en&tab=work&work=warnings")
            expect(pane).to_contain_text("By month: your own counts")
            expect(pane).to_contain_text("Do not hand them on")
            context.close()
