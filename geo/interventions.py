"""Dated interventions: what was done where, from when, and what it should move which way.

One row of ``geo/data/interventions.csv`` or of the register. Dates are no finer than a month; no
build reads the table, so that a row more leaves a build what it is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date

from geo.codes import COUNTRY
from geo.errors import InputError
from geo.i18n import Message
from geo.paths import DATA
from geo.posts import EFFORT_UNITS

__all__ = [
    "AIMS", "DIRECTIONS", "EFFORT_FOLLOWING", "KINDS", "Aim",
    "ByLanguage", "Intervention", "Month", "embedded_interventions", "months_of",
]  # fmt: skip

KINDS = ("task_force", "moratorium", "post", "drive", "campaign")
DIRECTIONS = ("more", "fewer")
AIMS = (
    "interceptions", "deaths_abroad", "deportations", "tppo_cases", "tppo_victims",
    "police_reports", "passports_refused",
)  # fmt: skip
"""Published measures that an intervention may aim at."""
EFFORT_FOLLOWING = frozenset(AIMS) - {"deaths_abroad", "deportations"}
"""Measures that are first of all how much is watched, or followed up."""
_CLASSES = ("tppo", "smuggling", "placement_offence", "nonprocedural", "unknown")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"\d\d(\.\d\d)?", re.ASCII)
_DATE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2]))?", re.ASCII)
_MONTHS = 12


@dataclass(frozen=True)
class ByLanguage:
    """A text by language, as a value of a :class:`~geo.i18n.Message`.

    Examples
    --------
    >>> ByLanguage({"id": "razia", "en": "drive"}).in_language("en")
    'drive'
    """

    texts: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The text in one language, else in the first there is."""
        return self.texts.get(language) or next(iter(self.texts.values()))


@dataclass(frozen=True, order=True)
class Month:
    """A month by its number since year 0; written as people do.

    Examples
    --------
    >>> Month.of("2016-07").in_language("id"), Month.of("2022", last=True).in_language("en")
    ('Juli 2016', '2022')
    """

    number: int
    year_alone: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, text: str, *, last: bool = False) -> Month:
        """Of ``YYYY-MM``, or the first or ``last`` of ``YYYY``."""
        year, _, month = text.partition("-")
        at = int(month) if month else _MONTHS if last else 1
        return cls(int(year) * _MONTHS + at - 1, year_alone=not month)

    def in_language(self, language: str) -> str:
        """Month and year in words; the year where no month is known."""
        year, month = divmod(self.number, _MONTHS)
        if self.year_alone:
            return str(year)
        return str(format_date(date(year, month + 1, 1), "MMMM yyyy", locale=language))


@dataclass(frozen=True)
class Aim:
    """A published measure of one class in law that should become ``more`` or ``fewer``."""

    measure: str
    legal_class: str
    direction: str

    @classmethod
    def of(cls, text: str) -> Aim:
        """Of ``measure:legal_class:direction``.

        Raises
        ------
        InputError
            It is not that.
        """
        parts = text.split(":")
        allowed = (AIMS, _CLASSES, DIRECTIONS)
        if len(parts) != len(allowed) or any(
            part not in values for part, values in zip(parts, allowed, strict=True)
        ):
            raise InputError("intervention.aim", value=text, measures=AIMS, field="aim")
        return cls(*parts)

    @property
    def follows_effort(self) -> bool:
        """Whether it is first of all how much is watched."""
        return self.measure in EFFORT_FOLLOWING


