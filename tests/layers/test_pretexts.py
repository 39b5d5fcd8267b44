"""Pretexts by place: which rows are nearest, what each tier is told, and honest silence."""

from __future__ import annotations

from typing import Any

import pytest

from geo.guide import pretext_records, pretexts
from layers.query.pretexts import (
    NEARNESS,
    PretextPlace,
    place_of,
    place_of_office,
    pretexts_by_regency,
    pretexts_of,
    pretexts_told,
)
from layers.schema import Tier
from layers.visibility import RIGHTS

TERMINALS = {"el-tari": "Bandara El Tari", "larantuka": "Pelabuhan Larantuka"}
TIERS = sorted(RIGHTS)


def found(place: PretextPlace, tier: Tier = "police", **options: Any) -> dict[str, Any]:
    return pretexts_of(place, RIGHTS[tier], TERMINALS, **options)


def near(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["id"], item["near"]) for item in answer["pretexts"]]


def said(answer: dict[str, Any]) -> str:
    return " ".join(one["en"] for one in [answer["none_near"], *answer["said"]] if one)


def test_a_port_has_its_own_first_then_its_province() -> None:
    answer = found(place_of("port", {"id": "el-tari"}, "53.71"))
    # at El Tari: May 2019 (wedding, plantation), July 2019 (visit, wedding, study)
    at_port = [id_ for id_, how in near(answer) if how == "port"]
    assert at_port == ["family-visit", "wedding-guest", "study", "plantation-work"]
    assert [how for _, how in near(answer)][len(at_port) :] == ["province"] * (
        len(answer["pretexts"]) - len(at_port)
    )
    wedding = answer["pretexts"][1]["records"]
    assert [row["as_of"] for row in wedding] == ["2019-07", "2019-05"], "of Nunukan it is not"
    assert wedding[0]["said"]["en"] == (
        "July 2019: at Bandara El Tari, from Kabupaten Timor Tengah Utara, to Greater Jakarta, Bali"
    )
    assert wedding[0]["said"]["id"].startswith("Juli 2019: di Bandara El Tari, dari Kabupaten")
    assert "None is on record at this port" not in said(answer)


def test_a_port_without_any_says_so() -> None:
    answer = found(place_of("port", {"id": "waingapu"}, "53.11"))
    assert {how for _, how in near(answer)} == {"province"}
    assert said(answer).startswith("None is on record at this port; the following are from around")
    own = found(place_of("port", {"id": "tenau"}, "53.71"))
    assert said(own).startswith("None is on record at this port")
    headings = {item["near"]: item["near_said"] for item in own["pretexts"]}
    # what is told at El Tari is of the same city, and of this port it is not
    assert headings["here"]["en"] == "On record in this regency or city, or of people from it"
    assert headings["here"]["id"] == "Tercatat di kabupaten/kota ini atau pada orang dari sini"
    assert headings["province"]["id"] == "Tercatat di provinsi ini atau pada orang dari sini"
    nothing = found(place_of("port", {"id": "nowhere"}, "94.01"))
    assert (nothing["pretexts"], nothing["sources"]) == ([], [])
    assert said(nothing).startswith("No offer is on record here. That does not mean")


def test_an_area_has_itself_then_its_province_then_where_its_corridors_lead() -> None:
    leads = [{"destination_id": "to-cambodia"}]
    answer = found(place_of("area", {}, "53.04", leads))
    order = [NEARNESS.index(how) for _, how in near(answer)]
    assert order == sorted(order)
    assert near(answer)[:2] == [("plantation-work", "here"), ("wedding-guest", "here")]
    assert near(answer)[-1] == ("online-work", "beyond")
    assert ("family-visit", "province") in near(answer)
    village = found(place_of("area", {}, "53.04.01.2001", leads))
    assert near(village) == near(answer), "a village is asked for as its regency"
    far = found(place_of("area", {}, "94.01", leads))
    assert near(far) == [("online-work", "beyond")]
    assert said(far).startswith("None is on record from here")


