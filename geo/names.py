"""Name resolution of areas and waypoints: case, accents and prefixes are ignored.

rapidfuzz is imported only for the suggestions of an unknown name, so that a known one is fast.
"""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from geo.codes import CODE_LENGTHS, level_of
from geo.errors import AmbiguousNameError, UnknownNameError
from geo.paths import DATA
from geo.spelling import exact_key

__all__ = [
    "Gazetteer",
    "NamedThing",
    "area_code",
    "area_codes",
    "corridor_name",
    "nearest",
    "official_names",
    "other_names",
    "place_id",
    "plain",
    "unaccented",
    "village_names",
    "without_area_prefix",
]

_PREFIX = re.compile(
    r"^(pelabuhan( laut| penyeberangan| internasional| feri| tikus)?|bandara|bandar udara|"
    r"dermaga|airport|port of|port|kota|kabupaten)\s+"
)
_AREA_PREFIXES = {
    "provinsi": ("province", ""), "propinsi": ("province", ""), "prov": ("province", ""),
    "kabupaten": ("regency", "kabupaten "), "kab": ("regency", "kabupaten "),
    "kota": ("regency", "kota "),
    "kecamatan": ("district", ""), "kec": ("district", ""),
    "distrik": ("district", ""),
    "desa": ("village", ""), "kelurahan": ("village", ""), "kel": ("village", ""),
}  # fmt: skip
"""Level that a prefix decides, and how the official names of that kind begin."""
_OFFICIAL_PREFIX = re.compile(r"^(kabupaten|kota)( administrasi)? ")
_CODE = re.compile(r"(\d\d)\.?(?:(\d\d)\.?(?:(\d\d)\.?(\d{4})?)?)?")
_CHOICES = 8
"""Most choices listed for an ambiguous name."""
_SIMILARITY = 60
"""Least score (rapidfuzz WRatio, 0 to 100) of a suggested name."""
_SPELLING_SIMILARITY = 75
"""Least score (rapidfuzz ratio of modern spellings, 0 to 100) of a suggested village."""


def corridor_name(places: Iterable[str]) -> str:
    """Name of a corridor by its places in order; what is named as the place before it, once.

    Examples
    --------
    >>> corridor_name(["Balikpapan", "Batam", "Batam"])
    'Balikpapan - Batam'
    """
    return " - ".join(name for name, _ in groupby(places))


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


def nearest(name: str, names: Iterable[str] | Mapping[str, str], *, limit: int = 3) -> list[str]:
    """The names most similar to ``name``, best first; of a mapping the keys, by their values.

    Examples
    --------
    >>> nearest("Malak", {"53.21 Kabupaten Malaka": "Malaka", "53.04 Kabupaten Belu": "Belu"})
    ['53.21 Kabupaten Malaka']
    """
    by_label = names if isinstance(names, Mapping) else {label: label for label in names}
    return [label for label, _ in _similar(name, by_label, limit=limit)]


def _similar(name: str, by_label: Mapping[str, str], *, limit: int) -> list[tuple[str, float]]:
    """The most similar labels and their scores."""
    from rapidfuzz import fuzz, process

    close = process.extract(
        plain(name), {label: plain(spelling) for label, spelling in by_label.items()},
        scorer=fuzz.WRatio, limit=limit, score_cutoff=_SIMILARITY,
    )  # fmt: skip
    return [(label, score) for _, score, label in close]


