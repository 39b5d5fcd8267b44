"""Areas: the hierarchy of provinces, regencies, districts and villages, and how to find one.

An area is known by its Kemendagri code, text with dots (``53.12``). BPS numbers the same areas
differently, and the two systems overlap: Kemendagri 53.12 is Sumba Barat, which is 5301 at BPS,
and 92 is Papua Barat here and Papua Barat Daya there. So a code is always looked up in one named
system, and a BPS code is never taken for the other, nor guessed from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd
from rapidfuzz import fuzz, process

from geo.errors import AmbiguousNameError, DataFileError, UnknownNameError
from geo.names import plain
from geo.paths import DATA

__all__ = ["Area", "Areas", "Level", "load_areas"]

Level = Literal["province", "regency", "district", "village"]

_LEVELS: tuple[Level, ...] = ("province", "regency", "district", "village")
_CODE = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
_TITLE = re.compile(
    r"^(provinsi|kabupaten administrasi|kota administrasi|kabupaten|kab|kota|"
    r"kecamatan|desa|kelurahan)\s+"
)
_REGENCY_TITLE = re.compile(r"^(kabupaten|kab|kota)( administrasi)?\s")
_ALIAS_COLUMNS = ("code", "alias", "kind", "source", "as_of", "confidence", "note")


@dataclass(frozen=True)
class Area:
    """One official area.

    Attributes
    ----------
    code : str
        Kemendagri code with dots.
    name : str
        Official name; a regency's begins with Kabupaten or Kota.
    level : str
        ``province``, ``regency``, ``district`` or ``village``.
    parent : str
        Code of the area it lies in; empty for a province.
    bps_code : str
        Code at BPS, empty where no source gives it (districts and villages).
    """

    code: str
    name: str
    level: Level
    parent: str
    bps_code: str


class Areas:
    """Finds areas by code, name, alias and former code.

    Parameters
    ----------
    areas : iterable of Area
        Parents among them.
    aliases : iterable of (code, alias, kind)
        ``kind`` is ``old_code``, or any other word for another name.

    Raises
    ------
    DataFileError
        If a code is there twice, a parent is missing, or a former code is one in use.
    """

    def __init__(self, areas: Iterable[Area], aliases: Iterable[tuple[str, str, str]] = ()) -> None:
        self._by_code: dict[str, Area] = {}
        self._by_bps: dict[str, Area] = {}
        self._by_name: dict[str, list[Area]] = {}
        self._by_alias: dict[str, list[Area]] = {}
        self._now: dict[str, str] = {}
        self._children: dict[str, list[Area]] = {}
        for area in areas:
            if area.code in self._by_code:
                raise DataFileError(f"area {area.code} is there twice; keep one row")
            self._by_code[area.code] = area
            if area.bps_code:
                self._by_bps[area.bps_code] = area
            self._children.setdefault(area.parent, []).append(area)
            name = plain(area.name)
            _note(self._by_name, name, area)
            _note(self._by_name, _TITLE.sub("", name), area)
        for area in self._by_code.values():
            if area.parent and area.parent not in self._by_code:
                raise DataFileError(f"area {area.code} hangs under {area.parent}, which is missing")
        for code, alias, kind in aliases:
            self._add_alias(code, alias, kind)

    def _add_alias(self, code: str, alias: str, kind: str) -> None:
        area = self._by_code.get(code)
        if area is None:
            raise DataFileError(f"alias {alias!r} is of {code}, which is no area")
        if kind != "old_code":
            _note(self._by_alias, plain(alias), area)
            _note(self._by_alias, _TITLE.sub("", plain(alias)), area)
        elif alias in self._by_code:
            raise DataFileError(f"former code {alias} of {code} is a code in use; remove it")
        else:
            self._now[alias] = code

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get_area(self, code: str) -> Area:
        """Return the area of a Kemendagri code, in use or former.

        A former code is known for regencies and, of the provinces of 2022, for districts. Their
        numbers changed with the split (225 of 581 districts), so what is not known is refused,
        with the code of today of the district or regency it lay in.

        Raises
        ------
        UnknownNameError
            If there is no such code; says what is wrong with it where that can be told.
        """
        found = self.find_area(code)
        if found is not None:
            return found
        raise UnknownNameError(self._why_unknown(code.strip()), field="code")

    def find_area(self, code: str) -> Area | None:
        """Like :meth:`get_area`, or None."""
        code = code.strip()
        return self._by_code.get(self._now.get(code, code))

    def get_by_bps(self, code: str) -> Area:
        """Return the area of a BPS code (``5301``): a province or regency.

        Raises
        ------
        UnknownNameError
            If no area is known by it.
        """
        found = self.find_by_bps(code)
        if found is not None:
            return found
        hint = "; that is written as a Kemendagri code" if "." in code else ""
        raise UnknownNameError(
            f"no province or regency has the BPS code {code!r}{hint}", field="code"
        )

    def find_by_bps(self, code: str) -> Area | None:
        """Like :meth:`get_by_bps`, or None."""
        return self._by_bps.get(code.strip())

    def get_by_name(
        self, name: str, *, level: Level | None = None, within: str | None = None
    ) -> Area:
        """Return the one area of a name or alias, ``Sumba Barat`` or ``Kota Kupang``.

        Without ``level`` the highest level that bears the name wins: Kupang's regency and city
        come before the districts and villages called so. Of a regency and a city of one name the
        title decides, and without a title the name is ambiguous.

        Parameters
        ----------
        name : str
        level : str, optional
        within : str, optional
            Code of an area that the wanted one must lie in.

        Raises
        ------
        UnknownNameError
            With the nearest names.
        AmbiguousNameError
            With the codes of all that bear it.
        """
        found = self.find_by_name(name, level=level, within=within)
        if not found:
            matches = self._nearest(name, level)
            hint = f"; did you mean {', '.join(matches)}?" if matches else ""
            raise UnknownNameError(f"no area called {name!r}{hint}", matches=matches)
        highest = min(_LEVELS.index(area.level) for area in found)
        first = [area for area in found if _LEVELS.index(area.level) == highest]
        if len(first) > 1:
            codes = tuple(area.code for area in first)
            shown = ", ".join(f"{area.code} {area.name}" for area in first[:4])
            more = f" and {len(first) - 4} more" if len(first) > 4 else ""
            raise AmbiguousNameError(
                f"{name!r} may be any of {shown}{more}; use a code", matches=codes
            )
        return first[0]

    def find_by_name(
        self, name: str, *, level: Level | None = None, within: str | None = None
    ) -> tuple[Area, ...]:
        """Return all areas of a name or alias, in the order of their codes; may be empty."""
        wanted = re.sub(r"^kab\s+", "kabupaten ", plain(name))
        found = self._bearers(wanted)
        if not found and not _REGENCY_TITLE.match(wanted):
            found = self._bearers(_TITLE.sub("", wanted))
        inside = [
            area
            for area in found
            if (level is None or area.level == level)
            and (within is None or area.code.startswith(within + "."))
        ]
        return tuple(sorted(inside, key=lambda area: area.code.split(".")))

    def _bearers(self, name: str) -> list[Area]:
        """Areas of an official name, and of an alias where no area as high bears it officially.

        So Ujung Pandang is the city of Makassar before the district, and Pontianak the city and
        not the regency that was called so once.
        """
        official = self._by_name.get(name, [])
        highest = min((_LEVELS.index(area.level) for area in official), default=len(_LEVELS))
        others = self._by_alias.get(name, [])
        return [*official, *(a for a in others if _LEVELS.index(a.level) < highest)]

    def parent(self, area: Area) -> Area | None:
        """The area it lies in; None of a province."""
        return self._by_code[area.parent] if area.parent else None

    def children(self, code: str = "") -> tuple[Area, ...]:
        """The areas directly in one; the provinces of no code."""
        return tuple(self._children.get(code, ()))

    def ancestors(self, area: Area) -> tuple[Area, ...]:
        """The areas it lies in, the nearest first."""
        above = []
        while area.parent:
            area = self._by_code[area.parent]
            above.append(area)
        return tuple(above)

    def path(self, code: str) -> str:
        """The names from the area up: ``Oebelo, Kupang Tengah, Kabupaten Kupang, ...``."""
        area = self.get_area(code)
        return ", ".join(step.name for step in (area, *self.ancestors(area)))

    def _why_unknown(self, code: str) -> str:
        if code in self._by_bps:
            area = self._by_bps[code]
            return f"{code!r} is a BPS code; the Kemendagri code of {area.name} is {area.code}"
        if not _CODE.fullmatch(code):
            return f"{code!r} is no area code; write it with dots, such as 53.07 or 53.07.01.2017"
        parts = code.split(".")
        for above in (".".join(parts[:3]), ".".join(parts[:2])):
            if above in self._now:
                return (
                    f"{code} is a former code: {above} is now {self._now[above]}; "
                    "look below that for the number of today"
                )
        return f"there is no area {code}"

    def _nearest(self, name: str, level: Level | None) -> tuple[str, ...]:
        top = ("province", "regency") if level is None else (level,)
        names = {
            plain(area.name): area.name for area in self._by_code.values() if area.level in top
        }
        close = process.extract(
            plain(name), list(names), scorer=fuzz.WRatio, limit=4, score_cutoff=70
        )
        return tuple(names[key] for key, _, _ in close)


def _note(names: dict[str, list[Area]], key: str, area: Area) -> None:
    if key and area not in names.setdefault(key, []):
        names[key].append(area)


def _read(path: Path, columns: Iterable[str]) -> list[Mapping[str, str]]:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise DataFileError(f"{path.name} is missing from {path.parent}; restore it") from None
    missing = [column for column in columns if column not in frame]
    if missing:
        raise DataFileError(f"{path.name} lacks the column {missing[0]}; see geo/data/README.md")
    rows: list[Mapping[str, str]] = frame.to_dict("records")
    return rows


@cache
def load_areas(folder: Path = DATA) -> Areas:
    """Read the embedded areas and their aliases; read once in a process.

    Raises
    ------
    DataFileError
        If a file is missing, lacks a column or contradicts itself.
    """
    rows = _read(folder / "areas.csv.gz", ("code", "name", "level", "parent", "bps_code"))
    levels: dict[str, Level] = {level: level for level in _LEVELS}
    areas = [
        Area(row["code"], row["name"], levels[row["level"]], row["parent"], row["bps_code"])
        for row in rows
    ]
    aliases = _read(folder / "area_aliases.csv", _ALIAS_COLUMNS)
    return Areas(areas, ((row["code"], row["alias"], row["kind"]) for row in aliases))
