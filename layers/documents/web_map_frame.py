"""Frame of the one-file maps: Leaflet inline, no request, overlays in every language.

Folium's own pages fetch Leaflet, jQuery, Bootstrap and fonts from elsewhere; here those lists are
emptied, Leaflet is written into the page, and a Content-Security-Policy forbids every request, so
that nothing can leave even by mistake.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import folium
from branca.element import Element, Figure
from folium.utilities import JsCode
from jinja2 import Template

from geo.i18n import languages
from geo.i18n.catalogue import DEFAULT_LANGUAGE
from layers.documents.leaflet import load_leaflet
from layers.documents.multilingual import language_style
from layers.palette import BASE

__all__ = ["LAND", "add_overlay", "as_page", "empty_map", "feature"]

LAND: Mapping[str, Any] = MappingProxyType(
    {"color": BASE["coast"], "weight": 0.6, "fillColor": BASE["land"], "fillOpacity": 1,
     "interactive": False}
)  # fmt: skip
"""How land is drawn."""

# Popups are built when opened, from values in the order of the labels: a quarter of the size.
_POPUPS = """
function pjPopup(labels) {
  const shown = v => Array.isArray(v) ? v.map((text, n) =>
    '<span class="t" lang="' + pjLanguages[n] + '">' + text + '</span>').join('') : v;
  return function (feature, layer) {
    const p = feature.properties;
    if (!p.values) return;
    layer.bindPopup(() => '<h3>' + p.title + '</h3><table>' + p.values.map((v, n) => v === null
      ? '' : '<tr><th>' + shown(labels[n]) + '</th><td>' + shown(v) + '</td></tr>').join('')
      + '</table>', {maxHeight: 320, maxWidth: 360});
  };
}
"""
_CSP = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">"
)


class _Literal(Element):
    """Text of the page as it is; braces in it are no template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def empty_map() -> folium.Map:
    """A map with no tiles whose page holds Leaflet itself.

    Raises
    ------
    EnvironmentProblem
        Leaflet is not installed.
    """
    # sources are named in the panel, so Leaflet's own line with its link is not needed
    world = folium.Map(
        tiles=None, prefer_canvas=True, control_scale=True, attribution_control=False,
        zoom_snap=0.25,
    )  # fmt: skip
    # instance attributes hide folium's lists of things to fetch
    world.default_js, world.default_css = [], []
    leaflet = load_leaflet()
    head = {
        "leaflet-style": f"<style>{leaflet.style}</style>",
        "leaflet-script": f"<script>{leaflet.script}</script>",
        "popups": f"<script>const pjLanguages = {_script(languages())};{_POPUPS}</script>",
        "languages": f"<style>{language_style()}</style>",
    }
    for name, text in head.items():
        _figure(world).header.add_child(_Literal(text), name=name)
    return world


def _figure(world: folium.Map) -> Figure:
    """The page that holds a map."""
    figure = world.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("a folium map's root is a figure")
    return figure


def add_overlay(
    world: folium.Map,
    features: list[dict[str, Any]],
    label: str,
    *,
    show: bool,
    marker: bool = False,
    labels: Sequence[str | list[str]] = (),
    point: str | None = None,
) -> None:
    """One overlay; folium takes each feature's look from its property ``style``.

    Parameters
    ----------
    label : str
        HTML of its name in the list of layers.
    marker : bool
        Draw points as dots of their style.
    labels : sequence of str or list of str
        Titles of the popup's values, as :func:`~layers.documents.multilingual.per_language` gives
        them.
    point : str, optional
        A JavaScript function ``(feature, latlng) => layer`` for points, in place of dots.
    """
    group = folium.FeatureGroup(name=label, show=show)
    group.add_to(world)
    if not features:
        return
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        marker=folium.CircleMarker(radius=4) if marker else None,
        on_each_feature=JsCode(f"pjPopup({_script(labels)})"),
        point_to_layer=None if point is None else JsCode(point),
    ).add_to(group)


def feature(key: str, geometry: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    """A GeoJSON feature; its id is escaped, since it is inside a script."""
    return {
        "type": "Feature",
        "id": html.escape(key),
        "geometry": geometry,
        "properties": dict(properties),
    }


def as_page(world: folium.Map, parts: Mapping[str, str]) -> str:
    """The whole page; of ``parts`` the one named ``style`` goes into the head."""
    figure = _figure(world)
    for name, text in parts.items():
        (figure.header if name == "style" else figure.html).add_child(_Literal(text), name=name)
    text = str(figure.render())
    text = text.replace("<html>", f'<html lang="{DEFAULT_LANGUAGE}">', 1)
    text = text.replace("<head>", f'<head>\n<meta charset="utf-8">\n{_CSP}', 1)
    # a reader may need to enlarge the page
    return text.replace("maximum-scale=1.0, user-scalable=no", "maximum-scale=5.0", 1)


def _script(value: Any) -> str:
    """JSON that is safe inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
