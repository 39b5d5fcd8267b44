"""regency_seats.csv: one point for each of the 514 regencies, the origin where nothing finer is.

The seat is the gazetteer place that bears the seat's name in that regency; else, marked
approximate, the point that regency_capitals.csv states with its source, the medoid of the regency's
settlements, an airport that bears the seat's name, or the medoid of its official islands. Nothing
is invented: a regency without any of these stops the rebuild.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo.errors import PetajagaError
from geo.rebuild.decide import Floats, to_xyz
from geo.rebuild.files import fixed
from geo.rebuild.spelling import exact_key, loose_key

SEAT_COLUMNS = ("code", "name", "seat", "lat", "lon", "precision", "decided_by")
_TITLES = ("Kabupaten Administrasi ", "Kota Administrasi ", "Kabupaten ", "Kota ")


def bare_name(name: str) -> str:
    """Return a regency's name without its title: ``Kabupaten Belu`` -> ``Belu``."""
    for title in _TITLES:
        if name.startswith(title):
            return name[len(title) :]
    return name


def medoid(lat: Floats, lon: Floats) -> int:
    """Return the index of the point with the least mean distance to the others."""
    xyz = to_xyz(lat, lon)
    spread = np.linalg.norm(xyz[:, None, :] - xyz[None, :, :], axis=2).mean(axis=1)
    return int(spread.argmin())


def seat_rows(
    settlements: Sequence[Mapping[str, str]],
    cities: Sequence[Mapping[str, Any]],
    areas: Sequence[Mapping[str, str]],
    islands: Sequence[Mapping[str, str]],
    capitals: Sequence[Mapping[str, str]],
    airports: Sequence[Mapping[str, str]],
) -> list[tuple[str, ...]]:
    """Return one row of ``SEAT_COLUMNS`` per regency, sorted by code.

    Raises:
        PetajagaError: a regency has neither settlement nor island.
    """
    population = {f"gn{city['geonameid']}": int(city["population"]) for city in cities}
    other_names = {f"gn{city['geonameid']}": city["alternatenames"] for city in cities}
    capital_of = {row["code"]: row for row in capitals}
    inside: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in settlements:
        inside[row["regency_code"]].append(row)
    islets: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in islands:
        islets[row["regency_code"]].append(row)
    rows: list[tuple[str, ...]] = []
    for area in areas:
        if area["level"] != "regency":
            continue
        code = area["code"]
        capital = capital_of[code]
        wanted = [capital["capital"], *filter(None, capital["aliases"].split(";"))]
        wanted.append(bare_name(area["name"]))
        best: tuple[Any, ...] | None = None
        for row in inside[code]:
            names = [row["name"], *other_names[row["id"]]]
            exact, loose = {exact_key(n) for n in names}, {loose_key(n) for n in names}
            for rank, name in enumerate(wanted):
                hit = 0 if exact_key(name) in exact else 1 if loose_key(name) in loose else 2
                key = (hit, rank, -population[row["id"]], int(row["id"][2:]))
                if hit < 2 and (best is None or key < best[0]):
                    best = (key, row)
        if best is not None:
            row, how, precision = best[1], "seat_name", "gazetteer"
        elif capital["lat"]:
            row, how, precision = capital, "stated_point", "approximate"
        elif inside[code]:
            towns = [r for r in inside[code] if population[r["id"]]] or inside[code]
            row, precision = towns[_middle(towns)], "approximate"
            how = "medoid_of_settlements"
        elif airport := _airport(wanted, airports):
            row, how, precision = airport, "airport_name", "approximate"
        elif islets[code]:
            lived_in = [r for r in islets[code] if r["populated"] == "yes"] or islets[code]
            row, precision = lived_in[_middle(lived_in)], "approximate"
            how = "medoid_of_islands"
        else:
            raise PetajagaError("rebuild.no_seat", code=code)
        lat, lon = fixed(float(row["lat"]), decimals=5), fixed(float(row["lon"]), decimals=5)
        rows.append((code, area["name"], wanted[0], lat, lon, precision, how))
    return sorted(rows)


def _airport(
    names: Sequence[str], airports: Sequence[Mapping[str, str]]
) -> Mapping[str, str] | None:
    wanted = {loose_key(name) for name in names}
    for airport in airports:
        # airportsdata writes "Tanjung Redep, Borneo Island".
        if airport["country"] == "ID" and loose_key(airport["city"].split(",")[0]) in wanted:
            return airport
    return None


def _middle(rows: Sequence[Mapping[str, str]]) -> int:
    lat = np.array([float(row["lat"]) for row in rows])
    lon = np.array([float(row["lon"]) for row in rows])
    return medoid(lat, lon)
