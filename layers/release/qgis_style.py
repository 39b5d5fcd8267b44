"""A layer's style as a QGIS style document (QML), read by QGIS 3.22 and later.

Colours, signs and labels are those of the registry (:class:`layers.schema.Style`); columns have
their titles, and coded values their words, in the attribute table.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from geo.classes import ALL_CLASSES
from geo.i18n import label, languages
from geo.i18n.catalogue import DEFAULT_LANGUAGE
from layers.palette import BASE, PLACE_SIGN, Sign
from layers.release.layer_table import Table
from layers.schema import Layer

__all__ = ["FILLED_LEVEL", "LINE_DASHES", "named_styles", "qgis_style"]

_SCALE_AT_ZOOM_0 = 279_541_132
"""Denominator of the scale of MapLibre's zoom 0 (the world in 512 pixels) at 96 dots an inch."""
LINE_DASHES = {"air": "dash", "land": "dot"}
_POINT_MM, _PLACE_MM, _LARGEST_MM = 3.2, 1.4, 12
_SYMBOL_TYPES = {"Point": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}
FILLED_LEVEL = "regency"
"""Polygons of this level are filled; those of another are outlines above them."""


def qgis_style(table: Table, language: str) -> str:
    """The style document of a layer's rows; the legend, in one language, has values they have.

    Examples
    --------
    >>> from layers.registry import LAYERS, fields_for
    >>> fields = fields_for(LAYERS["areas"], "public")
    >>> rows = {f.name: [None] for f in fields} | {"class": ["low"], "level": ["regency"]}
    >>> qml = qgis_style(Table(LAYERS["areas"], fields, rows, [None]), "en")
    >>> 'symbol="0" label="low"' in qml, "very_high" in qml
    (True, False)
    """
    layer = table.layer
    least = layer.style.min_zoom
    root = Element(
        "qgis", version="3.22.0", styleCategories="Symbology|Labeling|Fields|Forms|Rendering",
        labelsEnabled=str(int(bool(layer.style.label_field))),
        hasScaleBasedVisibilityFlag=str(int(least > 3)), maxScale="0", minScale=_scale(least),
    )  # fmt: skip
    leveled = layer.geometry == "MultiPolygon" and "level" in table.columns
    _renderer(root, table, language, leveled=leveled)
    if layer.style.label_field:
        _labels(root, layer, leveled=leveled)
    _columns(root, table, language)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(
        root, encoding="unicode"
    )


def named_styles(table: Table) -> Iterator[tuple[str, str, str, bool, str]]:
    """What ``layer_styles`` holds of a layer, in every language: layer, name of the style, style,
    whether it is the default, and title of the layer.
    """
    for language in languages():
        yield (
            table.layer.name, f"Petajaga ({language})", qgis_style(table, language),
            language == DEFAULT_LANGUAGE, table.layer.title(language),
        )  # fmt: skip


def _scale(zoom: int) -> str:
    return str(round(_SCALE_AT_ZOOM_0 / 2**zoom))


def _renderer(root: Element, table: Table, language: str, *, leveled: bool) -> None:
    layer, style = table.layer, table.layer.style
    values = style.signs or style.colours
    attribute = style.field if "" not in values else ""
    renderer = SubElement(
        root, "renderer-v2", type="categorizedSymbol" if attribute else "singleSymbol",
        enableorderby=str(int(bool(attribute))), forceraster="0", symbollevels="0",
    )  # fmt: skip
    symbols = Element("symbols")
    if not attribute:
        _symbol(symbols, "0", layer, "")
    else:
        family = next(f.labels for f in table.fields if f.name == attribute)
        present = set(table.columns[attribute])
        expression = f'"{attribute}"'
        if leveled:
            expression = f"if(\"level\" = '{FILLED_LEVEL}', \"{attribute}\", 'outline')"
        renderer.set("attr", expression if leveled else attribute)
        categories = SubElement(renderer, "categories")
        entries = [(value, label(family, value, language)) for value in values if value in present]
        if leveled:
            entries.append(("outline", label("level", "province", language)))
        for number, (value, title) in enumerate(entries):
            key = str(number)
            SubElement(
                categories, "category", value=value, symbol=key, label=title, render="true",
                type="string",
            )  # fmt: skip
            _symbol(symbols, key, layer, value)
        # what stands last in the legend is drawn last
        order = SubElement(SubElement(renderer, "orderby"), "orderByClause", asc="1")
        listed = ", ".join(f"'{value}'" for value, _ in entries)
        order.text = f"array_find(array({listed}), {expression})"
    renderer.append(symbols)