@cache
def _aliases() -> Mapping[str, tuple[str, ...]]:
    """Codes by the folded alias, former codes as they are written."""
    codes: dict[str, tuple[str, ...]] = {}
    with (DATA / "area_aliases.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            former = row["kind"] == "old_code"
            names = {row["alias"]} if former else {plain(row["alias"]), _everyday(row["alias"])}
            for name in names:
                codes[name] = (*codes.get(name, ()), row["code"])
    return codes


@cache
def other_names() -> Mapping[str, tuple[str, ...]]:
    """By the code of an area its other names and abbreviations, folded, and its former codes.

    Examples
    --------
    >>> "ntt" in other_names()["53"]
    True
    """
    names: dict[str, tuple[str, ...]] = {}
    for name, codes in _aliases().items():
        for code in codes:
            names[code] = (*names.get(code, ()), name)
    return names


def _everyday(name: str) -> str:
    """An area's folded name without *kabupaten* or *kota*."""
    return _OFFICIAL_PREFIX.sub("", plain(name))


@cache
def official_names(level: str) -> Mapping[str, str]:
    """Official names of all areas of a level by code (a third of a second the first time).

    Examples
    --------
    >>> official_names("district")["53.01.08"]
    'Kupang Tengah'
    """
    with gzip.open(DATA / "areas.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        return {row["code"]: row["name"] for row in rows if row["level"] == level}


def village_names() -> Mapping[str, str]:
    """Official names of all villages by code.

    Examples
    --------
    >>> village_names()["53.01.08.2011"]
    'Penfui Timur'
    """
    return official_names("village")


def area_code(
    areas: Mapping[str, str], text: str, villages: Callable[[], Mapping[str, str]] = dict
) -> str:
    """Resolve an area by its code, name, former name or usual abbreviation.

    Of areas of several levels with one name the highest is meant, and a present name has
    precedence over an alias of ``geo/data/area_aliases.csv``. A prefix (Prov., Kab., Kota, Kec.,
    Desa) decides the level. Nothing is resolved by similarity: Melaka is not Malaka.

    Parameters
    ----------
    areas : mapping
        Official name by code (Kemendagri, with dots).
    text : str
    villages : callable, optional
        Gives names of villages by code, which are meant where no area of ``areas`` is.

    Raises
    ------
    UnknownNameError
        ``matches`` are the nearest areas, and the villages whose names are nearest by modern
        spelling (Koenheum: Kuanheum, Kuanheun).
    AmbiguousNameError
        Several areas of one level have the name.

    Examples
    --------
    >>> areas = {
    ...     "53": "Nusa Tenggara Timur",
    ...     "53.01": "Kabupaten Kupang",
    ...     "53.02": "Kabupaten Timor Tengah Selatan",
    ...     "53.71": "Kota Kupang",
    ... }
    >>> [area_code(areas, name) for name in ("NTT", "TTS", "5302", "Kab. Kupang")]
    ['53', '53.02', '53.02', '53.01']
    """
    names = areas
    if not (codes := area_codes(areas, text)) and (names := villages()):
        codes = area_codes(names, text)
    if len(codes) == 1:
        return codes[0]
    if codes:
        choices = tuple(_label(code, names, areas) for code in codes[:_CHOICES])
        raise AmbiguousNameError("names.ambiguous_area", name=text, matches=choices)
    wanted = without_area_prefix(plain(text))
    close = _similar(wanted, {code: _everyday(name) for code, name in areas.items()}, limit=3)
    if names is not areas:
        close = sorted(
            close + _similar_villages(wanted, names), key=lambda match: (-match[1], len(match[0]))
        )[:4]
    matches = tuple(_label(code, names if code in names else areas, areas) for code, _ in close)
    raise UnknownNameError("names.unknown_area", name=text, matches=matches)


def _label(code: str, names: Mapping[str, str], areas: Mapping[str, str]) -> str:
    """Code and name, of a village also its regency."""
    regency = areas.get(code[: CODE_LENGTHS["regency"]], "") if level_of(code) == "village" else ""
    return f"{code} {names[code]} ({regency})" if regency else f"{code} {names[code]}"


def _similar_villages(name: str, villages: Mapping[str, str]) -> list[tuple[str, float]]:
    """Codes of the villages most similar in modern spelling (Oe is u), and their scores."""
    from rapidfuzz import fuzz, process

    keys = {code: exact_key(village) for code, village in villages.items()}
    close = process.extract(
        exact_key(name), keys, scorer=fuzz.ratio, limit=3, score_cutoff=_SPELLING_SIMILARITY
    )
    return [(code, score) for _, score, code in close]


def area_codes(areas: Mapping[str, str], text: str) -> list[str]:
    """Codes of the areas that ``text`` may be: their code, or a name of theirs.

    >>> area_codes({"53.01": "Kabupaten Kupang", "53.71": "Kota Kupang"}, "Kupang")
    ['53.01', '53.71']
    """
    if match := _CODE.fullmatch(text.strip()):
        code = ".".join(filter(None, match.groups()))
        return [present for present in (code, *_aliases().get(code, ())) if present in areas][:1]
    return _codes_named(areas, plain(text))


def without_area_prefix(folded: str) -> str:
    """A plain name of an area without what says its level.

    >>> without_area_prefix("kabupaten sikka"), without_area_prefix("sikka")
    ('sikka', 'sikka')
    """
    prefix, _, rest = folded.partition(" ")
    return rest if rest and prefix in _AREA_PREFIXES else folded


def _codes_named(areas: Mapping[str, str], folded: str) -> list[str]:
    """Codes of the areas of that name that have precedence."""
    prefix, _, rest = folded.partition(" ")
    if rest and prefix in _AREA_PREFIXES:
        level, beginning = _AREA_PREFIXES[prefix]
        of_kind = {
            code: name
            for code, name in areas.items()
            if level_of(code) == level and plain(name).startswith(beginning)
        }
        if codes := _codes_named(of_kind, rest):
            return codes
    official = [
        code
        for code, name in ((code, plain(name)) for code, name in areas.items())
        if name.endswith(folded) and folded in {name, _OFFICIAL_PREFIX.sub("", name)}
    ]
    former = [code for code in _aliases().get(folded, ()) if code in areas]
    for level in CODE_LENGTHS:
        for codes in (official, former):
            if of_level := [code for code in codes if level_of(code) == level]:
                return of_level
    return []


@dataclass(frozen=True)
class NamedThing:
    """A place, area, terminal or destination with its names.

    Attributes
    ----------
    id : str
    name : str
    kind : str
        ``place``, ``area``, a terminal's kind, or ``destination``.
    members : frozenset of str
        Its graph nodes (all terminals of a place or area; else itself).
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
        self._areas: dict[str, NamedThing] = {}
        for thing in things:
            if thing.kind == "area":
                self._areas[thing.id] = thing
                continue
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
            If several of the same kind have the name, or a region and terminals in it.
        """
        wanted = plain(name)
        prefix = wanted.partition(" ")[0]
        # "Kota Kupang" is the town with its terminals; other prefixes are those of an area alone.
        if prefix != "kota" and prefix in _AREA_PREFIXES and (area := self._area(wanted)):
            return area
        # A place has precedence over a terminal whose id is the same word: the town is meant.
        is_place = any(thing.kind == "place" for thing in self._by_name.get(wanted, ()))
        if not is_place and (thing := self._by_id.get(name.strip().casefold())):
            return thing
        if things := self._by_name.get(wanted):
            return self._region_alone(name, self._single(name, things))
        # Malaka in Timor, by its official name, before Melaka, of which it is an alias.
        if area := self._area(name):
            return area
        for names, key in (
            (self._by_alias, wanted),
            (self._by_name, _PREFIX.sub("", wanted)),
        ):
            if things := names.get(key):
                return self._single(name, things)
        matches = self.nearest(name)
        raise UnknownNameError("names.unknown_place", name=name, matches=matches)

    def _area(self, name: str) -> NamedThing | None:
        names = {code: area.name for code, area in self._areas.items()}
        return self._areas[area_code(names, name)] if area_codes(names, name) else None

    @staticmethod
    def _single(name: str, things: list[NamedThing]) -> NamedThing:
        def family(thing: NamedThing) -> str:
            return thing.kind if thing.kind in {"place", "destination"} else "terminal"

        first = [thing for thing in things if family(thing) == family(things[0])]
        if len(first) > 1:
            ids = tuple(thing.id for thing in first)
            raise AmbiguousNameError("names.ambiguous", name=name, matches=ids)
        return first[0]

    def _region_alone(self, name: str, region: NamedThing) -> NamedThing:
        """The region, unless terminals in it are called by its name.

        These are a border post beside other ways across (Entikong), and the terminals of a
        destination that people name after it (Johor: "Johor Stulang Laut").
        """
        folded = plain(region.name)
        if region.kind == "place":
            posts = [t for t in self._by_alias.get(folded, ()) if t.kind == "border_post"]
            terminals = posts if len(region.members) > 1 else []
        else:
            terminals = [
                thing
                for alias, things in self._by_alias.items()
                if region.kind == "destination" and alias.startswith(f"{folded} ")
                for thing in things
                if thing.kind not in ("place", "destination")
            ]
        if terminals:
            choices = (region.id, *(terminal.name for terminal in terminals[:_CHOICES]))
            raise AmbiguousNameError("names.region_or_terminal", name=name, matches=choices)
        return region

    def nearest(self, name: str) -> tuple[str, ...]:
        """The names most similar to ``name``, best first."""
        names_by_key = {
            key: things[0].name
            for names in (self._by_alias, self._by_name)
            for key, things in names.items()
        } | {_everyday(area.name): area.name for area in self._areas.values()}
        close = nearest(name, names_by_key.keys(), limit=12)
        return tuple(dict.fromkeys(names_by_key[key] for key in close))[:4]


def place_id(name: str) -> str:
    """Id of a place from its name.

    Examples
    --------
    >>> place_id("Labuan Bajo")
    'place:labuan-bajo'
    """
    return "place:" + name.casefold().replace(" ", "-")
