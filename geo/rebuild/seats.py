"""regency_seats.csv: one point for each of the 514 regencies, the origin where none is finer.

The seat is the gazetteer place with the seat's name in that regency, unless the point that
regency_capitals.csv states with its source lies elsewhere; else, marked approximate, that point,
the medoid of the regency's settlements, an airport with the seat's name, or the medoid of its
official islands. No point is made up: a regency without any of these stops the rebuild.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo.errors import PetajagaError
from geo.rebuild.decide import to_xyz
from geo.rebuild.files import fixed
from geo.spelling import exact_key, loose_key

SEAT_COLUMNS = ("code", "name", "seat", "lat", "lon", "precision", "decided_by", "province_seat")
SAME_PLACE_DEG = 0.1
"""Two points of one town; a place of the same name elsewhere in the province is farther off."""


def bare_name(name: str) -> str:
    """Return a regency's name without its title: ``Kabupaten Belu`` -> ``Belu``."""
    return re.sub(r"^(Kabupaten|Kota)( Administrasi)? ", "", name)


def seat_names(capital: Mapping[str, str]) -> list[str]:
    """Return the names of a seat: the official one, then its aliases."""
    return [capital["capital"], *filter(None, capital["aliases"].split(";"))]


def medoid(rows: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Return the row with the least mean distance to the others."""
    lat, lon = (np.array([float(row[axis]) for row in rows]) for axis in ("lat", "lon"))
    xyz = to_xyz(lat, lon)
    spread = np.linalg.norm(xyz[:, None, :] - xyz[None, :, :], axis=2).mean(axis=1)
    return rows[int(spread.argmin())]


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
        wanted = [*seat_names(capital), bare_name(area["name"])]
        candidates: list[tuple[Any, ...]] = []
        for row in inside[code]:
            names = [row["name"], *other_names[row["id"]]]
            exact, loose = {exact_key(n) for n in names}, {loose_key(n) for n in names}
            for rank, name in enumerate(wanted):
                if exact_key(name) in exact or loose_key(name) in loose:
                    similar = exact_key(name) not in exact
                    number = int(row["id"][2:])
                    candidates.append((similar, rank, -population[row["id"]], number, row))
        named = min(candidates, key=lambda candidate: candidate[:4])[4] if candidates else None
        precision = "approximate"
        if named and (not capital["lat"] or _same_place(named, capital)):
            row, how, precision = named, "seat_name", "gazetteer"
        elif capital["lat"]:
            row, how = capital, "stated_point"
        elif inside[code]:
            towns = [r for r in inside[code] if population[r["id"]]] or inside[code]
            row, how = medoid(towns), "medoid_of_settlements"
        elif airport := _airport(wanted, airports):
            row, how = airport, "airport_name"
        elif islets[code]:
            lived_in = [r for r in islets[code] if r["populated"] == "yes"] or islets[code]
            row, how = medoid(lived_in), "medoid_of_islands"
        else:
            raise PetajagaError("rebuild.no_seat", code=code)
        lat, lon = fixed(float(row["lat"]), decimals=5), fixed(float(row["lon"]), decimals=5)
        rows.append(
            (code, area["name"], wanted[0], lat, lon, precision, how, capital["province_seat"])
        )
    return sorted(rows)


def _same_place(a: Mapping[str, str], b: Mapping[str, str]) -> bool:
    return all(abs(float(a[axis]) - float(b[axis])) < SAME_PLACE_DEG for axis in ("lat", "lon"))


def _airport(
    names: Sequence[str], airports: Sequence[Mapping[str, str]]
) -> Mapping[str, str] | None:
    wanted = {loose_key(name) for name in names}
    for airport in airports:
        # airportsdata writes "Tanjung Redep, Borneo Island".
        if airport["country"] == "ID" and loose_key(airport["city"].split(",")[0]) in wanted:
            return airport
    return None
