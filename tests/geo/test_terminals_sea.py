"""The curated sea terminals and legs: shape, place, speed and connection."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pyproj import Geod
from shapely import STRtree
from shapely.geometry import LineString, Point, shape
from shapely.ops import nearest_points

from geo.modes import MODES

DATA = Path(__file__).resolve().parents[2] / "geo" / "data"
GEOD = Geod(ellps="WGS84")
Row = dict[str, str]

TERMINAL_COLUMNS = (
    "id name aliases place kind country area_code lat lon precision iata staffed_by "
    "source as_of confidence note"
)
LEG_COLUMNS = (
    "id from_id to_id mode operator line hours hours_basis hours_low hours_high "
    "departures_per_week departures_basis departures_per_week_low departures_per_week_high "
    "fare_idr fare_year both_ways official assumed source as_of confidence note"
)
STAFF = {
    "kp3",
    "syahbandar",
    "imigrasi",
    "polair",
    "polres",
    "avsec",
    "bp3mi",
    "plbn",
    "tni",
}
# How fast a mode can be is in geo.imports; nothing may be slower than 4 km/h either.
SLOWEST_KMH = 4.0
CORRIDORS = [
    ("tenau", "labuan-bajo"),
    ("labuan-bajo", "benoa"),
    ("labuan-bajo", "makassar"),
    ("makassar", "tunon-taka"),
    ("tunon-taka", "tawau"),
    ("waingapu", "benoa"),
    ("tenau", "tanjung-perak"),
    ("tanjung-priok", "belawan"),
    ("belawan", "batu-ampar"),
    ("telaga-punggur", "sri-bintan-pura"),
    ("batam-centre", "stulang-laut"),
    ("sri-bintan-pura", "tanah-merah"),
    ("maumere", "tunon-taka"),
    ("larantuka", "makassar"),
    ("lewoleba", "tunon-taka"),
    ("kalabahi", "tenau"),
    ("baa", "tenau"),
    ("pantai-baru", "bolok"),
    ("bambangan", "pesisir-tawau"),
    ("sei-gentong", "tanjung-balau"),
]
ISSUE_LIST = (
    "tenau bolok wini atapupu kalabahi larantuka waiwerang lewoleba maumere ende ippi aimere "
    "marapokot reo labuan-bajo waingapu waikelo baa pantai-baru seba mananga gilimanuk padang-bai "
    "benoa lembar sape bima tanjung-perak ketapang tanjung-emas tanjung-priok makassar parepare "
    "baubau balikpapan samarinda malundung tunon-taka sungai-nyamuk sei-pancang aji-kuning "
    "pontianak belawan tanjung-balai-asahan dumai batam-centre sekupang harbour-bay nongsapura "
    "telaga-punggur tanjung-uban-roro bulang-linggi bandar-bentan-telani sri-bintan-pura kijang "
    "karimun teluk-mata-ikan pulau-putri tanjung-sengkuang tanjung-memban sei-gentong berakit "
    "lobam haji-putri bambangan sei-ular nongsa pulau-galang teluk-sebong sungai-kecil tawau "
    "stulang-laut pasir-gudang harbourfront tanah-merah melaka port-dickson port-klang"
)


def read(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def terminals() -> dict[str, Row]:
    return {row["id"]: row for row in read("terminals_sea.csv")}


@cache
def legs() -> tuple[Row, ...]:
    return tuple(read("legs_sea.csv"))


def lat_lon(row: Row) -> tuple[float, float]:
    return float(row["lat"]), float(row["lon"])


def distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    return float(GEOD.inv(first[1], first[0], second[1], second[0])[2]) / 1000.0


def source_is_known(source: str) -> bool:
    return re.fullmatch(r"F\d{3}", source) is not None or source.startswith(("http://", "https://"))


@cache
def shore() -> tuple[STRtree, tuple[LineString, ...]]:
    """The coastline in short pieces, so that the nearest one is found quickly."""
    with gzip.open(DATA / "land.geojson.gz", "rt", encoding="utf-8") as handle:
        features = json.load(handle)["features"]
    pieces: list[LineString] = []
    for feature in features:
        geometry = shape(feature["geometry"])
        for part in getattr(geometry, "geoms", [geometry]):
            coordinates = list(part.exterior.coords)
            pieces += [
                LineString(coordinates[start : start + 40])
                for start in range(0, len(coordinates) - 1, 39)
            ]
    return STRtree(pieces), tuple(pieces)


def shore_distance_km(row: Row) -> float:
    tree, pieces = shore()
    lat, lon = lat_lon(row)
    point = Point(lon, lat)
    best = float("inf")
    for index in tree.query(point.buffer(0.1)):
        near = nearest_points(pieces[index], point)[0]
        best = min(best, distance_km((lat, lon), (near.y, near.x)))
    return best


def test_terminal_rows_follow_the_schema() -> None:
    rows = read("terminals_sea.csv")
    assert " ".join(rows[0]) == TERMINAL_COLUMNS
    assert not [key for key, times in Counter(row["id"] for row in rows).items() if times > 1]
    for row in rows:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"])
        assert row["name"], row["id"]
        assert row["place"], row["id"]
        assert row["kind"] in {"seaport", "ferry", "unofficial"}, row["id"]
        assert row["country"] in {"ID", "MY", "SG", "TL", "BN"}, row["id"]
        assert row["precision"] in {"surveyed", "gazetteer", "matched", "approximate"}
        assert row["confidence"] in {"high", "medium", "low"}
        assert source_is_known(row["source"]), row["id"]
        assert re.fullmatch(r"\d{4}(-\d{2}){0,2}", row["as_of"]), row["id"]
        assert "coord: " in row["note"], row["id"]
        assert set(filter(None, row["staffed_by"].split(";"))) <= STAFF, row["id"]
        lat, lon = lat_lon(row)
        assert -12.0 < lat < 8.0, row["id"]
        assert 94.0 < lon < 142.0, row["id"]


def test_regency_codes_exist() -> None:
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8") as handle:
        regencies = {r["code"] for r in csv.DictReader(handle) if r["level"] == "regency"}
    for row in terminals().values():
        if row["country"] == "ID":
            assert row["area_code"] in regencies, row["id"]
        else:
            assert row["area_code"] == "", row["id"]


def test_what_was_asked_for_is_there() -> None:
    assert not set(ISSUE_LIST.split()) - set(terminals())
    at_home = [row for row in terminals().values() if row["country"] == "ID"]
    assert sum(row["kind"] == "unofficial" for row in at_home) >= 30
    assert len(terminals()) >= 110
    assert len(legs()) >= 230


def test_a_name_means_one_terminal() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in terminals().values():
        for name in [row["name"], *filter(None, row["aliases"].split(";"))]:
            owners[name.casefold()].add(row["id"])
    assert not {name: ids for name, ids in owners.items() if len(ids) > 1}


def test_unofficial_landings_are_deliberately_coarse() -> None:
    for row in terminals().values():
        if row["kind"] == "unofficial":
            assert row["precision"] == "approximate", row["id"]
            for value in lat_lon(row):
                assert abs(value / 0.005 - round(value / 0.005)) < 1e-6, row["id"]


@pytest.mark.slow
def test_sea_terminals_lie_on_the_shore() -> None:
    far = {
        row["id"]: round(shore_distance_km(row), 1)
        for row in terminals().values()
        if "river port" not in row["note"] and "reclaimed land" not in row["note"]
        if shore_distance_km(row) > 2.0
    }
    assert not far


def words(name: str) -> str:
    name = re.sub(r"\(.*?\)", " ", name.casefold())
    common = r"\b(pelabuhan|pp\.?|roro|penyeberangan|feri|internasional|domestik)\b"
    name = re.sub(common, " ", name)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name).split())


def test_agrees_with_the_independent_port_list(shared_file: Callable[[str], Path]) -> None:
    with shared_file("data/ports_id_and_neighbours.csv").open(encoding="utf-8") as handle:
        ports = [row for row in csv.DictReader(handle) if row["coord_check"] == "ok"]
    by_name: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for port in ports:
        for part in re.split(r"[/]", port["name"]):
            by_name[words(part), port["prov_code"]].append(port)
    compared = 0
    wrong: dict[str, float] = {}
    for row in terminals().values():
        if row["kind"] == "unofficial" or row["country"] != "ID":
            continue
        names = {words(n) for n in [row["name"], *row["aliases"].split(";")] if n}
        matches = [p for n in names for p in by_name.get((n, row["area_code"][:2]), [])]
        if not matches:
            continue
        compared += 1
        nearest = min(distance_km(lat_lon(row), lat_lon(port)) for port in matches)
        explained = re.search(r"port list|World Port Index|fishing port", row["note"])
        if nearest > 3.0 and not explained:
            wrong[row["id"]] = round(nearest, 1)
    assert compared >= 50
    assert not wrong


def test_leg_rows_follow_the_schema() -> None:
    rows = legs()
    assert " ".join(rows[0]) == LEG_COLUMNS
    ids = [row["id"] for row in rows]  # a leg that was withdrawn leaves a gap
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"S\d{3}", name) for name in ids)
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        key = row["id"]
        assert row["from_id"] in terminals(), key
        assert row["to_id"] in terminals(), key
        assert row["from_id"] != row["to_id"], key
        assert MODES[row["mode"]].medium == "sea", key
        assert row["hours_basis"] in {"stated", "computed", "modelled"}, key
        assert row["departures_basis"] in {"stated", "cycle", "assumed"}, key
        assert float(row["hours"]) > 0, key
        assert float(row["departures_per_week"]) > 0, key
        assert {row["both_ways"], row["official"], row["assumed"]} <= {"yes", "no"}, key
        assert bool(row["fare_idr"]) == bool(row["fare_year"]), key
        assert not row["fare_idr"] or int(row["fare_idr"]) >= 1000, key
        assert source_is_known(row["source"]), key
        assert re.fullmatch(r"\d{4}(-\d{2}){0,2}(/.*)?", row["as_of"]), key
        assert row["confidence"] in {"high", "medium", "low"}, key
        pair = tuple(sorted((row["from_id"], row["to_id"])))
        line = (*pair, row["mode"], row["operator"], row["line"])
        assert line not in seen, key
        seen.add(line)


def test_what_is_assumed_or_modelled_says_so() -> None:
    for row in legs():
        assert (row["departures_basis"] == "assumed") == (row["assumed"] == "yes"), row["id"]
        if row["assumed"] == "yes":
            assert row["confidence"] == "low", row["id"]
            assert "assumed" in row["note"], row["id"]
        if row["hours_basis"] == "modelled":
            assert "hours from" in row["note"], row["id"]
            assert row["confidence"] != "high", row["id"]


def test_a_cycle_rests_on_a_ship_whose_turn_is_sourced() -> None:
    cycles = {row["vessel"]: row for row in read("ship_cycles.csv")}
    assert len(cycles) == len(read("ship_cycles.csv"))
    named: set[str] = set()
    for row in cycles.values():
        assert 7 <= float(row["cycle_days"]) <= 42, row
        assert row["source"].startswith("https://"), row
        assert row["confidence"] in {"high", "medium", "low"}, row
        assert row["note"], row
    for row in legs():
        told = re.search(r"cycle of (KM [^;]*) in ship_cycles.csv", row["note"])
        if not told:
            continue
        ships = told[1].split(", ")
        named |= set(ships)
        assert set(ships) <= set(cycles), row["id"]
        assert row["departures_basis"] == "cycle", row["id"]
        assert set(ships) <= set(row["line"].split("; ")) | {"KM Tilongkabila"}, row["id"]
        parts = dict(part.rsplit(" ", 1) for part in sums(row["note"]))
        if not parts:
            assert len(ships) == 1, row["id"]
            parts = {ships[0][3:]: row["departures_per_week"]}
        assert abs(sum(map(float, parts.values())) - float(row["departures_per_week"])) < 0.011
        for ship in ships:
            turns = float(parts[ship[3:]]) * float(cycles[ship]["cycle_days"]) / 7.0
            assert min(abs(turns - n) for n in (1, 2)) < 0.05, (row["id"], ship)
    assert len(named) >= 10


def sums(note: str) -> list[str]:
    told = re.search(r"sum of ([^;]*)", note)
    return told[1].split(", ") if told else []


def test_crossings_outside_control_touch_an_unofficial_landing() -> None:
    for row in legs():
        ends = {terminals()[row[end]]["kind"] for end in ("from_id", "to_id")}
        assert (row["official"] == "no") == ("unofficial" in ends), row["id"]


def test_hours_give_a_possible_speed() -> None:
    impossible: dict[str, float] = {}
    for row in legs():
        ends = (lat_lon(terminals()[row[end]]) for end in ("from_id", "to_id"))
        speed = distance_km(*ends) / float(row["hours"])
        if not SLOWEST_KMH <= speed <= MODES[row["mode"]].fastest_kmh:
            impossible[row["id"]] = round(speed, 1)
    assert not impossible


def neighbours() -> dict[str, set[str]]:
    links: dict[str, set[str]] = defaultdict(set)
    for row in legs():
        links[row["from_id"]].add(row["to_id"])
        if row["both_ways"] == "yes":
            links[row["to_id"]].add(row["from_id"])
    return links


def reachable(start: str, links: dict[str, set[str]]) -> Iterator[str]:
    seen, queue = {start}, [start]
    while queue:
        here = queue.pop()
        yield here
        for there in links[here] - seen:
            seen.add(there)
            queue.append(there)


def test_no_terminal_is_left_alone() -> None:
    links = neighbours()
    alone = [
        row["id"]
        for row in terminals().values()
        if not links[row["id"]] and "reached by road only" not in row["note"]
    ]
    assert not alone


@pytest.mark.parametrize(("start", "end"), CORRIDORS)
def test_the_corridors_of_the_facts_can_be_sailed(start: str, end: str) -> None:
    assert end in set(reachable(start, neighbours()))


def test_ports_of_the_evidence_are_all_reconciled(shared_file: Callable[[str], Path]) -> None:
    with shared_file("evidence/legs_sea.csv").open(encoding="utf-8") as handle:
        spellings = {row[end] for row in csv.DictReader(handle) for end in ("from_port", "to_port")}
    known: set[str] = set()
    for row in terminals().values():
        for name in (row["name"], row["place"], *row["aliases"].split(";")):
            known |= {name.casefold(), words(name)}
    # small islands of one coaster, stops joined over, a one-off call, a place nobody could find
    left_out = {
        "Kapoposang Bali",
        "Sailus",
        "Tampaang",
        "Sapuka",
        "Matalaang",
        "Sumanga",
        "Balobaloang",
        "Maccini",
        "Bantaeng",
        "Wira",
        "Buntung",
        "Malahayati (Aceh)",
        "Tolitoli",  # the one line on record is of 2011 and withdrawn
    }
    missing = {s for s in spellings - left_out if not known & {s.casefold(), words(s)}}
    assert not missing