@pytest.mark.parametrize("end", [{"destination_code": "MY-sabah"}, {"destination_id": "to-tawau"}])
def test_a_corridor_has_origin_and_destination_together_first(end: dict[str, str]) -> None:
    answer = found(place_of("corridor", end, "53"))
    # NTT to Tawau or Sabah: plantation (2024, 2025), visitor's passport (2015, 2025); NTT to
    # "Malaysia": domestic work and the trip within the country
    assert {id_ for id_, how in near(answer) if how == "corridor"} == {
        "plantation-work", "visitor-passport", "domestic-work", "domestic-trip",
    }  # fmt: skip
    assert {"here"} == {how for id_, how in near(answer) if id_ == "study"}
    assert {"bound"} == {how for id_, how in near(answer) if id_ == "fishing-work"}


def test_the_last_stop_is_the_end_of_a_corridor_named_by_its_places() -> None:
    stops = {"waypoints": [{"id": "place:kupang"}, {"id": "to-cambodia"}]}
    assert place_of("corridor", stops, "").ends == ("to-cambodia",)
    assert place_of("corridor", {}, "53").ends == ()


def test_an_office_has_what_it_serves() -> None:
    consulate = {"jurisdiction": "to-kuching;to-sibu", "area_code": None}
    answer = found(place_of_office(consulate))
    assert {how for _, how in near(answer)} == {"bound"}
    assert {"visitor-passport", "plantation-work"} <= {id_ for id_, _ in near(answer)}
    assert "study" not in {id_ for id_, _ in near(answer)}, "towards Jakarta and Bali"
    maumere = {"jurisdiction": "53.07;53.13", "area_code": "53.07"}
    here = {id_ for id_, how in near(found(place_of_office(maumere))) if how == "here"}
    assert "cleaning-service" in here
    assert place_of_office({"jurisdiction": None, "area_code": "21.71"}).areas == ("21.71",)


def test_the_public_has_what_a_family_checks_and_no_place_date_or_question() -> None:
    fine = found(place_of("port", {"id": "el-tari"}, "53.71"), "public")
    whole = found(place_of("area", {}, "53"), "public")
    assert fine == whole, "by province: nothing tells what is on record at one port"
    assert [item["id"] for item in fine["pretexts"]] == [
        row.id for row in pretexts() if row.id in {item["id"] for item in fine["pretexts"]}
    ], "in the order of the table: neither near nor often"
    for item in fine["pretexts"]:
        assert set(item) == {"id", "kind", "text", "told", "check"}
    assert fine["sources"]
    assert not any("/" in source for source in fine["sources"]), "a page may name a person"
    assert "2019" not in str(fine["pretexts"])


@pytest.mark.parametrize("tier", TIERS)
def test_ways_are_told_to_those_who_see_where_people_leave(tier: Tier) -> None:
    rights = RIGHTS[tier]
    kinds = {item["kind"] for item in found(place_of("area", {}, "21"), tier)["pretexts"]}
    assert ("way" in kinds) == rights.unofficial
    assert {"ground", "offer", "papers"} <= kinds
    assert ("way" in {item["kind"] for item in pretexts_told(rights)}) == rights.unofficial
    assert all("ask" not in item for item in pretexts_told(rights))


def test_partner_and_police_have_a_question_that_is_no_ground_for_refusal() -> None:
    desks: tuple[Tier, ...] = ("partner", "police")
    for tier in desks:
        answer = found(place_of("area", {}, "53"), tier, most=3)
        assert len(answer["pretexts"]) == 3
        assert "None is ever a ground for refusing departure" in said(answer)
        assert "No source counts how often" in said(answer)
        for item in answer["pretexts"]:
            assert item["ask"]["id"].endswith("?")
            assert item["ask"]["en"].endswith("?")
            assert all(row["source"] and row["confidence"] for row in item["records"])