def _symbol(symbols: Element, key: str, layer: Layer, value: str) -> None:
    style = layer.style
    kind = _SYMBOL_TYPES[layer.geometry]
    symbol = SubElement(
        symbols,
        "symbol",
        type=kind,
        name=key,
        alpha="0.8" if kind == "line" else "1",
        clip_to_extent="1",
        force_rhr="0",
    )
    sizes: dict[str, str] = {}
    if style.kind == "count":
        shape = "SimpleMarker"
        options = _marker(Sign(style.colours[""], "", "circle"), _POINT_MM)
        options["color"] = _rgba(style.colours[""], 150)
        sizes["size"] = f'scale_exp("{style.field}", 0, 2000, 1, {_LARGEST_MM}, 0.5)'
    elif kind == "marker":
        sign = style.signs[value]
        shape = "SimpleMarker"
        options = _marker(sign, _PLACE_MM if sign == PLACE_SIGN else _POINT_MM)
    elif kind == "line":
        shape = "SimpleLine"
        rank = ALL_CLASSES.index(value) if value in ALL_CLASSES else 0
        options = {
            "line_color": _rgba(style.colours[value]), "line_width": f"{0.25 + 0.15 * rank:g}",
            "line_width_unit": "MM", "line_style": LINE_DASHES.get(value, "solid"),
            "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
    else:
        shape = "SimpleFill"
        outline = value == "outline"
        options = {
            "color": "0,0,0,0" if outline else _rgba(style.colours[value]),
            "style": "no" if outline else "solid", "outline_color": _rgba(BASE["border"]),
            "outline_style": "solid", "outline_width": "0.4" if outline else "0.1",
            "outline_width_unit": "MM",
        }  # fmt: skip
    part = SubElement(symbol, "layer", {"class": shape, "enabled": "1", "locked": "0", "pass": "0"})
    _options(part, options)
    properties = SubElement(part, "data_defined_properties")
    whole = SubElement(properties, "Option", type="Map")
    SubElement(whole, "Option", name="name", value="", type="QString")
    defined = SubElement(whole, "Option", name="properties", type="Map")
    for name, expression in sizes.items():
        item = SubElement(defined, "Option", name=name, type="Map")
        SubElement(item, "Option", name="active", value="true", type="bool")
        SubElement(item, "Option", name="expression", value=expression, type="QString")
        SubElement(item, "Option", name="type", value="3", type="int")
    SubElement(whole, "Option", name="type", value="collection", type="QString")


def _marker(sign: Sign, size_mm: float) -> dict[str, str]:
    return {
        "name": sign.marker, "color": _rgba(sign.fill), "size": f"{size_mm:g}", "size_unit": "MM",
        "outline_color": _rgba(sign.outline), "outline_width": "0.4",
        "outline_width_unit": "MM", "outline_style": "solid", "angle": "0",
    }  # fmt: skip


def _options(parent: Element, options: dict[str, str]) -> None:
    whole = SubElement(parent, "Option", type="Map")
    for name, value in options.items():
        SubElement(whole, "Option", name=name, value=value, type="QString")
        SubElement(parent, "prop", k=name, v=value)  # as QGIS before 3.20 reads them


def _rgba(colour: str, alpha: int = 255) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{red},{green},{blue},{alpha}"


def _labels(root: Element, layer: Layer, *, leveled: bool) -> None:
    name = f'"{layer.style.label_field}"'
    if leveled:
        name = f"if(\"level\" = '{FILLED_LEVEL}', {name}, NULL)"
    settings = SubElement(SubElement(root, "labeling", type="simple"), "settings", calloutType="")
    text = SubElement(
        settings, "text-style", fieldName=name, isExpression="1", fontFamily="Noto Sans",
        fontSize="8", fontSizeUnit="Point", textColor=_rgba(BASE["text"]), textOpacity="1",
        namedStyle="Regular", fontWeight="50", useSubstitutions="0",
    )  # fmt: skip
    SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=_rgba(BASE["halo"]), bufferOpacity="0.9", bufferJoinStyle="128",
    )  # fmt: skip
    placement = {"Point": "6", "MultiLineString": "3", "MultiPolygon": "0"}[layer.geometry]
    SubElement(
        settings, "placement", placement=placement, dist="1", distUnits="MM", priority="5",
        placementFlags="10", centroidInside="1", centroidWhole="1",
    )  # fmt: skip
    SubElement(
        settings, "rendering", scaleVisibility="1", scaleMin="0",
        scaleMax=_scale(layer.style.label_zoom - 1), drawLabels="1", obstacle="1", displayAll="0",
        fontLimitPixelSize="0", upsidedownLabels="0", limitNumLabels="0", maxNumLabels="2000",
        minFeatureSize="0", mergeLines="0", labelPerPart="0",
    )  # fmt: skip


def _columns(root: Element, table: Table, language: str) -> None:
    """Titles of columns, and words of coded values."""
    configuration = SubElement(root, "fieldConfiguration")
    aliases = SubElement(root, "aliases")
    for number, field in enumerate(table.fields, 1):  # 0 is the feature id
        unit = field.unit_text(language)
        title = table.layer.field_title(field, language) + (f" ({unit})" if unit else "")
        SubElement(aliases, "alias", field=field.name, index=str(number), name=title)
        if field.labels:
            item = SubElement(configuration, "field", name=field.name)
            config = SubElement(SubElement(item, "editWidget", type="ValueMap"), "config")
            values = SubElement(SubElement(config, "Option", type="Map"), "Option", type="List")
            values.set("name", "map")
            for value in sorted(set(table.columns[field.name]) - {None}):
                pair = SubElement(values, "Option", type="Map")
                words = field.value_text(value, language)
                SubElement(pair, "Option", type="QString", name=words, value=value)
