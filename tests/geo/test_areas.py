"""The official areas and islands: counts, hierarchy, codes as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import PetajagaError
from geo.imports.reference import ReferenceData
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


def test_former_codes_lead_to_areas_of_today(areas: list[dict[str, str]]) -> None:
    """Every former district lies, then as now, in one regency; no former code is in use."""
    former = ReferenceData().former
    levels = {area["code"]: area["level"] for area in areas}
    assert not set(former) & set(levels)
    districts = {alias: code for alias, code in former.items() if len(alias) == 8}
    assert len(districts) == len(set(districts.values())) == 581
    for alias, code in districts.items():
        assert former[alias[:5]] == code[:5]
        assert levels[code] == "district"
    assert {levels[code] for code in former.values()} == {"regency", "district"}


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("64.04", "65.01"),
        ("64.73", "65.71"),
        ("91.09", "94.04"),
        ("92.71", "96.71"),
        ("91.02.68", "95.01.40"),  # numbers changed with the split of the province
        ("92.71.07", "96.71.07"),
    ],
)
def test_former_codes(alias: str, code: str) -> None:
    assert ReferenceData().former[alias] == code