def test_a_list_of_villages_has_four_a_regency_and_says_where_none_is() -> None:
    rows = pretexts_by_regency(
        {"53.04": "Kabupaten Belu", "94.01": "Kabupaten Nabire"}, RIGHTS["partner"], TERMINALS
    )
    assert [(row["name"], len(row["pretexts"])) for row in rows] == [
        ("Kabupaten Belu", 4), ("Kabupaten Nabire", 0),
    ]  # fmt: skip
    first = rows[0]["pretexts"][0]
    assert set(first) == {"text", "told", "check", "near_said", "said", "source"}
    assert first["near_said"]["en"] == "On record in this area or of people from it"


@pytest.mark.parametrize(
    ("code", "first"), [("35", "Jawa Timur"), ("52", "Nusa Tenggara Barat"), ("53.04", "Nusa")]
)
def test_the_origin_asked_about_is_named_first_and_the_others_are_counted(
    code: str, first: str
) -> None:
    """Sabah, 2015: eight provinces in an order in which the sixth is 35 and the last 52."""
    passports = next(
        item
        for item in found(place_of("area", {}, code))["pretexts"]
        if item["id"] == "visitor-passport"
    )
    of_sabah = next(row["said"] for row in passports["records"] if row["as_of"] == "2015-05"
                    and "Sabah" in row["said"]["en"])  # fmt: skip
    origins = of_sabah["en"].partition(", from ")[2].partition(", to ")[0].split(", ")
    assert origins[0].startswith(first)
    assert (len(origins), origins[-1]) == (5, "and 4 more")
    assert ", dan 4 lagi, menuju" in of_sabah["id"]


def test_within_a_regency_its_own_origin_stands_before_its_province_s() -> None:
    (wedding,) = (
        item
        for item in found(place_of("area", {}, "53.04"))["pretexts"]
        if item["id"] == "wedding-guest"
    )
    came = wedding["records"][0]["said"]["en"].partition(", from ")[2]
    assert came.startswith("Kabupaten Belu, Kabupaten Timor Tengah Selatan, ")
    assert "more" not in came, "four of four"


def test_an_inferred_year_is_said_to_be_so() -> None:
    trip = next(
        item
        for item in found(place_of("area", {}, "53"))["pretexts"]
        if item["id"] == "domestic-trip"
    )["records"]
    by_confidence = {row["confidence"]: row for row in trip}
    low = by_confidence["low"]
    assert low["said"]["en"].startswith("2024 (year not certain): at Kota Batam, from Nusa Teng")
    assert low["short"] == {
        "id": "2024 (tahun perkiraan), Kota Batam", "en": "2024 (year not certain), Kota Batam",
    }  # fmt: skip
    dated = found(place_of("port", {"id": "el-tari"}, "53.71"))["pretexts"][0]["records"][0]
    assert "certain" not in dated["said"]["en"]


def test_what_an_office_told_is_of_where_it_is() -> None:
    """The study names no regency of origin for what the office of Maumere told."""
    for neighbour in ("53.06", "53.08", "53.09", "53.13"):
        items = found(place_of("area", {}, neighbour))["pretexts"]
        assert all(item["near"] != "here" for item in items if item["id"] == "culture-ambassador")
    cleaning = found(place_of("area", {}, "53.07"))["pretexts"]
    told = next(item["records"] for item in cleaning if item["id"] == "cleaning-service")
    assert [row["said"]["en"] for row in told] == ["2017: at Kabupaten Sikka"]


def test_every_record_can_be_said_in_both_languages() -> None:
    every = sorted({code for row in pretext_records() for code in (*row.origins, row.seen) if code})
    answer = found(PretextPlace(tuple(every), ends=("MY", "SA", "KH", "11")))
    assert {item["id"] for item in answer["pretexts"]} == {row.id for row in pretexts()}
    for item in answer["pretexts"]:
        for record in item["records"]:
            assert len(record["said"]["id"]) > len("2019: di") < len(record["said"]["en"])
