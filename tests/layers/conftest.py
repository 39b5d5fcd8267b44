"""A small build with real places, as :class:`routes.build.model.Build` will give it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from geo.classes import CLASSES
from geo.disclosure import protected_counts
from geo.i18n import languages
from geo.imports.days import today
from geo.paths import Home
from geo.road_network import RoadNetwork
from layers.release import editions, marking
from layers.release.publish import publish
from layers.release.release import Release, open_release

SECRET = bytes(range(32))
POST_WORD, LANDING_WORD = "Pos Terpadu Contoh", "Dermaga Rahasia Contoh"

_AREAS = [
    # code, name, level, parent, lat, lon, population, score, class
    ("53", "Nusa Tenggara Timur", "province", "", -8.66, 121.08, 5325566, 6.9, "high"),
    ("53.01", "Kabupaten Kupang", "regency", "53", -10.0, 123.9, 366000, 7.4, "high"),
    ("53.04", "Kabupaten Belu", "regency", "53", -9.1, 124.9, 217000, 8.1, "very_high"),
    ("53.15", "Kabupaten Manggarai Barat", "regency", "53", -8.5, 119.9, 256000, 5.2, "medium"),
    ("53.71", "Kota Kupang", "regency", "53", -10.17, 123.6, 442000, 3.9, "low"),
    ("65", "Kalimantan Utara", "province", "", 3.1, 116.0, 701000, 4.4, "medium"),
    ("65.04", "Kabupaten Nunukan", "regency", "65", 4.1, 117.6, 199000, None, "not_assessed"),
    ("21", "Kepulauan Riau", "province", "", 3.9, 108.1, 2064000, 4.0, "low"),
    ("21.71", "Kota Batam", "regency", "21", 1.1, 104.0, 1196000, 4.0, "low"),
]
_PROVENANCE = {"source": "contoh", "as_of": "2024", "confidence": "high"}
_NO_LINE = dict.fromkeys(("phone", "phone_as_of", "phone_source", "phone_confidence"), "")
_OLD_LINE = {
    "phone": "0380100100", "phone_as_of": "2020-01", "phone_source": "contoh",
    "phone_confidence": "low",
}  # fmt: skip
_TERMINALS = [
    ("tenau", "Pelabuhan Tenau", "Kupang", "seaport", "53.71", -10.199, 123.526, True),
    ("el-tari", "Bandara El Tari", "Kupang", "airport", "53.71", -10.172, 123.671, True),
    ("labuan-bajo", "Pelabuhan Labuan Bajo", "Labuan Bajo", "seaport", "53.15", -8.491, 119.877,
     True),
    ("nunukan", "Pelabuhan Tunon Taka", "Nunukan", "seaport", "65.04", 4.14, 117.667, True),
    ("batam-centre", "Terminal Batam Centre", "Batam", "ferry", "21.71", 1.13, 104.056, True),
    ("rahasia", LANDING_WORD, "Batam", "unofficial", "21.71", 1.19, 104.1, False),
]  # fmt: skip
_LEGS = [
    ("S001", "tenau", "labuan-bajo", "passenger_ship", "yes"),
    ("S002", "labuan-bajo", "nunukan", "passenger_ship", "yes"),
    ("A001", "el-tari", "batam-centre", "air", "yes"),
    ("S003", "rahasia", "batam-centre", "small_boat", "no"),
]
_ROUTES = {
    ("tenau", "labuan-bajo"): "LINESTRING (123.526 -10.199, 119.81 -8.77, 119.877 -8.491)",
    ("rahasia", "batam-centre"): "LINESTRING (104.1 1.19, 104.0777 1.2111, 104.056 1.13)",
}


@pytest.fixture(scope="session", autouse=True)
def one_day() -> Iterator[None]:
    """Releases of a run are of one day, also where midnight passes meanwhile."""
    day = today()
    with pytest.MonkeyPatch.context() as patch:
        for module in (editions, marking):
            patch.setattr(module, "today", lambda: day)
        yield


def _raw_counts() -> pd.DataFrame:
    """Counts as a dataset holds them, before any rounding."""
    return pd.DataFrame(
        [
            {
                "id": f"C{n}", "place_code": place, "terminal_id": terminal, "origin_code": origin,
                "year": float(year), "period": str(year), "measure": measure, "kind": kind,
                "value": float(value), "unit": "person", "effort": "", "contains": "",
                **_PROVENANCE, "note": f"di {POST_WORD}",
            }
            for n, (place, terminal, origin, year, measure, kind, value) in enumerate(
                [
                    ("53.71", "el-tari", "53", 2018, "persons_stopped", "interception", 41),
                    ("53.71", "tenau", "53", 2018, "persons_stopped", "interception", 22),
                    ("53.04", "", "", 2018, "persons_stopped", "interception", 13),
                    ("53", "", "53", 2017, "prevented", "total", 662),
                    ("53", "", "53", 2018, "prevented_of_one_origin", "total", 1379),
                    ("21.71", "", "", 2018, "tppo_cases", "tppo_cases", 7),
                    ("21.71", "", "", 2018, "secret_measure", "total", 7),
                    *(
                        ("53.15", "", "", year, f"victims_{sex}", "total", 9)
                        for year in (2022, 2023, 2024)
                        for sex in ("male", "female")
                    ),
                ]
            )
        ]
    )  # fmt: skip


@dataclass(frozen=True)
class SmallBuild:
    """What :class:`routes.build.model.Build` asks for, filled by hand."""

    id: str
    areas: pd.DataFrame
    settlements: pd.DataFrame
    terminals: pd.DataFrame
    legs: pd.DataFrame
    destinations: pd.DataFrame
    corridors: pd.DataFrame
    corridor_origins: pd.DataFrame
    pairs: pd.DataFrame
    counts: pd.DataFrame
    coverage: pd.DataFrame
    services: pd.DataFrame
    posts: pd.DataFrame
    hotspots: pd.DataFrame
    regency_cells: gpd.GeoDataFrame
    basemap: Path
    basemap_layers: Path
    nodes: pd.DataFrame
    official_edges: pd.DataFrame
    roads: RoadNetwork = field(default_factory=RoadNetwork.empty)
    on_osm_roads: bool = False
    key: str | None = None
    agreements: tuple[dict[str, str], ...] = ()


def _interval(stem: str, mean: float | None) -> dict[str, Any]:
    if mean is None:
        return {f"{stem}_mean": None, f"{stem}_p05": None, f"{stem}_p95": None}
    return {f"{stem}_mean": mean, f"{stem}_p05": 0.7 * mean, f"{stem}_p95": 1.4 * mean}


def make_build(folder: Path) -> SmallBuild:
    """The small build; ``folder`` gets its base map."""
    areas = pd.DataFrame(
        [
            {
                "code": code, "name": name, "level": level, "parent": parent,
                "province_code": code[:2], "lat": lat, "lon": lon, "population": float(people),
                **_interval("score", score), "class": label, "rank_p05": 1.0, "rank_p95": 5.0,
                "p_top_decile": 0.25, "known_share": 0.75, "gaps": '["hdi"]',
                "ltsa_id": "", "ltsa_hours": None,
                **{f"reason_{language}": f"{name} ({language})." for language in languages()},
                "contributions": "[]", "alike": "[]", "trend": "[]",
                **_interval("departures", people / 4000),
                **_interval("departures_per_100k", 25.0), "class_in_province": label,
                "class_probability": 0.25 if level == "regency" else 0.75,
                "rank_in_province_p05": 1.0, "rank_in_province_p95": 2.0,
                "unofficial_landings_class": "low" if level == "regency" else None,
            }
            for code, name, level, parent, lat, lon, people, score, label in _AREAS
        ]
    )  # fmt: skip
    settlements = pd.DataFrame(
        [
            {
                "id": f"g{n}", "name": name, "kind": "settlement", "lat": lat, "lon": lon,
                "population": people, "precision": "gazetteer", "decided_by": "nearest seat",
                "province_code": regency[:2], "regency_code": regency,
                **_interval("departures", 3.2),
                **_interval("departures_per_100k", 25.0),
                "district_code": f"{regency}.01", "district_basis": "nearest",
            }
            for n, (name, lat, lon, people, regency) in enumerate(
                [
                    ("Soe", -9.86, 124.28, 30000.0, "53.01"),
                    ("Atambua", -9.106, 124.892, 80000.0, "53.04"),
                    ("=Komodo", -8.58, 119.49, float("nan"), "53.15"),
                    ("Sebatik", 4.13, 117.78, 1000.0, "65.04"),
                    ("Nongsa <b>", 1.18, 104.08, 2000.0, "21.71"),
                ]
            )
        ]
    )  # fmt: skip
    village = {"id": "v53.01.08.2009", "name": "Oelpuah", "kind": "village"}
    village |= {"decided_by": "village_point", "lat": -10.1, "lon": 123.7}
    village |= {"district_code": "53.01.08", "district_basis": "own"}
    settlements = pd.concat([settlements, settlements.iloc[:1].assign(**village)])
    terminals = pd.DataFrame(
        [
            {
                "id": key, "name": name, "aliases": "", "place": place, "kind": kind,
                "country": "ID", "area_code": area, "lat": lat, "lon": lon,
                "precision": "gazetteer", "iata": "KOE" if key == "el-tari" else "",
                "staffed_by": "polair;kp3", **_PROVENANCE, "note": f"catatan {POST_WORD}",
                "official": official, **_interval("load", 120.0),
                "official_load": 90.0 + len(key) if official else float("nan"),
                "checks": "",
                "watched": '[{"body": "Pos Terpadu", "until": "", "as_of": "2024"}]',
            }
            for key, name, place, kind, area, lat, lon, official in _TERMINALS
        ]
    )  # fmt: skip
    legs = pd.DataFrame(
        [
            {
                "id": key, "from_id": a, "to_id": b, "mode": mode, "operator": "", "line": "",
                "hours": 20.0, "hours_basis": "modelled", "departures_per_week": 2.0,
                "departures_basis": "assumed", "fare_idr": float("nan"),
                "fare_year": float("nan"), "both_ways": "yes", "official": official,
                "assumed": "no", **_PROVENANCE, "note": "", "length_km": 500.0,
                "route": _ROUTES.get((a, b), ""),
                "generalised_hours": 44.0, "line_departures_per_week": 0.0,
                **_interval("flow", 33.0),
            }
            for key, start, end, mode, official in _LEGS
            for a, b in ((start, end), (end, start))
        ]
    )  # fmt: skip
    destinations = pd.DataFrame(
        [
            {
                "id": key, "name": name, "name_en": name, "aliases": "", "country": country,
                "region": {"to-tawau": "sabah", "to-johor": "peninsular_malaysia"}.get(key, "home"),
                "area_code": area, "lat": lat, "lon": lon, "precision": "gazetteer",
                "hazard": 6.0, "hazard_note": "", **_PROVENANCE, "note": "",
                **_interval("flow", 400.0),
            }
            for key, name, country, area, lat, lon in [
                ("to-tawau", "Tawau", "MY", "", 4.245, 117.891),
                ("to-johor", "Johor Bahru", "MY", "", 1.46, 103.76),
                ("to-batam", "Batam", "ID", "21.71", 1.1, 104.0),
            ]
        ]
    )  # fmt: skip
    corridors = pd.DataFrame(
        [
            _corridor("c1", ["tenau", "labuan-bajo", "nunukan"], "to-tawau", "MY", 210.0, "high"),
            _corridor("c2", ["el-tari", "batam-centre"], "to-batam", "21", 90.0, "medium"),
            _corridor("c3", ["batam-centre", "rahasia"], "to-johor", "MY", 14.0, "very_high"),
        ]
    )
    origins = pd.DataFrame(
        [
            {
                "corridor_id": key, "code": code, "name": name, "province_code": code[:2],
                "persons_mean": persons, "share": share,
            }
            for key, code, name, persons, share in [
                ("c1", "53.01", "Kabupaten Kupang", 140.0, 0.66),
                ("c1", "53.04", "Kabupaten Belu", 70.0, 0.34),
                ("c2", "53.71", "Kota Kupang", 90.0, 1.0),
                ("c3", "21.71", "Kota Batam", 14.0, 1.0),
            ]
        ]
    )  # fmt: skip
    pairs = pd.DataFrame(
        [
            {
                "code": code, "destination_id": end, **_interval("persons", persons),
                "vulnerability": 6.0, "hazard": hazard,
            }
            for code, end, persons, hazard in [
                ("53.01", "to-tawau", 140.0, 8.0),
                ("53.04", "to-tawau", 70.0, 8.0),
                ("53.71", "to-batam", 30.0, 4.0),
                ("21.71", "to-johor", 60.0, 8.0),
                ("65.04", "to-johor", 0.2, 8.0),
            ]
        ]
    )  # fmt: skip
    counts = protected_counts(_raw_counts(), secret=SECRET)
    services = pd.DataFrame(
        [
            {
                "id": "uptd-ppa-ntt", "kind": "uptd_ppa", "name": "UPTD PPA Provinsi NTT",
                "area_code": "53.71", "place": "Kupang", "jurisdiction": "53", "lat": -10.16,
                "lon": 123.6, "precision": "approximate", **_PROVENANCE, "note": "",
                **_OLD_LINE,
            },
            {
                "id": "bp3mi-kaltara", "kind": "bp3mi", "name": "BP3MI Kalimantan Utara",
                "area_code": "65.04", "place": "Nunukan", "jurisdiction": "65",
                "lat": float("nan"), "lon": float("nan"), "precision": "", **_PROVENANCE,
                "note": "", **_NO_LINE,
            },
        ]
    )  # fmt: skip
    listed = {"coverage": "listed", "listed": 1, "listed_share": 1.0, "year": 2011.0}
    listed |= {"kinds": "gugus_tugas_desa", "source": "https://contoh.id/berita/desa-oelpuah"}
    coverage = pd.DataFrame(
        [
            {
                "code": code, "name": name, "level": level, "province_code": code[:2],
                "lat": lat, "lon": lon, "coverage": "not_listed", "villages": 100, "listed": 0,
                "listed_share": None, "area_wide": 1, "kinds": None, "year": None, "source": "",
                "visited_share": 2.0, "departures_share": None,
                **(listed if code.startswith("53.01") or code == "53" else {}),
            }
            for code, name, level, lat, lon in [
                *((row[0], row[1], row[2], row[4], row[5]) for row in _AREAS),
                ("53.01.08.2009", "Oelpuah", "village", -10.1, 123.7),
            ]
        ]
    )  # fmt: skip
    posts = pd.DataFrame(
        [
            {
                "terminal_id": "el-tari", "name": POST_WORD, "since": "2018", "until": "",
                "evidence_from": "2015-01-13", "hours": 24.0, "officers": float("nan"),
                "duties": "periksa",
                **_PROVENANCE, "note": "",
            }
        ]
    )  # fmt: skip
    hotspots = pd.DataFrame(
        [
            {
                "code": f"{code}.01", "name": f"Kecamatan {code}", "province_code": code[:2],
                "regency_code": code, "lat": -9.0, "lon": 124.0, "rate": 30.0, "gi_star": 3.1,
                "p_value": 0.002, "q_value": 0.02, "class": "hot",
            }
            for code in ("53.01", "53.04", "21.71")
        ]
    )  # fmt: skip
    regencies = [row for row in _AREAS if row[2] == "regency"]
    cells = gpd.GeoDataFrame(
        {"code": [row[0] for row in regencies], "approximate": True, "mismatch": 0.05},
        geometry=[box(row[5] - 0.4, row[4] - 0.4, row[5] + 0.4, row[4] + 0.4) for row in regencies],
        crs="EPSG:4326",
    )
    basemap = folder / "base.geojson"
    land = {
        "type": "Feature",
        "properties": {},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[123, -10], [125, -10], [125, -9], [123, -9], [123, -10]]],
        },
    }
    basemap.write_text(json.dumps({"type": "FeatureCollection", "features": [land]}))
    layers = folder / "layers.geojson"
    drawn = {**land, "properties": {"layer": "land", "min_zoom": 2, "country": "ID"}}
    layers.write_text(json.dumps({"type": "FeatureCollection", "features": [drawn]}))
    return SmallBuild(
        "abcdef012345", areas, settlements, terminals, legs, destinations, corridors, origins,
        pairs, counts, coverage, services, posts, hotspots, cells, basemap, layers,
        *_official_network(),
    )  # fmt: skip


def _official_network() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and official edges: seats to their terminals, official legs, Nunukan to Tawau."""
    seats = [
        (f"r:{row[0]}", "seat", row[5], row[4], row[0], None) for row in _AREAS if "." in row[0]
    ]
    ports = [(row[0], row[3], row[6], row[5], row[4], None) for row in _TERMINALS if row[7]]
    tawau = ("to-tawau:P", "destination", 117.891, 4.245, None, "to-tawau")
    columns = ["node", "kind", "lon", "lat", "area_code", "destination"]
    nodes = pd.DataFrame([*seats, *ports, tawau], columns=columns).assign(calls_at=None)
    edges = [
        *((seat[0], port[0], 1.0) for seat in seats for port in ports if seat[4] == port[4]),
        *((start, end, 20.0) for _, start, end, _, official in _LEGS if official == "yes"),
        ("nunukan", "to-tawau:P", 3.0),
    ]
    return nodes, pd.DataFrame(edges, columns=["u", "v", "hours"])


