"""Names of areas and waypoints: prefixes, abbreviations, former names and codes; one resolver."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys

import pytest

from geo.errors import AmbiguousNameError, InputError, UnknownNameError
from geo.names import Gazetteer, NamedThing, area_code, nearest
from geo.paths import DATA
from routes.corridors.waypoints import named_waypoints


@pytest.fixture(scope="module")
def areas() -> dict[str, str]:
    """Official names of all provinces, regencies and districts by code."""
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8") as stream:
        rows = csv.DictReader(stream)
        return {row["code"]: row["name"] for row in rows if row["level"] != "village"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("53.21", "53.21"), ("5321", "53.21"), ("530105", "53.01.05"), ("53", "53"),
        ("Malaka", "53.21"), ("Kab. Malaka", "53.21"), ("kab.malaka", "53.21"),
        ("KABUPATEN MALAKA", "53.21"), ("Kab Kupang", "53.01"), ("Kota Kupang", "53.71"),
        ("NTT", "53"), ("Prov. NTT", "53"), ("Provinsi Nusa Tenggara Timur", "53"),
        ("NTB", "52"), ("Kepri", "21"), ("Kaltara", "65"), ("Sumut", "12"), ("DKI", "31"),
        ("TTS", "53.02"), ("Kab. TTS", "53.02"), ("ttu", "53.03"), ("SBD", "53.18"),
        ("Flotim", "53.06"), ("Lotim", "52.03"),
        ("64.04", "65.01"),  # the code of Bulungan in its former province
        ("Toba Samosir", "12.12"), ("Kabupaten Toba Samosir", "12.12"),
        ("Kepulauan Riau", "21"),  # not Bintan, which once had the name
        ("Bengkulu", "17"), ("Kota Bengkulu", "17.71"),  # the province, unless the prefix decides
        ("Kec. Kota Raja", "53.71.05"), ("Kota Lama", "53.71.06"),  # districts called so
        ("Jakarta Pusat", "31.71"), ("Yogyakarta", "34.71"),
    ],
)  # fmt: skip
def test_an_area_by_any_usual_name(areas: dict[str, str], name: str, code: str) -> None:
    assert area_code(areas, name) == code


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("Kupang", ("53.01 Kabupaten Kupang", "53.71 Kota Kupang")),
        ("bima", ("52.06 Kabupaten Bima", "52.72 Kota Bima")),
    ],
)
def test_an_ambiguous_name_is_refused_with_its_choices(
    areas: dict[str, str], name: str, choices: tuple[str, ...]
) -> None:
    with pytest.raises(AmbiguousNameError) as refused:
        area_code(areas, name)
    assert refused.value.matches == choices
    assert all(choice in refused.value.in_language("id") for choice in choices)


def test_nothing_is_resolved_by_similarity(areas: dict[str, str]) -> None:
    for name in ("Melaka", "Kab. Melaka", "53.99", "5399", "Prov. TTS", ""):
        with pytest.raises(UnknownNameError):
            area_code(areas, name)
    with pytest.raises(UnknownNameError, match="nearest: 53 Nusa Tenggara Timur"):
        area_code(areas, "Nusa Tengara Timur")


def test_an_alias_of_an_area_that_is_not_among_them_is_unknown(areas: dict[str, str]) -> None:
    """A partner's areas are those of the own province; an abbreviation opens no other."""
    within = {code: name for code, name in areas.items() if code.startswith("21")}
    assert area_code(within, "Kepri") == "21"
    for name in ("TTS", "NTT", "64.04"):
        with pytest.raises(UnknownNameError):
            area_code(within, name)


