"""airports.csv: airports of Indonesia, its neighbours and long-haul hubs (airportsdata, MIT)."""

from __future__ import annotations

import importlib

from geo.rebuild.files import csv_bytes, fixed, write_atomic
from geo.rebuild.sources import Sources, require

COLUMNS = ("icao", "iata", "name", "city", "subdivision", "country", "lat", "lon", "timezone")
NEIGHBOURS = frozenset({"MY", "SG", "BN", "TL", "PH", "HK", "TW"})
# Arrival hubs of labour migration and of the pilgrim route outside the neighbourhood (IATA).
HUBS = frozenset(
    {"DXB", "DWC", "SHJ", "AUH", "DOH", "JED", "RUH", "DMM", "MED", "KWI", "BAH", "MCT", "AMM"}
)


def build(sources: Sources) -> list[str]:
    """Write airports.csv: all of Indonesia, neighbours with an IATA code, and the hubs."""
    require("airportsdata")
    airports = importlib.import_module("airportsdata").load("ICAO")
    rows: list[tuple[str, ...]] = []
    for airport in airports.values():
        country, iata = airport["country"], airport["iata"]
        if country == "ID" or (country in NEIGHBOURS and iata) or iata in HUBS:
            names = (airport[key] for key in ("icao", "iata", "name", "city", "subd"))
            point = (fixed(float(airport[axis]), decimals=5) for axis in ("lat", "lon"))
            rows.append((*names, country, *point, airport["tz"]))
    rows.sort()
    write_atomic(sources.out / "airports.csv", csv_bytes(COLUMNS, rows))
    return [f"airports.csv: {len(rows)} airports"]
