"""Airports, border posts, air and land legs, destinations: what the curated rows must keep."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest
from pyproj import Geod

from geo.modes import MODES

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"
GEOD = Geod(ellps="WGS84")
AIRPORTSDATA = "airportsdata "
"""A coordinate taken from the gazetteer says so at the start of its source."""
CONFIDENCE = {"high", "medium", "low"}
PRECISION = {"surveyed", "gazetteer", "matched", "approximate"}


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one curated table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def terminals() -> dict[str, dict[str, str]]:
    """Every terminal by id; the sea table may not be there yet."""
    names = [n for n in ("terminals_sea.csv", "terminals_air_land.csv") if (DATA / n).exists()]
    return {row["id"]: row for name in names for row in rows(name)}


@cache
def area_codes() -> frozenset[str]:
    """Codes of all official areas."""
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))


def length_km(one: dict[str, str], other: dict[str, str]) -> float:
    """Geodesic length between two rows with ``lat`` and ``lon``."""
    metres: float = GEOD.inv(
        float(one["lon"]), float(one["lat"]), float(other["lon"]), float(other["lat"])
    )[2]
    return metres / 1000


def test_ids_are_unique_over_sea_and_air() -> None:
    listed = [
        row["id"]
        for name in ("terminals_sea.csv", "terminals_air_land.csv")
        if (DATA / name).exists()
        for row in rows(name)
    ]
    assert [i for i, n in Counter(listed).items() if n > 1] == []
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in listed)


@pytest.mark.parametrize(
    "name",
    [
        "terminals_air_land.csv",
        "legs_air_land.csv",
        "destinations.csv",
        "destination_access.csv",
        "destination_shares.csv",
    ],
)
def test_every_row_says_where_it_comes_from(name: str) -> None:
    for row in rows(name):
        assert row["source"], row
        assert row["as_of"], row
        assert row["confidence"] in CONFIDENCE, row
        if row["source"] == "assumption":
            assert row["confidence"] == "low", row
            assert row["note"], row


def test_airports_equal_the_gazetteer() -> None:
    airportsdata = pytest.importorskip(
        "airportsdata", reason="the gazetteer of airports is a development dependency"
    )
    known = airportsdata.load("IATA")
    checked = 0
    for row in rows("terminals_air_land.csv"):
        if row["kind"] != "airport":
            continue
        if row["source"].startswith(AIRPORTSDATA):
            airport = known[row["iata"]]
            assert (float(row["lat"]), float(row["lon"])) == (airport["lat"], airport["lon"])
            assert row["country"] == airport["country"]
            checked += 1
        else:
            assert row["note"], f"{row['id']} departs from the gazetteer and does not say why"
    assert checked >= 70


def test_the_named_airports_and_posts_are_there() -> None:
    iata = {row["iata"] for row in rows("terminals_air_land.csv")}
    ntt = "KOE LBJ MOF WGP TMC ENE BJW RTG LKA LWE ARD ABU RTI SAU"
    transit = "DPS LOP BMU SUB SRG SOC CGK HLP UPG BPN AAP TRK NNX PNK PSU KNO PLM BTH TNJ"
    abroad = "KUL JHB PEN BKI TWU KCH BWN SIN DIL HKG TPE JED RUH DXB DOH"
    assert not set(f"{ntt} {transit} {abroad}".split()) - iata
    posts = {row["id"] for row in rows("terminals_air_land.csv") if row["kind"] == "border_post"}
    assert {"motaain", "motamasin", "wini-plbn", "entikong", "aruk", "badau"} <= posts


def test_terminals_are_well_formed() -> None:
    for row in rows("terminals_air_land.csv"):
        assert row["kind"] in {"airport", "border_post", "unofficial"}, row
        assert row["precision"] in PRECISION, row
        assert -12 <= float(row["lat"]) <= 32, row
        assert 35 <= float(row["lon"]) <= 142, row
        assert bool(row["iata"]) == (row["kind"] == "airport"), row
        if row["country"] == "ID":
            assert row["area_code"] in area_codes(), row
            assert len(row["area_code"]) == 5, row
        else:
            assert row["area_code"] == "", row
        if row["kind"] == "unofficial":
            # A path is given to village level only: two decimals, and even ones.
            assert row["precision"] == "approximate", row
            assert all(round(float(row[c]) * 100) % 2 == 0 for c in ("lat", "lon")), row


def test_terminals_lie_in_their_regency(shared_file: Callable[[str], Path]) -> None:
    polygons = shared_file("data/regencies_poly_national.geojson")
    regencies = gpd.read_file(polygons).set_index("code").to_crs("EPSG:3857")
    points = gpd.GeoDataFrame(
        [row for row in rows("terminals_air_land.csv") if row["country"] == "ID"]
    )
    points = points.set_geometry(
        gpd.points_from_xy(points["lon"].astype(float), points["lat"].astype(float)),
        crs="EPSG:4326",
    ).to_crs("EPSG:3857")
    own = gpd.GeoSeries(regencies.geometry.loc[points["area_code"]].to_numpy(), crs="EPSG:3857")
    off = points.reset_index(drop=True).distance(own)
    assert points["id"].to_numpy()[(off > 500).to_numpy()].tolist() == []


def test_every_airport_has_a_leg() -> None:
    ends = Counter(row[end] for row in rows("legs_air_land.csv") for end in ("from_id", "to_id"))
    bare = [
        row["id"]
        for row in rows("terminals_air_land.csv")
        if row["kind"] in {"airport", "border_post"} and not ends[row["id"]]
    ]
    assert bare == []


def test_legs_are_possible() -> None:
    legs = rows("legs_air_land.csv")
    assert len(legs) >= 120
    assert len({row["id"] for row in legs}) == len(legs)
    pairs = Counter((*sorted((row["from_id"], row["to_id"])), row["mode"]) for row in legs)
    assert [pair for pair, n in pairs.items() if n > 1] == []
    for row in legs:
        start, end = terminals()[row["from_id"]], terminals()[row["to_id"]]
        assert start is not end, row
        hours = float(row["hours"])
        speed = length_km(start, end) / hours
        assert speed <= MODES[row["mode"]].fastest_kmh, (row["id"], speed)
        assert speed >= (90 if row["mode"] == "air" else 8), (row["id"], speed)
        assert row["hours_basis"] in {"stated", "computed", "modelled"}, row
        assert row["departures_basis"] in {"stated", "cycle", "assumed"}, row
        assert float(row["departures_per_week"]) > 0, row
        assert bool(row["fare_idr"]) >= bool(row["fare_year"]), row
        for column in ("both_ways", "official", "assumed"):
            assert row[column] in {"yes", "no"}, row
        if row["source"] == "assumption":
            assert row["assumed"] == "yes", row


def test_no_leg_by_road_crosses_water_or_joins_an_airport_abroad_without_a_post() -> None:
    for row in rows("legs_air_land.csv"):
        if row["mode"] == "air":
            continue
        ends = [terminals()[row[end]] for end in ("from_id", "to_id")]
        if len({end["country"] for end in ends}) > 1:
            assert any(end["kind"] == "border_post" for end in ends), row


def test_destinations() -> None:
    places = rows("destinations.csv")
    assert 24 <= len(places) <= 35
    assert len({row["id"] for row in places}) == len(places)
    for row in places:
        assert row["id"].startswith("to-"), row
        assert all(row[column] for column in ("name", "name_en", "hazard_note")), row
        assert 0 <= float(row["hazard"]) <= 10, row
        assert row["precision"] in PRECISION, row
        assert (row["area_code"] in area_codes()) == (row["country"] == "ID"), row


def test_access_reaches_every_destination_from_known_terminals() -> None:
    access = rows("destination_access.csv")
    pairs = Counter((row["terminal_id"], row["destination_id"]) for row in access)
    assert [pair for pair, n in pairs.items() if n > 1] == []
    places = {row["id"]: row for row in rows("destinations.csv")}
    assert {row["destination_id"] for row in access} == set(places)
    for row in access:
        assert 0 < float(row["hours"]) <= 24, row
        if "arrival counts" not in row["note"]:
            km = length_km(terminals()[row["terminal_id"]], places[row["destination_id"]])
            assert km / float(row["hours"]) <= 90, (row, km)
    # A country's destinations are entered by land only from it or from a border crossing.
    for row in access:
        start, place = terminals()[row["terminal_id"]], places[row["destination_id"]]
        if start["country"] != place["country"]:
            crossing = start["kind"] in {"border_post", "unofficial"} or start["id"] == "long-bawan"
            causeway = {start["country"], place["country"]} == {"MY", "SG"}
            gulf = start["country"] == "QA" and place["id"] == "to-gulf"
            assert crossing or causeway or gulf, row


def test_shares_of_an_origin_sum_to_one() -> None:
    places = {row["id"] for row in rows("destinations.csv")}
    sums: dict[str, float] = {}
    for row in rows("destination_shares.csv"):
        assert row["destination_id"] in places, row
        assert row["origin_code"] == "ID" or row["origin_code"] in area_codes(), row
        share = float(row["share"])
        assert 0 < share < 1, row
        sums[row["origin_code"]] = sums.get(row["origin_code"], 0.0) + share
    assert {"53", "52", "73", "35", "ID"} <= set(sums)
    assert all(abs(total - 1) < 1e-9 for total in sums.values()), sums


def test_ntt_goes_first_of_all_to_malaysia_and_there_to_sabah() -> None:
    shares = {
        row["destination_id"]: float(row["share"])
        for row in rows("destination_shares.csv")
        if row["origin_code"] == "53"
    }
    countries = {row["id"]: row["country"] for row in rows("destinations.csv")}
    malaysia = {k: v for k, v in shares.items() if countries[k] == "MY"}
    sabah = shares["to-tawau"] + shares["to-kota-kinabalu"]
    assert 0.45 <= sum(malaysia.values()) <= 0.65
    assert sabah == pytest.approx(0.47 * sum(malaysia.values()), abs=0.01)


def test_names_are_those_that_indonesians_use() -> None:
    """The word for an airport or ferry terminal abroad is Indonesian; the English name is found."""
    found = terminals()
    assert found["tawau-airport"]["name"] == "Bandara Tawau"
    assert "Tawau Airport" in found["tawau-airport"]["aliases"].split(";")
    english = re.compile(r"\b(?:airport|aeroporto|ferry terminal|port of)\b", re.IGNORECASE)
    assert {key: row["name"] for key, row in found.items() if english.search(row["name"])} == {}
    airports = [row["name"] for row in found.values() if row["kind"] == "airport"]
    assert [name for name in airports if not name.startswith("Bandara ")] == []
