"""areas.csv.gz and islands.csv.gz: official codes and names (idn-area-data, ODbL).

The BPS codes of provinces and regencies are joined in from the curated ``bps_codes.csv``; those of
districts and villages stay empty, because the two systems number them differently and no source
at hand maps them.
"""

from __future__ import annotations

import re

from geo.errors import PetajagaError
from geo.paths import DATA
from geo.rebuild.files import csv_bytes, fixed, gzip_bytes, read_rows, write_atomic
from geo.rebuild.sources import Sources, idn_area_tables

AREA_COLUMNS = ("code", "name", "level", "parent", "bps_code")
ISLAND_COLUMNS = (
    "code", "name", "lat", "lon", "province_code", "regency_code", "populated", "outermost",
)  # fmt: skip
EXPECTED = {"provinces": 38, "regencies": 514, "districts": 7285, "villages": 83762}
_DMS = r"(\d{1,3})°(\d{1,2})'(\d{1,2}(?:\.\d+)?)\""


def parse_dms(text: str) -> tuple[float, float]:
    """Read ``03°19'03.44" N 097°07'41.73" E`` as (lat, lon) in decimal degrees.

    Raises:
        PetajagaError: the text has another form.
    """
    match = re.fullmatch(f"{_DMS} ([NS]) {_DMS} ([EW])", text.strip())
    if match is None:
        raise PetajagaError("rebuild.coordinate", value=text)
    lat, lon = (
        int(degrees) + int(minutes) / 60 + float(seconds) / 3600
        for degrees, minutes, seconds in (match.group(1, 2, 3), match.group(5, 6, 7))
    )
    return -lat if match[4] == "S" else lat, -lon if match[8] == "W" else lon


def _spaced(name: str) -> str:
    return " ".join(name.split())


def bps_codes(sources: Sources) -> dict[str, str]:
    """Read the curated BPS codes by Kemendagri code, of the folder written to or the embedded one.

    Raises:
        PetajagaError: a BPS code is given to two areas.
    """
    folder = sources.out if (sources.out / "bps_codes.csv").exists() else DATA
    codes = {row["code"]: row["bps_code"] for row in read_rows(folder / "bps_codes.csv")}
    if len(set(codes.values())) != len(codes):
        raise PetajagaError("rebuild.bps_duplicate")
    return codes


def build(sources: Sources) -> list[str]:
    """Write both snapshots; return one line of counts for each.

    Raises:
        PetajagaError: the package has other counts, duplicate codes or orphans, or a province or
            regency has no BPS code.
    """
    tables = idn_area_tables(sources)
    bps = bps_codes(sources)
    for name, count in EXPECTED.items():
        if len(tables[name]) != count:
            raise PetajagaError(
                "rebuild.row_count", table=name, rows=len(tables[name]), expected=count
            )
    levels = {
        "provinces": ("province", ""),
        "regencies": ("regency", "province_code"),
        "districts": ("district", "regency_code"),
        "villages": ("village", "district_code"),
    }
    rows = [
        (row["code"], _spaced(row["name"]), level, row.get(parent, ""), bps.get(row["code"], ""))
        for table, (level, parent) in levels.items()
        for row in tables[table]
    ]
    without = [row[0] for row in rows if row[2] in {"province", "regency"} and not row[4]]
    if without:
        raise PetajagaError("rebuild.bps_missing", code=without[0])
    codes = {row[0] for row in rows}
    orphans = [row[0] for row in rows if row[3] and row[3] not in codes]
    if orphans or len(codes) != len(rows):
        raise PetajagaError("rebuild.hierarchy", codes=orphans[:3])
    rows.sort(key=lambda row: row[0].split("."))
    write_atomic(sources.out / "areas.csv.gz", gzip_bytes(csv_bytes(AREA_COLUMNS, rows)))

    islands: list[tuple[str, ...]] = []
    for row in tables["islands"]:
        lat, lon = parse_dms(row["coordinate"])
        islands.append(
            (
                row["code"],
                _spaced(row["name"]),
                fixed(lat, decimals=5),
                fixed(lon, decimals=5),
                row["code"].split(".")[0],
                row["regency_code"],
                "yes" if row["is_populated"] == "1" else "no",
                "yes" if row["is_outermost_small"] == "1" else "no",
            )
        )
    islands.sort(key=lambda row: row[0].split("."))
    write_atomic(sources.out / "islands.csv.gz", gzip_bytes(csv_bytes(ISLAND_COLUMNS, islands)))
    return [f"areas.csv.gz: {len(rows)} areas", f"islands.csv.gz: {len(islands)} islands"]
