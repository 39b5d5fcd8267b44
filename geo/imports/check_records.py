"""Checks on record at terminals, by month: the sums of the offices, from the imports themselves."""

from __future__ import annotations

from geo.checks import CHECK_FIELDS
from geo.imports.days import today
from geo.imports.kinds import CHECKS
from geo.imports.store import agreements, entry_rows, in_effect
from geo.paths import Home

__all__ = ["recorded_checks"]


def recorded_checks(home: Home) -> dict[tuple[str, str], dict[str, int]]:
    """Sums of :data:`geo.checks.CHECK_FIELDS` by terminal and ISO month, not yet rounded.

    As a build does: of one office in one month the row that was imported last, under agreements
    that let checks be shown by terminal. They are for the police tier alone.

    Raises
    ------
    StateError
        An import is missing.
    """
    stored = agreements(home)
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for entry in in_effect(home, today()):
        if entry.kind != CHECKS.name:
            continue
        agreement = stored.get(entry.under)
        if agreement is None or agreement.shows_terminals:
            for row in entry_rows(home, entry):
                rows[row["terminal_id"], row["month"], row["organisation"]] = row
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for (terminal, month, _), row in rows.items():
        of = sums.setdefault((terminal, month), dict.fromkeys(CHECK_FIELDS, 0))
        for name in CHECK_FIELDS:
            of[name] += int(row[name] or 0)
    return sums
