"""Victims by sex, of children and by form, from an office's table to the card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.auth.accounts import create_demo_accounts
from api.register.database import open_register
from geo.dataset import load_dataset
from geo.imports.service import import_file
from geo.imports.store import keep_copy
from layers.release.publish import publish
from routes.build import assemble
from tests.e2e.pages import go, settled, shoot
from tests.geo.agreements import registered
from tests.layers.conftest import SECRET, make_build, make_home
from tests.serving import started

pytestmark = pytest.mark.e2e

VICTIMS = {
    "victims_female": (60, 75, 65), "victims_male": (40, 35, 45), "child_victims": (30, 35, 30),
    "victims_forced_labour": (70, 80, 75), "victims_sexual_exploitation": (30, 30, 35),
}  # fmt: skip
"""Made up: of each of the years 2022 to 2024, in Belu."""


def test_an_office_s_table_of_victims_stands_on_the_card_of_those_who_may_see_it(
    browser: Browser, tmp_path: Path
) -> None:
    home = make_home(tmp_path / "home")
    under = registered(home, tiers=["partner", "police"])
    rows = [
        f"53.04,{2022 + at},{measure},{value}\n"
        for measure, values in VICTIMS.items() for at, value in enumerate(values)
    ]  # fmt: skip
    table = tmp_path / "korban.csv"
    table.write_text("place_code,year,measure,value\n" + "".join(rows), "utf-8")
    report, _, applied = import_file(table, "counts", home, by="perencana", under=under)
    assert (applied, report.refused) == (True, 0)
    dataset = load_dataset(home)
    keep_copy(home.build_inputs, dataset.imports, dataset.day, dataset.agreements)
    counts = assemble._shown_counts(dataset, SECRET)
    publish(replace(make_build(tmp_path), counts=counts), home).close()
    url = f"sqlite:///{tmp_path / 'register.sqlite'}"
    register = open_register(url)
    made = {new.account.desk: new for new in create_demo_accounts(register)}
    register.close()

    with started(home, PETAJAGA_DATABASE_URL=url) as (address, _):
        for desk in (None, "ngo", "planner"):
            context = browser.new_context(locale="id-ID", service_workers="block")
            if desk:
                name, password = made[desk].account.name, made[desk].password
                signed = {"name": name, "password": password, "purpose": "training"}
                assert context.request.post(f"{address}/v1/session", data=signed).ok
            page = context.new_page()
            page.goto(f"{address}/#lang=id&tab=areas&sel=area:53.04")
            settled(page)
            heading = page.locator("#detail h3", has_text="Korban menurut jenis kelamin")
            if desk is None:
                expect(page.locator("#detail h2").first).to_contain_text("Belu")
                assert heading.count() == 0, "the agreement names no public"
                context.close()
                continue
            expect(heading).to_be_visible()
            found = page.locator("#detail").get_by_role("region", name="Korban menurut jenis")
            rows_of = [row.split("\t") for row in found.locator("tbody").inner_text().split("\n")]
            told = {who: (years, int(count)) for who, years, count in rows_of}
            assert list(told) == [
                "Korban perempuan", "Korban laki-laki", "Korban anak", "Korban kerja paksa",
                "Korban eksploitasi seksual",
            ]  # fmt: skip
            for (_, values), (years, count) in zip(VICTIMS.items(), told.values(), strict=True):
                assert years == "2022–2024"
                # each year is rounded to a multiple of 5, by four persons at most
                assert count % 5 == 0
                assert abs(count - sum(values)) <= 3 * 4
            expect(page.locator("#detail")).to_contain_text("Yang tidak disebut bukan nol")
            heading.scroll_into_view_if_needed()
            shoot(page, f"victims-{desk}-id")
            if desk == "planner":
                go(page, "#lang=en&tab=areas&sel=area:53.04")
                expect(page.locator("#detail")).to_contain_text("What is not named is not zero")
                go(page, "#lang=id&tab=areas&sel=area:53.71")  # has none: the province's, named so
                expect(page.locator("#detail h2").first).to_contain_text("Kota Kupang")
                expect(heading).to_be_visible()
                of_province = heading.locator("xpath=following-sibling::div[1]")
                expect(of_province).to_contain_text("Angka untuk Nusa Tenggara Timur.")
            context.close()
