"""Places, terminals and destinations as people name the waypoints of a corridor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from geo.names import NamedThing

__all__ = ["named_waypoints", "place_id"]


def place_id(name: str) -> str:
    """Id of a place from its name.

    Examples
    --------
    >>> place_id("Labuan Bajo")
    'place:labuan-bajo'
    """
    return "place:" + name.casefold().replace(" ", "-")


def named_waypoints(
    terminals: Iterable[Mapping[str, Any]],
    destinations: Iterable[Mapping[str, Any]],
    areas: Mapping[str, str] = MappingProxyType({}),
) -> list[NamedThing]:
    """Places (towns and islands), terminals, destinations and areas, in that precedence.

    Parameters
    ----------
    terminals : rows with ``id, name, kind, place, aliases, area_code``
    destinations : rows with ``id, name, name_en, aliases``
    areas : mapping
        Names of provinces and regencies by code; those with terminals may be named.
    """
    terminals = list(terminals)
    members: defaultdict[str, set[str]] = defaultdict(set)
    area_members: defaultdict[str, set[str]] = defaultdict(set)
    for row in terminals:
        members[row["place"]].add(row["id"])
        for code in {row["area_code"][:2], row["area_code"][:5]} & areas.keys():
            area_members[code].add(row["id"])
    places = [
        NamedThing(place_id(place), place, "place", frozenset(ids))
        for place, ids in sorted(members.items())
    ]
    calls = [
        NamedThing(
            row["id"], row["name"], row["kind"], frozenset({row["id"]}), _split(row["aliases"])
        )
        for row in terminals
    ]
    ends = [
        NamedThing(
            row["id"], row["name"], "destination", frozenset({row["id"]}),
            (row["name_en"], *_split(row["aliases"])),
        )
        for row in destinations
    ]  # fmt: skip
    regions = [
        NamedThing(code, areas[code], "area", frozenset(ids))
        for code, ids in sorted(area_members.items())
    ]
    return [*places, *calls, *ends, *regions]


def _split(aliases: str) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in aliases.split(";") if alias.strip())
