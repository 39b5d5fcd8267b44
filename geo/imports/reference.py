"""Reference data for checks of an import: codes, seats, terminals, and the keys of each table."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from math import asin, cos, radians, sin, sqrt
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.codes import CODE_LENGTHS, level_of
from geo.counts import COUNT_SERIES, OFFICE_MEASURES
from geo.imports.columns import Kind
from geo.imports.words import fold
from geo.paths import DATA
from geo.road_network import ROADS_FILE, RoadNetwork
from geo.sphere import EARTH_KM

__all__ = ["QUAY_KM", "ReferenceData", "budget_holder", "distance_km", "read_rows"]

OUTLINE_KM = 15.0
"""A point this near to its regency's outline may lie in it: 99.9 % of the embedded village points
do within 6.4 km."""
QUAY_KM = 30.0
"""A terminal farther from its regency's outline is not there: of the embedded ones the farthest,
Jinato on an islet that the outline lacks, is at 18 km, no other beyond :data:`OUTLINE_KM`."""
DISTRICT_KM = 60.0
"""A village this near to the middle of its district may lie in it: 99.9 % do within 56 km."""
KM_PER_DEGREE = 111.2
_ROUGH = 0.15
"""From this mismatch of areas on an outline is rough (geo/data/SOURCE.md)."""

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
    yield from csv.DictReader(_opened(path))


def read_columns(path: Path, *names: str) -> Iterator[Any]:
    """Tuples of these columns (two or more) of such a CSV, much faster than whole rows."""
    rows = csv.reader(_opened(path))
    heading = next(rows)
    return map(itemgetter(*map(heading.index, names)), rows)


def _opened(path: Path) -> io.StringIO:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    csv.field_size_limit(16 * 1024 * 1024)
    return io.StringIO(content.decode("utf-8"), newline="")


def budget_holder(row: Mapping[str, str]) -> tuple[str, ...]:
    """Whose budget a line is of: area, year and office, however its name is spaced or written.

    Examples
    --------
    >>> budget_holder({"area_code": "53", "year": "2026", "office": "Dinas  Sosial"})
    ('53', '2026', 'dinas sosial')
    """
    return row["area_code"], row["year"], " ".join(row["office"].split()).casefold()


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great circle distance, within 0.6 % of the geodesic: for checks of plausibility."""
    a, b = radians(lat1), radians(lat2)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(h, 1.0)))


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
        self.allowed: frozenset[str] = frozenset()  # measures and indicators that may be new

    @cached_property
    def areas(self) -> Mapping[str, str]:
        """Official name by code."""
        return dict(read_columns(self._data / "areas.csv.gz", "code", "name"))

    @cached_property
    def by_bps(self) -> Mapping[str, str]:
        """Code of each province and regency by its BPS code."""
        rows = read_columns(self._data / "areas.csv.gz", "code", "bps_code")
        return {bps_code: code for code, bps_code in rows if bps_code}

    @cached_property
    def by_level(self) -> Mapping[str, Mapping[str, str]]:
        """Names by code, of each level."""
        levels: dict[str, dict[str, str]] = {level: {} for level in CODE_LENGTHS}
        for code, name in self.areas.items():
            levels[level_of(code)][code] = name
        return levels

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
    def terminal_areas(self) -> Mapping[str, str]:
        """Code of the area of each terminal by its id, empty abroad; later imports override."""
        return {row["id"]: row["area_code"] for row in self.rows("terminals")}

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Unit of each embedded indicator (not those that imports added)."""
        rows = read_rows(self._data / _FILES["indicators"][0])
        return {row["indicator"]: row["unit"] for row in rows}

    @cached_property
    def indicators(self) -> frozenset[str]:
        """Indicators of the embedded table and of the imports applied so far."""
        return frozenset(row["indicator"] for row in self.rows("indicators"))

    @cached_property
    def measures(self) -> frozenset[str]:
        """Measures of the counts, totals too, and of those that offices have."""
        return frozenset({row["measure"] for row in self.rows("counts")} | OFFICE_MEASURES.keys())

    @cached_property
    def count_kinds(self) -> Mapping[str, str]:
        """Kind of each measure of the embedded counts (not the totals)."""
        rows = self.rows("counts")
        return {row["measure"]: row["kind"] for row in rows if row["kind"] != "total"}

    @cached_property
    def count_units(self) -> Mapping[str, str]:
        """Unit of each measure of the embedded counts; persons for the others."""
        rows = read_rows(self._data / _FILES["counts"][0])
        units = {row["measure"]: row["unit"] for row in rows}
        return {measure: units.get(measure, "person") for measure in self.measures}

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
    def indicator_codes(self) -> frozenset[str]:
        """Codes of the indicators of the plans of action that were imported."""
        return frozenset(row["indicator_code"] for row in self.rows("action_plan"))

    @cached_property
    def place_words(self) -> frozenset[str]:
        """Names of provinces, regencies and districts, and villages' of two words, folded; also
        without *Kabupaten* or *Kota* before them.
        """
        names = set()
        for code, name in self.areas.items():
            folded = re.sub(r"^(?:kabupaten|kab|kota)_", "", fold(name))
            if level_of(code) != "village" or "_" in folded:
                names |= {folded, "_".join(folded.split("_")[:2])}
        return frozenset(names)

    @cached_property
    def budget_holders(self) -> frozenset[tuple[str, ...]]:
        """Areas, years and offices of which a budget is imported (:func:`budget_holder`)."""
        return frozenset(map(budget_holder, self.rows("budget")))

    @cached_property
    def office_numbers(self) -> Mapping[tuple[str, ...], str]:
        """Telephone number of each office by its id, and by its kind, name and area."""
        numbers: dict[tuple[str, ...], str] = {}
        for row in self.rows("services"):
            for key in ((row["id"],), (row["kind"], row["name"], row["area_code"])):
                numbers[key] = row.get("phone", "")
        return numbers

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

        codes, tree, _ = self._cells
        point = shapely.Point(lon, lat)
        cells = tree.query(point, predicate="within")
        if len(cells):
            return str(codes[int(cells[0])])
        near = tree.query_nearest(point, max_distance=0.3)
        return str(codes[int(near[0])]) if len(near) else ""

    def km_outside(self, code: str, lat: float, lon: float) -> float:
        """Kilometres by which a point lies outside the area of a code; 0 where it may be inside.

        Outlines are approximate: a point within :data:`OUTLINE_KM` of its regency's counts as
        inside, or twice that where the outline's area does not fit the official one. A village is
        also looked for around the middle of its district, and around its own point.
        """
        import shapely

        codes, tree, rough = self._cells
        regency = code[: CODE_LENGTHS["regency"]]
        if regency in codes:
            k = codes.index(regency)
            east = cos(radians(lat))
            apart = shapely.distance(tree.geometries[k], shapely.Point(lon, lat))
            km = KM_PER_DEGREE * float(apart) * (east if apart else 1.0)
            if km > (2.0 if rough[k] else 1.0) * OUTLINE_KM:
                return km
        middles = [
            (points[key], within_km)
            for points, key, within_km in (
                (self._middles("districts"), code[: CODE_LENGTHS["district"]], DISTRICT_KM),
                (self._middles("villages"), code, OUTLINE_KM),
            )
            if key in points
        ]
        outside = [distance_km(lat, lon, *point) for point, _ in middles]
        if not middles or any(
            km <= within for km, (_, within) in zip(outside, middles, strict=True)
        ):
            return 0.0
        return outside[0]

    @lru_cache(maxsize=2)  # noqa: B019 (lives as long as the reading of one file)
    def _middles(self, table: str) -> Mapping[str, tuple[float, float]]:
        rows = read_columns(self._data / f"{table}.csv.gz", "code", "lat", "lon")
        return {code: (float(lat), float(lon)) for code, lat, lon in rows}

    @cached_property
    def _cells(self) -> tuple[list[str], Any, list[bool]]:
        """Code and shape of each regency, and whether its outline is rough."""
        import orjson
        import shapely

        content = gzip.decompress((self._data / "regencies.geojson.gz").read_bytes())
        features = orjson.loads(content)["features"]
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        about = [feature["properties"] for feature in features]
        rough = [(regency["mismatch"] or 0.0) >= _ROUGH for regency in about]
        return [regency["code"] for regency in about], shapely.STRtree(shapes), rough
