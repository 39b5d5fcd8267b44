"""Name resolution: case, accents and prefixes such as *pelabuhan* are ignored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from geo.errors import AmbiguousNameError, UnknownNameError

__all__ = ["Gazetteer", "NamedThing", "plain", "unaccented"]

_PREFIX = re.compile(
    r"^(pelabuhan( laut| penyeberangan| internasional| feri| tikus)?|bandara|bandar udara|"
    r"dermaga|airport|port of|port|kota|kabupaten)\s+"
)


def unaccented(text: str) -> str:
    """Letters without accents, in their compatible form (NFKD).

    >>> unaccented("Sawu é ﬁ")
    'Sawu e fi'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def plain(name: str) -> str:
    """Fold a name for comparison: no accents, no case, one space between words.

    >>> plain("  Ba'a,  KUPANG ")
    'baa kupang'
    """
    letters = re.sub(r"['`’‘ʼ]", "", unaccented(name).casefold())
    return " ".join(re.sub(r"[^\w]+", " ", letters).replace("_", " ").split())


@dataclass(frozen=True)
class NamedThing:
    """A place, terminal or destination with its names.

    Attributes
    ----------
    id : str
    name : str
    kind : str
        ``place``, a terminal's kind, or ``destination``.
    members : frozenset of str
        Its graph nodes (all terminals of a place; else itself).
    aliases : tuple of str
    """

    id: str
    name: str
    kind: str
    members: frozenset[str]
    aliases: tuple[str, ...] = ()


class Gazetteer:
    """Resolves names; of two things with one name the first in order has precedence.

    Parameters
    ----------
    things : iterable of NamedThing, in order of precedence between kinds

    Examples
    --------
    >>> port = NamedThing("tenau", "Pelabuhan Tenau", "seaport", frozenset({"tenau"}))
    >>> gazetteer = Gazetteer([port])
    >>> gazetteer.get("TENAU").name, gazetteer.nearest("Tenao")
    ('Pelabuhan Tenau', ('Pelabuhan Tenau',))
    """

    def __init__(self, things: Iterable[NamedThing]) -> None:
        self._by_name: dict[str, list[NamedThing]] = {}
        self._by_alias: dict[str, list[NamedThing]] = {}
        self._by_id: dict[str, NamedThing] = {}
        for thing in things:
            self._by_id.setdefault(thing.id.casefold(), thing)
            self._note(self._by_name, plain(thing.name), thing)
            for alias in thing.aliases:
                self._note(self._by_alias, plain(alias), thing)
            stripped = _PREFIX.sub("", plain(thing.name))
            if stripped and stripped != plain(thing.name):
                self._note(self._by_alias, stripped, thing)

    @staticmethod
    def _note(names: dict[str, list[NamedThing]], key: str, thing: NamedThing) -> None:
        if key and thing not in names.setdefault(key, []):
            names[key].append(thing)

    def get(self, name: str) -> NamedThing:
        """The thing of that name.

        Raises
        ------
        UnknownNameError
            With the nearest names.
        AmbiguousNameError
            If several of the same kind have the name.
        """
        wanted = plain(name)
        # A place has precedence over a terminal whose id is the same word: the town is meant.
        is_place = any(thing.kind == "place" for thing in self._by_name.get(wanted, ()))
        if not is_place and (thing := self._by_id.get(name.strip().casefold())):
            return thing
        for names, key in (
            (self._by_name, wanted),
            (self._by_alias, wanted),
            (self._by_name, _PREFIX.sub("", wanted)),
        ):
            if things := names.get(key):
                return self._single(name, things)
        matches = self.nearest(name)
        code = "names.unknown_place_near" if matches else "names.unknown_place"
        raise UnknownNameError(code, name=name, matches=matches)

    @staticmethod
    def _single(name: str, things: list[NamedThing]) -> NamedThing:
        def family(thing: NamedThing) -> str:
            return thing.kind if thing.kind in {"place", "destination"} else "terminal"

        first = [thing for thing in things if family(thing) == family(things[0])]
        if len(first) > 1:
            ids = tuple(thing.id for thing in first)
            raise AmbiguousNameError("names.ambiguous", name=name, matches=ids)
        return first[0]

    def nearest(self, name: str, *, limit: int = 4) -> tuple[str, ...]:
        """The names most similar to ``name``, best first."""
        names_by_key = {
            key: things[0].name
            for names in (self._by_alias, self._by_name)
            for key, things in names.items()
        }
        close = process.extract(
            plain(name), list(names_by_key), scorer=fuzz.WRatio, limit=12, score_cutoff=60
        )
        return tuple(dict.fromkeys(names_by_key[key] for key, _, _ in close))[:limit]
