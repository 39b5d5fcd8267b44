"""Find places and corridors by name, code or abbreviation, in a tier's own rows."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from geo.names import other_names, plain, without_area_prefix
from geo.spelling import exact_key
from layers.query.area_names import inside
from layers.query.corridors import MOST_PLACES

__all__ = ["SEARCHED", "SearchIndex"]

SEARCHED: Mapping[str, tuple[str, ...]] = {
    "areas": ("code", "name", "level", "parent", "population"),
    "terminals": ("id", "name", "kind", "place", "iata", "country"),
    "corridors": ("id", "name", "origin_code", "destination_code", "destination_name"),
    "settlements": ("id", "name", "kind", "regency_code", "population"),
    "services": ("name", "kind", "place", "jurisdiction"),
}
"""Layers that are searched, in the order of equal matches, and the fields that are read of each."""
_SHOWN = ("name", "kind", "level", "parent", "place", "regency_code", "country")
_NONE, _PLACE = 9.0, 0.5
_SIMILAR = 75
"""Least likeness (rapidfuzz ratio of modern spellings, 0 to 100) of a name typed wrongly."""
_SHORTEST_MISSPELT = 4
_MOST_WORDS = 20
"""Words of a line that are tried as names of places."""


@dataclass(frozen=True)
class _Entry:
    found: Mapping[str, Any]
    order: tuple[int, float, str]
    names: tuple[str, ...]
    places: tuple[str, ...]
    ends: tuple[str | None, str | None]


class SearchIndex:
    """The names of a tier's rows, folded once.

    Parameters
    ----------
    rows : mapping
        Per layer of :data:`SEARCHED` its rows as the tier has them; each row has ``key``, the id of
        its feature.

    Examples
    --------
    >>> rows = {
    ...     "areas": [
    ...         {"key": "53", "name": "Nusa Tenggara Timur", "level": "province"},
    ...         {"key": "53.06", "name": "Kabupaten Flores Timur", "level": "regency"},
    ...     ]
    ... }
    >>> index = SearchIndex(rows)
    >>> [hit["id"] for hit in index.find("NTT") + index.find("53.06") + index.find("flores tmur")]
    ['53', '53.06', '53.06']
    """

    def __init__(self, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        aliases = other_names()
        self._entries = [
            _entry(layer, number, row, aliases)
            for number, layer in enumerate(SEARCHED)
            for row in rows.get(layer, ())
        ]
        self._places = {
            name
            for entry in self._entries
            if entry.found["layer"] != "corridors"
            for name in entry.names
        }
        self._spellings = {k: exact_key(entry.names[0]) for k, entry in enumerate(self._entries)}

    def places_in(self, text: str) -> list[str]:
        """The places that a line names one after the other without marks between them: two to
        :data:`~layers.query.corridors.MOST_PLACES`, as few as can be; none where it is no such
        line.

        Examples
        --------
        >>> towns = {"settlements": [{"key": n, "name": n} for n in ("Soe", "Labuan Bajo")]}
        >>> SearchIndex(towns).places_in("Soe labuan bajo")
        ['Soe', 'labuan bajo']
        >>> SearchIndex(towns).places_in("Labuan Bajo"), SearchIndex(towns).places_in("Soe x")
        ([], [])
        """
        words = text.split()[:_MOST_WORDS]
        fewest: list[list[str] | None] = [[]]  # places that end with each word
        for end in range(1, len(words) + 1):
            ways = [
                [*before, name]
                for start, before in enumerate(fewest)
                if before is not None and plain(name := " ".join(words[start:end])) in self._places
            ]
            fewest.append(min(ways, key=len, default=None))
        names = fewest[-1] or []
        return names if 2 <= len(names) <= MOST_PLACES else []

    def between(self, start: str, end: str) -> list[dict[str, Any]]:
        """Corridors from the area that ``start`` names to that of ``end``, as finely as rows tell.

        Examples
        --------
        >>> rows = {
        ...     "areas": [
        ...         {"key": "53.71", "name": "Kota Kupang"},
        ...         {"key": "65.03", "name": "Kabupaten Nunukan"},
        ...     ],
        ...     "corridors": [
        ...         {
        ...             "key": "53-65",
        ...             "name": "Nusa Tenggara Timur - Kalimantan Utara",
        ...             "origin_code": "53",
        ...             "destination_code": "65",
        ...         },
        ...     ],
        ... }
        >>> [hit["id"] for hit in SearchIndex(rows).between("Kupang", "Nunukan")]
        ['53-65']
        """
        first, last = self._area_of(start), self._area_of(end)
        return [
            dict(entry.found)
            for entry in self._entries
            if _nested(entry.ends[0], first)
            and (_nested(entry.ends[1], last) or any(plain(end) in place for place in entry.places))
        ]

    def _area_of(self, name: str) -> str | None:
        """Code of the area of a name, or of the regency of a place; None where there is neither."""
        for hit in self.find(name):
            if code := hit["id"] if hit["layer"] == "areas" else hit.get("regency_code"):
                return str(code)
        return None

    def find(self, text: str, *, limit: int = 12) -> list[dict[str, Any]]:
        """The best hits: ``layer``, ``id``, ``name`` and what tells one from others of its name.

        Equal names come first (of areas also without "Kabupaten" or "Kota"), then names that begin
        with ``text``, words that do, and the rest that contain it; at equal rank areas before
        ports before corridors, greater places first.
        Where nothing matches, names that hold every word, else names spelt alike.
        """
        folded = plain(text)
        if not folded:
            return []
        ranked = [
            (rank, entry) for entry in self._entries if (rank := _rank(entry, folded)) < _NONE
        ]
        if ranked:
            nearest = heapq.nsmallest(limit, ranked, key=lambda item: (item[0], item[1].order))
            return [dict(entry.found) for _, entry in nearest]
        words = folded.split()
        if len(words) > 1:  # "kupang nunukan": a corridor by its ends
            holding = [
                entry for entry in self._entries if all(w in entry.names[0].split() for w in words)
            ]
            if holding:
                best = heapq.nsmallest(limit, holding, key=lambda entry: entry.order)
                return [dict(entry.found) for entry in best]
        if len(folded) < _SHORTEST_MISSPELT:
            return []
        close = process.extract(exact_key(text), self._spellings, scorer=fuzz.ratio,
                                limit=limit, score_cutoff=_SIMILAR)  # fmt: skip
        like = sorted((-score, self._entries[k].order, k) for _, score, k in close)
        return [dict(self._entries[k].found) for _, _, k in like]


def _nested(code: str | None, other: str | None) -> bool:
    """Whether one of two areas lies in the other, or both are one."""
    return bool(code and other and (inside([code], other)[0] or inside([other], code)[0]))


def _entry(
    layer: str, number: int, row: Mapping[str, Any], aliases: Mapping[str, tuple[str, ...]]
) -> _Entry:
    name, code = str(row["name"]), str(row["key"])
    known: tuple[str, ...] = (plain(name),)
    if layer == "areas":
        known += (plain(code), without_area_prefix(known[0]), *aliases.get(code, ()))
    places = (row.get(field) for field in ("place", "iata", "destination_name", "jurisdiction"))
    found = {"layer": layer, "id": code, **{k: row[k] for k in _SHOWN if row.get(k)}}
    return _Entry(
        found=found,
        order=(number, -float(row.get("population") or 0), name),
        names=known,
        places=tuple(plain(str(place)) for place in places if place),
        ends=(row.get("origin_code"), row.get("destination_code")),
    )


def _rank(entry: _Entry, text: str) -> float:
    """How well an entry matches; a match of the place it is in comes after one of its name."""
    best = min(_of(name, text) for name in entry.names)
    return min([best, *(_of(place, text) + _PLACE for place in entry.places)])


def _of(name: str, text: str) -> float:
    at = name.find(text)
    if at < 0:
        return _NONE
    if at == 0:
        return 0.0 if name == text else 1.0
    return 2.0 if name[at - 1] == " " else 3.0
