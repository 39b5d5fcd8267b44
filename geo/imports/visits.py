"""Visits to villages: which are on record, and one more; each is an import of its kind."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.codes import CODE_LENGTHS
from geo.errors import StateError
from geo.imports.days import today
from geo.imports.kinds import OUTREACH
from geo.imports.reference import read_rows
from geo.imports.service import import_file
from geo.imports.store import Entry, agreements, in_effect
from geo.paths import Home

__all__ = ["TICK_FILE", "Visit", "record_visit", "recorded_visits", "visited_villages"]

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
    for entry in in_effect(home, today()):
        agreement = stored.get(entry.under)
        if entry.kind != OUTREACH.name or not (agreement is None or agreement.plans_visits):
            continue
        if agreement is not None and agreement.finest_level != "village":
            continue
        try:
            rows = list(read_rows(entry.path(home)))
        except OSError:
            if entry not in in_effect(home, today()):  # undone since the index was read
                continue
            raise StateError(
                "imports.damaged", id=entry.id, kind=entry.kind, file=entry.file
            ) from None
        visits += [
            Visit(row["area_code"], row.get("month") or row["year"], entry)
            for row in rows
            if len(row["area_code"]) == CODE_LENGTHS["village"]
        ]
    return visits


def visited_villages(home: Home) -> list[str]:
    """Codes of the villages visited (:func:`recorded_visits`), which the next plan leaves out."""
    return sorted({visit.code for visit in recorded_visits(home)})


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
