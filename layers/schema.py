"""The registry's schema: tiers, classes, and what a layer and a field are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from geo.classes import CLASSES
from geo.i18n import catalogue
from geo.tiers import TIERS, Tier
from layers.palette import Sign

__all__ = [
    "ALL",
    "CLASS_RANK",
    "PARTNER_ONLY",
    "PARTNER_UP",
    "POLICE",
    "PUBLIC_DOWN",
    "TIERS",
    "Field",
    "FieldType",
    "Geometry",
    "Layer",
    "Style",
    "Tier",
    "boolean",
    "class_text",
    "from_tier",
    "integer",
    "interval",
    "nested",
    "number",
    "text",
    "texts",
    "up_to_tier",
]  # fmt: skip

FieldType = Literal["text", "integer", "number", "boolean", "json"]
Geometry = Literal["Point", "MultiPolygon", "MultiLineString", "None"]

CLASS_RANK: Mapping[str, int] = MappingProxyType({name: rank for rank, name in enumerate(CLASSES)})


def from_tier(lowest: Tier) -> frozenset[Tier]:
    """A tier and all above it."""
    return frozenset(TIERS[TIERS.index(lowest) :])


def up_to_tier(highest: Tier) -> frozenset[Tier]:
    """A tier and all below it."""
    return frozenset(TIERS[: TIERS.index(highest) + 1])


ALL = from_tier("public")
PARTNER_UP = from_tier("partner")
PUBLIC_DOWN = up_to_tier("partner")
PARTNER_ONLY = PARTNER_UP & PUBLIC_DOWN
POLICE = from_tier("police")


@dataclass(frozen=True)
class Field:
    """One column of a layer.

    Attributes
    ----------
    name, type, unit
        ``unit`` is empty for what has none; its text is ``unit.<slug>`` of the catalogue.
    tiers : frozenset of str
        Tiers that see it.
    labels : str
        Family of the catalogue that names the values (``class``, ``kind``); empty where a value is
        shown unchanged. Values separated by semicolons are named one by one.
    decimals : int
        Digits of a number that are published.
    own_province : bool
        A partner gets the value in rows of the own province only (null elsewhere).
    source : str
        Where the value comes from if not from its layer's sources: ``attribution.<slug>``.

    ``json`` fields hold a JSON text in the file and nested JSON in GeoJSON; they cannot be filtered
    or sorted.

    Examples
    --------
    >>> kind = text("kind", labels="kind")
    >>> kind.value_text("seaport", "id"), kind.queryable
    ('pelabuhan laut', True)
    """

    name: str
    type: FieldType
    unit: str
    tiers: frozenset[Tier]
    labels: str = ""
    decimals: int = 2
    own_province: bool = False
    source: str = ""

    @property
    def queryable(self) -> bool:
        """Whether a filter or a sort may name this field."""
        return self.type != "json"

    def value_text(self, value: str, language: str) -> str:
        """A value of the field in words: ``seaport`` is ``pelabuhan laut``."""
        if not self.labels:
            return value
        return ", ".join(catalogue.label(self.labels, part, language) for part in value.split(";"))

    def number_text(self, value: float, language: str) -> str:
        """A number of the field with its unit: ``61,8%``, ``8,0 / 10``, ``1.075,1 orang/tahun``.

        Examples
        --------
        >>> number("hazard", "0-10").number_text(8, "id")
        '8,0 / 10'
        >>> number("known_share", "share").number_text(0.0002, "id")
        '< 0,1%'
        """
        if self.unit == "share":
            sign, least = ("< ", 0.001) if 0 < value < 0.001 else ("", value)
            return f"{sign}{catalogue.localised(f'{100 * least:.1f}', language)}%"
        if self.unit == "0-10":
            return f"{catalogue.localised(f'{value:.1f}', language)} / 10"
        if self.unit == "year":
            return f"{value:.0f}"
        amount = f"{round(value, self.decimals):,.6g}" if abs(value) < 1e5 else f"{value:,.0f}"
        unit = "" if self.unit in _NO_UNIT else f" {self.unit_text(language)}"
        return f"{catalogue.localised(amount, language)}{unit}"

    def unit_text(self, language: str) -> str:
        """The unit in words."""
        return catalogue.label("unit", self.unit, language) if self.unit else ""


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a layer is drawn, by the page, tiles, printed maps and the styles of GIS files.

    Attributes
    ----------
    kind : {"class", "line", "symbol", "count"}
        Areas filled by class, lines, points with a sign, or circles whose area grows with a number.
    field : str
        Column that ``colours`` or ``signs`` are chosen by, or whose number a circle shows; empty
        for one colour or sign, under the key "".
    colours : mapping
        Value -> ``#rrggbb`` (``class``, ``line``, ``count``).
    signs : mapping
        Value -> :class:`layers.palette.Sign` (``symbol``).
    label_field : str
        Column of the name beside a point or line; empty for none.
    min_zoom, label_zoom : int
        Web map zooms from which the layer and its names are drawn.
    max_zoom : int
        Finest zoom of its tiles; beyond it a map enlarges them. A unit of a tile is 19 m at 9.
    rank_field : str
        Column whose larger values stay in a tile that has room for some only.
    tile_fields : tuple of str
        Columns in tiles beside the id and those named above.
    """

    kind: Literal["class", "line", "symbol", "count"]
    colours: Mapping[str, str] = field(default_factory=dict)
    signs: Mapping[str, Sign] = field(default_factory=dict)
    field: str = ""
    label_field: str = "name"
    min_zoom: int = 3
    label_zoom: int = 8
    max_zoom: int = 12
    rank_field: str = ""
    tile_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layer:
    """One layer of the release: name, geometry, fields, style and the partner's row rule.

    ``partner_rows`` says which rows a partner sees: ``all``; ``own`` (rows whose
    ``province_code`` is the own province); ``own_below_regency`` (provinces and regencies of the
    whole country, districts and villages of the own province). ``years`` are the fields of a row's
    first and last year, where it has them. ``sources`` are slugs of ``attribution.<slug>``;
    ``resolution`` is the finest unit of a row at each tier, of ``level.<slug>``, in the order of
    :data:`TIERS`. ``jurisdiction`` says which rows of the police are a province's: those in it
    (``province``), at its terminals (``terminal``), that begin or end there (``ends``), or that
    begin, pass or end there (``places``); empty: none, and the police of a province have the layer
    as a partner there has it.

    Examples
    --------
    >>> layer = Layer(
    ...     "areas",
    ...     "MultiPolygon",
    ...     interval("score", "0-10", POLICE),
    ...     id_field="code",
    ...     style=Style(kind="class", field="class"),
    ... )
    >>> layer.title("en"), layer.field_title(layer.fields[1], "en")
    ('Areas', 'Vulnerability score, 5th percentile')
    """

    name: str
    geometry: Geometry
    fields: tuple[Field, ...]
    style: Style
    id_field: str = "id"
    partner_rows: Literal["all", "own", "own_below_regency"] = "all"
    jurisdiction: Literal["", "province", "terminal", "ends", "places"] = ""
    tiers: frozenset[Tier] = field(default=ALL)
    years: tuple[str, str] | None = None
    sources: tuple[str, ...] = ("petajaga",)
    resolution: tuple[str, str, str] = ("place", "place", "place")

    def source_texts(self, language: str) -> list[str]:
        """Sources of the layer, those of single fields among them, one line each."""
        slugs = dict.fromkeys([*self.sources, *(f.source for f in self.fields if f.source)])
        return [catalogue.label("attribution", slug, language) for slug in slugs]

    def resolution_text(self, tier: Tier, language: str) -> str:
        """Finest unit of a row at a tier, in words.

        Examples
        --------
        >>> from layers.registry import LAYERS
        >>> LAYERS["areas"].resolution_text("public", "en")
        'regency'
        """
        return catalogue.label("level", self.resolution[TIERS.index(tier)], language)

    def title(self, language: str) -> str:
        """Name of the layer."""
        return catalogue.text(f"layer.{self.name}.title", language)

    def description(self, language: str) -> str:
        """What the layer holds."""
        return catalogue.text(f"layer.{self.name}.description", language)

    def field_title(self, field: Field, language: str) -> str:
        """Title of a field: ``field.<layer>.<name>``, or ``field.<name>`` where layers share it;
        ``component.<name>`` of a component of a score.

        The mean and the ends of an interval share one text, and so do a reason's languages and the
        probabilities of classes.
        """
        stem, _, class_name = field.name.partition("_")
        if stem == "p" and class_name in CLASS_RANK:
            label = catalogue.label("class", class_name, language)
            return catalogue.text("field.p_class", language, **{"class": label})
        stem, _, end = field.name.rpartition("_")
        name = stem if end in _INTERVAL_ENDS or stem == "reason" else field.name
        keys = (f"field.{self.name}.{name}", f"component.{name}", f"field.{name}")
        title = catalogue.text(next(filter(catalogue.has, keys), keys[-1]), language)
        title = title[:1].upper() + title[1:]
        if stem == "reason":
            return f"{title} ({catalogue.language_names()[end]})"
        if end in ("p05", "p95"):
            return catalogue.text(f"interval.{end}", language, quantity=title)
        return title


