"""Shapes and points: coordinate system, swapped axes, validity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import DataFileError
from geo.imports.limits import MOST_VERTICES
from geo.imports.read_geo import is_curve, too_many_vertices
from geo.imports.report import Report
from geo.imports.sheet import Sheet

__all__ = ["inside_home", "load_shapes", "point_in_order", "polygon_of", "unite"]

_SATELLITE_RADIUS_M = 6378137.0
"""Equatorial radius of GRS 80 and WGS 84: systems on it differ from WGS 84 by metres at most."""
_CURVE_TYPES = "CIRCULARSTRING, COMPOUNDCURVE, CURVEPOLYGON, MULTICURVE, MULTISURFACE"
_CURVE_WORDS = re.compile(rf"\s*({_CURVE_TYPES.replace(', ', '|')})\b", re.IGNORECASE)
_UNKNOWN_ACCURACY_M = 999.0
"""What EPSG gives as the accuracy of a transformation that nobody has measured."""

# West, south, east, north of Indonesia with its seas, degrees.
HOME = (94.0, -12.0, 142.0, 7.0)

Shapes = NDArray[np.object_]


def inside_home(lon: float, lat: float) -> bool:
    """Whether a point lies in Indonesia's window."""
    return HOME[0] <= lon <= HOME[2] and HOME[1] <= lat <= HOME[3]


def point_in_order(lat: float, lon: float) -> tuple[float, float, bool]:
    """Latitude and longitude, corrected if they were swapped, and whether they were."""
    if not inside_home(lon, lat) and inside_home(lat, lon):
        return lon, lat, True
    return lat, lon, False