def _corridor(
    key: str, nodes: list[str], destination: str, area: str, persons: float, label: str
) -> dict[str, Any]:
    where = {row[0]: row for row in _TERMINALS}
    return {
        "id": key,
        "waypoints": nodes,
        "waypoint_names": [where[n][2] for n in nodes],
        "waypoint_kinds": [where[n][3] for n in nodes],
        "listed_for": [where[nodes[0]][4][:2]],
        "lons": [where[n][6] for n in nodes],
        "lats": [where[n][5] for n in nodes],
        "destination_id": destination,
        "destination_name": destination.removeprefix("to-").title(),
        "destination_area": area,
        **_interval("persons", persons),
        **_interval("score", 6.1),
        "class": label,
        **{f"p_{name}": 0.6 if name == label else 0.1 for name in CLASSES},
        "volume": 5.0,
        "vulnerability": 7.0,
        "unofficial_share": 0.2,
        "hazard": 6.0,
    }


@pytest.fixture
def raw_counts() -> pd.DataFrame:
    """The counts behind the small build's, before any rounding."""
    return _raw_counts()


def make_home(folder: Path, *, secret: bytes = SECRET) -> Home:
    """A home whose rounding secret is known, so that two homes can be compared."""
    home = Home.resolve(folder)
    home.root.mkdir(parents=True, exist_ok=True)
    key = home.root / "disclosure.key"
    key.write_text(secret.hex() + "\n")
    key.chmod(0o600)
    return home


@pytest.fixture
def small_build(tmp_path: Path) -> SmallBuild:
    return make_build(tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


@pytest.fixture
def published(released_home: Home, home: Home) -> Release:
    """A release that a test may damage."""
    shutil.copytree(released_home.root, home.root, dirs_exist_ok=True)
    return open_release(home)


@pytest.fixture(scope="session")
def release(released_home: Home) -> Release:
    """One release for all tests that only read."""
    return open_release(released_home)


@pytest.fixture
def publish_in(tmp_path: Path) -> Callable[[SmallBuild, str], Release]:
    """Publish a build into a home of the given name, with the shared secret."""
    return lambda build, name: publish(build, make_home(tmp_path / name))