@dataclass(frozen=True)
class Intervention:
    """One dated intervention; the first of ``aims`` is what its verdict is of.

    ``effort`` are measures of ``effort.csv``. ``office`` is whether it is an office's own row of
    the register.

    Examples
    --------
    >>> drive = embedded_interventions()["drive-2023"]
    >>> drive.share_of(2023), drive.share_of(2023, "2023-01/2023-05"), drive.share_of(2022)
    (0.583..., 0.0, 0.0)
    """

    id: str
    name: ByLanguage
    kind: str
    area_codes: tuple[str, ...]
    terminal_ids: tuple[str, ...]
    start: str
    until: str
    aims: tuple[Aim, ...]
    effort: tuple[str, ...]
    source: str
    as_of: str
    confidence: str
    note: str
    office: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any], *, office: bool = False) -> Intervention:
        """Of a row; lists are texts with semicolons.

        Raises
        ------
        InputError
            A field is not as ``geo/data/README.md`` says; ``field`` names it.
        """

        def parts(name: str) -> tuple[str, ...]:
            return tuple(part.strip() for part in str(row.get(name) or "").split(";") if part)

        values = {name: str(row.get(name) or "").strip() for name in _TEXTS}
        codes, terminals = parts("area_codes"), parts("terminal_ids")
        wrong = {
            "id": not _SLUG.fullmatch(values["id"]),
            "name": not values["name"],
            "kind": values["kind"] not in KINDS,
            "area_codes": not codes
            or not all(_CODE.fullmatch(code) or codes == (COUNTRY,) for code in codes),
            "terminal_ids": bool(terminals) != (values["kind"] == "post")
            or not all(map(_SLUG.fullmatch, terminals)),
            "start": not _DATE.fullmatch(values["start"]),
            "until": bool(values["until"]) and not _ends_after(values["start"], values["until"]),
            "aim": not parts("aim"),
            "effort": not set(parts("effort")) <= EFFORT_UNITS.keys(),
            "source": not values["source"],
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                raise InputError(
                    "intervention.field", name=name, value=row.get(name) or "", field=name,
                    expected=Message(f"intervention.expected.{name}"),
                )  # fmt: skip
        texts = {"id": values.pop("name"), "en": values.pop("name_en")}
        return cls(
            **values, name=ByLanguage({k: v for k, v in texts.items() if v}), area_codes=codes,
            terminal_ids=terminals, aims=tuple(map(Aim.of, parts("aim"))), effort=parts("effort"),
            office=office,
        )  # fmt: skip

    @property
    def secret(self) -> bool:
        """Whether it is of posts, which only those may know who may know of posts."""
        return self.kind == "post"

    @property
    def begins(self) -> Month:
        """Its first month."""
        return Month.of(self.start)

    def share_of(self, year: int, period: str = "") -> float:
        """Share of the months that a count is of in which the intervention stood.

        Parameters
        ----------
        year : int
        period : str
            ``YYYY-MM/YYYY-MM``, or empty: the whole year.
        """
        first, last = months_of(year, period)
        until = Month.of(self.until, last=True).number if self.until else last
        within = min(last, until) - max(first, self.begins.number) + 1
        return max(within, 0) / (last - first + 1)

    def as_row(self) -> dict[str, Any]:
        """Its fields as plain values, for JSON."""
        row = asdict(self)
        return {**row, "name": dict(self.name.texts)}


_TEXTS = (
    "id", "name", "name_en", "kind", "start", "until", "source", "as_of", "confidence", "note",
)  # fmt: skip


def months_of(year: int, period: str = "") -> tuple[int, int]:
    """Numbers of the first and the last month that a count is of.

    >>> first, last = months_of(2019, "2019-01/2019-07")
    >>> last - first + 1
    7
    """
    first, _, last = period.partition("/")
    return Month.of(first or str(year)).number, Month.of(
        last or first or str(year), last=True
    ).number


def _ends_after(start: str, until: str) -> bool:
    if not (_DATE.fullmatch(until) and _DATE.fullmatch(start)):
        return False
    return Month.of(until, last=True) >= Month.of(start)


@cache
def embedded_interventions() -> Mapping[str, Intervention]:
    """Those on the public record, by id, in the order of their start.

    Raises
    ------
    InputError
        A row is not as it should be.

    Examples
    --------
    >>> list(embedded_interventions())
    ['gugus-tugas-ntt-2016', 'moratorium-ntt-2018', 'posts-sebatik-2022', 'drive-2023']
    """
    with (DATA / "interventions.csv").open(encoding="utf-8", newline="") as stream:
        rows = [Intervention.of(row) for row in csv.DictReader(stream)]
    return {one.id: one for one in sorted(rows, key=lambda one: one.begins)}
