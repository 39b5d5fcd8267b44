"""A layer's style as a MapLibre style document (Mapbox GL version 8), for its vector tiles.

Colours and filters are those of the registry (:class:`layers.schema.Style`). Signs are drawn as
discs in their colour, since a style brings no pictures along, and names are left to the reader's
program, since it brings no fonts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from layers.palette import BASE
from layers.release.qgis_style import FILLED_LEVEL, LINE_DASHES
from layers.schema import Layer, Style

__all__ = ["maplibre_style"]

_DASHES = {"dash": [5, 4], "dot": [1.5, 2]}
_SOURCE = "tiles"


def maplibre_style(
    layer: Layer, source: Mapping[str, Any], values: Collection[str], language: str
) -> dict[str, Any]:
    """The style document of a layer.

    Parameters
    ----------
    layer : Layer
    source : mapping
        The tiles: ``tiles`` (addresses), ``minzoom``, ``maxzoom``, ``attribution``.
    values : collection of str
        What the rows that the reader sees have in the field that colours are chosen by: a style
        names no other value.
    language : str
        Of the name.

    Examples
    --------
    >>> from layers.registry import LAYERS
    >>> style = maplibre_style(LAYERS["terminals"], {"tiles": []}, {"ferry"}, "en")
    >>> style["name"], [part["id"] for part in style["layers"]]
    ('Terminals', ['background', 'terminals ferry'])
    """
    background = {
        "id": "background", "type": "background", "paint": {"background-color": BASE["sea"]},
    }  # fmt: skip
    common = {"source": _SOURCE, "source-layer": layer.name, "minzoom": layer.style.min_zoom}
    return {
        "version": 8,
        "name": layer.title(language),
        "sources": {_SOURCE: {"type": "vector", **source}},
        "layers": [background, *({**common, **part} for part in _parts(layer, values))],
    }


def _parts(layer: Layer, values: Collection[str]) -> list[dict[str, Any]]:
    """One layer of the style for each value of the field that colours are chosen by.

    QGIS knows no other way to colour tiles by a value, and lists the values by these names.
    """
    style = layer.style
    colours = style.colours or {value: sign.colour for value, sign in style.signs.items()}
    parts = []
    for value, colour in colours.items():
        if value and value not in values:
            continue
        conditions = [["==", ["get", style.field], value]] if value else []
        if style.kind == "class":
            conditions.append(["==", ["get", "level"], FILLED_LEVEL])
        chosen = {"filter": ["all", *conditions]} if conditions else {}
        part = {"id": f"{layer.name} {value}".strip(), **_drawn(style, value, colour), **chosen}
        parts.append(part)
    if style.kind == "class":
        paint = {"line-color": BASE["border"], "line-width": 0.5}
        parts.append({"id": f"{layer.name} outlines", "type": "line", "paint": paint})
    return parts


def _drawn(style: Style, value: str, colour: str) -> dict[str, Any]:
    if style.kind == "class":
        return {"type": "fill", "paint": {"fill-color": colour}}
    if style.kind == "line":
        dash = _DASHES.get(LINE_DASHES.get(value, ""))
        paint: dict[str, Any] = {"line-color": colour, "line-width": 1.5}
        return {"type": "line", "paint": paint | ({"line-dasharray": dash} if dash else {})}
    size: dict[str, Any] = {"circle-radius": 4, "circle-stroke-color": BASE["halo"],
                            "circle-stroke-width": 1}  # fmt: skip
    if style.kind == "count":
        area = ["interpolate", ["exponential", 0.5], ["get", style.field], 0, 2, 2000, 24]
        size = {"circle-radius": area, "circle-opacity": 0.6}
    return {"type": "circle", "paint": {"circle-color": colour, **size}}
