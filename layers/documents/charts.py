"""Map and chart of the brief, drawn by matplotlib as SVG, byte for byte the same each time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from textwrap import fill
from typing import Any

import matplotlib as mpl
import shapely
from babel.numbers import format_decimal
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from shapely.geometry import box

from layers.documents.argument import Series
from layers.documents.drawing import (
    COUNTRY,
    Box,
    colour_of,
    fill_of,
    is_unsure,
    land_within,
    window_around,
)
from layers.documents.subject import Contents, Subject
from layers.palette import BASE, CORRIDOR_COLOURS, SIGNS
from layers.query.area_names import inside

__all__ = ["area_map", "trend_chart"]

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "petajaga", "svg.fonttype": "path",
    "font.family": "DejaVu Sans", "font.size": 8,
}  # fmt: skip
_WIDTH_IN = 6.85
_HEIGHT_IN = {"area": 2.9, "port": 2.9, "corridor": 4.6}
"""Height of the map: a province is wide, the way to another island or country goes north too."""
_STEPS_ACROSS = 900
_INSET, _SMALL = 0.29, 0.6
"""Width of the corner map as a share of the whole, and up to which share a subject is small."""
_FEW_YEARS = 7
_LABEL_BOX = {"boxstyle": "round,pad=0.12", "facecolor": "#ffffff", "alpha": 0.75, "linewidth": 0}
_TITLE_LETTERS = 34
_BAR = CORRIDOR_COLOURS["medium"]
_MARKERS = {"circle": "o", "square": "s", "triangle": "^", "hexagon": "h", "diamond": "D"}
"""Marker of matplotlib by the marker of a sign."""
_POINTS_PER_LETTER = 0.62
"""Width of a letter as a share of its size, on average."""


def area_map(contents: Contents, subject: Subject) -> str:
    """The subject within its province, regencies by class, ports and names; an SVG text.

    A regency or port that is small in its province fills the map, with the province in a corner.
    """
    size = _WIDTH_IN, _HEIGHT_IN[subject.kind]
    ratio = size[0] / size[1]
    window = window_around(_bounds(contents, subject), ratio=ratio, margin=0.04)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size)
        whole = figure.add_axes((0, 0, 1, 1))
        if subject.kind != "corridor" and len(subject.area) > 2 and subject.shape is not None:
            close = window_around(_bounds_of([_main_part(subject.shape)]), ratio=ratio)
            if close[2] - close[0] < _SMALL * (window[2] - window[0]):
                _draw(whole, contents, subject, close)
                corner = figure.add_axes(_corner(subject.shape, close))
                _draw(corner, contents, subject, window, names=False)
                return _svg(figure)
        _draw(whole, contents, subject, window)
        return _svg(figure)


def _draw(
    axes: Axes, contents: Contents, subject: Subject, window: Box, *, names: bool = True
) -> None:
    axes.set(xlim=window[0::2], ylim=window[1::2], xticks=[], yticks=[], facecolor=BASE["sea"])
    grid = (window[2] - window[0]) / _STEPS_ACROSS
    land = land_within(window, tolerance_deg=grid)
    _fill(axes, land, facecolor=BASE["neighbour"], edgecolor=BASE["coast"], linewidth=0.4)
    _draw_areas(axes, contents, subject, window, grid, names=names)
    if names:
        _draw_ports(axes, contents, subject, window)
    if subject.kind == "corridor" and subject.shape is not None:
        _draw_way(axes, subject)
    for side in axes.spines.values():
        side.set(color=BASE["frame"], linewidth=0.8)


def _draw_way(axes: Axes, subject: Subject) -> None:
    """The line of a corridor, and where it ends by name."""
    lines = getattr(subject.shape, "geoms", [subject.shape])
    for line in lines:
        axes.plot(*line.xy, color=colour_of("corridor", str(subject.row["class"])), linewidth=3,
                  solid_capstyle="round", zorder=6)  # fmt: skip
    end = lines[-1].coords[-1]
    axes.plot(*end[:2], "o", color=BASE["text"], markersize=6, zorder=9)
    name = subject.row.get("destination_name") or subject.name.split(" - ")[-1]
    axes.annotate(name, end[:2], (9, 0), textcoords="offset points", va="center", fontsize=8.5,
                  fontweight="bold", zorder=10, bbox=_LABEL_BOX)  # fmt: skip


def _corner(shape: Any, window: Box) -> Box:
    """Left, bottom, width and height of the corner with least of a shape, as shares."""
    west, south, east, north = window
    width, height = _INSET * (east - west), _INSET * (north - south)

    def covered(corner: tuple[int, int]) -> float:
        x, y = (east - width, west)[corner[0]], (south, north - height)[corner[1]]
        return float(shape.intersection(box(x, y, x + width, y + height)).area)

    right, top = min([(0, 0), (0, 1), (1, 0), (1, 1)], key=covered)
    return (1 - _INSET, 0.0)[right], (0.0, 1 - _INSET)[top], _INSET, _INSET


def trend_chart(panels: Sequence[tuple[str, Series]], language: str) -> str:
    """Bars of each series by year, hollow where only a part of the year is counted, a dot on the
    line where a year has no record; an SVG text.
    """
    years = sorted({year for _, series in panels for year in series.values})
    span = range(years[0], years[-1] + 1)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.85, 1.75))
        figure.subplots_adjust(left=0.02, right=0.98, bottom=0.16, top=0.8, wspace=0.1)
        for axes, (title, series) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            values = series.values
            fills = ["none" if year in series.periods else _BAR for year in values]
            axes.bar(list(values), list(values.values()), width=0.7, color=fills, edgecolor=_BAR,
                     linewidth=0.8)  # fmt: skip
            missing = [year for year in span if year not in values]
            axes.plot(missing, [0] * len(missing), ".", color=BASE["seaText"], markersize=3,
                      clip_on=False)  # fmt: skip
            axes.set_title(fill(title, _TITLE_LETTERS), fontsize=7.5, loc="left")
            free = max(0.7, (_FEW_YEARS - len(span)) / 2)
            axes.set(
                xlim=(span[0] - free, span[-1] + free), ylim=(0, 1.25 * max(1, *values.values()))
            )
            axes.set_xticks(sorted({span[0], span[-1]}))
            axes.set_yticks([])
            for year, value in values.items():
                shown = format_decimal(value, locale=language)
                axes.annotate(shown, (year, value), (0, 1.5), textcoords="offset points",
                              ha="center", fontsize=4.6 if len(span) > 12 else 6.5)  # fmt: skip
            axes.spines[["top", "right", "left"]].set_visible(False)
        return _svg(figure)


def _bounds(contents: Contents, subject: Subject) -> Box:
    """Of the main island or land of each regency of the province, and of a corridor's line."""
    shapes = [subject.shape] if subject.kind == "corridor" and subject.shape is not None else []
    shapes += [
        _main_part(shape)
        for row, shape in contents.rows("areas")
        if shape is not None and row["level"] == "regency"
        and subject.area and row["province_code"] == subject.area[:2]
    ]  # fmt: skip
    return _bounds_of(shapes or [COUNTRY])


