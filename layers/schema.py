"""The words of the registry: tiers, classes, and what a layer and a field are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from geo.classes import CLASSES

__all__ = [
    "ALL", "CLASS_RANK", "PARTNER_UP", "POLICE", "PUBLIC_CORRIDOR_CLASSES",
    "PUBLIC_DOWN", "TIERS", "Field", "FieldType", "Geometry", "Layer", "Tier", "integer",
    "interval", "number", "text",
]  # fmt: skip

Tier = Literal["public", "partner", "police"]
FieldType = Literal["text", "integer", "number", "boolean", "json"]
Geometry = Literal["Point", "MultiPolygon", "MultiLineString", "None"]

TIERS: tuple[Tier, ...] = ("public", "partner", "police")
CLASS_RANK: Mapping[str, int] = MappingProxyType({name: rank for rank, name in enumerate(CLASSES)})
PUBLIC_CORRIDOR_CLASSES = ("low", "medium", "high")

ALL: frozenset[Tier] = frozenset(TIERS)
PARTNER_UP: frozenset[Tier] = frozenset({"partner", "police"})
PUBLIC_DOWN: frozenset[Tier] = frozenset({"public", "partner"})
POLICE: frozenset[Tier] = frozenset({"police"})


@dataclass(frozen=True)
class Field:
    """One column of a layer.

    ``own_province`` marks a value that a partner gets only in rows of the own province (null
    elsewhere). ``decimals`` is how many digits of a number are published. ``json`` fields hold a
    JSON text in the file and nested JSON in GeoJSON; they cannot be filtered or sorted.
    """

    name: str
    type: FieldType
    unit: str
    title_id: str
    title_en: str
    tiers: frozenset[Tier]
    decimals: int = 2
    own_province: bool = False

    @property
    def queryable(self) -> bool:
        """Whether a filter or a sort may name this field."""
        return self.type != "json"


@dataclass(frozen=True)
class Layer:
    """One layer of the release: names, geometry, fields and the partner's row rule.

    ``partner_rows`` says which rows a partner sees: ``all``; ``own`` (rows whose
    ``province_code`` is the own province); ``own_below_regency`` (provinces and regencies of the
    whole country, districts and villages of the own province).
    """

    name: str
    title_id: str
    title_en: str
    description_id: str
    description_en: str
    geometry: Geometry
    fields: tuple[Field, ...]
    id_field: str = "id"
    partner_rows: Literal["all", "own", "own_below_regency"] = "all"
    tiers: frozenset[Tier] = field(default=ALL)


def text(name: str, title_id: str, title_en: str, tiers: frozenset[Tier] = ALL) -> Field:
    """A field of text."""
    return Field(name, "text", "", title_id, title_en, tiers)


def number(
    name: str,
    unit: str,
    title_id: str,
    title_en: str,
    tiers: frozenset[Tier],
    *,
    decimals: int = 2,
    own: bool = False,
) -> Field:
    """A field of real numbers."""
    return Field(name, "number", unit, title_id, title_en, tiers, decimals, own)


def integer(
    name: str, unit: str, title_id: str, title_en: str, tiers: frozenset[Tier] = ALL
) -> Field:
    """A field of whole numbers."""
    return Field(name, "integer", unit, title_id, title_en, tiers)


def interval(
    stem: str,
    unit: str,
    title_id: str,
    title_en: str,
    tiers: frozenset[Tier],
    *,
    decimals: int = 2,
    own: bool = False,
) -> tuple[Field, ...]:
    """Mean and the ends of the 90 % interval of one quantity."""
    ends = (
        ("mean", "", ""),
        ("p05", ", batas bawah 90 %", ", 5th percentile"),
        ("p95", ", batas atas 90 %", ", 95th percentile"),
    )
    return tuple(
        number(f"{stem}_{e}", unit, title_id + i, title_en + n, tiers, decimals=decimals, own=own)
        for e, i, n in ends
    )
