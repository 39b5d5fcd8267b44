"""Visits to villages: which are on record, and one more; each is an import of its kind."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.codes import CODE_LENGTHS
from geo.disclosure import protect_count
from geo.imports.days import today
from geo.imports.kinds import OUTREACH
from geo.imports.service import import_file
from geo.imports.store import Entry, agreements, entry_rows, in_effect
from geo.paths import Home
from geo.tiers import Tier

__all__ = [
    "TICK_FILE", "Visit", "people_reached", "record_visit", "recorded_visits", "visited_villages",
]  # fmt: skip

_REGENCY = CODE_LENGTHS["regency"]
TICK_FILE = "tick.csv"
"""File of a visit that :func:`record_visit` wrote; that of a phone or a desk has another name."""


@dataclass(frozen=True)
class Visit:
    """A visit: code of the village, ISO month (or the year where no more is known), its import."""

    code: str
    when: str
    entry: Entry


def recorded_visits(home: Home) -> list[Visit]:
    """The visits to villages that plans of visits may use, whoever made them, oldest import first.

    As a build does: only under agreements that allow it, and none that is finer than they allow.

    Raises
    ------
    StateError
        An import is missing.
    """
    stored, visits = agreements(home), []
    for entry in _visits_in_effect(home):
        agreement = stored.get(entry.under)
        if not (agreement is None or agreement.plans_visits):
            continue
        if agreement is not None and agreement.finest_level != "village":
            continue
        visits += [
            Visit(row["area_code"], row.get("month") or row["year"], entry)
            for row in entry_rows(home, entry)
            if len(row["area_code"]) == CODE_LENGTHS["village"]
        ]
    return visits


def visited_villages(home: Home) -> list[str]:
    """Codes of the villages visited (:func:`recorded_visits`), which the next plan leaves out."""
    return sorted({visit.code for visit in recorded_visits(home)})


def people_reached(home: Home, tier: Tier, *, secret: bytes) -> list[tuple[str, str, int]]:
    """Regency, month (or year) and people reached by the visits on record there, rounded once a
    cell as held counts are (:mod:`geo.disclosure`).

    Only of visits whose agreement lets counts be shown at the tier.

    Raises
    ------
    StateError
        An import is missing.
    """
    stored = agreements(home)
    cells: dict[tuple[str, str], int] = {}
    for entry in _visits_in_effect(home):
        agreement = stored.get(entry.under)
        if agreement is None or "layers" not in agreement.purpose or tier not in agreement.tiers:
            continue
        if CODE_LENGTHS[agreement.finest_level] < _REGENCY:
            continue
        for row in entry_rows(home, entry):
            if row.get("people"):
                cell = row["area_code"][:_REGENCY], row.get("month") or row["year"]
                cells[cell] = cells.get(cell, 0) + int(row["people"])
    return [
        (code, when, protect_count(
            people, place=code, year=int(when[:4]), measure=f"people_reached.{when[5:]}",
            secret=secret,
        ))
        for (code, when), people in sorted(cells.items())
    ]  # fmt: skip


def _visits_in_effect(home: Home) -> list[Entry]:
    return [entry for entry in in_effect(home, today()) if entry.kind == OUTREACH.name]


def record_visit(
    home: Home, code: str, month: str, *, organisation: str, by: str, under: str
) -> None:
    """Import one visit of an organisation to a village, under an agreement.

    Raises
    ------
    InputError
        The visit or the agreement is refused, as in any import.
    """
    values: dict[str, str] = {
        "area_code": code, "organisation": organisation, "year": month[:4], "month": month,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="petajaga-visit-") as folder:
        path = Path(folder) / TICK_FILE
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows: Sequence[Sequence[str]] = (tuple(values), tuple(values.values()))
            csv.writer(stream).writerows(rows)
        import_file(path, OUTREACH.name, home, by=by, under=under)
