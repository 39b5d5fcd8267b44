"""Corridors of an area, chosen and ordered for the command line, HTTP and the page alike.

Where the tier knows persons, the corridors *from* an area are those that start where its province
boards (the end of another province's longer journey is not one of them), those that carry most of
the area's people first. Where it knows classes alone, they are the pairs that begin in the area,
the highest class first. Ties are in the order of the ids.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from geo.codes import CODE_LENGTHS
from layers.query.area_names import inside
from layers.schema import CLASS_RANK

__all__ = [
    "MOST_PLACES", "corridor_of", "corridors_from", "corridors_of_most", "places_of",
    "places_typed", "starts_of",
]  # fmt: skip

MOST_PLACES = 5
"""Of a corridor named by its places; there are two at least."""
_BETWEEN = "~"
"""Between the places in the id of such a corridor; no name has one."""
_TYPED = re.compile(r"\s+[-–—]\s+|\s*(?:→|->|>|~)\s*")
"""Between places as people type them."""
_HYPHENS = re.compile(r"[-–—]")
_PERSONS_DECIMALS = 1
_STARTS_SHARE = 1 / 3
"""Least share of an area's people that makes a place one where they start."""


def places_of(corridor_id: str) -> tuple[str, ...]:
    """The places that the id of a corridor names in their order; none in an id of the layer.

    Examples
    --------
    >>> places_of("Kupang~Labuan Bajo~Nunukan"), places_of("kupang--nunukan")
    (('Kupang', 'Labuan Bajo', 'Nunukan'), ())
    """
    names = tuple(name.strip() for name in corridor_id.split(_BETWEEN))
    return names if len(names) > 1 else ()


def corridor_of(names: Sequence[str]) -> tuple[str, str]:
    """Id and name of the corridor through places in their order (:func:`places_of`).

    Examples
    --------
    >>> corridor_of(["Kupang", "Labuan Bajo", "Nunukan"])
    ('Kupang~Labuan Bajo~Nunukan', 'Kupang – Labuan Bajo – Nunukan')
    """
    return _BETWEEN.join(names), " – ".join(names)


def places_typed(text: str) -> list[str]:
    """The places of a corridor typed in one line with marks between them; none where it is no such
    line.

    Examples
    --------
    >>> places_typed("Kupang - Labuan Bajo → Nunukan")
    ['Kupang', 'Labuan Bajo', 'Nunukan']
    >>> places_typed("Banda Aceh"), places_typed("Kupang - "), places_typed("Una-Una")
    ([], [], [])
    >>> places_typed("Kupang-Nunukan")
    ['Kupang', 'Nunukan']
    """
    names = _TYPED.split(text.strip())
    if len(names) == 1:  # without spaces, as long as it is no name said twice
        names = [name.strip() for name in _HYPHENS.split(text)]
        names = names if len({name.lower() for name in names}) == len(names) else []
    if not 2 <= len(names) <= MOST_PLACES or not all(names):
        return []
    return names


def corridors_from(
    rows: Iterable[Mapping[str, Any]],
    origin: str | None = None,
    *,
    destination: str | None = None,
    waypoint: str | None = None,
    class_name: str | None = None,
) -> list[dict[str, Any]]:
    """Choose and order the corridors of a tier.

    Parameters
    ----------
    rows : mappings
        Rows of layer ``corridors`` as one tier has them; JSON fields parsed.
    origin : str, optional
        Code of a province or regency.
    destination : str, optional
        Id of a destination, its region or country, or the code of an area it lies in.
    waypoint : str, optional
        Id of a place that is passed. A tier that does not see the way has no such corridor.
    class_name : str, optional

    Returns
    -------
    list of dict
        The rows. Where persons are known and an origin is given, ``origin`` is ``{code,
        persons_per_year}``: the area's part of ``persons_mean``, never more than that.

    Examples
    --------
    >>> rows = [
    ...     {"id": "a", "class": "low", "origin_code": "53"},
    ...     {"id": "b", "class": "high", "origin_code": "53.01"},
    ...     {"id": "c", "class": "high", "origin_code": "21"},
    ... ]
    >>> [row["id"] for row in corridors_from(rows, "53")]
    ['b', 'a']
    """
    chosen = []
    for row in rows:
        if not (
            (class_name is None or row["class"] == class_name)
            and (destination is None or _ends_in(row, destination))
            and (waypoint is None or waypoint in _passed(row))
        ):
            continue
        corridor = dict(row)
        if "destination_id" in row:
            corridor["destination"] = {
                "id": row["destination_id"], "name": row["destination_name"]
            }  # fmt: skip
        if origin is not None:
            if "origin_code" in row:
                if not inside([row["origin_code"]], origin)[0]:
                    continue
            else:
                part = _persons_from(row, origin)
                if part is None:
                    continue
                corridor["origin"] = {"code": origin, "persons_per_year": part}
        chosen.append(corridor)
    return sorted(chosen, key=_order)


