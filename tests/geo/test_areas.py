"""The official areas and islands: counts, hierarchy, codes as text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.areas import Area, Areas, load_areas
from geo.errors import AmbiguousNameError, DataFileError, PetajagaError, UnknownNameError
from geo.rebuild.areas import parse_dms
from geo.rebuild.files import read_rows

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"


@pytest.fixture(scope="module")
def areas() -> list[dict[str, str]]:
    return read_rows(DATA / "areas.csv.gz")


@pytest.fixture(scope="module")
def islands() -> list[dict[str, str]]:
    return read_rows(DATA / "islands.csv.gz")


def test_counts_of_each_level(areas: list[dict[str, str]]) -> None:
    counts: dict[str, int] = {}
    for area in areas:
        counts[area["level"]] = counts.get(area["level"], 0) + 1
    assert counts == {"province": 38, "regency": 514, "district": 7285, "village": 83762}


def test_each_area_hangs_under_the_prefix_of_its_code(areas: list[dict[str, str]]) -> None:
    level = {area["code"]: area["level"] for area in areas}
    above = {"regency": "province", "district": "regency", "village": "district"}
    assert len(level) == len(areas)
    for area in areas:
        if area["level"] == "province":
            assert area["parent"] == ""
        else:
            assert area["parent"] == area["code"].rpartition(".")[0]
            assert level[area["parent"]] == above[area["level"]]


def test_codes_keep_their_zeros_and_names_are_clean(areas: list[dict[str, str]]) -> None:
    widths = {"province": (2,), "regency": (2, 2), "district": (2, 2, 2), "village": (2, 2, 2, 4)}
    for area in areas:
        assert tuple(map(len, area["code"].split("."))) == widths[area["level"]]
        assert area["name"] == " ".join(area["name"].split()) != ""


def test_bps_codes_are_another_system(areas: list[dict[str, str]]) -> None:
    """Every province and regency has one, of its own; below them no source gives any."""
    codes = {a["code"]: a["bps_code"] for a in areas if a["level"] in {"province", "regency"}}
    assert all(codes.values())
    assert len(set(codes.values())) == len(codes) == 552
    assert not [a for a in areas if a["level"] in {"district", "village"} and a["bps_code"]]
    for code, bps in codes.items():
        assert bps.isdigit()
        assert len(bps) == (2 if len(code) == 2 else 4)
        assert bps.startswith(codes[code[:2]])
    # The traps: the same figures name another area in the other system.
    assert codes["53.12"] == "5301"
    assert codes["53.01"] == "5303"
    assert codes["21.01"] == "2102"
    assert codes["65.01"] == "6502"
    assert codes["92"] == "91"
    assert codes["91"] == "94"
    differing = [c for c, b in codes.items() if len(c) == 5 and c.replace(".", "") != b]
    assert len(differing) > 150


def test_bps_codes_and_aliases_say_where_they_come_from() -> None:
    for name in ("bps_codes.csv", "area_aliases.csv"):
        for row in read_rows(DATA / name):
            assert row["source"], row
            assert row["as_of"], row
            assert row["confidence"] in {"high", "medium", "low"}, row


def test_known_areas(areas: list[dict[str, str]]) -> None:
    names = {area["code"]: area["name"] for area in areas}
    assert names["53"] == "Nusa Tenggara Timur"
    assert names["53.12"] == "Kabupaten Sumba Barat"
    assert names["53.71"] == "Kota Kupang"
    assert names["96"] == "Papua Barat Daya"


def test_islands_lie_in_the_country(islands: list[dict[str, str]]) -> None:
    assert len(islands) == 17373
    assert all(-11.5 < float(r["lat"]) < 6.5 and 94.5 < float(r["lon"]) < 141.5 for r in islands)
    assert {r["populated"] for r in islands} == {"yes", "no"}


def test_islands_belong_to_a_known_regency_or_none(
    areas: list[dict[str, str]], islands: list[dict[str, str]]
) -> None:
    regencies = {area["code"] for area in areas if area["level"] == "regency"}
    named = {r["regency_code"] for r in islands}
    assert named - {""} <= regencies
    # Main islands shared by several regencies have none.
    flores = [r for r in islands if r["name"] == "Pulau Flores"]
    assert [r["regency_code"] for r in flores] == [""]


def test_degrees_minutes_seconds() -> None:
    lat, lon = parse_dms("03°19'03.44\" N 097°07'41.73\" E")
    assert lat == pytest.approx(3.317622, abs=1e-6)
    assert lon == pytest.approx(97.128258, abs=1e-6)
    assert parse_dms("08°33'57.71\" S 119°11'07.91\" E")[0] < 0
    with pytest.raises(PetajagaError, match="degrees"):
        parse_dms("3.3 N 97.1 E")


@pytest.fixture(scope="module")
def known() -> Areas:
    return load_areas()


@pytest.mark.slow
def test_an_area_is_got_by_its_code_and_not_by_a_bps_code(known: Areas) -> None:
    assert known.get_area("53.07.01.2017").level == "village"
    assert known.get_by_bps("5301").name == "Kabupaten Sumba Barat"
    with pytest.raises(UnknownNameError, match=r"BPS code; the Kemendagri code .* is 53\.12"):
        known.get_area("5301")
    with pytest.raises(UnknownNameError, match="Kemendagri code"):
        known.get_by_bps("53.12")
    # 92 is Papua Barat here and Papua Barat Daya there.
    assert known.get_area("92").name == "Papua Barat"
    assert known.get_by_bps("92").name == "Papua Barat Daya"


def test_get_raises_where_find_is_empty(known: Areas) -> None:
    for code in ("53.99", "53.1", "", "abc", "53.07.01.9999"):
        assert known.find_area(code) is None
        with pytest.raises(UnknownNameError):
            known.get_area(code)
    assert known.find_by_bps("9999") is None
    assert known.find_by_name("Atlantis") == ()
    with pytest.raises(UnknownNameError, match="Kabupaten Sumba Barat") as caught:
        known.get_by_name("Sumba Brat")
    assert "Kabupaten Sumba Barat" in caught.value.matches


@pytest.mark.parametrize(
    ("former", "today", "name"),
    [
        ("64.04", "65.01", "Kabupaten Bulungan"),
        ("64.05", "65.03", "Kabupaten Nunukan"),
        ("64.06", "65.02", "Kabupaten Malinau"),
        ("64.10", "65.04", "Kabupaten Tana Tidung"),
        ("64.73", "65.71", "Kota Tarakan"),
        ("91.01", "93.01", "Kabupaten Merauke"),
        ("91.09", "94.04", "Kabupaten Mimika"),
        ("91.02", "95.01", "Kabupaten Jayawijaya"),
        ("92.71", "96.71", "Kota Sorong"),
    ],
)
def test_former_codes_lead_to_today(known: Areas, former: str, today: str, name: str) -> None:
    assert known.get_area(former) == known.get_area(today)
    assert known.get_area(today).name == name
    with pytest.raises(UnknownNameError, match=f"{former} is now {today}"):
        known.get_area(f"{former}.99")


@pytest.mark.parametrize(
    ("former", "today", "name"),
    [
        ("91.01.01", "93.01.01", "Merauke"),
        ("91.02.68", "95.01.40", "Wesaput"),  # numbers moved with the split
        ("91.13.09", "95.03.07", "Dekai"),
        ("92.01.07", "96.01.05", "Aimas"),
        ("92.71.07", "96.71.07", "Sorong Kota"),
    ],
)
def test_former_codes_of_districts_of_papua(
    known: Areas, former: str, today: str, name: str
) -> None:
    area = known.get_area(former)
    assert (area.level, area.name) == ("district", name)
    assert area.code == today
    with pytest.raises(UnknownNameError, match=f"{former} is now {area.code}"):
        known.get_area(f"{former}.2001")


def test_former_codes_stay_within_their_regency(known: Areas) -> None:
    """Every former district hangs, today as then, under one and the same regency."""
    aliases = pd.read_csv(DATA / "area_aliases.csv", dtype=str, keep_default_na=False)
    former = aliases[aliases["kind"] == "old_code"]
    today = dict(zip(former["alias"], former["code"], strict=True))
    districts = former[former["alias"].str.len() == 8]
    assert len(districts) == 581
    assert districts["code"].is_unique
    for alias, code in zip(districts["alias"], districts["code"], strict=True):
        assert today[alias[:5]] == code[:5]
        assert known.get_area(code).level == "district"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("NTT", "53"),
        ("nusa tenggara timur", "53"),
        ("Kaltara", "65"),
        ("DKI Jakarta", "31"),
        ("Kota Kupang", "53.71"),
        ("KAB. SUMBA BARAT", "53.12"),
        ("Sumba Barat Daya", "53.18"),
        ("Kabupaten Pontianak", "61.02"),
        ("Maluku Tenggara Barat", "81.03"),
        ("Mamuju Utara", "76.01"),
        ("Toba Samosir", "12.12"),
        ("Mahakam Hulu", "64.11"),
        ("Ujung Pandang", "73.71"),
        ("Pontianak", "61.71"),
    ],
)
def test_names_aliases_and_former_names(known: Areas, name: str, code: str) -> None:
    assert known.get_by_name(name).code == code


def test_a_name_of_several_is_refused_and_narrowed(known: Areas) -> None:
    with pytest.raises(AmbiguousNameError, match=r"53\.01 .*53\.71") as caught:
        known.get_by_name("Kupang")
    assert caught.value.matches == ("53.01", "53.71")
    with pytest.raises(AmbiguousNameError):
        known.get_by_name("Oebelo", level="village")
    found = known.get_by_name("Desa Oebelo", within="53.01")
    assert known.path(found.code) == (
        "Oebelo, Kupang Tengah, Kabupaten Kupang, Nusa Tenggara Timur"
    )


def test_the_hierarchy_holds_both_ways(known: Areas) -> None:
    assert len(known.children()) == 38
    assert sum(len(known.children(p.code)) for p in known.children()) == 514
    village = known.get_area("53.07.01.2017")
    assert [a.level for a in known.ancestors(village)] == ["district", "regency", "province"]
    above = known.parent(village)
    assert above is not None
    assert village in known.children(above.code)
    assert known.parent(known.get_area("53")) is None


def test_contradictions_are_refused() -> None:
    one = Area("53", "Nusa Tenggara Timur", "province", "", "53")
    with pytest.raises(DataFileError, match="twice"):
        Areas([one, one])
    with pytest.raises(DataFileError, match="missing"):
        Areas([Area("53.01", "Kabupaten Kupang", "regency", "53", "5303")])
    with pytest.raises(DataFileError, match="in use"):
        Areas([one], [("53", "53", "old_code")])
    with pytest.raises(DataFileError, match="no area"):
        Areas([one], [("54", "Timor Timur", "old_name")])
