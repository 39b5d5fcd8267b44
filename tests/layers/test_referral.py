"""Who must be told: offices by step and jurisdiction, gaps said, one answer in every form."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pypdf
import pytest

from geo.guide import departure_papers, duties
from geo.i18n import text
from geo.paths import DATA
from layers.documents import Contents, find_subject, write_pack
from layers.documents.argument import is_working
from layers.documents.referral import ReferralStep, referral
from layers.documents.referral_card import write_referral_card
from layers.release.marking import Marking

KINDS = {duty.step: duty.kinds for duty in duties()}
NAMES = {"53": "Nusa Tenggara Timur", "53.02": "Kabupaten TTS", "53.07": "Kabupaten Sikka"}


def office(kind: str, name: str, area: str, serves: str = "", place: str = "Soe") -> dict[str, Any]:
    return {
        "id": name, "kind": kind, "name": name, "place": place, "area_code": area,
        "jurisdiction": serves, "source": "F027", "as_of": "2019-04",
    }  # fmt: skip


def steps_of(rows: list[dict[str, Any]], area: str) -> dict[str, ReferralStep]:
    return {step.step: step for step in referral(rows, area, NAMES)}


def test_the_own_office_stands_before_the_province_s_and_a_planned_one_where_none_works() -> None:
    rows = [
        office("uptd_ppa", "UPTD PPA TTS (rencana)", "53.02", "53.02"),
        office("uptd_ppa", "UPTD PPA Provinsi NTT", "53.71", "53", "Kupang"),
        office("police_ppa", "Unit PPA Polres TTS", "53.02", "53.02"),
        office("police_ppa", "Ditres PPA Polda NTT", "53.71", "53", "Kupang"),
        office("police_ppa", "Unit PPA Polres Sikka", "53.07", "53.07", "Maumere"),
    ]
    found = steps_of(rows, "53.02")["identification"]
    assert [item.name for item in found.offices] == [
        "Unit PPA Polres TTS", "UPTD PPA Provinsi NTT", "Ditres PPA Polda NTT",
    ]  # fmt: skip
    assert not any(item.planned for item in found.offices)
    assert found.gap is None
    only = steps_of(rows[:1], "53.02")["legal_aid"]
    assert only.gap is not None
    assert only.gap.code == "referral.only_planned"
    assert [item.planned for item in only.offices] == [True]


def test_jurisdiction_is_said_by_name_and_reaches_other_regencies() -> None:
    rows = [office("ltsa", "LTSA Sikka", "53.07", "53.07;53.02", "Maumere")]
    lawful = steps_of(rows, "53.02")["lawful_departure"]
    (there,) = lawful.offices
    assert there.serves == ("Kabupaten Sikka", "Kabupaten TTS")
    assert lawful.answers("id") == [
        "LTSA Sikka (Maumere, 2019): melayani Kabupaten Sikka, Kabupaten TTS"
    ]
    assert "53.0" not in " ".join(lawful.answers("en"))
    assert steps_of(rows, "65.03")["lawful_departure"].offices == ()


def test_a_gap_says_who_must_answer_by_rule() -> None:
    health = steps_of([], "53.02")["health"]
    assert health.offices == ()
    (line,) = health.answers("id")
    assert line.startswith(text("referral.gap", "id"))
    assert "Dinas Kesehatan" in line
    assert health.answers("en", by_rule=False) == [text("referral.gap", "en")]


def test_more_offices_than_are_named_are_counted() -> None:
    rows = [office("polres", f"Polres {n}", f"53.0{n}", place="X") for n in range(1, 8)]
    law = steps_of(rows, "53")["law_enforcement"]
    assert (len(law.offices), law.more) == (4, 3)


def test_consulates_are_named_wherever_one_starts() -> None:
    rows = [office("consulate", "Konsulat RI Tawau", "", place="Tawau")]
    assert [o.name for o in steps_of(rows, "53.02")["consulate"].offices] == ["Konsulat RI Tawau"]
    assert [o.name for o in steps_of(rows, "")["consulate"].offices] == ["Konsulat RI Tawau"]


def test_every_embedded_office_is_named_for_the_area_it_is_in() -> None:
    with (DATA / "services.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        steps = referral(rows, row["area_code"][:5], NAMES)
        answering = [step for step in steps if row["kind"] in KINDS[step.step]]
        assert answering, row
        for step in answering:
            named = row["id"] in {item.id for item in step.offices}
            assert named or step.more or not is_working(row), row["name"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_one_page_with_every_step_paper_and_line(
    release: Any, tmp_path: Path, language: str
) -> None:
    contents = Contents(release, "public")
    subject, marking = find_subject(contents, "53.04"), Marking.of(release, "public")
    path = tmp_path / "card.pdf"
    write_referral_card(path, contents, subject, marking, language=language)
    (page,) = pypdf.PdfReader(path).pages
    said = " ".join(page.extract_text().split())
    services = [row for row, _ in contents.rows("services")]
    for step in referral(services, "53.04", contents.area_names):
        assert step.title.in_language(language) in said
        assert step.duty[language] in said
        assert all(item.name in said for item in step.offices)
    assert all(paper.text[language] in said for paper in departure_papers())
    assert "129" in said
    assert {"id": "Januari 2026", "en": "January 2026"}[language] in said


def test_a_pack_holds_the_steps(release: Any, tmp_path: Path) -> None:
    contents = Contents(release, "public")
    path = tmp_path / "pack.html"
    write_pack(path, contents, find_subject(contents, "53.04"), Marking.of(release, "public"))
    page = path.read_text("utf-8")
    for duty in duties():
        assert text(f"referral.{duty.step}", "id") in page
    assert text("referral.gap", "en") in page
