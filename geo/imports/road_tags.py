"""Tags of an OpenStreetMap way: whether a vehicle may pass, in which direction, how fast.

Classes and speeds. What a class means in Indonesia is in the mappers' guideline (OSM wiki,
``Indonesia:Tags/Highway``, ``WikiProject Indonesia``): trunk are national roads, primary those of
provinces, secondary those of regencies, tertiary between districts, unclassified between villages.
PP 34/2006 (articles 13-16) sets the lowest design speeds: arterial 60 km/h, collector 40, local 20,
environment 15; PP 15/2005 that of a toll road between cities, 80. The car profile of OSRM
(``profiles/car.lua``) gives free speeds: motorway 90, trunk 85, primary 65, secondary 55, tertiary
40, unclassified and residential 25, living street 10. Buses and laden motorcycles on the mountain
roads of the east come near neither: the stated hours of the embedded road legs make 18 to 48 km/h,
median 37, over 1.4 times the straight line, most of it national road. ``SPEEDS_KMH`` lies between
0.7 of the design speed and OSRM's (assumed, confidence low). A posted limit or a bad surface only
slows; OSRM's limits for surfaces are halved for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

__all__ = ["CLASSES", "MINOR", "SPEEDS_KMH", "SURFACE_KMH", "Passage", "Refused", "passage"]

SPEEDS_KMH: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 80.0,
        "trunk": 42.0,
        "primary": 35.0,
        "secondary": 30.0,
        "tertiary": 25.0,
        "unclassified": 20.0,
        "road": 20.0,
        "residential": 15.0,
        "living_street": 10.0,
        "track": 10.0,
    }
)
"""Speed over the length of a road with stops and bends, km/h; slip roads have their road's."""

CLASSES = tuple(SPEEDS_KMH)
"""Classes that are read, the greatest first; a way's class is its position here."""

MINOR = frozenset({"residential", "living_street", "track"})
"""Kept only where they join other roads or lead to a settlement: dead ends of them are dropped."""

SURFACE_KMH: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("gravel", "fine_gravel", "grass_paver"), 22.0),
        **dict.fromkeys(("unpaved", "ground", "dirt", "grass", "pebblestone"), 15.0),
        **dict.fromkeys(("cobblestone", "wood", "stone", "rocky"), 15.0),
        "clay": 10.0,
        **dict.fromkeys(("sand", "earth", "mud"), 8.0),
    }
)
"""Highest speed on a surface, km/h."""

_LEAST_KMH, _MOST_KMH = 5.0, 120.0
# The more specific tag decides.
_ACCESS = ("bus", "psv", "motorcycle", "motorcar", "motor_vehicle", "vehicle", "access")
_CLOSED = frozenset({"no", "private", "agricultural", "forestry", "military", "emergency"})
_MAXSPEED = re.compile(r"(\d{1,3})(?:\.\d+)?\s*(km/?h|kph|mph)?")
_MILE_KM = 1.609344


class Tags(Protocol):
    """The tags of a way, as a mapping or as osmium has them."""

    def get(self, key: str, default: Any = None, /) -> Any:
        """The value of a key."""


class Passage(NamedTuple):
    """How a way is passed.

    Attributes
    ----------
    class_ : int
        Position in :data:`CLASSES`.
    kmh : float
    direction : int
        0 both ways, 1 only as the way is drawn, -1 only against it.
    """

    class_: int
    kmh: float
    direction: int


class Refused(Exception):
    """A way is left out; the reason is a key of the catalogue."""


def passage(tags: Tags) -> Passage:
    """Read the tags of a way that has ``highway``.

    Parameters
    ----------
    tags : mapping, or osmium's list of tags
        Only the keys this module names are ever looked at.

    Raises
    ------
    Refused
        The way is no road for a bus, car or motorcycle.
    """
    kind = str(tags.get("highway", "")).removesuffix("_link")
    if kind not in SPEEDS_KMH:
        raise Refused("way.not_for_vehicles")
    if tags.get("area") == "yes":
        raise Refused("way.area")
    if tags.get("route") == "ferry" or tags.get("ferry"):
        raise Refused("way.ferry")
    for key in _ACCESS:
        value = tags.get(key)
        if value is not None:
            if value in _CLOSED:
                raise Refused("way.closed")
            break
    if tags.get("impassable") == "yes":
        raise Refused("way.impassable")
    kmh = SPEEDS_KMH[kind]
    if (posted := _posted(tags.get("maxspeed", ""))) is not None:
        kmh = min(kmh, posted)
    kmh = min(kmh, SURFACE_KMH.get(tags.get("surface", ""), kmh))
    return Passage(CLASSES.index(kind), max(kmh, _LEAST_KMH), _direction(tags, kind))


def _direction(tags: Tags, kind: str) -> int:
    oneway = tags.get("oneway", "")
    if oneway in {"-1", "reverse"}:
        return -1
    if oneway in {"yes", "true", "1"}:
        return 1
    around = tags.get("junction") in {"roundabout", "circular"}
    tolled = kind == "motorway" and tags.get("highway", "") == "motorway"
    return 1 if oneway != "no" and (around or tolled) else 0


def _posted(text: str) -> float | None:
    """A posted limit in km/h; None for none, or for words such as ``ID:urban``."""
    if text == "walk":
        return _LEAST_KMH
    match = _MAXSPEED.fullmatch(text.strip())
    if match is None:
        return None
    kmh = float(match[1]) * (_MILE_KM if match[2] == "mph" else 1.0)
    return min(kmh, _MOST_KMH) if kmh > 0 else None
