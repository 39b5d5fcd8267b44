"""Services, posts, village task forces and pretexts: provenance and references."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from geo.contacts import as_dialled
from geo.i18n import messages, text
from geo.posts import EFFORT_UNITS, post_faults, posts_in_force
from geo.tables import SERVICE_KINDS

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"
TABLES = (
    "services.csv", "posts.csv", "effort.csv", "task_forces.csv", "pretexts.csv",
    "pretext_records.csv", "hotlines.csv", "referral_steps.csv", "departure_papers.csv",
)  # fmt: skip


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one curated table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def areas() -> dict[str, str]:
    """Names of all official areas by code."""
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_where_it_comes_from(name: str) -> None:
    for row in rows(name):
        assert row["source"], row
        assert row["as_of"], row
        assert row.get("confidence", "high") in {"high", "medium", "low"}, row


def test_services_are_unique_and_placed() -> None:
    services = rows("services.csv")
    assert len({row["id"] for row in services}) == len(services) >= 90
    names = Counter((row["kind"], row["name"]) for row in services)
    assert [name for name, n in names.items() if n > 1] == []
    for row in services:
        assert row["kind"] in SERVICE_KINDS, row
        abroad = row["kind"] == "consulate"
        if row["lat"]:
            assert row["precision"] == "approximate", "an office is given at the point of its town"
            assert abroad or -11 <= float(row["lat"]) <= 6, row
            assert abroad or 95 <= float(row["lon"]) <= 141, row
        else:
            assert not row["lon"] + row["precision"], row
            why = "no point before it exists|point not known|no point while it does not run"
            assert re.search(why, row["note"]), row
        assert row["name"][0] != "(", row
        served = row["jurisdiction"].split(";")
        ends = {end["id"] for end in rows("destinations.csv")}
        assert all(code in (ends if abroad else areas()) for code in served if code), row
        assert not row["area_code"] or row["area_code"] in areas(), row
        assert row["area_code"] or row["kind"] == "consulate", row
        if "(rencana)" in row["name"]:
            assert re.search("plan|formation|study", row["note"]), row
            # The model counts the hours to every office with a point.
            assert not row["lat"] or row["kind"] == "tpi", row
        if "(tidak beroperasi)" in row["name"]:
            assert not row["lat"], row
            assert "does not run" in row["note"], row


def test_the_immigration_offices_of_ntt() -> None:
    offices = {
        row["place"]: set(row["jurisdiction"].split(";"))
        for row in rows("services.csv")
        if row["name"].startswith("Kantor Imigrasi") and row["area_code"].startswith("53")
    }
    assert set(offices) == {"Kupang", "Atambua", "Maumere", "Labuan Bajo"}  # F025
    # F026: Sikka, Lembata, Ende, Ngada, Flores Timur
    assert offices["Maumere"] == {"53.07", "53.13", "53.08", "53.09", "53.06"}


def test_every_regency_of_ntt_has_its_immigration_office() -> None:
    served = {
        code
        for row in rows("services.csv")
        if row["name"].startswith("Kantor Imigrasi") and row["area_code"].startswith("53")
        for code in row["jurisdiction"].split(";")
    }
    regencies = {code for code in areas() if code.startswith("53.") and len(code) == 5}
    assert len(regencies) == 22
    # No source says which office serves Nagekeo; it is not guessed.
    assert regencies - served == {"53.16"}


def test_the_police_resorts_of_the_pilot_provinces() -> None:
    resorts = [row for row in rows("services.csv") if row["kind"] == "polres"]
    assert len({row["area_code"] for row in resorts}) == len(resorts)
    per = Counter(row["area_code"][:2] for row in resorts)
    assert per == {"53": 21, "21": 7, "65": 4}
    assert sum("F027" in row["source"] for row in resorts) == 16
    for province in per:
        served = {code for row in resorts for code in row["jurisdiction"].split(";")}
        regencies = {c for c in areas() if c.startswith(province + ".") and len(c) == 5}
        assert regencies <= served, sorted(regencies - served)


def test_services_for_women_and_children_at_work() -> None:
    """At regency level, not only planned; Anambas is the regency of Kepri with none on record."""
    open_ones = {
        row["area_code"]
        for row in rows("services.csv")
        if row["kind"] in {"uptd_ppa", "p2tp2a"} and row["lat"]
    }
    assert {"53.02", "53.04", "53.10", "53.15", "53.71"} <= open_ones
    kepri = {code for code in areas() if code.startswith("21.") and len(code) == 5}
    assert kepri - open_ones == {"21.05"}


def test_posts_stand_at_terminals() -> None:
    terminals = {
        row["id"]
        for name in ("terminals_sea.csv", "terminals_air_land.csv")
        if (DATA / name).exists()
        for row in rows(name)
    }
    posts = {row["terminal_id"] for row in rows("posts.csv")}
    assert posts <= terminals
    assert {"el-tari", "tenau"} <= posts  # F028, F029
    duties = {duty for row in rows("posts.csv") for duty in row["duties"].split(";")}
    assert {f"duty.{duty}" for duty in duties} == set(messages("id", "duty."))
    for row in rows("posts.csv"):
        for date in (row["since"], row["until"], row["evidence_from"]):
            assert re.fullmatch(r"(20\d\d(-\d\d){0,2})?", date), row
        if row["since"]:  # somebody may have watched before the post, nobody after it only
            assert row["evidence_from"][:4] <= row["since"][:4], row


def test_a_post_younger_than_the_stops_at_its_terminal_is_found() -> None:
    """Batam Centre stood as "since 2025", the year of its page; 598 were deferred there in 2022."""
    post = {"terminal_id": "batam-centre", "since": "", "until": "", "evidence_from": "2014-08-27"}
    stops = pd.DataFrame(
        [{"terminal_id": "batam-centre", "year": 2022.0, "measure": "prevented", "how": how}
         for how in ("discovered", "unknown")]
    )  # fmt: skip

    def faults(**change: str) -> list[str]:
        posts = pd.DataFrame([{**post, "as_of": "2025", **change}])
        return [str(fault.params["dated"]) for fault in post_faults(posts, stops)]

    assert faults() == []
    assert faults(since="2025") == ["2025"]
    assert faults(since="2025-04-14") == [], "a start that a source states to the day"
    assert faults(evidence_from="2023-01") == ["2023-01"]
    assert faults(evidence_from="") == []


def test_posts_in_force() -> None:
    posts = pd.DataFrame(
        {
            "since": ["2016-07-01", "", "2020", ""],
            "evidence_from": ["2009-03", "2014", "2018", ""],
            "until": ["", "", "2021-02", ""],
        }
    )
    standing = {year: posts_in_force(posts, year).tolist() for year in (2015, 2016, 2021, 2022)}
    assert standing == {
        2015: [False, True, False, False],
        2016: [True, True, False, False],
        2021: [True, True, True, False],
        2022: [True, True, False, False],
    }


def test_effort_has_known_units_and_no_outcomes() -> None:
    for row in rows("effort.csv"):
        assert row["unit"] in EFFORT_UNITS[row["measure"]], row
        assert (row["value"] == "") == (row["unit"] == ""), row
        assert row["from_date"] or row["until_date"], row
        assert row["area_code"] in areas(), row
    juanda = [r for r in rows("effort.csv") if r["terminal_id"] == "juanda" and r["value"]]
    assert [(r["measure"], r["value"]) for r in juanda] == [("departures_citizens", "96713")]


def test_task_forces_have_official_codes() -> None:
    forces = rows("task_forces.csv")
    keys = Counter((row["area_code"], row["kind"]) for row in forces)
    assert [key for key, n in keys.items() if n > 1] == []
    for row in forces:
        assert row["area_code"] in areas(), row
        assert re.fullmatch(r"(19|20)\d\d", row["year"]), row
        if len(row["area_code"]) < 13:
            # Not one village: the row must say how many, or that the village is in doubt.
            assert re.search(r"\d|ambiguous|not found", row["note"]), row
            assert re.search("named|names not given|ambiguous|Formation", row["note"]), row
    bodies = {row["source"] for row in forces}
    assert {"F040", "F044", "F054", "F055"} <= bodies
    assert sum(row["source"] == "F040" for row in forces) == 12


def test_a_task_force_of_unnamed_villages_serves_no_whole_area() -> None:
    forces = rows("task_forces.csv")
    assert {row["scope"] for row in forces} == {"village", "some", "planned"}
    for row in forces:
        if row["scope"] == "village":
            assert len(row["area_code"]) == 13, row
            assert "usulan" not in row["name"], row
        elif row["scope"] == "planned":
            assert "not confirmed" in row["note"], row
    coarse = {row["area_code"] for row in forces if len(row["area_code"]) < 13}
    assert {"18", "52", "53.71", "53.71.02", "21.72"} <= coarse


def test_village_names_agree_with_the_official_list() -> None:
    def plain(text: str) -> str:
        return re.sub(r"[^a-z]", "", text.lower())

    for row in rows("task_forces.csv"):
        if len(row["area_code"]) == 13:
            assert plain(areas()[row["area_code"]]) in plain(row["name"]), row


_OF_LOOKS = re.compile(
    r"\b(umur|usia|perempuan|wanita|gadis|laki|muda|tua|wajah|pakaian|kulit"
    r"|age|old|young|girl|woman|women|man|men|face|clothes|skin)\b",
    re.IGNORECASE,
)


def test_pretexts_in_both_languages() -> None:
    pretexts = rows("pretexts.csv")
    assert len({row["id"] for row in pretexts}) == len(pretexts) >= 15
    assert {row["kind"] for row in pretexts} == {"ground", "offer", "papers", "way"}
    for row in pretexts:
        for part in ("text", "told", "ask", "check"):
            assert all(row[f"{part}_{language}"] for language in ("id", "en")), (row["id"], part)
        for language in ("id", "en"):
            assert row[f"ask_{language}"].endswith("?"), "a question, not a verdict"
            words = f"{row[f'ask_{language}']} {row[f'check_{language}']}"
            assert not _OF_LOOKS.search(words), "nothing by age, sex or looks"
    assert {"F035", "F052"} <= {row["source"] for row in pretexts}


def test_records_of_pretexts_name_what_is_there() -> None:
    records = rows("pretext_records.csv")
    terminals = {
        row["id"]: row["kind"]
        for name in ("terminals_sea.csv", "terminals_air_land.csv") for row in rows(name)
    }  # fmt: skip
    ends = {row["id"] for row in rows("destinations.csv")} | {"MY", "MY-sabah"} | set(areas())
    known = {row["id"] for row in rows("pretexts.csv")}
    assert {row["pretext"] for row in records} == known, "each is on record somewhere"
    keys = [tuple(row[name] for name in row if name != "note") for row in records]
    assert len(set(keys)) == len(keys)
    for row in records:
        codes = [code for code in (*row["origins"].split(";"), row["seen"]) if code]
        assert codes, row
        assert set(codes) <= set(areas()), row
        assert all(len(code) <= 5 for code in codes), "no village is named"
        assert set(filter(None, row["ends"].split(";"))) <= ends, row
        assert re.fullmatch(r"20\d\d(-\d\d)?", row["as_of"]), row
        if row["confidence"] == "low":
            assert len(row["as_of"]) == 4, "readers are told that the year is inferred"
        if row["terminal_id"]:
            assert terminals[row["terminal_id"]] != "unofficial", "none of a landing"


def test_hotlines_can_be_dialled_and_are_said_in_both_languages() -> None:
    lines = rows("hotlines.csv")
    assert len({row["number"] for row in lines}) == len(lines) >= 4
    for row in lines:
        assert re.fullmatch(r"\+?\d{3,14}", row["number"]), row
        assert row["text_id"] != row["text_en"] or "WhatsApp" in row["text_en"], row
        assert row["source"].startswith("https://"), row


def test_every_kind_of_office_answers_at_a_step() -> None:
    steps = rows("referral_steps.csv")
    kinds = {kind for row in steps for kind in row["kinds"].split(";") if kind}
    assert kinds == {row["kind"] for row in rows("services.csv")}
    assert kinds <= set(SERVICE_KINDS)
    for row in steps:
        assert row["text_id"] != row["text_en"], row
        assert text(f"referral.{row['id']}", "id") != text(f"referral.{row['id']}", "en")


def test_the_papers_of_a_lawful_departure_are_those_of_the_law() -> None:
    papers = rows("departure_papers.csv")
    assert len({row["id"] for row in papers}) == len(papers) == 8
    assert all("Undang-Undang_Nomor_18_Tahun_2017" in row["source"] for row in papers)
    assert all(row["text_id"] != row["text_en"] for row in papers)


def test_the_number_of_an_office_says_where_and_when_it_was_announced() -> None:
    """As dialled, of one office each; what is older than 2023 is not believed much."""
    lines = [row for row in rows("services.csv") if row["phone"]]
    assert len({row["phone"] for row in lines}) == len(lines) >= 10
    nation = {row["number"] for row in rows("hotlines.csv")}
    for row in lines:
        assert as_dialled(row["phone"]) == row["phone"], row
        assert row["phone"] not in nation, row
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", row["phone_as_of"]), row
        assert row["phone_source"].startswith("https://"), row
        assert (row["phone_confidence"] == "low") == (
            row["phone_as_of"] < "2023" or row["phone_as_of"] == "2024"  # a page without a date
        ), row
        assert row["phone"].startswith("+") == (row["kind"] == "consulate"), row
    for row in rows("services.csv"):
        assert row["phone"] or not row["phone_as_of"] + row["phone_source"], row


def test_consulates_divide_the_destinations_abroad() -> None:
    """Nobody is sent to two, but for the embassy and the consulate of Saudi Arabia."""
    served = Counter(
        name
        for row in rows("services.csv")
        if row["kind"] == "consulate"
        for name in row["jurisdiction"].split(";")
    )
    assert [name for name, times in served.items() if times > 1] == ["to-saudi"]
    abroad = {row["id"] for row in rows("destinations.csv") if row["country"] != "ID"}
    assert abroad - set(served) == {"to-brunei", "to-dili", "to-gulf"}  # no page of theirs read