def test_abbreviations_are_of_areas_there_are(areas: dict[str, str]) -> None:
    with (DATA / "area_aliases.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "short_name"]
    aliases = [row["alias"].casefold() for row in rows]
    assert len(aliases) == len(set(aliases))
    assert {row["code"] for row in rows} <= areas.keys()
    for row in rows:
        assert area_code(areas, row["alias"]) == row["code"], row


def test_a_regency_is_a_waypoint_and_malaka_is_not_melaka() -> None:
    melaka = NamedThing("melaka", "Terminal Feri Melaka", "ferry", frozenset({"m"}), ("Malaka",))
    town = NamedThing("place:kupang", "Kupang", "place", frozenset({"tenau", "bolok"}))
    regencies = [
        NamedThing("53.21", "Kabupaten Malaka", "area", frozenset({"motamasin"})),
        NamedThing("53.01", "Kabupaten Kupang", "area", frozenset({"bolok"})),
        NamedThing("53.02", "Kabupaten Timor Tengah Selatan", "area", frozenset({"kolbano"})),
    ]
    gazetteer = Gazetteer([town, melaka, *regencies])
    for name in ("Malaka", "Kab. Malaka", "53.21"):
        assert gazetteer.get(name).id == "53.21"
    assert gazetteer.get("Melaka").id == "melaka"
    assert gazetteer.get("TTS").id == "53.02"
    assert gazetteer.get("Kupang").id == gazetteer.get("Kota Kupang").id == "place:kupang"
    assert gazetteer.get("Kab. Kupang").id == "53.01"
    with pytest.raises(UnknownNameError, match=r"no place called 'Malakka'; nearest: .*Malaka"):
        gazetteer.get("Malakka")
    # Without that regency the abroad alias stands.
    assert Gazetteer([town, melaka]).get("Malaka").id == "melaka"


@pytest.fixture(scope="module")
def waypoints() -> Gazetteer:
    """Names of the embedded places, terminals, destinations, and provinces and regencies."""

    def rows(name: str) -> list[dict[str, str]]:
        path = DATA / name
        with (gzip.open if name.endswith(".gz") else open)(path, "rt", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    areas = {row["code"]: row["name"] for row in rows("areas.csv.gz") if len(row["code"]) <= 5}
    terminals = rows("terminals_sea.csv") + rows("terminals_air_land.csv")
    return Gazetteer(named_waypoints(terminals, rows("destinations.csv"), areas))


@pytest.mark.parametrize(
    ("name", "choices"),
    [("Johor", ("to-johor", "Terminal Feri Stulang Laut")),
     ("Entikong", ("place:entikong", "PLBN Entikong"))],
)  # fmt: skip
def test_a_region_with_a_terminal_of_its_name_is_ambiguous(
    waypoints: Gazetteer, name: str, choices: tuple[str, ...]
) -> None:
    with pytest.raises(AmbiguousNameError) as refused:
        waypoints.get(name)
    assert set(choices) <= set(refused.value.matches)
    assert "region" in refused.value.in_language("en")
    assert "kawasan" in refused.value.in_language("id")
    resolved = {choice: waypoints.get(choice).id for choice in refused.value.matches}
    assert len(set(resolved.values())) == len(resolved)  # every choice is accepted as it is listed


@pytest.mark.parametrize(
    ("name", "thing"),
    [("Kab. Malaka", "53.21"), ("Malaka", "53.21"), ("Melaka", "place:melaka"), ("NTT", "53"),
     ("Kupang", "place:kupang"), ("Labuan Bajo", "place:labuan-bajo"), ("Batam", "place:batam"),
     ("Nunukan", "place:nunukan"), ("Johor Bahru", "place:johor-bahru")],
)  # fmt: skip
def test_usual_names_of_waypoints_are_not_ambiguous(
    waypoints: Gazetteer, name: str, thing: str
) -> None:
    assert waypoints.get(name).id == thing


def test_nearest_names_are_said_once_in_one_wording() -> None:
    error = InputError("names.unknown_place", name="Melak", matches=nearest("Melak", ["Melaka"]))
    assert error.in_language("en") == "no place called 'Melak'; nearest: Melaka"
    assert error.in_language("id") == "tidak ada tempat bernama 'Melak'; yang terdekat: Melaka"
    listed = UnknownNameError("layer.unknown", layer="legz", layers=["legs"], matches=["legs"])
    assert str(listed).count("legs") == 1


def test_a_known_name_needs_neither_pandas_nor_rapidfuzz() -> None:
    code = (
        "import sys; from geo.names import area_code;"
        "assert area_code({'53': 'Nusa Tenggara Timur'}, 'NTT') == '53';"
        "assert not {'pandas', 'numpy', 'rapidfuzz'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
