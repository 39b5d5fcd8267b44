"""A layer's style as a MapLibre style document (Mapbox GL version 8), for its vector tiles.

Colours and filters are those of the registry (:class:`layers.schema.Style`). Signs are drawn as
discs in their colour, since a style brings no pictures along, and names are left to the reader's
program, since it brings no fonts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.palette import BASE, NOT_ASSESSED_FILL
from layers.release.qgis_style import FILLED_LEVEL, LINE_DASHES
from layers.schema import Layer

__all__ = ["maplibre_style"]

_DASHES = {"dash": [5, 4], "dot": [1.5, 2]}
_SOURCE = "tiles"


def maplibre_style(layer: Layer, source: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The style document of a layer.

    Parameters
    ----------
    layer : Layer
    source : mapping
        The tiles: ``tiles`` (addresses), ``minzoom``, ``maxzoom``, ``attribution``.
    language : str
        Of the name.

    Examples
    --------
    >>> from layers.registry import LAYERS
    >>> style = maplibre_style(LAYERS["services"], {"tiles": []}, "en")
    >>> style["name"], [part["type"] for part in style["layers"]]
    ('Services', ['background', 'circle'])
    """
    background = {
        "id": "background", "type": "background", "paint": {"background-color": BASE["sea"]},
    }  # fmt: skip
    common = {"source": _SOURCE, "source-layer": layer.name, "minzoom": layer.style.min_zoom}
    return {
        "version": 8,
        "name": layer.title(language),
        "sources": {_SOURCE: {"type": "vector", **source}},
        "layers": [background, *({**common, **part} for part in _parts(layer))],
    }


def _parts(layer: Layer) -> list[dict[str, Any]]:
    style, name = layer.style, layer.name
    if style.kind == "class":
        filled: list[Any] = ["==", ["get", "level"], FILLED_LEVEL]
        paint = {"fill-color": _by_value(layer, style.colours, NOT_ASSESSED_FILL)}
        edge = {"line-color": BASE["border"]}
        return [
            {"id": f"{name}-fill", "type": "fill", "filter": filled, "paint": paint},
            {"id": f"{name}-line", "type": "line", "paint": {**edge, "line-width": 0.5}},
        ]
    if style.kind == "line":
        dashed = {value: kind for value, kind in LINE_DASHES.items() if value in style.colours}
        kinds = dict.fromkeys(dashed.get(value, "solid") for value in style.colours)
        return [
            {
                "id": f"{name}-{kind}", "type": "line",
                "filter": ["in", ["get", style.field], ["literal", [
                    value for value in style.colours if dashed.get(value, "solid") == kind
                ]]],
                "paint": {
                    "line-color": _by_value(layer, style.colours, BASE["text"]),
                    "line-width": 1.5,
                    **({"line-dasharray": _DASHES[kind]} if kind in _DASHES else {}),
                },
            }
            for kind in kinds
        ]  # fmt: skip
    if style.kind == "count":
        paint = {
            "circle-color": style.colours[""], "circle-opacity": 0.6,
            "circle-radius": ["interpolate", ["exponential", 0.5], ["get", style.field], 0, 2,
                              2000, 24],
        }  # fmt: skip
    else:
        signs = {value: sign.colour for value, sign in style.signs.items()}
        paint = {"circle-color": _by_value(layer, signs, BASE["text"]), "circle-radius": 4}
    paint |= {"circle-stroke-color": BASE["halo"], "circle-stroke-width": 1}
    return [{"id": f"{name}-point", "type": "circle", "paint": paint}]


def _by_value(layer: Layer, colours: Mapping[str, str], otherwise: str) -> Any:
    """One colour, or that of the value of the style's field."""
    if "" in colours:
        return colours[""]
    pairs = [part for item in colours.items() for part in item]
    return ["match", ["get", layer.style.field], *pairs, otherwise]
