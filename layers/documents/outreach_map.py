"""An outreach plan as one HTML file for field work: numbered villages, bases, reasons, offline."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import box, shape

from geo.errors import InputError
from geo.files import write_bytes
from geo.i18n import Message, languages
from geo.i18n.catalogue import localised
from layers.documents.multilingual import html_text, per_language
from layers.documents.outreach_map_page import outreach_parts
from layers.documents.web_map_frame import LAND, add_overlay, as_page, empty_map, feature
from routes.outreach.plan import OutreachPlan

__all__ = ["write_outreach_map"]

_MARGIN_DEG = 1.5  # how much coast around the villages goes into the file
_OUTLINE_DEG = 0.002  # 200 m: finer than a screen shows at the zoom of a regency
_OUTLINE = {"color": "#7a6a4f", "weight": 1, "dashArray": "5 4", "fill": False,
            "interactive": False}  # fmt: skip
_REACH = {"color": "#0b4f5c", "weight": 1, "fillColor": "#0b4f5c", "fillOpacity": 0.08,
          "interactive": False}  # fmt: skip
_STOP = """function (feature, at) {
  const p = feature.properties;
  const icon = L.divIcon({className: 'pj-stop', html: String(p.number), iconSize: [28, 28]});
  const stop = L.marker(at, {icon, title: p.plain, alt: p.plain, riseOnHover: true});
  (window.pjStops = window.pjStops || {})[p.number] = stop;
  return stop;
}"""
# Beneath the villages and wider than they are: a base in a village still shows its corners.
_BASE = """function (feature, at) {
  const p = feature.properties;
  const name = p.title.replace(/^Kabupaten /, 'Kab. ');
  const icon = L.divIcon({className: 'pj-base', html: '<span>' + name + '</span>',
    iconSize: [30, 30]});
  return L.marker(at, {icon, title: p.plain, alt: p.plain, zIndexOffset: -1000});
}"""
_CIRCLE = """function (feature, at) {
  return L.circle(at, Object.assign({radius: feature.properties.metres},
    feature.properties.style));
}"""
_LABELS = ("level.regency", "field.code", "heading.persons_reached", "heading.base",
           "heading.hours_one_way", "heading.reason")  # fmt: skip


def write_outreach_map(
    path: Path,
    plan: OutreachPlan,
    *,
    area: str,
    build_id: str,
    basemap: Path,
    bases: Mapping[str, tuple[float, float]],
    outlines: gpd.GeoDataFrame | None = None,
) -> None:
    """Write the plan's map to ``path`` (.html), at once or not at all.

    Parameters
    ----------
    plan : OutreachPlan
        Its villages are numbered in their order; ``base`` and ``travel_hours`` are shown if there.
    area : str
        What the plan is for, for the title.
    build_id : str
        The model the plan was made with.
    basemap : Path
        Light base map, GeoJSON.
    bases : mapping of name to (lat, lon) in degrees
        Where teams set out; those that no village names are left out.
    outlines : GeoDataFrame, optional
        Regencies with ``code``, ``approximate`` (bool) and geometry in degrees; those of the
        plan's villages are drawn.

    Raises
    ------
    InputError
        The plan has no village.
    EnvironmentProblem
        Leaflet is not installed, or the file cannot be written.
    """
    if not len(plan.villages):
        raise InputError("outreach.no_village_to_draw", field="plan")
    rows = plan.villages.to_dict("records")
    base_names = {str(row.get("base") or "") for row in rows}
    bases = {name: place for name, place in bases.items() if name in base_names}
    page = _page(rows, plan, area, build_id, Path(basemap), bases, outlines)
    write_bytes(Path(path), page.encode())


def _page(
    rows: list[dict[Any, Any]],
    plan: OutreachPlan,
    area: str,
    build_id: str,
    basemap: Path,
    bases: Mapping[str, tuple[float, float]],
    outlines: gpd.GeoDataFrame | None,
) -> str:
    points = np.array([(row["lat"], row["lon"]) for row in rows] + list(bases.values()), float)
    (south, west), (north, east) = points.min(axis=0), points.max(axis=0)
    world = empty_map()
    window = (west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG)
    add_overlay(world, _coast(basemap, window), html_text("map.base"), show=True)
    shapes, approximate = _outlines(outlines, {str(row["regency_code"]) for row in rows})
    if shapes:
        add_overlay(world, shapes, html_text("map.regency_boundaries"), show=True)
    circles = [
        _point(f"r{row['id']}", row, {"style": _REACH, "metres": 1000.0 * plan.radius_km})
        for row in rows
    ]
    add_overlay(world, circles, html_text("map.reach"), show=True, point=_CIRCLE)
    marks = [
        _point(f"b{k}", {"lat": lat, "lon": lon}, {"title": html.escape(name), "plain": name})
        for k, (name, (lat, lon)) in enumerate(bases.items())
    ]
    add_overlay(world, marks, html_text("heading.base"), show=True, point=_BASE)
    titles = [per_language(Message(key).as_dict()) for key in _LABELS]
    add_overlay(
        world, [_stop(row) for row in rows], html_text("heading.villages"), show=True,
        labels=titles, point=_STOP,
    )  # fmt: skip
    folium.LayerControl(collapsed=True).add_to(world)
    world.fit_bounds([(south, west), (north, east)], padding=(40, 40))
    parts = outreach_parts(plan, rows, area=area, build_id=build_id, approximate=approximate)
    return as_page(world, parts)


def _point(key: str, row: Mapping[Any, Any], properties: dict[str, Any]) -> dict[str, Any]:
    coordinates = [round(float(row["lon"]), 5), round(float(row["lat"]), 5)]
    return feature(key, {"type": "Point", "coordinates": coordinates}, properties)


def _stop(row: Mapping[Any, Any]) -> dict[str, Any]:
    hours = row.get("travel_hours")
    values: list[str | list[str] | None] = [
        html.escape(str(row.get("regency") or row["regency_code"])),
        html.escape(str(row.get("code") or "")) or None,
        _number(row["persons_covered"]),
        html.escape(str(row.get("base") or "")) or None,
        None if hours is None or not np.isfinite(hours) else _number(hours),
        per_language({code: str(row[f"reason_{code}"]) for code in languages()}),
    ]
    name, number = str(row["name"]), int(row["rank"])
    return _point(
        f"v{row['id']}",
        row,
        {
            "title": f"{number}. {html.escape(name)}",
            "plain": f"{number}. {name}",
            "number": number,
            "values": values,
        },
    )


def _number(value: float) -> str | list[str]:
    return per_language({code: localised(f"{value:,.1f}", code) for code in languages()})


def _coast(path: Path, window: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """The base map inside the window: a plan for one province need not carry the country."""
    frame = box(*window)
    pieces = []
    for n, part in enumerate(json.loads(path.read_text(encoding="utf-8"))["features"]):
        if not part.get("geometry") or not (land := shape(part["geometry"])).intersects(frame):
            continue
        piece = shapely.make_valid(land).intersection(frame)
        if not piece.is_empty:
            pieces.append(_shape(f"l{n}", piece, LAND))
    return pieces


def _outlines(cells: gpd.GeoDataFrame | None, codes: set[str]) -> tuple[list[dict[str, Any]], bool]:
    """Outlines of the plan's regencies, and whether any is no official boundary."""
    if cells is None:
        return [], False
    regencies = cells[cells["code"].isin(codes)]
    shapes = [
        _shape(f"c{row.code}", shapely.simplify(row.geometry, _OUTLINE_DEG), _OUTLINE)
        for row in regencies.itertuples(index=False)
    ]
    return shapes, bool(regencies["approximate"].any())


def _shape(key: str, geometry: Any, style: Mapping[str, Any]) -> dict[str, Any]:
    rounded = shapely.transform(geometry, lambda xy: xy.round(4))
    return feature(key, json.loads(shapely.to_geojson(rounded)), {"style": dict(style)})