_INTERVAL_ENDS = ("mean", "p05", "p95")
_NO_UNIT = frozenset({"", "rank", "count", "probability"})
"""Units that the title of a field says already."""


def class_text(name: str, probability: float | None, language: str) -> str:
    """A class in words, with its probability where that is known.

    Examples
    --------
    >>> class_text("high", 0.72, "id")
    'tinggi (peluang kelas ini 72%)'
    """
    label = catalogue.label("class", name, language)
    if probability is None:
        return label
    p = probability + 1e-9  # 0.975 is 98%, as browsers round
    return catalogue.text("class.with_probability", language, **{"class": label, "p": p})


def text(name: str, tiers: frozenset[Tier] = ALL, *, labels: str = "", own: bool = False) -> Field:
    """A field of text."""
    return Field(name, "text", "", tiers, labels, own_province=own)


def texts(*names: str, tiers: frozenset[Tier] = ALL) -> tuple[Field, ...]:
    """Fields of text that need no more than their names."""
    return tuple(text(name, tiers) for name in names)


def nested(*names: str, tiers: frozenset[Tier] = ALL, own: bool = False) -> tuple[Field, ...]:
    """Fields of nested JSON."""
    return tuple(Field(name, "json", "", tiers, own_province=own) for name in names)


def boolean(name: str, tiers: frozenset[Tier] = ALL) -> Field:
    """A field of yes and no."""
    return Field(name, "boolean", "", tiers)


def integer(name: str, unit: str, tiers: frozenset[Tier] = ALL) -> Field:
    """A field of whole numbers."""
    return Field(name, "integer", unit, tiers)


def number(
    name: str,
    unit: str,
    tiers: frozenset[Tier] = ALL,
    *,
    decimals: int = 2,
    own: bool = False,
    source: str = "",
) -> Field:
    """A field of real numbers."""
    return Field(name, "number", unit, tiers, decimals=decimals, own_province=own, source=source)


def interval(
    stem: str, unit: str, tiers: frozenset[Tier], *, decimals: int = 2, own: bool = False
) -> tuple[Field, ...]:
    """Mean and the ends of the 90 % interval of one quantity."""
    return tuple(
        number(f"{stem}_{end}", unit, tiers, decimals=decimals, own=own) for end in _INTERVAL_ENDS
    )
