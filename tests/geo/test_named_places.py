"""Places and offices that sources name on the ways of migration are in the tables, by name."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from geo.modes import MODES

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"
Row = dict[str, str]

# What sources call a place -> its id.
NTT_PORTS = {
    "Tenau": "tenau", "Bolok": "bolok", "Wini": "wini", "Atapupu": "atapupu",
    "Kalabahi": "kalabahi", "Larantuka": "larantuka", "Waiwerang": "waiwerang",
    "Lewoleba": "lewoleba", "Maumere (Lorens Say)": "maumere", "Ende": "ende", "Ippi": "ippi",
    "Aimere": "aimere", "Marapokot": "marapokot", "Reo": "reo", "Labuan Bajo": "labuan-bajo",
    "Waingapu": "waingapu", "Waikelo": "waikelo", "Ba'a": "baa", "Pantai Baru": "pantai-baru",
    "Seba": "seba", "Mananga": "mananga",
}  # fmt: skip
NTT_AIRPORTS = {
    "Kupang": "KOE", "Labuan Bajo": "LBJ", "Maumere": "MOF", "Waingapu": "WGP",
    "Tambolaka": "TMC", "Ende": "ENE", "Bajawa": "BJW", "Ruteng": "RTG", "Larantuka": "LKA",
    "Lewoleba": "LWE", "Alor": "ARD", "Atambua": "ABU", "Rote": "RTI", "Sabu": "SAU",
}  # fmt: skip
POSTS = {"Motaain": "motaain", "Motamasin": "motamasin", "Wini": "wini-plbn"}
TRANSIT = {
    "Gilimanuk": "gilimanuk", "Padang Bai": "padang-bai", "Benoa": "benoa",
    "Ngurah Rai": "ngurah-rai", "Lembar": "lembar", "Sape": "sape", "Bima": "bima",
    "Lombok airport": "lombok", "Tanjung Perak": "tanjung-perak", "Juanda": "juanda",
    "Ketapang": "ketapang", "Tanjung Emas": "tanjung-emas", "Tanjung Priok": "tanjung-priok",
    "Soekarno-Hatta": "soekarno-hatta", "Makassar port": "makassar",
    "Makassar airport": "hasanuddin", "Parepare": "parepare", "Bau-Bau": "baubau",
    "Balikpapan": "balikpapan", "Samarinda": "samarinda", "Tarakan port": "malundung",
    "Tarakan airport": "juwata", "Nunukan (Tunon Taka)": "tunon-taka",
    "Sebatik: Sei Nyamuk": "sungai-nyamuk", "Sebatik: Sungai Pancang": "sei-pancang",
    "Sebatik: Aji Kuning": "aji-kuning", "Pontianak": "pontianak", "Entikong": "entikong",
    "Aruk": "aruk", "Badau": "badau", "Belawan": "belawan", "Kualanamu": "kualanamu",
    "Tanjung Balai Asahan": "tanjung-balai-asahan", "Dumai": "dumai",
}  # fmt: skip
KEPRI = {
    "Batam Centre": "batam-centre", "Sekupang": "sekupang", "Harbour Bay": "harbour-bay",
    "Nongsapura": "nongsapura", "Telaga Punggur": "telaga-punggur", "Hang Nadim": "hang-nadim",
    "Tanjung Uban": "tanjung-uban-roro", "Bandar Bentan Telani": "bandar-bentan-telani",
    "Sri Bintan Pura": "sri-bintan-pura", "Kijang": "kijang", "Karimun": "karimun",
}  # fmt: skip
LANDINGS = {
    "Teluk Mata Ikan": "teluk-mata-ikan", "Pulau Putri": "pulau-putri",
    "Tanjung Sengkuang": "tanjung-sengkuang", "Tanjung Memban": "tanjung-memban",
    "Sei Gentong": "sei-gentong", "Berakit": "berakit", "Lobam": "lobam",
    "Haji Putri": "haji-putri", "Bambangan": "bambangan", "Sei Ular": "sei-ular",
}  # fmt: skip
DESTINATIONS = {
    "Tawau": "to-tawau", "Johor": "to-johor", "Singapore": "to-singapore",
    "Kuching": "to-kuching", "Melaka": "to-melaka", "Port Dickson": "to-negeri-sembilan",
    "Port Klang": "to-kuala-lumpur", "Penang": "to-penang", "Brunei": "to-brunei",
    "Dili": "to-dili", "Hong Kong": "to-hong-kong", "Taiwan": "to-taiwan", "Gulf": "to-gulf",
    "Saudi Arabia": "to-saudi", "Medan": "to-medan", "Batam": "to-batam",
    "Jakarta": "to-jakarta", "Surabaya": "to-surabaya", "Bali": "to-bali",
    "Kalimantan Tengah": "to-kalteng", "Kalimantan Timur": "to-kaltim",
    "Kalimantan Barat": "to-kalbar", "Kalimantan Utara": "to-kaltara",
    "Kalimantan Selatan": "to-kalsel",
}  # fmt: skip
ARRIVALS = {
    "Tawau": "tawau", "Stulang Laut": "stulang-laut", "Pasir Gudang": "pasir-gudang",
    "Kota Tinggi coast": "tanjung-balau", "HarbourFront": "harbourfront",
    "Tanah Merah": "tanah-merah", "Melaka": "melaka", "Port Dickson": "port-dickson",
    "Port Klang": "port-klang",
}  # fmt: skip
OFFICES = {
    "immigration_office", "tpi", "bp3mi", "ltsa", "uptd_ppa", "p2tp2a", "polres", "task_force",
    "iom",
}  # fmt: skip
TASK_FORCE_FACTS = {"F040", "F044", "F054", "F055"}


@cache
def rows(name: str) -> tuple[Row, ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def terminals() -> dict[str, Row]:
    return {
        row["id"]: row
        for name in ("terminals_sea.csv", "terminals_air_land.csv")
        for row in rows(name)
    }


def legs() -> Iterator[Row]:
    yield from rows("legs_sea.csv")
    yield from rows("legs_air_land.csv")


@pytest.mark.parametrize(
    ("named", "kinds"),
    [
        pytest.param(NTT_PORTS, {"seaport", "ferry"}, id="NTT ports"),
        pytest.param(POSTS, {"border_post"}, id="NTT border posts"),
        pytest.param(
            TRANSIT,
            {"seaport", "ferry", "airport", "border_post", "unofficial"},
            id="transit",
        ),
        pytest.param(KEPRI, {"seaport", "ferry", "airport"}, id="Kepri"),
        pytest.param(LANDINGS, {"unofficial"}, id="unofficial landings"),
        pytest.param(ARRIVALS, {"seaport", "ferry", "unofficial"}, id="arrivals abroad"),
    ],
)
def test_every_named_terminal_is_there(named: dict[str, str], kinds: set[str]) -> None:
    assert {name for name, id_ in named.items() if id_ not in terminals()} == set()
    assert {name for name, id_ in named.items() if terminals()[id_]["kind"] not in kinds} == set()


@pytest.mark.parametrize("named", [NTT_PORTS, POSTS, TRANSIT, KEPRI, LANDINGS, ARRIVALS])
def test_a_terminal_is_found_by_its_common_name(named: dict[str, str]) -> None:
    """By its name, an alias or its place; the English words for what it is do not count."""

    def plain(text: str) -> str:
        return re.sub(r"[^a-z]", "", text.lower())

    lost = set()
    for name, id_ in named.items():
        row = terminals()[id_]
        known = plain(";".join((row["name"], row["aliases"], row["place"])))
        words = re.split(r"[():]", re.sub(r" (air)?port$| coast$", "", name))
        if not all(plain(word) in known for word in words):
            lost.add(name)
    assert lost == set()


def test_every_airport_of_ntt_is_there() -> None:
    found = {
        row["iata"]
        for row in terminals().values()
        if row["kind"] == "airport" and row["area_code"].startswith("53")
    }
    assert {name for name, iata in NTT_AIRPORTS.items() if iata not in found} == set()


def test_every_named_destination_is_there() -> None:
    found = {row["id"] for row in rows("destinations.csv")}
    assert {name for name, id_ in DESTINATIONS.items() if id_ not in found} == set()


def test_there_are_enough_of_each() -> None:
    landings = [
        row
        for row in terminals().values()
        if row["kind"] == "unofficial" and row["country"] == "ID"
    ]
    assert len(landings) >= 30
    assert len(terminals()) >= 120
    assert sum(1 for _ in legs()) >= 350


def test_the_offices_of_every_kind_are_there() -> None:
    services = rows("services.csv")
    assert {row["kind"] for row in services} >= OFFICES
    ntt = [row for row in services if row["area_code"].startswith("53")]
    assert {row["kind"] for row in ntt} >= OFFICES
    assert all(
        row["jurisdiction"]
        for row in ntt
        if row["kind"] == "immigration_office" and row["name"].startswith("Kantor")
    )
    assert {row["source"] for row in rows("task_forces.csv")} >= TASK_FORCE_FACTS


def test_modes_are_those_of_the_readme() -> None:
    assert {row["mode"] for row in legs()} <= set(MODES)
    assert {row["mode"] for row in rows("destination_access.csv")} <= set(MODES)
    readme = (DATA / "README.md").read_text("utf-8")
    assert all(f"`{mode}`" in readme for mode in MODES)


def test_no_terminal_is_without_use() -> None:
    used = {row[end] for row in legs() for end in ("from_id", "to_id")}
    used |= {row["terminal_id"] for row in rows("destination_access.csv")}
    assert set(terminals()) - used == set()


def test_a_fare_has_its_year_and_an_assumption_its_reason() -> None:
    for row in legs():
        assert bool(row["fare_idr"]) == bool(row["fare_year"]), row["id"]
        assert (row["assumed"] == "yes") == (row["departures_basis"] == "assumed"), row["id"]
        if row["assumed"] == "yes":
            assert row["confidence"] == "low", row["id"]
            assert "assum" in row["note"], row["id"]


def test_every_regency_is_an_origin_at_its_seat_with_figures_of_its_province() -> None:
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8", newline="") as file:
        areas = [row for row in csv.DictReader(file) if row["level"] in {"province", "regency"}]
    regencies = {row["code"] for row in areas if row["level"] == "regency"}
    provinces = {row["code"] for row in areas if row["level"] == "province"}
    assert {row["code"] for row in rows("regency_seats.csv")} == regencies
    assert all(row["lat"] and row["lon"] for row in rows("regency_seats.csv"))
    for indicator in (
        "poverty_rate", "mean_years_school", "unemployment_rate", "hdi", "population",
    ):  # fmt: skip
        have = {r["area_code"] for r in rows("indicators.csv") if r["indicator"] == indicator}
        assert provinces <= have, indicator
