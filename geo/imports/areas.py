"""The area of each row: its code in either system, checked against names, or found by names.

Kemendagri and BPS number the regencies of most provinces alike, but not of all: 53.03 is Timor
Tengah Utara to Kemendagri and Kabupaten Kupang to BPS. Where a file has names beside its codes they
decide for the whole file; a single row whose name is another area's is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from geo.codes import CODE_LENGTHS, COUNTRY, is_country, level_of
from geo.errors import DataFileError
from geo.i18n import Message
from geo.imports.numbers import CellError, shown
from geo.imports.reference import ReferenceData
from geo.imports.values import may_be_village, place_code
from geo.names import area_codes, plain
from geo.spelling import exact_key

__all__ = ["AreaReader", "province_in"]

_PCODE = re.compile(r"ID ?(\d{2}(?:\d{2}(?:\d{3}(?:\d{3})?)?)?)", re.IGNORECASE)
_LEVELS = ("province", "regency", "district", "village")
_TURNED = re.compile(r"^(.*?)[\s,]*\(?\b(kab|kabupaten|kota)\b\.?\)?$", re.IGNORECASE)
_LOWER_PREFIX = re.compile(r"^(?:desa|kelurahan|kel|kecamatan|kec|distrik)\s+")
_EXAMPLES = 3

Names = Mapping[str, str]
"""Name by level, ``area`` where the level is not stated."""


def province_in(title: str, reference: ReferenceData) -> str:
    """Code of the province that a title names; empty if none, or several.

    >>> province_in("Kasus TPPO di NTT 2023", ReferenceData())
    '53'
    """
    provinces = reference.by_level["province"]
    words = plain(title).split()
    codes: set[str] = set()
    for size in range(5, 0, -1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size])
            if not phrase.isdecimal() and not any(phrase in plain(provinces[c]) for c in codes):
                codes |= set(area_codes(provinces, phrase))
    return codes.pop() if len(codes) == 1 else ""


class AreaReader:
    """Reads the areas of one file.

    Parameters
    ----------
    system : str
        ``bps`` or ``kemendagri`` if it is known; else names decide, or the codes themselves.
    within : str
        Code of the province in which names are looked up; empty for all.
    may_be_new : bool
        A village that is not known is accepted where its district is.
    of_country : bool
        The whole country is accepted as an area (:data:`geo.codes.COUNTRY`).
    """

    def __init__(
        self,
        reference: ReferenceData,
        *,
        system: str = "",
        within: str = "",
        may_be_new: bool = False,
        of_country: bool = False,
    ) -> None:
        self.reference, self.system, self.within = reference, system, within
        self.may_be_new, self.of_country = may_be_new, of_country
        self.bare_is_regency = False
        self.resolve = lru_cache(maxsize=100_000)(self._resolve)

    def learn(self, rows: Iterable[tuple[str, Names]]) -> Message | None:
        """Decide the system of codes by the names beside them; return what the report says.

        Raises
        ------
        DataFileError
            Codes written as Kemendagri's that the names show to be those of BPS.
        """
        votes = {"kemendagri": 0, "bps": 0}
        examples: dict[str, str] = {}
        dotted = False
        names_seen: set[str] = set()
        for code, names in rows:
            names_seen |= {plain(name) for name in names.values()}
            readings = {} if self.system else self._readings(code)
            if len(set(readings.values())) < 2:
                continue
            below = len(re.sub(r"[.\s]", "", code)) > 4
            beside = {level: name for level, name in names.items() if not below or level != "area"}
            for system, reading in readings.items():
                if self.agrees(reading, beside):
                    votes[system] += 1
                    if system == "bps" and len(examples) < _EXAMPLES:
                        examples[code] = reading
                        dotted |= "." in code
        self.bare_is_regency = any(name.startswith("kota ") for name in names_seen)
        if self.system or votes["bps"] <= votes["kemendagri"]:
            if votes["kemendagri"]:
                self.system = "kemendagri"
            return None
        pairs = [
            f"BPS {re.sub(r'[^0-9]', '', code)} = Kemendagri {reading} "
            f"{self.reference.areas[reading]}"
            for code, reading in examples.items()
        ]
        if dotted:
            raise DataFileError("imports.bps_codes", readings=pairs)
        self.system = "bps"
        return Message("import_note.bps_codes", {"readings": pairs})

    def _readings(self, code: str) -> dict[str, str]:
        """The province or regency of a code in each system that has it."""
        digits = re.sub(r"[.\s]", "", code)[:4]
        if not re.fullmatch(r"\d{2}(\d{2})?", digits):
            return {}
        kemendagri = ".".join(filter(None, (digits[:2], digits[2:])))
        readings = {"kemendagri": kemendagri if kemendagri in self.reference.areas else ""}
        readings["bps"] = self.reference.by_bps.get(digits, "")
        return {system: reading for system, reading in readings.items() if reading}

    def read(self, code: str, names: Names) -> tuple[str, Message | None]:
        """The code of a row's area, and what was repaired.

        Raises
        ------
        CellError
            No area, several, or one that has another name.
        """
        said = [text for text in (code, *names.values()) if text]
        if self.of_country and any(map(is_country, said)):
            if other := [text for text in said if not is_country(text)]:
                raise CellError("cell.country_and_area", name=shown(other[0]))
            return COUNTRY, None
        if not code:
            found = self.resolve(tuple(sorted(names.items())))
            return found, None
        if not any(c.isdigit() for c in code):  # a name in the column of codes
            return self.resolve((("area", code),)), None
        area, repair = self._coded(code, names)
        if names and self.agrees(area, names) is False:
            name = next(iter(names.values()))
            raise CellError(
                "cell.name_differs",
                value=shown(code),
                code=area,
                official=self.reference.areas.get(area, ""),
                name=shown(name),
            )
        return area, repair

    def _coded(self, code: str, names: Names) -> tuple[str, Message | None]:
        digits = re.sub(r"[.\s]", "", code)
        if match := _PCODE.fullmatch(code.strip()):
            area = self._of_bps(match[1], code, names)
            return area, Message("repair.pcode", {"value": area})
        if self.system == "bps" and digits.isdecimal():
            area = self._of_bps(digits, code, names)
            return area, Message("repair.bps_code", {"value": area})
        if not code.strip().isdecimal() or len(digits) not in {4, 6, 7, 10}:
            return place_code(
                code, self.reference.areas, self.reference.former, may_be_new=self.may_be_new
            )
        parts = (digits[:2], digits[2:4], digits[4:6], digits[6:])
        area = ".".join(filter(None, parts))
        known = area in self.reference.areas or (
            self.may_be_new and may_be_village(area, self.reference.areas)
        )
        other = self.reference.by_bps.get(digits[:4], "")
        certain = (
            self.system == "kemendagri"
            or other in {"", area[:5]}
            or (names and self.agrees(area, names))
        )
        if known and len(digits) != 7 and certain:
            return area, Message("repair.code_dots", {"value": area})
        readings = [
            f"{reading} {self.reference.areas[reading]}"
            for reading in dict.fromkeys((area, other))
            if reading in self.reference.areas
        ]
        if not readings:
            raise CellError("cell.unknown_code", value=shown(code))
        raise CellError("cell.bps_code", value=shown(code), readings=readings)

    def _of_bps(self, digits: str, code: str, names: Names) -> str:
        """The area of a BPS code: of a district or village by its name in the regency."""
        regency = self.reference.by_bps.get(digits[:4], "")
        if regency and len(digits) <= 4:
            return regency
        lower = {level: name for level, name in names.items() if level in {"district", "village"}}
        if regency and lower:
            return self.resolve((("code", regency), *sorted(lower.items())))
        raise CellError("cell.bps_below", value=shown(code))

    def agrees(self, code: str, names: Names) -> bool | None:
        """Whether a name beside a code is that area's; None where it is no known area's."""
        verdict: bool | None = None
        for level, name in names.items():
            of_level = level if level != "area" else level_of(code)
            length = CODE_LENGTHS[of_level]
            if length > len(code) or code not in self.reference.areas:
                continue
            one = self._agrees(code[:length], name)
            if one is False:
                return False
            verdict = verdict or one
        return verdict

    def _agrees(self, code: str, name: str) -> bool | None:
        areas = self.reference.areas
        level = level_of(code)
        official = areas.get(code, "")
        if level in {"district", "village"}:
            if exact_key(official) == exact_key(name):
                return True
            regency = code[: CODE_LENGTHS["regency"]]
            return False if self._codes(regency, level, name) else None
        if area_codes({code: official}, _in_order(name)):
            return True
        peers = self.reference.by_level[level]
        return False if area_codes(peers, _in_order(name)) else None

    @lru_cache(maxsize=512)  # noqa: B019 (lives as long as the reading of one file)
    def _members(self, code: str, level: str) -> Mapping[str, str]:
        """Names by code of the areas of a level in an area, or everywhere."""
        areas = self.reference.by_level[level]
        return {c: name for c, name in areas.items() if c.startswith(code)} if code else areas

    def _codes(self, within: str, level: str, name: str) -> list[str]:
        """Codes of the areas of a level in an area that have a name; villages by the whole name."""
        if level not in {"district", "village"}:
            return area_codes(self._members(within, level), name)
        names = self._by_name(within, level)
        folded = plain(name)
        return names.get(folded) or names.get(_LOWER_PREFIX.sub("", folded), [])

    @lru_cache(maxsize=512)  # noqa: B019 (lives as long as the reading of one file)
    def _by_name(self, within: str, level: str) -> Mapping[str, list[str]]:
        names: dict[str, list[str]] = {}
        for code, name in self._members(within, level).items():
            names.setdefault(plain(name), []).append(code)
        return names

    def _resolve(self, names: tuple[tuple[str, str], ...]) -> str:
        """The code of an area by the names of it and of those above it.

        Raises
        ------
        CellError
        """
        by_level = dict(names)
        code = by_level.pop("code", self.within)
        for level in _LEVELS:
            if level in by_level:
                within = "" if level == "province" else code
                levels = ("regency", "province") if level == "regency" else (level,)
                code = self._named(by_level[level], within, levels)
        if "area" in by_level:
            first = _LEVELS.index(level_of(code)) if code else 0
            code = self._named(by_level["area"], code, _LEVELS[first:])
        if not code:
            raise CellError("cell.empty")
        return code

    def _named(self, name: str, within: str, levels: tuple[str, ...]) -> str:
        text = _in_order(name)
        for level in levels:
            codes = self._codes(within, level, text)
            if len(codes) > 1 and self.bare_is_regency:
                codes = [c for c in codes if not self.reference.areas[c].startswith("Kota ")]
            if len(codes) == 1:
                return codes[0]
            if codes:
                choices = [f"{c} {self.reference.areas[c]}" for c in codes[:4]]
                raise CellError("cell.ambiguous_area", value=shown(name), choices=choices)
        raise CellError("cell.unknown_area", value=shown(name))


def _in_order(name: str) -> str:
    """A name with its prefix in front: ``Kupang, Kab.`` is ``Kab Kupang``."""
    text = re.sub(r"\s*[*\u00b9\u00b2\u00b3]+\)?$", "", name.strip())
    match = _TURNED.match(text)
    return f"{match[2]} {match[1]}" if match and match[1] else text
