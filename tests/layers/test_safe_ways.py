"""Whom to call: which two, in what order, what is said where a number is not shown."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

import pypdf
import pytest

from geo.guide import hotlines
from geo.i18n import languages, text
from layers.documents import Contents, find_subject
from layers.documents.brief import brief_content
from layers.documents.pack import pack_page
from layers.documents.referral_card import referral_card_content
from layers.documents.safe_ways import Section, line_said, safe_ways
from layers.documents.shift_sheet import shift_sheet, shift_sheet_content
from layers.release.marking import Marking
from layers.release.release import Release
from layers.visibility import ALL_PROVINCES

DAY = "2026-11-30"
NAMES = {"53": "Nusa Tenggara Timur", "53.07": "Kabupaten Sikka"}


def office(
    kind: str, name: str, area: str = "53.07", serves: str = "", phone: str = "", checked: str = ""
) -> dict[str, Any]:
    return {
        "id": name, "kind": kind, "name": name, "place": "Maumere", "area_code": area,
        "jurisdiction": serves, "as_of": "2025", "phone": phone, "phone_as_of": checked,
    }  # fmt: skip


def ways(
    *rows: dict[str, Any], area: str = "53.07", areas: tuple[dict[str, Any], ...] = ()
) -> dict[str, Section]:
    return {one.id: one for one in safe_ways(rows, area, NAMES, day=DAY, areas=areas)}


def names(section: Section) -> list[str]:
    return [entry.name["id"].partition(" (")[0] for entry in section.entries]


def test_a_number_that_may_be_shown_goes_before_a_nearer_office_without() -> None:
    near = office("police_ppa", "Unit PPA Polres Sikka")
    old = office("p4mi", "P4MI Sikka", phone="0382100100", checked="2025-10")
    far = office("bp3mi", "BP3MI NTT", "53.71", "53", phone="0380100100", checked="2025-11")
    found = ways(near, old, far)["contacts"]
    assert names(found) == ["BP3MI NTT", "Unit PPA Polres Sikka"]
    assert [entry.phone for entry in found.entries] == ["0380100100", ""]
    assert found.note is not None
    assert "1 dari 2" in found.note["id"]
    alone = ways(old)["contacts"].entries[0]
    assert (alone.phone, alone.checked) == ("", "")
    assert "0382100100" not in repr(alone), "a number that is not shown is nowhere"
    assert "belum diperiksa sejak Oktober 2025; tanyakan ke 08001000" in alone.said["id"]
    assert "not been checked since October 2025" in alone.said["en"]


def test_two_of_different_kinds_and_no_note_where_both_are_known() -> None:
    rows = [
        office("uptd_ppa", f"UPTD {n}", phone=f"038210010{n}", checked="2026-10") for n in range(2)
    ]
    ngo = office("ngo", "LSM Contoh", phone="0382200200", checked="2026-01")
    village = office("task_force", "Gugus Tugas Desa", phone="0382300300", checked="2026-11")
    found = ways(village, *rows, ngo)["contacts"]
    assert names(found) == ["UPTD 0", "LSM Contoh"]
    assert found.note is None
    assert found.entries[1].line("en") == "LSM Contoh (Maumere): 0382200200 (checked January 2026)"


def test_an_area_without_any_office_says_so() -> None:
    found = ways()
    assert found["contacts"].note == {lang: text("safe.none", lang) for lang in languages()}
    assert found["ltsa"].note == {lang: text("safe.no_ltsa", lang) for lang in languages()}
    assert "consulates" not in found
    assert [entry.name["id"].split(",")[0] for entry in found["offices"].entries] == [
        "Dinas yang mengurus tenaga kerja", "Dinas yang mengurus sosial",
    ]  # fmt: skip
    assert all("Kabupaten Sikka" in entry.name["id"] for entry in found["offices"].entries)
    assert safe_ways([], "", NAMES, day=DAY) == ()


@pytest.mark.parametrize("state", ["(rencana)", "(tidak beroperasi)"])
def test_an_ltsa_that_does_not_work_is_never_the_nearest(state: str) -> None:
    idle = office("ltsa", f"LTSA Sikka {state}", serves="53.07")
    far = office("ltsa", "LTSA NTT", "53.71", "53;53.07")
    regency = {"code": "53.07", "ltsa_id": idle["id"], "ltsa_hours": 0.0}
    assert names(ways(idle, far, areas=(regency,))["ltsa"]) == ["LTSA NTT"]
    assert ways(idle, areas=(regency,))["ltsa"].entries == ()


def test_the_nearest_ltsa_is_that_of_the_shortest_travel() -> None:
    own, other = office("ltsa", "LTSA A", serves="53.07"), office("ltsa", "LTSA B", "53.71")
    regency = {"code": "53.07", "ltsa_id": "LTSA B", "ltsa_hours": 7.43}
    found = ways(own, other, areas=(regency,), area="53.07.01")["ltsa"]
    assert names(found) == ["LTSA B"]
    assert found.note is not None
    assert "7,4 jam" in found.note["id"]
    assert "7.4 h" in found.note["en"]
    unknown = {**regency, "ltsa_id": "", "ltsa_hours": float("nan")}
    assert names(ways(own, other, areas=(unknown,))["ltsa"]) == ["LTSA A"]


def test_consulates_stand_by_where_people_go() -> None:
    rows = [
        office("consulate", "KBRI Lain", "", "to-hong-kong"),
        office("consulate", "KJRI Kuching", "", "to-kuching;to-sibu"),
        office("consulate", "Konsulat RI Tawau", "", "to-tawau", "+60198228800", "2020-04"),
        office("consulate", "KBRI Tiada", "", "to-nowhere"),
    ]
    found = ways(*rows)["consulates"]
    assert names(found) == ["Konsulat RI Tawau", "KJRI Kuching", "KBRI Lain"]
    abroad = next(line.number for line in hotlines() if line.id == "kemlu")
    assert abroad in found.entries[0].said["id"], "129 is not reached from abroad"


def test_the_nation_s_numbers_come_first_in_every_file(release: Release) -> None:
    contents = Contents(release, "public")
    subject, marking = find_subject(contents, "53.04"), Marking.of(release, "public")
    page = pack_page(contents, subject, marking)
    assert page.index("tel:110") < page.index("tel:129") < page.index(text("safe.contacts", "id"))
    card = referral_card_content(contents, subject, marking, "id")
    assert [line[0] for line in card["hotlines"]][:2] == ["110", "129"]
    assert card["ways"][0]["title"] == text("safe.contacts", "id")


def test_a_file_has_a_number_that_was_confirmed_since_the_release(
    release: Release,
) -> None:
    """And none that is too old, neither shown nor hidden; the tiers differ in nothing of it."""
    confirmed = {
        "uptd-ppa-ntt": {"phone": "0380100100", "checked": Marking.of(release, "public").day[:7]}
    }
    for tier in ("public", "police"):
        old, new = Contents(release, tier), Contents(release, tier, None, confirmed)
        marking = Marking.of(release, tier)
        pages = [pack_page(known, find_subject(known, "53.04"), marking) for known in (old, new)]
        assert ["0380100100" in page for page in pages] == [False, True]
        assert "tel:0380100100" in pages[1]
        assert f'data-checked="{marking.day[:7]}"' in pages[1]
        assert text("contact.none", "id", ask="129") not in pages[0]


def test_what_a_section_says_is_plain_values() -> None:
    section = ways(office("uptd_ppa", "UPTD", phone="0382100100", checked="2026-10"))["contacts"]
    entry = asdict(section)["entries"][0]
    assert set(entry) == {"name", "phone", "checked", "said", "later"}
    assert entry["checked"] == "2026-10"
    assert "Oktober 2026" in entry["later"]["id"], "what a pack says when it is opened later"


def test_a_date_that_cannot_be_read_shows_no_number() -> None:
    for checked in ("phone_as_of", "2026", "2026-13", ""):
        row = office("uptd_ppa", "UPTD", phone="0382100100", checked=checked)
        entry = ways(row)["contacts"].entries[0]
        assert entry.phone == ("0382100100" if checked == "2026" else ""), checked
        if checked != "2026":
            assert entry.said["id"] == text("contact.unconfirmed", "id", ask="129")


def test_the_sheet_of_a_shift_has_the_numbers_that_cards_have(release: Release) -> None:
    marking = Marking.of(release, "police")
    confirmed = {"uptd-ppa-ntt": {"phone": "0380100100", "checked": marking.day[:7]}}
    old, new = (Contents(release, "police", ALL_PROVINCES, known) for known in ({}, confirmed))
    terminal = next(
        row for row, _ in old.rows("terminals") if str(row["area_code"]).startswith("53")
    )
    shift = {
        "number": 1, "terminal": {"id": terminal["id"], "name": terminal["name"]}, "services": [],
        "beside": [], "week": "2026-12-07", "day": 1, "persons": 2, "hours": 8.0, "litres": 0.0,
        "boat": False, "sailing": False,
    }  # fmt: skip
    sheets = [
        shift_sheet_content(contents, shift, {"agencies": ["Polairud"]}, [], marking, "id")
        for contents in (old, new)
    ]
    assert ["0380100100" in str(sheet["offices"]) for sheet in sheets] == [False, True]
    assert sheets[1]["offices"][0][0] == text("safe.contacts", "id")
    lines = dict(sheets[1]["hotlines"])
    assert "belum diperiksa sejak Maret 2020" in lines["148"]
    assert "diperiksa" not in lines["129"]
    assert len(pypdf.PdfReader(io.BytesIO(shift_sheet(sheets[1]))).pages) == 1


def test_national_lines_have_their_date_and_old_pages_are_said(release: Release) -> None:
    said = {line.number: line_said(line, DAY) for line in hotlines()}
    assert said["148"] == {
        "id": "belum diperiksa sejak Maret 2020", "en": "not checked since March 2020",
    }  # fmt: skip
    assert said["110"]["en"] == "checked January 2026"
    contents, marking = Contents(release, "public"), Marking.of(release, "public")
    content = brief_content(contents, find_subject(contents, "53.04"), marking, "en", ())
    lines = dict(content["hotlines"])
    assert "not checked since March 2020" in lines["148"]
    assert "checked January 2026" in lines["129"]
    page = pack_page(contents, find_subject(contents, "53.04"), marking)
    assert "belum diperiksa sejak Maret 2020" in page