def load_shapes(sheet: Sheet, at: int | None, report: Report) -> Shapes | None:
    """The geometry of each row in WGS84 (lon, lat), None where it is missing or cannot be read.

    Parameters
    ----------
    at : int, optional
        Position of a column of WKT.
    report : Report
        Gets a note for each repair of the whole file.

    Raises
    ------
    DataFileError
        If the coordinate system is unknown, missing where it is needed, or does not fit.
    """
    if sheet.shapes is not None and any(sheet.shapes):
        if any(map(is_curve, sheet.shapes)):
            raise DataFileError("imports.curves", type=_CURVE_TYPES)
        with np.errstate(all="ignore"):
            shapes = shapely.from_wkb(np.array(sheet.shapes, object), on_invalid="ignore")
        crs = sheet.crs
    elif at is not None:
        texts = [row[at].partition(";")[2] or row[at] for row in sheet.rows]
        if curve := next(filter(None, map(_CURVE_WORDS.match, texts)), None):
            raise DataFileError("imports.curves", type=curve[1].upper())
        with np.errstate(all="ignore"):  # what is no finite number is dropped below
            wkt = np.array([text or None for text in texts], object)
            shapes = shapely.from_wkt(wkt, on_invalid="ignore")
        crs = next((row[at].partition(";")[0] for row in sheet.rows if ";" in row[at]), "")
        crs = crs.upper().replace("SRID=", "EPSG:")
    else:
        return None
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    if vertices > MOST_VERTICES:
        raise too_many_vertices(vertices)
    shapes[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None  # also empty ones
    shapes = np.asarray(shapely.force_2d(shapes), object)
    if not shapely.is_geometry(shapes).any():
        return shapes
    return _in_order(_in_degrees(shapes, crs, report), report)


def _middle(shapes: Shapes) -> tuple[float, float, bool]:
    """Median x and y, and whether everything could be degrees."""
    bounds = shapely.bounds(shapes[shapely.is_geometry(shapes)])
    x, y = np.median(bounds[:, [0, 2]]), np.median(bounds[:, [1, 3]])
    return float(x), float(y), bool(np.abs(bounds).max() <= 180.0)


def _in_degrees(shapes: Shapes, crs: str | None, report: Report) -> Shapes:
    x, y, degrees = _middle(shapes)
    plausible = degrees and (inside_home(x, y) or inside_home(y, x))
    if crs is None or crs == "":
        if not degrees:
            raise DataFileError("imports.crs_missing")
        if crs == "":
            report.note("import_note.crs_missing")
        return shapes
    import pyproj

    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        if plausible:
            report.note("import_note.crs_unknown")
            return shapes
        raise DataFileError("imports.crs_unknown") from None
    if system.is_geographic and not degrees:
        raise DataFileError("imports.crs_not_degrees")
    name = system.name[:60]
    if plausible and not system.is_geographic:
        report.note("import_note.crs_degrees", system=name)
        system = system.geodetic_crs or pyproj.CRS.from_epsg(4326)
    if system.is_geographic:
        shapes = _in_order(shapes, report)
    try:
        move = _transformer(system, shapes, report)
    except pyproj.exceptions.ProjError:
        raise DataFileError("imports.crs_unknown") from None
    if move is None:
        return shapes

    def moved(points: NDArray[Any]) -> NDArray[Any]:
        return np.column_stack(move.transform(points[:, 0], points[:, 1]))

    shapes = shapely.transform(shapes, moved)
    x, y, _ = _middle(shapes)
    if not np.isfinite([x, y]).all() or not inside_home(x, y):
        raise DataFileError("imports.crs_elsewhere", system=name)
    if not system.is_geographic:
        report.note("import_note.crs_transformed", system=name)
    return shapes


def _transformer(system: Any, shapes: Shapes, report: Report) -> Any:
    """The best transformation to WGS84 at the shapes' place; None where none is needed.

    The most accurate of those whose area of use holds the shapes counts, else the one of the
    largest area. A change of datum is noted with its name and its accuracy, where that is known.
    """
    from pyproj.aoi import AreaOfInterest
    from pyproj.transformer import Transformer, TransformerGroup

    x, y, _ = _middle(shapes)
    lon, lat = Transformer.from_crs(system, 4326, always_xy=True).transform(x, y)
    if not np.isfinite([lon, lat]).all():
        raise DataFileError("imports.crs_elsewhere", system=system.name[:60])
    at_place: Any = AreaOfInterest(lon, lat, lon, lat)
    near, all_moves = (
        TransformerGroup(system, 4326, always_xy=True, area_of_interest=area).transformers
        for area in (at_place, None)
    )
    moves = [move for move in [*near, *all_moves] if move.accuracy >= 0.0]
    if not moves:
        # An ellipsoid of before the satellites, of a datum that nobody has named.
        if abs(system.ellipsoid.semi_major_metre - _SATELLITE_RADIUS_M) > 1.0:
            raise DataFileError("imports.crs_datum", system=system.name[:60])
        report.note("import_note.crs_datum_unknown", system=system.name[:60])
        return None if system.is_geographic else all_moves[0]
    at_home = [move for move in moves if _used_at(move, lon, lat)]
    best = min(at_home, key=lambda move: move.accuracy) if at_home else moves[0]
    steps = [step for step in best.description.split(" + ") if " to " in step]
    if best.accuracy > 0.0 and steps:
        names = {"system": system.name[:60], "transformation": " + ".join(steps)[:120]}
        if at_home and best.accuracy < _UNKNOWN_ACCURACY_M:
            report.note("import_note.datum_moved", **names, accuracy_m=best.accuracy)
        else:
            report.note("import_note.datum_moved_roughly", **names)
    elif system.is_geographic:
        return None
    return best


def _used_at(move: Any, lon: float, lat: float) -> bool:
    """Whether a place lies in a transformation's area of use."""
    area = move.area_of_use
    return area is not None and bool(
        area.west <= lon <= area.east and area.south <= lat <= area.north
    )


def unite(sheet: Sheet, shapes: Shapes, columns: Sequence[int], report: Report) -> Shapes:
    """Unite features that are parts of one area, such as the islands of a regency, in place.

    Parameters
    ----------
    columns : sequence of int
        Positions of the columns (code, name) that parts of one area have in common.
    """
    parts: dict[tuple[str, ...], list[int]] = {}
    for k, row in enumerate(sheet.rows):
        parts.setdefault(tuple(row[at].casefold() for at in columns), []).append(k)
    if len(parts) == len(sheet.rows):
        return shapes
    united = shapes[[rows[0] for rows in parts.values()]]
    for k, rows in enumerate(parts.values()):
        if len(rows) > 1:
            united[k] = shapely.union_all(shapely.make_valid(shapes[rows]))
    several = sum(len(rows) > 1 for rows in parts.values())
    report.note("import_note.united", features=len(sheet.rows), count=several)
    sheet.keep([rows[0] for rows in parts.values()])
    return united


def _in_order(shapes: Shapes, report: Report) -> Shapes:
    x, y, _ = _middle(shapes)
    if inside_home(x, y) or not inside_home(y, x):
        return shapes
    report.note("import_note.axes_swapped")
    return np.asarray(shapely.transform(shapes, lambda points: points[:, ::-1]), object)


def polygon_of(shape: Any) -> tuple[Any, bool]:
    """A valid polygon to 1e-6 degrees (None if there is none), and whether it was repaired."""
    repaired = not shapely.is_valid(shape)
    if repaired:
        shape = shapely.make_valid(shape)
    if shape.geom_type == "GeometryCollection":
        shape = shapely.union_all([p for p in shape.geoms if "Polygon" in p.geom_type])
    if shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.is_empty:
        return None, repaired
    rounded = shapely.transform(shape, lambda points: np.round(points, 6))
    return (rounded if shapely.is_valid(rounded) else shape), repaired
