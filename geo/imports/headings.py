"""The meaning of each column of a file: by its heading, its HXL tag, or as the user says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from geo.errors import DataFileError
from geo.imports.columns import Column, Kind
from geo.imports.options import Options
from geo.imports.reference import ReferenceData
from geo.imports.words import (
    INDICATOR_WORDS,
    NUMBERING,
    SHARES,
    TOTALS,
    UNIT_WORDS,
    fold,
    indicator_of,
    is_technical,
    measure_of,
    subject_of,
)

__all__ = ["IGNORE", "Meaning", "Vocabulary", "is_tags", "shape_of"]

IGNORE = "ignore"
_IGNORED_WORDS = frozenset({IGNORE, "abaikan", "lewati", "skip"})
_TAG = re.compile(r"#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*", re.IGNORECASE)
_UNIT = re.compile(r"\s*[(\[]\s*([^()\[\]]{1,30})\s*[)\]]\s*$")
_YEAR = re.compile(r"(?:(?:tahun|thn|th|year|fy|y|t)_?)?((?:19|20)\d\d)")
_OFFICE = re.compile(
    r"^\W*(pemerintah|dinas|balai|badan|kementerian|kepolisian|kantor|direktorat|biro|unit|uptd|"
    r"polda|polres|provinsi)\b",
    re.IGNORECASE,
)
_TRUNCATED = 10
"""Length to which a Shapefile cuts the name of a field."""
_WIDE = {"counts": "measure", "indicators": "indicator"}
"""Column that names what the value is, of kinds whose values may stand in columns of their own."""


def is_tags(cells: Sequence[str]) -> bool:
    """Whether a row holds HXL tags and nothing else."""
    return any(cells) and all(_TAG.fullmatch(cell) for cell in cells if cell)


def shape_of(kind: str, headings: Iterable[str]) -> str:
    """The shape of a file, by which the meaning of its columns is remembered.

    Years are left out of it, so that next year's file has the shape of this year's.
    """
    folded = (re.sub(r"(19|20)\d\d", "", fold(heading)) for heading in headings)
    return hashlib.sha256("\n".join([kind, *dict.fromkeys(folded)]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Meaning:
    """What one column is.

    Attributes
    ----------
    column : str
        Column of the kind, empty where the column is left out.
    series : str
        Measure or indicator of the values in it, where ``column`` is ``value``.
    year, unit : str
        Year or unit that the heading states.
    reason : str
        How it was recognised, a key of the catalogue (``meaning.<reason>``).
    """

    column: str = ""
    series: str = ""
    year: str = ""
    unit: str = ""
    reason: str = "heading"


class Vocabulary:
    """Recognises headings of one kind under the title of a table.

    Parameters
    ----------
    title : str
        Lines above the headings.
    """

    def __init__(
        self, kind: Kind, reference: ReferenceData, options: Options, title: str = ""
    ) -> None:
        self.kind, self.reference, self.options = kind, reference, options
        lines = [line for line in title.split("\n") if not _OFFICE.match(line)]
        self.title = fold(" ".join(lines))
        self.subject = subject_of(self.title)
        if any(fold(k) == "legal_class" and v == "tppo" for k, v in options.columns.items()):
            self.subject = self.subject - {"violence"} | {"tppo"}
        self.stated = {fold(heading): meaning for heading, meaning in options.columns.items()}
        self._columns = {column.name: column for column in kind.columns}
        self._aliases = {
            alias: column for column in reversed(kind.columns) for alias in column.aliases
        }
        self.wide = _WIDE.get(kind.name, "year" if kind.by_year else "")
        self.value = kind.by_year or "value"
        self._cache: dict[tuple[str, str], Meaning | None] = {}

    def meaning(self, heading: str, tag: str = "") -> Meaning | None:
        """What the column of a heading is; None if it is unknown."""
        if (heading, tag) not in self._cache:
            self._cache[heading, tag] = self._meaning(heading, tag)
        return self._cache[heading, tag]

    def is_heading(self, text: str) -> bool:
        """Whether a text is a heading: a known one, or one of trafficking under another title."""
        return self.meaning(text, text) is not None or (
            self.wide == "measure" and bool(measure_of(fold(text), {"tppo"}))
        )

    def _meaning(self, heading: str, tag: str) -> Meaning | None:
        folded = fold(heading)
        for key in (folded, *_groups(heading)):
            if key in self.stated:
                return self.stated_meaning(heading, self.stated[key])
        last = fold(heading.rpartition("/")[2]) if "/" in heading else folded
        bare = _UNIT.sub("", heading)
        unit = match[1].strip() if (match := _UNIT.search(heading)) else ""
        by_heading = (
            self._column(folded)
            or self._column(last)
            or (self._column(fold(bare)) if unit else None)
            or self._by_tag(tag)
            or self._truncated(heading)
        )
        if by_heading is not None:
            if by_heading.role == "unused":
                return Meaning(reason="unused")
            return Meaning(by_heading.name, unit=unit)
        if is_technical(heading, folded) or is_technical(heading.rpartition("/")[2], last):
            return Meaning(reason="technical")
        if heading.startswith("_") and (match := re.search(r"_(latitude|longitude)$", folded)):
            column = self._column(match[1])
            return Meaning(column.name) if column else Meaning(reason="technical")
        if heading.startswith("_") and re.search(r"_(altitude|precision)$", folded):
            return Meaning(reason="technical")
        if folded in NUMBERING and heading.strip() != "%":
            return Meaning(reason="numbering")
        if not self.wide:
            return None
        if folded in TOTALS:
            return Meaning(reason="sum")
        if folded in SHARES or heading.strip() == "%":
            return Meaning(reason="share")
        return self._series(bare, unit)

    def _series(self, heading: str, unit: str) -> Meaning | None:
        """A column of values: its measure or indicator, its year, or both."""
        folded = re.sub(r"\(.*?\)|\[.*?\]", " ", heading)
        folded = re.sub(r"((?:19|20)\d\d)\s*[*a-z]?\)?$", r"\1", folded.strip())
        match = _YEAR.fullmatch(fold(folded)) or re.search(rf"_{_YEAR.pattern}$", fold(folded))
        year = match[1] if match else ""
        name = fold(folded)
        if match:
            name = name[: match.start()].strip("_")
        unit = unit or (m[1] if (m := re.search(r"[(\[]([^()\[\]]{1,30})[)\]]", heading)) else "")
        column = self._column(name)
        if year and (not name or (column is not None and column.name == self.value)):
            return Meaning(self.value, year=year, unit=unit)
        series = self.named_series(name)
        return Meaning(self.value, series, year, unit) if series else None

    def named_series(self, name: str) -> str:
        """The measure or indicator of a folded name; empty if there is none."""
        if self.wide == "year":
            return ""
        known = self.reference.measures if self.wide == "measure" else self.reference.indicators
        if name in known or name in self.options.new_measures:
            return name
        if self.wide == "measure":
            return measure_of(name, self.subject)
        return indicator_of(name)

    @property
    def title_series(self) -> str:
        """The measure or indicator that the title names, for a table of years."""
        if self.wide == "measure":
            return measure_of("_".join(sorted(self.subject)))
        text = f"_{self.title}_"
        series = {indicator_of(name) for name in _phrases(text)} - {""}
        return series.pop() if len(series) == 1 else ""

    def stated_meaning(self, heading: str, meaning: str) -> Meaning:
        """What the user says that a column is.

        Raises
        ------
        DataFileError
            There is no such column, measure or indicator; with what is near.
        """
        folded = fold(meaning)
        if folded in _IGNORED_WORDS:
            return Meaning(reason="stated")
        if column := self._column(folded):
            return Meaning(column.name, reason="stated")
        by_heading = self._series(_UNIT.sub("", heading), "") if self.wide else None
        year = by_heading.year if by_heading else ""
        if match := _YEAR.fullmatch(folded):
            return Meaning(self.value, year=match[1], reason="stated")
        if self.wide and (series := self.named_series(folded)):
            return Meaning(self.value, series, year, reason="stated")
        raise DataFileError(
            "imports.map_unknown",
            heading=heading[:40],
            meaning=meaning[:40],
            nearest=self.near(meaning) or [column.name for column in self.kind.named],
        )

    def near(self, text: str) -> list[str]:
        """Columns, measures and indicators whose names are most similar to a text."""
        names: dict[str, str] = {column.name: column.name for column in self.kind.named}
        for alias, column in self._aliases.items():
            if column in self.kind.named:
                names[alias] = column.name
        if self.wide == "indicator":
            names |= {slug: slug for slug in self.reference.indicators}
            for slug, phrases in INDICATOR_WORDS.items():
                names |= {fold(phrase): slug for phrase in phrases}
            names |= dict.fromkeys(("ipm", "indeks_pembangunan_manusia"), "hdi")  # one of a census
        if self.wide == "measure":
            names |= {slug: slug for slug in self.reference.measures}
            if guess := measure_of(fold(text), self.subject - {"violence"} | {"tppo"}):
                return [guess]
        close = process.extract(
            fold(text), list(names), scorer=fuzz.ratio, limit=6, score_cutoff=65
        )
        return list(dict.fromkeys(names[name] for name, _, _ in close))[:3]

    def _column(self, folded: str) -> Column | None:
        return self._columns.get(folded) or self._aliases.get(folded)

    def _truncated(self, heading: str) -> Column | None:
        """The only column whose name begins with a heading cut to ten characters."""
        folded = fold(heading)
        if len(heading) != _TRUNCATED or len(folded) < _TRUNCATED - 1:
            return None
        names = [*self._columns.items(), *self._aliases.items()]
        columns = {column.name: column for name, column in names if name.startswith(folded)}
        own = [column for column in columns.values() if column in self.kind.named]
        candidates = own or list(columns.values())
        return candidates[0] if len(candidates) == 1 else None

    def _by_tag(self, tag: str) -> Column | None:
        """The column whose HXL tag shares most attributes with ``tag``, which must have them."""
        if not tag:
            return None
        base, *attributes = re.sub(r"\s+", "", tag).lower().split("+")
        best: tuple[int, Column | None] = (-1, None)
        for column in self.kind.columns:
            for candidate in column.hxl:
                candidate_base, *needed = candidate.split("+")
                fits = candidate_base == base and set(needed) <= set(attributes)
                if fits and len(needed) > best[0]:
                    best = (len(needed), column)
        return best[1]


def _groups(heading: str) -> list[str]:
    """Folded names under which a heading with group prefixes may be stated too."""
    parts = heading.split("/")
    return [fold("/".join(parts[:k])) for k in range(len(parts) - 1, 0, -1)] + [fold(parts[-1])]


def _phrases(folded: str) -> Iterable[str]:
    """Runs of up to six words of a folded text."""
    words = [word for word in folded.split("_") if word]
    for size in range(6, 0, -1):
        for start in range(len(words) - size + 1):
            yield "_".join(words[start : start + size])


def same_unit(unit: str) -> str:
    """The unit that a word of a file means; a word that means none is given back.

    >>> same_unit("Persen")
    'percent'
    """
    plain = " ".join(unit.lower().split())
    return UNIT_WORDS.get(plain, plain)
