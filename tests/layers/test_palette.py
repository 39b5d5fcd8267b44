"""One palette: the ramps can be told apart, and every layer's style fits its fields."""

from __future__ import annotations

import itertools
import math

import pytest

from geo.classes import ALL_CLASSES, CLASSES
from geo.i18n import languages
from layers import palette
from layers.registry import LAYERS
from layers.schema import TIERS


def linear(colour: str) -> list[float]:
    """Red, green and blue light of a colour, 0 to 1."""
    return [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    ]


def oklab(r: float, g: float, b: float) -> tuple[float, float, float]:
    """Lightness and the two opponent axes, each times 100 (Ottosson 2020)."""
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        100 * (0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short),
        100 * (1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short),
        100 * (0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short),
    )


@pytest.mark.parametrize("ramp", [palette.AREA_COLOURS, palette.CORRIDOR_COLOURS])
def test_a_ramp_darkens_step_by_step(ramp: dict[str, str]) -> None:
    colours = [oklab(*linear(ramp[name])) for name in CLASSES]
    assert all(light[0] - dark[0] > 5 for light, dark in itertools.pairwise(colours))


@pytest.mark.parametrize("ramp", ["AREA_COLOURS", "CORRIDOR_COLOURS"])
def test_on_the_dark_screen_more_is_brighter(ramp: str) -> None:
    colours = [oklab(*linear(palette.DARK[ramp][name])) for name in CLASSES]
    assert all(bright[0] - dark[0] > 5 for dark, bright in itertools.pairwise(colours))


def test_the_dark_screen_has_every_colour_of_the_light_one() -> None:
    for name, colours in palette.DARK.items():
        assert set(colours) == set(getattr(palette, name)), name


@pytest.mark.parametrize("ramp", [palette.AREA_COLOURS, palette.DARK["AREA_COLOURS"]])
def test_neighbouring_classes_of_areas_differ(ramp: dict[str, str]) -> None:
    colours = [oklab(*linear(ramp[name])) for name in CLASSES]
    assert all(math.dist(a, b) >= 9.6 for a, b in itertools.pairwise(colours))


_VISIONS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
"""Full colour blindness as matrices on linear light (Machado, Oliveira and Fernandes 2009)."""


@pytest.mark.parametrize("vision", _VISIONS)
@pytest.mark.parametrize("ramp", [palette.CHANGE_COLOURS, palette.DARK["CHANGE_COLOURS"]])
def test_changes_are_told_apart_in_any_colour_vision(ramp: dict[str, str], vision: str) -> None:
    colours = [oklab(*_seen(colour, _VISIONS[vision])) for colour in ramp.values()]
    assert all(math.dist(a, b) >= 9.6 for a, b in itertools.combinations(colours, 2))
    away = [abs(colour[0] - colours[len(colours) // 2][0]) for colour in colours]
    assert away == sorted(away[:4], reverse=True) + sorted(away[4:])


def _seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> list[float]:
    light = linear(colour)
    return [max(0.0, sum(m * v for m, v in zip(row, light, strict=True))) for row in matrix]


def test_every_style_fits_the_fields_of_its_layer() -> None:
    for layer in LAYERS.values():
        style, names = layer.style, {f.name for f in layer.fields}
        assert {style.field, style.label_field, style.rank_field} - {""} <= names, layer.name
        assert bool(style.signs) == (style.kind == "symbol"), layer.name
        assert bool(style.colours) == (style.kind != "symbol"), layer.name
        values = set(style.signs) | set(style.colours)
        if "class" in (style.field, style.kind) and layer.name != "hotspots":
            assert values == set(ALL_CLASSES), layer.name
        elif style.kind == "count" or not style.field:
            assert values == {""}, layer.name
        assert 2 <= style.min_zoom <= style.label_zoom <= 12, layer.name


@pytest.mark.parametrize("language", list(languages()))
def test_every_layer_says_where_it_is_from_and_how_fine_it_is(language: str) -> None:
    for layer in LAYERS.values():
        assert all(layer.source_texts(language))
        assert all(layer.resolution_text(tier, language) for tier in TIERS)


def test_shapes_of_terminals_differ_without_colour() -> None:
    kinds = palette.SIGNS.values()
    assert len({sign.path for sign in kinds}) == len({sign.marker for sign in kinds}) == len(kinds)
