"""One HTML file with everything in it: a map that opens from a memory stick, with no network."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import shapely
from shapely.geometry import shape

from geo.classes import ALL_CLASSES, CLASSES
from geo.files import write_bytes
from geo.i18n import languages, text
from layers.documents.multilingual import html_text, per_language
from layers.documents.web_map_frame import LAND, add_overlay, as_page, empty_map, feature
from layers.documents.web_map_page import page_parts
from layers.palette import (
    AREA_COLOURS,
    CORRIDOR_COLOURS,
    NOT_ASSESSED_FILL,
    PLACE_SIGN,
    POST_SIGN,
    SERVICE_SIGN,
    SIGNS,
)
from layers.query.tier_query import LayerInfo
from layers.registry import layers_for
from layers.release.marking import Marking
from layers.release.release import Release
from layers.schema import Field, class_text
from layers.visibility import ANONYMOUS

__all__ = ["write_map"]

_WHOLE = 1_000_000
_VIEW_SOUTH_WEST, _VIEW_NORTH_EAST = (-11.5, 95.0), (7.5, 141.0)
_NO_POPUP_FIELDS = frozenset({
    "id", "name", "lat", "lon", "leg_id", "from_id", "to_id", *(f"p_{name}" for name in CLASSES)
})  # fmt: skip
_SIMPLIFY_DEG = 0.004  # 400 m: what a page of the whole country can show
Style = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class _Drawing:
    """How one layer is drawn: visible at first or not, style by properties, order of drawing."""

    name: str
    style: Style
    show: bool
    heaviest_last: Callable[[Mapping[str, Any]], float] | None = None


def write_map(
    release: Release,
    path: Path,
    *,
    tier: str = ANONYMOUS,
    province: str | None = None,
    heading: Marking | None = None,
) -> None:
    """Write the map of what ``tier`` sees to ``path`` (.html), at once or not at all.

    Parameters
    ----------
    release : Release
    path : Path
    tier : str
    province : str, optional
        The partner's own province code.
    heading : Marking, optional
        What the map says of itself; without it, a heading with no mark.

    Raises
    ------
    UnknownNameError
        No such tier.
    EnvironmentProblem
        Leaflet is not installed, or the file cannot be written.
    """
    heading = heading or Marking.of(release, tier)
    write_bytes(Path(path), _page(release, heading, province).encode())


def _page(release: Release, heading: Marking, province: str | None) -> str:
    tier = heading.tier
    manifest = release.manifest(tier)
    world = empty_map()
    land = json.loads(release.basemap.read_text(encoding="utf-8"))
    shapes = [
        feature(str(n), part["geometry"], {"style": dict(LAND)})
        for n, part in enumerate(land.get("features", []))
        if part.get("geometry")
    ]
    add_overlay(world, shapes, html_text("map.base"), show=True)
    for drawing in _drawings(release, tier, province):
        info = release.layer(drawing.name, tier)
        features = _features(release, drawing, info, tier, province)
        label = html_text(f"layer.{drawing.name}.title")
        marker = info.layer.geometry == "Point"
        titles = _labels(info)
        add_overlay(world, features, label, show=drawing.show, marker=marker, labels=titles)
    folium.LayerControl(collapsed=False).add_to(world)
    # clear of the panel on the left
    world.fit_bounds([_VIEW_SOUTH_WEST, _VIEW_NORTH_EAST], padding_top_left=(300, 0))

    return as_page(world, page_parts(manifest, heading))


def _drawings(release: Release, tier: str, province: str | None) -> list[_Drawing]:
    """The layers of the tier from the bottom up."""
    heaviest = 0.0
    if any(f.name == "persons_mean" for f in release.layer("corridors", tier).fields):
        flows = release.table("corridors", tier, province=province).columns["persons_mean"]
        heaviest = max((v for v in flows if v), default=0.0)

    def area(p: Mapping[str, Any]) -> dict[str, Any]:
        colour = AREA_COLOURS.get(p["class"], NOT_ASSESSED_FILL)
        filled = p["level"] == "regency"
        return {
            "color": "#6b6b6b", "weight": 0.5 if filled else 1.2, "fillColor": colour,
            "fillOpacity": 0.65 if filled else 0, "fill": filled,
        }  # fmt: skip

    def corridor(p: Mapping[str, Any]) -> dict[str, Any]:
        if heaviest > 0:
            width = 1.0 + 9.0 * math.sqrt((p.get("persons_mean") or 0.0) / heaviest)
        else:
            width = 1.5 + ALL_CLASSES.index(p["class"])
        colour = CORRIDOR_COLOURS[p["class"]]
        return {"color": colour, "weight": round(width, 2), "opacity": 0.75}

    def leg(p: Mapping[str, Any]) -> dict[str, Any]:
        dash = "4 4" if p.get("assumed") else None
        return {"color": "#4a6fa5", "weight": 1, "opacity": 0.5, "dashArray": dash}

    def terminal(p: Mapping[str, Any]) -> dict[str, Any]:
        return _dot(SIGNS[p["kind"]].colour, 5.0)

    drawings = [
        _Drawing("areas", area, show=True),
        _Drawing("legs", leg, show=False),
        _Drawing(
            "corridors", corridor, show=True,
            heaviest_last=lambda p: p.get("persons_mean") or ALL_CLASSES.index(p["class"]),
        ),
        _Drawing("settlements", lambda _: _dot(PLACE_SIGN.colour, 2.0), show=False),
        _Drawing("services", lambda _: _dot(SERVICE_SIGN.colour, 5.0), show=False),
        _Drawing("terminals", terminal, show=True),
        _Drawing("posts", lambda _: _dot(POST_SIGN.colour, 7.0, fill=False), show=False),
    ]  # fmt: skip
    return [drawing for drawing in drawings if drawing.name in layers_for(tier)]


def _dot(colour: str, radius: float, *, fill: bool = True) -> dict[str, Any]:
    return {
        "color": "#222222" if fill else colour, "weight": 0.8 if fill else 2.5,
        "fill": fill, "fillColor": colour, "fillOpacity": 0.9 if fill else 0.0, "radius": radius,
    }  # fmt: skip


def _features(
    release: Release, drawing: _Drawing, info: LayerInfo, tier: str, province: str | None
) -> list[dict[str, Any]]:
    page = release.features(drawing.name, tier, province=province, limit=_WHOLE)
    located = [item for item in page.features if item["geometry"] is not None]
    if (weight := drawing.heaviest_last) is not None:
        located.sort(key=lambda item: weight(item["properties"]))
    if drawing.name == "legs":  # one line for both directions
        located = list({item["properties"]["leg_id"]: item for item in located}.values())
    return [
        feature(
            str(item["id"]),
            _simplified(item["geometry"]),
            {**_popup(info, item["properties"]), "style": drawing.style(item["properties"])},
        )
        for item in located
    ]


def _popup_fields(info: LayerInfo) -> list[Field]:
    return [f for f in info.fields if f.name not in _NO_POPUP_FIELDS]


def _labels(info: LayerInfo) -> list[str | list[str]]:
    """Titles of a layer's fields, in the order of the popups' values."""
    return [
        per_language({code: info.layer.field_title(f, code) for code in languages()})
        for f in _popup_fields(info)
    ]


def _popup(info: LayerInfo, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Title and values of one feature, escaped: names come from imported files."""
    title = properties.get("name") or properties.get("area_name")
    if title is None and "from_name" in properties:
        title = f"{properties['from_name']} - {properties['to_name']}"
    values = [
        None
        if properties.get(f.name) in (None, [], "")
        else per_language({c: _value_text(f, properties, c) for c in languages()})
        for f in _popup_fields(info)
    ]
    return {"title": html.escape(str(title or "")), "values": values}


def _simplified(geometry: dict[str, Any]) -> Any:
    """The geometry with as much detail as the page can show."""
    if geometry["type"] == "Point":
        return geometry
    simple = shapely.simplify(shape(geometry), _SIMPLIFY_DEG)
    return json.loads(shapely.to_geojson(shapely.transform(simple, lambda xy: xy.round(3))))


def _value_text(field: Field, properties: Mapping[str, Any], language: str) -> str:
    value = properties[field.name]
    if field.name == "class" and field.labels == "class":
        return class_text(value, properties.get(f"p_{value}"), language)
    if field.name == "origins":
        return "; ".join(f"{item['name']} ({100 * item['share']:.0f} %)" for item in value[:6])
    if field.name == "waypoints":
        return " - ".join(str(item["name"]) for item in value)
    if isinstance(value, bool):
        return text("answer.yes" if value else "answer.no", language)
    if isinstance(value, (int, float)):
        return field.number_text(value, language)
    return field.value_text(str(value), language)
