"""Reference data for checks of an import: codes, seats, terminals, and the keys of each table."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.counts import COUNT_SERIES
from geo.imports.columns import Kind
from geo.paths import DATA
from geo.road_network import ROADS_FILE, RoadNetwork

__all__ = ["ReferenceData", "read_rows"]

_FILES = {
    "settlements": ("settlements.csv.gz",),
    "terminals": ("terminals_sea.csv", "terminals_air_land.csv"),
    "legs": ("legs_sea.csv", "legs_air_land.csv"),
    "indicators": ("indicators.csv",),
    "counts": ("counts.csv",),
    "services": ("services.csv",),
    "posts": ("posts.csv",),
}


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of an embedded or normalised CSV, packed or not."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    csv.field_size_limit(16 * 1024 * 1024)
    yield from csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))


class ReferenceData:
    """The embedded tables and the imports applied so far.

    Parameters
    ----------
    applied : sequence of (kind name, path)
        Tables of applied imports, oldest first.
    data : Path
    """

    def __init__(self, applied: Sequence[tuple[str, Path]] = (), *, data: Path = DATA) -> None:
        self._applied = [(name, path) for name, path in applied if path.suffix == ".csv"]
        self._roads = [path for _, path in applied if path.name == ROADS_FILE]
        self._data = data

    @cached_property
    def areas(self) -> Mapping[str, str]:
        """Official name by code."""
        return {row["code"]: row["name"] for row in read_rows(self._data / "areas.csv.gz")}

    @cached_property
    def former(self) -> Mapping[str, str]:
        """Present code by the code that an area had in a former province."""
        rows = read_rows(self._data / "area_aliases.csv")
        return {row["alias"]: row["code"] for row in rows if row["kind"] == "old_code"}

    @cached_property
    def seats(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude of each regency's seat."""
        rows = read_rows(self._data / "regency_seats.csv")
        return {row["code"]: (float(row["lat"]), float(row["lon"])) for row in rows}

    @cached_property
    def terminals(self) -> Mapping[str, tuple[float, float]]:
        """Latitude and longitude of each terminal by its id; later imports override."""
        rows = self.rows("terminals")
        return {row["id"]: (float(row["lat"]), float(row["lon"])) for row in rows}

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Unit of each embedded indicator (not those that imports added)."""
        rows = read_rows(self._data / _FILES["indicators"][0])
        return {row["indicator"]: row["unit"] for row in rows}

    @cached_property
    def measures(self) -> frozenset[str]:
        """Measures of the embedded counts, totals too."""
        return frozenset(row["measure"] for row in read_rows(self._data / _FILES["counts"][0]))

    @cached_property
    def count_kinds(self) -> Mapping[str, str]:
        """Kind of each measure of the embedded counts (not the totals)."""
        rows = self.rows("counts")
        return {row["measure"]: row["kind"] for row in rows if row["kind"] != "total"}

    @cached_property
    def count_units(self) -> Mapping[str, str]:
        """Unit of each measure of the embedded counts."""
        rows = read_rows(self._data / _FILES["counts"][0])
        return {row["measure"]: row["unit"] for row in rows}

    @cached_property
    def count_classes(self) -> Mapping[tuple[str, ...], str]:
        """Class in law of each embedded series (:data:`COUNT_SERIES`) that has only one."""
        classes: dict[tuple[str, ...], set[str]] = {}
        for row in read_rows(self._data / _FILES["counts"][0]):
            classes.setdefault(tuple(row[n] for n in COUNT_SERIES), set()).add(row["legal_class"])
        return {
            series: min(of_series) for series, of_series in classes.items() if len(of_series) == 1
        }

    @cached_property
    def places(self) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """Province code, latitude and longitude of each settlement.

        In a regency with imported villages these replace all others.
        """
        villages = {row["code"]: row for row in self.rows("places")}
        official = {code[:5] for code in villages}
        settled = [r for r in self.rows("settlements") if r["regency_code"] not in official]
        code = [row["province_code"] for row in settled] + [name[:2] for name in villages]
        rows = [*settled, *villages.values()]
        lat, lon = (np.array([float(row[axis]) for row in rows]) for axis in ("lat", "lon"))
        return code, lat, lon

    def junctions(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Id of each applied road network, and the numbers of its junctions."""
        for path in self._roads:
            yield path.parent.name, RoadNetwork.from_bytes(path.read_bytes()).ids

    def rows(self, kind: str) -> Iterator[dict[str, str]]:
        """All rows of a table, embedded ones first."""
        for file in _FILES.get(kind, ()):
            yield from read_rows(self._data / file)
        for name, path in self._applied:
            if name == kind:
                yield from read_rows(path)

    def keys(self, kind: Kind) -> set[tuple[str, ...]]:
        """Keys of the existing rows; a row with one of them replaces that row."""
        names = kind.replaces or kind.key
        return {tuple(row.get(name, "") for name in names) for row in self.rows(kind.name)}

    def regency_at(self, lat: float, lon: float) -> str:
        """Code of the regency cell under, or within 0.3 degrees of, a point; else ``""``."""
        import shapely

        codes, tree = self._cells
        point = shapely.Point(lon, lat)
        cells = tree.query(point, predicate="within")
        if len(cells):
            return str(codes[int(cells[0])])
        near = tree.query_nearest(point, max_distance=0.3)
        return str(codes[int(near[0])]) if len(near) else ""

    @cached_property
    def _cells(self) -> tuple[list[str], Any]:
        import orjson
        import shapely

        content = gzip.decompress((self._data / "regencies.geojson.gz").read_bytes())
        features = orjson.loads(content)["features"]
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        return [feature["properties"]["code"] for feature in features], shapely.STRtree(shapes)