def starts_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of the places where corridors start, in their order, each once; none where the tier
    does not see the way.

    Examples
    --------
    >>> starts_of([{"waypoints": [{"name": "Kupang"}, {"name": "Nunukan"}]}, {"id": "b"}])
    ['Kupang']
    """
    return list(dict.fromkeys(start for row in rows if (start := _start(row))))


def corridors_of_most(rows: Iterable[Mapping[str, Any]], area: str) -> list[dict[str, Any]]:
    """The corridors from an area that a document may call those of its people.

    A corridor carries the people of a whole province, so that one from another island may carry
    many of an area of which few go there. Left are those that start where at least a third of the
    area's people do, or, where no place has so many, where most of them do. Of a province, and
    where the tier has no persons or no ways, all of :func:`corridors_from`, in the same order.

    Examples
    --------
    >>> def row(id_, start, persons):
    ...     of = {"listed_for": ["53"], "origins": [{"code": "53.21", "share": 0.1}]}
    ...     way = [{"id": start.lower(), "name": start}]
    ...     return {"id": id_, "class": "high", "persons_mean": persons, "waypoints": way, **of}
    >>> rows = [row("a", "Maumere", 400), row("b", "Kupang", 390), row("c", "Kupang", 300)]
    >>> [found["id"] for found in corridors_of_most(rows, "53.21")]
    ['a', 'b', 'c']
    >>> [found["id"] for found in corridors_of_most([*rows, row("d", "Kupang", 200)], "53.21")]
    ['b', 'c', 'd']
    """
    found = corridors_from(rows, area)
    persons: dict[str, float] = defaultdict(float)
    for row in found:
        if "origin" in row and _start(row):
            persons[_start(row)] += row["origin"]["persons_per_year"]
    if len(area) <= CODE_LENGTHS["province"] or not persons:
        return found
    least = min(_STARTS_SHARE * sum(persons.values()), max(persons.values()))
    return [row for row in found if persons.get(_start(row), 0.0) >= least]


def _start(row: Mapping[str, Any]) -> str:
    return next((str(point["name"]) for point in row.get("waypoints") or ()), "")


def _ends_in(row: Mapping[str, Any], place: str) -> bool:
    code = row.get("destination_code", "")  # 53.71, or MY-sabah
    country = code.split("-")[0]
    named = (row.get("destination_id"), row.get("destination_area"), country)
    return place in named or inside([code], place)[0]


def _passed(row: Mapping[str, Any]) -> set[str]:
    return {point["id"] for point in row.get("waypoints", ())}


def _persons_from(row: Mapping[str, Any], origin: str) -> float | None:
    """Persons a year from ``origin``; None if the corridor is not one of its province's."""
    if origin[:2] not in row["listed_for"]:
        return None
    origins = row["origins"]
    within = inside([item["code"] for item in origins], origin)
    share = sum(
        float(item["share"]) for item, is_inside in zip(origins, within, strict=True) if is_inside
    )
    if share <= 0:
        return None
    return round(min(share, 1.0) * float(row["persons_mean"]), _PERSONS_DECIMALS)


def _order(corridor: Mapping[str, Any]) -> tuple[float, float, int, str]:
    persons = float(corridor.get("persons_mean") or 0.0)
    part = corridor["origin"]["persons_per_year"] if "origin" in corridor else persons
    return -part, -persons, -CLASS_RANK.get(str(corridor["class"]), -1), str(corridor["id"])