def _bounds_of(shapes: Sequence[Any]) -> Box:
    west, south, east, north = shapely.total_bounds(shapes)
    return float(west), float(south), float(east), float(north)


def _main_part(shape: Any) -> Any:
    return max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)


def _draw_areas(
    axes: Axes, contents: Contents, subject: Subject, window: Box, grid: float, *, names: bool
) -> None:
    frame, named = box(*window), []
    for row, shape in contents.rows("areas"):
        if row["level"] != "regency" or shape is None or not shape.intersects(frame):
            continue
        at_home = bool(subject.area) and row["province_code"] == subject.area[:2]
        if not at_home:
            continue
        own = inside([row["code"]], subject.area)[0]
        drawn = shapely.simplify(shapely.make_valid(shape), grid)
        single = own and subject.kind == "area" and len(subject.area) > 2
        pale = subject.kind == "area" and not own
        _fill(
            axes, drawn, facecolor=fill_of(str(row["class"])), alpha=0.55 if pale else 1.0,
            edgecolor=BASE["text"] if single else "#ffffff", linewidth=1.4 if single else 0.5,
            zorder=4 if single else 3,
        )  # fmt: skip
        if is_unsure(row):
            _fill(axes, drawn, fill=False, hatch="////", edgecolor="#ffffff", linewidth=0, zorder=5)
        middle = shape.representative_point()
        named.append(
            (not single, -shape.area, middle, row["name"].removeprefix("Kabupaten "), single)
        )
    per_degree = 72 * _WIDTH_IN * axes.get_position().width / (window[2] - window[0])
    taken: list[Any] = []
    for _, _, middle, name, single in sorted(named if names else (), key=lambda n: n[:2]):
        size = 8.5 if single else 6.0
        half = (_POINTS_PER_LETTER * size * len(name) / 2 / per_degree, 0.8 * size / per_degree)
        place = box(middle.x - half[0], middle.y - half[1], middle.x + half[0], middle.y + half[1])
        if any(place.intersects(other) for other in taken) or not frame.contains(place):
            continue
        taken.append(place)
        axes.text(
            middle.x, middle.y, name, ha="center", va="center", zorder=8,
            fontsize=size, fontweight="bold" if single else "normal",
            bbox=_LABEL_BOX,
        )  # fmt: skip


def _draw_ports(axes: Axes, contents: Contents, subject: Subject, window: Box) -> None:
    frame = box(*window)
    for row, shape in contents.rows("terminals"):
        if shape is None or not frame.contains(shape) or row["province_code"] != subject.area[:2]:
            continue
        chosen, kind = row["id"] == subject.id, row["kind"]
        axes.plot(
            shape.x, shape.y, marker=_MARKERS[SIGNS[kind].marker], color=SIGNS[kind].fill,
            markersize=10 if chosen else 3.6, markeredgecolor=SIGNS[kind].outline,
            markeredgewidth=1.4 if chosen else 0.5, zorder=9 if chosen else 7,
        )  # fmt: skip
        if chosen:
            axes.annotate(row["name"], (shape.x, shape.y), (0, -14), textcoords="offset points",
                          ha="center", fontsize=8.5, fontweight="bold", zorder=10)  # fmt: skip


def _fill(axes: Axes, shape: Any, **style: Any) -> None:
    for polygon in getattr(shape, "geoms", [shape]):
        if polygon.geom_type != "Polygon" or polygon.is_empty:
            continue
        rings = [polygon.exterior, *polygon.interiors]
        outline = Outline.make_compound_path(
            *(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings)
        )
        axes.add_patch(PathPatch(outline, **style))


def _svg(figure: Figure) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue().decode()
