"""leg_lengths.csv and sea_routes.csv.gz: lengths of the curated legs in km, and lines over water.

Modes at sea follow the water (:mod:`geo.rebuild.sea_routing`), and their lines are kept; air is
the geodesic; those on land are the geodesic times the mode's detour (:mod:`geo.modes`), because no
road network is embedded. Legs with an unknown terminal are reported and left out.
"""

from __future__ import annotations

from pathlib import Path

import shapely

from geo.coast import WINDOW, geodesic_km
from geo.errors import PetajagaError
from geo.modes import mode_of
from geo.rebuild.files import csv_bytes, fixed, gzip_bytes, read_rows, write_atomic
from geo.rebuild.sea_routing import SeaRoute, SeaRouter
from geo.rebuild.sources import Sources

COLUMNS = ("from_id", "to_id", "length_km", "method")
ROUTE_COLUMNS = ("from_id", "to_id", "route")
ROUTE_DECIMALS = 5  # 1 m
TERMINAL_TABLES = ("terminals_sea.csv", "terminals_air_land.csv")
LEG_TABLES = ("legs_sea.csv", "legs_air_land.csv")


def _present(folder: Path, names: tuple[str, ...]) -> list[dict[str, str]]:
    return [row for name in names if (folder / name).exists() for row in read_rows(folder / name)]


def build(sources: Sources) -> list[str]:
    """Write both tables; report what is missing.

    Lengths have a row per direction and method, routes one per pair as WKT from the first id.
    """
    places = {
        row["id"]: (float(row["lat"]), float(row["lon"]))
        for row in _present(sources.out, TERMINAL_TABLES)
        if row["lat"] and row["lon"]
    }
    router = SeaRouter()
    lengths: dict[tuple[str, str, str], str] = {}
    routes: list[tuple[str, str, str]] = []
    missing: set[str] = set()
    problems: list[str] = []
    for leg in _present(sources.out, LEG_TABLES):
        ends = leg["from_id"], leg["to_id"]
        unknown = {end for end in ends if end not in places}
        if unknown:
            missing |= unknown
            continue
        method = _method(leg["mode"], places[ends[0]], places[ends[1]])
        # Both directions share one computation, so that they cannot differ by a rounding.
        first, second = sorted(ends)
        if (first, second, method) not in lengths:
            km = _straight_km(leg["mode"], places[first], places[second])
            if method == "water":
                try:
                    route = router.route(*places[first], *places[second])
                except PetajagaError as error:
                    problems.append(f"{leg['id']} {first} - {second}: {error}")
                    continue
                km = max(route.length_km, km)
                routes.append((first, second, _wkt(route)))
            lengths[first, second, method] = fixed(km, decimals=2)
    rows = sorted(
        (*ends, km, method)
        for (first, second, method), km in lengths.items()
        for ends in ((first, second), (second, first))
    )
    write_atomic(sources.out / "leg_lengths.csv", csv_bytes(COLUMNS, rows))
    lines = csv_bytes(ROUTE_COLUMNS, sorted(routes))
    write_atomic(sources.out / "sea_routes.csv.gz", gzip_bytes(lines))
    report = [
        f"leg_lengths.csv: {len(rows)} directed lengths",
        f"sea_routes.csv.gz: {len(routes)} routes over water",
    ]
    if missing:
        report.append(f"unknown terminals, their legs left out: {', '.join(sorted(missing))}")
    return report + problems


def _inside(place: tuple[float, float]) -> bool:
    west, south, east, north = WINDOW
    return south <= place[0] <= north and west <= place[1] <= east


def _method(slug: str, a: tuple[float, float], b: tuple[float, float]) -> str:
    mode = mode_of(slug)
    if mode.medium == "sea":
        return "water" if _inside(a) and _inside(b) else "geodesic_outside_map"
    return f"geodesic_x{mode.detour}" if mode.medium == "land" else "geodesic"


def _straight_km(mode: str, a: tuple[float, float], b: tuple[float, float]) -> float:
    """The geodesic, on land times the detour; up, so that two decimals are never below it."""
    detour = mode_of(mode).detour if mode_of(mode).medium == "land" else 1.0
    return geodesic_km(*a, *b) * detour + 0.005


def _wkt(route: SeaRoute) -> str:
    points = zip(route.lon, route.lat, strict=True)
    return shapely.to_wkt(shapely.LineString(list(points)), rounding_precision=ROUTE_DECIMALS)
